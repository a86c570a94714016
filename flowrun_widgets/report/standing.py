"""`Standing`: whether a run has begun, runs, waits or has ended, and its durations, as one sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowrun_widgets.analysis.durations import ended_at, ran_seconds, took_seconds, wait_of
from flowrun_widgets.report.figures import count, date_and_clock, duration
from flowrun_widgets.times import to_micros

if TYPE_CHECKING:
    from pendulum import DateTime

    from flowrun_widgets.analysis.durations import Timed

__all__ = ["Standing", "began_words", "ending_words", "standing_of", "standing_words"]


@dataclass(frozen=True, slots=True)
class Standing:
    """Times are microseconds since 1970, spans are seconds as defined in `durations`."""

    as_of: int
    is_finished: bool
    started_at: int | None
    ended_at: int | None
    took: float | None
    ran: float | None
    attempts: int
    waits_for: str | None
    """`start`, `retry` or `resume`; None if it runs or has ended."""
    waits_since: int | None
    due_at: int | None


def standing_of(run: Timed, as_of: DateTime) -> Standing:
    """Return the standing of a run at a given time."""
    wait = wait_of(run)
    return Standing(
        as_of=to_micros(as_of),
        is_finished=run.state.is_finished(),
        started_at=_micros(run.started_at),
        ended_at=_micros(ended_at(run)),
        took=took_seconds(run, as_of),
        ran=ran_seconds(run, as_of),
        attempts=run.attempts,
        waits_for=None if wait is None else wait.what,
        waits_since=None if wait is None else _micros(wait.since),
        due_at=None if wait is None else _micros(wait.until),
    )


def standing_words(one: Standing) -> str:
    """Return a sentence such as `Started 21 Nov 2026, 02:00:04 UTC, ran 20.0 s in 2 attempts, 1 d 1 h from start to end.`"""
    if one.started_at is None:
        if one.waits_for == "start" and one.due_at is not None:
            return f"Due {date_and_clock(one.due_at)} UTC{_late(one)}."
        return "Never started." if one.is_finished else "Not started."
    parts = [f"Started {date_and_clock(one.started_at)} UTC"]
    if one.is_finished:
        parts += _taken(one)
    elif one.waits_for is None:
        parts.append(f"running for {duration(one.took)}{_of_it_ran(one)}")
    else:
        parts += [f"ran {duration(one.ran)}{_attempts(one)}", _waiting(one)]
    return f"{', '.join(parts)}."


def began_words(run: Timed) -> str:
    """Return when a run began, else when it is due, for a table cell."""
    if run.started_at is not None:
        return date_and_clock(to_micros(run.started_at))
    wait = wait_of(run)
    due = None if wait is None or wait.what != "start" else wait.until
    return "–" if due is None else f"due {date_and_clock(to_micros(due))}"


def ending_words(one: Standing) -> str:
    """Return whether a run has ended, in three words."""
    if one.is_finished:
        return "run finished"
    if one.waits_for is None:
        return "run still going" if one.started_at is not None else "run not started"
    return {"retry": "run waiting for its next attempt", "resume": "run paused"}.get(
        one.waits_for, "run not started" if one.started_at is None else "run waiting"
    )


def _taken(one: Standing) -> list[str]:
    """Return how long a finished run took, and how much of that it ran."""
    if one.took is None:
        is_odd = one.ended_at is not None
        return ["ended before it started, according to the server"] if is_odd else ["took –"]
    if one.ran is None or not _differ(one.ran, one.took):
        return [f"took {duration(one.took)}"]
    return [f"ran {duration(one.ran)}{_attempts(one)}", f"{duration(one.took)} from start to end"]


def _of_it_ran(one: Standing) -> str:
    if one.ran is None or one.took is None or not _differ(one.ran, one.took):
        return ""
    return f", of which {duration(one.ran)}{_attempts(one)}"


def _differ(ran: float, took: float) -> bool:
    """Whether two durations differ in their text form."""
    return duration(ran) != duration(took) and abs(took - ran) > max(0.1, 0.02 * took)


def _attempts(one: Standing) -> str:
    return f" in {count(one.attempts, 'attempt')}" if one.attempts > 1 else ""


def _late(one: Standing) -> str:
    late = (one.as_of - (one.due_at or one.as_of)) / 1_000_000
    return f", {duration(late)} late" if late >= 1 else ""


def _waiting(one: Standing) -> str:
    """Return what a run that has begun waits for."""
    since = "" if one.waits_since is None else f" since {date_and_clock(one.waits_since)} UTC"
    due = "" if one.due_at is None else f"{date_and_clock(one.due_at)} UTC"
    if one.waits_for == "resume":
        return f"paused{since}{f', until {due}' if due else ''}"
    what = "waits for its next attempt" if one.waits_for == "retry" else "waits to continue"
    return f"{what}{f', due {due}' if due else since}"


def _micros(moment: DateTime | None) -> int | None:
    return None if moment is None else to_micros(moment)
