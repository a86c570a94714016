"""Writes into a store: rows in the format of Prefect 1's database, and states with the effects of its triggers."""

from __future__ import annotations

import re
import sqlite3
from typing import TYPE_CHECKING, Any, Self

import msgspec

from flowrun_widgets.errors import ArchiveError, InvalidArgument
from flowrun_widgets.sqlite import open_sqlite
from flowrun_widgets.store.file import create
from flowrun_widgets.times import parse_time, to_micros

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    Row = Mapping[str, Any]

__all__ = ["TABLES", "StoreWriter"]

TABLES = (
    "tenant", "project", "flow_group", "flow", "task", "edge", "agent_config", "agent",
    "flow_run", "flow_run_state", "task_run", "task_run_state", "task_run_artifact", "log", "message", "cloud_hook",
)  # fmt: skip
TIMES = frozenset(
    {
        "created", "updated", "scheduled_start_time", "heartbeat", "start_time", "end_time", "state_timestamp",
        "state_start_time", "timestamp", "last_queried",
    }
)  # fmt: skip
ENDED = frozenset({"Success", "Failed", "Cached", "TimedOut", "Looped", "Cancelled"})
"""The states for which Prefect 1's trigger sets `end_time`; other final states leave it null."""
INTERVAL = re.compile(r"(?:(-?\d+) days? ?)?(?:(-?)(\d+):(\d\d):(\d\d(?:\.\d{1,6})?))?")


class StoreWriter:
    """Writes into a store. Each call is one transaction: a reader sees all of it or nothing.

    The store is created if it does not exist. Use as a context manager, or call `close()`.
    """

    def __init__(self, path: Path) -> None:
        create(path)
        self.path = path
        self._connection = open_sqlite(path, timeout=30, check_same_thread=False)
        self._columns = {
            table: frozenset(
                row[1] for row in self._connection.execute(f"pragma table_info({table})")
            )
            for table in TABLES
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def add(self, tables: Mapping[str, Iterable[Row]]) -> None:
        """Add rows of several tables in one transaction; a row replaces an existing row with the same id.

        Raises:
            InvalidArgument: a store does not have this table or column.
        """
        with self._transaction():
            for table in TABLES:
                for row in tables.get(table, ()):
                    self._put(table, row)
        unknown = set(tables) - set(TABLES)
        if unknown:
            raise InvalidArgument(f"a store has no table {', '.join(sorted(unknown))}")

    def add_flow_run_state(self, row: Row) -> None:
        """Add a state to a flow run's history and make it the current state, as Prefect 1's trigger does."""
        self._add_state("flow_run", row)

    def add_task_run_state(self, row: Row) -> None:
        """Add a state to a task run's history and make it the current state, as Prefect 1's trigger does."""
        self._add_state("task_run", row)

    def _add_state(self, table: str, row: Row) -> None:
        values = self._values(f"{table}_state", row)
        with self._transaction():
            self._put(f"{table}_state", row)
            self._connection.execute(
                f"""update {table} set version = :version, state = :state, serialized_state = :serialized_state,
                    state_start_time = :start_time, state_timestamp = :timestamp, state_message = :message,
                    state_result = :result, updated = :updated,
                    start_time = case when :state = 'Running'
                        then min(coalesce(start_time, :timestamp), :timestamp) else start_time end,
                    end_time = case when :ended
                        then max(coalesce(end_time, :timestamp), :timestamp) else end_time end
                    where id = :run and :version >= coalesce(version, 0)""",
                {
                    "start_time": None,
                    "message": None,
                    "result": None,
                    "version": 1,
                    **values,
                    "ended": values["state"] in ENDED,
                    "run": values[f"{table}_id"],
                },
            )

    def _put(self, table: str, row: Row) -> None:
        values = self._values(table, row)
        names = list(values)
        updates = ", ".join(f"{name} = excluded.{name}" for name in names if name != "id")
        self._connection.execute(
            f"insert into {table} ({', '.join(names)}) values ({', '.join(f':{name}' for name in names)}) "
            f"on conflict (id) do update set {updates}",
            values,
        )

    def _values(self, table: str, row: Row) -> dict[str, Any]:
        unknown = set(row) - self._columns[table]
        if unknown:
            raise InvalidArgument(
                f"the table {table} of a store has no column {', '.join(sorted(unknown))}"
            )
        return {name: _stored(name, value) for name, value in row.items()}

    def _transaction(self) -> _Transaction:
        return _Transaction(self._connection, self.path)


class _Transaction:
    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path

    def __enter__(self) -> None:
        self._connection.execute("begin immediate")

    def __exit__(self, kind: object, error: BaseException | None, _traceback: object) -> None:
        self._connection.execute("commit" if error is None else "rollback")
        if isinstance(error, sqlite3.Error):
            raise ArchiveError(
                f"cannot write into {self._path}: {error}. This transaction was rolled back."
            ) from None


def _stored(name: str, value: Any) -> Any:
    if name in TIMES and isinstance(value, str):
        moment = parse_time(value)
        return None if moment is None else to_micros(moment)
    if name == "retry_delay" and isinstance(value, str):
        return _interval(value)
    if isinstance(value, bool):
        return int(value)
    return msgspec.json.encode(value).decode() if isinstance(value, dict | list | tuple) else value


def _interval(text: str) -> int:
    """Return the microseconds of a PostgreSQL interval such as `1 day 02:03:04.5`."""
    match = INTERVAL.fullmatch(text.strip())
    if match is None or not text.strip():
        raise InvalidArgument(f"{text!r} is not an interval")
    days, sign, hours, minutes, seconds = match.groups()
    micros = (
        round(float(seconds or 0) * 1_000_000)
        + (int(hours or 0) * 60 + int(minutes or 0)) * 60_000_000
    )
    return int(days or 0) * 86_400_000_000 + (-micros if sign else micros)
