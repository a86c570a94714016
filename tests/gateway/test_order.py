"""Order, places of nulls, limits, and the first row of each kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .conftest import only_store

if TYPE_CHECKING:
    from .conftest import Ask, World
    from .stores import Rows


@pytest.mark.parametrize(
    ("direction", "versions"),
    [
        ("asc", [1, 2, None]),
        ("asc_nulls_last", [1, 2, None]),
        ("asc_nulls_first", [None, 1, 2]),
        ("desc", [None, 2, 1]),
        ("desc_nulls_first", [None, 2, 1]),
        ("desc_nulls_last", [2, 1, None]),
    ],
)
def test_nulls_stand_where_postgresql_puts_them(
    ask: Ask, store: Rows, direction: str, versions: list[int | None]
) -> None:
    for version in (2, None, 1):
        store.add("flow", version=version)
    data = ask(f"{{ flow(order_by: {{ version: {direction} }}) {{ version }} }}")
    assert [flow["version"] for flow in data["flow"]] == versions


def names(ask: Ask, arguments: str) -> list[str]:
    return [run["name"] for run in ask(f"{{ flow_run({arguments}) {{ name }} }}")["flow_run"]]


def test_keys_count_in_the_order_in_which_they_are_written(ask: Ask, store: Rows) -> None:
    """Not in that of the schema, where `version` comes before `name`."""
    for name, version in (("b", 1), ("a", 2), ("a", 3)):
        store.add("flow", name=name, version=version)
    by_name = "{ flow(order_by: { name: asc, version: desc }) { version } }"
    by_version = "{ flow(order_by: { version: desc, name: asc }) { version } }"
    assert [flow["version"] for flow in ask(by_name)["flow"]] == [3, 2, 1]
    assert [flow["version"] for flow in ask(by_version)["flow"]] == [3, 2, 1]
    document = "query($by: [flow_order_by!]) { flow(order_by: $by) { version } }"
    for order in ({"name": "asc", "version": "asc"}, [{"name": "asc"}, {"version": "asc"}]):
        data = ask(document, {"by": order})
        assert [flow["version"] for flow in data["flow"]] == [2, 3, 1]


def test_null_orders_are_ignored(ask: Ask, world: World) -> None:
    assert names(ask, "order_by: { name: null, version: asc }") == ["cedar", "birch", "amber"]
    assert names(ask, "order_by: { flow: null, logs_aggregate: null }") == [
        "amber",
        "birch",
        "cedar",
    ]
    assert names(ask, "order_by: null") == ["amber", "birch", "cedar"]


@only_store
def test_rows_without_an_order_come_as_they_were_written(ask: Ask, store: Rows) -> None:
    for number in (9, 3, 6):
        store.add(
            "log", id=f"{number:08}-0000-0000-0000-000000000000", timestamp=1, message=str(number)
        )
    data = ask("{ log(order_by: { timestamp: asc }) { message } }")
    assert [line["message"] for line in data["log"]] == ["9", "3", "6"]


def test_order_by_a_related_row(ask: Ask, world: World) -> None:
    data = ask(
        "{ task_run(order_by: [{ flow_run: { name: desc } }, { task: { name: asc } }, { map_index: desc }]) "
        "{ flow_run { name } task { name } map_index } }"
    )
    assert [
        (t["flow_run"]["name"], t["task"]["name"], t["map_index"]) for t in data["task_run"]
    ] == [
        ("birch", "clean", -1),
        ("birch", "load", -1),
        ("amber", "clean", 2),
        ("amber", "clean", 1),
        ("amber", "clean", 0),
        ("amber", "clean", -1),
        ("amber", "load", -1),
    ]


def test_order_by_aggregates(ask: Ask, world: World) -> None:
    assert names(ask, "order_by: { logs_aggregate: { count: asc } }") == ["cedar", "birch", "amber"]
    assert names(ask, "order_by: { logs_aggregate: { max: { timestamp: desc_nulls_last } } }") == [
        "amber",
        "birch",
        "cedar",
    ]
    assert names(ask, "order_by: { task_runs_aggregate: { avg: { map_index: asc } } }") == [
        "birch",
        "amber",
        "cedar",
    ]


def test_limit_and_offset(ask: Ask, world: World) -> None:
    by_name = "order_by: { name: asc }"
    assert names(ask, f"{by_name}, limit: 1") == ["amber"]
    assert names(ask, f"{by_name}, limit: 0") == []
    assert names(ask, f"{by_name}, offset: 1") == ["birch", "cedar"]
    assert names(ask, f'{by_name}, offset: "1", limit: 1') == ["birch"]
    assert names(ask, f"{by_name}, offset: 9") == []
    assert names(ask, f"{by_name}, limit: null, offset: null") == ["amber", "birch", "cedar"]


def test_a_negative_limit_is_refused(refuse: Ask, world: World) -> None:
    error = refuse("{ flow_run(limit: -1) { id } }")
    assert (
        error["message"]
        == 'expected a non-negative 32-bit integer for type "Int", but found an integer'
    )
    assert error["extensions"]["code"] == "validation-failed"


def test_distinct_on_keeps_the_first_of_each(ask: Ask, world: World) -> None:
    data = ask(
        "{ log(distinct_on: [level], order_by: [{ level: desc }, { timestamp: desc }]) { level message } }"
    )
    assert [(line["level"], line["message"]) for line in data["log"]] == [
        ("INFO", "message 0"),
        ("ERROR", "message 1"),
        ("DEBUG", "message 2"),
    ]


def test_distinct_on_comes_before_limit_and_takes_nulls_as_equal(ask: Ask, store: Rows) -> None:
    for version in (None, 1, None, 2, 1):
        store.add("flow", version=version)
    data = ask("{ flow(distinct_on: version, limit: 2) { version } }")
    assert len(data["flow"]) == 2
    every = ask("{ flow(distinct_on: version, order_by: { version: asc }) { version } }")
    assert [flow["version"] for flow in every["flow"]] == [1, 2, None]


def test_distinct_on_of_related_rows(ask: Ask, world: World) -> None:
    data = ask(
        '{ flow_run(where: { name: { _in: ["amber", "cedar"] } }) '
        "{ logs(distinct_on: level, order_by: { level: asc, message: desc }, limit: 2) { message } } }"
    )
    assert [[line["message"] for line in run["logs"]] for run in data["flow_run"]] == [
        ["message 2", "message 1"],
        [],
    ]


@pytest.mark.parametrize(
    "arguments",
    [
        "distinct_on: [level], order_by: [{ timestamp: asc }]",
        "distinct_on: [level, name], order_by: [{ level: asc }]",
        "distinct_on: [level, name], order_by: [{ level: asc }, { timestamp: asc }]",
    ],
)
def test_distinct_on_must_be_what_order_by_begins_with(
    refuse: Ask, world: World, arguments: str
) -> None:
    error = refuse(f"{{ log({arguments}) {{ id }} }}")
    assert error["message"] == '"distinct_on" columns must match initial "order_by" columns'
    assert error["extensions"]["path"] == "$.selectionSet.log.args"


def test_the_leading_columns_may_come_in_any_order(ask: Ask, world: World) -> None:
    arguments = "distinct_on: [name, level], order_by: [{ level: asc }, { name: asc }, { id: asc }]"
    assert ask(f"{{ log({arguments}) {{ id }} }}")["log"]


def test_json_columns_sort_as_jsonb_does(ask: Ask, store: Rows) -> None:
    for text in ('{"a": 1}', "[1]", "true", "10", "9", '"z"', "null"):
        store.add("flow", parameters=text)
    data = ask("{ flow(order_by: { parameters: asc }) { parameters } }")
    assert [flow["parameters"] for flow in data["flow"]] == [None, "z", 9, 10, True, [1], {"a": 1}]


def test_rows_that_are_distinct_without_an_order_come_by_their_columns(
    ask: Ask, store: Rows
) -> None:
    for version in (2, None, 1, 2):
        store.add("flow", version=version)
    data = ask("{ flow(distinct_on: version) { version } }")
    assert [flow["version"] for flow in data["flow"]] == [1, 2, None]
