"""A follower in whose silence ten minutes pass at once, and a wire to a server that can be cut."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from queue import SimpleQueue
from urllib.parse import urlsplit

import httpx

import flowrun_widgets as fw
from flowrun_widgets.live.poller import follow
from tests.unit.following import TurnedClock

__all__ = ["SILENT_SECONDS", "WAIT_SECONDS", "CutWire", "Followed", "set_state"]

SILENT_SECONDS = 600
WAIT_SECONDS = 20


class SilentClock(TurnedClock):
    """Ten minutes pass at once, except that the socket may connect; from then on it is an ordinary clock."""

    def __init__(self, is_announced):
        super().__init__(began_at=datetime.now(UTC))
        self._is_announced = is_announced
        self.is_over = threading.Event()
        self._ended_at = 0.0

    def now(self):
        passed = time.monotonic() - self._ended_at if self._ended_at else 0.0
        return self.seconds + passed

    def wait(self, changed, seconds):
        if self._ended_at:
            changed.wait(seconds)
        elif self.seconds + seconds < SILENT_SECONDS:
            super().wait(changed, seconds)
            if len(self.waits) == 4 and self._is_announced is not None:
                self._let_connect(changed)
        else:
            self.seconds, self._ended_at = SILENT_SECONDS, time.monotonic()
            self.is_over.set()

    def _let_connect(self, changed):
        deadline = time.monotonic() + WAIT_SECONDS
        while not self._is_announced():
            assert time.monotonic() < deadline
            changed.wait(0.005)


class CutWire:
    """A wire to a server that can be cut."""

    def __init__(self, url):
        self._target = urlsplit(url).hostname, urlsplit(url).port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}/api"
        self._sockets = []
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self):
        """End all connections; new ones are possible."""
        ended, self._sockets = self._sockets, []
        for one in ended:
            shut(one)

    def close(self):
        self.cut()
        shut(self._listening)
        self._listening.close()

    def _accept(self):
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            far = socket.create_connection(self._target)
            self._sockets += [near, far]
            for ends in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=ends, daemon=True).start()

    def _carry(self, source, target):
        with suppress(OSError):
            while data := source.recv(65_536):
                target.sendall(data)
        for one in (source, target):
            shut(one)
        target.close()


def shut(one):
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)


def set_state(server, run_id, kind, name):
    """Change the state as a worker does, so that the server announces it."""
    body = {"state": {"type": kind, "name": name}, "force": True}
    httpx.post(f"{server.url}/flow_runs/{run_id}/set_state", json=body).raise_for_status()


class Followed:
    """A follower of a run, in whose silence ten minutes have passed."""

    def __init__(self, run_id, *, is_announced=True):
        run = fw.FlowRunView.from_flow_run_id(run_id)
        backend = run.connection.backend
        backend = getattr(backend, "server", backend)
        self.transport, self.stream = backend._api._transport, backend._events
        self.clock = SilentClock(
            (lambda: run_id in self.stream._announced) if is_announced else None
        )
        self._told = SimpleQueue()
        before = self.transport.requests
        self._subscription = follow(
            run, self._told.put, clock=self.clock, chance=lambda: 0.5
        ).begin()
        assert self.clock.is_over.wait(WAIT_SECONDS)
        self.requests = self.transport.requests - before

    def seconds_until(self, name):
        """Return how long it takes until the run is seen in a state."""
        began = time.monotonic()
        while True:
            told = self._told.get(timeout=WAIT_SECONDS)
            if told.run.state.name == name:
                return time.monotonic() - began

    def close(self):
        self._subscription.close()
