"""Places that hold runs, and an environment with Dask and gunicorn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flowrun_widgets.gateway import Gateway
from flowrun_widgets.gateway.server import Server
from tests.hosts.programs import Programs
from tests.prefect3.server import served
from tests.servers.conftest import FLOWS
from tests.stores import nothing_configured, recorded_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["nothing_configured", "recorded_store"]


@pytest.fixture(scope="package")
def programs(
    processes_python: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Programs]:
    programs = Programs(processes_python, tmp_path_factory.mktemp("processes"))
    yield programs
    programs.stop()


@pytest.fixture(scope="package")
def prefect1(recorded_store: Path) -> Iterator[str]:
    """The address of a gateway, which answers as Prefect 1 does."""
    with Server(Gateway(recorded_store), port=0).start() as server:
        yield server.url


@pytest.fixture(scope="package")
def prefect3(prefect3_python: Path) -> Iterator[str]:
    """The address of a real Prefect 3 with runs of every kind."""
    for server in served(prefect3_python, flows=FLOWS):
        server.run("some")
        yield server.url


@pytest.fixture
def address(request: pytest.FixtureRequest) -> str:
    """Where runs are: the value of the fixture that a test names."""
    return str(request.getfixturevalue(request.param))
