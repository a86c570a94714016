"""How often a task run was tried, and when it waited."""

import pytest

from flowrun_widgets.analysis.attempts import (
    ended_at,
    ran_seconds,
    spans,
    took_seconds,
    waited_seconds,
)
from flowrun_widgets.records import TaskRunRecord
from flowrun_widgets.states import (
    Cached,
    Failed,
    Looped,
    Mapped,
    Pending,
    Retrying,
    Running,
    Scheduled,
    Skipped,
    Submitted,
    Success,
    TriggerFailed,
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
