"""Values are spelled as PostgreSQL spells them in JSON, whatever the store holds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from .conftest import only_database, only_store
from .stores import micros, uid

if TYPE_CHECKING:
    from .conftest import Ask, World
    from .stores import Rows


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        (0, "1970-01-01T00:00:00+00:00"),
        (1_640_995_260_120_000, "2022-01-01T00:01:00.12+00:00"),
        (1_640_995_260_000_001, "2022-01-01T00:01:00.000001+00:00"),
        (1_640_995_260_100_000, "2022-01-01T00:01:00.1+00:00"),
        (-1, "1969-12-31T23:59:59.999999+00:00"),
        (-1_000_000, "1969-12-31T23:59:59+00:00"),
        (micros("9999-12-31T23:59:59.999999+00:00"), "9999-12-31T23:59:59.999999+00:00"),
        (None, None),
    ],
)
def test_times_have_no_trailing_zeros(ask: Ask, store: Rows, stored: int, shown: str) -> None:
    store.add("flow_run", heartbeat=stored)
    assert ask("{ flow_run { heartbeat } }")["flow_run"] == [{"heartbeat": shown}]


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        (0, "00:00:00"),
        (90_000_000, "00:01:30"),
        (86_400_000_000, "1 day"),
        (93_784_500_000, "1 day 02:03:04.5"),
        (172_800_000_000, "2 days"),
        (-10_000_000, "-00:00:10"),
        (-93_784_000_000, "-1 days -02:03:04"),
        (1, "00:00:00.000001"),
        (None, None),
    ],
)
def test_intervals(ask: Ask, store: Rows, stored: int, shown: str) -> None:
    store.add("task", retry_delay=stored)
    assert ask("{ task { retry_delay } }")["task"] == [{"retry_delay": shown}]


@pytest.mark.parametrize(
    "document", [{"a": [1, 2.5, None, True]}, [], "text", 7, False, {"ü": "\u2028\x01"}, 2**70]
)
def test_json_is_inlined(ask: Ask, store: Rows, document: object) -> None:
    store.add("flow", parameters=json.dumps(document))
    assert ask("{ flow { parameters } }")["flow"] == [{"parameters": document}]


@only_store
@pytest.mark.parametrize("broken", ["", "{", "NaN", "{'a': 1}", "nul", "\x00"])
def test_broken_json_is_null_and_spoils_nothing_else(ask: Ask, store: Rows, broken: str) -> None:
    flow = store.add("flow", name="f", parameters=broken, settings=broken)
    store.add("flow_run", flow_id=flow, parameters=broken)
    data = ask(
        "{ flow { name parameters settings flow_runs { parameters } } flow_run { flow { settings } } }"
    )
    assert data["flow"] == [
        {"name": "f", "parameters": None, "settings": None, "flow_runs": [{"parameters": None}]}
    ]
    assert ask("{ flow(where: { parameters: { _contains: {} } }) { id } }")["flow"] == []
    assert ask('{ flow(where: { parameters: { _has_key: "a" } }) { id } }')["flow"] == []
    assert ask('{ flow(order_by: { parameters: asc }) { parameters(path: "a") } }')["flow"]


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("who", {"name": "Ann", "tags": ["a", "b"]}),
        ("$.who.name", "Ann"),
        ("who.tags[1]", "b"),
        ("$", {"who": {"name": "Ann", "tags": ["a", "b"]}}),
        ("['who']['name']", "Ann"),
        ('[\\"who\\"].tags', ["a", "b"]),
        ("who.tags[9]", None),
        ("nobody.name", None),
    ],
)
def test_a_path_into_json(ask: Ask, world: World, path: str, shown: object) -> None:
    data = ask(f'{{ flow_run_by_pk(id: "{world.amber}") {{ context(path: "{path}") }} }}')
    assert data["flow_run_by_pk"]["context"] == shown


def test_a_path_that_is_none(refuse: Ask, world: World) -> None:
    error = refuse('{ flow_run { context(path: "a[") } }')
    assert error["extensions"]["code"] == "parse-failed"


def test_scalars(ask: Ask, world: World) -> None:
    data = ask(
        f'{{ flow_run_by_pk(id: "{world.birch}") {{ id version auto_scheduled agent_id end_time state_message }} }}'
    )
    run = data["flow_run_by_pk"]
    assert run["auto_scheduled"] is True
    assert run["version"] == 2
    assert run["end_time"] is None
    assert run["state_message"] == "100% wrong_"


def test_text_with_control_characters_survives(ask: Ask, store: Rows) -> None:
    text = "\x01\x1b[31m\"\\'\r\n\t\u2028🦊\ufeff"
    store.add("log", message=text)
    assert ask("{ log { message } }")["log"] == [{"message": text}]


@only_store
def test_a_store_holds_nul(ask: Ask, store: Rows) -> None:
    """A server's own database cannot."""
    store.add("log", message="\x00", info={"a": "\x00"})
    assert ask("{ log { message info } }")["log"] == [{"message": "\x00", "info": {"a": "\x00"}}]
    document = "query($text: String) { log(where: { message: { _eq: $text } }) { message } }"
    assert ask(document, {"text": "\x00"})["log"] == [{"message": "\x00"}]


@only_database
def test_a_database_refuses_nul(refuse: Ask) -> None:
    for where in ('{ message: { _eq: "\\u0000" } }', '{ info: { _eq: "\\u0000" } }'):
        error = refuse(f"{{ log(where: {where}) {{ id }} }}")
        assert error["extensions"]["code"] == "data-exception"


def test_more_members_than_a_function_takes_arguments(ask: Ask, world: World) -> None:
    """Databases limit the arguments of a function to about a hundred, which is fifty members."""
    members = " ".join(f"m{n}: name" for n in range(200))
    data = ask(
        f"{{ flow_run(limit: 1) {{ {members} labels flow {{ {members} project {{ name }} }} states {{ state }} }} }}"
    )
    [run] = data["flow_run"]
    assert list(run)[:3] == ["m0", "m1", "m2"]
    assert len(run) == 203
    assert run["m199"] == "amber"
    assert run["labels"] == ["prod", "eu"]
    assert run["flow"]["project"] == {"name": "orders"}


def test_dangling_ids_show_null(ask: Ask, store: Rows) -> None:
    store.add("flow_run", flow_id=uid(9_999))
    assert ask("{ flow_run { flow { name } agent { name } } }")["flow_run"] == [
        {"flow": None, "agent": None}
    ]
