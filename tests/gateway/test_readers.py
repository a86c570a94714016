"""Readers that take a long answer slowly, disconnect in the middle of it, or stop reading."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import httpx
import psutil
import pytest

from flowrun_widgets.gateway import Gateway, Server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .conftest import World
    from .stores import Rows

LONG = '{{ flow_run(where: {{ id: {{ _eq: "{run}" }} }}) {{ name logs {{ name }} }} }}'
READERS = 10
SERVE = (
    "import sys; from flowrun_widgets.gateway import Gateway, Server; "
    "server = Server(Gateway(sys.argv[1]), port=0); print(server.url, flush=True); server.run()"
)


@contextmanager
def reader(url: str, document: str) -> Iterator[socket.socket]:
    """Ask, and leave the answer where it is."""
    asked = httpx.URL(url)
    body = json.dumps({"query": document}).encode()
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
        connection.settimeout(30)
        connection.connect((asked.host, asked.port))
        head = f"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: {len(body)}\r\n\r\n"
        connection.sendall(head.encode() + body)
        yield connection


def wait_for(condition: Any) -> None:
    """Wait until something is so."""
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def fill(store: Rows, world: World) -> str:
    """Write a log of some 60 MB; return the question for it."""
    store.add_logs(12_000, flow_run_id=world.cedar, name="x" * 5_000)
    return LONG.format(run=world.cedar)


def test_ten_slow_readers_are_served_in_little_memory(store: Rows, world: World) -> None:
    """600 MB of answers, of which no more than a few lie in the server; others are answered meanwhile."""
    document = fill(store, world)
    with subprocess.Popen(
        [sys.executable, "-c", SERVE, str(store.address)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    ) as serving:
        try:
            assert serving.stdout is not None
            url = serving.stdout.readline().strip()
            process = psutil.Process(serving.pid)
            with httpx.Client(base_url=url, timeout=60) as client, ExitStack() as opened:
                short = {"query": "{ flow_run(limit: 1) { name } }"}
                assert client.post("/", json=short).status_code == 200
                before = process.memory_info().rss
                readers = [opened.enter_context(reader(url, document)) for _ in range(READERS)]
                for connection in readers:
                    assert len(connection.recv(1_000_000)) > 0
                for _ in range(5):
                    assert client.post("/", json=short).status_code == 200
                assert process.memory_info().rss - before < 100e6
        finally:
            serving.terminate()


only_linux_drops_the_silent = pytest.mark.skipif(
    not hasattr(socket, "TCP_USER_TIMEOUT"), reason="other systems wait for him as long as TCP does"
)


@pytest.mark.parametrize(
    "stalls",
    [
        pytest.param(False, id="leaves"),
        pytest.param(True, id="falls silent", marks=only_linux_drops_the_silent),
    ],
)
def test_a_reader_in_the_middle_of_an_answer_frees_what_he_held(
    store: Rows, world: World, stalls: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flowrun_widgets.gateway.server._STALLED_SECONDS", 1 if stalls else 300)
    document = fill(store, world)
    gateway = Gateway(store.address)
    held: Any = gateway.engine.pool
    with Server(gateway, port=0) as server, reader(server.url, document) as connection:
        assert len(connection.recv(1_000)) > 0
        wait_for(lambda: held.checkedout() == 1)
        if not stalls:
            connection.close()
        wait_for(lambda: held.checkedout() == 0)
    gateway.close()
