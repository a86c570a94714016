"""A real Prefect 3 server with real runs, once for all tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import stamina

import flowrun_widgets as fw
from tests.stores import nothing_configured

from .server import PrefectServer, served

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["nothing_configured"]


class Runs(NamedTuple):
    """A server, the ids of its runs by scenario, and what Prefect's own client says about each."""

    server: PrefectServer
    ids: dict[str, str]
    official: dict[str, Any]


@pytest.fixture(autouse=True)
def by_itself(nothing_configured):
    """Nothing is configured on this machine; retries follow at once."""
    stamina.set_testing(True, attempts=3)
    yield
    stamina.set_testing(False)
    fw.disconnect()


@pytest.fixture(scope="session")
def prefect3(prefect3_python) -> Iterator[PrefectServer]:
    """A server on SQLite."""
    yield from served(prefect3_python)


@pytest.fixture(scope="session")
def prefect3_on_postgresql(prefect3_python, postgresql) -> Iterator[PrefectServer]:
    """A server on PostgreSQL."""
    database = postgresql.new_database().replace("postgresql://", "postgresql+asyncpg://", 1)
    yield from served(prefect3_python, database=database)


@pytest.fixture(scope="session")
def runs(prefect3) -> Runs:
    """Real runs of every kind."""
    held = prefect3.start_flow("paused")
    ids = prefect3.run("scenarios")
    return Runs(prefect3, {**ids, "paused": held}, prefect3.official(*ids.values(), held))


@pytest.fixture(scope="session")
def woven(runs) -> dict[str, str]:
    """The ids of the runs, and of those whose tasks depend on each other in every way."""
    return runs.ids | runs.server.run("woven")


@pytest.fixture
def connection(prefect3):
    """A connection to it, which is the ambient one."""
    with fw.connect(prefect3.url) as connection:
        yield connection
