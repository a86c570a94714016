"""What a card shows is what pandas computes from the same run."""

import gzip
import json

import pytest

import flowrun_widgets as fw
from flowrun_widgets.card.log_rows import log_window, whole_message
from flowrun_widgets.card.payload import packed, payload, task_run_rows
from flowrun_widgets.recorded import NAMES, recording
from flowrun_widgets.store.writer import StoreWriter
from flowrun_widgets.views.held import held_of
from tests.stores import FLOW_RUN_ID, log_row, small_run

FAMILIES = {"critical": (50, 1000), "error": (40, 50), "warning": (30, 40), "debug": (-1000, 20)}


def whole(run):
    run.get_logs()
    run.get_all_task_runs()
    return run


@pytest.fixture(params=NAMES)
def run(request, recorded):
    """Each recorded run, read whole."""
    return whole(fw.FlowRunView.from_flow_run_id(recording(request.param).flow_run_id))


@pytest.fixture
def failed(recorded):
    return whole(fw.FlowRunView.from_flow_run_id(recording("failed-with-retries").flow_run_id))


def test_level_counts_are_those_of_the_frame(run):
    level = run.get_logs().to_pandas()["level"]
    counts = payload(run).logs.levels
    for family, (low, high) in FAMILIES.items():
        assert getattr(counts, family) == ((level >= low) & (level < high)).sum(), family
    assert counts.info == ((level >= 20) & (level < 30)).sum() + level.isna().sum()
    assert payload(run).logs.total == len(level)


def test_the_first_error_is_that_of_the_frame(run):
    level = run.get_logs().to_pandas()["level"]
    errors = level.index[(level >= 40).fillna(False)]
    assert payload(run).logs.first_error == (errors[0] if len(errors) else None)


def test_the_window_has_the_rows_of_the_frame(run):
    window = payload(run).logs.window
    frame = run.get_logs().to_pandas().iloc[window.start : window.start + len(window.rows)]
    frame = frame.astype({"level_name": object, "task": object, "logger": object}).astype(object)
    frame = frame.where(frame.notna(), None)
    assert [row[0] for row in window.rows] == list(frame["seq"])
    assert [row[2:6] for row in window.rows] == list(
        zip(frame["level"], frame["level_name"], frame["task"], frame["logger"], strict=True)
    )
    assert [row[6] for row in window.rows] == [message[:1000] for message in frame["message"]]
    assert [row[7] for row in window.rows] == [len(message) for message in frame["message"]]


def test_a_failed_run_opens_around_its_first_error(failed):
    logs = payload(failed).logs
    assert logs.window.start <= logs.first_error < logs.window.start + len(logs.window.rows)


def test_a_run_that_goes_on_opens_at_its_tail(tmp_path):
    lines = [log_row(n, n / 1000, f"line {n}") for n in range(500)]
    with StoreWriter(tmp_path / "s.sqlite") as writer:
        writer.add(small_run(lines))
    with fw.connect(tmp_path / "s.sqlite"):
        window = payload(whole(fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID))).logs.window
    assert (window.start, len(window.rows), window.total) == (300, 200, 500)
    assert window.rows[-1][6] == "line 499"


def test_lines_per_task_are_those_of_the_frame(run):
    frame = run.get_logs().to_pandas()
    for row in payload(run).tasks.rows:
        own = frame[frame["task_run_id"] == row.id]
        assert row.lines == len(own)
        assert row.errors == (own["level"] >= 40).sum()
        assert row.warnings == ((own["level"] >= 30) & (own["level"] < 40)).sum()


def test_task_runs_are_those_of_the_frame(run):
    frame = run.task_runs_frame()
    rows = payload(run).tasks.rows
    assert [row.id for row in rows] == list(frame["task_run_id"])
    assert [row.label for row in rows] == list(frame["name"])
    assert [row.state.type for row in rows] == list(frame["state"])


def test_the_digest_names_the_first_failure_and_what_it_held_up(failed):
    digest = payload(failed).digest
    frame = failed.task_runs_frame()
    broken = frame[frame["state"] == "Failed"].sort_values("ended_at")
    assert digest.task == broken["name"].iloc[0]
    assert set(digest.held_up) == set(frame[frame["state"] == "TriggerFailed"]["name"])
    assert digest.attempts == 3
    assert failed.get_logs()[digest.row].level == 40
    assert digest.error in failed.get_logs()[digest.row].message
    assert digest.task in digest.markdown
    assert digest.error.splitlines()[0] in digest.markdown


def test_a_run_that_did_not_fail_has_no_digest(recorded):
    run = whole(fw.FlowRunView.from_flow_run_id(recording("mapped-success").flow_run_id))
    assert payload(run).digest is None


def test_what_was_not_read_is_none_not_empty(recorded):
    shown = payload(fw.FlowRunView.from_flow_run_id(recording("mapped-success").flow_run_id))
    assert (shown.logs, shown.tasks, shown.digest) == (None, None, None)


def test_the_same_snapshot_packs_to_the_same_bytes(failed):
    assert packed(payload(failed)) == packed(payload(failed))
    assert (
        json.loads(gzip.decompress(packed(payload(failed))))["header"]["id"] == failed.flow_run_id
    )


@pytest.mark.parametrize(
    ("start", "count", "first", "rows"),
    [(0, 10, 0, 10), (-5, 3, 0, 3), (10**12, 3, -1, 1), (0, -1, 0, 0), (0, 10**12, 0, None)],
)
def test_a_window_outside_the_log_is_moved_inside(failed, start, count, first, rows):
    columns = failed.get_logs().columns
    window = log_window(columns, start, count)
    assert window.start == (len(columns) + first if first < 0 else first)
    assert len(window.rows) == (min(len(columns), 2000) if rows is None else rows)


def test_task_runs_outside_the_list_are_none(failed):
    records = held_of(failed).task_runs.records
    assert task_run_rows(records, None, failed.as_of, -3, 2) == task_run_rows(
        records, None, failed.as_of, 0, 2
    )
    assert task_run_rows(records, None, failed.as_of, 10**9, 2) == ()
    assert task_run_rows(records, None, failed.as_of, 0, -2) == ()


def test_a_long_message_is_cut_and_can_be_asked_for(tmp_path):
    with StoreWriter(tmp_path / "s.sqlite") as writer:
        writer.add(small_run([log_row(1, 1, "x" * 2_000_000)]))
    with fw.connect(tmp_path / "s.sqlite"):
        columns = fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID).get_logs().columns
    (row,) = log_window(columns, 0, 1).rows
    assert (len(row[6]), row[7]) == (1000, 2_000_000)
    assert len(whole_message(columns, row[0])) == 1_000_000
    assert whole_message(columns, 99) is None


def test_only_web_addresses_become_links(store):
    with StoreWriter(store) as writer:
        tables = small_run()
        writer.add(
            {"flow_run": [{**tables["flow_run"][0], "extra": {"ui_url": "javascript:alert(1)"}}]}
        )
    with fw.connect(store):
        assert payload(fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID)).header.ui_url is None
