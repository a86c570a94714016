"""Following a run on a real server: nothing is lost, and what it costs in requests."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

import flowrun_widgets as fw
from flowrun_widgets.live.watch import watch
from tests.unit.following import Both, TurnedClock, no_followers

from . import seed

SCHEDULES = 10


@pytest.fixture
def running(runs):
    """Make a copy of a run that goes on, without lines."""
    database = runs.server.database

    def copy():
        run_id = seed.copy_flow_run(database, runs.ids["success"])
        seed.enter(database, run_id, "RUNNING", "Running")
        return run_id

    return copy


def schedule(number, database, run_id):
    """Return events that write batches, late, unordered, simultaneous and skewed, and the ids of their lines."""
    chance = random.Random(number)
    ends_at = chance.uniform(5, 60)
    skews = [0.0, chance.uniform(-300, 300), chance.choice([-300.0, 300.0])]
    ids = []

    def batch(skew, late, count, every):
        def add():
            present = datetime.now(UTC)
            start = present + timedelta(seconds=skew - late)
            if chance.random() < 0.5:
                start = start.replace(
                    second=0, microsecond=0
                )  # the same microsecond in many batches
                start += (
                    timedelta(minutes=1)
                    if start < present + timedelta(seconds=skew - 14)
                    else timedelta(0)
                )
            rows = [*seed.lines(run_id, count, start, every=every, created=present)]
            chance.shuffle(rows)
            ids.extend(row["id"] for row in rows)
            seed.add_lines(database, rows)

        return add

    events = []
    for _ in range(chance.randint(2, 15)):
        late = chance.choice([0.1, 2.0, chance.uniform(0, 14)])
        every = timedelta(milliseconds=chance.choice([0, 0, 1, 50]))
        at = chance.uniform(0, ends_at) + late
        events.append((at, batch(chance.choice(skews), late, chance.choice([1, 3, 20]), every)))
    events.append((ends_at, lambda: seed.enter(database, run_id, "COMPLETED", "Completed")))
    return sorted(events, key=lambda event: event[0]), ids


@pytest.mark.parametrize("number", range(SCHEDULES))
def test_what_a_watch_and_a_card_saw_is_what_there_is(runs, connection, running, number):
    run_id = running()
    events, written = schedule(number, runs.server.database, run_id)
    clock = TurnedClock(events, began_at=datetime.now(UTC))
    seen, arrived, last = [], 0, None
    both = Both(fw.FlowRunView.from_flow_run_id(run_id), clock)
    for last in both.snapshots():
        lines = last.get_logs().columns
        table = lines.table.select(["seq", "id"]).to_pydict()
        new = [key for seq, key in zip(table["seq"], table["id"], strict=True) if seq >= arrived]
        arrived = lines.arrived
        seen += new
    assert not clock.events
    assert last.state.is_successful()
    full = fw.FlowRunView.from_flow_run_id(run_id).get_logs().columns.table["id"].to_pylist()
    assert both.card.columns.table["id"].to_pylist() == full
    both.card.close()
    assert sorted(seen) == sorted(full)
    assert len(set(seen)) == len(seen) == len(written) > 0
    assert no_followers()


def test_an_unchanged_run_costs_three_requests_a_look_at_most(runs, connection, running):
    run_id = running()
    transport = connection.backend.server._api._transport
    counts = []
    clock = TurnedClock(began_at=datetime.now(UTC))
    clock.events = [
        (at, lambda: counts.append((transport.requests, len(clock.waits)))) for at in (50, 200)
    ]
    clock.events.append(
        (300, lambda: seed.enter(runs.server.database, run_id, "COMPLETED", "Completed"))
    )
    for _ in watch(fw.FlowRunView.from_flow_run_id(run_id), clock=clock):
        pass
    (requests, looks), (more_requests, more_looks) = counts
    assert more_looks - looks > 2
    assert more_requests - requests <= 3 * (more_looks - looks) + 1  # for the event stream


def test_a_flow_that_really_runs_is_streamed_to_its_end(prefect3, connection, tmp_path):
    stop = tmp_path / "stop"
    run_id = prefect3.start_flow("running", str(stop))
    lines = fw.watch_flow_run(run_id)
    seen = [next(lines) for _ in range(5)]
    stop.touch()
    seen += lines
    prefect3.wait(run_id)
    official = prefect3.official(run_id)[run_id]
    messages = [line.message for line in seen]
    assert sorted(m for m in messages if not m.startswith("Entered state")) == sorted(
        line["message"] for line in official["logs"]
    )
    assert any(message.startswith("Entered state <Completed>") for message in messages)
    assert no_followers()
