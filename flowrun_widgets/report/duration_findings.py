"""How long tasks took over time, as sentences and a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowrun_widgets.report.figures import count, duration
from flowrun_widgets.report.findings import BLUE, Column, Findings, Table, sparkline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowrun_widgets.analysis.task_durations import DurationRow

__all__ = ["DURATION_COLUMNS", "duration_findings"]

DURATION_COLUMNS = {
    "flow": "str",
    "task": "str",
    "period_at": "datetime64[us, UTC]",
    "count": "int64",
    "failed_count": "int64",
    "p50_seconds": "float64",
    "p90_seconds": "float64",
    "p99_seconds": "float64",
    "max_seconds": "float64",
}
MIN_CHANGE = 0.1
"""A change of the median by a smaller part is not written."""
COLUMNS = (
    Column("Task"),
    Column("Flow"),
    Column("Runs", "figure"),
    Column("Failed", "figure"),
    Column("Median", "figure"),
    Column("90 %", "figure"),
    Column("99 %", "figure"),
    Column("Longest", "figure"),
    Column("Median over time", "bar", BLUE),
    Column("Last against first"),
)


def duration_findings(
    rows: Sequence[DurationRow], period: str, runs: int, left_out: int
) -> Findings:
    """Return durations as findings: a row for each task, with its medians over time."""
    periods = sorted({row.period_at for row in rows if row.period_at is not None})
    table = [
        (
            row.task or "the whole run",
            row.flow,
            count(row.count),
            count(row.failed_count),
            duration(row.p50_seconds),
            duration(row.p90_seconds),
            duration(row.p99_seconds),
            duration(row.max_seconds),
            sparkline(_medians(row, rows, periods)),
            _change(row, rows),
        )
        for row in rows
        if row.period_at is None
    ]
    more = (
        f" Task runs of the newest {count(runs)} runs were read; {count(left_out, 'older run is', 'older runs are')} "
        "left out, and limit= reads more."
        if left_out
        else ""
    )
    return Findings(
        f"How long {count(runs, 'run')} took, by task and {period}",
        () if table else ("None of the runs has ended.",),
        (
            Table(
                "", COLUMNS, table, "Those that succeeded; the time of all attempts without waits"
            ),
        ),
        f"One bar for each {period} in which a run began.{more}" if table else more.strip(),
    )


def _medians(
    row: DurationRow, rows: Sequence[DurationRow], periods: Sequence[object]
) -> list[float]:
    own: dict[object, float] = {one.period_at: one.p50_seconds or 0.0 for one in _of(row, rows)}
    return [own.get(period, 0.0) for period in periods]


def _change(row: DurationRow, rows: Sequence[DurationRow]) -> str:
    medians = [one.p50_seconds for one in _of(row, rows) if one.p50_seconds]
    if len(medians) < 2:
        return ""
    ratio = medians[-1] / medians[0]
    if abs(ratio - 1) < MIN_CHANGE:
        return "about the same"
    times = f"{ratio:.1f} times as long" if ratio >= 2 else f"{abs(ratio - 1):.0%} "
    return (
        times if ratio >= 2 else times.replace("%", " %") + ("longer" if ratio > 1 else "shorter")
    )


def _of(row: DurationRow, rows: Sequence[DurationRow]) -> list[DurationRow]:
    """Return the rows of a task's periods, oldest first."""
    key = row.flow, row.task
    return [one for one in rows if (one.flow, one.task) == key and one.period_at is not None]
