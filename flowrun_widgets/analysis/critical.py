"""`critical_path()`: the chain of task runs, each waiting for the one before, that decides how long a run takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowrun_widgets.analysis.durations import ended_at, ran_seconds
from flowrun_widgets.times import seconds_between

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pendulum import DateTime

    from flowrun_widgets.records import TaskRunRecord

__all__ = ["CriticalPath", "critical_path"]


@dataclass(frozen=True, slots=True)
class CriticalPath:
    """Ids of task runs, in the order in which they ran."""

    path: tuple[str, ...]
    seconds: float
    """From the start of the first to the end of the last."""
    waited_seconds: float
    """How much of that time none of them ran: between them, and between attempts."""


def critical_path(records: Sequence[TaskRunRecord]) -> CriticalPath | None:
    """Return the chain that ends with the task run that ended last; None if no dependency is known.

    Each task run is preceded by the upstream task run that ended last before it began. Task runs that never began, or
    have not ended, are not part of the path.
    """
    if not any(record.upstream_ids for record in records):
        return None
    ends = {
        _key(record): (end, record)
        for record in records
        if record.started_at is not None and (end := ended_at(record)) is not None
    }
    if not ends:
        return None
    last_end, current = max(ends.values(), key=_by_end)
    chain = [current]
    seen = {_key(current)}
    while True:
        begun = current.started_at
        assert begun is not None
        before = [
            ends[upstream]
            for upstream in current.upstream_ids
            if upstream in ends and upstream not in seen and ends[upstream][0] <= begun
        ]
        if not before:
            break
        _, current = max(before, key=_by_end)
        seen.add(_key(current))
        chain.append(current)
    chain.reverse()
    begun = chain[0].started_at
    assert begun is not None
    seconds = max(0.0, seconds_between(begun, last_end))
    ran = sum([ran_seconds(record, ended_at(record) or last_end) or 0.0 for record in chain])
    return CriticalPath(
        tuple(record.id for record in chain), seconds, round(max(0.0, seconds - ran), 6)
    )


def _key(record: TaskRunRecord) -> str:
    """Return the id by which other task runs refer to it: for a sub-flow, the id of its run."""
    return record.child_flow_run_id or record.id


def _by_end(ended: tuple[DateTime, TaskRunRecord]) -> tuple[DateTime, str]:
    return ended[0], ended[1].id
