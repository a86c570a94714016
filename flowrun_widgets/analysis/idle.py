"""`idle_stretches()`: the stretches of a run in which no task run ran and no line was written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from flowrun_widgets.analysis.durations import ended_at, spans
from flowrun_widgets.arrow import pc
from flowrun_widgets.times import from_micros, to_micros

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pendulum import DateTime

    from flowrun_widgets.log_columns import LogColumns
    from flowrun_widgets.records import FlowRunRecord, TaskRunRecord

__all__ = ["idle_stretches"]

LEAST_SECONDS = 60
LEAST_SHARE = 0.08
"""The shortest idle stretch, as a fraction of the run's length."""
MAX_STRETCHES = 8

Stretch = tuple[int, int]


def idle_stretches(
    record: FlowRunRecord, task_runs: Sequence[TaskRunRecord], logs: LogColumns, until: DateTime
) -> tuple[Stretch, ...]:
    """Return the longest such stretches of a run, at most 8, oldest first, in microseconds since 1970.

    Each is longer than a minute and than 8 % of the run, which counts up to `until` if it has not ended.
    """
    times = pc.cast(logs.table["timestamp"], "int64").to_numpy()
    ended = ended_at(record)
    edges = [to_micros(moment) for moment in (record.started_at, ended or until) if moment]
    edges += [int(times[0]), int(times[-1])] if len(times) else []
    started = [r.started_at for r in task_runs if r.started_at is not None]
    ends = [r.ended_at for r in task_runs if r.ended_at is not None]
    edges += [to_micros(min(started))] if started else []
    edges += [to_micros(max(ends))] if ends else []
    if len(edges) < 2:
        return ()
    start, end = min(edges), max(edges)
    least = max(LEAST_SECONDS * 1_000_000, int((end - start) * LEAST_SHARE))
    bounds = np.concatenate(([start], times, [end]))
    lengths = np.diff(bounds)
    found = [
        (int(bounds[place]), int(bounds[place + 1])) for place in np.flatnonzero(lengths > least)
    ]
    found = _without_running(found, task_runs, to_micros(until))
    found = [stretch for stretch in found if stretch[1] - stretch[0] > least]
    return tuple(sorted(sorted(found, key=lambda stretch: stretch[0] - stretch[1])[:MAX_STRETCHES]))


def _without_running(
    stretches: list[Stretch], task_runs: Iterable[TaskRunRecord], until: int
) -> list[Stretch]:
    """Return the parts of the stretches in which no task run ran."""
    if not stretches:
        return []
    first, last = from_micros(stretches[0][0]), from_micros(stretches[-1][1])
    for record in task_runs:
        begun = record.started_at
        if begun is not None and begun < last:
            if record.ended_at is not None and record.ended_at < first:
                continue
            for span in spans(record):
                if span.kind in {"ran", "failed", "tried"}:
                    end = until if span.end is None else to_micros(span.end)
                    stretches = _cut(stretches, to_micros(span.start), end)
    return stretches


def _cut(stretches: list[Stretch], start: int, end: int) -> list[Stretch]:
    if all(end <= a or start >= b for a, b in stretches):
        return stretches
    left: list[Stretch] = []
    for a, b in stretches:
        if end <= a or start >= b:
            left.append((a, b))
        else:
            left += [part for part in ((a, start), (end, b)) if part[1] > part[0]]
    return left
