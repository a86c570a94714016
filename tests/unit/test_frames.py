"""DataFrames: columns, dtypes and order are the same whatever the data."""

import pandas as pd
import pytest

import flowrun_widgets as fw
from flowrun_widgets.recordings.replay import recording
from flowrun_widgets.times import to_micros
from flowrun_widgets.views.logs import FlowRunLogs
from tests.stores import FLOW_RUN_ID

TIME = "datetime64[us, UTC]"
LOGS = {
    "timestamp": TIME, "level": "Int16", "level_name": "category", "task": "category", "logger": "category",
    "message": "str", "task_run_id": "category", "seq": "int64",
}  # fmt: skip
TASK_RUNS = {
    "task_run_id": "str", "name": "str", "task_slug": "str", "map_index": "Int64", "state": "str",
    "state_name": "str", "message": "str", "started_at": TIME, "ended_at": TIME, "duration_seconds": "float64",
    "attempts": "int64", "ran_seconds": "float64",
}  # fmt: skip
STATES = {
    "timestamp": TIME,
    "state": "str",
    "name": "str",
    "message": "str",
    "duration_seconds": "float64",
}


def dtypes(frame):
    return {name: str(dtype) for name, dtype in frame.dtypes.items()}


@pytest.fixture
def failed(recorded):
    return fw.FlowRunView.from_flow_run_id(recording("failed-with-retries").flow_run_id)


@pytest.fixture
def small(store):
    with fw.connect(store):
        yield fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID)


pandas3 = pytest.mark.skipif(
    pd.__version__ < "3", reason="`str` is a dtype of its own since pandas 3"
)


@pandas3
def test_the_log_frame_keeps_its_contract(failed):
    frame = failed.get_logs().to_pandas()
    assert dtypes(frame) == LOGS
    assert list(frame.index) == list(range(len(failed.get_logs())))


@pandas3
def test_the_log_frame_of_no_lines_has_the_same_columns():
    frame = FlowRunLogs().to_pandas()
    assert dtypes(frame) == LOGS
    assert frame.empty


@pandas3
def test_one_line_without_anything_has_the_same_columns(small):
    frame = small.get_logs()[:1].to_pandas()
    assert dtypes(frame) == LOGS
    assert frame.loc[0, "task"] is pd.NA or pd.isna(frame.loc[0, "task"])


def test_the_log_frame_says_what_the_sequence_says(failed):
    logs = failed.get_logs()
    frame = logs.to_pandas()
    micros = frame["timestamp"].astype("int64").tolist()
    said = list(zip(micros, frame["level"], frame["message"], strict=True))
    assert [(to_micros(log.timestamp), log.level, log.message) for log in logs] == said


def test_a_refreshed_log_is_one_frame(failed):
    columns = failed.get_logs().columns
    joined = columns.slice(0, 5).with_new(columns)
    pd.testing.assert_frame_equal(
        FlowRunLogs(joined).to_pandas().drop(columns="seq"),
        failed.get_logs().to_pandas().drop(columns="seq"),
    )


@pandas3
def test_the_task_run_frame_keeps_its_contract(failed):
    frame = failed.task_runs_frame()
    assert dtypes(frame) == TASK_RUNS
    assert list(frame["task_run_id"]) == failed.get_task_run_ids()


def test_the_task_run_frame_counts_attempts_and_seconds(failed):
    frame = failed.task_runs_frame()
    assert frame.loc[frame["state"] == "Failed", "attempts"].max() == 3
    spans = (frame["ended_at"] - frame["started_at"]).dt.total_seconds()
    pd.testing.assert_series_equal(frame["duration_seconds"], spans, check_names=False)


@pandas3
def test_the_state_frame_keeps_its_contract(failed):
    frame = failed.states_frame()
    assert dtypes(frame) == STATES
    assert list(frame["state"]) == [state.type for state in failed.states]
    assert pd.isna(frame["duration_seconds"].iloc[-1])
    assert (frame["duration_seconds"].iloc[:-1] >= 0).all()


@pandas3
def test_frames_of_nothing_have_the_same_columns():
    from flowrun_widgets.report.frames import states_frame, task_runs_frame

    assert dtypes(states_frame(())) == STATES
    assert dtypes(task_runs_frame(())) == TASK_RUNS
