"""What a flow run's view promises, whatever source it came from: collected once for each source.

A module that imports these tests gives them two fixtures: `connection`, and `failed_id`, the id of a run there that
ended badly, with task runs and log lines.
"""

from __future__ import annotations

import copy
import json
import pickle
from datetime import timedelta
from uuid import uuid4

import pandas as pd
import pytest

import flowrun_widgets as fw
from flowrun_widgets.backends.run_filter import RunFilter
from flowrun_widgets.errors import (
    ConnectionClosed,
    InvalidArgument,
    NotFound,
    ResultUnavailable,
)
from flowrun_widgets.times import as_utc
from flowrun_widgets.views.cause import cause_of


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


@pytest.mark.parametrize("is_newest", [True, False])
def test_the_ends_of_a_log_are_read_without_the_rest(connection, run, failed_id, is_newest) -> None:
    backend, whole = connection.backend, run.get_logs().columns
    [task_run_id, *_] = whole.task_run_ids()
    for count in (1, 5, 100_000):
        for chosen in ({}, {"min_level": 40}, {"task_run_ids": [task_run_id]}):
            found = backend.log_end(failed_id, count, is_newest=is_newest, **chosen)
            expected = whole.chosen(*(chosen.get(name) for name in ("min_level", "task_run_ids")))
            times = expected.end(count, is_newest=is_newest).table["timestamp"].to_pylist()
            assert found.table["timestamp"].to_pylist() == times
            assert set(found.table["task"].to_pylist()) <= set(whole.table["task"].to_pylist())
    own = backend.log_end(failed_id, 5, task_run_ids=[])
    assert len(own)
    assert not own.task_run_ids()
    moment = whole.table["timestamp"][len(whole) // 2].as_py()
    early = backend.log_end(failed_id, 100_000, until=as_utc(moment))
    assert len(early) == len(whole.between(None, moment))


def test_the_cause_is_the_same_as_that_of_the_whole_run(connection, run, failed_id) -> None:
    part = cause_of(fw.FlowRunView.from_flow_run_id(failed_id, api=connection))
    run.get_logs(), run.get_all_task_runs()
    whole = cause_of(run)
    assert len(whole.logs) == len(run.get_logs())
    for name in ("task", "error", "frames", "causes", "held_up", "ended_with"):
        assert getattr(part.found, name) == getattr(whole.found, name)
    own, all_of_it = part.logs.table["message"], whole.logs.table["message"]
    assert own[part.found.position] == all_of_it[whole.found.position]


def test_a_run_is_found_by_its_name(connection, run) -> None:
    chosen = RunFilter(name=run.name)
    assert run.flow_run_id in {one.id for one in connection.backend.flow_runs(chosen)}
    assert {one.name for one in connection.backend.flow_runs(chosen)} == {run.name}


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


def test_static_tasks_are_at_hand(connection, failed_id) -> None:
    run = fw.FlowRunView.from_flow_run_id(failed_id, load_static_tasks=True, api=connection)
    latest = run.get_latest(load_static_tasks=True)
    static = [view for view in run.get_all_task_runs() if view.map_index in (None, -1)]
    assert static
    for view in static:
        assert latest.get_task_run(task_run_id=view.task_run_id).state == view.state


def test_the_task_runs_of_one_view_are_at_hand_in_another(run, connection, failed_id) -> None:
    known = run.get_all_task_runs()
    other = fw.FlowRunView.from_flow_run_id(failed_id, False, known, api=connection)
    assert repr(other).endswith(repr(run).rpartition("labels")[2])


def test_a_flow_is_found_by_its_id_and_by_its_name(run, connection) -> None:
    flow = run.get_flow_metadata()
    assert fw.FlowView.from_id(flow.flow_id, api=connection) == flow
    assert fw.FlowView.from_flow_name(run.flow_name, last_updated=True, api=connection) == flow
    project = flow.project_name
    assert fw.FlowView.from_flow_name(flow.name, project, True, api=connection) == flow
    for ask in (fw.FlowView.from_id, fw.FlowView.from_flow_group_id):
        with pytest.raises(NotFound):
            ask(str(uuid4()), api=connection)
    with pytest.raises(NotFound, match="no-such-flow"):
        fw.FlowView.from_flow_name("no-such-flow", api=connection)
    with pytest.raises(NotFound, match="no-such-project"):
        fw.FlowView.from_flow_name(flow.name, "no-such-project", api=connection)


def test_a_task_run_that_failed_has_no_result(run) -> None:
    failed = next(view for view in run.get_all_task_runs() if view.state.is_failed())
    with pytest.raises(ResultUnavailable):
        failed.get_result(allow_pickle=True)
    assert repr(failed).endswith("result=<not loaded>)")
    with pytest.raises(InvalidArgument, match="not a mapped task"):
        next(failed.iter_mapped())


def test_a_tenant_that_is_not_there_is_not_found(connection) -> None:
    with pytest.raises(NotFound, match="tenant"):
        fw.TenantView.from_tenant_id(str(uuid4()), api=connection)


def test_a_long_slug_is_not_repeated_whole(run) -> None:
    with pytest.raises(NotFound) as caught:
        run.get_task_run(task_slug="x" * 10_000)
    assert len(str(caught.value)) < 600


def test_a_closed_connection_says_that_it_is(connection, failed_id) -> None:
    with fw.connect(connection.url, library=False) as other:
        run = fw.FlowRunView.from_flow_run_id(failed_id, api=other)
    with pytest.raises(ConnectionClosed, match=r"was closed: fw\.connect"):
        run.get_task_run_ids()
    assert run.name


def test_the_repr_names_run_and_state(run) -> None:
    assert repr(run).startswith(
        f"FlowRunView(flow_run_id='{run.flow_run_id}', name='{run.name}', state=<"
    )


def test_the_newest_failed_run_is_found_without_an_id(run, connection) -> None:
    assert fw.latest(flow=run.flow_name, state="failed", api=connection).state.is_failed()


def test_runs_are_found_by_flow_state_and_time(run, connection, failed_id) -> None:
    of_flow = fw.find_flow_runs(run.flow_name, api=connection)
    assert failed_id in [one.flow_run_id for one in of_flow]
    assert {one.flow_name for one in of_flow} == {run.flow_name}
    failed = fw.find_flow_runs(state="failed", api=connection)
    assert failed_id in failed
    assert all(one.state.is_failed() for one in failed)
    assert failed.where(flow=run.flow_name) == of_flow.where(state="failed")
    due = min(filter(None, (run.started_at, run.scheduled_start_at)))
    second = timedelta(seconds=1)
    assert failed_id in fw.find_flow_runs(since=due - second, api=connection)
    assert failed_id not in fw.find_flow_runs(until=due - second, api=connection)
    assert failed_id in fw.find_flow_runs(
        since=due - second, until=run.started_at + second, api=connection
    )
    assert not fw.find_flow_runs("no-such-flow", api=connection)


def test_the_newest_runs_are_listed_and_more_are_said(connection) -> None:
    runs = fw.find_flow_runs(limit=None, api=connection)
    assert len(runs) > 2
    assert not runs.has_more
    newest = fw.find_flow_runs(limit=2, api=connection)
    assert [one.flow_run_id for one in newest] == [one.flow_run_id for one in runs[:2]]
    assert newest.has_more
    began = [one.started_at for one in runs if one.started_at and one.state.is_finished()]
    assert len(began) > 2
    assert runs[0].flow_run_id == runs[runs[0].flow_run_id].flow_run_id


def test_what_a_notebook_shows_says_what_the_repr_says(run, connection) -> None:
    """Of more than 40 lines the text has the telling ones: tests/card/test_view_twins.py."""
    few = [
        run.get_logs()[:40],
        fw.find_flow_runs(limit=5, api=connection),
        *run.get_all_task_runs(),
    ]
    for view in few:
        found = view._repr_mimebundle_()
        bundle = found[0] if isinstance(found, tuple) else found
        assert bundle["text/plain"].startswith(repr(view))
        assert bundle["text/html"].rstrip().endswith("</div>")
