"""Runs are read back from an exported page, and a page is not trusted."""

import base64
import gzip
import json
import re
from dataclasses import replace

import pytest
from hypothesis import given

import flowrun_widgets as fw
from flowrun_widgets.errors import ArchiveError, InvalidArgument, NotFound
from flowrun_widgets.export.blocks import LINES, block, blocks_of
from flowrun_widgets.export.blocks import NAMES as NAMES_PART
from flowrun_widgets.export.line_blocks import LogInBlocks, columns_of
from flowrun_widgets.export.page import save_page
from flowrun_widgets.log_columns import LogColumns
from flowrun_widgets.recordings.replay import NAMES, recording
from flowrun_widgets.runs.page import open_page
from tests.export.runs import long_run, run_saying
from tests.runs import any_lines


def lines_of(columns):
    """Return lines as values, without the ids that a page does not have."""
    return columns.table.drop_columns(["id"]).to_pylist()


def without_seq(columns):
    return [{k: v for k, v in row.items() if k != "seq"} for row in lines_of(columns)]


def comes_back(columns):
    """Return a log that went into blocks and out of them, and how many blocks of lines that took."""
    log = LogInBlocks(columns)
    blocks = [*log.lines()]
    return columns_of(log.names(), blocks), len(blocks)


@given(any_lines())
def test_a_log_comes_back_as_it_went_in(columns):
    assert lines_of(comes_back(columns)[0]) == lines_of(columns)


def test_a_long_log_comes_back_over_many_blocks():
    columns = long_run(25_000).get_logs().columns
    back, blocks = comes_back(columns)
    assert blocks == 3
    assert lines_of(back) == lines_of(columns)


@pytest.mark.parametrize("name", NAMES)
def test_a_recorded_run_comes_back_as_it_went_in(recorded, tmp_path, name):
    run = fw.FlowRunView.from_flow_run_id(recording(name).flow_run_id)
    run.to_html(tmp_path / "page.html", redact=False)
    back = open_page(tmp_path / "page.html").runs[run.flow_run_id]
    assert back.record == run.record
    assert without_seq(back.get_logs().columns) == without_seq(run.get_logs().columns)
    told = [replace(one.record, states=(), has_history=False) for one in back.get_all_task_runs()]
    assert told == [
        replace(one.record, states=(), has_history=False) for one in run.get_all_task_runs()
    ]
    assert back.get_flow_metadata().name == run.get_flow_metadata().name


def test_several_runs_come_back_in_their_order(tmp_path):
    runs = [run_saying([f"line of {n}"], number=n + 1, name=f"run-{n}") for n in range(3)]
    save_page(runs, tmp_path / "page.html")
    opened = open_page(tmp_path / "page.html")
    assert [run.name for run in opened.runs] == ["run-0", "run-1", "run-2"]
    assert [run.get_logs()[0].message for run in opened.runs] == [f"line of {n}" for n in range(3)]


def test_a_page_of_what_came_back_is_the_same_page(tmp_path):
    """But for the moments at which it was written and read."""
    one, two = tmp_path / "one.html", tmp_path / "two.html"
    run_saying(["first", "second"]).to_html(one)
    open_page(one).runs[0].to_html(two)
    [first], [second] = (
        [b for b in blocks_of(p.read_text()) if b.part == LINES] for p in (one, two)
    )
    assert first == second


def test_what_is_no_page_is_refused(tmp_path):
    path = tmp_path / "page.html"
    with pytest.raises(NotFound):
        open_page(path)
    for text in ("", "<html></html>", '<script type="application/x-flowrun" data-card="0"'):
        path.write_text(text)
        with pytest.raises(ArchiveError):
            open_page(path)
    with pytest.raises(ArchiveError):
        open_page(tmp_path)
    with pytest.raises(InvalidArgument):
        open_page(3)


@pytest.fixture
def page(tmp_path):
    path = tmp_path / "page.html"
    run_saying(["first", "second"]).to_html(path)
    return path


def changed(page, part, change):
    """Write the page again with other data in its blocks of that part."""
    text = page.read_text("utf-8")
    for found in blocks_of(text):
        if found.part == part:
            data = gzip.decompress(base64.b64decode(found.text))
            text = text.replace(
                block(found.card, part, data), block(found.card, part, change(data))
            )
    page.write_text(text, "utf-8")


BAD_LINES = [
    [[0, 1], [0, 1], [0, 0], [0, 0], [0, 0], ["a"]],
    [[0, 1], [0, 1], [0, 9], [0, 0], [0, 0], ["a", "b"]],
    [[0, 1], [0, 1], [0, -1], [0, 0], [0, 0], ["a", "b"]],
    [[0, 0], [0, 1], [0, 0], [0, 0], [0, 0], ["a", "b"]],
    [[-5, 1], [0, 1], [0, 0], [0, 0], [0, 0], ["a", "b"]],
    [[0, 2**63], [0, 1], [0, 0], [0, 0], [0, 0], ["a", "b"]],
    [[0], [0], [0], [0], [0], ["a"]],
    {"seq": 1},
    None,
]


@pytest.mark.parametrize("lines", BAD_LINES)
def test_lines_that_do_not_fit_together_are_refused(page, lines):
    changed(page, LINES, lambda _: json.dumps(lines).encode())
    with pytest.raises(ArchiveError):
        open_page(page)


@pytest.mark.parametrize("count", [-1, 1, 3, 10**12, "2", None])
def test_a_wrong_count_of_lines_is_refused(page, count):
    changed(page, NAMES_PART, lambda data: json.dumps([count, *json.loads(data)[1:]]).encode())
    with pytest.raises(ArchiveError):
        open_page(page)


@pytest.mark.parametrize("part", ["a", "p", "n", "l"])
@pytest.mark.parametrize("text", ["", "AAAA", "H4sIAAAAAAAC"])
def test_a_damaged_part_is_refused(page, part, text):
    whole = page.read_text("utf-8")
    pattern = re.compile(rf'(data-part="{part}">)[^<]*')
    page.write_text(pattern.sub(rf"\g<1>{text}", whole), "utf-8")
    with pytest.raises(ArchiveError):
        open_page(page)


def test_a_part_that_becomes_too_large_is_refused_without_being_unpacked(page):
    changed(page, LINES, lambda _: b" " * 257_000_000)
    with pytest.raises(ArchiveError, match="larger"):
        open_page(page)


def test_the_temporary_file_goes_with_the_views(page):
    opened = open_page(page)
    path = opened.path
    assert path.is_file()
    opened.close()
    del opened
    assert not path.exists()


def test_an_empty_log_is_no_error(tmp_path):
    run_saying([]).to_html(tmp_path / "page.html")
    assert len(open_page(tmp_path / "page.html").runs[0].get_logs()) == 0
    assert comes_back(LogColumns()) == (LogColumns(), 0)
