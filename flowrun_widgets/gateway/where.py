"""Converts `where`, a bool_exp, to a SQL condition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flowrun_widgets.gateway.dialects import Condition, Dialect, Value
    from flowrun_widgets.gateway.tables import Table

__all__ = ["condition"]

_LONGEST_CHAIN = 200


def condition(
    dialect: Dialect, table: Table, source: sa.FromClause, expression: Mapping[str, Any] | None
) -> Condition:
    """Return the condition that `expression` sets for a row of `source`.

    Nulls collapse, as in the Hasura of Prefect's servers: a comparison with null, or a null expression, is no
    condition.
    """
    demands: list[Condition] = []
    for name, value in (expression or {}).items():
        if value is None:
            continue
        if name == "_and":
            demands += [condition(dialect, table, source, each) for each in value]
        elif name == "_or":
            either = [condition(dialect, table, source, each) for each in value]
            demands.append(_any(either))
        elif name == "_not":
            demands.append(sa.not_(condition(dialect, table, source, value)))
        elif name in table.columns:
            column = table.columns[name]
            demands.append(_comparisons(dialect, column.scalar, source.c[name], value))
        else:
            demands.append(_related(dialect, table, source, name, value))
    return _all(demands)


def _all(parts: Sequence[Condition]) -> Condition:
    if len(parts) <= _LONGEST_CHAIN:
        return sa.and_(sa.true(), *parts)
    return sa.not_(_any([sa.not_(_all(group)) for group in _groups(parts)]))


def _any(parts: Sequence[Condition]) -> Condition:
    if len(parts) <= _LONGEST_CHAIN:
        return sa.or_(sa.false(), *parts)
    return sa.not_(_all([sa.not_(_any(group)) for group in _groups(parts)]))


def _groups(parts: Sequence[Condition]) -> list[Sequence[Condition]]:
    # SQLite allows chains of at most a thousand conditions, and SQLAlchemy flattens groups unless NOT precedes them.
    return [parts[at : at + _LONGEST_CHAIN] for at in range(0, len(parts), _LONGEST_CHAIN)]


def _related(
    dialect: Dialect, table: Table, source: sa.FromClause, name: str, value: Mapping[str, Any]
) -> Condition:
    if name in table.objects:
        relation = table.objects[name]
        remote = dialect.tables[relation.table].source()
        link = remote.c.id == source.c[relation.column]
    else:
        many = table.arrays[name]
        remote = dialect.tables[many.table].source()
        link = remote.c[many.column] == source.c.id
    there = dialect.tables[(table.objects.get(name) or table.arrays[name]).table]
    rows = sa.select(sa.literal_column("1")).select_from(remote)
    return rows.where(link, condition(dialect, there, remote, value)).correlate(source).exists()


def _comparisons(
    dialect: Dialect, scalar: str, column: Value, operators: Mapping[str, Any]
) -> Condition:
    demands: list[Condition] = []
    for operator, value in operators.items():
        if value is None:
            continue
        if operator == "_cast":
            text = dialect.as_text(scalar, column)
            demands.append(_comparisons(dialect, "String", text, value.get("String") or {}))
        else:
            demands.append(dialect.compare(scalar, operator, column, value))
    return _all(demands)
