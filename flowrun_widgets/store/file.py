"""Opens a store's file: checks its format, and manages the connections to it."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import resources
from stat import S_ISREG
from typing import TYPE_CHECKING

from flowrun_widgets.errors import (
    ArchiveError,
    BackendError,
    ConnectionClosed,
    InvalidArgument,
    UnexpectedAnswer,
)
from flowrun_widgets.forks import in_child, is_forked_since, moment, unlocked_in_child
from flowrun_widgets.sqlite import open_sqlite, read_only_uri

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "APPLICATION_ID",
    "VERSION",
    "Lent",
    "StoreFile",
    "check",
    "create",
    "schema",
]

APPLICATION_ID = 0x464C5257
"""'FLRW', in the header of every store."""
VERSION = 1


def schema() -> list[str]:
    """Return the SQL statements that create an empty store."""
    text = resources.files("flowrun_widgets.store").joinpath("schema.sql").read_text("utf-8")
    return text.split(";\n")


def create(path: Path, journal: str = "wal", page_size: int = 4096) -> None:
    """Create an empty store at `path`, and its folder, unless it exists.

    Raises:
        ArchiveError: the file exists and is something else.
        InvalidArgument: the file cannot be created.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = open_sqlite(path, timeout=30)
    except (OSError, ValueError, sqlite3.OperationalError) as error:
        why = getattr(error, "strerror", None) or error
        raise InvalidArgument(f"cannot make a store at {str(path)[:200]}: {why}.") from None
    try:
        connection.execute(f"pragma page_size = {page_size}")
        connection.execute(f"pragma journal_mode = {journal}")
        connection.execute("begin immediate")
        if connection.execute("select count(*) from sqlite_master").fetchone()[0] == 0:
            for statement in schema():
                connection.execute(statement)
            connection.execute(f"pragma application_id = {APPLICATION_ID}")
            connection.execute(f"pragma user_version = {VERSION}")
        connection.execute("commit")
        check(connection, path)
    except sqlite3.DatabaseError as error:
        raise ArchiveError(f"{path} is not a store of flow runs: {error}.") from None
    finally:
        connection.close()


def check(connection: sqlite3.Connection, path: Path, what: str = "a store of flow runs") -> None:
    """Raise ArchiveError unless the open database is a store that this version reads."""
    if connection.execute("pragma application_id").fetchone()[0] != APPLICATION_ID:
        raise ArchiveError(f"{path} is not {what}.")
    version = connection.execute("pragma user_version").fetchone()[0]
    if version > VERSION:
        raise ArchiveError(
            f"{path} was written by a newer version of flowrun-widgets (format {version}): upgrade to read it."
        )


@dataclass(slots=True)
class Lent:
    """A connection in use, and the device and inode of the file that it reads."""

    connection: sqlite3.Connection
    identity: tuple[int, int] | None
    opened_at: int = field(default_factory=moment)


_of_parents: list[Lent] = []
"""Connections of the parent process: a fork must neither use nor close SQLite connections."""


class StoreFile:
    """Read-only connections to one store: one stays open between reads, the others are closed after each read.

    A replaced file is noticed.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._idle: Lent | None = None
        self._lock = unlocked_in_child(threading.Lock())
        self._closed = False
        in_child(self, StoreFile._let_go)

    def _let_go(self) -> None:
        kept, self._idle = self._idle, None
        if kept is not None:
            _of_parents.append(kept)

    def check(self) -> None:
        """Raise unless the file is a store that can be read.

        Raises:
            FileNotFoundError: there is no such file.
            ArchiveError: the file is not a store.
        """
        self.take_back(self.lend())

    def lend(self) -> Lent:
        """Return a connection that only the caller uses until `take_back`.

        Raises:
            FileNotFoundError: there is no such file.
            ArchiveError: the file is not a store.
            ConnectionClosed: this was closed.
        """
        with self._lock:
            if self._closed:
                raise ConnectionClosed(
                    f"The connection to {self.path} was closed: fw.connect(…) opens a new one."
                )
            kept, self._idle = self._idle, None
        identity = self._identity()
        if kept is not None:
            if kept.identity == identity:
                return kept
            kept.connection.close()
        if identity is None:
            raise self.absent()
        return Lent(self._opened(), identity)

    def take_back(self, lent: Lent) -> None:
        """End the transaction of a lent connection, and keep the connection open if it is the only one."""
        if is_forked_since(lent.opened_at):
            _of_parents.append(lent)
            return
        with suppress(sqlite3.Error):
            lent.connection.execute("rollback")
        with self._lock:
            if self._idle is None and lent.identity is not None and not self._closed:
                self._idle = lent
                return
        lent.connection.close()

    def close(self) -> None:
        """Close the open connection; a connection in use is closed when it is taken back."""
        with self._lock:
            self._closed = True
            kept, self._idle = self._idle, None
        if kept is not None:
            kept.connection.close()

    def __del__(self) -> None:
        # Sources that nobody closed end with the last view of them.
        if (kept := getattr(self, "_idle", None)) is not None:
            kept.connection.close()

    def absent(self) -> Exception:
        """Return the error for a missing file."""
        return FileNotFoundError(self.path)

    def refused(self, error: Exception) -> Exception:
        """Return the error for an SQLite error, or for content that a store cannot have."""
        if isinstance(error, sqlite3.Error | UnicodeError):
            return BackendError(
                f"cannot read the store {self.path}: {error}. Another program may be repairing or replacing it."
            )
        return UnexpectedAnswer(
            f"The store {self.path} contains text that is not JSON, or nested too deeply: {str(error)[:200]}. "
            "Check that this package wrote it."
        )

    def _identity(self) -> tuple[int, int] | None:
        try:
            found = self.path.stat()
        except (OSError, ValueError):
            return None
        return (found.st_dev, found.st_ino) if S_ISREG(found.st_mode) else None

    def _opened(self) -> sqlite3.Connection:
        connection = None
        try:
            connection = self._connected()
            connection.execute("pragma query_only = on")
            self._check(connection)
        except (sqlite3.Error, UnicodeError, ArchiveError, OSError) as error:
            if connection is not None:
                connection.close()
            if isinstance(error, ArchiveError | FileNotFoundError):
                raise
            raise ArchiveError(f"cannot read {self.path} as a store: {error}.") from None
        connection.row_factory = sqlite3.Row
        return connection

    def _connected(self) -> sqlite3.Connection:
        return open_sqlite(
            read_only_uri(self.path),
            uri=True,
            timeout=30,
            check_same_thread=False,
        )

    def _check(self, connection: sqlite3.Connection) -> None:
        if connection.execute("select count(*) from sqlite_master").fetchone()[0] == 0:
            raise self.absent()  # another process may be making it
        check(connection, self.path)
