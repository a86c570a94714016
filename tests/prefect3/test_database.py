"""Prefect 3's own database beside the REST API of the server that writes it, on SQLite and on PostgreSQL."""

from __future__ import annotations

import hashlib
import os
import re
import sqlite3
import subprocess
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from uuid import uuid4

import psycopg
import pytest

import flowrun_widgets as fw
from flowrun_widgets.backends.prefect3_database.source import Prefect3Database
from flowrun_widgets.errors import AccessDenied, BackendError, BackendUnavailable

from . import seed
from .same import assert_same

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowrun_widgets.log_columns import LogColumns

    from .conftest import Runs
    from .server import PrefectServer

LATEST = Path(__file__).with_name("ephemeral.py")
ROOT = LATEST.parents[2]
MOST_LOOKS = 400
READ_AT = re.compile(r"\d\d:\d\d:\d\d UTC")


class Place(NamedTuple):
    """A server, the address of its database, and the ids of its runs by scenario."""

    server: PrefectServer
    address: str
    ids: dict[str, str]


@pytest.fixture(scope="module")
def on_sqlite(runs: Runs, woven: dict[str, str]) -> Place:
    return Place(runs.server, f"sqlite:///{runs.server.database}", woven)


@pytest.fixture(scope="module")
def on_postgresql(prefect3_on_postgresql: PrefectServer) -> Place:
    server = prefect3_on_postgresql
    address = server.environ["PREFECT_API_DATABASE_CONNECTION_URL"]
    ids = {**server.run("some"), **server.run("woven")}
    return Place(server, address.replace("+asyncpg", ""), ids)


@pytest.fixture(params=["on_sqlite", "on_postgresql"])
def place(request: pytest.FixtureRequest) -> Place:
    return request.getfixturevalue(request.param)


@pytest.fixture
def database(place: Place) -> Iterator[fw.Connection]:
    """A connection to the database, the ambient one."""
    with fw.connect(place.address, library=False) as connection:
        yield connection


def test_it_says_what_the_server_says(place: Place, database: fw.Connection) -> None:
    assert isinstance(database.backend, Prefect3Database)
    rest = fw.connect(place.server.url, library=False)
    assert_same(rest.backend, database.backend, place.ids.values())


def test_views_are_the_same(place: Place, database: fw.Connection) -> None:
    rest = fw.connect(place.server.url, library=False)
    for key in place.ids.values():
        ours = fw.FlowRunView.from_flow_run_id(key, api=database)
        theirs = fw.FlowRunView.from_flow_run_id(key, api=rest)
        expected = theirs.digest().replace(f" or <{theirs.ui_url}>", "")
        assert READ_AT.sub("", ours.digest()) == READ_AT.sub("", expected)
        assert ours.get_logs().to_pandas().equals(theirs.get_logs().to_pandas())
        assert ours.task_runs_frame().equals(theirs.task_runs_frame())
        assert ours.states_frame().equals(theirs.states_frame())


def test_lines_are_found_by_who_wrote_them(place: Place, database: fw.Connection) -> None:
    rest = fw.connect(place.server.url, library=False)
    for key in place.ids.values():
        columns = rest.backend.logs(key, None, None).columns
        for source in (rest.backend, database.backend):
            own = source.log_end(key, 200, task_run_ids=())
            assert ids_of(own) == ids_of(columns.of_flow())[-200:]


def ids_of(columns: LogColumns) -> list[bytes]:
    return columns.table["id"].to_pylist()


def test_a_task_run_outside_any_flow_has_its_lines(on_sqlite: Place) -> None:
    fw.connect(on_sqlite.address, library=False)
    alone = on_sqlite.server.run("alone")
    for _ in range(MOST_LOOKS):  # its lines are still on their way
        view = fw.TaskRunView.from_task_run_id(alone)
        if len(view.get_logs()) >= 2:
            break
    assert view.flow_run_id is None
    assert "read 5 rows — größer ☃" in view.get_logs().to_pandas()["message"].tolist()


def test_a_run_is_followed_while_its_server_writes(
    place: Place, database: fw.Connection, tmp_path: Path
) -> None:
    stop = tmp_path / "stop"
    run_id = place.server.start_flow("running", str(stop))
    run = fw.FlowRunView.from_flow_run_id(run_id)
    run.get_logs()
    run.get_all_task_runs()
    new_lines = looks = 0
    while new_lines < 20:
        earlier, run = run, run.get_latest()
        new_lines += run.changes_since(earlier).new_lines
        looks += 1
        assert looks < 100_000
    stop.touch()
    place.server.wait(run_id)
    with fw.connect(place.server.url, library=False) as rest:
        for _ in range(MOST_LOOKS):  # its last lines and events are still on their way
            run = run.get_latest()
            theirs = fw.FlowRunView.from_flow_run_id(run_id, api=rest)
            if (
                run.state.is_finished()
                and all(view.state.is_finished() for view in run.get_all_task_runs())
                and len(run.get_logs()) == len(theirs.get_logs())
            ):
                break
        ours, expected = run.get_logs().to_pandas(), theirs.get_logs().to_pandas()
        assert ours["message"].tolist() == expected["message"].tolist()
        assert run.get_logs().columns.table["id"].to_pylist() == (
            theirs.get_logs().columns.table["id"].to_pylist()
        )
        assert [one.record for one in run.get_all_task_runs()] == [
            one.record for one in theirs.get_all_task_runs()
        ]


def test_lines_that_are_committed_late_are_found(on_postgresql: Place) -> None:
    """A transaction gives its lines their times when it writes them, and shows them when it ends."""
    run_id = on_postgresql.ids["success"]
    old, new = datetime.now(UTC) - timedelta(hours=3), datetime.now(UTC)
    with (
        fw.connect(on_postgresql.address, library=False),
        closing(psycopg.connect(on_postgresql.address)) as late,
        closing(psycopg.connect(on_postgresql.address, autocommit=True)) as early,
    ):
        run = fw.FlowRunView.from_flow_run_id(run_id)
        lines = len(run.get_logs())
        add_line(late, run_id, "late", old)
        add_line(early, run_id, "early", new)
        run = run.get_latest()
        assert len(run.get_logs()) == lines + 1
        late.commit()
        run = run.get_latest()
        assert len(run.get_logs()) == lines + 2
        assert [run.get_logs()[0].message, run.get_logs()[-1].message] == ["late", "early"]
        early.execute("delete from log where name = 'test'")


def test_a_long_log_is_read_whole_and_refreshed(on_sqlite: Place) -> None:
    source, file = on_sqlite.ids["success"], on_sqlite.server.database
    run_id = seed.copy_flow_run(file, source)
    start, every = datetime.now(UTC) - timedelta(hours=1), timedelta(milliseconds=10)
    tasks = seed.add_task_runs(file, source, run_id, 700, start, unfinished=3)
    rows = list(seed.lines(run_id, 45_000, start, every=every, task_run_ids=tasks, burst_at=9_000))
    seed.add_lines(file, rows[:44_000])
    with fw.connect(on_sqlite.address, library=False):
        run = fw.FlowRunView.from_flow_run_id(run_id)
        peek = run.peek()
        assert (len(peek.first), len(peek.last), peek.is_whole) == (200, 200, False)
        assert run.get_logs().to_pandas()["message"].tolist() == [
            row["message"] for row in rows[:44_000]
        ]
        assert set(run.get_logs().to_pandas()["task"].dropna()) == {
            f"step-{n}" for n in range(700) if n % 5
        }
        assert len(run.get_all_task_runs()) == 700
        seed.add_lines(file, rows[44_000:])
        seed.finish(file, tasks[-2:], datetime.now(UTC))
        latest = run.get_latest()
        changes = latest.changes_since(run)
        assert (changes.new_lines, len(changes.finished)) == (1_000, 2)
        assert latest.get_logs().to_pandas()["message"].tolist() == [row["message"] for row in rows]


def test_the_database_is_not_written(on_sqlite: Place, tmp_path: Path) -> None:
    """A server writes to its own file meanwhile, so this reads a copy."""
    copy = tmp_path / "prefect.db"
    with (
        closing(sqlite3.connect(on_sqlite.server.database)) as source,
        closing(sqlite3.connect(copy)) as target,
    ):
        source.backup(target)
    before = hashlib.sha256(copy.read_bytes()).hexdigest()
    with fw.connect(copy, library=False):
        for run in fw.find_flow_runs(subflows=True):
            run.get_logs(subflows=True)
            run.get_all_task_runs()
            run.get_latest().get_timeline()
            run.save(tmp_path / f"{run.flow_run_id}.flowrun")
    assert hashlib.sha256(copy.read_bytes()).hexdigest() == before


def test_a_role_that_may_only_read_suffices(on_postgresql: Place) -> None:
    address = on_postgresql.address.replace("postgres@", "prefect_reader@")
    with closing(psycopg.connect(on_postgresql.address, autocommit=True)) as owner:
        owner.execute("create role prefect_reader login")
        try:
            with pytest.raises(AccessDenied, match="does not let this user read"):
                fw.connect(address)
            owner.execute("grant select on all tables in schema public to prefect_reader")
            with fw.connect(address, library=False) as reader:
                rest = fw.connect(on_postgresql.server.url, library=False)
                assert_same(rest.backend, reader.backend, list(on_postgresql.ids.values())[:2])
        finally:
            owner.execute("drop owned by prefect_reader; drop role prefect_reader")


def test_nothing_can_be_written_by_a_role_that_may(on_postgresql: Place) -> None:
    with fw.connect(on_postgresql.address, library=False) as connection:
        assert isinstance(connection.backend, Prefect3Database)
        database = connection.backend._database
        with pytest.raises(BackendError, match="read-only"), database.reading() as reading:
            reading.rows("delete from log returning 1", {})


def test_a_password_is_never_shown(on_postgresql: Place) -> None:
    address = on_postgresql.address.replace("postgres@", "postgres:hunter2@")
    with fw.connect(address, library=False) as connection:
        assert "hunter2" not in f"{connection!r}{connection.url}{vars(connection)}"
        assert fw.latest().state
    with pytest.raises(BackendUnavailable, match="does not answer") as caught:
        fw.connect("postgresql://me:hunter2@127.0.0.1:9/prefect")
    assert "hunter2" not in str(caught.value)


def test_runs_without_a_server_are_found_by_themselves(
    prefect3_python: Path, nothing_configured: Path
) -> None:
    """What a fresh install does: a flow in one process, and `fw.latest()` in the same and in another."""
    product = next((ROOT / ".venv").glob("lib/python3*/site-packages"))
    done = subprocess.run(
        [prefect3_python, LATEST, str(ROOT), str(product)],
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith("PREFECT")},
            "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
            "HOME": str(nothing_configured),
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        },
        cwd=nothing_configured,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    there = done.stdout.splitlines()[-1]
    run = fw.latest()
    assert run.connection.url == f"sqlite:///{nothing_configured / '.prefect' / 'prefect.db'}"
    assert there == f"{run.flow_run_id} {run.name} {run.state.name} {len(run.get_logs())} 1"
    assert "no rows" in run.digest()


def add_line(connection: psycopg.Connection, run_id: str, message: str, moment: datetime) -> None:
    connection.execute(
        "insert into log (id, created, updated, name, level, flow_run_id, message, timestamp) "
        "values (%s, %s, %s, 'test', 20, %s, %s, %s)",
        (uuid4(), moment, moment, run_id, message, moment),
    )
