"""What the length of a run is made of."""

import hypothesis.strategies as st
import pytest
from hypothesis import given

from flowrun_widgets.analysis.critical import CriticalPath, critical_path
from flowrun_widgets.records import TaskRunRecord
from flowrun_widgets.states import Retrying, Running, Success, TriggerFailed
from flowrun_widgets.times import from_micros


def at(seconds):
    return None if seconds is None else from_micros(seconds * 1_000_000)


def ran(key, start, end, upstream=()):
    return TaskRunRecord(
        key, "run", Success(), started_at=at(start), ended_at=at(end), upstream_ids=tuple(upstream)
    )


def test_each_waits_for_the_upstream_that_ended_last():
    found = critical_path(
        [
            ran("slow", 0, 30),
            ran("quick", 0, 5),
            ran("join", 32, 40, ["slow", "quick"]),
            ran("aside", 0, 39),
        ]
    )
    assert found == CriticalPath(("slow", "join"), 40.0, 2.0)


def test_waits_between_attempts_count_as_waited():
    history = [(Running(), 10), (Retrying(), 12), (Running(), 20), (Success(), 21)]
    states = tuple(state.at(at(second)) for state, second in history)
    retried = TaskRunRecord(
        "retried", "run", states[-1], states=states, started_at=at(10), ended_at=at(21), upstream_ids=("first",)
    )  # fmt: skip
    found = critical_path([ran("first", 0, 9), retried])
    assert found == CriticalPath(("first", "retried"), 21.0, 9.0)


@pytest.mark.parametrize("records", [[], [ran("a", 0, 1), ran("b", 1, 2)]])
def test_where_no_dependency_is_known_there_is_none(records):
    assert critical_path(records) is None


def test_what_never_began_or_goes_on_is_on_no_path():
    held_up = TaskRunRecord("held", "run", TriggerFailed(), upstream_ids=("a",))
    going = TaskRunRecord("going", "run", Running(), started_at=at(5), upstream_ids=("a",))
    assert critical_path([held_up, going]) is None
    assert critical_path([ran("a", 0, 1), held_up, going]) == CriticalPath(("a",), 1.0, 0.0)


def test_task_runs_that_wait_for_each_other_end_the_path():
    found = critical_path(
        [ran("a", 5, 5, ["b"]), ran("b", 5, 5, ["a"]), ran("c", 6, 7, ["c", "b"])]
    )
    assert found == CriticalPath(("a", "b", "c"), 2.0, 1.0)


KEYS = [f"k{n}" for n in range(12)]
TASK_RUNS = st.lists(
    st.tuples(
        st.one_of(st.none(), st.integers(0, 50)),
        st.integers(0, 20),
        st.lists(st.sampled_from([*KEYS, "elsewhere"]), max_size=4),
    ),
    max_size=len(KEYS),
)


@given(TASK_RUNS)
def test_no_step_of_the_path_could_have_been_a_later_one(drawn):
    """The definition, step by step, on any graph."""
    records = [
        ran(KEYS[n], start, None if start is None else start + took, upstream)
        for n, (start, took, upstream) in enumerate(drawn)
    ]
    by_id = {record.id: record for record in records if record.started_at is not None}
    found = critical_path(records)
    if not by_id or not any(record.upstream_ids for record in records):
        assert found is None
        return
    assert len(set(found.path)) == len(found.path)
    chain = [by_id[key] for key in found.path]
    assert chain[-1].ended_at == max(record.ended_at for record in by_id.values())
    for earlier, later in zip([None, *chain], chain, strict=False):
        before = [
            by_id[key]
            for key in later.upstream_ids
            if key in by_id and by_id[key].ended_at <= later.started_at
        ]
        if earlier is not None:
            assert earlier in before
            others = [r for r in before if r.id not in found.path]
            assert all(r.ended_at <= earlier.ended_at for r in others)
        else:
            assert all(r.id in found.path for r in before)
    seconds = (chain[-1].ended_at - chain[0].started_at).total_seconds()
    work = sum((r.ended_at - r.started_at).total_seconds() for r in chain)
    assert (found.seconds, found.waited_seconds) == (seconds, seconds - work)
