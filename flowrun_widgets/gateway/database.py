"""The connections to a store: read-only, each with the functions that SQLite lacks, and one snapshot a transaction."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.pool import QueuePool

from flowrun_widgets.gateway.sqlite_functions import register
from flowrun_widgets.store.file import read_only_uri

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["open_store"]

_BUSY_SECONDS = 30


def open_store(path: Path) -> sa.Engine:
    """Return an engine that reads the store at `path` and cannot write to it.

    Raises:
        FileNotFoundError: there is no such file.
    """
    if not path.is_file():
        raise FileNotFoundError(f"No store at {path}")
    uri = read_only_uri(path)

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            uri,
            uri=True,
            timeout=_BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=32,
        )
        connection.execute("pragma query_only = on")
        register(connection)
        return connection

    engine = sa.create_engine(
        "sqlite+pysqlite://",
        creator=connect,
        poolclass=QueuePool,
        pool_size=8,
        max_overflow=-1,
    )

    # All statements of one answer see the same moment.
    event.listen(engine, "begin", _begin)
    return engine


def _begin(connection: sa.Connection) -> None:
    connection.exec_driver_sql("begin")
