"""`failure_lines()`: the lines that explain a failure, wherever they are in a long log, in few requests."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from flowrun_widgets.analysis.digest import digest
from flowrun_widgets.analysis.durations import ended_at
from flowrun_widgets.analysis.engine_words import is_of_end, said_of
from flowrun_widgets.backends.together import together
from flowrun_widgets.errors import BackendError
from flowrun_widgets.times import from_micros

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pendulum import DateTime

    from flowrun_widgets.backends.protocol import Backend, LogPeek
    from flowrun_widgets.log_columns import LogColumns
    from flowrun_widgets.records import FlowRunRecord, TaskRunRecord

__all__ = ["failure_lines"]

WARNING, ERROR = 30, 40
LATE_SECONDS = 10
"""How long after its failure the error of a task run may be logged."""
LEAST_WORDS = 8
"""A shorter error is not searched for."""
MAX_PAGES = 9
"""How many pages of errors are searched."""


def failure_lines(
    backend: Backend, record: FlowRunRecord, unsuccessful: Sequence[TaskRunRecord], log: LogPeek
) -> LogColumns:
    """Return the oldest errors, completed by those of the failure and by what was logged just before it.

    First the errors of the flow itself and of the task run that ended it, up to the times when they failed. If none of
    the known lines has the words of the error, lines with these words are searched for, by the source or in the errors,
    page by page. Then the lines and the warnings before the one that reports the failure.
    """
    run_id = record.id
    end = _late(ended_at(record) or record.state.timestamp)
    known = _together(
        log.first, lambda: backend.lines_up_to(run_id, end, min_level=ERROR, task_run_ids=())
    )
    found = digest(record, unsuccessful, known.with_new(log.last))
    if found is None:
        return known
    own, late = (), end
    if found.task_run is not None:
        own, late = (found.task_run.id,), _late(found.at)
        known = _together(
            known, lambda: backend.lines_up_to(run_id, late, min_level=ERROR, task_run_ids=own)
        )
    words = next(iter(said_of((found.task_run or record).state).splitlines()), "").strip()
    if len(words) >= LEAST_WORDS and not _tells(known.with_new(log.last), words):
        known = _searched(known, backend, run_id, own, words)
    columns = known.with_new(log.last)
    found = digest(record, unsuccessful, columns) or found
    moment = late
    if found.position is not None:
        moment = from_micros(columns.table["timestamp"][found.position].value)
    return _together(
        known,
        lambda: backend.lines_up_to(run_id, moment, task_run_ids=own),
        lambda: backend.lines_up_to(run_id, moment, min_level=WARNING),
    )


def _late(moment: DateTime | None) -> DateTime | None:
    """Return the latest time at which the error of a failure at this time is logged."""
    return None if moment is None else moment.add(seconds=LATE_SECONDS)


def _searched(
    known: LogColumns, backend: Backend, run_id: str, own: Sequence[str], words: str
) -> LogColumns:
    """Return lines together with those that have the words, or with the newest errors up to those."""
    known = _together(known, lambda: backend.lines_up_to(run_id, None, text=words))
    moment, size = None, 1
    for _ in range(MAX_PAGES):
        if _tells(known, words):
            break
        ask = partial(backend.lines_up_to, run_id, moment, min_level=ERROR, task_run_ids=own)
        page = _tried(ask)
        if isinstance(page, BackendError) or len(page) < size:
            break
        known, size = known.with_new(page), len(page)
        moment = from_micros(page.table["timestamp"][0].value)
    return known


def _tells(columns: LogColumns, words: str) -> bool:
    """Whether a line has the words, other than the line that repeats the state in which a run ended."""
    messages = columns.containing(words).table["message"].to_pylist()
    return any(not is_of_end(message) for message in messages)


def _together(known: LogColumns, *questions: Callable[[], LogColumns]) -> LogColumns:
    """Return lines together with those of several requests, sent at once; requests that fail are left out."""
    for lines in together(*(partial(_tried, ask) for ask in questions)):
        if not isinstance(lines, BackendError):
            known = known.with_new(lines)
    return known


def _tried(ask: Callable[[], LogColumns]) -> LogColumns | BackendError:
    try:
        return ask()
    except BackendError as error:
        return error
