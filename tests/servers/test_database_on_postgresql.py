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


@pytest.fixture(scope="module", params=["3.4.25", "3.9.1"])
def server(request, prefect_python, postgresql) -> Iterator[PrefectServer]:
    database = postgresql.new_database().replace("postgresql://", "postgresql+asyncpg://", 1)
    yield from served(prefect_python(request.param), flows=FLOWS, database=database)


def test_the_database_says_what_the_server_says(server: PrefectServer) -> None:
    ids = server.run("some")
    rest = fw.connect(server.url, library=False)
    address = server.environ["PREFECT_API_DATABASE_CONNECTION_URL"]
    with fw.connect(address, library=False) as database:
        assert_same(rest.backend, database.backend, ids.values())
