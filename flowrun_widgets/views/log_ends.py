"""`peek()`: the first and last lines of a run's log, and its timeline, for logs that take long to read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from flowrun_widgets.backends.protocol import LogPeek
from flowrun_widgets.backends.together import together
from flowrun_widgets.errors import BackendError
from flowrun_widgets.log_columns import LogColumns
from flowrun_widgets.records import TimelineBar
from flowrun_widgets.views.flow_run_facts import FlowRunFacts
from flowrun_widgets.views.logs import FlowRunLogs

__all__ = ["Peek", "peek"]

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
    first, last = (
        FlowRunLogs(
            columns.labelled(labels) if labels else columns, redaction=run.connection.redaction
        )
        for columns in (log.first, log.last)
    )
    return Peek(first, last, log.is_whole, timeline)


def _tried(ask: Callable[[], T]) -> T | BackendError:
    try:
        return ask()
    except BackendError as error:
        return error
