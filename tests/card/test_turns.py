from __future__ import annotations

import sys
import threading

import pytest

from flowrun_widgets.live.switch_interval import short_turns
from flowrun_widgets.live.worker import Worker

SECONDS = 20


@pytest.fixture(autouse=True)
def usual():
    """The length that Python has by itself."""
    before = sys.getswitchinterval()
    yield before
    sys.setswitchinterval(before)


def test_turns_are_short_while_somebody_works_and_as_before_afterwards(usual):
    with short_turns():
        assert sys.getswitchinterval() < usual / 5
        with pytest.raises(ZeroDivisionError), short_turns():
            raise ZeroDivisionError
        assert sys.getswitchinterval() < usual / 5
    assert sys.getswitchinterval() == usual


def test_who_wants_shorter_ones_keeps_them():
    sys.setswitchinterval(0.0001)
    with short_turns():
        assert sys.getswitchinterval() == pytest.approx(0.0001)
    assert sys.getswitchinterval() == pytest.approx(0.0001)


def test_what_somebody_sets_meanwhile_stays():
    with short_turns():
        sys.setswitchinterval(0.02)
    assert sys.getswitchinterval() == pytest.approx(0.02)


def test_a_worker_takes_short_turns_for_its_jobs_only(usual):
    seen, done = [], threading.Event()
    worker = Worker("turns")

    def look():
        seen.append(sys.getswitchinterval())

    worker.put("look", look)
    worker.put("done", done.set)
    assert done.wait(SECONDS)
    worker.close()
    assert seen[0] < usual / 5
    for _ in range(1_000):
        if sys.getswitchinterval() == usual:
            break
        threading.Event().wait(0.01)
    assert sys.getswitchinterval() == usual
