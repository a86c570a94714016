"""A flow that is running right now."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Event, Thread

import pytest

import flowrun_widgets as fw

from . import seed


def test_refreshes_of_a_running_flow_bring_every_line_and_state(prefect3, connection, tmp_path):
    stop = tmp_path / "stop"
    run_id = prefect3.start_flow("running", str(stop))
    run = fw.FlowRunView.from_flow_run_id(run_id)
    run.get_logs()
    run.get_all_task_runs()
    assert not run.state.is_finished()
    lines = set()
    for _ in range(5):
        earlier, run = run, run.get_latest()
        lines.add(run.changes_since(earlier).new_lines)
    stop.touch()
    prefect3.wait(run_id)
    earlier, run = run, run.get_latest()
    assert run.state.is_successful()
    assert "Running → Completed" in str(run.changes_since(earlier))
    official = prefect3.official(run_id)[run_id]
    frame = run.get_logs().to_pandas()
    assert len(frame) >= len(official["logs"])
    fresh = fw.FlowRunView.from_flow_run_id(run_id)
    assert fresh == run
    assert sorted(run.get_logs()) == sorted(fresh.get_logs())
    assert run.get_all_task_runs() == fresh.get_all_task_runs()
    numbers = frame["message"].str.extract(r"^line (\d+)$")[0].dropna().astype(int)
    assert sorted(numbers) == list(range(1, len(numbers) + 1))


@pytest.fixture
def copied(runs):
    """Make a copy of a run, with its rows at hand: running unless it is said that it ended."""
    database = runs.server.database

    def copy(*, ended: bool) -> str:
        changes = (
            {} if ended else {"state_type": "RUNNING", "state_name": "Running", "end_time": None}
        )
        return seed.copy_flow_run(database, runs.ids["success"], **changes)

    return copy


def test_a_burst_of_one_timestamp_is_read_whole_while_lines_are_written(runs, connection, copied):
    run_id = copied(ended=False)
    database = runs.server.database
    start = datetime.now(UTC) - timedelta(minutes=10)
    seed.add_lines(
        database, seed.lines(run_id, 5000, start, every=timedelta(milliseconds=20), burst_at=1234)
    )
    enough = Event()
    written = []

    def write() -> None:
        while not enough.is_set():
            rows = list(seed.lines(run_id, 20, datetime.now(UTC), every=timedelta(milliseconds=1)))
            seed.add_lines(database, rows)
            written.extend(rows)
            enough.wait(0.05)

    writer = Thread(target=write)
    writer.start()
    run = fw.FlowRunView.from_flow_run_id(run_id)
    read = len(run.get_logs())
    enough.set()
    writer.join()
    assert read >= 5000
    after = run.get_latest().get_logs()
    ids = after.columns.table["id"].to_pylist()
    assert len(after) == len(set(ids)) == 5000 + len(written)


@pytest.mark.parametrize("late_seconds", [1, 8, 14.9])
def test_no_line_that_arrives_within_15_seconds_is_lost(runs, connection, copied, late_seconds):
    run_id = copied(ended=False)
    database = runs.server.database
    present = datetime.now(UTC)
    early = seed.lines(
        run_id, 50, present - timedelta(seconds=60), every=timedelta(seconds=1), task_run_ids=None
    )
    seed.add_lines(database, early)
    run = fw.FlowRunView.from_flow_run_id(run_id)
    assert len(run.get_logs()) == 50
    newest = run.get_logs()[-1].timestamp
    arrived = newest + timedelta(seconds=0.3)
    late = seed.lines(
        run_id, 1, arrived - timedelta(seconds=late_seconds), every=timedelta(0), created=arrived
    )
    seed.add_lines(database, late)
    run = run.get_latest()
    assert len(run.get_logs()) == 51


def test_a_worker_whose_clock_is_five_minutes_off_loses_nothing_after_the_end(
    runs, connection, copied
):
    run_id = copied(ended=True)
    database = runs.server.database
    present = datetime.now(UTC) - timedelta(minutes=1)
    seed.add_lines(database, seed.lines(run_id, 300, present, every=timedelta(milliseconds=10)))
    run = fw.FlowRunView.from_flow_run_id(run_id)
    run.get_logs()
    for minutes in (-5, 5):
        moment = present + timedelta(minutes=minutes)
        seed.add_lines(
            database,
            seed.lines(
                run_id,
                30,
                moment,
                every=timedelta(milliseconds=10),
                created=present + timedelta(seconds=30),
            ),
        )
    run = run.get_latest()
    assert len(run.get_logs()) == 360
    assert run.get_logs() == fw.FlowRunView.from_flow_run_id(run_id).get_logs()


def test_a_refresh_asks_for_changed_task_runs_alone(runs, connection, copied):
    run_id = copied(ended=False)
    database = runs.server.database
    start = datetime.now(UTC) - timedelta(minutes=5)
    ids = seed.add_task_runs(database, runs.ids["success"], run_id, 450, start, unfinished=5)
    run = fw.FlowRunView.from_flow_run_id(run_id)
    before = run.get_all_task_runs()
    assert [view.task_run_id for view in before] == ids
    assert run.get_task_run_ids() == ids
    seed.finish(database, ids[-3:], datetime.now(UTC))
    latest = run.get_latest()
    after = latest.fetched.task_runs.records
    assert sum(view.record is not record for view, record in zip(before, after, strict=True)) == 3
    assert latest.changes_since(run).finished == tuple(f"step-{n}" for n in (447, 448, 449))


def test_task_runs_that_a_skewed_clock_ended_in_the_past_are_seen(runs, connection, copied):
    run_id = copied(ended=False)
    database = runs.server.database
    start = datetime.now(UTC) - timedelta(minutes=5)
    ids = seed.add_task_runs(database, runs.ids["success"], run_id, 10, start, unfinished=1)
    run = fw.FlowRunView.from_flow_run_id(run_id)
    run.get_all_task_runs()
    seed.finish(database, ids[-1:], start - timedelta(hours=1))
    latest = run.get_latest()
    assert latest.changes_since(run).finished == ("step-9",)


def test_postgresql_says_the_same(prefect3_on_postgresql):
    server = prefect3_on_postgresql
    ids = server.run("some")
    official = server.official(*ids.values())
    fw.connect(server.url)
    for run_id in ids.values():
        run = fw.FlowRunView.from_flow_run_id(run_id)
        theirs = official[run_id]
        assert run.state.name == theirs["run"]["state"]["name"]
        assert [line.message for line in run.get_logs()] == [
            line["message"] for line in theirs["logs"]
        ]
        assert set(run.get_task_run_ids()) == {one["id"] for one in theirs["task_runs"]}
        run.get_all_task_runs()
        assert run.get_latest() == run
