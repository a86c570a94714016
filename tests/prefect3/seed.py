"""Many log lines and task runs at once: rows written straight into the server's SQLite, as it writes them itself."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = [
    "add",
    "add_lines",
    "add_task_runs",
    "copy_flow_run",
    "enter",
    "finish",
    "lines",
    "remove_lines",
    "rows",
]


def lines(
    flow_run_id: str, count: int, start: datetime, *, every: timedelta, burst_at: int | None = None, burst: int = 450,
    task_run_ids: list[str] | None = None, created: datetime | None = None,
) -> Iterable[dict[str, Any]]:  # fmt: skip
    """Yield log rows in ascending time; `burst` of them, from `burst_at`, have one identical timestamp."""
    moment = start
    for number in range(count):
        if burst_at is None or not burst_at < number < burst_at + burst:
            moment += every
        level = 40 if number % 997 == 0 else 30 if number % 101 == 0 else 20
        task = task_run_ids[number % len(task_run_ids)] if task_run_ids and number % 5 else None
        yield {
            "id": uuid7(moment, number),
            "created": text(created or moment + timedelta(milliseconds=300)),
            "updated": text(created or moment + timedelta(milliseconds=300)),
            "name": "prefect.task_runs" if task else "prefect.flow_runs",
            "level": level,
            "flow_run_id": flow_run_id,
            "task_run_id": task,
            "message": f"line {number}: read batch {number * 7 % 1000} of orders from the warehouse in 0.{number % 1000:03} s",
            "timestamp": text(moment),
        }


def add_lines(database: Path, rows: Iterable[dict[str, Any]]) -> None:
    """Add log rows."""
    names = (
        "id",
        "created",
        "updated",
        "name",
        "level",
        "flow_run_id",
        "task_run_id",
        "message",
        "timestamp",
    )
    _insert(database, "log", names, (tuple(row[name] for name in names) for row in rows))


def remove_lines(database: Path, flow_run_id: str, *, before: datetime) -> None:
    """Remove the log rows of a run that are older, as a server does that keeps them for a time."""
    connection = sqlite3.connect(database, timeout=60)
    with connection:
        connection.execute(
            "delete from log where flow_run_id = ? and timestamp < ?", (flow_run_id, text(before))
        )
    connection.close()


def copy_flow_run(database: Path, flow_run_id: str, **changes: Any) -> str:
    """Copy a flow run with its states; return the id of the copy, which has no lines and no task runs."""
    with sqlite3.connect(database, timeout=60) as connection:
        new = str(uuid4())
        states = rows(connection, "select * from flow_run_state where flow_run_id = ?", flow_run_id)
        (run,) = rows(connection, "select * from flow_run where id = ?", flow_run_id)
        ids = {state["id"]: str(uuid4()) for state in states}
        add(
            connection,
            "flow_run",
            {
                **run,
                "id": new,
                "state_id": ids[run["state_id"]],
                "idempotency_key": None,
                **changes,
            },
        )
        for state in states:
            add(connection, "flow_run_state", {**state, "id": ids[state["id"]], "flow_run_id": new})
    connection.close()
    return new


def add_task_runs(
    database: Path, source_flow_run_id: str, flow_run_id: str, count: int, start: datetime, *,
    unfinished: int = 0,
) -> list[str]:  # fmt: skip
    """Add task runs, copies of the first ended one of another run; the last `unfinished` of them are running."""
    connection = sqlite3.connect(database, timeout=60)
    with connection:
        run = rows(
            connection, "select * from task_run where flow_run_id = ? limit 1", source_flow_run_id
        )[0]
        (state,) = rows(connection, "select * from task_run_state where id = ?", run["state_id"])
        made: list[str] = []
        for number in range(count):
            due = start + timedelta(milliseconds=10 * number)
            new, new_state = uuid7(due, number), str(uuid4())
            ended = due + timedelta(seconds=2)
            is_running = number >= count - unfinished
            kind = ("RUNNING", "Running") if is_running else ("COMPLETED", "Completed")
            add(connection, "task_run_state", {
                **state, "id": new_state, "task_run_id": new, "timestamp": text(ended), "type": kind[0], "name": kind[1],
                "created": text(ended), "updated": text(ended),
            })  # fmt: skip
            inputs = (
                f'{{"rows": [{{"input_type": "task_run", "id": "{made[-1]}"}}]}}'
                if made
                else '{"rows": []}'
            )
            add(connection, "task_run", {
                **run, "id": new, "flow_run_id": flow_run_id, "state_id": new_state, "name": f"step-{number}",
                "task_key": f"step-{number % 50:08x}", "dynamic_key": str(uuid4()), "expected_start_time": text(due),
                "start_time": text(due + timedelta(milliseconds=5)), "end_time": None if is_running else text(ended),
                "state_type": kind[0], "state_name": kind[1], "state_timestamp": text(ended), "task_inputs": inputs,
                "created": text(due + timedelta(milliseconds=300)), "updated": text(ended),
            })  # fmt: skip
            made.append(new)
    connection.close()
    return made


def finish(database: Path, task_run_ids: Iterable[str], moment: datetime) -> None:
    """End task runs that were running."""
    connection = sqlite3.connect(database, timeout=60)
    with connection:
        for key in task_run_ids:
            (run,) = rows(connection, "select * from task_run where id = ?", key)
            new = str(uuid4())
            (state,) = rows(
                connection, "select * from task_run_state where id = ?", run["state_id"]
            )
            add(connection, "task_run_state", {
                **state, "id": new, "timestamp": text(moment), "type": "COMPLETED", "name": "Completed",
            })  # fmt: skip
            connection.execute(
                "update task_run set state_id = ?, state_type = 'COMPLETED', state_name = 'Completed', "
                "end_time = ?, updated = ?, state_timestamp = ? where id = ?",
                (new, text(moment), text(moment), text(moment), key),
            )
    connection.close()


def enter(database: Path, flow_run_id: str, kind: str, name: str) -> None:
    """Have a flow run enter a state, now."""
    present = text(datetime.now(UTC))
    connection = sqlite3.connect(database, timeout=60)
    with connection:
        (run,) = rows(connection, "select * from flow_run where id = ?", flow_run_id)
        (state,) = rows(connection, "select * from flow_run_state where id = ?", run["state_id"])
        new = str(uuid4())
        add(connection, "flow_run_state", {
            **state, "id": new, "timestamp": present, "type": kind, "name": name, "created": present, "updated": present,
        })  # fmt: skip
        connection.execute(
            "update flow_run set state_id = ?, state_type = ?, state_name = ?, state_timestamp = ?, end_time = ?, "
            "updated = ? where id = ?",
            (
                new,
                kind,
                name,
                present,
                present if kind == "COMPLETED" else None,
                present,
                flow_run_id,
            ),
        )
    connection.close()


def uuid7(moment: datetime, number: int) -> str:
    """Return an id that sorts by time, as Prefect's client makes them."""
    millis = int(moment.timestamp() * 1000)
    random = uuid4().int & ((1 << 62) - 1)
    return str(
        UUID(int=(millis << 80) | (0x7 << 76) | ((number & 0xFFF) << 64) | (0b10 << 62) | random)
    )


def text(moment: datetime) -> str:
    """Return a time as SQLAlchemy writes it into SQLite, where times are compared as text."""
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f")


def rows(connection: sqlite3.Connection, sql: str, *values: Any) -> list[dict[str, Any]]:
    """Return the rows of a query, each as a dictionary."""
    cursor = connection.execute(sql, values)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def add(connection: sqlite3.Connection, table: str, row: dict[str, Any]) -> None:
    """Add a row to a table."""
    marks = ", ".join("?" for _ in row)
    connection.execute(
        f"insert into {table} ({', '.join(row)}) values ({marks})", tuple(row.values())
    )


def _insert(
    database: Path, table: str, names: tuple[str, ...], rows: Iterable[tuple[Any, ...]]
) -> None:
    connection = sqlite3.connect(database, timeout=60)
    marks = ", ".join("?" for _ in names)
    with connection:
        connection.executemany(f"insert into {table} ({', '.join(names)}) values ({marks})", rows)
    connection.close()
