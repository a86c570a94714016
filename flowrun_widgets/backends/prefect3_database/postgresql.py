"""Opens the PostgreSQL database of a Prefect 3 server, read-only."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg

from flowrun_widgets.backends.postgresql import (
    connected,
    reason,
    session_options,
    shown_address,
    unavailable,
)
from flowrun_widgets.backends.prefect3_database.database import BATCH, Database, Reading
from flowrun_widgets.errors import (
    AccessDenied,
    BackendError,
    BackendUnavailable,
    ConnectionClosed,
)

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Mapping
    from datetime import datetime

    from flowrun_widgets.settings import Secret

__all__ = ["PostgreSQL"]

LONGEST_STATEMENT_SECONDS = 60.0
FETCHED = 20_000
"""The number of rows that the server sends at once of a long answer."""
NAMED = re.compile(r"(?<!:):(\w+)")
COLUMNS = (
    "select attribute.attname from pg_catalog.pg_class relation "
    "join pg_catalog.pg_attribute attribute on attribute.attrelid = relation.oid "
    "where relation.relname = :table and relation.relkind in ('r', 'p') "
    "and pg_catalog.pg_table_is_visible(relation.oid) "
    "and attribute.attnum > 0 and not attribute.attisdropped "
    "and (:any or pg_catalog.has_column_privilege(relation.oid, attribute.attnum, 'select'))"
)


class PostgreSQL(Database):
    """A database. Its types are PostgreSQL's own, which are selected as text."""

    kind = "postgresql"
    zone = ""
    arrival = "ctid"

    def __init__(self, address: Secret, timeout_seconds: float | None = None) -> None:
        """Raises InvalidArgument if the address is not PostgreSQL's. The timeout limits each statement."""
        self.url = shown_address(address)
        self._options = session_options(address, timeout_seconds or LONGEST_STATEMENT_SECONDS)
        self._is_closed = False

    @contextmanager
    def reading(self) -> Generator[Reading]:
        """Connect for one transaction."""
        if self._is_closed:
            raise ConnectionClosed(
                f"The connection to {self.url} was closed: fw.connect(…) opens a new one."
            )
        try:
            connection = connected(self._options)
        except psycopg.Error as error:
            raise BackendUnavailable(unavailable(self.url, error)) from None
        try:
            yield _Reading(self, connection)
        except (psycopg.Error, UnicodeError) as error:
            raise self._refused(error) from None
        finally:
            connection.close()

    def columns(
        self, reading: Reading, tables: Iterable[str], *, only_readable: bool = True
    ) -> dict[str, set[str]]:
        """Return the columns of tables."""
        found: dict[str, set[str]] = {}
        for table in tables:
            rows = reading.rows(COLUMNS, {"table": table, "any": not only_readable})
            if rows:
                found[table] = {name for (name,) in rows}
        return found

    def text(self, column: str) -> str:
        """Return the column as text; the session writes times in UTC, with their offset."""
        return f"{column}::text"

    def json(self, column: str) -> str:
        """Return the column as text."""
        return f"{column}::text"

    def span(self, column: str) -> str:
        """Return the number of seconds."""
        return f"extract(epoch from {column})::float8"

    def seconds(self, span: Any) -> float | None:
        """Return the number of seconds."""
        return span

    def moment(self, moment: datetime) -> datetime:
        """Return the time."""
        return moment

    def close(self) -> None:
        """Let no more readings begin; nothing stays open between readings."""
        self._is_closed = True

    def _refused(self, error: Exception) -> Exception:
        if isinstance(error, psycopg.errors.InsufficientPrivilege):
            return AccessDenied(
                f"The database at {self.url} does not let this user read everything that is needed ({reason(error)}): "
                "grant select on all tables in its schema."
            )
        if isinstance(error, psycopg.OperationalError):
            return BackendUnavailable(
                f"The database at {self.url} did not answer ({reason(error)})."
            )
        return BackendError(f"The database at {self.url} cannot be read ({reason(error)}).")


class _Reading:
    def __init__(self, database: Database, connection: psycopg.Connection[Any]) -> None:
        self.database = database
        self._connection = connection

    def rows(self, sql: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        return self._connection.execute(_formatted(sql), values).fetchall()

    def batches(self, sql: str, values: Mapping[str, Any]) -> Iterator[list[tuple[Any, ...]]]:
        # A named cursor stays at the server, so this process never holds the whole answer.
        with self._connection.cursor("flowrun") as cursor:
            cursor.execute(_formatted(sql), values)
            while fetched := cursor.fetchmany(FETCHED):
                for start in range(0, len(fetched), BATCH):
                    yield fetched[start : start + BATCH]


def _formatted(sql: str) -> bytes:
    return NAMED.sub(r"%(\1)s", sql.replace("%", "%%")).encode()
