"""Real servers of several versions, one after the other, each with real runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import stamina

import flowrun_widgets as fw
from tests.prefect3.server import PrefectServer, served
from tests.stores import nothing_configured

from .matrix import VERSIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["nothing_configured"]

WITH_UI = ("3.0.11", "3.9.1")
"""It takes some seconds to start: the oldest that is called Prefect 3, and the one with two of them."""
FLOWS = Path(__file__).with_name("flows.py")


class Place(NamedTuple):
    """A server, its version, the ids of its runs by name, two that go on, and what the official client says."""

    version: str
    server: PrefectServer
    ids: dict[str, str]
    going: dict[str, tuple[str, Path]]
    official: dict[str, Any]

    def end(self, name: str) -> str:
        """Let a run that goes on come to its end; return its id."""
        run_id, stop = self.going[name]
        stop.touch()
        self.server.wait(run_id)
        return run_id


@pytest.fixture(autouse=True)
def by_itself(nothing_configured):
    """Nothing is configured on this machine; retries follow at once."""
    stamina.set_testing(True, attempts=3)
    yield
    stamina.set_testing(False)
    fw.disconnect()


@pytest.fixture(scope="session", params=VERSIONS)
def place(request, prefect_python) -> Iterator[Place]:
    """A server of each version in turn."""
    has_ui = request.param in WITH_UI
    for server in served(prefect_python(request.param), flows=FLOWS, has_ui=has_ui):
        ids = server.run("some")
        stops = {name: server.home / f"stop-{name}" for name in ("refresh", "watch")}
        started = {name: server.begin_flow("running", str(stop)) for name, stop in stops.items()}
        official = server.official(*(ids[name] for name in ("failure", "mapped", "parent")))
        going = {name: (server.flow_run_id(child), stops[name]) for name, child in started.items()}
        yield Place(request.param, server, ids, going, official)


@pytest.fixture
def connection(place):
    """A connection to it, which is the ambient one; what was read once is asked for again."""
    with fw.connect(place.server.url, library=False) as connection:
        yield connection


@pytest.fixture
def failed_id(place) -> str:
    return place.ids["failure"]
