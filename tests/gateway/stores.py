"""Small stores, written with sqlite3 and the schema file alone."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

SCHEMA = Path(__file__).parents[2] / "flowrun_widgets" / "store" / "schema.sql"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

REQUIRED: dict[str, dict[str, Any]] = {
    "tenant": {"name": "Default", "slug": "default"},
    "project": {"name": "project"},
    "flow": {"name": "flow"},
    "edge": {},
    "task_run": {},
    "flow_run_state": {"state": "Running", "serialized_state": {"type": "Running"}},
    "task_run_state": {"state": "Running", "serialized_state": {"type": "Running"}},
    "task_run_artifact": {"kind": "link"},
    "cloud_hook": {"type": "WEBHOOK"},
}


def uid(number: int) -> str:
    """Return the id with this number."""
    return str(UUID(int=number))


def micros(text: str) -> int:
    """Return a time as the store keeps it."""
    return (datetime.fromisoformat(text).astimezone(UTC) - EPOCH) // timedelta(microseconds=1)


NOON = micros("2022-01-01T12:00:00+00:00")


class Store:
    """A store that is being filled. Dicts and lists become JSON text, ids count up from 1."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        self.connection = sqlite3.connect(path)
        self.connection.execute("pragma journal_mode = wal")
        self.connection.execute("pragma synchronous = off")
        self.connection.executescript(SCHEMA.read_text(encoding="utf-8"))

    def add(self, table: str, **values: Any) -> str:
        """Insert a row and return its id."""
        self.count += 1
        row: dict[str, Any] = {
            "id": uid(self.count),
            "created": NOON + self.count,
            "updated": NOON + self.count,
            **REQUIRED.get(table, {}),
            **values,
        }
        if table in {"flow_run_state", "task_run_state", "log"}:
            row.setdefault("timestamp", NOON)
        stored = {
            key: json.dumps(value) if isinstance(value, dict | list) else value
            for key, value in row.items()
        }
        names, marks = ", ".join(stored), ", ".join("?" * len(stored))
        self.connection.execute(
            f"insert into {table} ({names}) values ({marks})", tuple(stored.values())
        )
        self.connection.commit()
        return row["id"]

    def add_logs(self, count: int, **values: Any) -> None:
        """Insert many log lines at once, a millisecond apart."""
        first = 1_000_000 + self.count
        self.count += count
        names = ", ".join(values)
        marks = ", ".join("?" * len(values))
        self.connection.executemany(
            f"insert into log (id, timestamp, created, updated, message, {names}) values (?, ?, ?, ?, ?, {marks})",
            (
                (
                    uid(first + n),
                    NOON + n * 1000,
                    NOON,
                    NOON,
                    f"line {n}: some words that fill it up",
                    *values.values(),
                )
                for n in range(count)
            ),
        )
        self.connection.commit()

    def close(self) -> None:
        """Close the writing connection."""
        self.connection.close()
