"""A first look at a run whose log is too long to be read first."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowrun_widgets.backends.protocol import LogPeek
from flowrun_widgets.errors import BackendError
from flowrun_widgets.log_columns import LogColumns
from flowrun_widgets.logs import FlowRunLogs

if TYPE_CHECKING:
    from flowrun_widgets.records import TimelineBar
    from flowrun_widgets.views.flow_run import FlowRunView

__all__ = ["Peek", "peek"]


@dataclass(frozen=True, slots=True)
class Peek:
    """The ends of a run's log, and what it executed so far."""

    first: FlowRunLogs
    """The oldest lines; of a failed run with a long log, its oldest errors."""
    last: FlowRunLogs
    """The newest lines."""
    is_whole: bool
    """Whether `last` is every line that there is."""
    timeline: tuple[TimelineBar, ...]
    """Empty where only the log could be had."""


def peek(run: FlowRunView) -> Peek:
    """Ask for the three of them at once; one that fails leaves the others, and if all do, its error is raised."""
    with ThreadPoolExecutor(2, "flowrun-peek") as pool:
        asked = pool.submit(run.get_timeline)
        failed: BackendError | None = None
        try:
            log = run.connection.backend.log_peek(
                run.flow_run_id, errors_first=run.state.is_failed()
            )
        except BackendError as error:
            failed, log = error, LogPeek(LogColumns(), LogColumns(), is_whole=False)
        try:
            timeline = asked.result()
        except BackendError as error:
            if failed is not None:
                raise failed from error
            timeline = ()
    labels = {bar.id: bar.label for bar in timeline}
    first, last = (
        FlowRunLogs(
            columns.labelled(labels) if labels else columns, redaction=run.connection.redaction
        )
        for columns in (log.first, log.last)
    )
    return Peek(first, last, log.is_whole, timeline)
