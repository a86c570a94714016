"""The durations of a run, defined once for card, twins, frames, digest and command.

- It **ran** during its attempts: from each Running to the state that followed. A server's own count (Prefect 3's
  `total_run_time`) takes precedence.
- It **waited** before its first attempt from when it was due, or from the first state in its history, and
  **between attempts** from the end of one to the beginning of the next.
- It was **paused** or suspended from then until it ran again.
- It **took** the time from its start to its end, including everything in between.
- A run that neither runs nor has ended **waits**: for its start, its next attempt or a resume, until it is **due**.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from flowrun_widgets.states import (
    Cached,
    Cancelling,
    Mapped,
    Paused,
    Pending,
    Queued,
    Retrying,
    Skipped,
    Submitted,
)
from flowrun_widgets.times import seconds_between

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pendulum import DateTime

    from flowrun_widgets.states import State

__all__ = [
    "Span",
    "Wait",
    "ended_at",
    "ran_seconds",
    "spans",
    "took_seconds",
    "wait_of",
    "waited_seconds",
]

Kind = Literal["waited", "ran", "failed", "retry", "paused", "tried"]
RUNNING_KINDS = frozenset({"ran", "failed"})
WAITING_KINDS = frozenset({"waited", "retry"})


class Timed(Protocol):
    """The record of a flow run or of a task run."""

    @property
    def state(self) -> State: ...
    @property
    def states(self) -> Sequence[State]: ...
    @property
    def started_at(self) -> DateTime | None: ...
    @property
    def ended_at(self) -> DateTime | None: ...
    @property
    def scheduled_start_at(self) -> DateTime | None: ...
    @property
    def total_run_seconds(self) -> float | None: ...
    @property
    def attempts(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a run's life; `end` is None if it has not ended.

    `ran` is an attempt that succeeded or is running, `failed` one that failed, `waited` is the time before the first
    attempt, `retry` that between two, `paused` the time until it was resumed. `tried` is several attempts with the
    waits between them, if their times are unknown.
    """

    start: DateTime
    end: DateTime | None
    kind: Kind

    def seconds(self, until: DateTime) -> float:
        """Return its length; one that has not ended counts up to `until`."""
        return max(0.0, seconds_between(self.start, self.end or until))


@dataclass(frozen=True, slots=True)
class Wait:
    """What a run that neither runs nor has ended waits for, since when, and, if known, until when."""

    what: Literal["start", "retry", "resume"]
    since: DateTime | None
    until: DateTime | None


def spans(run: Timed) -> tuple[Span, ...]:
    """Return the stretches of waiting and running, oldest first, from the history, else from start and end."""
    timed = [state for state in run.states if state.timestamp is not None]
    if any(state.is_running() for state in timed):
        return _from_history(timed)
    if run.started_at is None:
        return ()
    if run.attempts > 1:
        kind: Kind = "tried"
    else:
        kind = "failed" if run.state.is_failed() else "ran"
    end = run.ended_at if run.state.is_running() else run.ended_at or run.state.timestamp
    ran = Span(run.started_at, end, kind)
    due = run.scheduled_start_at
    if due is None or due >= run.started_at:
        return (ran,)
    return (Span(due, run.started_at, "waited"), ran)


def _from_history(timed: Sequence[State]) -> tuple[Span, ...]:
    found: list[Span] = []
    waiting_since: DateTime | None = None
    kind: Kind = "waited"
    for state, following in zip(timed, [*timed[1:], None], strict=True):
        moment = state.timestamp
        assert moment is not None
        if state.is_running():
            if waiting_since is not None:
                found.append(Span(waiting_since, moment, kind))
                waiting_since = None
            end = following.timestamp if following else None
            failed = following is not None and (
                following.is_failed() or isinstance(following, Retrying)
            )
            found.append(Span(moment, end, "failed" if failed else "ran"))
            kind = "retry"
        elif waiting_since is None and not state.is_looped():
            waiting_since = moment
        if isinstance(state, Paused):
            kind = "paused"
    return tuple(found)


def waited_seconds(
    run: Timed, until: DateTime, found: Sequence[Span] | None = None
) -> float | None:
    """Return the seconds before its attempts and between them; None if it never began.

    `found` are its spans, if they are known.
    """
    found = spans(run) if found is None else found
    if not found:
        return None
    waited = sum(span.seconds(until) for span in found if span.kind in WAITING_KINDS)
    tried = sum(span.seconds(until) for span in found if span.kind == "tried")
    return waited + max(0.0, tried - (ran_seconds(run, until, found) or 0.0))


def ran_seconds(run: Timed, until: DateTime, found: Sequence[Span] | None = None) -> float | None:
    """Return the seconds of all its attempts; None if it never ran. `found` are its spans, if they are known."""
    if isinstance(run.state, Cached | Skipped | Mapped) and run.started_at is None:
        return None
    if run.total_run_seconds is not None:
        if run.started_at is None and not run.attempts:
            return None
        goes_on = run.state.is_running() and not isinstance(run.state, Cancelling)
        since = run.state.timestamp if goes_on else None
        more = 0.0 if since is None else max(0.0, seconds_between(since, until))
        return run.total_run_seconds + more
    found = spans(run) if found is None else found
    ran = [span.seconds(until) for span in found if span.kind in RUNNING_KINDS]
    if not ran:
        ran = [span.seconds(until) for span in found if span.kind == "tried"]
    return sum(ran) if ran else None


def ended_at(run: Timed) -> DateTime | None:
    """Return when a run ended: the server's own time, else that of its final state; None if it has not.

    Prefect 1 sets no end time for runs that end in Mapped, Skipped, TriggerFailed, ValidationFailed or Finished.
    """
    if not run.state.is_finished():
        return None
    if run.ended_at is not None:
        return run.ended_at
    return next((s.timestamp for s in reversed(run.states) if s.is_finished()), None)


def took_seconds(run: Timed, as_of: DateTime | None) -> float | None:
    """Return the seconds from start to end; a running run counts up to `as_of`.

    None if it has not begun or waits, or if it ended before it began, as clocks of two machines can report.
    """
    if run.state.is_finished():
        until = ended_at(run)
        seconds = _between(run.started_at, until)
        return seconds if seconds is None or seconds >= 0 else None
    if not run.state.is_running():
        return None
    seconds = _between(run.started_at, as_of)
    return None if seconds is None else max(0.0, seconds)


def wait_of(run: Timed) -> Wait | None:
    """Return what a run waits for; None if it runs or has ended, or the kind of its state is unknown."""
    state = run.state
    due: DateTime | None = getattr(state, "start_time", None)
    if isinstance(state, Paused):
        return Wait("resume", state.timestamp, due)
    if isinstance(state, Retrying):
        return Wait("retry", state.timestamp, due)
    if not isinstance(state, Pending | Submitted | Queued):
        return None
    return Wait("start", state.timestamp or run.scheduled_start_at, due or run.scheduled_start_at)


def _between(start: DateTime | None, end: DateTime | None) -> float | None:
    return None if start is None or end is None else seconds_between(start, end)
