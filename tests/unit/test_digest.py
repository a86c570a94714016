"""Why a run failed."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

import flowrun_widgets as fw
from flowrun_widgets.analysis.digest import digest, remarks_of
from flowrun_widgets.recordings.replay import recording
from flowrun_widgets.report.digest_markdown import digest_markdown, remark_words
from flowrun_widgets.report.standing import ending_words, standing_of
from flowrun_widgets.states import Failed, Retrying
from flowrun_widgets.store.writer import StoreWriter
from tests.runs import ENDED, any_lines, flow_runs, task_runs
from tests.stores import (
    FLOW_RUN_ID,
    at,
    identifier,
    log_row,
    serialized,
    small_run,
    state_row,
    task_run_row,
)

MESSAGES = (
    None, "", "Some reference tasks failed.", "1/3 states failed.", "Flow run encountered an exception: ValueError: x",
    "UnfinishedRun: Run is in PENDING state", "Process exited with status code: -9.",
)  # fmt: skip
TRACE = 'Traceback (most recent call last):\n  File "flow.py", line 3, in load\n    open(x)\nOSError: no disk'


def digest_of(run):
    run.get_all_task_runs()
    return digest(run.record, run.fetched.task_runs.records, run.get_logs().columns)


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


def test_the_attempt_is_that_of_the_telling_line(tmp_path):
    """A task run whose last attempt was killed said why it failed in an earlier one."""
    task = {"task_run_id": identifier(0x101)}
    tables = small_run(
        [log_row(1, 3, TRACE, "ERROR", **task), log_row(2, 8, "again", **task)],
        state="Failed",
        serialized_state=serialized("Failed"),
        end_time=at(60),
    )
    tables["task_run"] = [task_run_row(1, 1, "Failed", end_time=at(30))]
    tables["task_run_state"] = [
        state_row(0x2000 + n, {"task_run_id": identifier(0x101)}, kind, second)
        for n, (kind, second) in enumerate(
            [("Running", 1), ("Retrying", 4), ("Running", 7), ("Failed", 30)]
        )
    ]
    with StoreWriter(tmp_path / "s.sqlite") as writer:
        writer.add(tables)
    with fw.connect(tmp_path / "s.sqlite"):
        found = digest_of(fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID))
    assert (found.attempt, found.attempts) == (1, 2)
    assert found.tail == (0,)


def test_the_tail_is_the_last_twenty_lines_of_that_task_run(tmp_path):
    task = {"task_run_id": identifier(0x101)}
    logs = [log_row(n, n, f"{n}", **(task if n % 2 else {})) for n in range(100)]
    logs[81] = log_row(81, 81, TRACE, "ERROR", **task)
    found = failed_run(tmp_path, [task_run_row(1, 1, "Failed", end_time=at(90))], logs)
    assert found.tail == tuple(range(43, 82, 2))
    assert found.position == 81


def test_without_an_error_line_the_tail_is_the_end_of_the_task(tmp_path):
    task = {"task_run_id": identifier(0x101)}
    logs = [log_row(n, n, f"{n}", **task) for n in range(5)]
    found = failed_run(tmp_path, [task_run_row(1, 1, "Failed", end_time=at(9))], logs)
    assert (found.position, found.tail) == (None, (0, 1, 2, 3, 4))


def test_thousands_of_held_up_children_are_one_entry(tmp_path):
    rows = [task_run_row(n, 2, "TriggerFailed", map_index=n) for n in range(2, 300)]
    failed = task_run_row(1, 1, "Failed", map_index=0, end_time=at(9))
    rows += [failed, task_run_row(400, 1, "TriggerFailed")]
    assert set(failed_run(tmp_path, rows).held_up) == {"task 2 (298 task runs)", "task 1"}


def test_a_message_of_a_megabyte_is_not_carried_on(tmp_path):
    huge = TRACE + "\n" + "x" * 1_000_000
    task = {"task_run_id": identifier(0x101)}
    rows = [task_run_row(1, 1, "Failed", message=huge, end_time=at(9))]
    found = failed_run(tmp_path, rows, [log_row(1, 1, huge, "ERROR", **task)])
    assert len(found.error) <= 10_000


class Run:
    """A run at one moment."""

    def __init__(self, record):
        self.record = record
        self.as_of = ENDED


@hypothesis_settings(deadline=None, max_examples=60)
@given(flow_runs, task_runs, any_lines(), st.sampled_from(MESSAGES), st.booleans())
def test_any_run_can_be_told(record, runs, lines, message, is_failed):
    """Whatever some server sends, with words that an engine could have written."""
    state = (Failed if is_failed else Retrying)(message)
    record = replace(record, state=state)
    found = digest(record, runs, lines)
    assert found.error
    assert (found.task is None) == (found.task_run is None)
    assert len(digest_markdown(Run(record), found, runs, lines)) <= 4_000
    assert all(remark_words(one) for one in (*found.remarks, *remarks_of(record, runs, lines)))
    assert ending_words(standing_of(record, ENDED))


@pytest.mark.parametrize(
    ("message", "task", "is_sure"),
    [
        ("Some reference tasks failed.", "task 1", False),
        ("2/2 states failed.", "task 1", True),
        ("1/2 states failed.", "task 1", False),
        (None, "task 1", False),
        ("Error during execution of task: OSError('b')", "task 2", True),
        ("Flow run encountered an exception: KeyError: 'c'", None, False),
        ("nothing was published", None, True),
    ],
)
def test_what_the_run_says_decides_which_failure_ended_it(message, task, is_sure, tmp_path):
    """Where its log is gone, an exception of its own may have come of a task run's."""
    rows = [
        task_run_row(1, 1, "Failed", message="OSError('a')", end_time=at(5)),
        task_run_row(2, 2, "Failed", message="OSError('b')", end_time=at(9)),
    ]
    found = failed_run(tmp_path, rows, message=message)
    assert (found.task, found.doubt is None) == (task, is_sure)
    assert len(found.remarks) == (2 if task is None else 1)


def test_a_traceback_that_was_logged_and_handled_is_not_why_the_flow_ended(tmp_path):
    logs = [log_row(1, 1, "no cache yet\n" + TRACE, "ERROR")]
    found = failed_run(tmp_path, [], logs, message="only 12 rows came")
    assert (found.task, found.error, found.frames) == (None, "only 12 rows came", ())
