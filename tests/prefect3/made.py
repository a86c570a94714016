"""A small database of Prefect 3 that needs no Prefect: the tables that are read, with one run that failed."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

from flowrun_widgets.backends.prefect3_database.revisions import REVISIONS
from flowrun_widgets.backends.prefect3_database.selects import TABLES

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["FLOW_RUN_ID", "execute", "insert", "made"]

FLOW_RUN_ID = "00000000-0000-4000-8000-0000000000d1"
FLOW_ID = "00000000-0000-4000-8000-0000000000d2"
TASK_RUN_ID = "00000000-0000-4000-8000-0000000000d3"
NOON = "2026-11-30 12:00:00.000000"


def made(path: Path, revision: str = REVISIONS["sqlite"][-1]) -> Path:
    """Create the database, in a journal as Prefect's, and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("pragma journal_mode = wal")
        connection.execute("create table alembic_version (version_num)")
        connection.execute("insert into alembic_version values (?)", (revision,))
        for table, columns in TABLES.items():
            connection.execute(f"create table {table} ({', '.join(sorted(columns))})")
        connection.commit()
    insert(path, "flow", id=FLOW_ID, name="nightly", created=NOON, tags="[]")
    for kind, key, more in (
        (
            "flow_run",
            FLOW_RUN_ID,
            {"flow_id": FLOW_ID, "parameters": '{"rows": 3}', "state_name": "Failed"},
        ),
        ("task_run", TASK_RUN_ID, {"flow_run_id": FLOW_RUN_ID, "task_key": "load-0123abcd"}),
    ):
        state = key.replace("d", "e")
        insert(
            path, f"{kind}_state", id=state, type="FAILED", name="Failed", timestamp=NOON,
            message="no rows", state_details="{}", **{f"{kind}_id": key},
        )  # fmt: skip
        insert(
            path, kind, id=key, name=kind, state_id=state, state_type="FAILED", run_count=1,
            total_run_time="1970-01-01 00:00:02.500000", start_time=NOON, end_time=NOON,
            expected_start_time=NOON, created=NOON, updated=NOON, tags="[]", **more,
        )  # fmt: skip
    insert(
        path, "log", id="00000000-0000-4000-8000-0000000000f1", timestamp=NOON, level=40,
        name="prefect.flow_runs", message="no rows", flow_run_id=FLOW_RUN_ID, task_run_id=TASK_RUN_ID,
    )  # fmt: skip
    return path


def insert(path: Path, table: str, **values: Any) -> None:
    """Add a row."""
    marks = ", ".join("?" for _ in values)
    execute(path, f"insert into {table} ({', '.join(values)}) values ({marks})", *values.values())


def execute(path: Path, sql: str, *values: Any) -> None:
    """Run a statement that writes."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(sql, values)
        connection.commit()
