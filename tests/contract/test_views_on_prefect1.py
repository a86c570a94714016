"""The views over Prefect 1's GraphQL, as the gateway answers it over HTTP."""

from collections.abc import Iterator

import pytest

import flowrun_widgets as fw
from flowrun_widgets.gateway import Gateway, Server
from flowrun_widgets.recordings.replay import recording
from tests.views_suite import *  # noqa: F403


@pytest.fixture(scope="module")
def address(recorded_store) -> Iterator[str]:
    gateway = Gateway(recorded_store)
    with Server(gateway, port=0) as server:
        yield server.url
    gateway.close()


@pytest.fixture
def connection(address: str) -> Iterator[fw.Connection]:
    with fw.connect(address) as connection:
        yield connection


@pytest.fixture
def failed_id() -> str:
    return recording("failed-with-retries").flow_run_id
