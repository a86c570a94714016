"""Sockets that are dropped and refused at random lose no line and bring none twice."""

from __future__ import annotations

import os

import pytest

from flowrun_widgets.backends.prefect3 import events
from tests.unit.following import no_followers

from .announced import Announcement, followed

SCHEDULES = int(os.environ.get("FLOWRUN_SCHEDULES", "20"))
"""200 are followed by tests/benchmarks/following.py."""


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """Connect again at once: waits pass at once, too."""
    monkeypatch.setattr(events, "FIRST_PAUSE_SECONDS", 0.002)
    monkeypatch.setattr(events, "LAST_PAUSE_SECONDS", 0.01)


@pytest.mark.parametrize("seed", range(SCHEDULES))
def test_what_a_watch_saw_is_what_there_is(seed):
    schedule = Announcement(seed)
    seen, _ = followed(schedule)
    assert sorted(seen) == sorted(schedule.messages)
    assert no_followers()
