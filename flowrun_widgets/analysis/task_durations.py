"""`task_durations()`: percentiles of how long tasks and runs took, for each period of time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
from pendulum import DateTime

from flowrun_widgets.analysis.durations import ended_at, ran_seconds
from flowrun_widgets.times import as_utc

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flowrun_widgets.records import FlowRunRecord, TaskRunRecord

__all__ = ["PERIODS", "DurationRow", "period_of", "task_durations"]

PERIODS = ("hour", "day", "week", "month")
SECONDS = {"hour": 3_600, "day": 86_400, "week": 604_800, "month": 2_629_800}
MAX_PERIODS = 16
"""The finest period is chosen of which the runs span at most so many."""


@dataclass(frozen=True, slots=True)
class DurationRow:
    """How long the task runs of one task took that began in one period; `task` is None for whole runs."""

    flow: str
    task: str | None
    period_at: DateTime | None
    """When the period begins; None for all periods together."""
    count: int
    failed_count: int
    p50_seconds: float | None
    """The median of those that succeeded, in seconds; None if none did."""
    p90_seconds: float | None
    p99_seconds: float | None
    max_seconds: float | None


def period_of(records: Sequence[FlowRunRecord]) -> str:
    """Return the finest period of which the runs span at most sixteen."""
    times = [one.started_at for one in records if one.started_at is not None]
    span = (max(times) - min(times)).total_seconds() if times else 0.0
    return next((one for one in PERIODS if span <= MAX_PERIODS * SECONDS[one]), PERIODS[-1])


def task_durations(
    runs: Sequence[FlowRunRecord],
    task_runs: Mapping[str, Sequence[TaskRunRecord]],
    period: str,
) -> list[DurationRow]:
    """Return rows of flows and tasks: all periods together first, then each period, oldest first.

    Flows come in the order of their names; whole runs first, then tasks, the one that took longest in all first. Counted
    is the time of all attempts without waits. Mapped children count one by one.
    """
    of_task: dict[tuple[str, str | None], list[tuple[DateTime, float, bool]]] = {}
    for run in runs:
        flow = run.flow_name or ""
        for one in (run, *task_runs.get(run.id, ())):
            name = None if one is run else _task(one)
            until = ended_at(one)
            if one.started_at is None or until is None or one.state.is_mapped():
                continue
            seconds = ran_seconds(one, until)
            if seconds is not None:
                row = one.started_at, seconds, one.state.is_failed()
                of_task.setdefault((flow, name), []).append(row)
    order = {key: sum(seconds for _, seconds, _ in rows) for key, rows in of_task.items()}
    found: list[DurationRow] = []
    for key in sorted(of_task, key=lambda key: (key[0], key[1] is not None, -order[key])):
        rows = of_task[key]
        found.append(_row(*key, None, rows))
        periods: dict[DateTime, list[tuple[DateTime, float, bool]]] = {}
        for row in rows:
            periods.setdefault(_begin(row[0], period), []).append(row)
        found += [_row(*key, at, periods[at]) for at in sorted(periods)]
    return found


def _row(
    flow: str, task: str | None, at: DateTime | None, rows: Sequence[tuple[DateTime, float, bool]]
) -> DurationRow:
    good = [seconds for _, seconds, has_failed in rows if not has_failed]
    p50, p90, p99, most = (
        map(float, np.percentile(good, [50, 90, 99, 100])) if good else (None,) * 4
    )
    failed = len(rows) - len(good)
    return DurationRow(flow, task, at, len(rows), failed, p50, p90, p99, most)


def _task(record: FlowRunRecord | TaskRunRecord) -> str:
    names = (getattr(record, name, None) for name in ("task_name", "task_slug", "name"))
    return next(filter(None, names), record.id)


def _begin(moment: DateTime, period: str) -> DateTime:
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    if period == "hour":
        return as_utc(moment.replace(minute=0, second=0, microsecond=0))
    if period == "week":
        return as_utc(day - timedelta(days=day.isoweekday() - 1))
    return as_utc(day.replace(day=1) if period == "month" else day)
