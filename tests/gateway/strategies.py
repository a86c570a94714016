"""Rows and documents at random, drawn from the tables and from the schema over them."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from flowrun_widgets.gateway.schema import AVERAGES, OPERATORS
from flowrun_widgets.gateway.tables import NUMERIC, ORDERED, TABLES, TRAVERSAL, Column, Table

from .stores import NOON, NOWHERE, uid

TEXTS = st.one_of(
    st.sampled_from(
        ["", "a", "ab", "abc", "A", "a%", "a_b", "\\", "a\nb", "é", "É", "🦊", "10", "9"]
    ),
    st.text("abAB%_\\\"'{}[]., \n\té🦊", max_size=5),
)
NUMBERS = st.sampled_from([-(2**31), -3, -1, 0, 1, 2, 3, 7, 2**31 - 1])
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.sampled_from([1.5, -0.25, 1e3, 2**40]), TEXTS
)
KEYS = st.sampled_from(["a", "b", "ab", "type"])
DOCUMENTS = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=5,
)
SECONDS = [0, 1, 1_000, 1_500_000, 60_000_000, 86_400_000_000, -1]
MOMENTS = st.sampled_from([NOON + second for second in SECONDS])
SPANS = st.sampled_from([0, 1, 500_000, 90_000_000, 86_400_000_000, 93_784_500_000, -10_000_000])
IDS = st.sampled_from([uid(number) for number in range(1, 14)])
PATTERNS = [
    "",
    "a",
    "^a",
    "a$",
    "a.c",
    "a|b",
    "[ab]+",
    "(ab)*c?",
    "[^a]",
    "^$",
    r"\\d+",
    r"\\.",
    "é",
]
"""Regular expressions that mean the same to PostgreSQL and to RE2."""
LIKES = ["", "%", "a%", "%b", "_", "a_c", "%a%b%", r"a\\%", r"\\_", "É%", "🦊"]
SIMILARS = ["", "%", "a%", "(a|b)%", "[ab]_", "a+", "(ab)?c"]
PATHS = ["a", "$.a", "a.b", "[0]", "a[1]", "type", "$"]
KNOWN = {
    "uuid": IDS,
    "String": TEXTS,
    "Int": NUMBERS,
    "Boolean": st.booleans(),
    "timestamptz": MOMENTS,
    "interval": SPANS,
    "jsonb": DOCUMENTS.map(lambda value: json.dumps(value, ensure_ascii=False)),
}
UNIQUE = {
    "tenant": ["slug"],
    "project": ["name"],
    "task": ["slug"],
    "task_run": ["map_index"],
    "flow_run": ["idempotency_key"],
}

_NAMES = [name for name in TABLES if name != TRAVERSAL]
_COMMON = ["flow", "task", "flow_run", "task_run", "log"]
TRACKED = st.sampled_from([*_COMMON, *_COMMON, *_COMMON, *_NAMES])

Row = tuple[str, dict[str, Any]]


@st.composite
def worlds(draw: st.DrawFn) -> list[Row]:
    """Return rows of any tables; what they point to is mostly there."""
    names = draw(st.lists(TRACKED, max_size=14))
    rows: list[Row] = []
    for number, name in enumerate(names, 1):
        row: dict[str, Any] = {}
        for column in TABLES[name].columns.values():
            if column.name == "id":
                continue
            if not column.required and draw(st.integers(0, 3)) == 0:
                row[column.name] = None
            elif column.name in UNIQUE.get(name, ()):
                row[column.name] = number if column.scalar == "Int" else f"s{number}"
            else:
                row[column.name] = draw(_pointing(column, names))
        if name == "edge":
            row["upstream_task_id"] = draw(_ids_of("task", names))
            row["downstream_task_id"] = uid(1_000 + number)
        rows.append((name, row))
    return rows


def _pointing(column: Column, names: list[str]) -> st.SearchStrategy[Any]:
    if column.scalar != "uuid":
        return KNOWN[column.scalar]
    return _ids_of(column.name.removesuffix("_id"), names)


def _ids_of(table: str, names: list[str]) -> st.SearchStrategy[str]:
    there = [uid(number) for number, name in enumerate(names, 1) if name == table]
    return st.sampled_from([*there, NOWHERE])


@st.composite
def documents(draw: st.DrawFn) -> str:
    """Return a document that the schema allows."""
    roots: list[str] = []
    for number in range(draw(st.integers(1, 2))):
        table = TABLES[draw(TRACKED)]
        kind = draw(st.sampled_from(["rows", "rows", "rows", "one", "aggregate", "walk"]))
        if kind == "one":
            body = draw(_selection(table, 2))
            roots.append(f'r{number}: {table.name}_by_pk(id: "{draw(IDS)}") {body}')
        elif kind == "walk":
            direction = draw(st.sampled_from(["up", "down"]))
            start = f'{{start_task_ids: "{{{draw(IDS)},{draw(IDS)}}}", depth_limit: {draw(st.integers(0, 3))}}}'
            body = draw(_selection(TABLES[TRAVERSAL], 1))
            given = draw(_arguments(TABLES[TRAVERSAL], f"args: {start}"))
            roots.append(f"r{number}: utility_{direction}stream_tasks{given} {body}")
        elif kind == "aggregate":
            body = draw(_aggregate(table, 1))
            roots.append(f"r{number}: {table.name}_aggregate{draw(_arguments(table))} {body}")
        else:
            body = draw(_selection(table, 2))
            roots.append(f"r{number}: {table.name}{draw(_arguments(table))} {body}")
    return "{ " + " ".join(roots) + " }"


@st.composite
def _selection(draw: st.DrawFn, table: Table, depth: int) -> str:
    fields: list[str] = []
    names = draw(st.lists(st.sampled_from(list(table.columns)), min_size=1, max_size=5))
    for name in [*names, *draw(st.lists(st.just("__typename"), max_size=1))]:
        path = ""
        if name != "__typename" and table.columns[name].scalar == "jsonb" and draw(st.booleans()):
            path = f'(path: "{draw(st.sampled_from(PATHS))}")'
        fields.append(f"{name}{path}")
    if depth and table.objects and draw(st.booleans()):
        relation = draw(st.sampled_from(list(table.objects.values())))
        fields.append(f"{relation.name} {draw(_selection(TABLES[relation.table], depth - 1))}")
    for _ in range(draw(st.integers(0, 2)) if depth and table.arrays else 0):
        many = draw(st.sampled_from(list(table.arrays.values())))
        there = TABLES[many.table]
        given = draw(_arguments(there))
        if draw(st.integers(0, 2)):
            fields.append(f"{many.name}{given} {draw(_selection(there, depth - 1))}")
        else:
            fields.append(f"{many.name}_aggregate{given} {draw(_aggregate(there, depth - 1))}")
    # Aliases, since the same field with other arguments would be a conflict.
    return "{ " + " ".join(f"f{number}: {field}" for number, field in enumerate(fields)) + " }"


@st.composite
def _aggregate(draw: st.DrawFn, table: Table, depth: int) -> str:
    parts = ["t: __typename"]
    for number in range(draw(st.integers(1, 3))):
        function = draw(st.sampled_from(["count", "max", "min", "sum", *AVERAGES[:1], *AVERAGES]))
        columns = [
            c.name for c in table.with_scalars(ORDERED if function in {"max", "min"} else NUMERIC)
        ]
        if function == "count" or not columns:
            given = draw(st.lists(st.sampled_from(list(table.columns)), max_size=2, unique=True))
            listed = f"columns: [{' '.join(given)}]" if given else ""
            distinct = draw(st.sampled_from(["", "distinct: true"]))
            asked = " ".join(filter(None, [listed, distinct]))
            parts.append(f"a{number}: count{f'({asked})' if asked else ''}")
        else:
            chosen = draw(st.lists(st.sampled_from(columns), min_size=1, max_size=3, unique=True))
            parts.append(f"a{number}: {function} {{ {' '.join(chosen)} }}")
    nodes = f" nodes {draw(_selection(table, depth))}" if draw(st.booleans()) else ""
    return f"{{ aggregate {{ {' '.join(parts)} }}{nodes} }}"


@st.composite
def _arguments(draw: st.DrawFn, table: Table, first: str = "") -> str:
    given = [first] if first else []
    distinct: list[str] = []
    if draw(st.integers(0, 4)) == 0:
        comparable = [c.name for c in table.columns.values()]
        distinct = draw(st.lists(st.sampled_from(comparable), min_size=1, max_size=2, unique=True))
        given.append(f"distinct_on: [{' '.join(distinct)}]")
    if draw(st.booleans()):
        leading = [f"{{{name}: {draw(DIRECTIONS)}}}" for name in distinct]
        order = [*leading, *draw(st.lists(_order(table, 1), max_size=2))]
        given.append(f"order_by: [{' '.join(order)}]")
    if draw(st.integers(0, 2)) == 0:
        given.append(f"where: {draw(_where(table, 2))}")
    given += [
        f"{name}: {draw(st.integers(0, 4))}"
        for name in ("limit", "offset")
        if draw(st.integers(0, 3)) == 0
    ]
    return f"({', '.join(given)})" if given else ""


DIRECTIONS = st.sampled_from(
    ["asc", "desc", "asc_nulls_first", "asc_nulls_last", "desc_nulls_first", "desc_nulls_last"]
)


@st.composite
def _order(draw: st.DrawFn, table: Table, depth: int) -> str:
    kind = draw(st.integers(0, 3)) if depth else 0
    if kind == 1 and table.objects:
        relation = draw(st.sampled_from(list(table.objects.values())))
        return f"{{{relation.name}: {draw(_order(TABLES[relation.table], 0))}}}"
    if kind == 2 and table.arrays:
        many = draw(st.sampled_from(list(table.arrays.values())))
        ordered = TABLES[many.table].with_scalars(ORDERED)
        inner = f"count: {draw(DIRECTIONS)}"
        if draw(st.booleans()):
            column = draw(st.sampled_from(ordered)).name
            inner = f"{draw(st.sampled_from(['max', 'min']))}: {{{column}: {draw(DIRECTIONS)}}}"
        return f"{{{many.name}_aggregate: {{{inner}}}}}"
    names = draw(st.lists(st.sampled_from(list(table.columns)), max_size=2, unique=True))
    return "{" + ", ".join(f"{name}: {draw(DIRECTIONS)}" for name in names) + "}"


@st.composite
def _where(draw: st.DrawFn, table: Table, depth: int) -> str:
    demands: dict[str, str] = {}
    for _ in range(draw(st.integers(0, 2))):
        column = draw(st.sampled_from(list(table.columns.values())))
        demands[column.name] = draw(_comparison(column.scalar))
    if depth and draw(st.booleans()):
        kind = draw(st.sampled_from(["_and", "_or", "_not", "relation", "relation"]))
        relations = [*table.objects.values(), *table.arrays.values()]
        if kind == "_not":
            demands[kind] = draw(_where(table, depth - 1))
        elif kind != "relation":
            demands[kind] = f"[{' '.join(draw(st.lists(_where(table, depth - 1), max_size=3)))}]"
        elif relations:
            relation = draw(st.sampled_from(relations))
            demands[relation.name] = draw(_where(TABLES[relation.table], depth - 1))
    return "{" + ", ".join(f"{name}: {demand}" for name, demand in demands.items()) + "}"


@st.composite
def _comparison(draw: st.DrawFn, scalar: str) -> str:
    plain = ["_eq", "_neq", "_gt", "_gte", "_lt", "_lte", "_in", "_nin", "_is_null"]
    extra = list(OPERATORS.get(scalar, ()))
    if scalar == "jsonb":
        extra += ["_has_key", "_has_keys_any", "_has_keys_all", "_cast"]
    operator = draw(st.sampled_from([*plain, *extra]))
    literal = _literals(scalar)
    match operator:
        case "_is_null":
            value = draw(st.sampled_from(["true", "false", "null"]))
        case "_in" | "_nin":
            value = f"[{' '.join(draw(st.lists(literal, max_size=3)))}]"
        case "_has_key":
            value = _quoted(draw(KEYS | TEXTS))
        case "_has_keys_any" | "_has_keys_all":
            value = f"[{' '.join(map(_quoted, draw(st.lists(KEYS, max_size=2))))}]"
        case "_cast":
            value = f"{{String: {draw(_comparison('String'))}}}"
        case _ if "like" in operator:
            value = f'"{draw(st.sampled_from(LIKES))}"'
        case _ if "similar" in operator:
            value = f'"{draw(st.sampled_from(SIMILARS))}"'
        case _ if "regex" in operator:
            value = f'"{draw(st.sampled_from(PATTERNS))}"'
        case _:
            value = draw(literal | st.just("null"))
    return f"{{{operator}: {value}}}"


def _literals(scalar: str) -> st.SearchStrategy[str]:
    match scalar:
        case "timestamptz":
            return st.sampled_from(
                [
                    '"2022-01-01T12:00:00+00:00"',
                    '"2022-01-01 13:00:01.5+01"',
                    '"2022-01-02"',
                    '"infinity"',
                ]
            )
        case "interval":
            return st.sampled_from(
                ['"1 day"', '"00:01:30"', '"24:00:00"', '"-10 seconds"', '"PT0.5S"']
            )
        case "jsonb":
            return DOCUMENTS.filter(lambda value: value is not None).map(_written)
        case "String":
            return TEXTS.map(_quoted)
        case _:
            return KNOWN[scalar].map(json.dumps)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _written(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_written(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_written, value)) + "]"
    return _quoted(value)
