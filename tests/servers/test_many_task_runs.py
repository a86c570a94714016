"""Many task runs: older servers filter them by no end, 2.20 not even by when they were due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

import flowrun_widgets as fw
from tests.prefect3 import seed


@pytest.fixture
def seeded(place):
    """Make a run that goes on, with task runs that began five minutes ago, the last ones unfinished."""

    def make(count: int, unfinished: int) -> tuple[str, list[str]]:
        template, database = place.ids["failure"], place.server.database
        run_id = seed.copy_flow_run(database, template)
        seed.enter(database, run_id, "RUNNING", "Running")
        start = datetime.now(UTC) - timedelta(minutes=5)
        return run_id, seed.add_task_runs(
            database, template, run_id, count, start, unfinished=unfinished
        )

    return make


@pytest.mark.parametrize("count", [250, 1_000])
def test_they_are_read_refreshed_and_completed(place, connection, seeded, count):
    run_id, ids = seeded(count, 5)
    database = place.server.database
    run = fw.FlowRunView.from_flow_run_id(run_id)
    before = run.get_all_task_runs()
    assert {view.task_run_id for view in before} == set(ids)
    assert len(before) == count

    seed.finish(database, ids[-3:], datetime.now(UTC))
    new = seed.add_task_runs(database, place.ids["failure"], run_id, 2, datetime.now(UTC))
    latest = run.get_latest()
    changes = latest.changes_since(run)
    assert {*ids[-3:], *new} <= changed(run, latest)
    assert len(changes.finished) == 5
    assert len(latest.fetched.task_runs.records) == count + 2
    assert not changed(latest, latest.get_latest())

    seed.finish(database, ids[-5:-3], datetime.now(UTC) - timedelta(hours=1))
    seed.enter(database, run_id, "COMPLETED", "Completed")
    last = latest.get_latest()
    assert last.state.is_successful()
    assert changed(latest, last) == set(ids[-5:-3])
    fresh = fw.FlowRunView.from_flow_run_id(run_id).get_all_task_runs()
    assert [one.record for one in fresh] == list(last.fetched.task_runs.records)


def test_a_refresh_costs_little(place, connection, seeded):
    run_id, _ = seeded(250, 5)
    run = fw.FlowRunView.from_flow_run_id(run_id)
    run.get_all_task_runs()
    run.get_logs()
    run = run.get_latest()  # learns what the server does not know
    transport = connection.backend._api._transport
    before = transport.requests
    run.get_latest()
    assert transport.requests - before <= 5


def changed(earlier: fw.FlowRunView, later: fw.FlowRunView) -> set[str]:
    """Return the ids of the task runs that are new or other than before."""
    known = {one.id: one for one in earlier.fetched.task_runs.records}
    return {one.id for one in later.fetched.task_runs.records if known.get(one.id) != one}
