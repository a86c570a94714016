"""Variables, fragments, aliases, directives, several operations, and asking for the schema."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from graphql import build_client_schema, get_introspection_query

if TYPE_CHECKING:
    from flowrun_widgets.gateway import Gateway

    from .conftest import Ask, World

BY_NAME = "query($name: String) { flow_run(where: { name: { _eq: $name } }) { name } }"


def body(gateway: Gateway, document: str, variables: Any) -> Any:
    return json.loads(b"".join(gateway.execute(document, variables).body))


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    ("variables", "count"),
    [
        ({"name": "amber"}, 1),
        ('{"name": "amber"}', 1),
        ("null", 3),
        ("", 3),
        (None, 3),
        ({}, 3),
        ("{}", 3),
    ],
)
def test_variables_are_an_object_or_its_json_text_or_nothing(
    gateway: Gateway, variables: Any, count: int
) -> None:
    assert len(body(gateway, BY_NAME, variables)["data"]["flow_run"]) == count


def test_variables_of_every_kind(ask: Ask, world: World) -> None:
    document = (
        "query($where: flow_run_bool_exp!, $by: [flow_run_order_by!], $limit: Int = 2, $ids: [uuid!], "
        "$path: String, $direction: order_by = desc, $with: Boolean!) { "
        "flow_run(where: { _and: [$where, { id: { _in: $ids } }] }, order_by: $by, limit: $limit) "
        "{ name context(path: $path) logs(order_by: { message: $direction }, limit: 1) @include(if: $with) { message } } }"
    )
    variables = {
        "where": {"flow": {"name": {"_eq": "nightly"}}},
        "by": {"name": "asc"},
        "ids": [world.amber, world.birch, world.cedar],
        "path": "who.name",
        "with": True,
    }
    data = ask(document, variables)
    assert data["flow_run"] == [
        {"name": "amber", "context": "Ann", "logs": [{"message": "message 3"}]},
        {"name": "birch", "context": None, "logs": [{"message": "other run"}]},
    ]
    one = ask(document, {**variables, "ids": world.cedar, "with": False})
    assert one["flow_run"] == [{"name": "cedar", "context": None}]


def test_variables_inside_json_literals(ask: Ask, world: World) -> None:
    document = "query($day: jsonb) { flow_run(where: { parameters: { _contains: { day: $day } } }) { name } }"
    assert ask(document, {"day": "2022-01-01"})["flow_run"] == [{"name": "amber"}]


def test_fragments_aliases_and_merged_fields(ask: Ask, world: World) -> None:
    data = ask(
        "query Q { first: flow_run(limit: 1, order_by: { name: asc }) { ...Run ... on flow_run { flow { version } } "
        "... { called: name } } last: flow_run(limit: 1, order_by: { name: desc }) { ...Run } } "
        "fragment Run on flow_run { name flow { ...Flow } } fragment Flow on flow { name }"
    )
    assert data == {
        "first": [{"name": "amber", "flow": {"name": "nightly", "version": 2}, "called": "amber"}],
        "last": [{"name": "cedar", "flow": {"name": "nightly"}}],
    }


@pytest.mark.parametrize("wanted", [True, False])
def test_include_and_skip(ask: Ask, world: World, wanted: bool) -> None:
    data = ask(
        "query($w: Boolean!) { flow_run(limit: 1) { id name @include(if: $w) state @skip(if: $w) "
        "... @include(if: $w) { version } ...F @skip(if: $w) } tenant @include(if: $w) { id } } "
        "fragment F on flow_run { labels }",
        {"w": wanted},
    )
    expected = {"id", "name", "version"} if wanted else {"id", "state", "labels"}
    assert set(data["flow_run"][0]) == expected
    assert ("tenant" in data) is wanted


def test_typenames(ask: Ask, world: World) -> None:
    data = ask(
        "{ __typename flow_run(limit: 1) { __typename flow { __typename } logs { __typename } "
        "logs_aggregate { __typename aggregate { max { __typename } } } } }"
    )
    assert data["__typename"] == "Query"
    assert data["flow_run"] == [
        {
            "__typename": "flow_run",
            "flow": {"__typename": "flow"},
            "logs": [{"__typename": "log"}] * 4,
            "logs_aggregate": {
                "__typename": "log_aggregate",
                "aggregate": {"max": {"__typename": "log_max_fields"}},
            },
        }
    ]


def test_members_come_in_the_order_they_are_asked_for(ask: Ask, world: World) -> None:
    data = ask("{ b: hello flow_run { name logs { message level } id } a: hello }")
    assert list(data) == ["b", "flow_run", "a"]
    assert list(data["flow_run"][0]) == ["name", "logs", "id"]
    assert list(data["flow_run"][0]["logs"][0]) == ["message", "level"]


def test_the_operation_is_picked_by_name(gateway: Gateway, world: World) -> None:
    document = "query A { tenant { id } } query B { hello }"
    assert gateway.query(document, None, "B")["data"] == {"hello": "👋"}


def test_graphql_tools_can_read_the_schema(ask: Ask) -> None:
    schema = build_client_schema(ask(get_introspection_query(descriptions=True)))
    assert schema.query_type is not None
    assert schema.query_type.name == "Query"
    assert schema.mutation_type is None
    assert schema.subscription_type is None


def test_introspection_beside_data_with_aliases_and_variables(ask: Ask, world: World) -> None:
    data = ask(
        "query($name: String!) { kind: __type(name: $name) { name ...T } tenant { slug } } "
        "fragment T on __Type { kind }",
        {"name": "order_by"},
    )
    assert data == {"kind": {"name": "order_by", "kind": "ENUM"}, "tenant": [{"slug": "acme"}]}
