"""The replay of a recorded run."""

import sqlite3

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import flowrun_widgets as fw
from flowrun_widgets.recordings.replay import TIMES, Replay, recording
from flowrun_widgets.store.writer import StoreWriter
from flowrun_widgets.times import parse_time, to_micros

START = parse_time("2030-01-01T00:00:00+00:00")


def rows(path):
    """Return every row of the tables that a replay writes."""
    connection = sqlite3.connect(path)
    connection.row_factory = sqlite3.Row
    tables = ("flow_run", "flow_run_state", "task_run", "task_run_state", "log")
    found = {
        table: [dict(row) for row in connection.execute(f"select * from {table} order by id")]
        for table in tables
    }
    connection.close()
    return found


def replayed(folder, name, steps):
    path = folder / f"{len(list(folder.iterdir()))}.sqlite"
    with StoreWriter(path) as writer:
        replay = Replay(recording(name), writer, START)
        for seconds in steps:
            replay.advance(seconds)
        replay.advance(float("inf"))
        assert replay.next_at is None
    return rows(path)


@pytest.fixture(scope="module")
def at_once(tmp_path_factory):
    return replayed(tmp_path_factory.mktemp("replay"), "live-demo", [])


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(st.floats(0, 70), max_size=6).map(sorted))
def test_any_steps_end_in_the_same_store(steps, at_once, tmp_path):
    assert replayed(tmp_path, "live-demo", steps) == at_once


def test_a_whole_replay_is_the_recording_shifted(at_once, tmp_path):
    """Apart from heartbeats, which nobody shows, and the rows' own `updated`."""
    recorded = recording("live-demo")
    path = tmp_path / "written.sqlite"
    with StoreWriter(path) as writer:
        recorded.write(writer)
    written = rows(path)
    shift = to_micros(START) - to_micros(parse_time(recorded.tables["flow_run"][0]["created"]))
    for table, expected in written.items():
        assert len(at_once[table]) == len(expected)
        for found, row in zip(at_once[table], expected, strict=True):
            for column, value in row.items():
                if column in {
                    "heartbeat",
                    "updated",
                    "seq",
                    "serialized_state",
                    "state_start_time",
                    "start_time",
                }:
                    continue
                moved = value + shift if column in TIMES and value is not None else value
                assert found[column] == moved, (table, column)


def test_a_replay_goes_on_step_by_step(tmp_path):
    path = tmp_path / "s.sqlite"
    with StoreWriter(path) as writer:
        recorded = recording("live-demo")
        replay = Replay(recorded, writer, START)
        replay.advance(0.0)
        with fw.connect(path):
            run = fw.FlowRunView.from_flow_run_id(recorded.flow_run_id)
            seen = [(len(run.get_logs()), len(run.states))]
            for seconds in (10, 20, 30, 40, 50, 60, 90):
                replay.advance(seconds)
                run = run.get_latest()
                seen.append((len(run.get_logs()), len(run.states)))
            assert seen == sorted(seen)
            assert len(set(seen)) >= 6
            assert run.state.is_successful()
            assert len(run.get_logs()) == len(recorded.tables["log"])
            assert run.started_at >= START


def test_nothing_is_written_before_it_is_due(tmp_path):
    with StoreWriter(tmp_path / "s.sqlite") as writer:
        replay = Replay(recording("live-demo"), writer, START)
        due = replay.next_at
        replay.advance(due - 0.001 if due else -1)
        assert replay.next_at == due
        replay.advance(due)
        assert replay.next_at > due
