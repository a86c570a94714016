"""What each comparison operator finds, type by type."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Ask
    from .stores import Rows

NAMES = ["alpha", "Alpha", "a%c", "a_c", "abc", "line\nfeed", "", None]


@pytest.fixture
def named(store: Rows) -> None:
    for name in NAMES:
        store.add("task", name=name)


def found(ask: Ask, condition: str, column: str = "name", table: str = "task") -> list[object]:
    return [row[column] for row in ask(f"{{ {table}(where: {condition}) {{ {column} }} }}")[table]]


@pytest.mark.usefixtures("named")
@pytest.mark.parametrize(
    ("operator", "names"),
    [
        ('_eq: "abc"', ["abc"]),
        ('_neq: "abc"', ["alpha", "Alpha", "a%c", "a_c", "line\nfeed", ""]),
        ('_gt: "abc"', ["alpha", "line\nfeed"]),
        ('_gte: "abc"', ["alpha", "abc", "line\nfeed"]),
        ('_lt: "a"', ["Alpha", ""]),
        ('_lte: "a%c"', ["Alpha", "a%c", ""]),
        ('_in: ["abc", "Alpha", "zz"]', ["Alpha", "abc"]),
        ('_in: "abc"', ["abc"]),
        ("_in: []", []),
        ('_nin: ["abc", "Alpha"]', ["alpha", "a%c", "a_c", "line\nfeed", ""]),
        ("_is_null: true", [None]),
        ("_is_null: false", NAMES[:-1]),
        ('_like: "a%"', ["alpha", "a%c", "a_c", "abc"]),
        ('_like: "a_c"', ["a%c", "a_c", "abc"]),
        ('_like: "a\\\\%c"', ["a%c"]),
        ('_like: "a\\\\_c"', ["a_c"]),
        ('_like: "line%feed"', ["line\nfeed"]),
        ('_nlike: "a%"', ["Alpha", "line\nfeed", ""]),
        ('_ilike: "ALPHA"', ["alpha", "Alpha"]),
        ('_nilike: "%A%"', ["line\nfeed", ""]),
        ('_similar: "a(b|%)c"', ["a%c", "a_c", "abc"]),
        ('_similar: "(a|A)lpha"', ["alpha", "Alpha"]),
        ('_similar: "lph"', []),
        ('_nsimilar: "a%"', ["Alpha", "line\nfeed", ""]),
        ('_regex: "^a.c$"', ["a%c", "a_c", "abc"]),
        ('_regex: "lph"', ["alpha", "Alpha"]),
        ('_regex: "e.f"', ["line\nfeed"]),
        ('_regex: "\\\\yfeed\\\\y"', ["line\nfeed"]),
        ('_nregex: "a"', ["line\nfeed", ""]),
        ('_iregex: "^ALPHA$"', ["alpha", "Alpha"]),
        ('_niregex: "a|e"', [""]),
    ],
)
def test_text(ask: Ask, operator: str, names: list[str | None]) -> None:
    assert found(ask, f"{{ name: {{ {operator} }} }}") == names


@pytest.mark.parametrize(
    ("operator", "versions"),
    [
        ("_eq: 2", [2]),
        ("_neq: 2", [1, 3]),
        ("_gt: 1", [2, 3]),
        ("_gte: 2", [2, 3]),
        ("_lt: 2", [1]),
        ("_lte: 2", [1, 2]),
        ("_in: [3, 1]", [1, 3]),
        ("_nin: [3, 1]", [2]),
        ("_nin: []", [1, 2, 3, None]),
        ("_is_null: true", [None]),
        ("_gt: 1, _lt: 3", [2]),
    ],
)
def test_numbers(ask: Ask, store: Rows, operator: str, versions: list[int | None]) -> None:
    for version in (1, 2, 3, None):
        store.add("flow", version=version)
    assert found(ask, f"{{ version: {{ {operator} }} }}", "version", "flow") == versions


def test_booleans(ask: Ask, store: Rows) -> None:
    store.add("flow", name="old", archived=1)
    store.add("flow", name="new", archived=0)
    assert found(ask, "{ archived: { _eq: true } }", "name", "flow") == ["old"]
    assert found(ask, "{ archived: { _neq: true } }", "name", "flow") == ["new"]
    assert found(ask, "{ archived: { _in: [true, false] } }", "name", "flow") == ["old", "new"]


@pytest.mark.parametrize(
    "spelled",
    [
        "2022-01-01T00:00:01.5+00:00",
        "2022-01-01T00:00:01.500000Z",
        "2022-01-01 00:00:01.5",
        "2022-01-01T01:00:01.5+01:00",
        "2022-01-01 01:00:01.5+01",
        "2021-12-31T19:00:01.5-05:00",
    ],
)
def test_times_are_moments_however_they_are_spelled(ask: Ask, store: Rows, spelled: str) -> None:
    for at in (1_640_995_201_500_000, 1_640_995_201_500_001):
        store.add("log", timestamp=at)
    where = f'{{ log(where: {{ timestamp: {{ _eq: "{spelled}" }} }}) {{ timestamp }} }}'
    assert ask(where)["log"] == [{"timestamp": "2022-01-01T00:00:01.5+00:00"}]


def test_times_compare(ask: Ask, store: Rows) -> None:
    for second in range(3):
        store.add("log", timestamp=1_640_995_200_000_000 + second * 1_000_000, message=str(second))
    assert found(ask, '{ timestamp: { _gt: "2022-01-01T00:00:01Z" } }', "message", "log") == ["2"]
    assert found(ask, '{ timestamp: { _lte: "2022-01-01" } }', "message", "log") == ["0"]
    assert found(ask, '{ timestamp: { _lt: "now" } }', "message", "log") == ["0", "1", "2"]
    assert found(ask, '{ timestamp: { _lt: "infinity" } }', "message", "log") == ["0", "1", "2"]


@pytest.mark.parametrize(
    "spelled",
    [
        "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
        "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11",
        "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}",
        "a0eebc999c0b4ef8bb6d6bb9bd380a11",
        "a0ee-bc99-9c0b-4ef8-bb6d-6bb9-bd38-0a11",
    ],
)
def test_ids_are_found_in_every_spelling_that_postgresql_takes(
    ask: Ask, store: Rows, spelled: str
) -> None:
    store.add("task", id="a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", name="it")
    store.add("task", name="other")
    assert found(ask, f'{{ id: {{ _eq: "{spelled}" }} }}') == ["it"]
    assert found(ask, f'{{ id: {{ _in: ["{spelled}"] }} }}') == ["it"]
    assert found(ask, f'{{ id: {{ _nin: ["{spelled}"] }} }}') == ["other"]


@pytest.mark.parametrize(
    ("operator", "names"),
    [
        ('_eq: "1 day"', ["day"]),
        ('_eq: "24:00:00"', ["day"]),
        ('_gt: "90 seconds"', ["day"]),
        ('_lte: "00:01:30"', ["short"]),
        ('_eq: "PT1M30S"', ["short"]),
        ('_in: ["1 minute 30 seconds"]', ["short"]),
    ],
)
def test_intervals(ask: Ask, store: Rows, operator: str, names: list[str]) -> None:
    store.add("task", name="short", retry_delay=90_000_000)
    store.add("task", name="day", retry_delay=86_400_000_000)
    assert found(ask, f"{{ retry_delay: {{ {operator} }} }}") == names


DOCUMENTS = {
    "object": {"a": 1, "b": {"c": [1, 2, {"d": None}]}},
    "list": ["x", "y", 1.5],
    "text": "x",
    "number": 7,
    "empty": {},
}


@pytest.mark.parametrize(
    ("operator", "names"),
    [
        ("_contains: { a: 1 }", ["object"]),
        ("_contains: { a: 1.0 }", ["object"]),
        ("_contains: { b: { c: [2] } }", ["object"]),
        ("_contains: { b: { c: [{ d: null }] } }", ["object"]),
        ("_contains: { b: { c: 2 } }", []),
        ('_contains: ["x"]', ["list"]),
        ('_contains: "x"', ["list", "text"]),
        ("_contains: {}", ["object", "empty"]),
        ("_contained_in: { a: 1, z: 2 }", ["empty"]),
        ('_contained_in: ["x", "y", 1.5, 2]', ["list", "text"]),
        ('_has_key: "a"', ["object"]),
        ('_has_key: "x"', ["list", "text"]),
        ('_has_keys_any: ["a", "y"]', ["object", "list"]),
        ('_has_keys_all: ["a", "b"]', ["object"]),
        ('_has_keys_all: "x"', ["list", "text"]),
        ("_has_keys_any: []", []),
        ("_eq: { b: { c: [1, 2, { d: null }] }, a: 1 }", ["object"]),
        ("_eq: 7.0", ["number"]),
        ("_in: [7, {}]", ["number", "empty"]),
        ("_nin: [7, {}]", ["object", "list", "text"]),
        ("_gt: 7", ["object", "list", "empty"]),
        ("_is_null: true", ["none"]),
        ('_cast: { String: { _like: "%\\"a\\": 1%" } }', ["object"]),
        (
            '_cast: { String: { _eq: "{\\"a\\": 1, \\"b\\": {\\"c\\": [1, 2, {\\"d\\": null}]}}" } }',
            ["object"],
        ),
    ],
)
def test_json(ask: Ask, store: Rows, operator: str, names: list[str]) -> None:
    for name, document in DOCUMENTS.items():
        store.add("flow", name=name, settings={}, parameters=json.dumps(document))
    store.add("flow", name="none", parameters=None)
    assert found(ask, f"{{ parameters: {{ {operator} }} }}", "name", "flow") == names


def test_an_empty_key_list_is_held_by_every_document(ask: Ask, store: Rows) -> None:
    store.add("flow", name="some", parameters={"a": 1})
    assert found(ask, "{ parameters: { _has_keys_all: [] } }", "name", "flow") == ["some"]


def test_a_list_of_many_thousand_ids_is_one_parameter(ask: Ask, store: Rows) -> None:
    last = ""
    for _ in range(3):
        last = store.add("task", name="t")
    ids = ", ".join(f'"{n:032x}"' for n in range(3, 40_003))
    assert ask(f"{{ task(where: {{ id: {{ _in: [{ids}] }} }}) {{ id }} }}")["task"] == [
        {"id": last}
    ]
