"""When the twin of a card is published again, and its content."""

import threading
import time

import pytest

import flowrun_widgets as fw
from flowrun_widgets.store.writer import StoreWriter
from flowrun_widgets.widget import following, twins
from tests.card.page import SECONDS
from tests.stores import FLOW_RUN_ID, log_row

LIMIT = 1.5
"""Stands for the 30 seconds in these tests."""


class Published:
    """What a notebook is told to put in the place of an output."""

    def __init__(self) -> None:
        self.told: list[tuple[float, str, dict[str, str]]] = []
        self._changed = threading.Condition()

    def take(self, bundle, *, raw, display_id) -> None:
        assert raw
        with self._changed:
            self.told.append((time.monotonic(), display_id, bundle))
            self._changed.notify_all()

    def until(self, text: str) -> dict[str, str]:
        """Wait until the newest has that text."""
        with self._changed:
            is_there = self._changed.wait_for(
                lambda: bool(self.told) and text in self.told[-1][2]["text/html"], SECONDS
            )
        assert is_there, self.told[-1:]
        return self.told[-1][2]


@pytest.fixture
def published(monkeypatch):
    published = Published()
    monkeypatch.setattr("IPython.display.update_display", published.take)
    monkeypatch.setattr(twins, "FOLLOWED_SECONDS", LIMIT)
    monkeypatch.setattr(following, "DEFAULT_SECONDS", 0.1)
    return published


@pytest.fixture
def card(store):
    fw.connect(store)
    run = fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID)
    run.get_logs()
    run.get_all_task_runs()
    card = run.card()
    card.twin = "frw-test-1"
    yield card
    card.close()


def test_a_refresh_and_a_pin_reach_the_twin_at_once(card, published, store):
    card.on_change(twins.Twin(card).hear)
    with StoreWriter(store) as writer:
        writer.add({"log": [log_row(9, 60, "it is new")]})
    card.refresh()
    found = published.until("it is new")
    assert f"frw-s{card.shown.snapshot}>" in found["text/html"]
    assert published.told[-1][1] == "frw-test-1"
    card.pin(1, "look at this")
    assert "look at this" in published.until("look at this")["text/plain"]


def test_while_a_run_is_followed_its_twin_is_published_seldom_and_at_the_end(
    card, published, store, monkeypatch
):
    began_at = time.monotonic()
    card.on_change(twins.Twin(card).hear)
    seen = threading.Semaphore(0)
    card.on_change(lambda _: seen.release())
    card.follow = True
    with StoreWriter(store) as writer:
        for number in range(6):
            writer.add({"log": [log_row(10 + number, 60 + number, f"line number {number}")]})
            while f"line number {number}" not in repr(card.flow_run.get_logs()):
                assert seen.acquire(timeout=SECONDS)
    published.until("line number 5")
    for number, (moment, *_) in enumerate(published.told, start=1):
        assert moment - began_at >= LIMIT * number
    monkeypatch.setattr(twins, "FOLLOWED_SECONDS", 10 * SECONDS)
    with StoreWriter(store) as writer:
        writer.add({"log": [log_row(20, 80, "the last line")]})
    while "the last line" not in repr(card.flow_run.get_logs()):
        assert seen.acquire(timeout=SECONDS)
    card.follow = False
    published.until("the last line")
