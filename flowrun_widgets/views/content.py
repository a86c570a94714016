"""The content of a run without its secrets: what its view has read, or what a `Peek` returned."""

from __future__ import annotations

from operator import is_not
from typing import TYPE_CHECKING

from flowrun_widgets.analysis.background import NOTHING_MORE, Background, without_secrets
from flowrun_widgets.log_columns import LogColumns
from flowrun_widgets.records import TaskRunRecord
from flowrun_widgets.redaction.shareable import RunContent, shareable
from flowrun_widgets.report.content import Content, ShownRun
from flowrun_widgets.states import Unknown

if TYPE_CHECKING:
    from flowrun_widgets.backends.protocol import LogRead, TaskRunRead
    from flowrun_widgets.records import FlowRunRecord, TimelineBar
    from flowrun_widgets.redaction import Redaction
    from flowrun_widgets.views.flow_run_facts import FlowRunFacts
    from flowrun_widgets.views.log_ends import Peek

__all__ = ["known_content", "shown_run"]


def known_content(run: FlowRunFacts, peek: Peek | None = None) -> Content:
    """Return what the view has read, completed from `peek`. Returns the same object until something new was read.

    Secrets are removed here, by the rules of the run's connection.
    """
    fetched = run.fetched
    with fetched.lock:
        parts = (
            peek, fetched.logs, fetched.task_runs, fetched.background, run.record, run.connection.redaction,
        )  # fmt: skip
        before, content = fetched.told or (parts, None)
    if content is None or any(map(is_not, parts, before)):
        content = _made(run, *parts[:4])
        with fetched.lock:
            fetched.told = parts, content
    return content


def shown_run(run: FlowRunFacts, record: FlowRunRecord, redaction: Redaction | None) -> ShownRun:
    """Return the run for display, from its record without secrets and the rules by which they were removed."""
    api, trace_id = run.connection, record.trace_id
    trace_url = api.trace_url and trace_id and api.trace_url.replace("{trace_id}", trace_id)
    return ShownRun(record, run.as_of, api.label, api.url, redaction, trace_url)


def _made(
    run: FlowRunFacts,
    peek: Peek | None,
    log: LogRead | None,
    read: TaskRunRead | None,
    background: Background | None,
) -> Content:
    logs = None if log is None else log.columns
    records = None if read is None else read.records
    is_complete, numbered = True, None
    missing: tuple[int, ...] = ()
    has_task_runs = records is not None
    if peek is not None:
        background = background or peek.background
        is_complete = logs is not None or peek.is_whole
        if logs is None:
            logs = peek.first.columns.with_new(peek.last.columns)
            if not peek.is_whole:
                numbered, missing = _known_parts(peek, len(logs), run.state.is_failed())
        if records is None:
            records = _records(run, peek)
    redaction = run.connection.redaction
    known = RunContent(run.record, records or (), LogColumns() if logs is None else logs)
    clean = shareable(known, redaction)
    return Content(
        run=shown_run(run, clean.value.run, redaction),
        logs=None if logs is None else clean.value.logs,
        task_runs=None if records is None else clean.value.task_runs,
        is_complete=is_complete,
        has_task_runs=has_task_runs,
        redacted=clean.count,
        numbered=numbered,
        missing_before=missing,
        background=without_secrets(background or NOTHING_MORE, redaction),
    )


def _known_parts(peek: Peek, lines: int, has_errors_first: bool) -> tuple[int, tuple[int, ...]]:
    """Return the number of lines known from the start of the log, and the positions before which lines are missing.

    For a failed run, the first part holds its oldest errors, whose positions in the log are unknown.
    """
    first = lines - len(peek.last)
    if has_errors_first:
        return 0, (0, first) if first else (0,)
    return first, (first,)


def _records(run: FlowRunFacts, peek: Peek) -> list[TaskRunRecord]:
    """Return the task runs of the timeline, those that failed with their messages, and those that never began."""
    known = {one.child_flow_run_id or one.id: one for one in peek.unsuccessful}
    begun = [known.pop(bar.id, None) or _record(run, bar) for bar in peek.timeline]
    return [*begun, *known.values()]


def _record(run: FlowRunFacts, bar: TimelineBar) -> TaskRunRecord:
    return TaskRunRecord(
        id=bar.id,
        flow_run_id=run.flow_run_id,
        state=bar.state or Unknown(),
        name=bar.label,
        map_index=None,
        started_at=bar.started_at,
        ended_at=bar.ended_at,
        has_history=False,
        child_flow_run_id=bar.id if bar.kind == "flow run" else None,
        upstream_ids=bar.upstream_ids,
    )
