"""`Poller`: one thread and one sequence of requests for all followers of a run over the same connection."""

from __future__ import annotations

import sys
import threading
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Self

from flowrun_widgets.errors import (
    AccessDenied,
    BackendError,
    BackendUnavailable,
    ConnectionClosed,
    FlowRunError,
    QueryRejected,
    RateLimited,
)
from flowrun_widgets.forks import in_child, unlocked_in_child
from flowrun_widgets.live.rhythm import DEFAULT_SECONDS, Clock, Rhythm, SystemClock, wished_seconds
from flowrun_widgets.times import as_utc, now

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from pendulum import DateTime

    from flowrun_widgets.backends.protocol import Listening
    from flowrun_widgets.connection.connection import Connection
    from flowrun_widgets.views.flow_run import FlowRunSnapshot

__all__ = ["LOCK", "QUIET_SECONDS", "Poller", "Subscription", "Told", "follow"]

QUIET_SECONDS = 15.0
"""How long after a run has ended lines can arrive: clients send batches every 5 s (Prefect 1) or 2 s (Prefect 3)."""
LONG_AGO = timedelta(minutes=10)
"""A run that ended this long ago has all its lines, even if a clock is five minutes off."""
MAX_ODD_ANSWERS = 5
"""After this many possibly permanent failures in a row, polling stops."""
LOCK = unlocked_in_child(threading.RLock())
"""Guards all pollers and subscriptions; held only briefly. Reentrant, since garbage can be collected anywhere."""
HOPELESS = (AccessDenied, ConnectionClosed, QueryRejected)
PASSING = (BackendUnavailable, RateLimited)


@dataclass(frozen=True, slots=True)
class Told:
    """A message to a subscriber: a newer snapshot, an error of the server, or the end."""

    run: FlowRunSnapshot
    """The newest snapshot, its log and task runs read."""
    is_changed: bool = False
    """Whether the snapshot has anything new, or is the first."""
    error: Exception | None = None
    """The error of the last poll; None if it succeeded."""
    failing_since: DateTime | None = None
    """When the first of the failed polls in a row was made."""
    retry_seconds: float | None = None
    """How long until the next poll after a failed one; None if there will be none."""
    is_over: bool = False
    """Whether this is the last message: the run has ended and is quiet, or the error is permanent."""


class Subscription:
    """A follower of a run. `hear` is called in the poller's thread, one call at a time, and must be quick."""

    def __init__(
        self,
        poller: Poller,
        run: FlowRunSnapshot,
        hear: Callable[[Told], None],
        interval: float,
        expires_at: float | None,
        expire: Callable[[FlowRunSnapshot], None] | None,
    ) -> None:
        self._poller = poller
        self.hear = hear
        self.interval = interval
        self.as_of = run.as_of
        """Snapshots older than this are ignored."""
        self.asked_at = poller.clock.now()
        """A poll that began after this moment counts, even if this machine's clock was set back."""
        self.expires_at = expires_at
        self.expire = expire
        self.is_waiting = True
        """Whether the subscriber wants more now; while none does, nothing is requested."""
        self.is_new = True
        """Whether the subscriber gets the next snapshot even if nothing changed."""
        self.hears_every_look = False
        """Whether the subscriber also gets polls that found nothing new."""

    @property
    def poller(self) -> Poller:
        """The poller of this subscription."""
        return self._poller

    @property
    def is_held_off(self) -> bool:
        """Whether the server has asked for a pause that is not over; `refresh()` waits for its end."""
        return self._poller.is_held_off

    def begin(self) -> Self:
        """Start polling; `hear` is not called before.

        Do not call it while `LOCK` is held: a starting thread may collect garbage, which closes subscriptions and takes
        the lock.
        """
        try:
            self._poller.begin()
        except RuntimeError:  # no more threads
            self.close()
            raise
        return self

    def want(self, is_waiting: bool) -> None:
        """Set whether more is wanted; while no subscriber wants more, nothing is requested."""
        with LOCK:
            self.is_waiting = is_waiting
            self._poller.changed.notify_all()

    def pace(self, interval: float) -> None:
        """Set another interval, such as a long one while the result is not visible."""
        with LOCK:
            self.interval = interval
            self._poller.pace()
            self._poller.hurry(interval)

    def refresh(self) -> None:
        """Request a poll at once; its result is sent even if nothing changed."""
        with LOCK:
            self.is_new = self.is_waiting = True
            self.as_of, self.asked_at = now(), self._poller.clock.now()
            self._poller.hurry(0.0)

    def close(self) -> None:
        """Unsubscribe. The thread ends with its last subscriber, or when the running request is answered."""
        with LOCK:
            self._poller.leave(self)


class Poller:
    """Polls one run over one connection, for all its subscribers.

    The first poll reads what was not read yet of log and task runs; each later one is a `get_latest()`, at its cost.
    The subscriber with the shortest interval sets the rhythm. While nothing changes, the source is asked to announce
    changes, if it can: an announcement makes the next poll due.

    If the server does not answer or limits the rate of requests, polling is repeated without end, after the time the
    server names or waits of up to a minute. A deleted run, a refused key and a rejected request end it, and so do five
    unexpected answers in a row.
    """

    def __init__(
        self,
        key: tuple[Connection, str],
        run: FlowRunSnapshot,
        clock: Clock,
        chance: Callable[[], float] | None,
        error: FlowRunError | None,
    ) -> None:
        self.changed = threading.Condition(LOCK)
        self._error = error
        self._key = key
        self._run = run
        self._is_read = False
        self._clock = clock
        self._rhythm = (
            Rhythm(DEFAULT_SECONDS) if chance is None else Rhythm(DEFAULT_SECONDS, chance)
        )
        self._subscriptions: list[Subscription] = []
        self._due_at = self._looked_at = self._began_at = self._not_before = clock.now()
        self._quiet_since: float | None = None
        self._odd_answers = 0
        self._failing_since: DateTime | None = None
        self._is_ended = False
        self._listening: Listening | None = None
        self._is_rung = False
        self._starting = unlocked_in_child(threading.Lock())
        self._thread = threading.Thread(
            target=self._follow, name=f"flowrun-follow-{run.flow_run_id[:8]}", daemon=True
        )

    @property
    def clock(self) -> Clock:
        """The clock of the poller."""
        return self._clock

    @property
    def is_held_off(self) -> bool:
        """Whether the server has asked for a pause that is not over."""
        return self._clock.now() < self._not_before

    def join(self, subscription: Subscription) -> None:
        """Add a subscriber, and send it the last poll if that was just now, else the next. The lock is held."""
        self._subscriptions.append(subscription)
        self.pace()
        self.hurry(0.0 if subscription.as_of > self._run.as_of else self._rhythm.interval)

    def begin(self) -> None:
        """Start the thread, unless it was started."""
        with self._starting:
            if self._thread.ident is None:
                self._thread.start()

    def leave(self, subscription: Subscription) -> None:
        """Remove a subscriber, and end with the last one. The caller holds the lock."""
        if subscription in self._subscriptions:
            self._subscriptions.remove(subscription)
            self.pace()
        if not self._subscriptions:
            self._end()

    def hurry(self, seconds: float) -> None:
        """Poll at most `seconds` after the last poll, if the server allows it. The caller holds the lock."""
        self._due_at = min(self._due_at, max(self._looked_at + seconds, self._not_before))
        self.changed.notify_all()

    def ring(self) -> None:
        """Poll soon, since the server announced a change; it may be some seconds until it can be read."""
        with LOCK:
            self._is_rung = True
            self.hurry(self._rhythm.interval)

    def pace(self) -> None:
        """Use the shortest interval of all subscribers. The caller holds the lock."""
        if self._subscriptions:
            self._rhythm.interval = min(one.interval for one in self._subscriptions)

    def _end(self) -> None:
        self._is_ended = True
        self._subscriptions.clear()
        if _pollers.get(self._key) is self:
            del _pollers[self._key]
        if self._listening is not None:
            self._listening.close()
        self.changed.notify_all()

    def _follow(self) -> None:
        if self._error is not None:
            self._tell(self._failed(self._error))
        while (is_due := self._wait()) is not None:
            told = self._look() if is_due else Told(self._run)
            if told is not None:
                self._tell(told)

    def _wait(self) -> bool | None:
        """Return True when it is time to poll, False when a new subscriber can be sent the last poll.

        Return None if there are no subscribers left.
        """
        with LOCK:
            while not self._is_ended:
                now = self._clock.now()
                for one in [one for one in self._subscriptions if one.is_waiting]:
                    if one.expires_at is not None and one.expires_at <= now:
                        if self._looked_at < one.expires_at and self._not_before <= now:
                            return True  # the run may have ended by now
                        self._expire(one)
                if self._is_ended:
                    break
                waiting = [one for one in self._subscriptions if one.is_waiting]
                due_at = self._due_at
                if self._failing_since is None and any(one.is_new for one in waiting):
                    soon = self._looked_at + self._rhythm.interval
                    if now < soon and any(map(self._can_greet, waiting)):
                        return False
                    due_at = min(due_at, max(soon, self._not_before))
                if not waiting:
                    self.changed.wait()
                elif due_at <= now:
                    return True
                else:
                    ends = [one.expires_at for one in waiting if one.expires_at is not None]
                    until = min([due_at, *(end for end in ends if end > now)])
                    self._clock.wait(self.changed, until - now)
        return None

    def _can_greet(self, subscription: Subscription) -> bool:
        return subscription.is_new and self._is_read and subscription.as_of <= self._run.as_of

    def _expire(self, subscription: Subscription) -> None:
        """Tell a subscriber that its `max_duration` is over, unless the run has ended (then last lines are awaited)."""
        subscription.expires_at = None
        is_ending = self._run.state.is_finished() and self._failing_since is None
        if subscription.expire is not None and not is_ending:
            subscription.expire(self._run)
            self.leave(subscription)

    def _look(self) -> Told | None:
        """Poll the run; return None if nothing changed and no subscriber waits for a first message."""
        before = self._run
        self._began_at = self._clock.now()
        with LOCK:
            is_rung, self._is_rung = self._is_rung, False
        try:
            run = before.get_latest()
            if not self._is_read:
                run.get_logs()
                run.get_all_task_runs()
            is_changed = not self._is_read or _is_changed(before, run)
        except FlowRunError as error:
            return self._failed(error)
        except Exception as error:  # noqa: BLE001 - subscribers show the traceback of an unexpected error
            return Told(before, error=error, is_over=True)
        now = self._clock.now()
        was_failing = self._failing_since is not None
        self._run, self._is_read = run, True
        self._failing_since, self._odd_answers = None, 0
        is_over = self._is_quiet(run, now, is_changed=is_changed)
        if not (is_changed or run.state.is_finished() or self._listening):
            self._listen()
        is_announced = self._listening is not None and self._listening.is_open
        with LOCK:
            self._looked_at = now
            is_busy = is_changed or is_rung or self._is_rung
            self._due_at = now + self._rhythm.after_look(
                is_changed=is_busy, is_announced=is_announced
            )
            if self._quiet_since is not None:
                self._due_at = min(self._due_at, self._quiet_since + QUIET_SECONDS)
            if any(one.is_new and not self._serves(run, one) for one in self._subscriptions):
                self._due_at = now  # requested during this poll
            is_awaited = any(one.is_new or one.hears_every_look for one in self._subscriptions)
        is_told = is_changed or is_over or was_failing or is_awaited
        return Told(run, is_changed, is_over=is_over) if is_told else None

    def _listen(self) -> None:
        """Ask the source to announce changes, now that nothing changes."""
        listening = self._run.connection.backend.listen(self._run.flow_run_id, self.ring)
        with LOCK:
            if self._is_ended and listening is not None:
                listening.close()
            else:
                self._listening = listening

    def _serves(self, run: FlowRunSnapshot, subscription: Subscription) -> bool:
        """Return whether the newest poll, which fetched `run`, began after the subscriber requested one."""
        return subscription.as_of <= run.as_of or subscription.asked_at < self._began_at

    def _is_quiet(self, run: FlowRunSnapshot, now: float, *, is_changed: bool) -> bool:
        """Return whether the run has ended and nothing arrived for as long as late batches take."""
        if not run.state.is_finished():
            self._quiet_since = None
            return False
        if _ended_before(run, self._clock.today() - LONG_AGO):
            return True
        if self._quiet_since is None or is_changed:
            self._quiet_since = now
        return now >= self._quiet_since + QUIET_SECONDS

    def _failed(self, error: FlowRunError) -> Told:
        self._odd_answers = 0 if isinstance(error, PASSING) else self._odd_answers + 1
        is_over = (
            not isinstance(error, BackendError)
            or isinstance(error, HOPELESS)
            or self._odd_answers >= MAX_ODD_ANSWERS
        )
        self._failing_since = self._failing_since or as_utc(self._clock.today())
        pause = self._rhythm.after_failure(error)
        with LOCK:
            self._looked_at = self._clock.now()
            self._due_at = self._looked_at + pause
            self._not_before = self._looked_at + wished_seconds(error)
        return Told(
            self._run, False, error, self._failing_since, None if is_over else pause, is_over
        )

    def _tell(self, told: Told) -> None:
        with LOCK:
            heard_by = [
                (one, told.error is None and one.is_new)
                for one in self._subscriptions
                if told.is_over
                or told.error is not None
                or not one.is_new
                or self._serves(told.run, one)
            ]
            for one, is_first in heard_by:
                one.is_new = one.is_new and not is_first
            if told.is_over:
                self._end()
        for one, is_first in heard_by:
            try:
                one.hear(replace(told, is_changed=told.is_changed or is_first))
            except Exception:  # noqa: BLE001 - a failing subscriber must not stop the others
                one.close()
                threading.excepthook(
                    threading.ExceptHookArgs((*sys.exc_info(), threading.current_thread()))
                )


def follow(
    run: FlowRunSnapshot,
    hear: Callable[[Told], None],
    *,
    interval: float = DEFAULT_SECONDS,
    max_duration: timedelta | None = None,
    expire: Callable[[FlowRunSnapshot], None] | None = None,
    clock: Clock | None = None,
    chance: Callable[[], float] | None = None,
    error: FlowRunError | None = None,
) -> Subscription:
    """Call `hear` for each change of a run once the subscription begins, first with the run as it is now.

    All followers of one run over one connection share a thread. After `max_duration`, `expire` is called with the
    newest snapshot, unless the run has ended by then, and no more messages are sent. `clock`, `chance` and `error` are
    used only for the first follower; `error` is that of a poll just before, which is sent first and delays the next
    poll like any other.
    """
    key = run.connection, run.flow_run_id
    with LOCK:
        poller = _pollers.get(key)
        if poller is None:
            poller = _pollers[key] = Poller(key, run, clock or SystemClock(), chance, error)
        expires_at = (
            None if max_duration is None else poller.clock.now() + max_duration.total_seconds()
        )
        subscription = Subscription(poller, run, hear, interval, expires_at, expire)
        poller.join(subscription)
    return subscription


def _is_changed(before: FlowRunSnapshot, run: FlowRunSnapshot) -> bool:
    was_set_back = run.as_of < before.as_of  # this machine's clock
    if was_set_back or run.changes_since(before):
        return True
    earlier, later = before.fetched.task_runs, run.fetched.task_runs
    if earlier is None or later is None or earlier.records is later.records:
        return False
    states = [[record.state.record() for record in read.records] for read in (earlier, later)]
    return states[0] != states[1]


def _ended_before(run: FlowRunSnapshot, moment: datetime) -> bool:
    ended = [at for at in (run.ended_at, run.state.timestamp) if at is not None]
    return bool(ended) and max(ended) < moment


_pollers: dict[tuple[Connection, str], Poller] = {}
in_child(LOCK, lambda _: _pollers.clear())
