"""Opens Prefect 3's SQLite file, which its server may be writing to, without ever writing to it."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from datetime import UTC, datetime
from stat import S_ISREG
from typing import TYPE_CHECKING, Any

from flowrun_widgets.backends.prefect3_database.database import BATCH, Database, Reading
from flowrun_widgets.errors import (
    AccessDenied,
    BackendError,
    BackendUnavailable,
    ConnectionClosed,
    NotFound,
)
from flowrun_widgets.sqlite import open_sqlite, read_only_uri
from flowrun_widgets.times import seconds_between

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Mapping
    from pathlib import Path

__all__ = ["SQLite", "address_of"]

BUSY_SECONDS = 30
MAX_VALUE_BYTES = 64 * 1024 * 1024
"""The length of a text or JSON value; a longer one is an error."""
ALLOWED = frozenset(
    {
        sqlite3.SQLITE_SELECT,
        sqlite3.SQLITE_READ,
        sqlite3.SQLITE_FUNCTION,
        sqlite3.SQLITE_TRANSACTION,
    }
)
"""What statements may do; whatever else a file could ask for, by a view or a trigger, is refused."""
EPOCH = datetime(1970, 1, 1)


def address_of(path: Path) -> str:
    """Return the address of a file as SQLAlchemy writes it."""
    return f"sqlite:///{path}"


class SQLite(Database):
    """A file. Times are stored as text in UTC, UUIDs as text with dashes, JSON as text."""

    kind = "sqlite"
    zone = "Z"
    arrival = "rowid"

    def __init__(self, path: Path) -> None:
        self.path = path
        self.url = address_of(path)
        self._is_closed = False

    @contextmanager
    def reading(self) -> Generator[Reading]:
        """Open the file for one transaction."""
        if self._is_closed:
            raise ConnectionClosed(
                f"The connection to {self.url} was closed: fw.connect(…) opens a new one."
            )
        try:
            connection = self._connected()
        except (sqlite3.Error, OSError, ValueError) as error:
            raise self._refused(error) from None
        try:
            yield _Reading(self, connection)
        except (sqlite3.Error, UnicodeError) as error:
            raise self._refused(error) from None
        finally:
            connection.close()

    def columns(
        self, reading: Reading, tables: Iterable[str], *, only_readable: bool = True
    ) -> dict[str, set[str]]:
        """Return the columns of tables; views and virtual tables, which run code of the file, are left out."""
        sql = "select 1 from sqlite_master where type = 'table' and rootpage > 0 and name = :table"
        return {
            table: {row[1] for row in reading.rows(f"pragma table_info({table})", {})}
            for table in tables
            if reading.rows(sql, {"table": table})
        }

    def text(self, column: str) -> str:
        """Return the column."""
        return column

    def json(self, column: str) -> str:
        """Return the column."""
        return column

    def span(self, column: str) -> str:
        """Return the column."""
        return column

    def seconds(self, span: Any) -> float | None:
        """Return the seconds of a span, which is stored as a time; its default is the number 0."""
        if span in (None, 0, "0"):
            return span and 0.0
        return seconds_between(EPOCH, datetime.fromisoformat(span))

    def moment(self, moment: datetime) -> str:
        """Return the text of a time as SQLAlchemy writes it."""
        utc = moment.astimezone(UTC) if moment.tzinfo else moment
        return utc.replace(tzinfo=None).isoformat(" ", "microseconds")

    def close(self) -> None:
        """Let no more readings begin; nothing stays open between readings."""
        self._is_closed = True

    def _connected(self) -> sqlite3.Connection:
        if not S_ISREG(self.path.stat().st_mode):
            raise FileNotFoundError(self.path)
        connection = open_sqlite(
            read_only_uri(self.path),
            uri=True,
            timeout=BUSY_SECONDS,
        )
        try:
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES)
            connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
            for setting in ("query_only = on", "cell_size_check = on"):
                connection.execute(f"pragma {setting}")
            # `trusted_schema = off` would refuse the whole file: an index of Prefect's uses json_extract.
            connection.set_authorizer(_only_reading)
            connection.execute("begin")
        except BaseException:
            connection.close()
            raise
        return connection

    def _refused(self, error: Exception) -> Exception:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if isinstance(error, FileNotFoundError | NotADirectoryError):
            return NotFound(
                f"There is no database at {self.url}. In an address an absolute path begins with a fourth slash."
            )
        if isinstance(error, PermissionError) or code in (
            sqlite3.SQLITE_CANTOPEN,
            sqlite3.SQLITE_PERM,
        ):
            return AccessDenied(
                f"The database at {self.url} cannot be opened: {error}. Reading it while its server writes needs the "
                "permission to write into its folder: SQLite keeps its locks there."
            )
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return BackendUnavailable(
                f"The database at {self.url} was locked for {BUSY_SECONDS} seconds. Read it through its server: "
                "fw.connect(url)."
            )
        return BackendError(f"The database at {self.url} cannot be read: {str(error)[:200]}.")


class _Reading:
    def __init__(self, database: Database, connection: sqlite3.Connection) -> None:
        self.database = database
        self._connection = connection

    def rows(self, sql: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        return self._connection.execute(sql, values).fetchall()

    def batches(self, sql: str, values: Mapping[str, Any]) -> Iterator[list[tuple[Any, ...]]]:
        cursor = self._connection.execute(sql, values)
        while batch := cursor.fetchmany(BATCH):
            yield batch


def _only_reading(action: int, name: str | None, *_: object) -> int:
    is_allowed = action in ALLOWED or (action == sqlite3.SQLITE_PRAGMA and name == "table_info")
    return sqlite3.SQLITE_OK if is_allowed else sqlite3.SQLITE_DENY
