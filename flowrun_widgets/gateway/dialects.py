"""`Dialect`, the interface for the differences between databases: reading, comparing, matching and converting to JSON.

`sqlite` and `postgresql` implement it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.exc import DataError

from flowrun_widgets.gateway.errors import FieldError
from flowrun_widgets.gateway.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.exc import DBAPIError

    from flowrun_widgets.gateway.tables import Table

__all__ = ["Condition", "Dialect", "Pairs", "Value", "flat"]

Value = sa.ColumnElement[Any]
Condition = sa.ColumnElement[bool]
Pairs = list[tuple[str, Value]]

# Functions take at most 100 arguments on both databases.
_PAIRS_AT_ONCE = 45
_COMPARISONS = {"_eq": "=", "_neq": "!=", "_gt": ">", "_gte": ">=", "_lt": "<", "_lte": "<="}


class Dialect(ABC):
    """The SQL of one database, and its tables."""

    arrival: ClassVar[str]
    """The column with the order in which rows were inserted, if the database has one."""

    def __init__(self, tables: Mapping[str, Table] = TABLES) -> None:
        self.tables = tables

    def columns(self, table: Table, source: sa.FromClause) -> list[Value]:
        """Return the columns that a derived table must include."""
        names = dict.fromkeys([*table.columns, *self.arrival_of(table)])
        return [source.c[name] for name in names]

    def arrival_of(self, table: Table) -> tuple[str, ...]:
        """Return the columns that make any order of `table` a total order."""
        return (self.arrival,) if table.has_id else ("task_id", "depth")

    def record(self, pairs: Pairs) -> Value:
        """Return a JSON object with these members in this order."""
        parts = [pairs[at : at + _PAIRS_AT_ONCE] for at in range(0, len(pairs), _PAIRS_AT_ONCE)]
        built = [self._object(part) for part in parts or [[]]]
        return built[0] if len(built) == 1 else self._joined(built)

    def compare(self, scalar: str, operator: str, column: Value, value: Any) -> Condition:
        """Return the condition of one comparison operator; `value` is not null."""
        match operator:
            case "_is_null":
                return column.is_(None) if value else column.is_not(None)
            case "_in":
                return self.is_among(scalar, column, value)
            case "_nin":
                return sa.not_(self.is_among(scalar, column, value))
            case "_has_key" | "_has_keys_any" | "_has_keys_all":
                return self._has_keys(
                    column, operator, [value] if isinstance(value, str) else value
                )
            case "_contains":
                return self._contains(column, self.literal("jsonb", value))
            case "_contained_in":
                return self._contains(self.literal("jsonb", value), column)
            case _ if operator in _COMPARISONS:
                left = self.sortable(scalar, column)
                return left.op(_COMPARISONS[operator], is_comparison=True)(
                    self.literal(scalar, value)
                )
            case _:
                return self._matches(operator, column, value)

    def failure(self, error: DBAPIError) -> FieldError:
        """Return the error for the client for a failed statement."""
        if isinstance(error, DataError):
            return FieldError(self.reason(error))
        internal = FieldError("database query error", "unexpected")
        internal.reason = self.reason(error)
        return internal

    def reason(self, error: DBAPIError) -> str:
        """Return the database's own message for a failed statement, without the statement."""
        return str(error.orig).partition("\n")[0]

    @abstractmethod
    def literal(self, scalar: str, value: Any) -> Value:
        """Return `value` as a bound parameter of the column's type."""

    @abstractmethod
    def typed(self, scalar: str, value: Value) -> Value:
        """Return text cast to the type of such columns."""

    @abstractmethod
    def sortable(self, scalar: str, value: Value) -> Value:
        """Return `value` in a form that compares and sorts by PostgreSQL's rules for its type."""

    @abstractmethod
    def shown(self, scalar: str, value: Value) -> Value:
        """Return `value` in a form that becomes the same JSON as in PostgreSQL."""

    @abstractmethod
    def at_path(self, value: Value, keys: Sequence[str]) -> Value:
        """Return the value at a path in a jsonb."""

    @abstractmethod
    def as_text(self, scalar: str, value: Value) -> Value:
        """Return a jsonb as text, for `_cast`."""

    @abstractmethod
    def listed(self, record: Value) -> Value:
        """Return the aggregate that builds a JSON array of the records of all rows, in order."""

    @abstractmethod
    def text(self, value: Value) -> Value:
        """Return JSON as text, in the form that is fetched."""

    @abstractmethod
    def cut(self, text: Value, length: int) -> Value:
        """Return at most `length` characters of a text, so that longer text is not fetched."""

    @abstractmethod
    def aggregate(self, function: str, scalar: str, column: Value) -> Value:
        """Return `function` over a column."""

    @abstractmethod
    def count_distinct(self, columns: Sequence[Value]) -> Value:
        """Return the number of distinct combinations of these columns."""

    @abstractmethod
    def object_of(self, key: Value, value: Value) -> Value:
        """Return all rows of a subquery as one object with a member per row."""

    @abstractmethod
    def is_among(self, scalar: str, column: Value, values: list[Any]) -> Condition:
        """Return whether the column has one of these values."""

    @abstractmethod
    def _object(self, pairs: Pairs) -> Value: ...

    @abstractmethod
    def _joined(self, objects: list[Value]) -> Value: ...

    @abstractmethod
    def _has_keys(self, column: Value, operator: str, keys: list[str]) -> Condition: ...

    @abstractmethod
    def _contains(self, outer: Value, inner: Value) -> Condition: ...

    @abstractmethod
    def _matches(self, operator: str, column: Value, pattern: str) -> Condition: ...


def flat(pairs: Pairs) -> list[Value]:
    """Return keys and values alternately, as the functions that build objects take them."""
    # Keys are GraphQL names, which contain no characters with a meaning in SQL.
    return [part for key, value in pairs for part in (sa.literal_column(f"'{key}'"), value)]
