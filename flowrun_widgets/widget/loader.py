"""`Loader`: reads a card's run at first, at a refresh, and while it is followed, and shows what was read."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from flowrun_widgets.backends.progress import progress_to
from flowrun_widgets.errors import BackendError, BackendUnavailable, FlowRunError, RateLimited
from flowrun_widgets.forks import unlocked_in_child
from flowrun_widgets.live.poller import QUIET_SECONDS
from flowrun_widgets.live.worker import Worker
from flowrun_widgets.report.notices import failure, followed, incomplete, reading, trouble
from flowrun_widgets.times import to_micros
from flowrun_widgets.views.background import read_background
from flowrun_widgets.views.log_ends import explained
from flowrun_widgets.widget.following import Following

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowrun_widgets.live.poller import Told
    from flowrun_widgets.views.flow_run import FlowRunSnapshot
    from flowrun_widgets.views.log_ends import Peek
    from flowrun_widgets.widget.snapshot import CardSnapshot
    from flowrun_widgets.widget.state import CardState

__all__ = ["Loader"]

TELL_SECONDS = 1.0
REST_SECONDS = 60.0
"""How long after its last view closed a card keeps its caches for answering questions."""
UNFORESEEN = "Following stopped because of an error in flowrun_widgets; the kernel's log has the traceback. Refresh to try again."


class CardClosed(Exception):
    """Ends a read because its card was closed."""


class Loader:
    """Reads for one card, in its own thread, which ends when there is nothing to read."""

    def __init__(
        self,
        state: CardState,
        show: Callable[[], None],
        renumbered: Callable[[CardSnapshot], None],
    ) -> None:
        """`show` publishes the state; `renumbered` gets the old snapshot when the arrival numbers of lines changed."""
        self._state = state
        self._show = show
        self._renumbered = renumbered
        self._following = Following(self._hear)
        self._told: Told | None = None
        self._told_at = 0.0
        self._reading = unlocked_in_child(threading.Lock())
        self.opened = unlocked_in_child(threading.Event())
        """Set when the most relevant part of the run is shown."""
        self.loaded = unlocked_in_child(threading.Event())
        """Set when log and task runs are read, or could not be."""
        self.worker = Worker(f"flowrun card {state.run.flow_run_id[:8]} reading")

    @property
    def is_following(self) -> bool:
        """Whether the run is followed."""
        return self._following.is_on

    def begin(self, *, follow: bool) -> None:
        """Read what the run's view has not read yet, then follow the run if asked to."""
        self._following.turn(is_on=follow)
        fetched = self._state.run.fetched
        if fetched.logs is None or fetched.task_runs is None:
            self.worker.put("load", self._load)
            return
        self._set_loaded()
        self._following.keep_up(self._state.run)

    def follow(self, *, is_on: bool) -> None:
        """Follow the run until it has ended, or stop following it."""
        if is_on == self.is_following:
            return
        self._following.turn(is_on=is_on)
        self._state.is_following = self._following.is_on
        if self.loaded.is_set():
            self._following.keep_up(self._state.run)
        self._show()

    def refresh(self, done: Callable[[], None]) -> None:
        """Poll the run and call `done`. If it is followed, the poller does so, at once or when the server allows it."""
        if self._following.refresh(done):
            return
        with self._reading:
            self._refresh()
        done()

    def show(self, run: FlowRunSnapshot) -> None:
        """Show another snapshot of the run, and read what its view has not read yet."""
        with self._reading:
            if run is not self._state.run:
                self._move_on(run)
                fetched = run.fetched
                if fetched.logs is None or fetched.task_runs is None:
                    self.opened.clear()
                    self.loaded.clear()
        if self.loaded.is_set():
            self._show()
        else:
            self.begin(follow=self.is_following)

    def see(self, view: str, is_visible: bool | None) -> None:
        """Note whether a view is visible; None if it was closed."""
        self._following.see(view, is_visible)
        if not self._following.is_visible:
            self.worker.put_later(REST_SECONDS, "rest", self._rest)

    def close(self) -> None:
        """Stop reading."""
        self.worker.close()
        self._following.close()

    def _set_loaded(self) -> None:
        self._state.mark()
        self.opened.set()
        self.loaded.set()

    def _load(self) -> None:
        state, run = self._state, self._state.run
        failed: FlowRunError | None = None
        with self._reading:
            try:
                if run.connection.backend.is_paged and run.fetched.logs is None:
                    state.peek = run.peek()
                    self._show()
                    self._explain(run, state.peek)
                    self.opened.set()
                if not run.record.has_history:
                    run = run.get_latest()
                    state.complete(run)
                with progress_to(self._tell):
                    _read(run)
                state.notice = incomplete(run.missing)
                self._read_background(run)
            except CardClosed:
                return
            except FlowRunError as error:
                failed = error
                state.notice = trouble(error, run.connection.url, state.notice)
            finally:
                try:
                    self._show()
                finally:
                    self._set_loaded()
        self._following.keep_up(run, failed)

    def _explain(self, run: FlowRunSnapshot, ends: Peek) -> None:
        """Read what explains the failure of a run with a long log, and show it."""
        found = explained(run, ends)
        if found is not ends:
            self._state.peek = found
            self._show()

    def _read_background(self, run: FlowRunSnapshot) -> None:
        """Read what explains why a run failed; before that, show what is known already."""
        if run.state.is_failed() and run.fetched.background is None:
            self._show()
            read_background(run)

    def _tell(self, what: str, count: int) -> None:
        """Show the progress of a long read, once a second; end it if the card was closed."""
        if self._state.is_closed:
            raise CardClosed
        if time.monotonic() - self._told_at >= TELL_SECONDS:
            self._told_at = time.monotonic()
            self._state.notice = reading(count, what)
            self._show()

    def _refresh(self) -> None:
        state, before = self._state, self._state.run
        failed: FlowRunError | None = None
        try:
            latest = before.get_latest()
            if latest.fetched.task_runs is None:
                latest.get_all_task_runs()
            latest.get_logs()
        except FlowRunError as error:
            failed = error
            state.notice = trouble(error, before.connection.url, state.notice)
        else:
            self._move_on(latest)
            state.notice = incomplete(latest.missing)
            self._read_background(latest)
        self._show()
        self._following.keep_up(state.run, failed)

    def _hear(self, told: Told) -> None:
        self._told = told
        self.worker.put("told", self._take)

    def _take(self) -> None:
        """Show the result of the newest poll."""
        state, told, following = self._state, self._told, self._following
        assert told is not None
        was_on = following.is_on
        with self._reading:
            following.heard(told)
            state.is_following = following.is_on
            if told.error is None:
                if told.run is not state.run:
                    self._move_on(told.run)
                    self._read_background(told.run)
                is_end = told.is_over and was_on
                state.notice = followed(QUIET_SECONDS) if is_end else incomplete(told.run.missing)
            elif isinstance(told.error, FlowRunError):
                state.notice = trouble(
                    told.error,
                    state.run.connection.url,
                    state.notice,
                    since=None if told.failing_since is None else to_micros(told.failing_since),
                    retry_seconds=told.retry_seconds,
                )
            else:
                state.notice = failure(UNFORESEEN)
        self._show()
        following.answer()
        if told.error is not None and not isinstance(told.error, FlowRunError):
            raise told.error

    def _move_on(self, latest: FlowRunSnapshot) -> None:
        before = self._state.snapshot()
        if not self._state.move_on(latest):
            self._renumbered(before)
        self._state.mark()

    def _rest(self) -> None:
        if not self._following.is_visible:
            self._state.rest()


def _read(run: FlowRunSnapshot) -> None:
    """Read task runs and log; if one of them fails, still read the other."""
    failed: BackendError | None = None
    if run.fetched.task_runs is None:
        try:
            run.get_all_task_runs()
        except (BackendUnavailable, RateLimited):
            raise
        except BackendError as error:
            failed = error
    run.get_logs()
    if failed is not None:
        raise failed
