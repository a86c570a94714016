"""Opening a store's file: what it has to be, and one connection a thread."""

from __future__ import annotations

import sqlite3
import threading
from importlib import resources
from typing import TYPE_CHECKING

from flowrun_widgets.errors import ArchiveError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["APPLICATION_ID", "VERSION", "StoreFile", "create"]

APPLICATION_ID = 0x464C5257
"""'FLRW', in the header of every store."""
VERSION = 1


def create(path: Path) -> None:
    """Make an empty store at `path`, with its folder, unless one is there.

    Raises:
        ArchiveError: there is a file, and it is something else.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, timeout=30, isolation_level=None)
    try:
        connection.execute("pragma journal_mode = wal")
        connection.execute("begin immediate")
        if connection.execute("select count(*) from sqlite_master").fetchone()[0] == 0:
            schema = (
                resources.files("flowrun_widgets.store").joinpath("schema.sql").read_text("utf-8")
            )
            for statement in schema.split(";\n"):
                connection.execute(statement)
            connection.execute(f"pragma application_id = {APPLICATION_ID}")
            connection.execute(f"pragma user_version = {VERSION}")
        connection.execute("commit")
        check(connection, path)
    except sqlite3.DatabaseError as error:
        raise ArchiveError(f"{path} is not a store of flow runs: {error}.") from None
    finally:
        connection.close()


def check(connection: sqlite3.Connection, path: Path) -> None:
    """Raise ArchiveError unless the open database is a store that this version reads."""
    if connection.execute("pragma application_id").fetchone()[0] != APPLICATION_ID:
        raise ArchiveError(f"{path} is not a store of flow runs.")
    version = connection.execute("pragma user_version").fetchone()[0]
    if version > VERSION:
        raise ArchiveError(
            f"{path} was written by a newer flowrun-widgets (format {version}): upgrade to read it."
        )


class StoreFile:
    """Read-only connections to one store, one for each thread that asks."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._all: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._closed = False

    def connection(self) -> sqlite3.Connection:
        """Return this thread's connection.

        Raises:
            FileNotFoundError: there is no such file.
            ArchiveError: the file is not a store.
        """
        connection = getattr(self._local, "connection", None)
        if connection is not None and not self._closed:
            return connection
        with self._lock:
            if self._closed:
                raise ArchiveError(f"the store {self.path} was closed")
            if not self.path.is_file():
                raise FileNotFoundError(self.path)
            uri = f"{self.path.resolve().as_uri()}?mode=ro"
            connection = sqlite3.connect(
                uri, uri=True, timeout=30, isolation_level=None, check_same_thread=False
            )
            try:
                connection.execute("pragma query_only = on")
                check(connection, self.path)
            except (sqlite3.DatabaseError, ArchiveError) as error:
                connection.close()
                if isinstance(error, ArchiveError):
                    raise
                raise ArchiveError(f"{self.path} cannot be read as a store: {error}.") from None
            connection.row_factory = sqlite3.Row
            self._local.connection = connection
            self._all.append(connection)
            return connection

    def close(self) -> None:
        """Close every connection."""
        with self._lock:
            self._closed = True
            while self._all:
                self._all.pop().close()
