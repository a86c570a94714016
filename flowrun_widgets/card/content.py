"""What is known of a run's log and task runs: what its view has read, or else what a first look brought."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowrun_widgets.records import TaskRunRecord
from flowrun_widgets.states import Unknown
from flowrun_widgets.views.held import held_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowrun_widgets.log_columns import LogColumns
    from flowrun_widgets.records import TimelineBar
    from flowrun_widgets.views.flow_run import FlowRunView
    from flowrun_widgets.views.peek import Peek

__all__ = ["Content"]


@dataclass(frozen=True, slots=True)
class Content:
    """Log lines and task runs; None where nothing is known yet.

    Lines that are not complete have holes between them, and their counts are lower bounds.
    """

    logs: LogColumns | None = None
    task_runs: Sequence[TaskRunRecord] | None = None
    is_complete: bool = True

    @classmethod
    def of(cls, run: FlowRunView, peek: Peek | None = None) -> Content:
        """Return what the view has read, and from a first look what it has not."""
        held = held_of(run)
        with held.lock:
            logs = None if held.logs is None else held.logs.columns
            records = None if held.task_runs is None else held.task_runs.records
        if peek is None:
            return cls(logs, records)
        return cls(
            logs=peek.first.columns.with_new(peek.last.columns) if logs is None else logs,
            task_runs=[_record(run, bar) for bar in peek.timeline] if records is None else records,
            is_complete=logs is not None or peek.is_whole,
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
