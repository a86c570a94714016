"""What a refresh of a run costs at a real server, and that an ended run is not given up too soon."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

import flowrun_widgets as fw

from . import seed
from .meter import Meter

LATE = timedelta(minutes=20)
"""Older than any overlap that is read again."""


@pytest.fixture
def meter(runs):
    """What goes to the server over the ambient connection, and comes from it."""
    meter = Meter()
    with fw.connect(runs.server.url, transport=meter, library=False):
        yield meter


@pytest.fixture
def database(runs):
    return runs.server.database


@pytest.fixture
def seeded(runs, database):
    """Make a run with 300 lines and 40 task runs that began an hour ago, in the state that is given."""

    def make(kind, name, unfinished=0):
        run_id = seed.copy_flow_run(database, runs.ids["success"])
        seed.enter(database, run_id, kind, name)
        start = datetime.now(UTC) - timedelta(hours=1)
        tasks = seed.add_task_runs(
            database, runs.ids["success"], run_id, 40, start, unfinished=unfinished
        )
        lines = seed.lines(run_id, 300, start, every=timedelta(seconds=1), task_run_ids=tasks)
        seed.add_lines(database, lines)
        return run_id, tasks

    return make


def opened(run_id):
    run = fw.FlowRunView.from_flow_run_id(run_id)
    run.get_logs()
    run.get_all_task_runs()
    return run


@pytest.mark.parametrize(
    ("kind", "name", "unfinished"),
    [
        ("RUNNING", "Running", 0),
        ("RUNNING", "Running", 5),
        ("COMPLETED", "Completed", 0),
        ("COMPLETED", "Completed", 5),
    ],
)
def test_an_unchanged_run_costs_three_requests_and_five_kilobytes(
    meter, seeded, kind, name, unfinished
):
    run = opened(seeded(kind, name, unfinished)[0])
    for _ in range(4):
        run, requests, size = meter.of(run.get_latest)
        assert requests <= 3
        assert size < 5_000


def test_the_refresh_that_sees_the_end_looks_once_whether_all_is_there(meter, database, seeded):
    run_id, _ = seeded("RUNNING", "Running")
    run = opened(run_id)
    seed.enter(database, run_id, "COMPLETED", "Completed")
    run, requests, _ = meter.of(run.get_latest)
    assert run.state.is_successful()
    assert requests <= 6
    assert meter.of(run.get_latest)[1] <= 3


def test_a_line_that_comes_long_after_the_end_with_an_old_time_is_seen(meter, database, seeded):
    run_id, _ = seeded("COMPLETED", "Completed")
    run = opened(run_id).get_latest()
    for count in (301, 302):
        moment = datetime.now(UTC) - LATE
        late = seed.lines(run_id, 1, moment, every=timedelta(0), created=datetime.now(UTC))
        seed.add_lines(database, late)
        run = run.get_latest()
        assert len(run.get_logs()) == count
    assert meter.of(run.get_latest)[1] <= 3
    assert run.get_logs() == fw.FlowRunView.from_flow_run_id(run_id).get_logs()


@pytest.mark.parametrize("looks", [0, 1])
@pytest.mark.parametrize("unfinished", [0, 2])
@pytest.mark.parametrize("is_new_unfinished", [False, True])
def test_a_task_run_that_comes_long_after_the_end_is_seen_by_the_second_look(
    meter, runs, database, seeded, looks, unfinished, is_new_unfinished
):
    run_id, _ = seeded("COMPLETED", "Completed", unfinished)
    run = opened(run_id)
    for _ in range(looks):
        run = run.get_latest()
    seed.add_task_runs(
        database,
        runs.ids["success"],
        run_id,
        1,
        datetime.now(UTC) - LATE,
        unfinished=int(is_new_unfinished),
    )
    run = run.get_latest().get_latest()
    assert len(run.fetched.task_runs.records) == 41
    assert meter.of(run.get_latest)[1] <= 3


def test_a_task_run_that_ends_after_its_flow_run_is_seen(meter, database, seeded):
    run_id, tasks = seeded("COMPLETED", "Completed", 2)
    run = opened(run_id).get_latest()
    seed.finish(database, tasks[-1:], datetime.now(UTC) - LATE)
    later = run.get_latest()
    assert later.changes_since(run).finished == ("step-39",)
    seed.finish(database, tasks[-2:-1], datetime.now(UTC) - LATE)
    last = later.get_latest()
    assert last.changes_since(later).finished == ("step-38",)
    assert meter.of(last.get_latest)[1] <= 3


def test_a_run_that_began_anew_and_ended_again_shows_what_came_meanwhile(meter, database, seeded):
    run_id, tasks = seeded("COMPLETED", "Completed", 1)
    run = opened(run_id).get_latest()
    seed.enter(database, run_id, "RUNNING", "Running")
    seed.finish(database, tasks[-1:], datetime.now(UTC))
    new = seed.lines(run_id, 3, datetime.now(UTC), every=timedelta(milliseconds=1))
    seed.add_lines(database, new)
    seed.enter(database, run_id, "COMPLETED", "Completed")
    latest = run.get_latest()
    assert latest.changes_since(run).new_lines == 3
    assert latest.changes_since(run).finished == ("step-39",)


def test_an_ended_run_that_runs_again_is_followed_as_one_that_goes_on(meter, database, seeded):
    run_id, tasks = seeded("COMPLETED", "Completed", 1)
    run = opened(run_id).get_latest()
    seed.enter(database, run_id, "RUNNING", "Running")
    seed.finish(database, tasks[-1:], datetime.now(UTC))
    latest = run.get_latest()
    assert latest.state.is_running()
    assert latest.changes_since(run).finished == ("step-39",)
    assert meter.of(latest.get_latest)[1] <= 3
