"""`origin_of()`: which failure ended a run, that of a task run or the flow's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowrun_widgets.analysis.background import NOTHING_MORE, Question
from flowrun_widgets.analysis.durations import ended_at
from flowrun_widgets.analysis.engine_words import is_decided_by_task_runs, is_unfinished, said_of
from flowrun_widgets.analysis.evidence import evidence_of
from flowrun_widgets.analysis.traceback_text import key_of
from flowrun_widgets.states import Failed, TriggerFailed
from flowrun_widgets.times import to_micros

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pendulum import DateTime

    from flowrun_widgets.analysis.background import Background
    from flowrun_widgets.analysis.evidence import Evidence
    from flowrun_widgets.log_columns import LogColumns
    from flowrun_widgets.records import FlowRunRecord, TaskGraph, TaskRunRecord

__all__ = ["Failures", "Origin", "attempt_began_at", "origin_of"]

MAX_COMPARED = 20
"""The number of task runs with the same error whose lines of code are compared."""


@dataclass(frozen=True, slots=True)
class Failures:
    """The unsuccessful task runs of a run's last attempt, in the order in which they ended."""

    failed: tuple[TaskRunRecord, ...]
    held_up: tuple[TaskRunRecord, ...]
    """Task runs that never began, because of what they depend on."""
    earlier: tuple[TaskRunRecord, ...]
    """Task runs that failed in an earlier attempt of the run."""

    @classmethod
    def of(cls, task_runs: Iterable[TaskRunRecord], since: int | None) -> Failures:
        """Return the failures; `since` is when the last attempt began, None if it is the only one."""
        failed: list[TaskRunRecord] = []
        held_up: list[TaskRunRecord] = []
        earlier: list[TaskRunRecord] = []
        for record in task_runs:
            if record.is_held_up or isinstance(record.state, TriggerFailed):
                held_up.append(record)
            elif isinstance(record.state, Failed):
                end = ended_at(record) or record.state.timestamp
                is_late = since is None or end is None or to_micros(end) >= since
                (failed if is_late else earlier).append(record)
        failed.sort(key=_order)
        return cls(tuple(failed), tuple(held_up), tuple(earlier))


@dataclass(frozen=True, slots=True)
class Origin:
    """The failure that ended a run."""

    task_run: TaskRunRecord | None
    """The task run that failed; None if the flow itself failed."""
    doubt: str | None = None
    """Why another failure may have ended the run; None if this one is certain."""
    question: Question | None = None
    """The question whose answer would decide it."""


def attempt_began_at(record: FlowRunRecord) -> int | None:
    """Return when the last of several attempts began, in microseconds since 1970; None if there was one."""
    began: int | None = None
    has_failed = False
    for state in record.states:
        if state.is_retrying() or state.is_failed():
            has_failed = True
        elif state.is_running() and has_failed and state.timestamp is not None:
            began, has_failed = to_micros(state.timestamp), False
    return began


def origin_of(
    record: FlowRunRecord,
    failures: Failures,
    flow: Evidence,
    logs: LogColumns,
    background: Background = NOTHING_MORE,
) -> Origin:
    """Return which failure ended a run whose own evidence is `flow`.

    The run's own message decides. It may name the exception of a task run, directly or as a cause; it may count task
    runs, or say that tasks decide, which the source then names; or it may report something else, and then the flow
    itself failed, whatever task runs did before.
    """
    failed, said = failures.failed, said_of(record.state)
    if not failed:
        return Origin(None)
    if is_decided_by_task_runs(said):
        return _decided_by_task_runs(record, failures, said, background)
    if (named := _named(failed, flow, logs)) is not None:
        return Origin(named)
    if is_unfinished(said) and failures.held_up:
        upstream = _upstream(failures.held_up, failed)
        return Origin((upstream or failed)[0], None if upstream or len(failed) == 1 else MANY)
    if not said and not flow.has_traceback and flow.position is None:
        return Origin(failed[0], None if len(failed) == 1 else MANY)
    doubt = UNPROVEN if flow.names_an_exception and not flow.has_traceback else None
    return Origin(None, doubt)


MANY = "Several task runs failed, and the run does not say which of them ended it."
UNPROVEN = "The log contains no traceback of this error, so a task run that failed earlier may be the cause."


def _decided_by_task_runs(
    record: FlowRunRecord, failures: Failures, said: str, background: Background
) -> Origin:
    failed = failures.failed
    number = said.split("/")[0]
    if number.isdecimal():
        is_all = len(failed) <= int(number)
        return Origin(failed[0], None if is_all else MANY)
    if len(failed) == 1:
        return Origin(failed[0])
    question = Question("task graph", record.id)
    graph = background.graph
    if graph is None:
        return Origin(failed[0], MANY, None if question in background.missing else question)
    deciding = [one for one in failed if one.task_id in graph.reference_ids]
    if not deciding:
        held_up = [one for one in failures.held_up if one.task_id in graph.reference_ids]
        above = _tasks_above({one.task_id for one in held_up}, graph)
        deciding = [one for one in failed if one.task_id in above]
    return Origin(deciding[0]) if deciding else Origin(failed[0], MANY)


def _tasks_above(task_ids: set[str | None], graph: TaskGraph) -> set[str]:
    """Return all direct and indirect upstream tasks of these tasks."""
    found: set[str] = set()
    waiting = [key for key in task_ids if key]
    while waiting:
        for key in graph.upstream_ids.get(waiting.pop(), ()):
            if key not in found:
                found.add(key)
                waiting.append(key)
    return found


def _named(
    failed: Sequence[TaskRunRecord], flow: Evidence, logs: LogColumns
) -> TaskRunRecord | None:
    """Return the first task run whose exception is in the flow's evidence and was raised by the same line."""
    by_words: dict[str, list[TaskRunRecord]] = {}
    for one in failed:
        by_words.setdefault(key_of(said_of(one.state)), []).append(one)
    for error in flow.errors():
        named = flow.about(error)
        assert named is not None
        for one in by_words.get(key_of(error), ())[:MAX_COMPARED]:
            if named.is_raised_like(evidence_of(one.state, logs, one.id)):
                return one
    # The message of a task run's state may differ from the exception, as for a time-out.
    for one in failed[:MAX_COMPARED]:
        own = evidence_of(one.state, logs, one.id)
        if any(
            (named := own.about(error)) and flow.is_raised_like(named) for error in flow.errors()
        ):
            return one
    return None


def _upstream(
    held_up: Sequence[TaskRunRecord], failed: Sequence[TaskRunRecord]
) -> list[TaskRunRecord]:
    """Return the failed task runs on which any of the held-up ones waits."""
    wanted = {key for one in held_up for key in one.upstream_ids}
    return [one for one in failed if one.id in wanted or one.child_flow_run_id in wanted]


def _order(record: TaskRunRecord) -> tuple[bool, DateTime | None, str]:
    when = ended_at(record)
    return when is None, when, record.label
