"""Prefect 3's database: found by itself, refused where it is not known, never written, whatever its file contains."""

from __future__ import annotations

import hashlib
import os
import pickle
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

import flowrun_widgets as fw
from flowrun_widgets.backends.prefect3_database.revisions import REVISIONS
from flowrun_widgets.backends.prefect3_database.source import Prefect3Database
from flowrun_widgets.connection.connection import ambient
from flowrun_widgets.errors import (
    AccessDenied,
    ArchiveError,
    BackendError,
    ConnectionClosed,
    InvalidArgument,
    MissingExtra,
    NotFound,
    UnexpectedAnswer,
)
from flowrun_widgets.settings import ambient_database
from tests.prefect3.made import FLOW_RUN_ID, NOON, execute, insert, made


@pytest.fixture
def database(nothing_configured: Path) -> Path:
    """The database where Prefect keeps it."""
    return made(nothing_configured / ".prefect" / "prefect.db")


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A database that nothing configures."""
    return made(tmp_path / "elsewhere.db")


def test_a_database_is_opened_by_its_address_or_its_path(elsewhere: Path, monkeypatch) -> None:
    monkeypatch.chdir(elsewhere.parent)
    addresses = [
        f"sqlite:///{elsewhere}",
        f"sqlite+aiosqlite:///{elsewhere}?timeout=60",
        "sqlite:///elsewhere.db",
        str(elsewhere),
        elsewhere,
    ]
    for address in addresses:
        with fw.connect(address, library=False) as connection:
            assert connection.label == "Prefect 3 database"
            assert connection.url == f"sqlite:///{elsewhere}"
            run = fw.latest()
            assert (run.flow_run_id, run.flow_name, run.parameters) == (
                FLOW_RUN_ID, "nightly", {"rows": 3},
            )  # fmt: skip
            assert run.state.message == "no rows"
            assert run.started_at.isoformat() == "2026-11-30T12:00:00+00:00"
            assert [line.message for line in run.get_logs()] == ["no rows"]
            assert run.get_task_run("load").name == "task_run"
            assert pickle.loads(pickle.dumps(connection)).url == connection.url


def test_it_is_found_by_itself(database: Path) -> None:
    assert fw.latest().flow_run_id == FLOW_RUN_ID
    assert fw.latest().connection is ambient()
    assert ambient().url == f"sqlite:///{database}"
    assert "since no server is configured" in repr(ambient())
    assert fw.connect().url == ambient().url
    with pytest.raises(
        NotFound, match=r"Prefect's database on this machine was read.*PREFECT_API_URL"
    ):
        fw.latest("weekly")


def test_prefects_folder_may_be_elsewhere(database: Path, tmp_path: Path, monkeypatch) -> None:
    other = made(tmp_path / "other" / "prefect.db")
    monkeypatch.setenv("PREFECT_HOME", str(other.parent))
    assert ambient().url == f"sqlite:///{other}"
    named = made(tmp_path / "named.db")
    monkeypatch.setenv("PREFECT_API_DATABASE_CONNECTION_URL", f"sqlite+aiosqlite:///{named}")
    assert ambient().url == f"sqlite:///{named}"
    monkeypatch.setenv("PREFECT_SERVER_DATABASE_CONNECTION_URL", f"sqlite+aiosqlite:///{other}")
    assert ambient().url == f"sqlite:///{other}"
    assert "PREFECT_SERVER_DATABASE_CONNECTION_URL" in ambient().origin


def test_the_file_may_be_named_by_its_parts(database: Path, elsewhere: Path, monkeypatch) -> None:
    monkeypatch.setenv("PREFECT_SERVER_DATABASE_DRIVER", "sqlite+aiosqlite")
    monkeypatch.setenv("PREFECT_SERVER_DATABASE_NAME", str(elsewhere))
    assert ambient().url == f"sqlite:///{elsewhere}"


def test_a_database_on_a_host_may_be_configured(monkeypatch) -> None:
    monkeypatch.setenv("PREFECT_API_DATABASE_PASSWORD", "s3cret/word")
    monkeypatch.setenv(
        "PREFECT_API_DATABASE_CONNECTION_URL",
        "postgresql+asyncpg://me:${PREFECT_API_DATABASE_PASSWORD}@db.example.com:5433/prefect?ssl=require",
    )
    found = ambient_database()
    assert found is not None
    assert found.address.reveal().startswith(
        "postgresql+asyncpg://me:s3cret%2Fword@db.example.com:5433/"
    )
    assert ambient().url == "postgresql://me@db.example.com:5433/prefect"
    assert "s3cret" not in repr((found, ambient(), vars(ambient())))
    monkeypatch.delenv("PREFECT_API_DATABASE_CONNECTION_URL")
    for name, value in {
        "DRIVER": "postgresql+asyncpg", "HOST": "db", "USER": "me", "NAME": "prefect",
    }.items():  # fmt: skip
        monkeypatch.setenv(f"PREFECT_SERVER_DATABASE_{name}", value)
    assert ambient().url == "postgresql://me@db:5432/prefect"
    found = ambient_database()
    assert found is not None
    assert found.address.reveal() == "postgresql://me:s3cret%2Fword@db:5432/prefect"


@pytest.mark.parametrize(
    "setting",
    [
        {"PREFECT_API_URL": "http://prefect.example.com/api"},
        {"PREFECT__CLOUD__API": "http://prefect.example.com"},
    ],
)
def test_a_configured_server_comes_first(database: Path, monkeypatch, setting) -> None:
    for name, value in setting.items():
        monkeypatch.setenv(name, value)
    assert ambient().url.startswith("http://prefect.example.com")


def test_the_local_store_is_read_where_there_is_no_database(nothing_configured: Path) -> None:
    assert ambient().is_fallback
    made(nothing_configured / ".prefect" / "prefect.db")
    assert not ambient().is_fallback
    assert ambient().is_found


@pytest.mark.parametrize(
    "url",
    ["sqlite+aiosqlite:///file::memory:?cache=shared&uri=true", "sqlite+aiosqlite:///gone.db"],
)
def test_a_database_in_memory_and_a_missing_file_do_not_count(monkeypatch, url: str) -> None:
    monkeypatch.setenv("PREFECT_API_DATABASE_CONNECTION_URL", url)
    assert ambient().is_fallback


def test_a_run_that_only_the_local_store_has_is_found_as_well(
    database: Path, store: Path, monkeypatch
) -> None:
    from tests.stores import FLOW_RUN_ID as KEPT

    monkeypatch.setenv("FLOWRUN_STORE", str(store))
    run = fw.FlowRunView.from_flow_run_id(KEPT)
    assert run.connection.is_fallback
    monkeypatch.setenv("FLOWRUN_STORE", str(store.with_name("gone.sqlite")))
    with pytest.raises(NotFound, match="in the database at sqlite"):
        fw.FlowRunView.from_flow_run_id(KEPT)
    with (
        fw.connect(f"sqlite:///{database}"),
        pytest.raises(NotFound, match="in the database at sqlite"),
    ):
        fw.FlowRunView.from_flow_run_id(KEPT)


def test_a_link_to_a_server_that_does_not_answer_is_read_from_the_database(database: Path) -> None:
    fw.connect(library=False, timeout_seconds=None)
    run = fw.open(f"http://127.0.0.1:9/runs/flow-run/{FLOW_RUN_ID}")
    assert run.connection.url == f"sqlite:///{database}"


def test_an_unknown_revision_is_refused_in_words(database: Path) -> None:
    execute(database, "update alembic_version set version_num = 'ffffffffffff'")
    for ask in (fw.latest, lambda: fw.connect(database), lambda: fw.open(FLOW_RUN_ID)):
        with pytest.raises(
            UnexpectedAnswer, match=r"'ffffffffffff' is not known.*prefect server start"
        ):
            ask()


def test_an_upgrade_while_it_is_read_is_noticed(elsewhere: Path) -> None:
    with fw.connect(elsewhere, library=False):
        run = fw.latest()
        execute(elsewhere, "update alembic_version set version_num = 'ffffffffffff'")
        with pytest.raises(UnexpectedAnswer, match="ffffffffffff"):
            run.get_latest()
        execute(elsewhere, "update alembic_version set version_num = ?", REVISIONS["sqlite"][0])
        assert run.get_latest() == run


def test_a_database_that_lacks_a_column_is_refused_in_words(elsewhere: Path) -> None:
    execute(elsewhere, "alter table task_run drop column cache_key")
    with pytest.raises(AccessDenied, match=r"has no task_run\.cache_key that can be read"):
        fw.connect(elsewhere)


def test_a_view_in_place_of_a_table_is_refused(elsewhere: Path) -> None:
    """It would run what the file says."""
    execute(elsewhere, "alter table log rename to lines")
    execute(elsewhere, "create view log as select * from lines")
    with pytest.raises(AccessDenied, match=r"has no log\."):
        fw.connect(elsewhere)


def test_statements_that_do_more_than_read_are_refused(elsewhere: Path, tmp_path: Path) -> None:
    with fw.connect(elsewhere, library=False) as connection:
        assert isinstance(connection.backend, Prefect3Database)
        database = connection.backend._database
        for sql in (
            "delete from log",
            f"attach '{tmp_path / 'new.db'}' as other",
            "pragma writable_schema = on",
            "create temp table mine (x)",
        ):
            with pytest.raises(BackendError), database.reading() as reading:
                reading.rows(sql, {})
    assert not (tmp_path / "new.db").exists()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("parameters", "{"),
        ("parameters", "[1]"),
        ("parameters", "[" * 100_000),
        ("start_time", "yesterday"),
        ("name", b"\xff\xfe"),
        ("name", 7),
        ("tags", '{"a": 1}'),
        ("total_run_time", "soon"),
        ("run_count", "many"),
    ],
)
def test_a_value_of_another_kind_is_our_error(elsewhere: Path, column: str, value: object) -> None:
    execute(elsewhere, f"update flow_run set {column} = ?", value)
    with (
        fw.connect(elsewhere, library=False),
        pytest.raises(UnexpectedAnswer, match="unknown form"),
    ):
        fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID)


@pytest.mark.parametrize(("column", "value"), [("timestamp", "noon"), ("message", 7), ("id", 3)])
def test_a_line_of_another_kind_is_our_error(elsewhere: Path, column: str, value: object) -> None:
    execute(elsewhere, f"update log set {column} = ?", value)
    with fw.connect(elsewhere, library=False):
        run = fw.latest()
        with pytest.raises(UnexpectedAnswer, match="unknown format"):
            run.get_logs()


def test_text_that_is_not_utf8_is_our_error(elsewhere: Path) -> None:
    execute(elsewhere, "update flow_run set name = cast(x'fffe' as text)")
    with fw.connect(elsewhere, library=False), pytest.raises(BackendError, match="cannot be read"):
        fw.latest()


def test_what_is_not_prefects_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("create table flow_run (id)")
    with pytest.raises(InvalidArgument, match="is not Prefect 3's"):
        fw.connect(f"sqlite:///{other}")
    with pytest.raises(ArchiveError, match="not a store"):
        fw.connect(other).backend.flow_run(FLOW_RUN_ID)
    (tmp_path / "text.db").write_text("no database")
    with pytest.raises(BackendError, match="cannot be read"):
        fw.connect(f"sqlite:///{tmp_path / 'text.db'}")
    with pytest.raises(NotFound, match="There is no database at sqlite:///"):
        fw.connect(f"sqlite:///{tmp_path / 'gone.db'}")
    with pytest.raises(NotFound, match="There is no database"):
        fw.connect(f"sqlite:///{tmp_path}")
    for address in ("sqlite://", "sqlite:///", "sqlite:///:memory:", "sqlite:///?x"):
        with pytest.raises(InvalidArgument, match="names no file"):
            fw.connect(address)


def test_nothing_is_written_and_nothing_stays_open(elsewhere: Path) -> None:
    before = hashlib.sha256(elsewhere.read_bytes()).digest()
    modified = elsewhere.stat().st_mtime_ns
    with fw.connect(elsewhere, library=False) as connection:
        run = fw.latest()
        run.get_logs()
        run.get_all_task_runs()
        run.get_latest().get_timeline()
        run.digest()
        assert fw.find_flow_runs()
    assert hashlib.sha256(elsewhere.read_bytes()).digest() == before
    assert elsewhere.stat().st_mtime_ns == modified
    if Path("/proc/self/fd").exists():
        held = [
            os.readlink(f"/proc/self/fd/{one}")
            for one in os.listdir("/proc/self/fd")
            if Path(f"/proc/self/fd/{one}").exists()
        ]
        assert str(elsewhere) not in held
    with pytest.raises(ConnectionClosed):
        connection.backend.flow_run(FLOW_RUN_ID)


def test_a_folder_that_cannot_be_written_is_no_obstacle(elsewhere: Path, monkeypatch) -> None:
    """SQLite could not create its lock files there."""
    monkeypatch.setattr(os, "access", lambda *_: False)
    folder = set(elsewhere.parent.iterdir())
    with fw.connect(elsewhere, library=False):
        assert fw.latest().flow_run_id == FLOW_RUN_ID
    assert set(elsewhere.parent.iterdir()) == folder


def test_a_line_that_is_committed_late_is_found_by_a_refresh(elsewhere: Path) -> None:
    execute(elsewhere, "update flow_run_state set type = 'RUNNING', name = 'Running'")
    with fw.connect(elsewhere, library=False):
        run = fw.latest()
        assert len(run.get_logs()) == 1
        for number, moment in enumerate(
            ("2026-11-30 12:00:01.000000", "2026-11-30 09:00:00.000000")
        ):
            insert(
                elsewhere, "log", id=f"00000000-0000-4000-8000-00000000000{number}",
                timestamp=moment, level=20, name="x", message=moment, flow_run_id=FLOW_RUN_ID,
            )  # fmt: skip
            run = run.get_latest()
            assert len(run.get_logs()) == 2 + number
    assert [line.message for line in run.get_logs()] == [
        "2026-11-30 09:00:00.000000", "no rows", "2026-11-30 12:00:01.000000",
    ]  # fmt: skip


def test_a_task_run_that_changed_is_found_by_a_refresh(elsewhere: Path) -> None:
    with fw.connect(elsewhere, library=False):
        run = fw.latest()
        (before,) = run.get_all_task_runs()
        execute(elsewhere, "update task_run_state set type = 'COMPLETED', name = 'Completed'")
        execute(elsewhere, "update task_run set updated = ?", NOON.replace("12:", "13:"))
        (after,) = run.get_latest().get_all_task_runs()
    assert before.state.is_failed()
    assert after.state.is_successful()


def test_a_run_is_kept_in_the_local_library(elsewhere: Path) -> None:
    with fw.connect(elsewhere) as connection:
        run = fw.latest()
        run.get_logs()
        run.get_all_task_runs()
        connection._library.wait()
        execute(elsewhere, "delete from flow_run")
        kept = fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID)
    assert kept.name == run.name
    assert [line.message for line in kept.get_logs()] == ["no rows"]


def test_a_missing_driver_is_named(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    for name in ("backends.postgresql", "backends.prefect3_database.postgresql"):
        monkeypatch.delitem(sys.modules, f"flowrun_widgets.{name}", raising=False)
    with pytest.raises(MissingExtra, match=r"flowrun-widgets\[gateway\]"):
        fw.connect("postgresql://me@host/prefect")
