"""`failure_content()`: the part of a run that explains its failure, at a cost that does not grow with its log."""

from __future__ import annotations

import logging
from dataclasses import replace

from flowrun_widgets.analysis.digest import Digest, digest
from flowrun_widgets.backends.protocol import Backend
from flowrun_widgets.records import FlowRunRecord
from flowrun_widgets.redaction.shareable import RunContent
from flowrun_widgets.times import from_micros

__all__ = ["MAX_TASK_RUNS", "failure_content"]

MAX_TASK_RUNS = 200
"""How many task runs that failed or never began are read."""
MAX_LINES = 200
"""How many lines are read each time."""
LATE_SECONDS = 10
"""How long after a failure its lines may still be logged."""


def failure_content(record: FlowRunRecord, backend: Backend) -> RunContent:
    """Return a failed run with its unsuccessful task runs, the errors up to its failure, and the lines before these.

    Costs three requests in a row: the task runs; the newest errors, up to ten seconds after the failure; and the newest
    lines of the task run that it began with, or of the flow itself, up to the error that reports it. If so many errors
    are later that this one is not among them, the errors of what failed cost one more. So the evidence is found
    wherever it is in a long log.
    """
    task_runs = backend.unsuccessful_task_runs(record.id, MAX_TASK_RUNS)
    content = RunContent(record, task_runs)
    found = _found(content)
    content = _with_lines(content, backend, found, min_level=logging.ERROR)
    found = _found(content) or found
    if len(content.logs) >= MAX_LINES and (found is None or found.position is None):
        content = _with_lines(content, backend, found, _own(found), min_level=logging.ERROR)
        found = _found(content) or found
    return _with_lines(content, backend, found, _own(found))


def _found(content: RunContent) -> Digest | None:
    return digest(content.run, content.task_runs, content.logs)


def _own(found: Digest | None) -> list[str]:
    """Return the task run that failed; none if the flow itself did."""
    return [] if found is None or found.task_run is None else [found.task_run.id]


def _with_lines(
    content: RunContent,
    backend: Backend,
    found: Digest | None,
    task_run_ids: list[str] | None = None,
    *,
    min_level: int | None = None,
) -> RunContent:
    """Return the content with the newest lines up to the one that reports the failure, or up to its time."""
    until = None
    if found is not None and found.at is not None:
        until = found.at.add(seconds=LATE_SECONDS)
    if found is not None and found.position is not None:
        until = from_micros(content.logs.table["timestamp"][found.position].value)
    lines = backend.log_end(
        content.run.id,
        MAX_LINES,
        until=until,
        min_level=min_level,
        task_run_ids=task_run_ids,
        has_labels=False,
    )
    labels = {one.id: one.label for one in content.task_runs}
    return replace(content, logs=content.logs.with_new(lines).labelled(labels))
