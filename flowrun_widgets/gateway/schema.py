"""The GraphQL schema that Prefect 1's clients see, derived from the tables: names and types as in Hasura 2.1."""

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

from flowrun_widgets.gateway.tables import NUMERIC, ORDERED, TABLES, TRAVERSAL, Table, has_columns

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
"""Aggregates over numbers that return a Float; `sum` keeps the column's scalar."""

TRAVERSALS = {
    "utility_downstream_tasks": ("upstream_task_id", "downstream_task_id"),
    "utility_upstream_tasks": ("downstream_task_id", "upstream_task_id"),
}
"""The tracked functions, with the ends of an edge that they walk from and to."""

TRAVERSED = {
    "task": ("tenant_id",),
    "edge": ("tenant_id", "upstream_task_id", "downstream_task_id"),
    TRAVERSAL: (),
}
"""The columns that the tracked functions read."""

SERVICE_NEEDS: dict[str, dict[str, tuple[str, ...]]] = {
    "auth_info": {"tenant": ("created",)},
    "mapped_children": {
        "task_run": ("flow_run_id", "task_id", "map_index", "state", "start_time", "end_time")
    },
    "get_task_run_info": {
        "task": ("slug",),
        "task_run": ("flow_run_id", "task_id", "version", "state", "serialized_state"),
    },
}
"""The columns that some of the service's root fields read; a database without one has no such root field."""

_COMPARISONS = ("_eq", "_neq", "_gt", "_gte", "_lt", "_lte")
_TEXT = (
    *("_like", "_nlike", "_ilike", "_nilike", "_similar", "_nsimilar"),
    *("_regex", "_nregex", "_iregex", "_niregex"),
)
OPERATORS: Mapping[str, tuple[str, ...]] = {
    "String": _TEXT,
    "jsonb": ("_contains", "_contained_in"),
}
"""The operators that only some scalars have, in addition to those that all have."""

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


def _list(of: Any) -> GraphQLList[Any]:
    return GraphQLList(GraphQLNonNull(of))


class _Types:
    """The types of one schema, each created when it is first needed."""

    def __init__(self, tables: Mapping[str, Table]) -> None:
        self._tables = tables
        self._made: dict[str, Any] = {}

    def query(self) -> GraphQLObjectType:
        """Return the root type."""
        fields: Fields = {}
        for table in self._tables.values():
            fields |= self._list_fields(table.name, table.name)
            if table.has_id:
                key = GraphQLArgument(GraphQLNonNull(SCALARS["uuid"]))
                fields[f"{table.name}_by_pk"] = GraphQLField(self._row(table.name), {"id": key})
        if has_columns(self._tables, TRAVERSED):
            fields |= self._traversals()
        service = _service()
        for root, needed in SERVICE_NEEDS.items():
            if not has_columns(self._tables, needed):
                del service[root]
        return GraphQLObjectType("Query", {**fields, **service})

    def _once(self, name: str, make: Callable[[], Any]) -> Any:
        if name not in self._made:
            self._made[name] = make()
        return self._made[name]

    def _input(self, name: str, fields: Callable[[], Inputs]) -> GraphQLInputObjectType:
        return self._once(name, lambda: GraphQLInputObjectType(name, fields))

    def _comparison(self, scalar: str) -> GraphQLInputObjectType:
        kind = SCALARS[scalar]

        def fields() -> Inputs:
            own = {
                name: GraphQLInputField(kind)
                for name in (*_COMPARISONS, *OPERATORS.get(scalar, ()))
            }
            own |= {name: GraphQLInputField(_list(kind)) for name in ("_in", "_nin")}
            own["_is_null"] = GraphQLInputField(GraphQLBoolean)
            if scalar == "jsonb":
                own["_has_key"] = GraphQLInputField(GraphQLString)
                own["_has_keys_any"] = GraphQLInputField(_list(GraphQLString))
                own["_has_keys_all"] = GraphQLInputField(_list(GraphQLString))
                own["_cast"] = GraphQLInputField(
                    self._input(
                        "jsonb_cast_exp",
                        lambda: {"String": GraphQLInputField(self._comparison("String"))},
                    )
                )
            return own

        return self._input(f"{scalar}_comparison_exp", fields)

    def _bool_exp(self, name: str) -> GraphQLInputObjectType:
        table = self._tables[name]

        def fields() -> Inputs:
            own = self._bool_exp(name)
            relations = (*table.objects.values(), *table.arrays.values())
            return {
                "_and": GraphQLInputField(_list(own)),
                "_or": GraphQLInputField(_list(own)),
                "_not": GraphQLInputField(own),
                **{
                    column.name: GraphQLInputField(self._comparison(column.scalar))
                    for column in table.columns.values()
                },
                **{r.name: GraphQLInputField(self._bool_exp(r.table)) for r in relations},
            }

        return self._input(f"{name}_bool_exp", fields)

    def _order_by(self, name: str) -> GraphQLInputObjectType:
        table = self._tables[name]

        def fields() -> Inputs:
            return {
                **{column: GraphQLInputField(type_of_order) for column in table.columns},
                **{
                    r.name: GraphQLInputField(self._order_by(r.table))
                    for r in table.objects.values()
                },
                **{
                    f"{r.name}_aggregate": GraphQLInputField(self._aggregate_order_by(r.table))
                    for r in table.arrays.values()
                },
            }

        return self._input(f"{name}_order_by", fields)

    def _aggregate_order_by(self, name: str) -> GraphQLInputObjectType:
        def fields() -> Inputs:
            inputs: Inputs = {"count": GraphQLInputField(type_of_order)}
            for function, columns in _aggregated(self._tables[name]).items():
                keys = {column: GraphQLInputField(type_of_order) for column, _ in columns}
                kind = GraphQLInputObjectType(f"{name}_{function}_order_by", keys)
                inputs[function] = GraphQLInputField(kind)
            return inputs

        return self._input(f"{name}_aggregate_order_by", fields)

    def _select_column(self, name: str) -> GraphQLEnumType:
        columns = {column: column for column in self._tables[name].columns}
        kind = f"{name}_select_column"
        return self._once(kind, lambda: GraphQLEnumType(kind, columns))

    def _list_arguments(self, name: str) -> dict[str, GraphQLArgument]:
        return {
            "distinct_on": GraphQLArgument(_list(self._select_column(name))),
            "limit": GraphQLArgument(GraphQLInt),
            "offset": GraphQLArgument(GraphQLInt),
            "order_by": GraphQLArgument(_list(self._order_by(name))),
            "where": GraphQLArgument(self._bool_exp(name)),
        }

    def _list_fields(
        self, field: str, table: str, extra: Mapping[str, GraphQLArgument] | None = None
    ) -> Fields:
        arguments = {**(extra or {}), **self._list_arguments(table)}
        return {
            field: GraphQLField(GraphQLNonNull(_list(self._row(table))), arguments),
            f"{field}_aggregate": GraphQLField(GraphQLNonNull(self._aggregate(table)), arguments),
        }

    def _row(self, name: str) -> GraphQLObjectType:
        table = self._tables[name]

        def fields() -> Fields:
            own: Fields = {}
            for column in table.columns.values():
                kind = SCALARS[column.scalar]
                path = (
                    {"path": GraphQLArgument(GraphQLString)} if column.scalar == "jsonb" else None
                )
                shown = GraphQLNonNull(kind) if column.required else kind
                own[column.name] = GraphQLField(shown, path)
            for one in table.objects.values():
                own[one.name] = GraphQLField(self._row(one.table))
            for many in table.arrays.values():
                own |= self._list_fields(many.name, many.table)
            return own

        return self._once(name, lambda: GraphQLObjectType(name, fields))

    def _aggregate(self, name: str) -> GraphQLObjectType:
        return self._once(
            f"{name}_aggregate",
            lambda: GraphQLObjectType(
                f"{name}_aggregate",
                lambda: {
                    "aggregate": GraphQLField(self._aggregate_fields(name)),
                    "nodes": GraphQLField(GraphQLNonNull(_list(self._row(name)))),
                },
            ),
        )

    def _aggregate_fields(self, name: str) -> GraphQLObjectType:
        count = GraphQLField(
            GraphQLNonNull(GraphQLInt),
            {
                "columns": GraphQLArgument(_list(self._select_column(name))),
                "distinct": GraphQLArgument(GraphQLBoolean),
            },
        )
        functions: Fields = {"count": count}
        for function, columns in _aggregated(self._tables[name]).items():
            results = {column: GraphQLField(kind) for column, kind in columns}
            kind = GraphQLObjectType(f"{name}_{function}_fields", results)
            functions[function] = GraphQLField(kind)
        return GraphQLObjectType(f"{name}_aggregate_fields", functions)

    def _traversals(self) -> Fields:
        fields: Fields = {}
        ids = GraphQLScalarType("_uuid")
        for function in TRAVERSALS:
            inputs = {
                "start_task_ids": GraphQLInputField(ids),
                "depth_limit": GraphQLInputField(GraphQLInt),
            }
            kind = GraphQLInputObjectType(f"{function}_args", inputs)
            args = {"args": GraphQLArgument(GraphQLNonNull(kind))}
            fields |= self._list_fields(function, TRAVERSAL, args)
        return fields


def _aggregated(table: Table) -> dict[str, list[tuple[str, Any]]]:
    """Return for each aggregate function the columns that it is defined for and the type of its result."""
    ordered = [(c.name, SCALARS[c.scalar]) for c in table.with_scalars(ORDERED)]
    numbers = table.with_scalars(NUMERIC)
    functions: dict[str, list[tuple[str, Any]]] = {"max": ordered, "min": ordered}
    if numbers:
        functions["sum"] = [(c.name, SCALARS[c.scalar]) for c in numbers]
        functions |= {function: [(c.name, GraphQLFloat) for c in numbers] for function in AVERAGES}
    return functions


def _service() -> Fields:
    """Return the root fields of Prefect's own service, and those that Cloud-only clients request first."""
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


def build_schema(tables: Mapping[str, Table] = TABLES) -> GraphQLSchema:
    """Return the schema over these tables. There is no Mutation type: the gateway only reads."""
    return _whole() if tables is TABLES else GraphQLSchema(_Types(tables).query())


@cache
def _whole() -> GraphQLSchema:
    return GraphQLSchema(_Types(TABLES).query())
