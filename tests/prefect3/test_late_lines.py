"""Workers whose clocks are minutes off: a refresh costs what is new, and every line is there in the end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

import flowrun_widgets as fw

from . import seed
from .meter import Meter
from .writer import Worker

BEHIND = timedelta(minutes=4)
SECONDS, RATE = 300, 30
MAX_REQUESTS, MAX_BYTES = 6, 300_000


@pytest.fixture
def meter(runs):
    """What goes to the server over the ambient connection, and comes from it."""
    meter = Meter()
    with fw.connect(runs.server.url, transport=meter, library=False):
        yield meter


@pytest.mark.parametrize("others", [(), (0,), (0, 2), (0, -2)])
def test_a_worker_four_minutes_behind_costs_its_new_lines(meter, runs, others):
    database = runs.server.database
    run_id = seed.copy_flow_run(database, runs.ids["success"])
    seed.enter(database, run_id, "RUNNING", "Running")
    seed.add_task_runs(database, runs.ids["success"], run_id, 20, datetime.now(UTC) - BEHIND)
    present = datetime.now(UTC)
    rate = RATE / (1 + len(others))
    workers = [Worker(database, run_id, timedelta(minutes=behind), rate) for behind in (4, *others)]
    for worker in workers:
        worker.write(round(SECONDS * rate), present)
    run = fw.FlowRunView.from_flow_run_id(run_id)
    run.get_logs()
    run.get_all_task_runs()
    for number in range(8):
        for worker in workers:
            worker.write(10, present + timedelta(seconds=1 + number))
        run, requests, size = meter.of(run.get_latest)
        print(f"{len(workers)} workers: {requests} requests, {size:,} bytes")
        assert requests <= MAX_REQUESTS
        assert size <= MAX_BYTES
        assert len(run.get_logs()) == sum(worker.written for worker in workers)
    seed.enter(database, run_id, "COMPLETED", "Completed")
    run = run.get_latest()
    assert run.get_logs() == fw.FlowRunView.from_flow_run_id(run_id).get_logs()


def test_a_batch_that_came_minutes_late_costs_nothing_afterwards(meter, runs):
    database = runs.server.database
    run_id = seed.copy_flow_run(database, runs.ids["success"])
    seed.enter(database, run_id, "RUNNING", "Running")
    present = datetime.now(UTC)
    worker, late = Worker(database, run_id, timedelta(0)), Worker(database, run_id, BEHIND)
    worker.write(SECONDS * RATE, present)
    run = fw.FlowRunView.from_flow_run_id(run_id)
    run.get_logs()
    late.write(60, present)
    run, requests, _ = meter.of(run.get_latest)
    assert requests <= 20
    assert len(run.get_logs()) == worker.written + late.written
    for number in range(3):
        worker.write(10, present + timedelta(seconds=1 + number))
        run, requests, size = meter.of(run.get_latest)
        assert requests <= 3
        assert size <= 20_000
    assert len(run.get_logs()) == worker.written + late.written


def test_lines_that_are_gone_from_the_server_hide_no_new_ones(meter, runs):
    database = runs.server.database
    run_id = seed.copy_flow_run(database, runs.ids["success"])
    seed.enter(database, run_id, "RUNNING", "Running")
    present = datetime.now(UTC)
    worker = Worker(database, run_id, timedelta(0))
    worker.write(3_000, present)
    run = fw.FlowRunView.from_flow_run_id(run_id)
    run.get_logs()
    seed.remove_lines(database, run_id, before=present - timedelta(seconds=60))
    for number in range(3):
        worker.write(10, present + timedelta(seconds=1 + number))
        run, requests, _ = meter.of(run.get_latest)
        assert requests <= 6
        assert len(run.get_logs()) == worker.written
