"""The real client of Prefect 1.4.1 reads from a served database what it reads from a served store, and our views too."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

import pytest

import flowrun_widgets as fw
from flowrun_widgets.gateway import Gateway, Server
from flowrun_widgets.recordings.replay import NAMES, recording
from tests.contract.our_dump import dump
from tests.contract.test_oracle import read_by_oracle
from tests.stores import nothing_configured, recorded_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .stores import Database

__all__ = ["nothing_configured", "recorded_store"]

RUNS = [recording(name).flow_run_id for name in NAMES]


@pytest.fixture(scope="module")
def database(recorded_store: Path, prefect1_database: Database) -> Iterator[Database]:
    """A server's database with the runs that really ran."""
    prefect1_database.empty()
    store = sqlite3.connect(f"file:{recorded_store}?mode=ro", uri=True)
    store.row_factory = sqlite3.Row
    for table in prefect1_database.tables:
        for row in store.execute(f"select * from {table}"):
            known = {key: row[key] for key in row.keys() if prefect1_database.has(table, key)}  # noqa: SIM118
            for required, value in prefect1_database.required(table).items():
                if known.get(required) is None:
                    known[required] = value
            prefect1_database.insert(table, known)
    store.close()
    yield prefect1_database
    prefect1_database.empty()


@pytest.fixture(scope="module")
def read(
    oracle_python: Path,
    recorded_store: Path,
    database: Database,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, Any]:
    """What the client reads of every recorded run, by engine."""
    found: dict[str, Any] = {}
    for engine, address in (("sqlite", recorded_store), ("postgresql", database.address)):
        gateway = Gateway(address)
        with Server(gateway, port=0) as server:
            folder = tmp_path_factory.mktemp(engine)
            found[engine] = read_by_oracle(oracle_python, server.url, RUNS, folder)
        gateway.close()
    return found


@pytest.mark.parametrize("run", RUNS, ids=NAMES)
def test_the_client_reads_the_same_on_both(read: dict[str, Any], run: str) -> None:
    assert len(read["postgresql"][run]["logs"]) > 0
    assert read["postgresql"][run] == read["sqlite"][run]


def test_our_views_straight_on_the_database_say_what_the_client_reads(
    read: dict[str, Any], database: Database
) -> None:
    with fw.connect(database.address, library=False) as connection:
        assert dump(connection, RUNS) == read["postgresql"]
