"""Stretches in which nothing happened."""

import hypothesis.strategies as st
from hypothesis import given

from flowrun_widgets.analysis.idle import idle_stretches
from flowrun_widgets.log_columns import LogColumns
from flowrun_widgets.records import FlowRunRecord, TaskRunRecord
from flowrun_widgets.states import Retrying, Running, Success
from flowrun_widgets.times import from_micros

SECOND = 1_000_000


def at(seconds):
    return None if seconds is None else from_micros(seconds * SECOND)


def log(seconds):
    count = len(seconds)
    return LogColumns.from_lists(
        timestamps=[second * SECOND for second in seconds],
        levels=["INFO"] * count,
        messages=["m"] * count,
        ids=[None] * count,
        loggers=[None] * count,
        task_run_ids=[None] * count,
        tasks={},
    )


def run(start, end):
    state = Running() if end is None else Success()
    return FlowRunRecord("run", "n", None, state, started_at=at(start), ended_at=at(end))


def ran(key, start, end):
    state = Running() if end is None else Success()
    return TaskRunRecord(key, "run", state, started_at=at(start), ended_at=at(end))


def idle(record, task_runs, lines, until=10**6):
    found = idle_stretches(record, task_runs, log(lines), at(until))
    return [(start / SECOND, end / SECOND) for start, end in found]


def test_a_stretch_without_lines_and_task_runs_is_idle():
    assert idle(run(0, 1000), [ran("a", 0, 100)], [0, 100, 900, 950, 1000]) == [(100, 900)]


def test_a_task_run_that_runs_silently_is_not_idle():
    assert idle(run(0, 1000), [ran("a", 0, 1000)], [0, 1000]) == []
    assert idle(run(0, 1000), [ran("a", 400, 500)], [0, 1000]) == [(0, 400), (500, 1000)]


def test_the_wait_for_the_next_attempt_is_idle():
    history = ((Running(), 0), (Retrying(), 10), (Running(), 610), (Success(), 620))
    states = tuple(state.at(at(second)) for state, second in history)
    record = TaskRunRecord(
        "a", "run", states[-1], states=states, started_at=at(0), ended_at=at(620)
    )
    assert idle(run(0, 620), [record], [0, 10, 610, 620]) == [(10, 610)]


def test_a_minute_and_a_twelfth_of_the_run_have_to_be_exceeded():
    assert idle(run(0, 200), [], [0, 60, 121, 181, 200]) == [(60, 121)]
    assert idle(run(0, 10_000), [], range(0, 10_001, 500)) == []


def test_a_run_that_goes_on_lasts_until_it_was_looked_at():
    assert idle(run(0, None), [], [0, 10], until=500) == [(10, 500)]
    assert idle(run(0, None), [ran("a", 5, None)], [0, 10], until=500) == []


def test_a_run_of_which_nothing_is_known_has_none():
    assert idle(run(None, None), [], []) == []


TASK_RUNS = st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 400)), max_size=6)


@given(TASK_RUNS, st.lists(st.integers(0, 2000), max_size=12))
def test_every_second_is_idle_or_not_by_what_happened_in_it(spans, lines):
    """The definition, second by second."""
    task_runs = [ran(f"{n}", start, start + took) for n, (start, took) in enumerate(spans)]
    end = max([2000, *(start + took for start, took in spans)])
    busy = [False] * end
    for start, took in spans:
        busy[start : start + took] = [True] * took
    moments = {*lines, *(start for start, _ in spans)}
    free, begun = [], None
    for second in range(end + 1):
        if begun is not None and (second == end or busy[second] or second in moments):
            free.append((begun, second))
            begun = None
        if second < end and not busy[second] and begun is None:
            begun = second
    least = max(60, end * 0.08)
    expected = sorted(s for s in free if s[1] - s[0] > least)
    found = idle(run(0, end), task_runs, sorted(lines))
    assert len(found) <= 8
    assert set(found) <= set(expected)
    assert len(found) == min(8, len(expected))
    assert sorted(b - a for a, b in found) == sorted(b - a for a, b in expected)[-8:]
