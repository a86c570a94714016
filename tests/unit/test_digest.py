"""Why a run failed."""

import pytest

import flowrun_widgets as fw
from flowrun_widgets.analysis.digest import digest
from flowrun_widgets.recorded import recording
from flowrun_widgets.store.writer import StoreWriter
from flowrun_widgets.views.held import held_of
from tests.stores import FLOW_RUN_ID, at, identifier, log_row, serialized, small_run, task_run_row

TRACE = 'Traceback (most recent call last):\n  File "flow.py", line 3, in load\n    open(x)\nOSError: no disk'


def digest_of(run):
    run.get_all_task_runs()
    return digest(run.record, held_of(run).task_runs.records, run.get_logs().columns)


def failed_run(folder, task_runs=(), logs=(), message="Some reference tasks failed."):
    tables = small_run(
        list(logs), state="Failed", serialized_state=serialized("Failed", message), end_time=at(60)
    )
    tables |= {"task_run": list(task_runs), "task_run_state": []}
    with StoreWriter(folder / "failed.sqlite") as writer:
        writer.add(tables)
    with fw.connect(folder / "failed.sqlite"):
        return digest_of(fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID))


def test_the_recorded_failure_is_told(recorded):
    found = digest_of(fw.FlowRunView.from_flow_run_id(recording("failed-with-retries").flow_run_id))
    assert found.task == "journal of Österreich Handel GmbH"
    assert found.attempts == 3
    assert {frame.file for frame in found.frames} == {"flows/ledger.py"}
    assert found.held_up
    assert "Error" in found.error


@pytest.mark.parametrize("name", ["mapped-success", "cancelled-in-part", "live-demo"])
def test_a_run_that_did_not_fail_has_none(name, recorded):
    assert digest_of(fw.FlowRunView.from_flow_run_id(recording(name).flow_run_id)) is None


def test_the_first_failure_counts_and_the_others_are_counted(tmp_path):
    found = failed_run(
        tmp_path,
        [
            task_run_row(1, 1, "Failed", message="second", end_time=at(9)),
            task_run_row(2, 2, "Failed", message="first", end_time=at(5)),
            task_run_row(3, 2, "TriggerFailed", map_index=0),
        ],
    )
    assert (found.task, found.error, found.more) == ("task 2", "first", 1)
    assert found.held_up == ("task 2[0]",)


def test_the_line_with_the_traceback_is_the_telling_one(tmp_path):
    task = {"task_run_id": identifier(0x101)}
    found = failed_run(
        tmp_path,
        [task_run_row(1, 1, "Failed", message="m", end_time=at(9))],
        [
            log_row(1, 1, "of another task\n" + TRACE, "ERROR"),
            log_row(2, 2, TRACE, "ERROR", **task),
            log_row(3, 3, "Finished with Failed", "ERROR", **task),
        ],
    )
    assert found.position == 1
    assert found.error == "OSError: no disk"
    assert found.frames[0].code == "open(x)"


def test_a_failure_of_the_flow_itself_names_no_task(tmp_path):
    found = failed_run(tmp_path, [], [log_row(1, 1, "out of memory", "CRITICAL")], message=None)
    assert (found.task, found.error, found.position) == (None, "out of memory", 0)


def test_a_failure_without_any_word_still_says_something(tmp_path):
    found = failed_run(tmp_path, [task_run_row(1, 1, "Failed", end_time=at(9))])
    assert found.error == "Failed without a message"
    assert found.position is None


def test_prefects_own_prefix_is_left_out(tmp_path):
    message = "Error during execution of task: OSError('no disk')"
    found = failed_run(tmp_path, [task_run_row(1, 1, "Failed", message=message, end_time=at(9))])
    assert found.error == "OSError('no disk')"
