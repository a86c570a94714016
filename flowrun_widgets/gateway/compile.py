"""Compiles a root field to SQL statements in which the database builds the JSON.

Relations become correlated subqueries, so the number of statements never depends on the number of rows. The list below
the root that may be the longest has a statement of its own, so that its rows can be written as they arrive.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from flowrun_widgets.gateway import plan
from flowrun_widgets.gateway.record import Records, needed_columns
from flowrun_widgets.gateway.render import LARGEST_ROW
from flowrun_widgets.gateway.rows import Rows, find_rows, is_whole
from flowrun_widgets.gateway.schema import TRAVERSALS
from flowrun_widgets.gateway.tables import TRAVERSAL, Table
from flowrun_widgets.gateway.traversal import traversal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphql import GraphQLSchema

    from flowrun_widgets.gateway.dialects import Condition, Dialect, Value
    from flowrun_widgets.gateway.selection import Field, Selections

__all__ = ["Compiler"]

_AGGREGATE = "_aggregate"
_ABOVE = "above_id"


@dataclass(frozen=True)
class _Trunk:
    """The rows of a level below the root, joined to the rows of all levels above it."""

    joined: sa.FromClause
    conditions: list[Condition]
    order: list[Value]
    source: sa.FromClause


class Compiler:
    """Compiles the root fields of one operation for one database."""

    def __init__(self, dialect: Dialect, schema: GraphQLSchema, selections: Selections) -> None:
        self._dialect = dialect
        self._selections = selections
        self._records = Records(dialect, schema, selections)

    def compile(self, field: Field) -> plan.Plan:
        """Return the plan for a root field that reads tables.

        Raises:
            FieldError: an argument has a value that the database would reject.
        """
        arguments = self.arguments(field)
        name = field.name.removesuffix(_AGGREGATE)
        if field.name.endswith("_by_pk"):
            return self._by_key(
                self._dialect.tables[field.name.removesuffix("_by_pk")], field, arguments
            )
        table = self._dialect.tables[TRAVERSAL if name in TRAVERSALS else name]
        source = None
        if name in TRAVERSALS:
            source = traversal(self._dialect, *TRAVERSALS[name], arguments["args"] or {})
        rows = find_rows(self._dialect, table, arguments, field=field.key, source=source)
        if field.name.endswith(_AGGREGATE):
            return self._aggregate(rows, field)
        return plan.Listed(self._level(rows, self._selections.children(field)))

    def arguments(self, root: Field) -> dict[str, Any]:
        """Return the arguments of a root field."""
        return self._records.arguments("Query", root)

    def _by_key(self, table: Table, field: Field, arguments: Mapping[str, Any]) -> plan.Plan:
        where = {"where": {"id": {"_eq": arguments["id"]}}}
        rows = find_rows(self._dialect, table, where, field=field.key)
        return plan.Single(self._level(rows, self._selections.children(field)))

    def _aggregate(self, rows: Rows, field: Field) -> plan.Plan:
        members: list[tuple[str, plan.Plan]] = []
        for child in self._selections.children(field):
            if child.name == "nodes":
                level = self._level(rows, self._selections.children(child))
                members.append((child.key, plan.Listed(level)))
            elif child.name == "aggregate":
                value = self._dialect.text(self._records.aggregate(rows, child))
                members.append((child.key, plan.Value(sa.select(value))))
            else:
                members.append((child.key, plan.Text(json.dumps(rows.table.name + _AGGREGATE))))
        return plan.Members(members)

    def _level(
        self,
        rows: Rows,
        fields: list[Field],
        above: _Trunk | None = None,
        trunk: _Trunk | None = None,
    ) -> plan.Level:
        """Return the level of `rows`. Below the root, `trunk` is what they are selected from, `above` their parents'.

        Rows are sorted before their JSON is built: otherwise PostgreSQL would sort the JSON with them, and return
        nothing until all of it is built.
        """
        at = self._streamed(rows.table, fields)
        parts = [fields] if at is None else [fields[:at], fields[at + 1 :]]
        names = needed_columns(rows.table, fields)
        if trunk is None or above is None:
            source = rows.derived(names)
        else:
            statement = sa.select(above.source.c.id.label(_ABOVE), *rows.columns(names))
            statement = statement.select_from(trunk.joined).where(*trunk.conditions)
            source = statement.order_by(*trunk.order).subquery()
        columns: list[Value] = [] if above is None else [source.c[_ABOVE]]
        if at is not None:
            columns.append(source.c.id)
        for number, part in enumerate(parts):
            record = self._records.record(rows.table, source, part)
            text = self._dialect.text(record)
            if any(field.name.removesuffix(_AGGREGATE) in rows.table.arrays for field in part):
                text = self._dialect.cut(text, LARGEST_ROW + 1)
            columns.append(text.label(f"part_{number}"))
        statement = sa.select(*columns).select_from(source)
        if at is None:
            return plan.Level(statement)
        return plan.Level(statement, self._child(rows, fields[at], trunk or _root(rows)))

    def _child(self, rows: Rows, field: Field, above: _Trunk) -> plan.Child:
        relation = rows.table.arrays[field.name]
        arguments = self._records.arguments(rows.table.name, field)
        below = find_rows(
            self._dialect, self._dialect.tables[relation.table], arguments, field=field.key
        )
        link = below.source.c[relation.column] == above.source.c.id
        trunk = _Trunk(
            above.joined.join(below.source, link),
            [*above.conditions, *below.conditions],
            [*above.order, *below.order(below.source)],
            below.source,
        )
        level = self._level(below, self._selections.children(field), above, trunk)
        return plan.Child(field.key, level)

    def _streamed(self, table: Table, fields: list[Field]) -> int | None:
        """Return the position of the field to write row by row, if any list may be very long."""
        longest: tuple[int, int | None] = (0, None)
        for at, field in enumerate(fields):
            relation = table.arrays.get(field.name)
            if relation is None or self._dialect.tables[relation.table].bulk <= longest[0]:
                continue
            if is_whole(self._records.arguments(table.name, field)):
                longest = (self._dialect.tables[relation.table].bulk, at)
        return longest[1]


def _root(rows: Rows) -> _Trunk:
    if rows.is_limited:
        derived = rows.derived()
        return _Trunk(derived, [], rows.order(derived), derived)
    return _Trunk(rows.source, rows.conditions, rows.order(rows.source), rows.source)
