"""Field by field, our views say what Prefect's own client says."""

from __future__ import annotations

from datetime import datetime

import pytest

import flowrun_widgets as fw
from flowrun_widgets import states

SCENARIOS = (
    "success", "failure", "retries", "mapped", "parent", "cancelled", "crashed", "timed_out", "cached",
    "named_state", "quiet", "scheduled", "late", "suspended", "paused",
)  # fmt: skip
CLASSES = {
    "success": states.Success,
    "failure": states.Failed,
    "retries": states.Success,
    "cancelled": states.Cancelled,
    "crashed": states.Crashed,
    "timed_out": states.TimedOut,
    "named_state": states.Success,
    "scheduled": states.Scheduled,
    "late": states.Scheduled,
    "suspended": states.Suspended,
    "paused": states.Paused,
}


@pytest.fixture(params=SCENARIOS)
def pair(request, runs, connection):
    """A view of a run, and what the official client says about it."""
    run_id = runs.ids[request.param]
    return fw.FlowRunView.from_flow_run_id(run_id), runs.official[run_id]


def moment(text):
    return None if text is None else datetime.fromisoformat(text)


def same_state(ours, theirs):
    assert ours.name == theirs["name"]
    assert ours.message == theirs["message"]
    assert ours.timestamp == moment(theirs["timestamp"])
    said = theirs["predicates"]
    assert ours.is_finished() == said["is_final"]
    assert ours.is_successful() == said["is_completed"]
    assert ours.is_failed() == (said["is_failed"] or said["is_crashed"])
    assert ours.is_running() == (said["is_running"] or said["is_cancelling"])
    assert isinstance(ours, states.Crashed) == said["is_crashed"]
    assert isinstance(ours, states.Cancelled) == said["is_cancelled"]
    assert isinstance(ours, states.Paused) == said["is_paused"]
    if theirs["data"]:
        assert ours.stored_result.location == theirs["data"]["storage_key"]


def test_the_run_itself(pair):
    ours, theirs = pair
    run = theirs["run"]
    assert ours.flow_run_id == run["id"]
    assert ours.name == run["name"]
    assert ours.flow_id == run["flow_id"]
    assert ours.flow_name == theirs["flow"]["name"]
    assert ours.parameters == run["parameters"]
    assert ours.context == run["context"]
    assert ours.tags == run["tags"]
    assert ours.labels == []
    assert ours.key_value_labels == run["labels"]
    assert ours.run_count == run["run_count"]
    assert ours.parent_task_run_id == run["parent_task_run_id"]
    assert ours.deployment_id == run["deployment_id"]
    assert ours.work_pool == run["work_pool_name"]
    assert ours.work_queue == run["work_queue_name"]
    assert ours.created_at == moment(run["created"])
    assert ours.updated_at == moment(run["updated"])
    assert ours.started_at == moment(run["start_time"])
    assert ours.ended_at == moment(run["end_time"])
    assert ours.scheduled_start_at == moment(
        run["next_scheduled_start_time"] or run["expected_start_time"]
    )
    same_state(ours.state, run["state"] | {"predicates": run["predicates"]})


def test_its_history(pair):
    ours, theirs = pair
    expected = sorted(theirs["states"], key=lambda state: state["timestamp"])
    assert len(ours.states) == len(expected)
    for state, official in zip(ours.states, expected, strict=True):
        same_state(state, official)


def test_its_log(pair):
    ours, theirs = pair
    frame = ours.get_logs().to_pandas()
    lines = theirs["logs"]
    assert [(line.timestamp, line.level, line.message) for line in ours.get_logs()] == [
        (moment(line["timestamp"]), line["level"], line["message"]) for line in lines
    ]
    assert frame["logger"].tolist() == [line["name"] for line in lines]
    ids = frame["task_run_id"].astype(object).where(frame["task_run_id"].notna(), None).tolist()
    assert ids == [line["task_run_id"] for line in lines]
    names = {task_run["id"]: task_run["name"] for task_run in theirs["task_runs"]}
    labels = frame["task"].astype(object).where(frame["task"].notna(), None).tolist()
    assert labels == [names.get(line["task_run_id"]) for line in lines]


def test_its_task_runs(pair):
    ours, theirs = pair
    expected = sorted(theirs["task_runs"], key=lambda run: (run["expected_start_time"], run["id"]))
    views = ours.get_all_task_runs()
    assert [view.task_run_id for view in views] == [run["id"] for run in expected]
    assert sorted(ours.get_task_run_ids()) == sorted(run["id"] for run in expected)
    for view, run in zip(views, expected, strict=True):
        assert view.name == view.label == run["name"]
        assert view.flow_run_id == run["flow_run_id"]
        assert view.task_slug == run["task_key"]
        assert view.dynamic_key == run["dynamic_key"]
        assert view.map_index is None
        assert view.run_count == run["run_count"]
        assert view.tags == run["tags"]
        assert view.started_at == moment(run["start_time"])
        assert view.ended_at == moment(run["end_time"])
        assert view.child_flow_run_id == run["state"]["state_details"]["child_flow_run_id"]
        given = [
            one["id"]
            for ones in run["task_inputs"].values()
            for one in ones
            if one["input_type"] == "task_run"
        ]
        assert view.upstream_ids == given
        same_state(view.state, run["state"] | {"predicates": run["predicates"]})


def test_one_task_run_comes_with_its_history(pair):
    ours, theirs = pair
    for run_id, history in theirs["task_run_states"].items():
        view = ours.get_task_run(task_run_id=run_id)
        assert len(view.states) == len(history)
        for state, official in zip(
            view.states, sorted(history, key=lambda one: one["timestamp"]), strict=True
        ):
            same_state(state, official)


def test_its_artifacts(pair):
    ours, theirs = pair
    expected = {
        one["id"]: one for one in theirs["artifacts"] if one["type"] not in (None, "result")
    }
    found = ours.get_artifacts()
    assert {one.artifact_id for one in found} == set(expected)
    for one in found:
        official = expected[one.artifact_id]
        assert (one.kind, one.key) == (official["type"], official["key"])
        assert one.description == official["description"]
        assert one.task_run_id == official["task_run_id"]
        if one.kind != "table":
            assert one.data == official["data"]


def test_its_timeline(pair):
    ours, theirs = pair
    task_runs = {bar.id: bar for bar in ours.get_timeline() if bar.kind == "task run"}
    expected = [
        run
        for run in theirs["task_runs"]
        if run["start_time"] and not run["state"]["state_details"]["child_flow_run_id"]
    ]
    assert set(task_runs) == {run["id"] for run in expected}
    for run in expected:
        bar = task_runs[run["id"]]
        assert (bar.label, bar.ended_at) == (run["name"], moment(run["end_time"]))
        assert bar.state is not None
        assert bar.state.is_finished() == run["predicates"]["is_final"]


def test_a_refresh_of_what_does_not_change_is_equal(pair):
    ours, _ = pair
    ours.get_logs()
    ours.get_all_task_runs()
    latest = ours.get_latest()
    assert latest == ours
    assert not latest.changes_since(ours)
    assert latest.get_logs() == ours.get_logs()
    assert latest.get_all_task_runs() == ours.get_all_task_runs()


@pytest.mark.parametrize(("scenario", "cls"), CLASSES.items())
def test_the_type_picks_the_class(runs, connection, scenario, cls):
    assert type(fw.FlowRunView.from_flow_run_id(runs.ids[scenario]).state) is cls


def test_a_name_that_the_flow_chose_is_printed(runs, connection):
    state = fw.FlowRunView.from_flow_run_id(runs.ids["named_state"]).state
    assert repr(state) == '<Skipped: "nothing to do">'
    assert not state.is_skipped()


def test_a_retried_run_shows_each_attempt(runs, connection):
    run = fw.FlowRunView.from_flow_run_id(runs.ids["retries"])
    assert run.run_count == 2
    assert [state.name for state in run.states if state.is_retrying()] == ["AwaitingRetry"]
    task_run = run.get_task_run(task_run_id=run.get_all_task_runs()[0].task_run_id)
    assert task_run.run_count == 3
    retries = [state for state in task_run.states if state.is_retrying()]
    assert [state.run_count for state in retries] == [1, 2]


def test_a_task_is_found_by_run_name_key_and_task_name(runs, connection):
    run = fw.FlowRunView.from_flow_run_id(runs.ids["mapped"])
    total = run.get_task_run("total")
    assert total == run.get_task_run(total.task_slug) == run.get_task_run(total.name)
    with pytest.raises(fw.errors.Ambiguous) as raised:
        run.get_task_run("square")
    assert len(raised.value.candidates) == 7
    with pytest.raises(fw.errors.NotFound):
        run.get_task_run("cube")
    with pytest.raises(fw.errors.InvalidArgument):
        run.get_task_run("square", map_index=1)


def test_sub_flows_and_their_parent(runs, connection):
    parent = fw.FlowRunView.from_flow_run_id(runs.ids["parent"])
    (child,) = parent.get_subflow_runs()
    (stands_for_it,) = parent.get_all_task_runs()
    assert child.flow_name == "child"
    assert stands_for_it.child_flow_run_id == child.flow_run_id
    assert child.parent_task_run_id == stands_for_it.task_run_id
    assert child.get_parent() == parent
    assert parent.get_parent() is None
    assert child.states == ()
    assert child.get_latest().states[-1].is_successful()


def test_the_log_of_a_run_and_of_those_below_it_is_one_stream(runs, connection):
    parent = fw.FlowRunView.from_flow_run_id(runs.ids["parent"])
    (child,) = parent.get_subflow_runs()
    frame = parent.get_logs(subflows=True).to_pandas()
    assert frame["timestamp"].is_monotonic_increasing
    assert set(frame["flow_run"]) == {parent.name, child.name}
    assert len(frame) == len(parent.get_logs()) + len(child.get_logs())
    assert "hello from the child a" in set(frame.loc[frame["flow_run"] == child.name, "message"])


def test_lines_are_chosen_on_the_server_or_from_what_is_held(runs, connection):
    run = fw.FlowRunView.from_flow_run_id(runs.ids["success"])
    asked = [run.get_logs(level="warning"), run.get_logs(task="extract"), run.get_logs(level=25)]
    everything = run.get_logs()
    cut = everything[2].timestamp
    later = run.get_logs(start_time=cut)
    assert [
        run.get_logs(level="warning"),
        run.get_logs(task="extract"),
        run.get_logs(level=25),
    ] == asked
    assert [len(part) for part in asked] == [1, 2, 2]
    assert later == everything[3:]
    assert run.get_logs(end_time=cut) == everything[:3]


def test_the_newest_run_of_a_flow_or_in_a_state(runs, connection):
    assert fw.latest("failure").flow_run_id == runs.ids["failure"]
    assert fw.latest(state="crashed").flow_run_id == runs.ids["crashed"]
    assert fw.latest(state="TimedOut").flow_run_id == runs.ids["timed_out"]
    assert fw.latest(state="late").flow_run_id == runs.ids["late"]
    assert fw.latest("quiet", state="success").flow_run_id == runs.ids["quiet"]
    assert fw.latest(state="failed").state.is_failed()
    with pytest.raises(fw.errors.NotFound, match="no-such-flow"):
        fw.latest("no-such-flow")


def test_a_link_opens_its_run(runs, prefect3):
    root = prefect3.url.removesuffix("/api")
    run_id = runs.ids["failure"]
    run = fw.open(f"{root}/runs/flow-run/{run_id}?tab=logs")
    assert run.ui_url == f"{root}/runs/flow-run/{run_id}"
    (task_run,) = run.get_all_task_runs()
    assert fw.open(f"{root}/runs/task-run/{task_run.task_run_id}") == run


def test_a_task_that_ran_outside_any_flow_shows_its_lines(prefect3, connection):
    key = prefect3.run("alone")
    task_run = fw.TaskRunView.from_task_run_id(key)
    assert task_run.flow_run_id is None
    messages = [line.message for line in task_run.get_logs()]
    assert "read 5 rows — größer ☃" in messages
    assert task_run.get_logs() == fw.TaskRunView.from_task_run_id(key).get_logs()
    assert set(task_run.get_logs().to_pandas()["task"]) == {task_run.name}
    root = prefect3.url.removesuffix("/api")
    with pytest.raises(fw.errors.NotFound, match="get_logs"):
        fw.open(f"{root}/runs/task-run/{key}")


def test_the_lines_of_a_task_run_are_those_of_the_runs_log(runs, connection):
    run = fw.FlowRunView.from_flow_run_id(runs.ids["success"])
    load = run.get_task_run("load")
    asked = fw.TaskRunView.from_task_run_id(load.task_run_id).get_logs()
    assert asked == run.get_logs(task="load")
    run.get_logs()
    assert run.get_task_run("load").get_logs() == asked


def test_what_is_not_there_is_not_found(runs, connection):
    nobody = "4c0101af-c6bb-4b96-8661-63a5bbfb5596"
    with pytest.raises(fw.errors.NotFound, match=nobody):
        fw.FlowRunView.from_flow_run_id(nobody)
    with pytest.raises(fw.errors.NotFound, match=nobody):
        fw.TaskRunView.from_task_run_id(nobody)
    with pytest.raises(fw.errors.NotFound, match=nobody):
        fw.FlowView.from_flow_id(nobody)
    with pytest.raises(fw.errors.QueryRejected, match="has no GraphQL API"):
        fw.graphql("{ flow_run { id } }")


def test_which_prefect_answers_is_found_out_once(runs, prefect3):
    run_id = runs.ids["quiet"]
    for url in (prefect3.url, prefect3.url.removesuffix("/api")):
        connection = fw.connect(url)
        assert connection.label == "Prefect"
        assert fw.FlowRunView.from_flow_run_id(run_id).connection.label == "Prefect 3"
        assert connection.url == prefect3.url
