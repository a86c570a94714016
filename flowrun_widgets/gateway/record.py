"""Builds the JSON of one row: its columns, related objects, related lists, and aggregates over those."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from flowrun_widgets.gateway.errors import FieldError
from flowrun_widgets.gateway.rows import Rows, find_rows

if TYPE_CHECKING:
    from graphql import GraphQLSchema

    from flowrun_widgets.gateway.dialects import Condition, Dialect, Pairs, Value
    from flowrun_widgets.gateway.selection import Field, Selections
    from flowrun_widgets.gateway.tables import Table

__all__ = ["Records", "needed_columns"]

_AGGREGATE = "_aggregate"
_STEP = re.compile(r"""\.?([^.\[\]"']+)|\[(\d+)\]|\["([^"]*)"\]|\['([^']*)'\]""")


class Records:
    """Builds the JSON of rows as SQL expressions."""

    def __init__(self, dialect: Dialect, schema: GraphQLSchema, selections: Selections) -> None:
        self._dialect = dialect
        self._schema = schema
        self._selections = selections

    def arguments(self, parent: str, field: Field) -> dict[str, Any]:
        """Return the arguments given to `field` of the type `parent`."""
        kind: Any = self._schema.get_type(parent)
        return self._selections.arguments(field, kind.fields[field.name])

    def record(self, table: Table, source: sa.FromClause, fields: list[Field]) -> Value:
        """Return the object with these `fields` of a row of `source`."""
        pairs = [(field.key, self._member(table, source, field)) for field in fields]
        return self._dialect.record(pairs)

    def aggregate(self, rows: Rows, field: Field) -> Value:
        """Return the object for the field `aggregate` over `rows`."""
        functions = self._selections.children(field)
        source = rows.derived() if rows.is_limited else rows.source
        record = self._dialect.record(
            [(each.key, self._function(rows.table, source, each)) for each in functions]
        )
        if self._is_constant(functions):
            # A SELECT from the rows would return one value per row.
            return record
        statement = (
            sa.select(record).select_from(source) if rows.is_limited else rows.unordered(record)
        )
        return statement.scalar_subquery()

    def _is_constant(self, fields: list[Field]) -> bool:
        """Return whether only `__typename` is requested, at every depth."""
        return all(
            field.name == "__typename"
            or (
                field.nodes[0].selection_set is not None
                and self._is_constant(self._selections.children(field))
            )
            for field in fields
        )

    def _member(self, table: Table, source: sa.FromClause, field: Field) -> Value:
        name = field.name
        if name == "__typename":
            return _constant(table.name)
        if name in table.columns:
            return self._column(table, source, field)
        if name in table.objects:
            return self._one(table, source, field)
        if name in table.arrays:
            rows = self._related(table, source, field, name)
            return self._listed(rows, field)
        rows = self._related(table, source, field, name.removesuffix(_AGGREGATE))
        pairs: Pairs = []
        for child in self._selections.children(field):
            if child.name == "nodes":
                pairs.append((child.key, self._listed(rows, child)))
            elif child.name == "aggregate":
                pairs.append((child.key, self.aggregate(rows, child)))
            else:
                pairs.append((child.key, _constant(rows.table.name + _AGGREGATE)))
        return self._dialect.record(pairs)

    def _column(self, table: Table, source: sa.FromClause, field: Field) -> Value:
        scalar, value = table.columns[field.name].scalar, source.c[field.name]
        path = self.arguments(table.name, field).get("path") if scalar == "jsonb" else None
        if path is None:
            return self._dialect.shown(scalar, value)
        return self._dialect.at_path(value, _keys(path))

    def _one(self, table: Table, source: sa.FromClause, field: Field) -> Value:
        relation = table.objects[field.name]
        there = self._dialect.tables[relation.table]
        remote = there.source()
        record = self.record(there, remote, self._selections.children(field))
        found = sa.select(record).where(remote.c.id == source.c[relation.column])
        return found.correlate(source).scalar_subquery()

    def _related(self, table: Table, source: sa.FromClause, field: Field, name: str) -> Rows:
        relation = table.arrays[name]

        def link(remote: sa.FromClause) -> Condition:
            return remote.c[relation.column] == source.c.id

        return find_rows(
            self._dialect,
            self._dialect.tables[relation.table],
            self.arguments(table.name, field),
            field=field.key,
            link=link,
            parent=source,
        )

    def _listed(self, rows: Rows, field: Field) -> Value:
        fields = self._selections.children(field)
        source = rows.derived(needed_columns(rows.table, fields))
        # The ordered rows are in FROM and the relations in the select list: SQLite's parser has a maximum depth of
        # 100, and this arrangement uses the least depth per level.
        record = self.record(rows.table, source, fields)
        return sa.select(self._dialect.listed(record)).select_from(source).scalar_subquery()

    def _function(self, table: Table, source: sa.FromClause, field: Field) -> Value:
        if field.name == "__typename":
            return _constant(f"{table.name}_aggregate_fields")
        if field.name == "count":
            arguments = self.arguments(f"{table.name}_aggregate_fields", field)
            columns = [source.c[name] for name in arguments.get("columns") or ()]
            return self._count(columns, bool(arguments.get("distinct")))
        pairs: Pairs = []
        for column in self._selections.children(field):
            if column.name == "__typename":
                pairs.append((column.key, _constant(f"{table.name}_{field.name}_fields")))
                continue
            scalar = table.columns[column.name].scalar
            value = self._dialect.aggregate(field.name, scalar, source.c[column.name])
            pairs.append((column.key, self._dialect.shown(scalar, value)))
        return self._dialect.record(pairs)

    def _count(self, columns: list[Value], is_distinct: bool) -> Value:
        if columns and is_distinct:
            return self._dialect.count_distinct(columns)
        # A combination of several columns is never null, so it counts every row.
        return sa.func.count(columns[0]) if len(columns) == 1 else sa.func.count()


def needed_columns(table: Table, fields: list[Field]) -> set[str]:
    """Return the columns from which the record with `fields` is built."""
    needed = {"id"} & set(table.columns)
    for field in fields:
        if field.name in table.columns:
            needed.add(field.name)
        elif field.name in table.objects:
            needed.add(table.objects[field.name].column)
    return needed


def _constant(name: str) -> Value:
    return sa.literal_column(f"'{name}'", sa.Text())


def _keys(path: str) -> list[str]:
    """Return the keys of a path in Hasura's syntax: `a.b[0]`, `$.a`, `["a b"]`."""
    text = path[1:] if path.startswith("$") else path
    keys: list[str] = []
    position = 0
    while position < len(text):
        found = _STEP.match(text, position)
        if found is None:
            raise FieldError(f"parse json path error: {json.dumps(path)}", "parse-failed")
        keys.append(next(key for key in found.groups() if key is not None))
        position = found.end()
    return keys
