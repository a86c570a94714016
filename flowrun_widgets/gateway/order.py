"""`order_by` and `distinct_on`: the sort order of rows, with PostgreSQL's positions of nulls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from flowrun_widgets.gateway.errors import FieldError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from flowrun_widgets.gateway.dialects import Dialect, Value
    from flowrun_widgets.gateway.tables import Table

__all__ = ["check_distinct", "ordering"]

Expressions = list[tuple[Any, str]]


def ordering(
    dialect: Dialect,
    table: Table,
    source: sa.FromClause,
    order_by: Sequence[Mapping[str, Any]],
    distinct_on: Sequence[str] = (),
) -> list[Value]:
    """Return the terms of ORDER BY. Rows that are equal in all of them keep the order of insertion."""
    terms = [
        directed(value, direction)
        for each in order_by
        for value, direction in _values(dialect, table, source, each)
    ]
    if not terms:
        terms = [
            directed(dialect.sortable(table.columns[name].scalar, source.c[name]), "asc")
            for name in distinct_on
        ]
    return [*terms, *(source.c[name] for name in dialect.arrival_of(table))]


def directed(value: Value, direction: str) -> Value:
    """Return `value` in one of the six directions of Hasura's `order_by`."""
    term = value.desc() if direction.startswith("desc") else value.asc()
    has_nulls_first = direction == "desc" or direction.endswith("nulls_first")
    return term.nulls_first() if has_nulls_first else term.nulls_last()


def check_distinct(
    order_by: Sequence[Mapping[str, Any]], distinct_on: Sequence[str], field: str
) -> None:
    """Refuse a `distinct_on` whose columns are not the first ones of `order_by`.

    Raises:
        FieldError: the columns differ.
    """
    keys = [key for each in order_by for key, direction in each.items() if direction is not None]
    wanted = set(distinct_on)
    if keys and wanted and set(keys[: len(wanted)]) != wanted:
        raise FieldError(
            '"distinct_on" columns must match initial "order_by" columns',
            "validation-failed",
            f"$.selectionSet.{field}.args",
        )


def _values(
    dialect: Dialect, table: Table, source: sa.FromClause, expression: Mapping[str, Any]
) -> Expressions:
    values: Expressions = []
    for name, wanted in expression.items():
        if wanted is None:
            continue
        if name in table.columns:
            values.append((dialect.sortable(table.columns[name].scalar, source.c[name]), wanted))
        elif name in table.objects:
            relation = table.objects[name]
            there = dialect.tables[relation.table]
            remote = there.source()
            link = remote.c.id == source.c[relation.column]
            inner = _values(dialect, there, remote, wanted)
            values += _looked_up(inner, remote, source, link)
        else:
            many = table.arrays[name.removesuffix("_aggregate")]
            there = dialect.tables[many.table]
            remote = there.source()
            link = remote.c[many.column] == source.c.id
            inner = _aggregates(dialect, there, remote, wanted)
            values += _looked_up(inner, remote, source, link)
    return values


def _aggregates(
    dialect: Dialect, table: Table, remote: sa.FromClause, expression: Mapping[str, Any]
) -> Expressions:
    values: Expressions = []
    for function, wanted in expression.items():
        if wanted is None:
            continue
        if function == "count":
            values.append((sa.func.count(), wanted))
            continue
        for column, direction in wanted.items():
            if direction is not None:
                scalar = table.columns[column].scalar
                value = dialect.aggregate(function, scalar, remote.c[column])
                values.append((value, direction))
    return values


def _looked_up(
    values: Expressions, remote: sa.FromClause, source: sa.FromClause, link: Any
) -> Expressions:
    look_up: Callable[[Value], Value] = lambda value: (  # noqa: E731
        sa.select(value).select_from(remote).where(link).correlate(source).scalar_subquery()
    )
    return [(look_up(value), direction) for value, direction in values]
