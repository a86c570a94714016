"""The store: what is written is what is read."""

import json
import sqlite3
import threading
from contextlib import closing, suppress
from pathlib import Path

import pytest

import flowrun_widgets as fw
from flowrun_widgets import errors
from flowrun_widgets.recordings.replay import NAMES, recording
from flowrun_widgets.store.file import VERSION
from flowrun_widgets.store.writer import ENDED, StoreWriter
from flowrun_widgets.times import isoformat
from tests.stores import (
    FLOW_RUN_ID,
    at,
    identifier,
    log_row,
    made,
    small_run,
    state_row,
    task_run_row,
)

TASK_RUN = identifier(0x102)


def run_of(path):
    fw.connect(path)
    return fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID)


@pytest.fixture
def writer(store):
    with StoreWriter(store) as writer:
        yield writer


def text(moment):
    """Return a time as PostgreSQL prints it: fractions without zeros at the end."""
    if moment is None:
        return None
    head, _, zone = isoformat(moment).partition("+")
    return f"{head.rstrip('0').rstrip('.') if '.' in head else head}+{zone}"


@pytest.mark.parametrize("name", NAMES)
def test_a_recorded_run_comes_back_as_it_was(name, recorded):
    tables = recording(name).tables
    (row,) = tables["flow_run"]
    run = fw.FlowRunView.from_flow_run_id(row["id"])
    assert (run.name, run.flow_id, run.labels, run.parameters) == (
        row["name"], row["flow_id"], row["labels"], row["parameters"],
    )  # fmt: skip
    assert run.state.serialize() == row["serialized_state"]
    assert run.run_config == row["run_config"]
    for column, value in (
        ("created", run.created_at), ("updated", run.updated_at), ("start_time", run.started_at),
        ("end_time", run.ended_at), ("scheduled_start_time", run.scheduled_start_at),
    ):  # fmt: skip
        assert text(value) == row[column], column
    states = sorted(tables["flow_run_state"], key=lambda state: state["timestamp"])
    assert [state.serialize() for state in run.states] == [
        state["serialized_state"] for state in states
    ]
    assert run.flow_name == tables["flow"][0]["name"]
    assert run.project_name == tables["project"][0]["name"]


@pytest.mark.parametrize("name", NAMES)
def test_recorded_lines_and_task_runs_come_back_as_they_were(name, recorded):
    tables = recording(name).tables
    run = fw.FlowRunView.from_flow_run_id(tables["flow_run"][0]["id"])
    frame = run.get_logs().to_pandas()
    assert sorted(frame["message"]) == sorted(log["message"] for log in tables["log"])
    times = sorted(log["timestamp"] for log in tables["log"])
    assert sorted(text(log.timestamp) for log in run.get_logs()) == times
    assert frame["timestamp"].is_monotonic_increasing
    by_id = {row["id"]: row for row in tables["task_run"]}
    found = run.get_all_task_runs()
    assert {view.task_run_id for view in found} == set(by_id)
    for view in found:
        assert view.map_index == by_id[view.task_run_id]["map_index"]
        assert view.state.serialize() == by_id[view.task_run_id]["serialized_state"]
        assert text(view.ended_at) == by_id[view.task_run_id]["end_time"]


def test_task_runs_come_by_slug_index_and_id(recorded):
    run = fw.FlowRunView.from_flow_run_id(recording("mapped-success").flow_run_id)
    found = run.get_all_task_runs()
    places = [(view.task_slug, view.map_index, view.task_run_id) for view in found]
    assert places == sorted(places)
    assert run.task_run_ids == [view.task_run_id for view in found]


def test_a_new_state_becomes_the_runs_own(writer, store):
    writer.add_task_run_state(
        state_row(0x2010, {"task_run_id": TASK_RUN}, "Failed", 9, message="boom")
    )
    view = fw.TaskRunView.from_task_run_id(TASK_RUN, api=fw.connect(store))
    assert repr(view.state) == '<Failed: "boom">'
    assert view.states[-1].timestamp == view.ended_at
    assert text(view.ended_at) == text(
        fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID).started_at.add(seconds=9)
    )


def test_the_start_is_the_least_running_and_the_end_the_greatest_final_state(writer, store):
    """Prefect 1's trigger uses LEAST and GREATEST, so states may arrive late."""
    owner = {"task_run_id": TASK_RUN}
    for number, kind, seconds in (
        (0x2010, "Running", 5), (0x2011, "Running", 0.5), (0x2012, "Success", 9), (0x2013, "Failed", 7),
    ):  # fmt: skip
        writer.add_task_run_state(state_row(number, owner, kind, seconds))
    view = fw.TaskRunView.from_task_run_id(TASK_RUN, api=fw.connect(store))
    assert (view.started_at.second, view.started_at.microsecond) == (0, 500_000)
    assert view.ended_at.second == 9


@pytest.mark.parametrize("kind", ["Success", "Failed", "Cached", "TimedOut", "Looped", "Cancelled"])
def test_six_final_states_set_the_end(kind, writer, store):
    writer.add_task_run_state(state_row(0x2010, {"task_run_id": TASK_RUN}, kind, 9))
    assert kind in ENDED
    assert fw.TaskRunView.from_task_run_id(TASK_RUN, api=fw.connect(store)).ended_at.second == 9


@pytest.mark.parametrize(
    "kind", ["TriggerFailed", "Skipped", "Mapped", "ValidationFailed", "Finished"]
)
def test_the_other_final_states_leave_the_end_empty(kind, writer, store):
    """As Prefect 1's trigger does; the history still says when it was."""
    writer.add_task_run_state(state_row(0x2010, {"task_run_id": TASK_RUN}, kind, 9))
    view = fw.TaskRunView.from_task_run_id(TASK_RUN, api=fw.connect(store))
    assert view.state.is_finished()
    assert view.ended_at is None
    assert view.states[-1].timestamp.second == 9


def test_an_older_version_of_a_state_does_not_replace_a_newer(writer, store):
    owner = {"task_run_id": TASK_RUN}
    writer.add_task_run_state({**state_row(0x2010, owner, "Success", 9), "version": 7})
    writer.add_task_run_state({**state_row(0x2011, owner, "Running", 8), "version": 3})
    view = fw.TaskRunView.from_task_run_id(TASK_RUN, api=fw.connect(store))
    assert view.state.is_successful()
    assert len(view.states) == 3


def test_a_row_whose_id_is_there_takes_the_old_ones_place(writer, store):
    writer.add({"log": [log_row(1, 1, "corrected")]})
    messages = [log.message for log in run_of(store).get_logs()]
    assert messages.count("corrected") == 1
    assert len(messages) == 3


def test_a_step_that_fails_is_not_kept_in_part(writer, store):
    rows = [log_row(50, 5, "good"), {**log_row(51, 5, "bad"), "timestamp": None}]
    with pytest.raises(errors.ArchiveError, match="This transaction was rolled back"):
        writer.add({"log": rows})
    assert len(run_of(store).get_logs()) == 3


@pytest.mark.parametrize(
    "tables", [{"nope": []}, {"log": [{**log_row(60, 1, ""), "colour": "red"}]}]
)
def test_unknown_tables_and_columns_are_named(tables, writer):
    with pytest.raises(errors.InvalidArgument, match=r"nope|colour"):
        writer.add(tables)


def test_a_refresh_reads_only_what_is_new(writer, store):
    run = run_of(store)
    first = run.get_logs()
    writer.add({"log": [log_row(9, 0.5, "late, with an early time")]})
    latest = run.get_latest()
    assert [log.message for log in latest.get_logs()].index("late, with an early time") == 0
    assert (
        latest.get_logs().to_pandas().set_index("message").loc["late, with an early time", "seq"]
        == 3
    )
    assert len(first) == 3


def test_times_bound_the_log(store):
    run = run_of(store)
    begin = run.started_at
    assert [log.message for log in run.get_logs(start_time=begin.add(seconds=1))] == ["second"]
    assert len(run.get_logs(end_time=begin.add(seconds=1))) == 2
    assert len(run.get_logs(begin, begin.add(seconds=2))) == 3
    assert run.get_logs(end_time=begin) == []


def test_a_store_that_is_not_there_reads_as_empty_and_names_itself(tmp_path, monkeypatch):
    missing = tmp_path / "nowhere" / "store.sqlite"
    monkeypatch.setenv("FLOWRUN_STORE", str(missing))
    with pytest.raises(errors.NotFound) as caught:
        fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID)
    for word in (
        str(missing),
        "PREFECT_API_URL",
        "PREFECT__CLOUD__API",
        "fw.connect(url)",
        "fw.demo()",
    ):
        assert word in str(caught.value)
    assert not missing.parent.exists()


def test_a_store_that_appears_later_is_read(tmp_path, monkeypatch):
    path = tmp_path / "later.sqlite"
    monkeypatch.setenv("FLOWRUN_STORE", str(path))
    with pytest.raises(errors.NotFound):
        fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID)
    with StoreWriter(path) as writer:
        writer.add(small_run())
    assert fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID).name == "small-owl"


def pragma(path, statement):
    connection = sqlite3.connect(path)
    connection.execute(statement)
    connection.commit()
    connection.close()


def test_a_store_that_another_process_is_making_reads_as_empty(tmp_path):
    path = tmp_path / "store.sqlite"
    with closing(sqlite3.connect(path)) as other:
        other.execute("pragma journal_mode = wal")
    with fw.connect(path):
        assert len(fw.find_flow_runs()) == 0
        with StoreWriter(path) as writer:
            recording(NAMES[0]).write(writer)
        assert len(fw.find_flow_runs()) == 1


def test_a_file_that_is_no_database_is_refused(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("not a database, but long enough to look like a file with content\n" * 50)
    with pytest.raises(errors.ArchiveError, match=r"notes\.txt"):
        run_of(path)
    with pytest.raises(errors.ArchiveError, match=r"notes\.txt"):
        StoreWriter(path)


def test_somebody_elses_database_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "other.sqlite"
    pragma(path, "create table mine (x)")
    before = path.read_bytes()
    for open_ in (run_of, StoreWriter):
        with pytest.raises(errors.ArchiveError, match="not a store"):
            open_(path)
    connection = sqlite3.connect(path)
    assert connection.execute("select name from sqlite_master").fetchall() == [("mine",)]
    connection.close()
    assert len(path.read_bytes()) == len(before)


def test_a_store_of_a_newer_version_says_to_upgrade(store):
    pragma(store, f"pragma user_version = {VERSION + 1}")
    with pytest.raises(errors.ArchiveError, match="upgrade"):
        run_of(store)


def test_a_closed_store_says_so_and_views_keep_what_they_hold(store):
    run = run_of(store)
    logs = run.get_logs()
    run.connection.close()
    assert run.get_logs() == logs
    assert run.name == "small-owl"
    with pytest.raises(errors.FlowRunError, match="closed"):
        run.get_latest()


def test_text_that_is_no_json_is_an_error_of_ours(store):
    pragma(store, "update flow_run set parameters = '{'")
    with pytest.raises(errors.UnexpectedAnswer, match="not JSON"):
        run_of(store)


def test_reading_never_changes_the_file(recorded_store):
    before = recorded_store.read_bytes()
    fw.connect(recorded_store)
    run = fw.FlowRunView.from_flow_run_id(recording("mapped-success").flow_run_id)
    run.get_logs()
    run.get_all_task_runs()
    assert recorded_store.read_bytes() == before


def test_a_reader_sees_what_a_writer_commits_meanwhile(writer, store):
    run = run_of(store)
    writer.add({"task_run": [task_run_row(9, 1, map_index=4)]})
    assert len(run.get_all_task_runs()) == 3


def test_json_columns_and_flags_are_stored_as_such(store):
    connection = sqlite3.connect(store)
    (parameters,) = connection.execute("select parameters from flow_run").fetchone()
    (kind,) = connection.execute("select typeof(created) from flow_run").fetchone()
    connection.close()
    assert json.loads(parameters)["stores"] == [1, 2]
    assert kind == "integer"


@pytest.mark.parametrize(
    ("interval", "micros"),
    [
        ("00:00:10", 10_000_000),
        ("1 day 02:03:04.5", 93_784_500_000),
        ("-00:00:01", -1_000_000),
        ("2 days", 172_800_000_000),
    ],
)
def test_an_interval_is_microseconds(interval, micros, writer, store):
    task = {"id": identifier(77), "flow_id": identifier(0xD), "retry_delay": interval, **made(0)}
    writer.add({"task": [task]})
    connection = sqlite3.connect(store)
    found = connection.execute(
        "select retry_delay from task where id = ?", (identifier(77),)
    ).fetchone()
    connection.close()
    assert found == (micros,)


def test_the_rows_of_these_tests_have_times_that_postgres_would_print():
    assert at(61.5) == "2026-11-22T02:01:01.500000+00:00"


def open_files(path):
    """Return how many times this process has the file open."""
    found = 0
    for entry in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            found += entry.readlink() == path
    return found


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="open files are counted in /proc")
def test_threads_leave_no_connections_behind(store):
    run = run_of(store)
    for _ in range(20):
        thread = threading.Thread(target=run.get_latest)
        thread.start()
        thread.join()
    assert open_files(store) <= 1
    run.connection.close()
    assert open_files(store) == 0


def test_a_store_put_in_place_of_another_is_read(store, tmp_path):
    run = run_of(store)
    other = tmp_path / "other.sqlite"
    with StoreWriter(other) as writer:
        writer.add({**small_run(), "log": [log_row(77, 1, "of the other")]})
    for suffix in ("-wal", "-shm"):
        store.with_name(store.name + suffix).unlink(missing_ok=True)
    other.replace(store)
    assert [log.message for log in run.get_logs()] == ["of the other"]


def test_a_store_that_was_deleted_is_not_read_on(store):
    run = run_of(store)
    store.unlink()
    with pytest.raises(errors.NotFound):
        run.get_latest()


def test_a_closed_store_says_how_to_open_a_new_one(store):
    run = run_of(store)
    run.connection.close()
    with pytest.raises(errors.BackendError, match=r"fw\.connect\(…\) opens a new one"):
        run.get_latest()


@pytest.mark.parametrize(
    ("statement", "read", "kind"),
    [
        ("update flow_run set created = 9223372036854775807", lambda run: run.get_latest(), "flow run"),
        ("update task_run set updated = 9223372036854775807", lambda run: run.get_all_task_runs(), "task run"),
        ("update log set timestamp = 9223372036854775807", lambda run: run.get_logs(), "log line"),
        ("update flow set storage = '[1]'", lambda run: run.get_flow_metadata(), "flow"),
        ("update flow set storage = '{'", lambda run: run.get_flow_metadata(), "not JSON"),
    ],
)  # fmt: skip
def test_rows_that_nobody_writes_are_an_error_of_ours(statement, read, kind, store):
    run = run_of(store)
    pragma(store, statement)
    with pytest.raises(errors.UnexpectedAnswer, match=kind) as caught:
        read(run)
    assert str(store) in str(caught.value)


def test_a_store_where_no_file_can_be_made_is_an_argument_that_means_nothing(tmp_path):
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file" / "x.sqlite", tmp_path / ("x" * 5000), tmp_path):
        with pytest.raises(errors.InvalidArgument):
            fw.demo(path)
