"""A server that does not answer: how long it is waited for, what is said, and that an interrupt ends it."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest
import stamina

import flowrun_widgets as fw
from flowrun_widgets import errors
from flowrun_widgets.backends import progress, transport
from flowrun_widgets.backends.prefect3.aside import Aside
from flowrun_widgets.backends.together import together
from flowrun_widgets.settings import Settings

RUN = "4c0101af-c6bb-4b96-8661-63a5bbfb5596"


@pytest.fixture
def silent():
    """The address of a server that accepts and never answers."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(50)
        yield f"http://127.0.0.1:{server.getsockname()[1]}/api"


@pytest.fixture
def patience(monkeypatch):
    monkeypatch.setattr(progress, "WAITED_SECONDS", 0.05)


class Clock:
    """Turned by what takes time."""

    def __init__(self, monkeypatch) -> None:
        self.seconds = 0.0
        monkeypatch.setattr(transport.time, "monotonic", lambda: self.seconds)

    def silence(self, request: httpx.Request) -> httpx.Response:
        """Take as long as the caller waits."""
        self.seconds += request.extensions["timeout"]["read"]
        raise httpx.ReadTimeout("", request=request)


@pytest.mark.parametrize(
    ("settings", "longest"),
    [
        ({}, 45.0),
        ({"timeout_seconds": 5.0}, 20.0),
        ({"timeout_seconds": 120.0}, 120.0),
        ({"total_seconds": 10.0}, 10.0),
        ({"total_seconds": 200.0, "timeout_seconds": 90.0}, 200.0),
    ],
)
def test_a_server_that_never_answers_costs_so_long_in_all(monkeypatch, settings, longest):
    clock = Clock(monkeypatch)
    stamina.set_testing(True, attempts=4)
    asked = transport.Transport(
        Settings(url="http://h.test", origin="test", **settings), httpx.MockTransport(clock.silence)
    )
    with pytest.raises(errors.BackendUnavailable, match="total_seconds"):
        asked.get("/x")
    assert clock.seconds == pytest.approx(longest)
    stamina.set_testing(False)


def test_a_side_question_waits_less(monkeypatch):
    clock = Clock(monkeypatch)
    stamina.set_testing(True, attempts=4)
    asked = transport.Transport(
        Settings(url="http://h.test", origin="test"), httpx.MockTransport(clock.silence)
    )
    with transport.within(15.0), pytest.raises(errors.BackendUnavailable):
        asked.get("/x")
    assert clock.seconds == pytest.approx(15.0)
    stamina.set_testing(False)


def test_side_questions_of_one_answer_wait_no_longer_in_all(monkeypatch):
    clock = Clock(monkeypatch)
    stamina.set_testing(True, attempts=4)
    asked = transport.Transport(
        Settings(url="http://h.test", origin="test"), httpx.MockTransport(clock.silence)
    )
    aside = Aside()
    for what in ("history", "flow name", "late lines"):
        assert aside.ask(what, lambda: asked.get("/x"), None) is None
    assert clock.seconds == pytest.approx(15.0)
    assert set(aside.missing) == {"history", "flow name", "late lines"}
    stamina.set_testing(False)


def test_the_limit_holds_for_a_whole_call_on_a_real_socket(silent):
    began = time.monotonic()
    with (
        fw.connect(silent, total_seconds=0.5, library=False),
        pytest.raises(errors.BackendUnavailable),
    ):
        fw.open(f"{silent.removesuffix('/api')}/runs/flow-run/{RUN}")
    assert time.monotonic() - began < 3


def test_the_environment_sets_it_for_all(monkeypatch, silent, nothing_configured):
    monkeypatch.setenv("PREFECT_API_URL", silent)
    monkeypatch.setenv("FLOWRUN_TOTAL_SECONDS", "0.3")
    began = time.monotonic()
    with pytest.raises(errors.BackendUnavailable):
        fw.latest()
    assert time.monotonic() - began < 3
    monkeypatch.setenv("FLOWRUN_TOTAL_SECONDS", "soon")
    with pytest.raises(errors.SettingsError, match="FLOWRUN_TOTAL_SECONDS"):
        fw.latest()


def test_what_is_waited_for_is_said_in_the_log(silent, patience, caplog):
    with (
        fw.connect(silent, total_seconds=0.3, library=False),
        pytest.raises(errors.BackendUnavailable),
    ):
        fw.latest()
    assert f"Waiting for {silent} to answer." in caplog.messages


def test_a_terminal_says_it_on_a_line_that_goes_again(silent, patience, monkeypatch):
    screen = io.StringIO()
    screen.isatty = lambda: True
    monkeypatch.setattr(sys, "stderr", screen)
    with (
        fw.connect(silent, total_seconds=0.3, library=False),
        pytest.raises(errors.BackendUnavailable),
    ):
        fw.latest()
    said = f"waiting for {silent} to answer"
    assert said in screen.getvalue()
    assert screen.getvalue().endswith(f"\r{' ' * len(said)}\r")


def test_questions_at_once_are_said_once(patience, caplog):
    ready = threading.Barrier(3)

    def ask() -> None:
        ready.wait()
        with progress.waiting_for("h.test to answer"):
            threading.Event().wait(0.2)

    together(ask, ask, ask)
    assert caplog.messages.count("Waiting for h.test to answer.") == 1


def test_what_answers_in_time_is_not_spoken_of(caplog):
    caplog.set_level(logging.DEBUG)
    before = set(threading.enumerate())
    with progress.waiting_for("h.test to answer"):
        pass
    together(lambda: 1, lambda: 2)
    assert not [one for one in caplog.messages if "aiting" in one]
    for one in set(threading.enumerate()) - before:
        one.join(1)
        assert not one.is_alive()


def test_other_threads_say_nothing(patience, caplog):
    def work() -> None:
        with progress.waiting_for("h.test to answer"):
            threading.Event().wait(0.2)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert caplog.messages == []


def test_an_error_does_not_wait_for_the_other_answers():
    never = threading.Event()

    def fail() -> None:
        raise errors.BackendError("no")

    began = time.monotonic()
    with pytest.raises(errors.BackendError):
        together(fail, lambda: never.wait(20))
    assert time.monotonic() - began < 5
    never.set()


@pytest.mark.parametrize("call", ["fw.latest()", "together(hang, hang)"])
def test_an_interrupt_ends_the_wait(silent, call):
    code = f"""
import threading, flowrun_widgets as fw
from flowrun_widgets.backends.together import together
hang = threading.Event().wait
fw.connect({silent!r}, library=False)
try:
    print("asking", flush=True)
    {call}
except KeyboardInterrupt:
    print("interrupted")
"""
    child = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[2], env={**os.environ, "PYTHONWARNINGS": ""},
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    with contextlib.closing(child.stdout):
        assert child.stdout.readline() == "asking\n"
        child.send_signal(signal.SIGINT)
        child.wait(30)
        assert child.stdout.read().startswith("interrupted")
    assert child.returncode == 0
