"""The GraphQL schema that Prefect 1's clients see, derived from the tables: names and shapes as Hasura 2.1 gives them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from graphql import (
    GraphQLArgument,
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLField,
    GraphQLFloat,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInt,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLString,
)

from flowrun_widgets.gateway.tables import NUMERIC, ORDERED, TABLES, TRAVERSAL, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["AVERAGES", "OPERATORS", "TRAVERSALS", "build_schema"]

AVERAGES = (
    "avg",
    "stddev",
    "stddev_pop",
    "stddev_samp",
    "var_pop",
    "var_samp",
    "variance",
)
"""Aggregates over numbers that give a Float; `sum` keeps the column's scalar."""

TRAVERSALS = {
    "utility_downstream_tasks": ("upstream_task_id", "downstream_task_id"),
    "utility_upstream_tasks": ("downstream_task_id", "upstream_task_id"),
}
"""The tracked functions: from which end of an edge to which they walk."""

_COMPARISONS = ("_eq", "_neq", "_gt", "_gte", "_lt", "_lte")
_TEXT = (
    *("_like", "_nlike", "_ilike", "_nilike", "_similar", "_nsimilar"),
    *("_regex", "_nregex", "_iregex", "_niregex"),
)
OPERATORS: Mapping[str, tuple[str, ...]] = {
    "String": _TEXT,
    "jsonb": ("_contains", "_contained_in"),
}
"""The operators that only some scalars have, beside the ones that all have."""

type_of_order = GraphQLEnumType(
    "order_by",
    {
        name: name
        for name in (
            "asc",
            "asc_nulls_first",
            "asc_nulls_last",
            "desc",
            "desc_nulls_first",
            "desc_nulls_last",
        )
    },
    description="Column ordering. asc puts nulls last, desc puts them first.",
)

SCALARS: dict[str, GraphQLScalarType] = {
    "String": GraphQLString,
    "Int": GraphQLInt,
    "Boolean": GraphQLBoolean,
    **{name: GraphQLScalarType(name) for name in ("uuid", "timestamptz", "jsonb", "interval")},
}

Fields = dict[str, GraphQLField]
Inputs = dict[str, GraphQLInputField]


def _input(name: str, fields: Callable[[], Inputs]) -> GraphQLInputObjectType:
    return GraphQLInputObjectType(name, fields)


def _list(of: Any) -> GraphQLList[Any]:
    return GraphQLList(GraphQLNonNull(of))


@cache
def _comparison(scalar: str) -> GraphQLInputObjectType:
    kind = SCALARS[scalar]

    def fields() -> Inputs:
        own = {
            name: GraphQLInputField(kind) for name in (*_COMPARISONS, *OPERATORS.get(scalar, ()))
        }
        own |= {name: GraphQLInputField(_list(kind)) for name in ("_in", "_nin")}
        own["_is_null"] = GraphQLInputField(GraphQLBoolean)
        if scalar == "jsonb":
            own["_has_key"] = GraphQLInputField(GraphQLString)
            own["_has_keys_any"] = GraphQLInputField(_list(GraphQLString))
            own["_has_keys_all"] = GraphQLInputField(_list(GraphQLString))
            own["_cast"] = GraphQLInputField(
                _input(
                    "jsonb_cast_exp", lambda: {"String": GraphQLInputField(_comparison("String"))}
                )
            )
        return own

    return _input(f"{scalar}_comparison_exp", fields)


@cache
def _bool_exp(name: str) -> GraphQLInputObjectType:
    table = TABLES[name]

    def fields() -> Inputs:
        own = _bool_exp(name)
        relations = (*table.objects.values(), *table.arrays.values())
        return {
            "_and": GraphQLInputField(_list(own)),
            "_or": GraphQLInputField(_list(own)),
            "_not": GraphQLInputField(own),
            **{c.name: GraphQLInputField(_comparison(c.scalar)) for c in table.columns.values()},
            **{r.name: GraphQLInputField(_bool_exp(r.table)) for r in relations},
        }

    return _input(f"{name}_bool_exp", fields)


@cache
def _order_by(name: str) -> GraphQLInputObjectType:
    table = TABLES[name]

    def fields() -> Inputs:
        return {
            **{column: GraphQLInputField(type_of_order) for column in table.columns},
            **{r.name: GraphQLInputField(_order_by(r.table)) for r in table.objects.values()},
            **{
                f"{r.name}_aggregate": GraphQLInputField(_aggregate_order_by(r.table))
                for r in table.arrays.values()
            },
        }

    return _input(f"{name}_order_by", fields)


def _aggregated(table: Table) -> dict[str, list[tuple[str, Any]]]:
    """Return, by aggregate function, the columns that it is defined for and the type of its result."""
    ordered = [(c.name, SCALARS[c.scalar]) for c in table.with_scalars(ORDERED)]
    numbers = table.with_scalars(NUMERIC)
    functions: dict[str, list[tuple[str, Any]]] = {"max": ordered, "min": ordered}
    if numbers:
        functions["sum"] = [(c.name, SCALARS[c.scalar]) for c in numbers]
        functions |= {function: [(c.name, GraphQLFloat) for c in numbers] for function in AVERAGES}
    return functions


@cache
def _aggregate_order_by(name: str) -> GraphQLInputObjectType:
    inputs: Inputs = {"count": GraphQLInputField(type_of_order)}
    for function, columns in _aggregated(TABLES[name]).items():
        keys = {column: GraphQLInputField(type_of_order) for column, _ in columns}
        inputs[function] = GraphQLInputField(
            GraphQLInputObjectType(f"{name}_{function}_order_by", keys)
        )
    return GraphQLInputObjectType(f"{name}_aggregate_order_by", inputs)


@cache
def _select_column(name: str) -> GraphQLEnumType:
    columns = {column: column for column in TABLES[name].columns}
    return GraphQLEnumType(f"{name}_select_column", columns)


@cache
def _list_arguments(name: str) -> dict[str, GraphQLArgument]:
    return {
        "distinct_on": GraphQLArgument(_list(_select_column(name))),
        "limit": GraphQLArgument(GraphQLInt),
        "offset": GraphQLArgument(GraphQLInt),
        "order_by": GraphQLArgument(_list(_order_by(name))),
        "where": GraphQLArgument(_bool_exp(name)),
    }


def _list_fields(
    field: str, table: str, extra: Mapping[str, GraphQLArgument] | None = None
) -> Fields:
    arguments = {**(extra or {}), **_list_arguments(table)}
    return {
        field: GraphQLField(GraphQLNonNull(_list(_row(table))), arguments),
        f"{field}_aggregate": GraphQLField(GraphQLNonNull(_aggregate(table)), arguments),
    }


@cache
def _row(name: str) -> GraphQLObjectType:
    table = TABLES[name]

    def fields() -> Fields:
        own: Fields = {}
        for column in table.columns.values():
            kind = SCALARS[column.scalar]
            path = {"path": GraphQLArgument(GraphQLString)} if column.scalar == "jsonb" else None
            own[column.name] = GraphQLField(GraphQLNonNull(kind) if column.required else kind, path)
        for one in table.objects.values():
            own[one.name] = GraphQLField(_row(one.table))
        for many in table.arrays.values():
            own |= _list_fields(many.name, many.table)
        return own

    return GraphQLObjectType(name, fields)


@cache
def _aggregate(name: str) -> GraphQLObjectType:
    count = GraphQLField(
        GraphQLNonNull(GraphQLInt),
        {
            "columns": GraphQLArgument(_list(_select_column(name))),
            "distinct": GraphQLArgument(GraphQLBoolean),
        },
    )
    functions: Fields = {"count": count}
    for function, columns in _aggregated(TABLES[name]).items():
        results = {column: GraphQLField(kind) for column, kind in columns}
        functions[function] = GraphQLField(GraphQLObjectType(f"{name}_{function}_fields", results))
    return GraphQLObjectType(
        f"{name}_aggregate",
        lambda: {
            "aggregate": GraphQLField(GraphQLObjectType(f"{name}_aggregate_fields", functions)),
            "nodes": GraphQLField(GraphQLNonNull(_list(_row(name)))),
        },
    )


def _traversals() -> Fields:
    fields: Fields = {}
    ids = GraphQLScalarType("_uuid")
    for function in TRAVERSALS:
        inputs = {
            "start_task_ids": GraphQLInputField(ids),
            "depth_limit": GraphQLInputField(GraphQLInt),
        }
        kind = GraphQLInputObjectType(f"{function}_args", inputs)
        fields |= _list_fields(function, TRAVERSAL, {"args": GraphQLArgument(GraphQLNonNull(kind))})
    return fields


def _service() -> Fields:
    """Return the roots that Prefect's own service answers, and what its Cloud-only clients ask first."""
    json = GraphQLScalarType("JSON")
    identifier = GraphQLScalarType("UUID")

    def record(name: str, **fields: Any) -> GraphQLObjectType:
        return GraphQLObjectType(name, {key: GraphQLField(kind) for key, kind in fields.items()})

    text = GraphQLString
    by_task_run = {"task_run_id": GraphQLArgument(GraphQLNonNull(identifier))}
    info = record(
        "task_run_info_payload",
        id=identifier,
        flow_run_id=identifier,
        task_id=identifier,
        task_slug=text,
        version=GraphQLInt,
        state=text,
        serialized_state=json,
    )
    children = record(
        "mapped_children_payload", min_start_time=text, max_end_time=text, state_counts=json
    )
    api = record(
        "api_info", backend=text, mode=text, version=text, core_version=text, release_timestamp=text
    )
    return {
        "hello": GraphQLField(text),
        "reference_data": GraphQLField(
            record("reference_data", state_hierarchy=json, state_info=json)
        ),
        "api": GraphQLField(api),
        "mapped_children": GraphQLField(children, by_task_run),
        "get_task_run_info": GraphQLField(info, by_task_run),
        "auth_info": GraphQLField(record("auth_info", tenant_id=identifier)),
    }


@cache
def build_schema() -> GraphQLSchema:
    """Return the schema. There is no Mutation type: the gateway only reads."""
    fields: Fields = {}
    for table in TABLES.values():
        fields |= _list_fields(table.name, table.name)
        if table.has_id:
            key = GraphQLArgument(GraphQLNonNull(SCALARS["uuid"]))
            fields[f"{table.name}_by_pk"] = GraphQLField(_row(table.name), {"id": key})
    fields |= _traversals()
    fields |= _service()
    return GraphQLSchema(GraphQLObjectType("Query", fields))
