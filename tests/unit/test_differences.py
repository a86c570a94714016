"""What changed between two snapshots of one run."""

import pytest

import flowrun_widgets as fw
from flowrun_widgets.recordings.replay import recording
from flowrun_widgets.store.writer import StoreWriter
from tests.stores import FLOW_RUN_ID, identifier, log_row, state_row


@pytest.fixture
def run(store):
    fw.connect(store)
    run = fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID)
    run.get_logs()
    run.get_all_task_runs()
    return run


def test_nothing_new_is_false_and_says_so(run):
    changes = run.get_latest().changes_since(run)
    assert not changes
    assert str(changes) == "Nothing new"


def test_everything_new_is_counted_and_said_in_one_line(run, store):
    with StoreWriter(store) as writer:
        writer.add({"log": [log_row(9, 60, "a"), log_row(10, 0.5, "b")]})
        writer.add_task_run_state(
            state_row(0x2009, {"task_run_id": identifier(0x102)}, "Failed", 61)
        )
        writer.add_flow_run_state(state_row(0x1009, {"flow_run_id": FLOW_RUN_ID}, "Failed", 62))
    latest = run.get_latest()
    changes = latest.changes_since(run)
    assert changes
    assert changes.is_state_changed
    assert (changes.new_lines, changes.first_new_seq) == (2, 3)
    assert (changes.started, changes.finished, changes.failed) == ((), ("task 2",), ("task 2",))
    assert str(changes) == "Running → Failed, +2 lines, 1 task run finished, 1 task run failed"
    seqs = latest.get_logs().to_pandas()["seq"]
    assert (seqs >= changes.first_new_seq).sum() == changes.new_lines


def test_one_line_is_one_line(run, store):
    with StoreWriter(store) as writer:
        writer.add({"log": [log_row(9, 60, "a")]})
    assert str(run.get_latest().changes_since(run)) == "+1 line"


def test_a_task_run_that_began_is_started(run, store):
    with StoreWriter(store) as writer:
        row = {
            "id": identifier(0x103),
            "flow_run_id": FLOW_RUN_ID,
            "task_id": identifier(1),
            "map_index": 0,
        }
        writer.add({"task_run": [{**row, "created": 1, "updated": 1_900_000_000_000_000}]})
        writer.add_task_run_state(
            state_row(0x2009, {"task_run_id": identifier(0x103)}, "Running", 61)
        )
    assert run.get_latest().changes_since(run).started == ("task 1[0]",)


def test_a_new_message_is_a_change(run, store):
    with StoreWriter(store) as writer:
        row = state_row(0x1009, {"flow_run_id": FLOW_RUN_ID}, "Running", 61, message="further")
        writer.add_flow_run_state(row)
    assert run.get_latest().changes_since(run).is_state_changed


def test_what_one_of_them_had_not_read_does_not_count(store):
    fw.connect(store)
    old = fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID)
    new = old.get_latest()
    new.get_logs()
    new.get_all_task_runs()
    assert not new.changes_since(old)


def test_two_runs_have_no_difference(run, recorded):
    other = fw.FlowRunView.from_flow_run_id(recording("mapped-success").flow_run_id)
    with pytest.raises(ValueError, match="two different flow runs"):
        run.changes_since(other)
