"""Why a run failed: the first task run that broke, what it said, how often it was tried, what it held up."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from flowrun_widgets.analysis.attempts import ended_at
from flowrun_widgets.analysis.task_lines import positions_of
from flowrun_widgets.analysis.traceback_text import HEAD, parse
from flowrun_widgets.arrow import pc
from flowrun_widgets.records import beginnings
from flowrun_widgets.states import Failed, TriggerFailed
from flowrun_widgets.times import to_micros

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from pendulum import DateTime

    from flowrun_widgets.analysis.traceback_text import Frame
    from flowrun_widgets.log_columns import LogColumns
    from flowrun_widgets.records import FlowRunRecord, TaskRunRecord

__all__ = ["Digest", "digest"]

ERROR = 40
TAIL = 20
"""How many lines of the task run, up to the telling one, belong to the digest."""
LOOKED_AT = 20
"""Among how many of its last error lines a traceback is looked for."""
MESSAGE = 200_000
"""How many characters at the end of the telling message are read."""
WORDS = 10_000
"""How many characters of what was raised or said are kept."""
MOST_HELD_UP = 24
PREFECT1_WORDS = re.compile(r"^Error during execution of task: ", re.ASCII)


@dataclass(frozen=True, slots=True)
class Digest:
    """The first failure of a run. `task` is None when the flow itself failed."""

    task: str | None
    error: str
    frames: tuple[Frame, ...] = ()
    at: DateTime | None = None
    attempt: int | None = None
    """The one that said so, of `attempts`."""
    attempts: int | None = None
    position: int | None = None
    """Position of the log line that said so."""
    tail: tuple[int, ...] = ()
    """Positions of the last lines of the task run up to that one, at most 20."""
    held_up: tuple[str, ...] = ()
    """Labels of what never started because of it; of many, mapped children are one entry and the rest is counted."""
    more: int = 0
    """How many more failed."""
    task_run: TaskRunRecord | None = None


def digest(
    record: FlowRunRecord, task_runs: Sequence[TaskRunRecord], logs: LogColumns
) -> Digest | None:
    """Return the digest of a failed run; None if it did not fail."""
    if not record.state.is_failed():
        return None
    failed: list[TaskRunRecord] = []
    held_up: list[TaskRunRecord] = []
    for task_run in task_runs:
        if isinstance(task_run.state, Failed):
            is_held_up = isinstance(task_run.state, TriggerFailed)
            (held_up if is_held_up else failed).append(task_run)
    first = min(failed, key=_order, default=None)
    lines = positions_of(logs, first.id if first else None)
    position, message = _telling_line(logs, lines)
    end = len(lines) if position is None else np.searchsorted(lines, position, side="right")
    traceback = parse(message[-MESSAGE:]) if message else None
    words = (first.state.message if first else record.state.message) or ""
    error = (
        (traceback.error if traceback else "")
        or PREFECT1_WORDS.sub("", words)
        or _first_line(message)
    )
    return Digest(
        task=first.label if first else None,
        error=error[:WORDS] or f"{(first.state if first else record.state).name} without a message",
        frames=traceback.own_frames() if traceback else (),
        at=ended_at(first or record),
        attempt=_attempt(first, logs, position) if first else None,
        attempts=first.attempts if first else None,
        position=position,
        tail=tuple(map(int, lines[max(0, end - TAIL) : end])),
        held_up=_labels(held_up),
        more=max(0, len(failed) - 1),
        task_run=first,
    )


def _order(record: TaskRunRecord) -> tuple[bool, DateTime | None, str]:
    when = ended_at(record)
    return when is None, when, record.label


def _telling_line(logs: LogColumns, lines: NDArray[np.int64]) -> tuple[int | None, str]:
    """Return the last error among these lines that has a traceback, else the last error."""
    levels = logs.table["level"].take(pa.array(lines))
    grave = lines[pc.indices_nonzero(pc.greater_equal(levels, ERROR)).to_numpy()][-LOOKED_AT:]
    last: tuple[int | None, str] = None, ""
    for position in map(int, reversed(grave)):
        message = logs.table["message"][position].as_py() or ""
        if HEAD in message:
            return position, message
        if last[0] is None:
            last = position, message
    return last


def _attempt(record: TaskRunRecord, logs: LogColumns, position: int | None) -> int:
    """Return in which attempt the line was written; without line or history, the last."""
    if position is None or not record.states or not record.has_history:
        return record.attempts
    at = logs.table["timestamp"][position].value
    begun = beginnings(s for s in record.states if s.timestamp and to_micros(s.timestamp) <= at)
    return min(begun or 1, record.attempts)


def _labels(records: Sequence[TaskRunRecord]) -> tuple[str, ...]:
    if len(records) <= MOST_HELD_UP:
        return tuple(record.label for record in records)
    groups: dict[str, list[TaskRunRecord]] = {}
    for record in records:
        groups.setdefault(record.task_name or record.task_slug or record.label, []).append(record)
    labels = [
        f"{name} ({len(own)} task runs)" if len(own) > 1 else own[0].label
        for name, own in groups.items()
    ]
    if len(labels) > MOST_HELD_UP:
        labels[MOST_HELD_UP:] = [f"{len(labels) - MOST_HELD_UP} more"]
    return tuple(labels)


def _first_line(message: str) -> str:
    return message.strip().splitlines()[0] if message.strip() else ""
