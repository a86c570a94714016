"""A budget of requests a minute."""

from __future__ import annotations

import threading
import time
from collections import deque

from flowrun_widgets.forks import unlocked_in_child

__all__ = ["RateLimit"]

MINUTE = 60.0


class RateLimit:
    """Lets at most `per_minute` requests go in any sixty seconds, at once while there are some left; safe for threads."""

    def __init__(self, per_minute: int) -> None:
        self.per_minute = per_minute
        self._sent: deque[float] = deque()
        self._lock = unlocked_in_child(threading.Lock())

    def wait(self) -> None:
        """Return when the next request may go."""
        while (pause := self._pause()) > 0:
            time.sleep(pause)

    def _pause(self) -> float:
        """Return 0 and count a request, or how many seconds there are none left."""
        with self._lock:
            now = time.monotonic()
            while self._sent and now - self._sent[0] >= MINUTE:
                self._sent.popleft()
            if len(self._sent) < self.per_minute:
                self._sent.append(now)
                return 0.0
            return MINUTE - (now - self._sent[0])
