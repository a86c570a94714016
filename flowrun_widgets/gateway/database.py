"""Opens the database of a gateway: a store, or a Prefect 1 server's. Read-only, one snapshot per transaction."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.pool import QueuePool

from flowrun_widgets.backends.postgresql import shown_address
from flowrun_widgets.gateway import prefect_database
from flowrun_widgets.gateway.postgresql import PostgreSQL
from flowrun_widgets.gateway.render import LARGEST_ROW
from flowrun_widgets.gateway.sqlite import SQLite
from flowrun_widgets.gateway.sqlite_functions import register
from flowrun_widgets.settings import Secret
from flowrun_widgets.sqlite import open_sqlite, read_only_uri

if TYPE_CHECKING:
    from flowrun_widgets.gateway.dialects import Dialect

__all__ = ["Database", "open_database"]

_BUSY_SECONDS = 30


@dataclass(frozen=True)
class Database:
    """An open database: its address without the password, its engine and its SQL dialect."""

    address: str
    engine: sa.Engine
    dialect: Dialect


def open_database(address: Path | str | Secret, timeout_seconds: float) -> Database:
    """Return the store at a path, or the database at `postgresql://…`.

    Raises:
        FileNotFoundError: there is no such file.
        InvalidArgument: the address is invalid, or the database is not Prefect 1's.
        BackendUnavailable: the database does not answer.
    """
    if isinstance(address, str) and "://" in address:
        address = Secret(address)
    if isinstance(address, Secret):
        engine, tables = prefect_database.open_database(address, timeout_seconds)
        return Database(shown_address(address), engine, PostgreSQL(tables))
    path = Path(address)
    return Database(str(path), _open_store(path), SQLite())


def _open_store(path: Path) -> sa.Engine:
    """Return an SQLite engine, extended by functions that SQLite lacks.

    Raises:
        FileNotFoundError: there is no such file.
    """
    if not path.is_file():
        raise FileNotFoundError(f"No store at {path}")
    uri = read_only_uri(path)

    def connect() -> sqlite3.Connection:
        connection = open_sqlite(
            uri,
            uri=True,
            timeout=_BUSY_SECONDS,
            check_same_thread=False,
            cached_statements=32,
        )
        connection.execute("pragma query_only = on")
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LARGEST_ROW)
        register(connection)
        return connection

    engine = sa.create_engine(
        "sqlite+pysqlite://",
        creator=connect,
        poolclass=QueuePool,
        pool_size=8,
        max_overflow=-1,
    )

    # All statements of one answer read the same snapshot.
    event.listen(engine, "begin", _begin)
    return engine


def _begin(connection: sa.Connection) -> None:
    connection.exec_driver_sql("begin")
