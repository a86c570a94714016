"""A card whose run takes long to read."""

from __future__ import annotations

import threading

import httpx
import pytest

import flowrun_widgets as fw
from flowrun_widgets.errors import InvalidArgument
from flowrun_widgets.gateway import Gateway
from flowrun_widgets.recordings.replay import recording
from flowrun_widgets.runs.card import FlowRunCard


class Slow(httpx.BaseTransport):
    """A server that keeps every question for lines until it is told to go on."""

    def __init__(self, gateway: Gateway) -> None:
        self.asked, self.go_on = threading.Event(), threading.Event()
        self._inner = httpx.WSGITransport(app=gateway.wsgi)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if b"log(" in request.read():
            self.asked.set()
            assert self.go_on.wait(30)
        return self._inner.handle_request(request)


@pytest.fixture
def slow(recorded_store):
    gateway = Gateway(recorded_store)
    server = Slow(gateway)
    with fw.connect("http://slow.test", transport=server):
        yield server
    server.go_on.set()
    gateway.close()


@pytest.fixture
def run(slow) -> fw.FlowRunView:
    return fw.FlowRunView.from_flow_run_id(recording("failed-with-retries").flow_run_id)


def test_whoever_only_looks_never_waits_for_the_server(run, slow) -> None:
    reader = threading.Thread(target=run.get_logs)
    reader.start()
    assert slow.asked.wait(30)
    assert "cached_task_runs=0" in repr(run)
    assert len(run.get_all_task_runs()) == 11
    assert run.get_flow_metadata().name == "ledger-close"
    slow.go_on.set()
    reader.join(30)
    assert len(run.get_logs()) == 94


def test_two_threads_that_want_the_log_fetch_it_once(run, slow) -> None:
    lines: list[int] = []
    readers = [threading.Thread(target=lambda: lines.append(len(run.get_logs()))) for _ in range(2)]
    for reader in readers:
        reader.start()
    assert slow.asked.wait(30)
    slow.asked.clear()
    slow.go_on.set()
    for reader in readers:
        reader.join(30)
    assert lines == [94, 94]
    assert not slow.asked.is_set()


def test_a_card_shows_what_it_has_while_it_reads(run, slow) -> None:
    card = FlowRunCard(run)
    try:
        assert slow.asked.wait(30)
        assert card.shown.header.name == "stoic-marmot"
        assert card.shown.logs is None
        assert card.columns is None
        with pytest.raises(InvalidArgument, match="wait_until_loaded"):
            card.pin(3)
        slow.go_on.set()
        assert card.wait_until_loaded(30)
        card.pin(3)
        assert card.shown.logs.total == 94
    finally:
        slow.go_on.set()
        card.close()
