"""`digest()`: why a run failed: the failure that ended it, where it began, its causes and what it held up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from flowrun_widgets.analysis.background import NOTHING_MORE, Question
from flowrun_widgets.analysis.durations import ended_at
from flowrun_widgets.analysis.engine_words import said_of
from flowrun_widgets.analysis.evidence import evidence_of
from flowrun_widgets.analysis.origin import Failures, attempt_began_at, origin_of
from flowrun_widgets.analysis.traceback_text import key_of
from flowrun_widgets.records import beginnings
from flowrun_widgets.times import to_micros

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pendulum import DateTime

    from flowrun_widgets.analysis.background import Background
    from flowrun_widgets.analysis.evidence import Evidence
    from flowrun_widgets.analysis.origin import Origin
    from flowrun_widgets.analysis.traceback_text import Cause, Frame
    from flowrun_widgets.log_columns import LogColumns
    from flowrun_widgets.records import FlowRunRecord, TaskRunRecord

__all__ = ["Digest", "Remark", "digest", "remarks_of"]

MAX_TAIL_LINES = 20
"""How many lines of the task run, up to the one that reports the failure, belong to the digest."""
MAX_HELD_UP = 24
MAX_REMARKS = 8
MAX_DEPTH = 5
"""How many levels of sub-flow runs are followed."""


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that happened in addition to the failure that ended the run.

    `kind`: a task run failed as well (`failed`), or failed in an earlier attempt of the run, which ended with `error`
    (`attempt`); one was still running when the run ended (`running`); what `label` names could not be read (`unread`).
    """

    kind: Literal["failed", "attempt", "running", "unread"]
    label: str
    error: str = ""
    count: int = 1
    """How many task runs of the same task failed with the same error."""


@dataclass(frozen=True, slots=True)
class Digest:
    """The failure that ended a run. `task` is None when the flow itself failed."""

    task: str | None
    error: str
    frames: tuple[Frame, ...] = ()
    at: DateTime | None = None
    attempt: int | None = None
    """The attempt that failed, of `attempts`."""
    attempts: int | None = None
    position: int | None = None
    """Position of the line in this run's own log that reports the failure, or that the sub-flow run failed."""
    tail: tuple[int, ...] = ()
    """Positions of the task run's last lines up to that one, at most 20, in the log of the run where it failed."""
    held_up: tuple[str, ...] = ()
    """Labels of the task runs that never started because of it; if many, mapped children share one, the rest is counted."""
    more: int = 0
    """How many more task runs failed."""
    task_run: TaskRunRecord | None = None
    causes: tuple[Cause, ...] = ()
    """The causes of the error, the root cause first."""
    ended_with: str | None = None
    """The run's own message about its end, if it differs from the error."""
    runs: tuple[FlowRunRecord, ...] = ()
    """The sub-flow runs from this run down to the one where it failed."""
    logs: LogColumns | None = None
    """The log of the last of these; None if the failure is in this run's own log."""
    remarks: tuple[Remark, ...] = ()
    doubt: str | None = None
    """Why another failure may have ended the run; None if this one is certain."""
    question: Question | None = None
    """The question to ask the source for a more certain digest."""


def digest(
    record: FlowRunRecord,
    task_runs: Sequence[TaskRunRecord],
    logs: LogColumns,
    background: Background = NOTHING_MORE,
) -> Digest | None:
    """Return why a run failed, or why its last attempt failed if another one is due; None if it did not fail.

    `background` holds further answers of the source; the digest's `question` is the one to ask next.
    """
    if not (record.state.is_failed() or record.state.is_retrying()):
        return None
    return _digest(record, task_runs, logs, background, MAX_DEPTH)


def remarks_of(
    record: FlowRunRecord, task_runs: Sequence[TaskRunRecord], logs: LogColumns
) -> tuple[Remark, ...]:
    """Return what went wrong in a run that did not fail."""
    failures = Failures.of(task_runs, attempt_began_at(record))
    return _remarks(record, task_runs, logs, [*failures.earlier, *failures.failed])


def _digest(
    record: FlowRunRecord,
    task_runs: Sequence[TaskRunRecord],
    logs: LogColumns,
    background: Background,
    depth: int,
) -> Digest:
    since = attempt_began_at(record)
    failures = Failures.of(task_runs, since)
    flow = evidence_of(record.state, logs, None, since)
    origin = origin_of(record, failures, flow, logs, background)
    held_up = _held_up(failures, origin)
    others = [one for one in failures.failed if one is not origin.task_run]
    if origin.task_run is None:
        found = _of_flow(record, flow, origin)
    else:
        found = _of_task_run(origin, flow, logs, background)
        if origin.task_run.child_flow_run_id is not None and depth:
            found = _below(found, origin.task_run.child_flow_run_id, flow, background, depth - 1)
    ended_with = record.state.message if _is_more(record, found) else None
    return replace(
        found,
        held_up=_labels(held_up) + found.held_up,
        more=len(others) + found.more,
        ended_with=ended_with,
        remarks=(*found.remarks, *_remarks(record, task_runs, logs, others)),
    )


def _of_flow(record: FlowRunRecord, flow: Evidence, origin: Origin) -> Digest:
    return Digest(
        task=None,
        error=flow.error,
        frames=flow.frames,
        at=ended_at(record) or record.state.timestamp,
        position=flow.position,
        tail=_tail(flow),
        causes=flow.causes,
        doubt=origin.doubt,
        question=origin.question,
    )


def _of_task_run(
    origin: Origin, flow: Evidence, logs: LogColumns, background: Background
) -> Digest:
    """Return the digest of a task run's failure; if it represents a sub-flow, the flow's log has the traceback."""
    assert origin.task_run is not None
    record = background.task_runs.get(origin.task_run.id, origin.task_run)
    own = evidence_of(record.state, logs, record.id)
    told = own if own.position is not None else flow.about(own.error) or own
    question = origin.question
    if question is None and record.attempts > 1 and not record.has_history:
        question = _unanswered(Question("task run", record.id), background)
    return Digest(
        task=record.label,
        error=told.error,
        frames=told.frames,
        at=ended_at(record),
        attempt=_attempt(record, logs, own.position),
        attempts=record.attempts,
        position=told.position,
        tail=_tail(own),
        task_run=record,
        causes=told.causes,
        doubt=origin.doubt,
        question=question,
    )


def _below(
    found: Digest, flow_run_id: str, flow: Evidence, background: Background, depth: int
) -> Digest:
    """Return the digest of the sub-flow run that a task run represents; if it cannot be read, what is known here."""
    content = background.runs.get(flow_run_id)
    if content is None:
        question = Question("run", flow_run_id)
        if (why := background.missing.get(question)) is None:
            return replace(found, question=found.question or question)
        return replace(found, remarks=(Remark("unread", flow_run_id, why),))
    if not content.run.state.is_failed():
        return found
    inner = _digest(content.run, content.task_runs, content.logs, background, depth)
    return replace(
        inner,
        position=flow.position,
        tail=inner.tail,
        runs=(content.run, *inner.runs),
        logs=inner.logs or content.logs,
        # The parent's log has the whole traceback; the log of the sub-flow run may have been read only in part.
        frames=inner.frames or found.frames,
        causes=inner.causes or found.causes,
        doubt=inner.doubt or found.doubt,
        question=found.question or inner.question,
    )


def _is_more(record: FlowRunRecord, found: Digest) -> bool:
    """Whether the run's own message differs from the failure that ended it."""
    said = said_of(record.state)
    return bool(said) and key_of(said) != key_of(found.error)


def _tail(evidence: Evidence) -> tuple[int, ...]:
    lines = evidence.lines
    end = len(lines)
    if evidence.position is not None:
        end = int(lines.searchsorted(evidence.position, side="right"))
    return tuple(map(int, lines[max(0, end - MAX_TAIL_LINES) : end]))


def _attempt(record: TaskRunRecord, logs: LogColumns, position: int | None) -> int:
    """Return the attempt in which the line was written; without a line or history, the last attempt."""
    if position is None or not record.states or not record.has_history:
        return record.attempts
    at = logs.table["timestamp"][position].value
    begun = beginnings(s for s in record.states if s.timestamp and to_micros(s.timestamp) <= at)
    return min(begun or 1, record.attempts)


def _unanswered(question: Question, background: Background) -> Question | None:
    return None if question in background.missing else question


def _held_up(failures: Failures, origin: Origin) -> list[TaskRunRecord]:
    """Return the task runs that never began because of the failure, and not only because of another known one."""
    if origin.task_run is None:
        return [*failures.held_up]
    own = {origin.task_run.id, origin.task_run.child_flow_run_id}
    others = {one.id for one in failures.failed} - own
    held_up = {one.id: one for one in failures.held_up}
    return [one for one in failures.held_up if _waits_for(one, own, others, held_up)]


def _waits_for(
    record: TaskRunRecord,
    wanted: set[str | None],
    others: set[str],
    held_up: dict[str, TaskRunRecord],
) -> bool:
    """Whether a held-up task run waits for a wanted one, also through others, or its upstream is unknown."""
    found: set[str] = set()
    waiting = [record]
    while waiting:
        new = {*waiting.pop().upstream_ids} - found
        found |= new
        waiting += [held_up[key] for key in new if key in held_up]
    return bool(found & wanted) or not found & others


def _remarks(
    record: FlowRunRecord,
    task_runs: Sequence[TaskRunRecord],
    logs: LogColumns,
    failed: Sequence[TaskRunRecord],
) -> tuple[Remark, ...]:
    """Return what else went wrong: earlier attempts of the run, failed task runs, and those that never ended."""
    found = _earlier_attempts(record)
    groups: dict[tuple[str | None, str], list[TaskRunRecord]] = {}
    for one in failed:
        key = one.task_slug or one.task_name or one.id, key_of(said_of(one.state))
        groups.setdefault(key, []).append(one)
    for same in [*groups.values()][:MAX_REMARKS]:
        error = said_of(same[0].state)
        if not error and (own := evidence_of(same[0].state, logs, same[0].id)).position is not None:
            error = own.error
        found.append(Remark("failed", same[0].label, error, len(same)))
    if record.state.is_finished():
        going = [one for one in task_runs if one.state.is_running()]
        found += [Remark("running", one.label) for one in going]
    return tuple(found[:MAX_REMARKS])


def _earlier_attempts(record: FlowRunRecord) -> list[Remark]:
    """Return how the earlier attempts of the run ended."""
    found: list[Remark] = []
    for number, state in enumerate(record.states[:-1]):
        if (state.is_retrying() or state.is_failed()) and (said := said_of(state)):
            found.append(Remark("attempt", str(beginnings(record.states[:number])), said))
    return found


def _labels(records: Sequence[TaskRunRecord]) -> tuple[str, ...]:
    if len(records) <= MAX_HELD_UP:
        return tuple(record.label for record in records)
    groups: dict[str, list[TaskRunRecord]] = {}
    for record in records:
        groups.setdefault(record.task_name or record.task_slug or record.label, []).append(record)
    labels = [
        f"{name} ({len(own)} task runs)" if len(own) > 1 else own[0].label
        for name, own in groups.items()
    ]
    if len(labels) > MAX_HELD_UP:
        labels[MAX_HELD_UP:] = [f"{len(labels) - MAX_HELD_UP} more"]
    return tuple(labels)
