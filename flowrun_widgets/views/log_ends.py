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
from flowrun_widgets.views.failure_lines import failure_lines
from flowrun_widgets.views.flow_run_facts import FlowRunFacts
from flowrun_widgets.views.logs import FlowRunLogs

__all__ = ["Peek", "explained", "peek"]

T = TypeVar("T")
MAX_TASK_RUNS = 200
"""How many unsuccessful task runs are read."""


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

    On Prefect 3 it costs four requests in three rounds, up to ten more if the log has hundreds of errors, and six or
    more for each sub-flow run on the way down to the failure. What cannot be read is left out.
    """
    if ends.is_whole or not run.state.is_failed():
        return ends
    backend, record = run.connection.backend, run.record
    found = _tried(lambda: tuple(backend.unsuccessful_task_runs(record.id, MAX_TASK_RUNS)))
    unsuccessful = () if isinstance(found, BackendError) else found
    log = LogPeek(ends.first.columns, ends.last.columns, is_whole=False)
    lines = failure_lines(backend, record, unsuccessful, log)
    background = background_of(record, unsuccessful, lines.with_new(log.last), backend)
    labels = {bar.id: bar.label for bar in ends.timeline}
    labels |= {one.id: one.label for one in unsuccessful}
    return replace(
        ends,
        first=_logs(run, lines, labels),
        last=_logs(run, log.last, labels),
        unsuccessful=unsuccessful,
        background=background,
    )


def _logs(run: FlowRunFacts, columns: LogColumns, labels: Mapping[str, str]) -> FlowRunLogs:
    named = columns.labelled(labels) if labels else columns
    return FlowRunLogs(named, redaction=run.connection.redaction)


def _tried(ask: Callable[[], T]) -> T | BackendError:
    try:
        return ask()
    except BackendError as error:
        return error
