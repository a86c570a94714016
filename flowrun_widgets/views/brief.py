"""`brief_content()`: the part of a run that explains how it ended, at a cost that does not grow with its log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowrun_widgets.views.background import read_background
from flowrun_widgets.views.content import known_content
from flowrun_widgets.views.log_ends import explained

if TYPE_CHECKING:
    from flowrun_widgets.report.content import Content
    from flowrun_widgets.views.flow_run import FlowRunSnapshot

__all__ = ["brief_content"]


def brief_content(run: FlowRunSnapshot) -> Content:
    """Return what the view has read, after reading what is missing for an explanation of how the run ended.

    Where a log is read in pages, a long log is read only in parts: its ends, its errors, and what was logged just
    before the failure. That costs what `peek()` and `explained()` cost. Otherwise it costs what `get_logs()`, `get_all_task_runs()` and `digest()` cost.

    Raises:
        FlowRunError: the source failed to answer.
    """
    if run.connection.backend.is_paged and run.fetched.logs is None:
        if not run.record.has_history:
            run = run.get_latest()
        ends = run.peek()
        if not ends.is_whole:
            return known_content(run, explained(run, ends))
    run.get_all_task_runs()
    run.get_logs()
    read_background(run)
    return known_content(run)
