"""`peek()`: the first and last lines of a run's log, and its timeline, for logs that take long to read.

`explained()` adds what explains a failure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from flowrun_widgets.analysis.background import NOTHING_MORE, Background
from flowrun_widgets.backends.protocol import LogPeek
from flowrun_widgets.backends.together import together
from flowrun_widgets.errors import BackendError
from flowrun_widgets.log_columns import LogColumns
from flowrun_widgets.records import TaskRunRecord, TimelineBar
from flowrun_widgets.views.background import background_of
from flowrun_widgets.views.failure_content import failure_content
from flowrun_widgets.views.flow_run_facts import FlowRunFacts
from flowrun_widgets.views.logs import FlowRunLogs

__all__ = ["Peek", "explained", "peek"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Peek:
    """The first and the last lines of a run's log, and the task runs that it has executed so far."""

    first: FlowRunLogs
    """The oldest lines; for a failed run with a long log, its oldest errors."""
    last: FlowRunLogs
    """The newest lines."""
    is_whole: bool
    """Whether `last` holds every line of the log."""
    timeline: tuple[TimelineBar, ...]
    """The timeline; empty if only the log could be read."""
    unsuccessful: tuple[TaskRunRecord, ...] = ()
    """The task runs that failed or never began, at most 200, once they were read."""
    background: Background = NOTHING_MORE
    """What explains the failure of the run besides, once it was read."""


def peek(run: FlowRunFacts) -> Peek:
    """Request all three parts at once. If some fail, return the others; if all fail, raise the error."""
    backend, run_id = run.connection.backend, run.flow_run_id
    log, timeline = together(
        lambda: _tried(lambda: backend.log_peek(run_id, errors_first=run.state.is_failed())),
        lambda: _tried(lambda: tuple(backend.timeline(run_id))),
    )
    if isinstance(log, BackendError):
        if isinstance(timeline, BackendError):
            raise log
        log = LogPeek(LogColumns(), LogColumns(), is_whole=False)
    if isinstance(timeline, BackendError):
        timeline = ()
    labels = {bar.id: bar.label for bar in timeline}
    first, last = (_logs(run, columns, labels) for columns in (log.first, log.last))
    return Peek(first, last, log.is_whole, timeline)


def explained(run: FlowRunFacts, ends: Peek) -> Peek:
    """Return a peek together with what explains the failure of a run with a long log; of any other run the same peek.

    Costs what `failure_content()` and `background_of()` cost. If it cannot be read, the peek stays as it is.
    """
    if ends.is_whole or not run.state.is_failed():
        return ends
    backend = run.connection.backend
    found = _tried(lambda: failure_content(run.record, backend))
    if isinstance(found, BackendError):
        return ends
    labels = {bar.id: bar.label for bar in ends.timeline}
    labels |= {one.id: one.label for one in found.task_runs}
    return replace(
        ends,
        first=_logs(run, ends.first.columns.with_new(found.logs), labels),
        last=_logs(run, ends.last.columns, labels),
        unsuccessful=tuple(found.task_runs),
        background=background_of(found, backend),
    )


def _logs(run: FlowRunFacts, columns: LogColumns, labels: Mapping[str, str]) -> FlowRunLogs:
    named = columns.labelled(labels) if labels else columns
    return FlowRunLogs(named, redaction=run.connection.redaction)


def _tried(ask: Callable[[], T]) -> T | BackendError:
    try:
        return ask()
    except BackendError as error:
        return error
