"""The card over a real Prefect 3 server."""

from __future__ import annotations

import threading

import httpx
import pytest

import flowrun_widgets as fw
from flowrun_widgets.runs.card import FlowRunCard


class Gate(httpx.BaseTransport):
    """Counts requests, and lets them through while it is open."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.open.set()
        self.paths: list[str] = []
        self._inner = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.open.wait()
        self.paths.append(request.url.path)
        return self._inner.handle_request(request)

    def close(self) -> None:
        self._inner.close()


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
def card(prefect3, runs, gate):
    """The card of a failed run, opened cold, which asks for nothing until the gate opens."""
    with fw.connect(prefect3.url, transport=gate):
        run = fw.FlowRunView.from_flow_run_id(runs.ids["failure"])
        gate.open.clear()
        card = FlowRunCard(run)
        yield card
        gate.open.set()
        card.wait_until_loaded(30)
        card.close()


def test_a_card_opens_on_six_requests_with_its_digest(card, gate, runs) -> None:
    """The probes that find out which Prefect answers and where its UI is are the connection's, not the card's."""
    seen: list[tuple[int, bool]] = []
    card.on_change(lambda shown: seen.append((len(gate.paths), shown.digest is not None)))
    probes = sum(path.endswith(("/health", "/ui-settings")) for path in gate.paths)
    gate.open.set()
    assert card.wait_until_loaded(30)
    requests, has_digest = seen[0]
    assert requests - probes <= 6
    assert has_digest


def test_a_whole_card_says_what_the_view_says(card, gate) -> None:
    gate.open.set()
    assert card.wait_until_loaded(30)
    shown, run = card.shown, card.flow_run
    assert shown.header.state.name == run.state.name
    assert shown.header.source == "Prefect 3"
    assert shown.header.ui_url is not None
    assert shown.logs.is_complete
    assert shown.logs.total == len(run.get_logs())
    assert shown.tasks.total == len(run.get_all_task_runs())
    assert shown.notice is None
    assert "ZeroDivisionError" in shown.digest.error


def test_a_run_of_a_list_gets_its_history_when_its_card_is_opened(prefect3, runs) -> None:
    with fw.connect(prefect3.url):
        listed = fw.find_flow_runs("failure")[runs.ids["failure"]]
        assert not listed.states
        card = FlowRunCard(listed)
        assert card.wait_until_loaded(30)
        assert card.flow_run.states
        assert len(card.shown.states) == len(card.flow_run.states)
        assert card.shown.notice is None
        card.close()
