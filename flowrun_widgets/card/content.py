"""What is known of a run's log and task runs: what its view has read, or else what a first look brought."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowrun_widgets.log_columns import LogColumns
from flowrun_widgets.records import TaskRunRecord
from flowrun_widgets.states import Unknown
from flowrun_widgets.views.held import held_of
from flowrun_widgets.views.shown import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowrun_widgets.records import TimelineBar
    from flowrun_widgets.views.flow_run import FlowRunView
    from flowrun_widgets.views.peek import Peek

__all__ = ["Content"]


@dataclass(frozen=True, slots=True)
class Content:
    """A run as it may be shown, its log lines and task runs; None where nothing is known yet.

    Secrets are taken out here, before anything is shown, and counted in `redacted`. Lines that are not complete have
    holes between them, and their counts are lower bounds.
    """

    run: FlowRunView
    logs: LogColumns | None = None
    task_runs: Sequence[TaskRunRecord] | None = None
    is_complete: bool = True
    redacted: int = 0

    @classmethod
    def of(cls, run: FlowRunView, peek: Peek | None = None) -> Content:
        """Return what the view has read, and from a first look what it has not."""
        held = held_of(run)
        with held.lock:
            logs = None if held.logs is None else held.logs.columns
            records = None if held.task_runs is None else held.task_runs.records
        is_complete = True
        if peek is not None:
            is_complete = logs is not None or peek.is_whole
            if logs is None:
                logs = peek.first.columns.with_new(peek.last.columns)
            if records is None:
                records = [_record(run, bar) for bar in peek.timeline]
        known = shown(run, records or (), LogColumns() if logs is None else logs)
        return cls(
            run=known.run,
            logs=None if logs is None else known.logs,
            task_runs=None if records is None else known.task_runs,
            is_complete=is_complete,
            redacted=known.redacted,
        )


def _record(run: FlowRunView, bar: TimelineBar) -> TaskRunRecord:
    return TaskRunRecord(
        id=bar.id,
        flow_run_id=run.flow_run_id,
        state=(bar.state or Unknown)(),
        name=bar.label,
        map_index=None,
        started_at=bar.started_at,
        ended_at=bar.ended_at,
        has_history=False,
        upstream_ids=bar.upstream_ids,
    )
