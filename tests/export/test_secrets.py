"""What leaves in a page went through the redaction."""

import base64
import gzip
import itertools

import pytest

import flowrun_widgets as fw
from flowrun_widgets.containers import FrozenDict
from flowrun_widgets.errors import InvalidArgument
from flowrun_widgets.sharing.export.blocks import blocks_of
from flowrun_widgets.sharing.export.page import save_page
from flowrun_widgets.sharing.export.read_back import open_page
from tests.export.runs import run_saying
from tests.secrets import CANARY, TEXTS_WITH_CANARIES


def every_byte(page):
    """Return a page and, unpacked, what is in it."""
    found = blocks_of(page.read_text("utf-8"))
    unpacked = [gzip.decompress(base64.b64decode(one.text)) for one in found]
    return b"\n".join([page.read_bytes(), *unpacked])


def telling_run(number=1):
    parameters = {
        "password": CANARY,
        "nested": {"api_key": [CANARY]},
        "url": f"redis://:{CANARY}@cache/0",
    }
    return run_saying(
        TEXTS_WITH_CANARIES,
        levels=list(itertools.islice(itertools.cycle(["INFO", "ERROR"]), len(TEXTS_WITH_CANARIES))),
        parameters=FrozenDict(parameters),
        context=FrozenDict({"token": CANARY}),
        number=number,
    )


def test_no_secret_is_in_a_page(tmp_path):
    path = tmp_path / "page.html"
    saved = telling_run().to_html(path)
    assert CANARY.encode() not in every_byte(path)
    assert saved.redacted is not None
    assert saved.redacted >= len(TEXTS_WITH_CANARIES)
    assert "redacted" in str(saved)
    back = open_page(path).runs[0]
    assert not any(CANARY in line.message for line in back.get_logs())


def test_a_caller_may_choose_that_nothing_is_taken_out(tmp_path):
    path = tmp_path / "page.html"
    saved = telling_run().to_html(path, redact=False)
    assert CANARY.encode() in every_byte(path)
    assert saved.redacted is None
    assert "nothing redacted" in str(saved)


def test_rules_of_ones_own_hold(tmp_path):
    path = tmp_path / "page.html"
    run = run_saying(["customer K-12345 called"])
    assert run.to_html(path, redact=fw.Redaction(patterns=(r"K-\d+",))).redacted == 1
    assert b"K-12345" not in every_byte(path)


def test_a_connection_without_redaction_leaves_all(tmp_path):
    run = telling_run()
    run.connection.redaction = None
    path = tmp_path / "page.html"
    run.to_html(path)
    assert CANARY.encode() in every_byte(path)


def test_what_makes_no_page_is_refused(tmp_path):
    with pytest.raises(InvalidArgument):
        save_page([], tmp_path / "page.html")
    with pytest.raises(InvalidArgument):
        save_page(["run"], tmp_path / "page.html")
    with pytest.raises(InvalidArgument):
        run_saying(["x"]).to_html(tmp_path / "no" / "such" / "folder.html")
    with pytest.raises(InvalidArgument):
        run_saying(["x"]).to_html(tmp_path / "page.html", redact="yes")
    assert not (tmp_path / "page.html").exists()
