"""A run as it may be shown: without its secrets, by the rules of its connection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowrun_widgets.redaction.shareable import RunContent, shareable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowrun_widgets.log_columns import LogColumns
    from flowrun_widgets.records import TaskRunRecord
    from flowrun_widgets.views.flow_run import FlowRunView

__all__ = ["Shown", "shown"]


@dataclass(frozen=True, slots=True)
class Shown:
    """A run, its task runs and log lines, and how many secret values were replaced in them."""

    run: FlowRunView
    task_runs: Sequence[TaskRunRecord]
    logs: LogColumns
    redacted: int


def shown(run: FlowRunView, task_runs: Sequence[TaskRunRecord], logs: LogColumns) -> Shown:
    """Return what may be told of a run; whatever has no secret stays the same object."""
    clean = shareable(RunContent(run.record, task_runs, logs), run.connection.redaction)
    record = clean.value.run
    view = run if record is run.record else type(run)(record, run.connection, as_of=run.as_of)
    return Shown(view, clean.value.task_runs, clean.value.logs, clean.count)
