"""Small stores, written with sqlite3 and the schema file alone, and the same rows in a Prefect 1 server's database."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import psycopg
from psycopg import sql

if TYPE_CHECKING:
    from collections.abc import Iterable

PREFECT1 = Path(__file__).with_name("prefect1.sql")
SCHEMA = Path(__file__).parents[2] / "flowrun_widgets" / "store" / "schema.sql"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def uid(number: int) -> str:
    """Return the id with this number."""
    return str(UUID(int=number))


def micros(text: str) -> int:
    """Return a time as the store keeps it."""
    return (datetime.fromisoformat(text).astimezone(UTC) - EPOCH) // timedelta(microseconds=1)


NOON = micros("2022-01-01T12:00:00+00:00")


NOWHERE = uid(0)
"""The id of no row."""

_OWNED = {"tenant_id": NOWHERE}
REQUIRED: dict[str, dict[str, Any]] = {
    "tenant": {"name": "Default", "slug": "default"},
    "project": {"name": "project"},
    "flow": {"name": "flow", "project_id": NOWHERE, "flow_group_id": NOWHERE},
    "task": {"flow_id": NOWHERE},
    "edge": {"flow_id": NOWHERE, "upstream_task_id": NOWHERE, "downstream_task_id": NOWHERE},
    "flow_run": {"flow_id": NOWHERE, "scheduled_start_time": NOON},
    "task_run": {"flow_run_id": NOWHERE, "task_id": NOWHERE},
    "flow_run_state": {
        "flow_run_id": NOWHERE,
        "timestamp": NOON,
        "state": "Running",
        "serialized_state": {"type": "Running"},
    },
    "task_run_state": {
        "task_run_id": NOWHERE,
        "timestamp": NOON,
        "state": "Running",
        "serialized_state": {"type": "Running"},
    },
    "log": {"timestamp": NOON},
    "agent": {"last_queried": None, **_OWNED},
    "agent_config": _OWNED,
    "task_run_artifact": {"kind": "link", "task_run_id": NOWHERE, **_OWNED},
    "message": _OWNED,
    "cloud_hook": {"type": "WEBHOOK"},
}


class Rows:
    """A source that is being filled. Dicts and lists become JSON text, ids count up from 1."""

    def __init__(self, address: Path | str) -> None:
        self.address = address
        """What a gateway is given."""
        self.count = 0

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
        self.insert(
            table,
            {
                key: json.dumps(value) if isinstance(value, dict | list) else value
                for key, value in row.items()
            },
        )
        return row["id"]

    def add_logs(self, count: int, **values: Any) -> None:
        """Insert many log lines at once, a millisecond apart."""
        first = 1_000_000 + self.count
        self.count += count
        self.insert_logs(
            ["id", "timestamp", "created", "updated", "message", *values],
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

    def insert(self, table: str, row: dict[str, Any]) -> None:
        """Write one row and commit."""
        raise NotImplementedError

    def insert_logs(self, names: list[str], rows: Iterable[tuple[Any, ...]]) -> None:
        """Write many log lines and commit."""
        raise NotImplementedError


class Store(Rows):
    """A store."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.path = path
        self.connection = sqlite3.connect(path)
        self.connection.execute("pragma journal_mode = wal")
        self.connection.execute("pragma synchronous = off")
        self.connection.executescript(SCHEMA.read_text(encoding="utf-8"))

    def insert(self, table: str, row: dict[str, Any]) -> None:
        names, marks = ", ".join(row), ", ".join("?" * len(row))
        self.connection.execute(
            f"insert into {table} ({names}) values ({marks})", tuple(row.values())
        )
        self.connection.commit()

    def insert_logs(self, names: list[str], rows: Iterable[tuple[Any, ...]]) -> None:
        marks = ", ".join("?" * len(names))
        self.connection.executemany(f"insert into log ({', '.join(names)}) values ({marks})", rows)
        self.connection.commit()

    def close(self) -> None:
        """Close the writing connection."""
        self.connection.close()


class Database(Rows):
    """A Prefect 1 server's database. Nothing stands in the way of rows that point nowhere, as in a store."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.connection = psycopg.connect(address, autocommit=True)
        self.connection.execute("set session_replication_role = replica")
        # A reader that never lets go is to fail a test, not to stop it.
        self.connection.execute("set lock_timeout = '5s'")
        self._filled: set[str] = set()
        self._types: dict[tuple[str, str], str] = {}
        for table, column, kind in self.connection.execute(
            "select table_name, column_name, udt_name from information_schema.columns where table_schema = 'public'"
        ):
            self._types[table, column] = kind

    def create(self) -> None:
        """Make the tables."""
        self.connection.execute(PREFECT1.read_text(encoding="utf-8"))

    @property
    def tables(self) -> list[str]:
        """Every table of rows."""
        return sorted({table for table, _ in self._types if table != "alembic_version"})

    def has(self, table: str, column: str) -> bool:
        """Return whether the table has such a column."""
        return (table, column) in self._types

    def required(self, table: str) -> dict[str, Any]:
        """Return what a row of the table must have."""
        return REQUIRED.get(table, {})

    def empty(self) -> None:
        """Delete every row."""
        for table in self._filled:
            self.connection.execute(sql.SQL("delete from {}").format(sql.Identifier(table)))
        self._filled.clear()

    def insert(self, table: str, row: dict[str, Any]) -> None:
        self._filled.add(table)
        kinds = [self._types[table, name] for name in row]
        statement = sql.SQL("insert into {} ({}) values ({})").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, row)),
            sql.SQL(", ").join(sql.SQL("%s::text::") + sql.Identifier(kind) for kind in kinds),
        )
        values = [_spelled(kind, value) for kind, value in zip(kinds, row.values(), strict=True)]
        self.connection.execute(statement, values)

    def insert_logs(self, names: list[str], rows: Iterable[tuple[Any, ...]]) -> None:
        self._filled.add("log")
        kinds = [self._types["log", name] for name in names]
        columns = sql.SQL(", ").join(map(sql.Identifier, names))
        with (
            self.connection.cursor() as cursor,
            cursor.copy(sql.SQL("copy log ({}) from stdin").format(columns)) as copy,
        ):
            for row in rows:
                copy.write_row(
                    [_spelled(kind, value) for kind, value in zip(kinds, row, strict=True)]
                )

    def close(self) -> None:
        """Close the writing connection."""
        self.connection.close()


def _spelled(kind: str, value: Any) -> str | None:
    """Return what a store holds in the words of PostgreSQL."""
    if value is None:
        return None
    match kind:
        case "timestamptz":
            return (EPOCH + timedelta(microseconds=value)).isoformat()
        case "interval":
            days, rest = divmod(abs(value), 86_400_000_000)
            sign = "-" if value < 0 else ""
            return f"{sign}{days} days {sign}{rest} microseconds"
        case "bool":
            return "true" if value else "false"
        case _:
            return str(value)
