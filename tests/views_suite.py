"""What a flow run's view promises, whatever source it came from: collected once for each source.

A module that imports these tests gives them two fixtures: `connection`, and `failed_id`, the id of a run there that
ended badly, with task runs and log lines.
"""

from __future__ import annotations

import copy
import json
import pickle
from uuid import uuid4

import pandas as pd
import pytest

import flowrun_widgets as fw
from flowrun_widgets.errors import InvalidArgument, NotFound


@pytest.fixture
def run(connection, failed_id):
    return fw.FlowRunView.from_flow_run_id(failed_id, api=connection)


def test_the_run_says_who_it_is_and_how_it_ended(run, failed_id) -> None:
    assert run.flow_run_id == failed_id
    assert run.name
    assert run.flow_name
    assert run.state.is_failed()
    assert run.state.is_finished()
    assert run.started_at < run.ended_at


def test_the_history_is_in_order_and_ends_with_the_state(run) -> None:
    times = [state.timestamp for state in run.states]
    assert times == sorted(times)
    assert type(run.states[-1]) is type(run.state)
    assert run.states_frame()["state"].tolist() == [state.type for state in run.states]


def test_two_fetches_of_one_run_are_equal(run, connection, failed_id) -> None:
    again = fw.FlowRunView.from_flow_run_id(failed_id, api=connection)
    assert again == run
    assert hash(again) == hash(run)
    assert len({again, run}) == 1


def test_nothing_about_a_view_can_be_changed(run) -> None:
    with pytest.raises(AttributeError):
        run.name = "other"
    with pytest.raises(TypeError):
        run.parameters["x"] = 1
    with pytest.raises((TypeError, AttributeError)):
        run.labels.append("x")


def test_a_view_copies_and_pickles(run, connection) -> None:
    with fw.connect(connection.url):
        assert pickle.loads(pickle.dumps(run)) == run
    assert copy.deepcopy(run) == run
    assert json.loads(json.dumps(run.parameters)) == dict(run.parameters)


def test_the_log_is_read_once_and_in_order(run) -> None:
    logs = run.get_logs()
    assert len(logs) > 0
    assert [line.timestamp for line in logs] == sorted(line.timestamp for line in logs)
    assert run.get_logs() == logs
    assert list(logs) == logs
    timestamp, level, message = logs[0]
    assert (timestamp, level, message) == logs[0]


def test_a_range_of_the_log_is_open_below_and_closed_above(run) -> None:
    logs = run.get_logs()
    middle = logs[len(logs) // 2].timestamp
    earlier, later = run.get_logs(end_time=middle), run.get_logs(start_time=middle)
    assert [*earlier, *later] == list(logs)
    assert all(line.timestamp <= middle for line in earlier)


def test_frames_keep_their_columns(run) -> None:
    logs = run.get_logs().to_pandas()
    assert list(logs) == [
        "timestamp", "level", "level_name", "task", "logger", "message", "task_run_id", "seq",
    ]  # fmt: skip
    assert str(logs["timestamp"].dtype) == "datetime64[us, UTC]"
    assert len(logs) == len(run.get_logs())
    tasks = run.task_runs_frame()
    assert list(tasks)[:5] == ["task_run_id", "name", "task_slug", "map_index", "state"]
    assert isinstance(tasks["started_at"].dtype, pd.DatetimeTZDtype)


def test_lines_of_task_runs_carry_their_labels(run) -> None:
    labels = {view.task_run_id: view.label for view in run.get_all_task_runs()}
    logs = run.get_logs().to_pandas().dropna(subset=["task_run_id"])
    assert len(logs) > 0
    assert [labels[one] for one in logs["task_run_id"]] == list(logs["task"])


def test_task_runs_come_in_one_order_by_every_way(run, connection) -> None:
    views = run.get_all_task_runs()
    ids = [view.task_run_id for view in views]
    assert (
        ids
        == run.get_task_run_ids()
        == run.task_run_ids
        == list(run.task_runs_frame()["task_run_id"])
    )
    assert run.get_all_task_runs() == views
    one = run.get_task_run(task_run_id=ids[0])
    assert one.task_run_id == ids[0]
    assert one.flow_run_id == run.flow_run_id
    assert fw.TaskRunView.from_task_run_id(ids[0], api=connection) == one


def test_a_list_that_was_handed_out_is_the_callers(run) -> None:
    run.get_task_run_ids().clear()
    run.get_all_task_runs().clear()
    assert run.get_task_run_ids()
    assert run.get_all_task_runs()


def test_flow_metadata_is_kept(run) -> None:
    flow = run.get_flow_metadata()
    assert flow.flow_id == run.flow_id
    assert flow.name == run.flow_name
    assert run.get_flow_metadata() == flow
    assert run.get_flow_metadata(no_cache=True) == flow


def test_the_latest_of_an_ended_run_is_the_same_run(run) -> None:
    run.get_logs()
    run.get_all_task_runs()
    latest = run.get_latest()
    assert latest is not run
    assert latest == run
    assert latest.get_logs() == run.get_logs()
    assert latest.get_all_task_runs() == run.get_all_task_runs()
    assert not latest.changes_since(run)
    assert str(latest.changes_since(run)) == "Nothing new"


def test_what_is_not_there_is_said_to_be_missing(run, connection) -> None:
    unknown = str(uuid4())
    with pytest.raises(NotFound, match=unknown):
        fw.FlowRunView.from_flow_run_id(unknown, api=connection)
    with pytest.raises(NotFound, match=unknown):
        run.get_task_run(task_run_id=unknown)
    with pytest.raises(NotFound, match="no-such-task"):
        run.get_task_run(task_slug="no-such-task")
    with pytest.raises(InvalidArgument):
        fw.FlowRunView.from_flow_run_id("amber-heron", api=connection)
    with pytest.raises(InvalidArgument):
        run.get_task_run()


def test_the_repr_names_run_and_state(run) -> None:
    assert repr(run).startswith(
        f"FlowRunView(flow_run_id='{run.flow_run_id}', name='{run.name}', state=<"
    )


def test_the_newest_failed_run_is_found_without_an_id(run, connection) -> None:
    assert fw.latest(flow=run.flow_name, state="failed", api=connection).state.is_failed()
