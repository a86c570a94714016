"""Aggregates: at the root, over related rows, and after the arguments that pick rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Ask, World
    from .stores import Rows


def test_count_max_and_min(ask: Ask, world: World) -> None:
    data = ask(
        "{ log_aggregate { aggregate { count max { timestamp message level } min { timestamp id } } } }"
    )
    aggregate = data["log_aggregate"]["aggregate"]
    assert aggregate["count"] == 5
    assert aggregate["max"] == {
        "timestamp": "2022-01-01T12:00:03+00:00",
        "message": "other run",
        "level": "INFO",
    }
    assert aggregate["min"]["timestamp"] == "2022-01-01T12:00:00+00:00"


def test_counts_of_columns(ask: Ask, world: World) -> None:
    data = ask(
        "{ flow_run_aggregate { aggregate { count all: count(columns: []) ended: count(columns: [end_time]) "
        "flows: count(columns: flow_id, distinct: true) "
        "both: count(columns: [flow_id, state], distinct: true) two: count(columns: [end_time, state]) } } }"
    )
    assert data["flow_run_aggregate"]["aggregate"] == {
        "count": 3,
        "all": 3,
        "ended": 1,
        "flows": 1,
        "both": 3,
        "two": 3,
    }


def test_statistics(ask: Ask, store: Rows) -> None:
    for version in (2, 4, 4, 4, 5, 5, 7, 9, None):
        store.add("flow", version=version)
    data = ask(
        "{ flow_aggregate { aggregate { avg { version } sum { version } stddev { version } stddev_pop { version } "
        "stddev_samp { version } var_pop { version } var_samp { version } variance { version } } } }"
    )
    values = {name: each["version"] for name, each in data["flow_aggregate"]["aggregate"].items()}
    assert values["sum"] == 40
    assert values["avg"] == pytest.approx(5)
    assert values["stddev_pop"] == pytest.approx(2)
    assert values["var_pop"] == pytest.approx(4)
    assert values["var_samp"] == values["variance"] == pytest.approx(32 / 7)
    assert values["stddev"] == values["stddev_samp"] == pytest.approx((32 / 7) ** 0.5)


def test_nothing_has_a_count_and_no_maximum(ask: Ask) -> None:
    data = ask(
        "{ flow_aggregate { aggregate { count max { name } sum { version } stddev { version } __typename } nodes { id } } }"
    )
    assert data["flow_aggregate"] == {
        "aggregate": {
            "count": 0,
            "max": {"name": None},
            "sum": {"version": None},
            "stddev": {"version": None},
            "__typename": "flow_aggregate_fields",
        },
        "nodes": [],
    }


def test_rows_are_picked_before_they_are_counted(ask: Ask, world: World) -> None:
    data = ask(
        "{ few: log_aggregate(limit: 2) { aggregate { count } } "
        "kinds: log_aggregate(distinct_on: level) { aggregate { count } } "
        'errors: log_aggregate(where: { level: { _eq: "ERROR" } }) { aggregate { count } nodes { message } } '
        "late: log_aggregate(order_by: { timestamp: desc }, limit: 1) { nodes { message } aggregate { min { message } } } }"
    )
    assert data["few"]["aggregate"]["count"] == 2
    assert data["kinds"]["aggregate"]["count"] == 3
    assert data["errors"] == {"aggregate": {"count": 1}, "nodes": [{"message": "message 1"}]}
    assert data["late"] == {
        "nodes": [{"message": "message 0"}],
        "aggregate": {"min": {"message": "message 0"}},
    }


def test_aggregates_of_related_rows(ask: Ask, world: World) -> None:
    data = ask(
        "{ flow_run(order_by: { name: asc }) { logs_aggregate { aggregate { count max { timestamp } } } "
        'failed: task_runs_aggregate(where: { state: { _eq: "Failed" } }) { aggregate { count } '
        "nodes { map_index } __typename } } }"
    )
    assert [run["logs_aggregate"]["aggregate"] for run in data["flow_run"]] == [
        {"count": 4, "max": {"timestamp": "2022-01-01T12:00:03+00:00"}},
        {"count": 1, "max": {"timestamp": "2022-01-01T12:00:00+00:00"}},
        {"count": 0, "max": {"timestamp": None}},
    ]
    assert [run["failed"] for run in data["flow_run"]] == [
        {
            "aggregate": {"count": 1},
            "nodes": [{"map_index": 1}],
            "__typename": "task_run_aggregate",
        },
        {"aggregate": {"count": 0}, "nodes": [], "__typename": "task_run_aggregate"},
        {"aggregate": {"count": 0}, "nodes": [], "__typename": "task_run_aggregate"},
    ]


def test_limits_of_related_aggregates_count_for_each_parent(ask: Ask, world: World) -> None:
    data = ask(
        "{ flow_run(order_by: { name: asc }) { logs_aggregate(limit: 2, order_by: { message: asc }) "
        "{ aggregate { count max { message } } nodes { message } } } }"
    )
    assert data["flow_run"][0]["logs_aggregate"] == {
        "aggregate": {"count": 2, "max": {"message": "message 1"}},
        "nodes": [{"message": "message 0"}, {"message": "message 1"}],
    }
    assert data["flow_run"][1]["logs_aggregate"]["aggregate"]["count"] == 1


def test_an_aggregate_of_nothing_but_its_type_is_one_object(ask: Ask, world: World) -> None:
    data = ask("{ log_aggregate { __typename aggregate { __typename } } }")
    assert data["log_aggregate"] == {
        "__typename": "log_aggregate",
        "aggregate": {"__typename": "log_aggregate_fields"},
    }


def test_tasks_downstream_and_upstream(ask: Ask, world: World) -> None:
    """Depth is the longest way; the first tasks have depth 0."""
    data = ask(
        f'{{ down: utility_downstream_tasks(args: {{ start_task_ids: "{{{world.load}}}" }}, order_by: {{ depth: asc }}) '
        f'{{ depth task {{ name }} }} up: utility_upstream_tasks(args: {{ start_task_ids: "{{{world.report}}}", '
        f"depth_limit: 1 }}, order_by: {{ depth: asc, task: {{ name: asc }} }}) {{ depth task {{ name }} }} "
        f'total: utility_downstream_tasks_aggregate(args: {{ start_task_ids: "{{{world.load}}}" }}) '
        f"{{ aggregate {{ count max {{ depth }} }} }} utility_traversal {{ depth }} }}"
    )
    assert [(t["depth"], t["task"]["name"]) for t in data["down"]] == [
        (0, "load"),
        (1, "clean"),
        (2, "report"),
    ]
    assert [(t["depth"], t["task"]["name"]) for t in data["up"]] == [
        (0, "report"),
        (1, "clean"),
        (1, "load"),
    ]
    assert data["total"]["aggregate"] == {"count": 3, "max": {"depth": 2}}
    assert data["utility_traversal"] == []
