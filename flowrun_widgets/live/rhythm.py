"""When to look again: soon after a change, later and later while nothing happens, and as a server in trouble wishes."""

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
"""Each look that brings nothing makes the next wait so much longer, up to so many times the first."""
FAILED_GROWTH, FAILED_SECONDS = 2.0, 60.0
JITTER = 0.1
"""The part of a wait by which it varies, so that many notebooks do not ask at the same moment."""
LONGEST_WISH_SECONDS = 3600.0
"""A server that asks for more patience than this is asked after it."""
GLANCE_SECONDS = 5.0
CLOCK = getattr(time, "CLOCK_BOOTTIME", getattr(time, "CLOCK_MONOTONIC", None))
"""The clock that goes on while the machine sleeps: a wait does not, so it is looked at every `GLANCE_SECONDS`."""


class Clock(Protocol):
    """Time, as far as following a run depends on it."""

    def now(self) -> float:
        """Return seconds that never go back."""
        ...

    def today(self) -> datetime:
        """Return the present instant, in UTC."""
        ...

    def wait(self, changed: Condition, seconds: float) -> None:
        """Return after so many seconds, or earlier, as when the condition, which the caller holds, is notified."""
        ...


class SystemClock:
    """This machine's clock."""

    def now(self) -> float:
        """Return seconds that never go back."""
        return time.monotonic() if CLOCK is None else time.clock_gettime(CLOCK)

    def today(self) -> datetime:
        """Return the present instant, in UTC."""
        return datetime.now(UTC)

    def wait(self, changed: Condition, seconds: float) -> None:
        """Return after so many seconds, or earlier."""
        changed.wait(min(seconds, GLANCE_SECONDS))


class Rhythm:
    """How many seconds to wait before the next look at a run."""

    def __init__(self, interval: float, chance: Callable[[], float] = random.random) -> None:
        """Begin with `interval`; `chance` returns numbers from 0 to 1."""
        self.interval = interval
        self._chance = chance
        self._pause = interval
        self._failed_pause = 0.0

    def after_look(self, *, is_changed: bool) -> float:
        """Return the wait after a look that succeeded."""
        self._failed_pause = 0.0
        longest = max(self.interval, min(MOST * self.interval, LONGEST_SECONDS))
        grown = max(self.interval, min(self._pause * GROWTH, longest))
        self._pause = self.interval if is_changed else grown
        return self._pause * (1 - JITTER + 2 * JITTER * self._chance())

    def after_failure(self, error: FlowRunError) -> float:
        """Return the wait after a look that failed: never less than the server asked for."""
        grown = self._failed_pause * FAILED_GROWTH or self.interval
        self._failed_pause = min(grown, max(FAILED_SECONDS, self.interval))
        wish = wished_seconds(error)
        return max(self._failed_pause, wish) * (1 + JITTER * self._chance())


def checked_interval(interval: float) -> float:
    """Return an interval that can be meant.

    Raises:
        InvalidArgument: not a number of seconds from 0.1 to 3,600.
    """
    is_number = isinstance(interval, int | float) and not isinstance(interval, bool)
    if not is_number or not SHORTEST_SECONDS <= interval <= LONGEST_SECONDS:
        raise InvalidArgument(
            f"interval has to be a number of seconds from 0.1 to 3600: {interval!r:.100}"
        )
    return float(interval)


def wished_seconds(error: FlowRunError) -> float:
    """Return how long the server wants to be left in peace; 0: it did not say."""
    if not isinstance(error, RateLimited | BackendUnavailable):
        return 0.0
    wish = error.retry_after_seconds
    return 0.0 if wish is None or math.isnan(wish) else min(wish, LONGEST_WISH_SECONDS)
