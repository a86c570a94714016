"""The event stream of a server: who hears what, and what it costs where there is none."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import flowrun_widgets as fw
from flowrun_widgets.backends.prefect3 import events
from flowrun_widgets.backends.prefect3.events import EventStream
from flowrun_widgets.backends.transport import Transport
from flowrun_widgets.live.watch import watch
from flowrun_widgets.settings import Secret, Settings
from tests.unit.following import TurnedClock

from .fake import RUN, URL, FakePrefect, state
from .fake_events import FakeEvents

OTHER = "5c0101af-c6bb-4b96-8661-63a5bbfb5596"
CLOUD = "https://api.prefect.cloud/api/accounts/a/workspaces/w"
KEY = "canary-of-a-key"
WAIT_SECONDS = 10


class Heard:
    """Counts what a listener hears."""

    def __init__(self):
        self.count = 0
        self._changed = threading.Condition()

    def __call__(self):
        with self._changed:
            self.count += 1
            self._changed.notify_all()

    def reaches(self, count):
        with self._changed:
            return self._changed.wait_for(lambda: self.count >= count, WAIT_SECONDS)


@pytest.fixture
def server():
    """A server with an event stream."""
    return FakeEvents()


@pytest.fixture
def opened(server):
    """Make streams to the server, which end with the test."""
    made = []

    def stream(url=URL, **settings):
        fake = FakePrefect()
        server.serve(fake)
        transport = Transport(Settings(url=url, origin="test", **settings), fake)
        made.append((EventStream(transport), transport, fake))
        return made[-1][0]

    yield stream
    for one, transport, _ in made:
        one.close()
        transport.close()
    assert not threads()


def threads():
    return [one for one in threading.enumerate() if one.name == "flowrun-events"]


def wait_until(is_so):
    deadline = time.monotonic() + WAIT_SECONDS
    while not is_so():
        assert time.monotonic() < deadline
        threading.Event().wait(0.005)


def test_each_listener_hears_of_its_run_alone_over_one_connection(server, opened):
    stream, one, other = opened(), Heard(), Heard()
    first = stream.listen(RUN, one)
    wait_until(lambda: first.is_open)
    second = stream.listen(OTHER, other)
    wait_until(lambda: second.is_open)
    assert first.is_open
    assert len(server.pipes) == 2
    server.announce(OTHER)
    assert other.reaches(1)
    server.announce(RUN)
    assert one.reaches(1)
    assert (one.count, other.count) == (1, 1)
    assert set(server.filters[-1]["any_resource"]["id"]) == {
        f"prefect.flow-run.{one}" for one in (RUN, OTHER)
    }


def test_heartbeats_and_what_is_not_understood_wake_nobody(server, opened):
    stream, heard = opened(), Heard()
    listening = stream.listen(RUN, heard)
    wait_until(lambda: listening.is_open)
    server.announce(RUN, "prefect.flow-run.heartbeat")
    for message in (None, [], "event", {"type": "event", "event": {"resource": []}}, {"event": 1}):
        server.pipes[0].send(message)
    server.announce(RUN)
    assert heard.reaches(1)
    assert heard.count == 1


def test_an_event_of_a_task_run_is_one_of_its_run(server, opened):
    stream, heard = opened(), Heard()
    listening = stream.listen(RUN, heard)
    wait_until(lambda: listening.is_open)
    related = [{"prefect.resource.id": f"prefect.flow-run.{RUN}", "role": "flow-run"}]
    resource = {"prefect.resource.id": "prefect.task-run.x"}
    event = {"event": "prefect.task-run.Completed", "resource": resource, "related": related}
    server.pipes[0].send({"type": "event", "event": event})
    assert heard.reaches(1)


def test_a_dropped_connection_is_heard_of_and_opened_again(server, opened, monkeypatch):
    monkeypatch.setattr(events, "FIRST_PAUSE_SECONDS", 0.01)
    stream, heard = opened(), Heard()
    listening = stream.listen(RUN, heard)
    wait_until(lambda: listening.is_open)
    server.drop()
    assert heard.reaches(2)
    assert listening.is_open
    server.announce(RUN)
    assert heard.reaches(3)


def test_the_connection_and_its_thread_end_with_the_last_listener(server, opened):
    stream, heard = opened(), Heard()
    listening = stream.listen(RUN, heard)
    wait_until(lambda: listening.is_open)
    listening.close()
    wait_until(lambda: not server.is_open() and not threads())
    again = stream.listen(RUN, heard)
    wait_until(lambda: again.is_open)
    assert heard.count == 0


@pytest.mark.parametrize(
    ("settings", "token", "header"),
    [
        ({"api_key": Secret(KEY)}, KEY, f"Bearer {KEY}"),
        ({"auth_string": Secret(f"me:{KEY}")}, f"me:{KEY}", "Basic bWU6Y2FuYXJ5LW9mLWEta2V5"),
    ],
)
def test_cloud_gets_the_key_at_its_address_and_no_log_does(
    server, opened, caplog, settings, token, header
):
    caplog.set_level(logging.DEBUG)
    server.token = token
    requests = []
    answer = server.answer
    server.answer = lambda request: requests.append(request) or answer(request)
    stream = opened(CLOUD, **settings)
    listening = stream.listen(RUN, Heard())
    wait_until(lambda: listening.is_open)
    assert str(requests[0].url) == f"{CLOUD}/events/out"
    assert requests[0].headers["authorization"] == header
    assert KEY not in caplog.text + repr(vars(stream))


@pytest.mark.parametrize("status", [200, 301, 401, 403, 404, 426, 429, 500])
def test_a_server_without_the_stream_costs_one_attempt_and_no_word(server, opened, caplog, status):
    server.status = status
    stream, heard = opened(), Heard()
    listening = stream.listen(RUN, heard)
    wait_until(lambda: server.attempts)
    assert not listening.is_open
    listening.close()
    wait_until(lambda: not threads())
    stream.listen(RUN, heard)
    stream.close()
    assert (server.attempts, heard.count) == (1, 0)
    assert not caplog.records


def test_a_wrong_key_is_sent_once(server, opened):
    server.token = "right"
    stream, heard = opened(api_key=Secret("wrong")), Heard()
    stream.listen(RUN, heard)
    wait_until(lambda: server.attempts)
    stream.close()
    assert (server.attempts, heard.count) == (1, 0)


def test_without_websockets_a_run_is_polled(server, monkeypatch):
    monkeypatch.setitem(sys.modules, "websockets.client", None)
    fake = FakePrefect()
    server.serve(fake)
    fake.state = state("RUNNING", "Running")
    clock = TurnedClock([(40, lambda: setattr(fake, "state", state()))])
    with fw.connect(URL, transport=fake, library=False):
        *_, last = watch(fw.FlowRunView.from_flow_run_id(RUN), clock=clock)
    assert last.state.is_successful()
    assert server.attempts == 0


IN_A_CHILD = """
import os, sys, threading, time
import flowrun_widgets as fw
from tests.prefect3.fake import RUN, URL, FakePrefect
from tests.prefect3.fake_events import FakeEvents

server, fake = FakeEvents(), FakePrefect()
server.serve(fake)
connection = fw.connect(URL, transport=fake, library=False)

def listens():
    backend = fw.FlowRunView.from_flow_run_id(RUN).connection.backend
    listening = backend.listen(RUN, lambda: None)
    deadline = time.monotonic() + 20
    while not listening.is_open and time.monotonic() < deadline:
        time.sleep(0.005)
    return listening.is_open and listening

listening = listens()
child = os.fork()
if child == 0:
    os._exit(0 if not listening.is_open and listens() and len(server.filters) == 2 else 1)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), listening.is_open, server.is_open())
connection.close()
print(listening.is_open, [one.name for one in threading.enumerate()])
"""


def test_a_forked_process_listens_by_itself_and_closing_ends_the_thread():
    done = subprocess.run(
        [sys.executable, "-Wignore", "-c", IN_A_CHILD],
        capture_output=True, text=True, timeout=120, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert done.stdout == "0 True True\nFalse ['MainThread']\n", done.stderr[-4_000:]
