"""`PostgreSQL`, the dialect for Prefect Server's own database."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar

import sqlalchemy as sa
from psycopg.errors import QueryCanceled
from sqlalchemy.dialects import postgresql

from flowrun_widgets.backends.postgresql import reason
from flowrun_widgets.gateway.dialects import Condition, Dialect, Pairs, Value, flat
from flowrun_widgets.gateway.errors import FieldError
from flowrun_widgets.gateway.literals import checked_text
from flowrun_widgets.gateway.patterns import check_pattern

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.exc import DBAPIError

__all__ = ["PostgreSQL"]


class PostgreSQL(Dialect):
    """Prefect Server's own database, in a session whose time zone is UTC."""

    arrival = "id"

    _TYPES: ClassVar[dict[str, Any]] = {
        "uuid": postgresql.UUID(as_uuid=False),
        "timestamptz": postgresql.TIMESTAMP(timezone=True),
        "interval": postgresql.INTERVAL(),
        "jsonb": postgresql.JSONB(),
        "String": sa.Text(),
        "Int": sa.BigInteger(),
        "Boolean": sa.Boolean(),
    }
    _PATTERNS: ClassVar[dict[str, str]] = {
        "_like": "LIKE",
        "_nlike": "NOT LIKE",
        "_ilike": "ILIKE",
        "_nilike": "NOT ILIKE",
        "_similar": "SIMILAR TO",
        "_nsimilar": "NOT SIMILAR TO",
        "_regex": "~",
        "_nregex": "!~",
        "_iregex": "~*",
        "_niregex": "!~*",
    }

    def failure(self, error: DBAPIError) -> FieldError:
        if isinstance(error.orig, QueryCanceled):
            return FieldError(
                "The database took too long to answer this query. Request less data, with `where` and `limit`.",
                "unexpected",
            )
        return super().failure(error)

    def reason(self, error: DBAPIError) -> str:
        return reason(error.orig)

    def literal(self, scalar: str, value: Any) -> Value:
        return sa.cast(sa.literal(_written(scalar, value), sa.Text()), self._TYPES[scalar])

    def typed(self, scalar: str, value: Value) -> Value:
        return sa.cast(value, self._TYPES[scalar])

    def sortable(self, scalar: str, value: Value) -> Value:
        return value

    def shown(self, scalar: str, value: Value) -> Value:
        return value

    def at_path(self, value: Value, keys: Sequence[str]) -> Value:
        return value.op("#>")(_text_array(list(keys)))

    def as_text(self, scalar: str, value: Value) -> Value:
        return sa.cast(value, sa.Text())

    def listed(self, record: Value) -> Value:
        return sa.func.coalesce(sa.func.json_agg(record), sa.text("'[]'::json"))

    def text(self, value: Value) -> Value:
        return sa.cast(value, sa.Text())

    def cut(self, text: Value, length: int) -> Value:
        return sa.func.left(text, sa.literal_column(str(length)))

    def aggregate(self, function: str, scalar: str, column: Value) -> Value:
        # PostgreSQL has no max(uuid).
        return getattr(sa.func, function)(
            sa.cast(column, sa.Text()) if scalar == "uuid" else column
        )

    def count_distinct(self, columns: Sequence[Value]) -> Value:
        one = columns[0] if len(columns) == 1 else sa.tuple_(*columns)
        return sa.func.count(sa.distinct(one))

    def object_of(self, key: Value, value: Value) -> Value:
        return sa.func.coalesce(sa.func.json_object_agg(key, value), sa.text("'{}'::json"))

    def _object(self, pairs: Pairs) -> Value:
        return sa.func.json_build_object(*flat(pairs))

    def _joined(self, objects: list[Value]) -> Value:
        text: Value = sa.literal_column("'{'")
        for at, part in enumerate(objects):
            comma = sa.literal_column("','" if at else "''")
            inner = sa.func.substr(sa.func.left(sa.cast(part, sa.Text()), -1), 2)
            text = text.concat(comma).concat(inner)
        return sa.cast(text.concat(sa.literal_column("'}'")), postgresql.JSON())

    def is_among(self, scalar: str, column: Value, values: list[Any]) -> Condition:
        array = _text_array([_written(scalar, value) for value in values])
        return column == sa.any_(sa.cast(array, postgresql.ARRAY(self._TYPES[scalar])))

    def _has_keys(self, column: Value, operator: str, keys: list[str]) -> Condition:
        sign = "?&" if operator == "_has_keys_all" else "?|"
        return column.op(sign, is_comparison=True)(_text_array(keys))

    def _contains(self, outer: Value, inner: Value) -> Condition:
        return outer.op("@>", is_comparison=True)(inner)

    def _matches(self, operator: str, column: Value, pattern: str) -> Condition:
        if "like" in operator:
            # The database itself would report an error only when it reads a row.
            check_pattern(operator, pattern)
        text = sa.cast(sa.literal(checked_text(pattern), sa.Text()), sa.Text())
        return column.op(self._PATTERNS[operator], is_comparison=True)(text)


def _written(scalar: str, value: Any) -> str:
    if scalar == "jsonb":
        return json.dumps(value)
    return str(value).lower() if isinstance(value, bool) else checked_text(str(value))


def _text_array(values: list[str]) -> Value:
    checked = [checked_text(value) for value in values]
    return sa.cast(sa.literal(checked, postgresql.ARRAY(sa.Text())), postgresql.ARRAY(sa.Text()))
