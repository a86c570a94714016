"""Opens SQLite databases, on connections that no fork interrupts: SQLite's own locks would stay held in the child."""

from __future__ import annotations

import os
import sqlite3
from typing import TYPE_CHECKING, Any, Self

from flowrun_widgets.forks import unforked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

__all__ = ["open_sqlite", "read_only_uri"]

_AT_ONCE = 100


def open_sqlite(database: str | Path, **options: Any) -> sqlite3.Connection:
    """Open a database as `sqlite3.connect` does, without transactions that begin by themselves.

    Raises:
        sqlite3.Error: what `sqlite3.connect` raises.
    """
    with unforked:
        return sqlite3.connect(database, isolation_level=None, factory=_Connection, **options)


def read_only_uri(path: Path) -> str:
    """Return the SQLite URI for reading a file.

    If the file cannot be written, SQLite needs no lock files, and could not create them.
    """
    beside = path.with_name(path.name + "-wal")
    can_change = os.access(path.parent, os.W_OK) or os.access(path, os.W_OK) or beside.exists()
    return f"{path.resolve().as_uri()}?mode=ro{'' if can_change else '&immutable=1'}"


class _Cursor(sqlite3.Cursor):
    def execute(self, sql: str, parameters: Any = (), /) -> Self:
        with unforked:
            return super().execute(sql, parameters)

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> Self:
        with unforked:
            return super().executemany(sql, parameters)

    def fetchone(self) -> Any:
        with unforked:
            return super().fetchone()

    def fetchmany(self, size: int | None = 1) -> list[Any]:
        with unforked:
            return super().fetchmany(size)

    def fetchall(self) -> list[Any]:
        with unforked:
            return super().fetchall()

    def __iter__(self) -> Iterator[Any]:  # pyright: ignore[reportIncompatibleMethodOverride]
        while rows := self.fetchmany(_AT_ONCE):
            yield from rows

    def close(self) -> None:
        with unforked:
            super().close()


class _Connection(sqlite3.Connection):
    def cursor(self, factory: Any = _Cursor) -> Any:
        return super().cursor(factory)

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        return self.cursor().execute(sql, parameters)

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> sqlite3.Cursor:
        return self.cursor().executemany(sql, parameters)

    def commit(self) -> None:
        with unforked:
            super().commit()

    def rollback(self) -> None:
        with unforked:
            super().rollback()

    def close(self) -> None:
        with unforked:
            super().close()
