"""The filter text over a run that a view has read."""

import pytest

import flowrun_widgets as fw
from flowrun_widgets.recordings.replay import recording


@pytest.fixture
def recorded_run(recorded) -> fw.FlowRunView:
    return fw.FlowRunView.from_flow_run_id(recording("failed-with-retries").flow_run_id)


def test_attempts_are_counted_once_the_task_runs_were_read(recorded_run) -> None:
    recorded_run.get_all_task_runs()
    task = 'task="journal of Österreich Handel GmbH"'
    lines = [recorded_run.get_logs().where(f"{task} attempt:{number}") for number in (1, 2, 3)]
    assert all(len(part) > 0 for part in lines)
    assert lines[2][-1].timestamp > lines[1][-1].timestamp > lines[0][-1].timestamp


def test_a_chosen_part_equals_the_lines_that_fit(recorded_run) -> None:
    logs = recorded_run.get_logs()
    assert logs.where("level>=error") == [line for line in logs if line.level >= 40]
    assert logs.where("") == logs
