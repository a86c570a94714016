"""Checks that a database is Prefect 3's, in a revision whose tables are known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowrun_widgets.backends.prefect3_database.revisions import NEWEST, OLDEST, REVISIONS
from flowrun_widgets.backends.prefect3_database.selects import TABLES
from flowrun_widgets.errors import AccessDenied, InvalidArgument, UnexpectedAnswer

if TYPE_CHECKING:
    from flowrun_widgets.backends.prefect3_database.database import Reading

__all__ = ["checked_revision", "is_prefect3"]

MARK = "alembic_version"
REVISION = "version_num"


def checked_revision(reading: Reading, known: str | None) -> str:
    """Return the revision of the schema; tables and columns are looked up unless it is still the `known` one.

    Raises:
        InvalidArgument: the database is not Prefect 3's.
        UnexpectedAnswer: its revision is not known, or lacks a column.
        AccessDenied: this user may not read it.
    """
    database = reading.database
    if known is None and not is_prefect3(reading):
        raise InvalidArgument(
            f"The database at {database.url} is not Prefect 3's: it has no tables task_run and {MARK} of its kind."
        )
    named = reading.rows(f"select {REVISION} from {MARK}", {})
    revision = str(named[0][0]) if len(named) == 1 else "none"
    if revision == known:
        return revision
    if revision not in REVISIONS[database.kind]:
        raise UnexpectedAnswer(
            f"The database at {database.url} has the schema of another version of Prefect: its revision "
            f"{revision[:40]!r} is not known here, which reads those of Prefect {OLDEST} to {NEWEST}. Read it through "
            "its server: `prefect server start`, then fw.connect('http://127.0.0.1:4200/api'). For a newer Prefect, "
            "upgrade flowrun-widgets; for an older one, `prefect server database upgrade` brings it up to date. "
            "fw.connect(…) reads another source."
        )
    there = database.columns(reading, TABLES)
    missing = [
        f"{table}.{column}"
        for table, columns in TABLES.items()
        for column in sorted(columns - there.get(table, set()))
    ]
    if missing:
        raise AccessDenied(
            f"The database at {database.url} has no {', '.join(missing[:5])}"
            f"{' and more' if missing[5:] else ''} that can be read: may this user read all its tables?"
        )
    return revision


def is_prefect3(reading: Reading) -> bool:
    """Whether the database has the tables of Prefect 3 (or 2), also if this user may not read them."""
    there = reading.database.columns(reading, (MARK, "task_run"), only_readable=False)
    return "task_key" in there.get("task_run", ()) and REVISION in there.get(MARK, ())
