"""`Rhythm`: when to poll again: soon after a change, later while nothing changes, and as a failing server asks."""

from __future__ import annotations

import math
import random
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from flowrun_widgets.errors import BackendUnavailable, InvalidArgument, RateLimited

if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Condition

    from flowrun_widgets.errors import FlowRunError

__all__ = [
    "DEFAULT_SECONDS",
    "Clock",
    "Rhythm",
    "SystemClock",
    "checked_interval",
    "wished_seconds",
]

DEFAULT_SECONDS = 2.0
SHORTEST_SECONDS, LONGEST_SECONDS = 0.1, 3600.0
GROWTH, MOST = 1.5, 15.0
"""Each poll that finds nothing new makes the next wait longer by this factor, up to this multiple of the first."""
MOST_IF_ANNOUNCED = 30.0
"""That multiple if the server announces changes of states; log lines are not announced."""
FAILED_GROWTH, FAILED_SECONDS = 2.0, 60.0
JITTER = 0.1
"""The fraction by which a wait varies, so that many notebooks do not poll at the same moment."""
LONGEST_WISH_SECONDS = 3600.0
"""The longest wait, even if a server asks for more."""
GLANCE_SECONDS = 5.0
CLOCK = getattr(time, "CLOCK_BOOTTIME", getattr(time, "CLOCK_MONOTONIC", None))
"""The clock that continues while the machine sleeps. A wait does not, so the clock is read every `GLANCE_SECONDS`."""


class Clock(Protocol):
    """The clock used for following a run."""

    def now(self) -> float:
        """Return monotonic seconds."""
        ...

    def today(self) -> datetime:
        """Return the current time, in UTC."""
        ...

    def wait(self, changed: Condition, seconds: float) -> None:
        """Return after `seconds`, or earlier, as when `changed`, which the caller holds, is notified."""
        ...


class SystemClock:
    """This machine's clock."""

    def now(self) -> float:
        """Return monotonic seconds."""
        return time.monotonic() if CLOCK is None else time.clock_gettime(CLOCK)

    def today(self) -> datetime:
        """Return the current time, in UTC."""
        return datetime.now(UTC)

    def wait(self, changed: Condition, seconds: float) -> None:
        """Return after `seconds`, or earlier."""
        changed.wait(min(seconds, GLANCE_SECONDS))


class Rhythm:
    """Computes how many seconds to wait before the next poll of a run."""

    def __init__(self, interval: float, chance: Callable[[], float] = random.random) -> None:
        """Start with `interval`; `chance` returns numbers from 0 to 1."""
        self.interval = interval
        self._chance = chance
        self._pause = interval
        self._failed_pause = 0.0

    def after_look(self, *, is_changed: bool, is_announced: bool = False) -> float:
        """Return the wait after a successful poll; `is_announced` means that the server announces changes."""
        self._failed_pause = 0.0
        most = MOST_IF_ANNOUNCED if is_announced else MOST
        longest = max(self.interval, min(most * self.interval, LONGEST_SECONDS))
        grown = max(self.interval, min(self._pause * GROWTH, longest))
        self._pause = self.interval if is_changed else grown
        return self._pause * (1 - JITTER + 2 * JITTER * self._chance())

    def after_failure(self, error: FlowRunError) -> float:
        """Return the wait after a failed poll, never less than the server asked for."""
        grown = self._failed_pause * FAILED_GROWTH or self.interval
        self._failed_pause = min(grown, max(FAILED_SECONDS, self.interval))
        wish = wished_seconds(error)
        return max(self._failed_pause, wish) * (1 + JITTER * self._chance())


def checked_interval(interval: float) -> float:
    """Return the interval if it is valid.

    Raises:
        InvalidArgument: not a number of seconds from 0.1 to 3,600.
    """
    is_number = isinstance(interval, int | float) and not isinstance(interval, bool)
    if not is_number or not SHORTEST_SECONDS <= interval <= LONGEST_SECONDS:
        raise InvalidArgument(
            f"interval has to be a number of seconds from 0.1 to 3600, not {interval!r:.100}."
        )
    return float(interval)


def wished_seconds(error: FlowRunError) -> float:
    """Return how many seconds of pause the server asked for; 0 if it did not say."""
    if not isinstance(error, RateLimited | BackendUnavailable):
        return 0.0
    wish = error.retry_after_seconds
    return 0.0 if wish is None or math.isnan(wish) else min(wish, LONGEST_WISH_SECONDS)
