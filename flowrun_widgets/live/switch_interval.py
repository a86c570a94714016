"""`short_turns()`: a shorter switch interval of threads while a card works, so that it answers during a busy cell."""

from __future__ import annotations

import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from flowrun_widgets.forks import in_child, unlocked_in_child

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["short_turns"]

TURN_SECONDS = 0.0005
"""The switch interval, in seconds. Small calls of Arrow and SQLite release Python's lock and then wait for it: beside a
computing thread 5 ms each by default, about twenty times for one answer."""

_lock = unlocked_in_child(threading.Lock())
_works = 0
_usual = 0.0


def _end_all(_: object) -> None:
    global _works
    if _works:
        _works = 0
        sys.setswitchinterval(_usual)


in_child(_lock, _end_all)


@contextmanager
def short_turns() -> Generator[None]:
    """Shorten the switch interval. The last user restores the old value, unless other code has changed it meanwhile."""
    global _works, _usual
    with _lock:
        if not _works:
            _usual = sys.getswitchinterval()
            if _usual > TURN_SECONDS:
                sys.setswitchinterval(TURN_SECONDS)
        _works += 1
    try:
        yield
    finally:
        with _lock:
            _works -= 1
            if not _works and sys.getswitchinterval() <= TURN_SECONDS < _usual:
                sys.setswitchinterval(_usual)
