"""What the durations of a run count: how often it was tried, and when it waited."""

from dataclasses import replace

import pytest

from flowrun_widgets.analysis.durations import (
    ended_at,
    ran_seconds,
    spans,
    took_seconds,
    wait_of,
    waited_seconds,
)
from flowrun_widgets.records import TaskRunRecord
from flowrun_widgets.states import (
    Cached,
    Cancelling,
    Failed,
    Looped,
    Mapped,
    Paused,
    Pending,
    Queued,
    Retrying,
    Running,
    Scheduled,
    Skipped,
    Submitted,
    Success,
    Suspended,
    TriggerFailed,
    Unknown,
)
from flowrun_widgets.times import from_micros


def at(seconds):
    return from_micros(seconds * 1_000_000)


def record(*history, **more):
    """Return a task run with this history: pairs of a state's class and a second."""
    states = tuple(cls().at(at(seconds)) for cls, seconds in history)
    return TaskRunRecord("id", "run", states[-1] if states else Scheduled(), states=states, **more)


RETRIED = record(
    (Pending, 0),
    (Submitted, 1),
    (Running, 2),
    (Retrying, 5),
    (Running, 9),
    (Failed, 10),
    started_at=at(2),
)
LATER = at(20)


def kinds(found):
    return [
        (span.kind, int(span.start.timestamp()), span.end and int(span.end.timestamp()))
        for span in found
    ]


def test_waiting_and_running_alternate():
    assert kinds(spans(RETRIED)) == [
        ("waited", 0, 2),
        ("failed", 2, 5),
        ("retry", 5, 9),
        ("failed", 9, 10),
    ]


def test_seconds_add_up():
    assert waited_seconds(RETRIED, LATER) == 6
    assert ran_seconds(RETRIED, LATER) == 4


def test_a_running_span_is_open_and_counts_up_to_now():
    going = record((Pending, 0), (Running, 2), started_at=at(2))
    assert kinds(spans(going)) == [("waited", 0, 2), ("ran", 2, None)]
    assert ran_seconds(going, LATER) == 18


@pytest.mark.parametrize(
    ("history", "count"),
    [
        ([], 0),
        ([(Pending, 0)], 0),
        ([(Pending, 0), (Running, 1), (Success, 2)], 1),
        ([(Running, 1), (Retrying, 2), (Running, 3), (Retrying, 4), (Running, 5)], 3),
        ([(Running, 1), (Looped, 2), (Running, 3), (Looped, 4), (Running, 5), (Success, 6)], 1),
        ([(Running, 1), (Running, 2)], 1),
        ([(Pending, 0), (TriggerFailed, 1)], 0),
    ],
)
def test_an_attempt_is_a_running_that_no_loop_began(history, count):
    assert record(*history).attempts == count


def test_without_a_history_start_and_end_are_one_span():
    run = record(started_at=at(1), ended_at=at(3))
    assert kinds(spans(run)) == [("ran", 1, 3)]
    assert run.attempts == 1


@pytest.mark.parametrize("cls", [TriggerFailed, Skipped, Cached, Mapped])
def test_what_never_began_neither_ran_nor_waited(cls):
    run = record((Pending, 0), (cls, 5))
    assert spans(run) == ()
    assert ran_seconds(run, LATER) is None
    assert waited_seconds(run, LATER) is None


def test_the_end_is_the_servers_else_that_of_the_history():
    """Prefect 1 keeps no end for TriggerFailed."""
    history = (Pending, 0), (TriggerFailed, 5)
    assert ended_at(record(*history)) == at(5)
    assert ended_at(record(*history, ended_at=at(6))) == at(6)
    assert ended_at(record(*history, (Running, 7), ended_at=at(6))) is None


def test_a_run_took_from_its_start_to_its_end_or_to_the_present():
    over = record((Running, 1), (Success, 5), started_at=at(1))
    assert took_seconds(over, at(9)) == 4
    assert took_seconds(over, None) == 4
    going = record((Running, 1), started_at=at(1))
    assert took_seconds(going, at(9)) == 8
    assert took_seconds(going, at(0)) == 0
    assert took_seconds(going, None) is None
    assert took_seconds(record((Pending, 0)), at(9)) is None


def test_the_servers_own_sum_is_believed():
    """Prefect 3 lists task runs without histories, and counts itself."""
    run = record(
        started_at=at(1),
        ended_at=at(101),
        scheduled_start_at=at(0),
        run_count=3,
        total_run_seconds=2.5,
    )
    assert kinds(spans(run)) == [("waited", 0, 1), ("tried", 1, 101)]
    assert ran_seconds(run, LATER) == 2.5
    assert waited_seconds(run, LATER) == 1 + 97.5


def test_a_run_that_goes_on_adds_its_present_attempt_to_the_servers_sum():
    going = record((Running, 15), started_at=at(1), run_count=2, total_run_seconds=4.0)
    assert ran_seconds(going, LATER) == 9.0
    cancelling = record((Cancelling, 15), started_at=at(1), run_count=1, total_run_seconds=4.0)
    assert ran_seconds(cancelling, LATER) == 4.0


def test_a_pause_is_neither_running_nor_waiting():
    run = record((Running, 0), (Paused, 3), (Pending, 8), (Running, 10), (Success, 12))
    assert kinds(spans(run)) == [("ran", 0, 3), ("paused", 3, 10), ("ran", 10, 12)]
    assert (ran_seconds(run, LATER), waited_seconds(run, LATER)) == (5, 0)


def test_what_lies_between_two_attempts_is_between_them_whatever_it_is_called():
    """A failed run that somebody starts again a day later."""
    run = record((Running, 0), (Failed, 2), (Retrying, 90), (Running, 91), (Success, 93))
    assert kinds(spans(run)) == [("failed", 0, 2), ("retry", 2, 91), ("ran", 91, 93)]
    assert ran_seconds(run, LATER) == 4


@pytest.mark.parametrize(
    ("state", "what", "until"),
    [
        (Retrying(timestamp=at(5), start_time=at(30)), "retry", 30),
        (Paused(timestamp=at(5)), "resume", None),
        (Suspended(timestamp=at(5), start_time=at(60)), "resume", 60),
        (Scheduled(timestamp=at(5), start_time=at(30)), "start", 30),
        (Pending(timestamp=at(5)), "start", 7),
        (Queued(timestamp=at(5), start_time=at(9)), "start", 9),
    ],
)
def test_what_waits_says_for_what_since_when_and_until_when(state, what, until):
    run = replace(record(scheduled_start_at=at(7)), state=state)
    wait = wait_of(run)
    assert (wait.what, wait.since) == (what, at(5))
    assert wait.until == (None if until is None else at(until))
    assert took_seconds(run, LATER) is None


def test_a_run_without_a_state_yet_waits_since_it_was_due():
    run = replace(record(scheduled_start_at=at(7)), state=Pending())
    assert (wait_of(run).since, wait_of(run).until) == (at(7), at(7))


@pytest.mark.parametrize("state", [Running(), Success(), Cancelling(), Unknown(name="Odd")])
def test_what_runs_or_has_ended_waits_for_nothing(state):
    assert wait_of(replace(record(), state=state)) is None


def test_an_end_before_the_start_is_no_duration():
    assert took_seconds(record((Success, 3), started_at=at(5), ended_at=at(3)), LATER) is None
