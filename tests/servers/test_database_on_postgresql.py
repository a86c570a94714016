"""Servers of the oldest and the newest version whose databases are read, on PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import flowrun_widgets as fw
from tests.prefect3.same import assert_same
from tests.prefect3.server import PrefectServer, served

from .conftest import FLOWS

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_LOOKS = 400
"""How many times it is looked whether the server is done."""


@pytest.fixture(scope="module", params=["3.4.25", "3.9.1"])
def server(request, prefect_python, postgresql) -> Iterator[PrefectServer]:
    database = postgresql.new_database().replace("postgresql://", "postgresql+asyncpg://", 1)
    yield from served(prefect_python(request.param), flows=FLOWS, database=database)


def is_behind(rest: fw.Connection, flow_run_id: str) -> bool:
    """Return whether a task run of a run that has ended seems to be under way."""
    states = [one.state for one in rest.backend.task_runs(flow_run_id).records]
    return any(state.is_running() or state.is_scheduled() for state in states)


def test_the_database_says_what_the_server_says(server: PrefectServer) -> None:
    ids = server.run("some")
    rest = fw.connect(server.url, library=False)
    # The states of task runs are written by a service of the server, some time after the run has ended.
    for _ in range(MOST_LOOKS):
        if not any(is_behind(rest, one) for one in ids.values()):
            break
    address = server.environ["PREFECT_API_DATABASE_CONNECTION_URL"]
    with fw.connect(address, library=False) as database:
        assert_same(rest.backend, database.backend, ids.values())
