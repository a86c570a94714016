"""How often a task run was tried, and when it waited."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from flowrun_widgets.states import Cached, Mapped, Retrying, Skipped
from flowrun_widgets.times import seconds_between

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pendulum import DateTime

    from flowrun_widgets.records import TaskRunRecord
    from flowrun_widgets.states import State

__all__ = ["Span", "ended_at", "ran_seconds", "spans", "took_seconds", "waited_seconds"]

Kind = Literal["waited", "ran", "failed", "retry"]


class Timed(Protocol):
    """A flow run or a task run, as a record or as a view."""

    @property
    def state(self) -> State: ...
    @property
    def states(self) -> Sequence[State]: ...
    @property
    def started_at(self) -> DateTime | None: ...
    @property
    def ended_at(self) -> DateTime | None: ...


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a task run's life; `end` is None while it goes on.

    `ran` ended well or goes on, `failed` is an attempt that did not, `waited` is before the first attempt,
    `retry` between two.
    """

    start: DateTime
    end: DateTime | None
    kind: Kind

    def seconds(self, until: DateTime) -> float:
        """Return its length; one that goes on counts up to `until`."""
        return max(0.0, seconds_between(self.start, self.end or until))


def spans(record: TaskRunRecord) -> tuple[Span, ...]:
    """Return the stretches of waiting and running, oldest first, from the history or else from start and end."""
    timed = [state for state in record.states if state.timestamp is not None]
    if not any(state.is_running() for state in timed):
        if record.started_at is None:
            return ()
        kind: Kind = "failed" if record.state.is_failed() else "ran"
        ran = Span(record.started_at, record.ended_at, kind)
        due = record.scheduled_start_at
        if due is None or due >= record.started_at:
            return (ran,)
        return (Span(due, record.started_at, "waited"), ran)
    return _from_history(timed)


def _from_history(timed: Sequence[State]) -> tuple[Span, ...]:
    found: list[Span] = []
    waiting_since: DateTime | None = None
    has_run = False
    for state, following in zip(timed, [*timed[1:], None], strict=True):
        moment = state.timestamp
        assert moment is not None
        if state.is_running():
            if waiting_since is not None:
                found.append(Span(waiting_since, moment, "retry" if has_run else "waited"))
                waiting_since = None
            end = following.timestamp if following else None
            failed = following is not None and (
                following.is_failed() or isinstance(following, Retrying)
            )
            found.append(Span(moment, end, "failed" if failed else "ran"))
            has_run = True
        elif waiting_since is None and (state.is_pending() or state.is_meta_state()):
            waiting_since = moment
    return tuple(found)


def waited_seconds(
    record: TaskRunRecord, until: DateTime, found: Sequence[Span] | None = None
) -> float | None:
    """Return the seconds before its attempts and between them; None if it never began.

    `found` are its spans, where they are known.
    """
    found = spans(record) if found is None else found
    if not found:
        return None
    return sum(span.seconds(until) for span in found if span.kind in {"waited", "retry"})


def ran_seconds(
    record: TaskRunRecord, until: DateTime, found: Sequence[Span] | None = None
) -> float | None:
    """Return the seconds of all its attempts; None if it never ran. `found` are its spans, where they are known."""
    if isinstance(record.state, Cached | Skipped | Mapped) and record.started_at is None:
        return None
    found = spans(record) if found is None else found
    ran = [span.seconds(until) for span in found if span.kind in {"ran", "failed"}]
    return sum(ran) if ran else None


def ended_at(run: Timed) -> DateTime | None:
    """Return when a run ended: the server's own time, else that of its final state; None if it goes on.

    Prefect 1 sets no end time for runs that end in Mapped, Skipped, TriggerFailed, ValidationFailed or Finished.
    """
    if not run.state.is_finished():
        return None
    if run.ended_at is not None:
        return run.ended_at
    return next((s.timestamp for s in reversed(run.states) if s.is_finished()), None)


def took_seconds(run: Timed, as_of: DateTime | None) -> float | None:
    """Return the seconds from start to end, of a run that goes on up to `as_of`; None if not known."""
    until = ended_at(run) if run.state.is_finished() else as_of
    if run.started_at is None or until is None:
        return None
    return max(0.0, seconds_between(run.started_at, until))
