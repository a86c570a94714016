"""`failure_content()`: the part of a run that explains its failure, at a cost that does not grow with its log."""

from __future__ import annotations

import logging
from dataclasses import replace

from pendulum import DateTime

from flowrun_widgets.analysis.digest import Digest, digest
from flowrun_widgets.analysis.engine_words import is_of_end, said_of
from flowrun_widgets.backends.protocol import Backend
from flowrun_widgets.log_columns import LogColumns
from flowrun_widgets.records import FlowRunRecord
from flowrun_widgets.redaction.shareable import RunContent
from flowrun_widgets.times import from_micros

__all__ = ["MAX_TASK_RUNS", "failure_content"]

MAX_TASK_RUNS = 200
"""How many task runs that failed or never began are read."""
MAX_LINES = 200
"""How many lines are read each time."""
MAX_SEARCHES = 20
"""How many pages of errors are searched, of what failed and of the whole run."""
LEAST_WORDS = 8
"""A shorter error is in many lines."""
LATE_SECONDS = 10
"""How long after a failure its lines may still be logged."""


def failure_content(record: FlowRunRecord, backend: Backend) -> RunContent:
    """Return a failed run with its unsuccessful task runs, the errors up to its failure, and the lines before these.

    Costs three requests in a row: the task runs; the newest errors, up to ten seconds after the failure; and the newest
    lines of the task run that it began with, or of the flow itself, up to the error that reports it. If there are so
    many errors that this one is not among them, it is searched for in those of what failed, then in those of the whole
    run, at most 20 requests each. So the evidence is found wherever it is in a long log.
    """
    task_runs = backend.unsuccessful_task_runs(record.id, MAX_TASK_RUNS)
    content = RunContent(record, task_runs)
    found = _found(content)
    content = _with_lines(content, backend, found, min_level=logging.ERROR)
    found = _found(content) or found
    if len(content.logs) >= MAX_LINES:
        content = _searched(content, backend, found)
        found = _found(content) or found
    return _with_lines(content, backend, found, _own(found))


def _searched(content: RunContent, backend: Backend, found: Digest | None) -> RunContent:
    """Return the content with errors up to the one that has the words of the failure, the newest first."""
    failed = content.run if found is None or found.task_run is None else found.task_run
    words = next(iter(said_of(failed.state).splitlines()), "").strip()
    for task_run_ids in (_own(found), None):
        until, is_end = _until(found), False
        for _ in range(MAX_SEARCHES):
            if is_end or _tells(content, words):
                break
            page = _page(content, backend, until, task_run_ids, min_level=logging.ERROR)
            content = replace(content, logs=content.logs.with_new(page))
            is_end = len(page) < MAX_LINES
            until = None if is_end else from_micros(page.table["timestamp"][0].value)
    return content


def _tells(content: RunContent, words: str) -> bool:
    """Return whether a line has the words, other than the one that repeats the state in which a run ended."""
    if len(words) < LEAST_WORDS:
        found = _found(content)
        return found is not None and found.position is not None
    messages = (message or "" for message in content.logs.table["message"].to_pylist())
    return any(words in message and not is_of_end(message) for message in messages)


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
    until = _until(found)
    if found is not None and found.position is not None:
        until = from_micros(content.logs.table["timestamp"][found.position].value)
    page = _page(content, backend, until, task_run_ids, min_level=min_level)
    return replace(content, logs=content.logs.with_new(page))


def _until(found: Digest | None) -> DateTime | None:
    """Return the time up to which the lines of the failure are expected."""
    return None if found is None or found.at is None else found.at.add(seconds=LATE_SECONDS)


def _page(
    content: RunContent,
    backend: Backend,
    until: DateTime | None,
    task_run_ids: list[str] | None,
    *,
    min_level: int | None,
) -> LogColumns:
    lines = backend.log_end(
        content.run.id,
        MAX_LINES,
        until=until,
        min_level=min_level,
        task_run_ids=task_run_ids,
        has_labels=False,
    )
    return lines.labelled({one.id: one.label for one in content.task_runs})
