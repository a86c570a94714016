"""`RunDurations`: how long the runs of a list and their tasks took, over time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, overload

from flowrun_widgets.analysis.task_durations import (
    PERIODS,
    DurationRow,
    period_of,
    task_durations,
)
from flowrun_widgets.backends.progress import shown_progress
from flowrun_widgets.errors import InvalidArgument
from flowrun_widgets.lazy import LazyModule
from flowrun_widgets.redaction.records import redacted_records
from flowrun_widgets.report.duration_findings import DURATION_COLUMNS, duration_findings
from flowrun_widgets.report.findings import Findings
from flowrun_widgets.runs.clean import by_connection, clean_records
from flowrun_widgets.runs.read_together import read_task_runs
from flowrun_widgets.runs.shown import ShownFindings

if TYPE_CHECKING:
    import pandas as pd

    from flowrun_widgets.records import TaskRunRecord
    from flowrun_widgets.runs.flow_run import FlowRunView
    from flowrun_widgets.runs.flow_runs import FlowRunList
else:
    pd = LazyModule("pandas")

__all__ = ["RunDurations", "durations_of", "task_runs_of"]


@dataclass(frozen=True, slots=True, repr=False)
class RunDurations(ShownFindings, Sequence[DurationRow]):
    """How long runs and their tasks took: percentiles of all periods together, and of each period.

    A sequence of rows, immutable, without secrets. As the last line of a cell it is displayed as a table of tasks;
    `print()` shows it as text. Nothing here costs a request.
    """

    rows: tuple[DurationRow, ...]
    period: str
    """"hour", "day", "week" or "month", in UTC; a week begins on Monday."""
    run_count: int
    """How many runs count."""
    left_out: int
    """How many older runs of the list were not read."""

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, key: int) -> DurationRow: ...
    @overload
    def __getitem__(self, key: slice) -> tuple[DurationRow, ...]: ...
    def __getitem__(self, key: int | slice) -> DurationRow | tuple[DurationRow, ...]:
        return self.rows[key]

    def __iter__(self) -> Iterator[DurationRow]:
        return iter(self.rows)

    def to_pandas(self) -> pd.DataFrame:
        """Return the rows as a DataFrame, index from 0.

        Columns, in order: `flow` str · `task` str (missing: the whole run) · `period_at` datetime64[us, UTC] (when the
        period begins; missing: all periods together) · `count`, `failed_count` int64 · `p50_seconds`, `p90_seconds`,
        `p99_seconds`, `max_seconds` float64 (of those that succeeded; missing if none did).

        Order: by flow; whole runs first, then tasks, the one that took longest in all first; of each, all periods
        together, then each period, the oldest first.
        """
        from flowrun_widgets.report.frames import frame_of

        return frame_of(
            [tuple(getattr(one, name) for name in DURATION_COLUMNS) for one in self.rows],
            DURATION_COLUMNS,
        )

    def _findings(self) -> Findings:
        return duration_findings(self.rows, self.period, self.run_count, self.left_out)


def durations_of(runs: FlowRunList, period: str | None, limit: int) -> RunDurations:
    """Return how long runs and their tasks took; see `FlowRunList.durations`."""
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
        raise InvalidArgument(f"`limit` must be a positive whole number, not {limit!r:.80}.")
    ended = [run for run in runs if run.state.is_finished() and run.started_at is not None]
    records = clean_records(ended[:limit])
    chosen = next((one for one in PERIODS if one == period), None)
    if period is not None and chosen is None:
        raise InvalidArgument(f"`period` must be one of {', '.join(PERIODS)}, not {period!r:.80}.")
    chosen = chosen or period_of(records)
    with shown_progress():
        rows = task_durations(records, task_runs_of(ended[:limit]), chosen)
    return RunDurations(tuple(rows), chosen, len(records), len(ended) - len(records))


def task_runs_of(runs: Sequence[FlowRunView]) -> dict[str, Sequence[TaskRunRecord]]:
    """Return the task runs of runs without secrets, by the ids of the runs."""
    found = read_task_runs(runs)
    for connection, places in by_connection(runs):
        if connection.redaction is not None:
            for key in {runs[place].flow_run_id for place in places} & found.keys():
                found[key] = redacted_records(found[key], connection.redaction).value
    return found
