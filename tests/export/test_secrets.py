"""Everything in an exported page was redacted."""

import base64
import gzip
import itertools
import subprocess
import sys
from dataclasses import replace

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

import flowrun_widgets as fw
from flowrun_widgets.backends.protocol import TaskRunRead
from flowrun_widgets.containers import FrozenDict, FrozenList
from flowrun_widgets.errors import InvalidArgument
from flowrun_widgets.export.blocks import blocks_of
from flowrun_widgets.export.page import save_page
from flowrun_widgets.records import ArtifactRecord
from flowrun_widgets.redaction import REDACTED
from flowrun_widgets.report.html.excerpt import excerpt
from flowrun_widgets.report.html.run_html import twin_html, twin_text
from flowrun_widgets.runs.card import FlowRunCard
from flowrun_widgets.runs.flow_run import FlowRunView
from flowrun_widgets.runs.page import open_page
from flowrun_widgets.states import Failed
from flowrun_widgets.views.artifact import Artifact
from flowrun_widgets.widget.answers import answer
from flowrun_widgets.widget.protocol import parse
from flowrun_widgets.widget.snapshot import CardSnapshot
from tests.export.runs import EXECUTE, ROOT, run_saying
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


def spoken_for(name):
    """Return a run in whose names, states and labels there is a secret as well."""
    said = f"{name} password={CANARY}"
    run = telling_run()
    failed = Failed(said, timestamp=run.as_of)
    record = replace(
        run.record,
        name=said,
        flow_name=said,
        tags=FrozenList([said]),
        state=failed,
        states=(failed,),
    )
    tasks = tuple(
        replace(one, name=said, tags=FrozenList([said]), state=failed, states=(failed,))
        for one in run.fetched.task_runs.records
    )
    fetched = replace(run.fetched, task_runs=TaskRunRead(tasks, None))
    return FlowRunView(record, run.connection, as_of=run.as_of, fetched=fetched)


def shown_by(card):
    """Yield all that a card sends to a page: its traits, and an answer of each kind."""
    shown = CardSnapshot(1, card.flow_run, card.content)
    state = card.get_state()
    yield gzip.decompress(state["payload"])
    yield gzip.decompress(state["annotations"])
    query = {
        "text": "", "zone": "UTC", "lines": "hits", "context": 0, "opened": [], "folds_repeats": False,
        "is_newest_first": False,
    }  # fmt: skip
    for question in (
        {"kind": "rows", "query": query, "start": 0, "count": 2000},
        {"kind": "tasks", "start": 0, "count": 100},
        {"kind": "templates", "query": query},
        {"kind": "suggest", "text": "task:", "caret": 5},
        {"kind": "download", "query": None, "format": "csv"},
        {"kind": "download", "query": query, "format": "jsonl"},
        {"kind": "download", "query": None, "format": "txt"},
        {"kind": "text", "selection": {"query": query, "from": 0, "to": 10**6}},
        *({"kind": "line", "seq": seq} for seq in range(len(TEXTS_WITH_CANARIES))),
    ):
        asked = parse({"view": "v", "n": 1, "snapshot": 1, **question})
        said = []
        answer(asked, shown, lambda one, buffers=(), said=said: said.extend((repr(one), *buffers)))
        assert said
        yield from said


def test_no_secret_is_in_anything_that_a_card_says():
    run = spoken_for("night")
    card = FlowRunCard(run)
    card.pin(1, "look")
    payload = card.shown
    said = [
        *shown_by(card),
        twin_html(payload, excerpt(card.columns), "frw-1", annotations=card.evidence),
        twin_text(payload, annotations=card.evidence),
        payload.digest.markdown,
        repr(card.filtered_logs),
        repr(card.pins),
    ]
    card.close()
    assert len(said) > 60
    for one in said:
        assert CANARY not in (one.decode() if isinstance(one, bytes) else str(one))


def test_no_secret_is_in_what_a_notebook_shows_of_logs_task_runs_and_artifacts():
    run = spoken_for("night")
    data = [{"password": CANARY, "day": f"token={CANARY}"}]
    artifacts = [
        Artifact(ArtifactRecord("a", kind, value), run.connection)
        for kind, value in (("table", data), ("markdown", f"token={CANARY}"))
    ]
    for view in (run.get_logs(), *run.get_all_task_runs()[:3], *artifacts):
        bundle = view._repr_mimebundle_(include=None, exclude=None)
        assert REDACTED in bundle["text/html"]
        assert CANARY not in repr(bundle)


def test_no_secret_is_in_a_notebook_that_shows_a_run(tmp_path):
    path = tmp_path / "night.ipynb"
    source = "from tests.export.test_secrets import spoken_for\nrun = spoken_for('night')\nrun"
    shows = "run.get_all_task_runs()[0]", "run.get_logs()", "run.card()"
    cells = [new_code_cell(one) for one in (source, *shows)]
    nbformat.write(new_notebook(cells=cells), path)
    subprocess.run([sys.executable, "-c", EXECUTE, path], cwd=ROOT, check=True)
    notebook = nbformat.read(path, 4)
    state = notebook.metadata.widgets["application/vnd.jupyter.widget-state+json"]["state"]
    traits = [
        base64.b64decode(one["data"])
        for model in state.values()
        for one in model.get("buffers", ())
    ]
    unpacked = [gzip.decompress(one) for one in traits if one.startswith(b"\x1f\x8b")]
    assert len(unpacked) >= 3
    for one in (path.read_bytes(), *traits, *unpacked):
        assert CANARY.encode() not in one


def test_no_secret_is_in_a_page(tmp_path):
    path = tmp_path / "page.html"
    run = spoken_for("night")
    card = FlowRunCard(run)
    card.pin(1, f"it says password={CANARY}")
    card.query = f'"token={CANARY}"'
    saved = card.to_html(path)
    card.close()
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
