"""The shapes that `--json` prints: runs, task runs, lines and failures; docs/command-line.md describes them.

Names and types of the fields are stable; fields may be added. Times are ISO 8601 in UTC, spans are seconds. The records
that are passed have no secrets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowrun_widgets.analysis.durations import ended_at, ran_seconds, took_seconds, waited_seconds
from flowrun_widgets.containers import thaw
from flowrun_widgets.plain_text import shortened
from flowrun_widgets.times import from_micros

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from pendulum import DateTime

    from flowrun_widgets.analysis.digest import Digest, Remark
    from flowrun_widgets.analysis.traceback_text import Frame
    from flowrun_widgets.log_columns import LogColumns
    from flowrun_widgets.records import FlowRunRecord, TaskRunRecord
    from flowrun_widgets.states import State

__all__ = ["LINE_KEYS", "failure_json", "line_jsons", "run_json", "task_json", "time_text"]

MAX_MESSAGE_CHARS = 10_000
"""How many characters of a state's message are printed."""
LINE_FIELDS = ("level", "level_name", "task", "task_run_id", "logger", "message")
LINE_KEYS = ("at", *LINE_FIELDS)
BATCH = 1_000


def time_text(moment: datetime | None) -> str | None:
    """Return a time as `2026-11-22T02:00:04.123456Z`."""
    if moment is None:
        return None
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def run_json(record: FlowRunRecord, as_of: DateTime) -> dict[str, Any]:
    """Return a run."""
    return {
        "id": record.id,
        "name": record.name,
        "flow": record.flow_name,
        "project": record.project_name,
        "state": _state(record.state),
        "is_finished": record.state.is_finished(),
        "is_successful": record.state.is_successful(),
        "created_at": time_text(record.created_at),
        "scheduled_at": time_text(record.scheduled_start_at),
        "started_at": time_text(record.started_at),
        "ended_at": time_text(ended_at(record)),
        "took_seconds": _rounded(took_seconds(record, as_of)),
        "ran_seconds": _rounded(ran_seconds(record, as_of)),
        "attempts": record.attempts,
        "parameters": thaw(record.parameters),
        "tags": [*record.tags],
        "labels": None if record.labels is None else [*record.labels],
        "deployment_id": record.deployment_id,
        "work_pool": record.work_pool_name,
        "parent_task_run_id": record.parent_task_run_id,
        "url": record.ui_url,
        "as_of": time_text(as_of),
    }


def task_json(record: TaskRunRecord, as_of: DateTime) -> dict[str, Any]:
    """Return a task run."""
    return {
        "id": record.id,
        "name": record.label,
        "task": record.task_name or record.task_slug,
        "map_index": record.map_index if (record.map_index or 0) >= 0 else None,
        "state": _state(record.state),
        "is_finished": record.state.is_finished(),
        "is_successful": record.state.is_successful(),
        "started_at": time_text(record.started_at),
        "ended_at": time_text(ended_at(record)),
        "ran_seconds": _rounded(ran_seconds(record, as_of)),
        "waited_seconds": _rounded(waited_seconds(record, as_of)),
        "attempts": record.attempts,
        "subflow_run_id": record.child_flow_run_id,
    }


def line_jsons(columns: LogColumns) -> Iterator[dict[str, Any]]:
    """Yield lines, oldest first; lines of several runs have the name of theirs in `run`."""
    names = [*LINE_FIELDS, *(["flow_run"] if "flow_run" in columns.table.column_names else [])]
    keys = [*LINE_FIELDS, "run"][: len(names)]
    for start in range(0, len(columns), BATCH):
        table = columns.table.slice(start, BATCH)
        moments = table["timestamp"].cast("int64").to_pylist()
        rows = zip(*(table[name].to_pylist() for name in names), strict=True)
        for at, row in zip(moments, rows, strict=True):
            yield {"at": time_text(from_micros(at)), **dict(zip(keys, row, strict=True))}


def failure_json(found: Digest, logs: LogColumns) -> dict[str, Any]:
    """Return why a run failed; `logs` are the lines of the run that the digest was made from."""
    own = found.logs or logs
    evidence = None
    if found.position is not None:
        evidence = next(line_jsons(logs.slice(found.position, 1)), None)
    return {
        "task": found.task,
        "task_run_id": None if found.task_run is None else found.task_run.id,
        "attempt": found.attempt,
        "attempts": found.attempts,
        "at": time_text(found.at),
        "error": found.error,
        "frames": _frames(found.frames),
        "causes": [
            {"how": cause.how, "error": cause.error, "frames": _frames(cause.own_frames())}
            for cause in found.causes
        ],
        "ended_with": found.ended_with,
        "doubt": found.doubt,
        "line": evidence,
        "last_lines": [line for at in found.tail for line in line_jsons(own.slice(at, 1))],
        "subflow_runs": [
            {"id": below.id, "name": below.name, "flow": below.flow_name, "url": below.ui_url}
            for below in found.runs
        ],
        "never_started": [*found.held_up],
        "failed_as_well": found.more,
        "remarks": [_remark(one) for one in found.remarks],
    }


def _state(state: State) -> dict[str, Any]:
    return {
        "type": state.type,
        "name": state.name,
        "message": shortened(state.message, MAX_MESSAGE_CHARS),
        "at": time_text(state.timestamp),
    }


def _frames(frames: Sequence[Frame]) -> list[dict[str, Any]]:
    return [
        {"file": one.file, "line": one.line, "function": one.function, "code": one.code}
        for one in frames
    ]


def _remark(one: Remark) -> dict[str, Any]:
    return {"kind": one.kind, "name": one.label, "error": one.error, "count": one.count}


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 6)
