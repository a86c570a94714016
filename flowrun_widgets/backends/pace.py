"""`Pace`: spreads the requests of a long read evenly, and stops them while the server refuses more."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from flowrun_widgets.forks import unlocked_in_child

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Pace"]

MINUTE = 60.0
MARGIN = 1.05
"""Requests are this much further apart than they have to be, since some take longer than others to arrive."""
MAX_STOPPED_SECONDS = 3_600.0
"""How long a read waits in total for a server that refuses requests."""


class Pace:
    """Allows at most `per_minute` requests in any sixty seconds, evenly spread. Thread-safe.

    The first request waits as well, so a program that is started again and again does not exceed the number either.
    """

    def __init__(
        self,
        per_minute: int,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self.per_minute = per_minute
        self._between = MINUTE / per_minute * MARGIN
        self._clock = clock
        self._sleep = sleep
        self._lock = unlocked_in_child(threading.Lock())
        self._next_at = clock() + self._between
        self._free_at = 0.0
        self._stopped_seconds = 0.0

    def wait(self) -> None:
        """Wait until the next request may be sent."""
        while (pause := self._pause()) > 0:
            self._sleep(pause)

    def stop(self, seconds: float | None) -> bool:
        """Send nothing for so many seconds, a minute if that is None; return False if that would be too long in all."""
        with self._lock:
            now = self._clock()
            free_at = now + (MINUTE if seconds is None else seconds)
            more = max(0.0, free_at - max(self._free_at, now))
            if self._stopped_seconds + more > MAX_STOPPED_SECONDS:
                return False
            self._stopped_seconds += more
            self._free_at = max(self._free_at, free_at)
            return True

    def _pause(self) -> float:
        """Return 0 and count a request, or return how many seconds to wait for the next one."""
        with self._lock:
            now = self._clock()
            at = max(self._next_at, self._free_at)
            if now < at:
                return at - now
            self._next_at = now + self._between
            return 0.0
