"""How conditions combine, what null means in them, and how they reach through relations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from flowrun_widgets.gateway import Gateway

    from .conftest import Ask, World


def runs(ask: Ask, where: str) -> list[str]:
    return [run["name"] for run in ask(f"{{ flow_run(where: {where}) {{ name }} }}")["flow_run"]]


EVERY = ["amber", "birch", "cedar"]


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    ("where", "names"),
    [
        ("{}", EVERY),
        ("null", EVERY),
        ("{ _and: [] }", EVERY),
        ("{ _or: [] }", []),
        ("{ _not: {} }", []),
        ('{ name: { _gt: "a", _lt: "b" } }', ["amber"]),
        ('{ name: { _gt: "b" }, state: { _eq: "Failed" } }', ["birch"]),
        ('{ _or: [{ name: { _eq: "amber" } }, { state: { _eq: "Failed" } }] }', ["amber", "birch"]),
        ('{ _or: { name: { _eq: "amber" }, state: { _eq: "Failed" } } }', []),
        ('{ _and: { name: { _eq: "amber" } } }', ["amber"]),
        ('{ _not: { name: { _eq: "amber" } } }', ["birch", "cedar"]),
        (
            '{ _and: [{ _not: { name: { _eq: "amber" } } }, { _or: [{ version: { _eq: 1 } }] }] }',
            ["cedar"],
        ),
        ('{ state_message: { _neq: "x" } }', ["amber", "birch"]),
        ('{ _not: { state_message: { _eq: "x" } } }', ["amber", "birch"]),
    ],
)
def test_logic(ask: Ask, where: str, names: list[str]) -> None:
    assert runs(ask, where) == names


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    "where",
    [
        "{ name: { _eq: null } }",
        "{ name: { _neq: null } }",
        "{ name: { _in: null } }",
        "{ name: { _is_null: null } }",
        "{ name: null }",
        "{ _and: null }",
        "{ _or: null }",
        "{ _not: null }",
        "{ flow: null }",
        "{ parameters: { _contains: null, _has_key: null, _cast: null } }",
        "{ _and: [{ name: { _eq: null } }, { id: { _gt: null } }] }",
        "{ flow: { project: { name: { _eq: null } } } }",
    ],
)
def test_whatever_is_null_demands_nothing(ask: Ask, where: str) -> None:
    assert runs(ask, where) == EVERY


def test_null_may_come_by_a_variable(ask: Ask, world: World) -> None:
    document = "query($name: String, $id: uuid) { flow_run(where: {name: {_eq: $name}, id: {_eq: $id}}) { name } }"
    assert len(ask(document, {"name": None, "id": None})["flow_run"]) == 3
    assert len(ask(document)["flow_run"]) == 3
    assert len(ask(document, {"id": world.amber})["flow_run"]) == 1


def test_null_collapse_below_not_denies_everything(ask: Ask, world: World) -> None:
    assert runs(ask, "{ _not: { name: { _eq: null } } }") == []


def test_an_empty_object_relation_means_that_the_row_is_there(ask: Ask, world: World) -> None:
    orphan = "{ agent: {} }"
    assert runs(ask, orphan) == EVERY
    assert ask("{ flow(where: { tenant: {}, project: { name: { _eq: null } } }) { name } }")["flow"]
    assert ask("{ agent(where: { agent_config: { name: { _eq: null } } }) { id } }")["agent"]
    assert ask("{ task(where: { _not: { flow: {} } }) { id } }")["task"] == []


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    ("where", "names"),
    [
        ('{ flow: { project: { name: { _eq: "orders" } } } }', EVERY),
        ('{ flow: { project: { name: { _eq: "empty" } } } }', []),
        ('{ logs: { level: { _eq: "ERROR" } } }', ["amber"]),
        ("{ logs: {} }", ["amber", "birch"]),
        ("{ _not: { logs: {} } }", ["cedar"]),
        ('{ task_runs: { task: { slug: { _eq: "clean-1" } }, map_index: { _eq: 1 } } }', ["amber"]),
        ('{ task_runs: { logs: { message: { _eq: "message 1" } } } }', ["amber"]),
        (
            '{ flow: { tasks: { downstream_edges: { downstream_task: { name: { _eq: "report" } } } } } }',
            EVERY,
        ),
        (
            '{ flow: { flow_runs: { state: { _eq: "Failed" } } }, name: { _eq: "cedar" } }',
            ["cedar"],
        ),
    ],
)
def test_relations(ask: Ask, where: str, names: list[str]) -> None:
    assert runs(ask, where) == names


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    "text",
    [
        "'; drop table flow_run; --",
        '" or 1=1 --',
        "\\",
        "%",
        "{{7*7}}",
        ":name ?1 $1 %s",
        "🦊\u2028",
    ],
)
def test_hostile_text_is_only_text(ask: Ask, store, text: str) -> None:
    document = "query($text: String) { flow_run(where: {name: {_eq: $text}}) { name } }"
    assert ask(document, {"text": text})["flow_run"] == []
    store.add("flow_run", name=text)
    assert ask(document, {"text": text})["flow_run"] == [{"name": text}]
    assert len(ask("{ flow_run { id } }")["flow_run"]) == 4


def test_lone_surrogates_are_refused(refuse: Ask, world: World) -> None:
    error = refuse(
        "query($t: String) { flow_run(where: {name: {_eq: $t}}) { id } }", {"t": "\ud800"}
    )
    assert error["extensions"]["code"] == "data-exception"


def test_alternatives_may_be_many(ask: Ask, world: World) -> None:
    for operator, count in (("_or", 1), ("_and", 0)):
        each = ", ".join(
            f'{{ name: {{ _eq: "{name}" }} }}' for name in ("amber", *map(str, range(3000)))
        )
        assert len(runs(ask, f"{{ {operator}: [{each}] }}")) == count


@pytest.mark.parametrize("depth", [50, 400, 5000])
def test_conditions_nested_without_end_are_refused_or_answered(
    gateway: Gateway, world: World, depth: int
) -> None:
    where: dict[str, object] = {}
    for _ in range(depth):
        where = {"_not": where, "name": {"_is_null": False}}
    answer = gateway.query(
        "query($w: flow_run_bool_exp) { flow_run(where: $w) { id } }", {"w": where}
    )
    assert answer.keys() & {"data", "errors"}


def test_tasks_on_the_way_have_their_tenants_id(ask: Ask, world: World) -> None:
    document = (
        f'{{ utility_downstream_tasks(args: {{ start_task_ids: "{{{world.load}}}" }}, '
        f'where: {{ tenant_id: {{ _eq: "{world.tenant}" }} }}) {{ depth tenant_id }} }}'
    )
    found = ask(document)["utility_downstream_tasks"]
    assert sorted(row["depth"] for row in found) == [0, 1, 2]
    assert {row["tenant_id"] for row in found} == {world.tenant}
