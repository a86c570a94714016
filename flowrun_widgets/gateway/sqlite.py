"""`SQLite`, the dialect for the store: times are integers, JSON is text, `sqlite_functions` has missing functions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.exc import DataError

from flowrun_widgets.gateway.dialects import Condition, Dialect, Pairs, Value, flat
from flowrun_widgets.gateway.errors import TOO_LARGE, FieldError
from flowrun_widgets.gateway.literals import checked_text, stored_value
from flowrun_widgets.gateway.patterns import check_pattern

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.exc import DBAPIError

__all__ = ["SQLite"]


class SQLite(Dialect):
    """The SQL of the store: times are integers, JSON is text, `sqlite_functions` has missing functions."""

    arrival = "rowid"

    _PATTERNS: ClassVar[dict[str, str]] = {
        "like": "pg_like",
        "ilike": "pg_ilike",
        "similar": "pg_similar",
        "regex": "pg_regex",
        "iregex": "pg_iregex",
    }

    def failure(self, error: DBAPIError) -> FieldError:
        if isinstance(error, DataError) and "too big" in str(error.orig):
            return FieldError(TOO_LARGE, "unexpected")
        return super().failure(error)

    def literal(self, scalar: str, value: Any) -> Value:
        return sa.literal(checked_text(stored_value(scalar, value)))

    def typed(self, scalar: str, value: Value) -> Value:
        return value

    def sortable(self, scalar: str, value: Value) -> Value:
        return value.collate("jsonb") if scalar == "jsonb" else value

    def shown(self, scalar: str, value: Value) -> Value:
        match scalar:
            case "Boolean":
                true, false = sa.func.json("true"), sa.func.json("false")
                return sa.case((value.is_(None), sa.null()), (value == 0, false), else_=true)
            case "timestamptz":
                return _iso(value)
            case "interval":
                return sa.func.pg_interval(value)
            case "jsonb":
                # Invalid JSON must not make the whole answer fail.
                return sa.case((sa.func.json_valid(value) == 1, sa.func.json(value)))
            case _:
                return value

    def at_path(self, value: Value, keys: Sequence[str]) -> Value:
        return sa.func.json(sa.func.jsonb_at(value, sa.literal(json.dumps(list(keys)))))

    def as_text(self, scalar: str, value: Value) -> Value:
        return sa.func.jsonb_text(value)

    def listed(self, record: Value) -> Value:
        return sa.func.json_group_array(record)

    def text(self, value: Value) -> Value:
        return value

    def cut(self, text: Value, length: int) -> Value:
        return text  # connections refuse to create longer ones

    def aggregate(self, function: str, scalar: str, column: Value) -> Value:
        return getattr(sa.func, function)(column)

    def count_distinct(self, columns: Sequence[Value]) -> Value:
        one = columns[0] if len(columns) == 1 else sa.func.json_array(*columns)
        return sa.func.count(one.distinct())

    def object_of(self, key: Value, value: Value) -> Value:
        return sa.func.json_group_object(key, value)

    def _object(self, pairs: Pairs) -> Value:
        return sa.func.json_object(*flat(pairs))

    def _joined(self, objects: list[Value]) -> Value:
        text: Value = sa.literal_column("'{'")
        for at, part in enumerate(objects):
            comma = sa.literal_column("','" if at else "''")
            text = text.concat(comma).concat(sa.func.substr(part, 2, sa.func.length(part) - 2))
        return sa.func.json(text.concat(sa.literal_column("'}'")))

    def is_among(self, scalar: str, column: Value, values: list[Any]) -> Condition:
        # One parameter, however many values there are: SQLite limits the number of parameters.
        stored = [checked_text(stored_value(scalar, value)) for value in values]
        return self.sortable(scalar, column).in_(_each(stored))

    def _has_keys(self, column: Value, operator: str, keys: list[str]) -> Condition:
        tests = [sa.func.jsonb_has_key(column, checked_text(key)) == 1 for key in keys]
        known = sa.func.json_valid(column) == 1
        if operator == "_has_keys_all":
            return sa.and_(known, *tests)
        return sa.and_(known, sa.or_(sa.false(), *tests))

    def _contains(self, outer: Value, inner: Value) -> Condition:
        return sa.func.jsonb_contains(outer, inner) == 1

    def _matches(self, operator: str, column: Value, pattern: str) -> Condition:
        check_pattern(operator, pattern)
        name = operator[1:]
        negated = name not in self._PATTERNS
        function = self._PATTERNS[name.removeprefix("n") if negated else name]
        return getattr(sa.func, function)(column, checked_text(pattern)) == (0 if negated else 1)


def _each(values: list[Any]) -> Any:
    each = sa.func.json_each(sa.literal(json.dumps(values))).table_valued("value")
    return sa.select(each.c.value).scalar_subquery()


def _iso(value: Value) -> Value:
    second = sa.literal_column("1000000", sa.Integer())
    microseconds = sa.type_coerce(value, sa.Integer())
    fraction = (microseconds % second + second) % second
    # Takes half the time of `strftime` and `printf`, which are most of the cost of a log line.
    clock = sa.func.replace(
        sa.func.datetime((microseconds - fraction) // second, sa.literal_column("'unixepoch'")),
        sa.literal_column("' '"),
        sa.literal_column("'T'"),
        type_=sa.Text(),
    )
    digits = sa.func.substr(second + fraction, sa.literal_column("2"), type_=sa.Text())
    trimmed = sa.case(
        (fraction == sa.literal_column("0"), sa.literal_column("''", sa.Text())),
        else_=sa.literal_column("'.'", sa.Text()).concat(
            sa.func.rtrim(digits, sa.literal_column("'0'"), type_=sa.Text())
        ),
    )
    return clock.concat(trimmed).concat(sa.literal_column("'+00:00'"))
