"""Reads rows of a store as records and columns; each function reads within the caller's transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from flowrun_widgets.backends.prefect1_rows import (
    flow_record,
    flow_run_record,
    log_columns,
    task_run_record,
)
from flowrun_widgets.backends.protocol import LogRead, TaskRunRead
from flowrun_widgets.log_columns import NUMBERS
from flowrun_widgets.store.exact import names_noted, numbers_noted, restored
from flowrun_widgets.times import to_micros

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence

    from pendulum import DateTime

    from flowrun_widgets.errors import NotFound
    from flowrun_widgets.log_columns import LogColumns
    from flowrun_widgets.records import FlowRecord, FlowRunRecord, TaskRunRecord

__all__ = [
    "LOG",
    "TASK_RUN_ORDER",
    "LogCursor",
    "TaskRunCursor",
    "read_flow_run",
    "read_flows",
    "read_kept",
    "read_log_end",
    "read_logs",
    "read_task_runs",
    "split_kept",
    "values_of",
]

JSON = frozenset(
    {
        "labels", "parameters", "context", "run_config", "serialized_state", "settings", "serialized_flow",
        "storage", "extra", "group_labels", "data",
    }
)  # fmt: skip
FLOW_RUN = (
    "select r.*, f.name as flow_name, p.name as project_name from flow_run r "
    "left join flow f on f.id = r.flow_id left join project p on p.id = f.project_id where r.id = ?"
)
TASK_RUN = (
    "select r.*, t.id as t_id, t.slug as t_slug, t.name as t_name from task_run r "
    "left join task t on t.id = r.task_id"
)
# Task runs of the library keep the positions of their server; the others have none.
TASK_RUN_ORDER = " order by json_extract(r.extra, '$.kept.position'), t.slug, r.map_index, r.id"
FLOW = (
    "select f.*, p.name as project_name, g.labels as group_labels from flow f left join project p "
    "on p.id = f.project_id left join flow_group g on g.id = f.flow_group_id"
)
LOG_FIELDS = ("id", "timestamp", "level", "name", "message", "task_run_id")
LOG = f"select l.seq, {', '.join(f'l.{name}' for name in LOG_FIELDS)} from log l where l.flow_run_id = :run"
PAGE = 1_000


@dataclass(frozen=True, slots=True)
class LogCursor:
    """The arrival number of the newest line that was seen; writers add lines one transaction at a time."""

    seq: int = 0


@dataclass(frozen=True, slots=True)
class TaskRunCursor:
    """The newest `updated` that was seen."""

    updated: int = 0


def read_flow_run(
    read: sqlite3.Connection, source: str, flow_run_id: str, otherwise: NotFound
) -> FlowRunRecord:
    """Return a flow run with its history; raise `otherwise` if there is no row with this id."""
    row = read.execute(FLOW_RUN, (flow_run_id,)).fetchone()
    if row is None:
        raise otherwise
    values = values_of(row)
    states = read.execute(
        "select timestamp, serialized_state from flow_run_state where flow_run_id = ? order by timestamp, rowid",
        (flow_run_id,),
    )
    flow = {"name": values["flow_name"], "project": {"name": values["project_name"]}}
    history = [values_of(state) for state in states]
    values, kept = split_kept(values)
    record = flow_run_record({**values, "flow": flow, "states": history}, source)
    return restored(record, kept)


def read_flows(
    read: sqlite3.Connection, source: str, clause: str, values: tuple[Any, ...] | Mapping[str, Any]
) -> list[FlowRecord]:
    """Return the flows that match a SQL clause."""
    found: list[FlowRecord] = []
    for row in read.execute(FLOW + clause, values):
        fields, kept = split_kept(values_of(row))
        fields |= {
            "project": {"name": fields["project_name"]},
            "flow_group": {"labels": fields["group_labels"]},
        }
        found.append(restored(flow_record(fields, source), kept))
    return found


def split_kept(values: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Return the values of a row, and what the library stored with it; None: the row is not the library's."""
    extra = values.get("extra")
    if not isinstance(extra, dict) or not isinstance(extra.get("kept"), dict):
        return values, None
    rest = {key: value for key, value in extra.items() if key != "kept"}
    return {**values, "extra": rest or None}, extra["kept"]


def read_kept(read: sqlite3.Connection, flow_run_id: str) -> dict[str, Any] | None:
    """Return what the library stored about a run; None: it does not keep this run."""
    row = read.execute("select extra from flow_run where id = ?", (flow_run_id,)).fetchone()
    return None if row is None else split_kept(values_of(row))[1]


def _task_run(row: sqlite3.Row, states: list[dict[str, Any]] | None, source: str) -> TaskRunRecord:
    values, kept = split_kept(values_of(row))
    task = {"id": row["t_id"], "slug": row["t_slug"], "name": row["t_name"]}
    return restored(task_run_record({**values, "task": task, "states": states}, source), kept)


def read_task_runs(
    read: sqlite3.Connection,
    source: str,
    clause: str,
    values: tuple[Any, ...],
    cursor: TaskRunCursor,
) -> TaskRunRead:
    """Return the task runs that match a SQL clause, in order and with their histories."""
    rows = read.execute(TASK_RUN + clause + TASK_RUN_ORDER, values).fetchall()
    states: dict[str, list[dict[str, Any]]] = {}
    sql = (
        "select s.task_run_id, s.timestamp, s.serialized_state from task_run r left join task t on t.id = r.task_id "
        f"join task_run_state s on s.task_run_id = r.id{clause} order by s.timestamp, s.rowid"
    )
    for state in read.execute(sql, values):
        states.setdefault(state["task_run_id"], []).append(values_of(state))
    records = tuple(_task_run(row, states.get(row["id"]), source) for row in rows)
    return TaskRunRead(
        records, TaskRunCursor(max([row["updated"] for row in rows], default=cursor.updated))
    )


def read_logs(
    read: sqlite3.Connection, source: str, sql: str, values: Mapping[str, Any], cursor: LogCursor
) -> LogRead:
    """Return the lines that a statement selects, sorted by time; those of the library in stored order."""
    plain = read.cursor()
    plain.row_factory = None  # pyright: ignore[reportAttributeAccessIssue]
    kept = read_kept(read, values["run"])
    # New lines are few, and found by `seq`. The library wrote its lines in order, so they are contiguous by `seq`.
    by_arrival = cursor.seq or kept is not None
    plain.execute(f"{sql} order by {'' if by_arrival else 'l.timestamp, '}l.seq", values)
    columns: list[list[Any]] = [[] for _ in range(7)]
    while page := plain.fetchmany(PAGE):
        for column, part in zip(columns, zip(*page, strict=True), strict=True):
            column.extend(part)
    seqs, *fields = columns
    labels = _labels(read, values["run"], source) if kept is None else names_noted(kept, "tasks")
    lines = log_columns(source, dict(zip(LOG_FIELDS, fields, strict=True)), labels)
    lines = lines.with_levels({} if kept is None else numbers_noted(kept, "levels"))
    return LogRead(lines, LogCursor(max(seqs, default=cursor.seq)))


def read_log_end(
    read: sqlite3.Connection,
    source: str,
    flow_run_id: str,
    count: int,
    *,
    is_newest: bool,
    until: DateTime | None,
    min_level: int | None,
    task_run_ids: Sequence[str] | None,
) -> LogColumns:
    """Return the newest or the oldest `count` lines that match; no task run id means the flow's own lines."""
    values: dict[str, Any] = {"run": flow_run_id, "count": count}
    kept = read_kept(read, flow_run_id)
    conditions = [LOG]
    if until is not None:
        conditions.append("l.timestamp <= :until")
        values["until"] = to_micros(until)
    if min_level is not None:
        conditions.append("upper(l.level) in (select value from json_each(:levels))")
        values["levels"] = _json(_levels(min_level, kept))
    if task_run_ids:
        conditions.append("l.task_run_id in (select value from json_each(:tasks))")
        values["tasks"] = _json(list(task_run_ids))
    elif task_run_ids is not None:
        conditions.append("l.task_run_id is null")
    way = "desc" if is_newest else "asc"
    order = f"{'' if kept is not None else f'l.timestamp {way}, '}l.seq {way}"
    sql = f"select l.* from ({' and '.join(conditions)} order by {order} limit :count) l"
    return read_logs(read, source, sql, values, LogCursor()).columns


def _levels(min_level: int, kept: Mapping[str, Any] | None) -> list[str]:
    """Return the names, in capitals, of this level and of more severe ones."""
    numbers = NUMBERS | ({} if kept is None else numbers_noted(kept, "levels"))
    return [
        name.upper()
        for name, number in numbers.items()
        if number is not None and number >= min_level
    ]


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _labels(read: sqlite3.Connection, flow_run_id: str, source: str) -> dict[str, str]:
    return {
        row["id"]: task_run_record(
            {**dict(row), "task": {"slug": row["t_slug"], "name": row["t_name"]}}, source
        ).label
        for row in read.execute(
            "select r.id, r.flow_run_id, r.name, r.map_index, t.slug as t_slug, t.name as t_name from task_run r "
            "left join task t on t.id = r.task_id where r.flow_run_id = ?",
            (flow_run_id,),
        )
    }


def values_of(row: sqlite3.Row) -> dict[str, Any]:
    """Return the values of a row, with its JSON columns decoded."""
    return {
        key: msgspec.json.decode(value) if key in JSON and value is not None else value
        for key, value in zip(row.keys(), row, strict=True)
    }
