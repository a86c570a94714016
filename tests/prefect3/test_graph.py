"""What a run waited for, and how long it ran, is what the server itself draws and counts."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise

import httpx
import pytest

import flowrun_widgets as fw
from flowrun_widgets.analysis.critical import critical_path
from flowrun_widgets.analysis.durations import ran_seconds, took_seconds
from flowrun_widgets.backends.protocol import timeline_of
from tests.runs import payload_of

WOVEN = ("woven", "held_up", "retried", "resumed")
SCENARIOS = ("success", "failure", "retries", "mapped", "parent", "timed_out", "cached", *WOVEN)


@pytest.fixture(params=SCENARIOS)
def run(request, woven, connection):
    return fw.FlowRunView.from_flow_run_id(woven[request.param])


def asked(run, path):
    return httpx.get(f"{run.connection.url}{path}").json()


def edges_of(run):
    """Return the graph of the server: by node, the nodes that it draws arrows from."""
    nodes = asked(run, f"/flow_runs/{run.flow_run_id}/graph-v2")["nodes"]
    return {key: {parent["id"] for parent in node["parents"]} for key, node in nodes}


def test_edges_are_those_of_the_servers_graph(run):
    expected = edges_of(run)
    records = [view.record for view in run.get_all_task_runs()]
    ours = {one.child_flow_run_id or one.id: {*one.upstream_ids} for one in records}
    assert {key: ours[key] & set(expected) for key in expected} == expected
    bars = {bar.id: {*bar.upstream_ids} for bar in run.get_timeline()}
    assert bars == expected
    listed = {bar.id: {*bar.upstream_ids} & set(expected) for bar in timeline_of(records)}
    assert listed == {key: expected[key] for key in listed}


def test_a_trace_has_an_arrow_for_each_result_that_was_passed(run, tmp_path):
    path = tmp_path / "run.json"
    run.to_trace(path)
    events = json.loads(path.read_text("utf-8"))["traceEvents"]
    starts = [event for event in events if event["ph"] == "s"]
    ends = [event for event in events if event["ph"] == "f"]
    assert [one["id"] for one in starts] == [one["id"] for one in ends]
    assert all(one["ts"] <= other["ts"] for one, other in zip(starts, ends, strict=True))
    begun = {
        one.record.child_flow_run_id or one.task_run_id
        for one in run.get_all_task_runs()
        if one.started_at
    }
    assert bool(starts) == any(edges_of(run)[name] for name in begun & {*edges_of(run)})


def test_the_run_with_every_kind_of_edge_has_them(woven, connection):
    expected = edges_of(fw.FlowRunView.from_flow_run_id(woven["woven"]))
    assert sum(map(len, expected.values())) >= 12


def test_the_critical_path_goes_along_the_servers_edges(run):
    expected = edges_of(run)
    records = {view.task_run_id: view.record for view in run.get_all_task_runs()}
    found = critical_path([*records.values()])
    if found is None:
        assert not any(expected.values())
        return
    nodes = [records[key].child_flow_run_id or key for key in found.path]
    assert all(a in expected[b] for a, b in pairwise(nodes))


def test_it_ran_as_long_as_the_server_counts(run):
    official = asked(run, f"/flow_runs/{run.flow_run_id}")
    assert ran_seconds(run.record, run.as_of) == official["total_run_time"]
    assert payload_of(run).header.ran == pytest.approx(official["total_run_time"], abs=1e-6)
    for view in run.get_all_task_runs():
        told = asked(run, f"/task_runs/{view.task_run_id}")
        expected = told["total_run_time"] if told["run_count"] else None
        assert ran_seconds(view.record, run.as_of) == expected
        listed = run.task_runs_frame().set_index("task_run_id")["ran_seconds"]
        assert listed[view.task_run_id] == pytest.approx(expected, nan_ok=True) or expected is None


def test_what_the_history_says_is_what_the_server_counts(run):
    """Both definitions are one: to some milliseconds, which pass between a state and its arrival."""
    counted = ran_seconds(replace(run.record, total_run_seconds=None), run.as_of)
    assert counted == pytest.approx(run.record.total_run_seconds, abs=0.05)
    assert took_seconds(run.record, run.as_of) + 0.05 >= counted


def test_a_card_that_knows_the_graph_alone_has_the_servers_words_for_states(run):
    tasks = payload_of(run, run.peek()).tasks
    assert tasks is not None
    states = {row[0]: tasks.states[row[4]][0] for row in tasks.rows}
    for view in run.get_all_task_runs():
        official = asked(run, f"/task_runs/{view.task_run_id}")["state"]
        if told := states.get(view.record.child_flow_run_id or view.task_run_id):
            assert told.type == official["type"].title()
            assert told.name in {official["name"], told.type}
