"""Why a run failed: the first task run that broke, what it said, how often it was tried, what it held up."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowrun_widgets.analysis.attempts import ended_at
from flowrun_widgets.analysis.traceback_text import parse
from flowrun_widgets.arrow import pc
from flowrun_widgets.states import TriggerFailed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pendulum import DateTime

    from flowrun_widgets.analysis.traceback_text import Frame
    from flowrun_widgets.log_columns import LogColumns
    from flowrun_widgets.records import FlowRunRecord, TaskRunRecord

__all__ = ["Digest", "digest"]

ERROR = 40
PREFECT1_WORDS = re.compile(r"^Error during execution of task: ", re.ASCII)


@dataclass(frozen=True, slots=True)
class Digest:
    """The first failure of a run. `task` is None when the flow itself failed."""

    task: str | None
    error: str
    frames: tuple[Frame, ...] = ()
    at: DateTime | None = None
    attempts: int | None = None
    position: int | None = None
    """Position of the log line that said so."""
    held_up: tuple[str, ...] = ()
    more: int = 0


def digest(
    record: FlowRunRecord, task_runs: Sequence[TaskRunRecord], logs: LogColumns
) -> Digest | None:
    """Return the digest of a failed run; None if it did not fail."""
    if not record.state.is_failed():
        return None
    failed = [
        r for r in task_runs if r.state.is_failed() and not isinstance(r.state, TriggerFailed)
    ]
    failed.sort(key=lambda r: (_when(r) is None, _when(r), r.label))
    held_up = tuple(r.label for r in task_runs if isinstance(r.state, TriggerFailed))
    first = failed[0] if failed else None
    position, message = _telling_line(logs, first.id if first else None)
    traceback = parse(message) if message else None
    words = (first.state.message if first else record.state.message) or ""
    error = (
        (traceback.error if traceback else "")
        or PREFECT1_WORDS.sub("", words)
        or _first_line(message)
    )
    return Digest(
        task=first.label if first else None,
        error=error or f"{(first.state if first else record.state).name} without a message",
        frames=traceback.own_frames() if traceback else (),
        at=_when(first) if first else ended_at(record.state, record.states, record.ended_at),
        attempts=first.attempts if first else None,
        position=position,
        held_up=held_up,
        more=max(0, len(failed) - 1),
    )


def _when(record: TaskRunRecord) -> DateTime | None:
    return ended_at(record.state, record.states, record.ended_at)


def _telling_line(logs: LogColumns, task_run_id: str | None) -> tuple[int | None, str]:
    """Return the last error line of the task run with a traceback, else its last error line."""
    table = logs.table
    of_task = (
        pc.is_null(table["task_run_id"])
        if task_run_id is None
        else pc.fill_null(pc.equal(pc.cast(table["task_run_id"], "string"), task_run_id), False)
    )
    grave = pc.fill_null(pc.greater_equal(table["level"], ERROR), False)
    positions = pc.indices_nonzero(pc.and_(of_task, grave)).to_pylist()
    if not positions:
        return None, ""
    messages = [table["message"][position].as_py() or "" for position in positions[-20:]]
    for position, message in zip(reversed(positions[-20:]), reversed(messages), strict=True):
        if "Traceback (most recent call last)" in message:
            return position, message
    return positions[-1], messages[-1]


def _first_line(message: str) -> str:
    return message.strip().splitlines()[0] if message.strip() else ""
