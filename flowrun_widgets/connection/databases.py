"""Opens the database of a Prefect server at an address, and tells Prefect 3's from Prefect 1's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowrun_widgets.backends.prefect3_database.schema import is_prefect3
from flowrun_widgets.backends.prefect3_database.source import Prefect3Database
from flowrun_widgets.backends.prefect3_database.sqlite import SQLite
from flowrun_widgets.errors import FlowRunError, InvalidArgument, MissingExtra
from flowrun_widgets.settings.addresses import shown
from flowrun_widgets.settings.files import user_path

if TYPE_CHECKING:
    from pathlib import Path

    from flowrun_widgets.backends.prefect3_database.database import Database
    from flowrun_widgets.backends.protocol import Backend
    from flowrun_widgets.settings import Secret

__all__ = ["is_prefect3_file", "postgresql", "prefect3", "sqlite"]

HEADER = b"SQLite format 3\0"
APPLICATION_ID = slice(68, 72)
"""Where a store of ours names itself in the header; Prefect leaves it empty."""


def prefect3(address: Secret, timeout_seconds: float | None = None) -> Prefect3Database:
    """Return the source for Prefect 3's database at an address of either kind; nothing is read yet.

    Raises:
        InvalidArgument: the address is invalid.
        MissingExtra: the database is PostgreSQL's, and the gateway is not installed.
    """
    is_file = address.reveal().startswith("sqlite")
    return Prefect3Database(
        SQLite(_path(address.reveal())) if is_file else _opened(address, timeout_seconds)
    )


def sqlite(address: Secret, timeout_seconds: float | None = None) -> Prefect3Database:
    """Return the source that reads the file of Prefect 3 at `sqlite:///…`, whose schema is checked.

    Raises:
        InvalidArgument: the address names no file, or the file is not Prefect 3's.
        NotFound: there is no such file.
        UnexpectedAnswer: the file has the schema of an unknown version.
    """
    source = prefect3(address, timeout_seconds)
    source.check()
    return source


def postgresql(address: Secret, timeout_seconds: float | None = None) -> Backend:
    """Return the source that reads the database of Prefect 3 or Prefect 1 at `postgresql://…`.

    The timeout limits each statement. Which Prefect it is is looked up in one transaction.

    Raises:
        InvalidArgument: the address is invalid, or the database is neither's.
        UnexpectedAnswer: the database has the schema of an unknown version.
        BackendUnavailable: the database does not answer.
        MissingExtra: the gateway is not installed.
    """
    database = _opened(address, timeout_seconds)
    with database.reading() as reading:
        found = is_prefect3(reading)
    if found:
        source = Prefect3Database(database)
        source.check()
        return source
    from flowrun_widgets.gateway.attached import attached

    return attached(address, timeout_seconds)


def is_prefect3_file(path: Path) -> bool:
    """Whether a file is an SQLite database of Prefect 3; a store is told from it by its header alone."""
    try:
        with path.open("rb") as file:
            header = file.read(APPLICATION_ID.stop)
        if not header.startswith(HEADER) or any(header[APPLICATION_ID]):
            return False
        with SQLite(path.absolute()).reading() as reading:
            return is_prefect3(reading)
    except (OSError, FlowRunError):
        return False


def _opened(address: Secret, timeout_seconds: float | None) -> Database:
    try:
        import psycopg  # noqa: F401  # pyright: ignore[reportUnusedImport]
    except ImportError as error:
        raise MissingExtra(
            "Reading a PostgreSQL database needs its driver: pip install 'flowrun-widgets[gateway]'"
        ) from error
    from flowrun_widgets.backends.prefect3_database.postgresql import PostgreSQL

    return PostgreSQL(address, timeout_seconds)


def _path(address: str) -> Path:
    _, mark, rest = address.partition(":///")
    path = rest.partition("?")[0]
    if not mark or not path or path.startswith(":memory:") or "\0" in path:
        raise InvalidArgument(
            f"{shown(address)} names no file: it must look like sqlite:////home/me/.prefect/prefect.db, with four "
            "slashes before an absolute path."
        )
    return user_path(path, "the address").absolute()
