"""The rows of one list field: converts its arguments to the parts of a SELECT."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import sqlalchemy as sa

from flowrun_widgets.gateway.errors import FieldError
from flowrun_widgets.gateway.order import check_distinct, ordering
from flowrun_widgets.gateway.where import condition

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from flowrun_widgets.gateway.dialects import Condition, Dialect, Value
    from flowrun_widgets.gateway.tables import Table

__all__ = ["Rows", "find_rows", "is_whole"]

_RANK = "distinct_rank"
_LARGEST = 2**31 - 1


@dataclass(frozen=True)
class Rows:
    """The source, the conditions and the order of rows."""

    dialect: Dialect
    table: Table
    source: sa.FromClause
    conditions: list[Condition]
    parent: sa.FromClause | None
    """The parent row, which the conditions refer to besides the source."""
    order_by: Sequence[Mapping[str, Any]]
    distinct_on: Sequence[str]
    limit: int | None
    offset: int | None

    @property
    def is_limited(self) -> bool:
        """Whether only part of the matching rows is requested."""
        return self.limit is not None or self.offset is not None

    def select(self, *columns: Value) -> sa.Select[Any]:
        """Return the statement that selects `columns` of these rows, in order."""
        statement = self.unordered(*columns).order_by(*self.order(self.source))
        return statement.limit(self.limit).offset(self.offset)

    def unordered(self, *columns: Value) -> sa.Select[Any]:
        """Return the statement without order, limit and offset."""
        statement = sa.select(*columns).select_from(self.source).where(*self.conditions)
        return statement if self.parent is None else statement.correlate(self.parent)

    def columns(self, names: set[str] | None = None) -> list[Value]:
        """Return all columns, or those with these `names`, but at least one."""
        columns = self.dialect.columns(self.table, self.source)
        wanted = [column for column in columns if names is None or column.name in names]
        return wanted or columns

    def derived(self, names: set[str] | None = None) -> sa.Subquery:
        """Return these rows as a derived table, with all columns or only those with these `names`."""
        return self.select(*self.columns(names)).subquery()

    def order(self, source: sa.FromClause) -> list[Value]:
        """Return the sort terms of these rows, read from `source`."""
        return ordering(self.dialect, self.table, source, self.order_by, self.distinct_on)


def is_whole(arguments: Mapping[str, Any]) -> bool:
    """Return whether these arguments request every matching row."""
    parts = ("limit", "offset", "distinct_on")
    return all(arguments.get(name) in (None, []) for name in parts)


def find_rows(
    dialect: Dialect,
    table: Table,
    arguments: Mapping[str, Any],
    *,
    field: str,
    source: sa.FromClause | None = None,
    link: Callable[[sa.FromClause], Condition] | None = None,
    parent: sa.FromClause | None = None,
) -> Rows:
    """Return the rows of `table` that `arguments` request.

    `link` adds the condition that relates a row to its `parent` row.
    """
    source = table.source() if source is None else source
    order_by = [each for each in arguments.get("order_by") or () if each]
    distinct_on = cast("list[str]", arguments.get("distinct_on") or [])
    check_distinct(order_by, distinct_on, field)
    conditions = [condition(dialect, table, source, arguments.get("where"))]
    if link is not None:
        conditions.append(link(source))
    if distinct_on:
        source = _first_of_each(dialect, table, source, conditions, order_by, distinct_on, parent)
        conditions = [source.c[_RANK] == 1]
    return Rows(
        dialect,
        table,
        source,
        conditions,
        parent,
        order_by,
        distinct_on,
        _bounded("limit", arguments, field),
        _bounded("offset", arguments, field),
    )


def _first_of_each(
    dialect: Dialect,
    table: Table,
    source: sa.FromClause,
    conditions: list[Condition],
    order_by: list[Mapping[str, Any]],
    distinct_on: list[str],
    parent: sa.FromClause | None,
) -> sa.FromClause:
    rank = sa.func.row_number().over(
        partition_by=[source.c[name] for name in distinct_on],
        order_by=ordering(dialect, table, source, order_by),
    )
    columns = [*dialect.columns(table, source), rank.label(_RANK)]
    ranked = sa.select(*columns).select_from(source).where(*conditions)
    return (ranked if parent is None else ranked.correlate(parent)).subquery()


def _bounded(name: str, arguments: Mapping[str, Any], field: str) -> int | None:
    value = arguments.get(name)
    if value is None:
        return None
    if not 0 <= value <= _LARGEST:
        raise FieldError(
            'expected a non-negative 32-bit integer for type "Int", but found an integer',
            "validation-failed",
            f"$.selectionSet.{field}.args.{name}",
        )
    return value
