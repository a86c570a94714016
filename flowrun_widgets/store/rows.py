"""Converts records to rows of a store: Prefect 1's columns, and in `extra` under `kept` what these cannot represent.

Each row is read back to find what its columns cannot represent, so that what is read equals what was written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

import pyarrow as pa

from flowrun_widgets.arrow import pc
from flowrun_widgets.backends.prefect1_rows import (
    artifact_record,
    flow_record,
    flow_run_record,
    task_run_record,
)
from flowrun_widgets.log_columns import level_numbers
from flowrun_widgets.store.exact import lacking
from flowrun_widgets.times import to_micros

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pendulum import DateTime

    from flowrun_widgets.log_columns import LogColumns
    from flowrun_widgets.records import ArtifactRecord, FlowRecord, FlowRunRecord, TaskRunRecord
    from flowrun_widgets.states import State

    Row = dict[str, Any]

__all__ = ["artifact_rows", "flow_row", "flow_run_rows", "log_facts", "log_rows", "task_run_rows"]

PAGE = 10_000
HERE = "a row to be kept"


def flow_run_rows(record: FlowRunRecord, now: int) -> tuple[Row, list[Row]]:
    """Return the row of `flow_run`, whose `extra` the caller completes, and the rows of `flow_run_state`."""
    row = {
        "id": record.id,
        "flow_id": record.flow_id or "",
        "name": record.name,
        "parameters": record.parameters,
        "context": record.context,
        "labels": record.labels or (),
        "run_config": record.run_config,
        "scheduled_start_time": _micros(record.scheduled_start_at),
        **_run(record, now),
    }
    states = _states(record.id, "flow_run_id", record.states, now)
    back = flow_run_record({**row, "states": states}, HERE)
    always = ("flow_name", "project_name")  # the row of the flow may belong to a later version
    row["extra"] = {"kept": {"record": lacking(record, back, always)}}
    return row, states


def task_run_rows(
    run: FlowRunRecord, records: Sequence[TaskRunRecord], now: int
) -> tuple[list[Row], list[Row], list[Row]]:
    """Return the rows of `task`, `task_run` and `task_run_state`.

    In these tables `map_index` is unique per task: where the source has no map index, the position is used instead.
    """
    tasks: dict[str, Row] = {}
    rows: list[Row] = []
    states: list[Row] = []
    used: set[tuple[str, int]] = set()
    for position, record in enumerate(records):
        task_id = record.task_id or _made_id(
            run.flow_id or run.id, record.task_slug or record.task_name or ""
        )
        tasks.setdefault(
            task_id,
            {
                "id": task_id,
                "flow_id": run.flow_id or "",
                "name": record.task_name,
                "slug": record.task_slug,
                "created": now,
                "updated": now,
                "extra": {"kept": {}},
            },
        )
        number = position if record.map_index is None else record.map_index
        while (task_id, number) in used:
            number += len(records)
        used.add((task_id, number))
        row = {
            "id": record.id,
            "flow_run_id": run.id,
            "task_id": task_id,
            "map_index": number,
            "name": record.name,
            **_run(record, now),
        }
        own = _states(record.id, "task_run_id", record.states, now)
        back = task_run_record({**row, "states": own}, HERE)
        always = ("task_id", "task_slug", "task_name")
        row["extra"] = {"kept": {"position": position, "record": lacking(record, back, always)}}
        rows.append(row)
        states += own
    return [*tasks.values()], rows, states


def flow_row(run: FlowRunRecord, flow: FlowRecord | None, now: int) -> Row | None:
    """Return the row of `flow`, with only the name if the flow was never read. None: the run does not name a flow."""
    if flow is None:
        if run.flow_id is None:
            return None
        return {
            "id": run.flow_id,
            "name": run.flow_name or "",
            "created": now,
            "updated": now,
            "extra": {"kept": {"is_name_only": True}},
        }
    row = {
        "id": flow.id,
        "name": flow.name,
        "version": flow.version,
        "archived": flow.archived,
        "core_version": flow.core_version,
        "settings": flow.settings if flow.settings is not None else {},
        "run_config": flow.run_config,
        "serialized_flow": flow.serialized_flow,
        "storage": flow.storage,
        "flow_group_id": flow.flow_group_id,
        "created": _micros(flow.created_at) or now,
        "updated": now,
    }
    always = ("project_name", "flow_group_labels")
    row["extra"] = {"kept": {"record": lacking(flow, flow_record(row, HERE), always)}}
    return row


def artifact_rows(run: FlowRunRecord, records: Sequence[ArtifactRecord], now: int) -> list[Row]:
    """Return the rows of `task_run_artifact`; an artifact of the flow run itself has its id as the task run id."""
    rows: list[Row] = []
    for position, record in enumerate(records):
        row = {
            "id": record.id,
            "task_run_id": record.task_run_id or run.id,
            "kind": record.kind,
            "data": {record.kind: record.data},
            "created": _or(_micros(record.created_at), now),
            "updated": now,
        }
        kept = {
            "flow_run_id": run.id,
            "position": position,
            "record": lacking(record, artifact_record(row, HERE)),
        }
        rows.append({**row, "extra": {"kept": kept}})
    return rows


def log_facts(columns: LogColumns) -> Row:
    """Return facts about the lines that have no column: level numbers by name, task run labels by id."""
    table = columns.table
    levels = _pairs(table, "level_name", "level")
    ours = level_numbers([*levels])
    return {
        "levels": {name: number for name, number in levels.items() if ours[name] != number},
        "tasks": {
            key: label
            for key, label in _pairs(table, "task_run_id", "task").items()
            if label is not None
        },
    }


def log_rows(flow_run_id: str, columns: LogColumns, now: int) -> Iterator[tuple[Any, ...]]:
    """Yield the lines as (id, flow_run_id, task_run_id, timestamp, name, level, message, created, updated).

    A line without an id gets one that is not a UUID, so it has no id when it is read.
    """
    for start in range(0, len(columns), PAGE):
        part = columns.table.slice(start, PAGE)
        plain = {
            name: part[name].to_pylist() for name in ("id", "task_run_id", "logger", "level_name")
        }
        moments = pc.cast(part["timestamp"], pa.int64()).to_pylist()
        for place, (packed_id, task, moment, logger, level, message) in enumerate(
            zip(
                plain["id"],
                plain["task_run_id"],
                moments,
                plain["logger"],
                plain["level_name"],
                part["message"].to_pylist(),
                strict=True,
            )
        ):
            key = f"{flow_run_id}/{start + place}" if packed_id is None else _dashed(packed_id)
            yield key, flow_run_id, task, moment, logger, level, message, now, now


def _run(record: FlowRunRecord | TaskRunRecord, now: int) -> Row:
    state = record.state
    return {
        "created": _or(_micros(record.created_at), now),
        "updated": _or(_micros(record.updated_at), now),
        "start_time": _micros(record.started_at),
        "end_time": _micros(record.ended_at),
        "state": state.prefect1_type,
        "state_message": state.message,
        "state_timestamp": _micros(state.timestamp),
        "serialized_state": state.serialize(),
    }


def _states(owner: str, column: str, states: Sequence[State], now: int) -> list[Row]:
    return [
        {
            "id": _made_id(owner, f"state {number}"),
            column: owner,
            "timestamp": _or(_micros(state.timestamp), 0),
            "state": state.prefect1_type,
            "message": state.message,
            "serialized_state": state.serialize(),
            "version": number + 1,
            "created": now,
            "updated": now,
        }
        for number, state in enumerate(states)
    ]


def _pairs(table: pa.Table, key: str, value: str) -> dict[str, Any]:
    """Return one value for each key; None for a key that never has one."""
    plain = pa.table({"key": _words(table[key]), "value": _words(table[value])})
    each = plain.group_by(["key", "value"]).aggregate([]).to_pylist()
    found: dict[str, Any] = {}
    for pair in each:
        if pair["key"] is not None and found.get(pair["key"]) is None:
            found[pair["key"]] = pair["value"]
    return found


def _words(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column


def _dashed(packed_id: bytes) -> str:
    text = packed_id.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _made_id(*parts: str) -> str:
    return str(uuid5(NAMESPACE_URL, "/".join(parts)))


def _micros(moment: DateTime | None) -> int | None:
    return None if moment is None else to_micros(moment)


def _or(value: int | None, otherwise: int) -> int:
    return otherwise if value is None else value
