"""Limits the number of requests per minute."""

from __future__ import annotations

import threading
import time
from collections import deque

from flowrun_widgets.forks import unlocked_in_child

__all__ = ["RateLimit"]

MINUTE = 60.0


class RateLimit:
    """Allows at most `per_minute` requests in any sixty seconds; delays none before that. Thread-safe."""

    def __init__(self, per_minute: int) -> None:
        self.per_minute = per_minute
        self._sent: deque[float] = deque()
        self._lock = unlocked_in_child(threading.Lock())

    def wait(self) -> None:
        """Wait until the next request may be sent."""
        while (pause := self._pause()) > 0:
            time.sleep(pause)

    def _pause(self) -> float:
        """Return 0 and count a request, or return how many seconds to wait for the next one."""
        with self._lock:
            now = time.monotonic()
            while self._sent and now - self._sent[0] >= MINUTE:
                self._sent.popleft()
            if len(self._sent) < self.per_minute:
                self._sent.append(now)
                return 0.0
            return MINUTE - (now - self._sent[0])
