"""`Watch`: an iterator over the snapshots of a run until it has ended."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, Generic, Self, TypeVar, cast

from flowrun_widgets.errors import InvalidArgument, WatchTimeout
from flowrun_widgets.forks import in_child
from flowrun_widgets.live.poller import LOCK, Subscription, Told, follow
from flowrun_widgets.live.rhythm import DEFAULT_SECONDS, Clock, checked_interval
from flowrun_widgets.views.flow_run import FlowRunSnapshot

__all__ = ["Watch", "watch"]

RunT = TypeVar("RunT", bound="FlowRunSnapshot")

GLANCE_SECONDS = 1.0
"""The longest single wait, since on some systems a wait can be interrupted only when it ends."""


class Watch(Iterator[RunT]):
    """An iterator over the snapshots of a run. It sends requests only while a `next()` waits.

    `close()` ends it at once, from any thread; so do leaving its `with` block, an exception from `next()`, and deleting
    it. A slow caller gets the newest snapshot, which has everything since the last one.
    """

    def __init__(
        self,
        run: RunT,
        max_duration: timedelta | None,
        interval: float,
        clock: Clock | None,
        chance: Callable[[], float] | None,
        every_look: bool,
    ) -> None:
        self._run = run
        self._max_duration = max_duration
        self._interval = interval
        self._clock = clock
        self._chance = chance
        self._every_look = every_look
        self._news: _News[RunT] = _News(max_duration, every_look)
        self._subscription: Subscription | None = None
        self._end: weakref.finalize[..., Any] | None = None
        in_child(self, Watch._begin_again)

    def _begin_again(self) -> None:
        """Follow again from the newest snapshot, at the next `next()`."""
        if self._end is not None and not self._news.is_over:
            self._end.detach()
            self._end = self._subscription = None
            self._run = self._news.newest or self._run
            self._news = _News(self._max_duration, self._every_look)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> RunT:
        try:
            if self._subscription is None and not self._news.is_over:
                self._begin()
            elif self._subscription is not None and self._news.is_empty:
                self._subscription.want(True)
            return self._news.take()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop following, without waiting; the answer to a running request is discarded."""
        self._news.end()
        if self._end is not None:
            self._end()

    def _begin(self) -> None:
        news = self._news
        with LOCK:
            self._subscription = news.subscription = subscription = follow(
                self._run,
                news.hear,
                interval=self._interval,
                max_duration=self._max_duration,
                expire=news.expire,
                clock=self._clock,
                chance=self._chance,
            )
            subscription.hears_every_look = self._every_look
        subscription.begin()
        end = weakref.finalize(self, subscription.close)
        end.atexit = False
        self._end = end


class _News(Generic[RunT]):
    """The messages not yet taken: the newest snapshot, and how following ended."""

    def __init__(self, max_duration: timedelta | None, every_look: bool) -> None:
        self.subscription: Subscription | None = None
        self.is_over = False
        self._max_duration = max_duration
        self._every_look = every_look
        self._changed = threading.Condition(LOCK)
        self._run: RunT | None = None
        self.newest: RunT | None = None
        self._error: Exception | None = None

    @property
    def is_empty(self) -> bool:
        return self._run is None and not self.is_over

    def hear(self, told: Told) -> None:
        with LOCK:
            if told.is_changed or (self._every_look and told.error is None):
                self._run = self.newest = cast("RunT", told.run)
            if told.is_over:
                self._error = told.error
                self.is_over = True
            if self._run is not None and self.subscription is not None:
                self.subscription.want(False)
            self._changed.notify_all()

    def expire(self, run: FlowRunSnapshot) -> None:
        with LOCK:
            assert self._max_duration is not None
            hours = self._max_duration.total_seconds() / 3600
            self._error = WatchTimeout(
                f"`watch_flow_run` timed out after {hours} hours of waiting for completion. "
                f"Your flow run is still in state: {run.state}"
            )
            self.is_over = True
            self._changed.notify_all()

    def end(self) -> None:
        with LOCK:
            self.is_over, self._run, self._error = True, None, None
            self._changed.notify_all()

    def take(self) -> RunT:
        with LOCK:
            while self.is_empty:
                self._changed.wait(GLANCE_SECONDS)
            run, self._run = self._run, None
            if run is not None:
                return run
            error, self._error = self._error, None
        raise error if error is not None else StopIteration


def watch(
    run: RunT,
    *,
    max_duration: timedelta | None = None,
    interval: float = DEFAULT_SECONDS,
    clock: Clock | None = None,
    chance: Callable[[], float] | None = None,
    every_look: bool = False,
) -> Watch[RunT]:
    """Return an iterator over a run's snapshots; `clock` and `chance` can be replaced, as in tests.

    With `every_look`, a snapshot is also yielded for each poll that found nothing new.

    Raises:
        InvalidArgument: `max_duration` is not a timedelta, or `interval` is not from 0.1 to 3,600 seconds.
    """
    if max_duration is not None and not isinstance(max_duration, timedelta):
        raise InvalidArgument(
            f"max_duration has to be a timedelta, or None for no limit, not {max_duration!r:.100}."
        )
    return Watch(run, max_duration, checked_interval(interval), clock, chance, every_look)
