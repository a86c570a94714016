"""Where a run stands, and what its durations count."""

import pytest

from flowrun_widgets.records import FlowRunRecord
from flowrun_widgets.report.standing import ending_words, standing_of, standing_words
from flowrun_widgets.states import (
    Cancelled,
    Failed,
    Paused,
    Pending,
    Retrying,
    Running,
    Scheduled,
    Success,
    Suspended,
    Unknown,
)
from flowrun_widgets.times import from_micros

DAY = 86_400
BEGIN = 1_795_312_800


def at(seconds):
    return from_micros(round((BEGIN + seconds) * 1_000_000))


def said(state, as_of=100, **more):
    one = standing_of(FlowRunRecord("id", "amber", None, state, **more), at(as_of))
    return standing_words(one), ending_words(one)


def test_a_run_of_one_attempt_took_what_it_ran():
    words, ending = said(
        Success(), started_at=at(0), ended_at=at(60), total_run_seconds=60.0, run_count=1
    )
    assert words == "Started 22 Nov 2026, 02:00:00 UTC, took 1 min."
    assert ending == "run finished"


def test_a_later_attempt_does_not_make_a_run_long():
    words, _ = said(
        Success(),
        started_at=at(0),
        ended_at=at(DAY + 3610),
        total_run_seconds=20.0,
        run_count=2,
        as_of=DAY + 9000,
    )
    assert words.endswith("ran 20.0 s in 2 attempts, 1 d 1 h from start to end.")


@pytest.mark.parametrize(
    ("state", "words", "ending"),
    [
        (Running(timestamp=at(90)), "running for 1 min 40 s, of which 13.0 s in 2 attempts.", "run still going"),
        (Retrying(timestamp=at(40), start_time=at(600)), "ran 3.0 s in 2 attempts, waits for its next attempt, due 22 Nov 2026, 02:10:00 UTC.", "run waiting for its next attempt"),
        (Paused(timestamp=at(40), start_time=at(640)), "ran 3.0 s in 2 attempts, paused since 22 Nov 2026, 02:00:40 UTC, until 22 Nov 2026, 02:10:40 UTC.", "run paused"),
        (Suspended(timestamp=at(40)), "ran 3.0 s in 2 attempts, paused since 22 Nov 2026, 02:00:40 UTC.", "run paused"),
        (Scheduled(timestamp=at(40)), "ran 3.0 s in 2 attempts, waits to continue since 22 Nov 2026, 02:00:40 UTC.", "run waiting"),
    ],
)  # fmt: skip
def test_a_run_that_waits_is_not_running_for(state, words, ending):
    assert said(state, started_at=at(0), total_run_seconds=3.0, run_count=2) == (
        f"Started 22 Nov 2026, 02:00:00 UTC, {words}",
        ending,
    )


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (Scheduled(start_time=at(600)), "Due 22 Nov 2026, 02:10:00 UTC."),
        (Scheduled(start_time=at(-200), name="Late"), "Due 22 Nov 2026, 01:56:40 UTC, 5 min late."),
        (Pending(), "Not started."),
        (Unknown(name="Odd"), "Not started."),
    ],
)
def test_a_run_that_never_began_says_until_when_it_waits(state, words):
    assert said(state) == (words, "run not started")


@pytest.mark.parametrize("state", [Cancelled(), Failed()])
def test_a_run_that_ended_before_it_began_never_started(state):
    assert said(state) == ("Never started.", "run finished")


def test_an_end_before_the_start_is_no_duration():
    words, _ = said(Success(), started_at=at(10), ended_at=at(5))
    assert (
        words
        == "Started 22 Nov 2026, 02:00:10 UTC, ended before it started, according to the server."
    )
