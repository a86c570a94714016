"""`Following`: keeps a card up to date, on request until its run ends, after a failure until the server answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowrun_widgets.forks import in_child
from flowrun_widgets.live.poller import LOCK, PASSING, follow
from flowrun_widgets.live.rhythm import DEFAULT_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowrun_widgets.errors import FlowRunError
    from flowrun_widgets.live.poller import Subscription, Told
    from flowrun_widgets.views.flow_run import FlowRunSnapshot

__all__ = ["Following"]

HIDDEN_SECONDS = 30.0
"""The interval, in seconds, between polls of a run while no page shows the card."""


class Following:
    """One card's subscription to the poller of its run. `hear` is called in the poller's thread and must be quick."""

    def __init__(self, hear: Callable[[Told], None]) -> None:
        self._hear = hear
        self._subscription: Subscription | None = None
        self._is_on = self._is_failing = self._is_closed = False
        self._views: dict[str, bool] | None = None
        """Whether each view is visible; None before there was any view."""
        self._waiting: list[Callable[[], None]] = []
        in_child(self, Following._end_with_parent)

    def _end_with_parent(self) -> None:
        self._subscription = None
        self._is_on = self._is_failing = False

    @property
    def is_on(self) -> bool:
        """Whether the run is followed until it ends."""
        with LOCK:
            return self._is_on

    @property
    def is_visible(self) -> bool:
        """Whether a page shows the card, or may soon show it."""
        with LOCK:
            return self._views is None or any(self._views.values())

    def turn(self, *, is_on: bool) -> None:
        """Set whether the run is to be followed; `keep_up` starts following."""
        with LOCK:
            self._is_on = is_on and not self._is_closed
            is_left = not self._is_on and not self._is_failing
            if is_left:
                self._leave()
        if is_left:
            self.answer()

    def keep_up(self, run: FlowRunSnapshot, error: FlowRunError | None = None) -> None:
        """Poll the run if it is followed, or if `error`, raised by the last poll, is temporary."""
        with LOCK:
            is_wanted = self._is_on or isinstance(error, PASSING)
            if not is_wanted or self._is_closed or self._subscription is not None:
                return
            self._is_failing = error is not None
            one = follow(run, self._hear, interval=self._interval, error=error)
            self._subscription = one
        one.begin()

    def refresh(self, done: Callable[[], None]) -> bool:
        """Poll the run now and call `done` afterwards; return False if there is no poller, so the caller has to read.

        While the server asks for a pause, `done` is called at once, without a request.
        """
        with LOCK:
            one = self._subscription
            if one is None:
                return False
            is_held_off = one.is_held_off
            if not is_held_off:
                self._waiting.append(done)
                one.refresh()
        if is_held_off:
            done()
        return True

    def heard(self, told: Told) -> None:
        """Handle a message: unsubscribe if the run has ended, or if the server answered and the run is not followed."""
        with LOCK:
            self._is_failing = told.error is not None
            if told.is_over:
                self._is_on = self._is_failing = False
                self._subscription = None
            elif told.error is None and not self._is_on:
                self._leave()

    def answer(self) -> None:
        """Call the callbacks that wait for a poll."""
        with LOCK:
            waiting, self._waiting = self._waiting, []
        for done in waiting:
            done()

    def see(self, view: str, is_visible: bool | None) -> None:
        """Note whether a view is visible; None if it was closed. While none is visible, the run is polled rarely."""
        with LOCK:
            if self._views is None:
                self._views = {}
            if is_visible is None:
                self._views.pop(view, None)
            else:
                self._views[view] = is_visible
            if self._subscription is not None and self._subscription.interval != self._interval:
                self._subscription.pace(self._interval)

    def close(self) -> None:
        """End the subscription."""
        with LOCK:
            self._is_closed, self._is_on = True, False
            self._leave()
        self.answer()

    @property
    def _interval(self) -> float:
        return DEFAULT_SECONDS if self.is_visible else HIDDEN_SECONDS

    def _leave(self) -> None:
        if self._subscription is not None:
            self._subscription.close()
            self._subscription = None
