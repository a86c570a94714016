"""`Worker`: the thread of a card, which reads and searches so that neither the kernel nor the page waits."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, NamedTuple

from flowrun_widgets.forks import in_child, unlocked_in_child
from flowrun_widgets.live.switch_interval import short_turns

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Worker"]

IDLE_SECONDS = 5.0
MAX_JOBS = 100
"""The largest number of waiting jobs; if there are more, the oldest are dropped."""


class Job(NamedTuple):
    """A function to call, and the earliest time to call it, by the monotonic clock."""

    due_at: float
    run: Callable[[], None]


class Worker:
    """Runs jobs one after the other in a thread that starts with the first job and ends when none are left.

    A job replaces a waiting job that has the same key.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._changed = unlocked_in_child(threading.Condition())
        self._jobs: dict[object, Job] = {}
        self._thread: threading.Thread | None = None
        self._closed = False
        self._begun: tuple[object, Job] | None = None
        in_child(self, Worker._lose_thread)

    def _lose_thread(self) -> None:
        """Queue the running job again after a fork, since its thread does not exist in the child."""
        self._thread = None
        if self._begun is not None:
            (key, job), self._begun = self._begun, None
            self._jobs = {key: job, **self._jobs}

    def go_on(self) -> None:
        """Run the jobs left over by a fork; does nothing if a thread is running."""
        with self._changed:
            if self._jobs and self._thread is None and not self._closed:
                self._start()

    def put(self, key: object, job: Callable[[], None]) -> None:
        """Queue a job. After `close()`, it is dropped."""
        with self._changed:
            self._jobs.pop(key, None)
            self._add(key, Job(0.0, job))

    def put_later(self, seconds: float, key: object, job: Callable[[], None]) -> None:
        """Queue a job that starts after `seconds` at the earliest, unless a job with the same key waits already."""
        with self._changed:
            if key not in self._jobs:
                self._add(key, Job(time.monotonic() + seconds, job))

    def close(self) -> None:
        """Drop the waiting jobs; a running job is not interrupted."""
        with self._changed:
            self._closed = True
            self._jobs.clear()
            self._changed.notify()

    def _add(self, key: object, job: Job) -> None:
        if self._closed:
            return
        self._jobs[key] = job
        if len(self._jobs) > MAX_JOBS:
            del self._jobs[next(iter(self._jobs))]
        if self._thread is None:
            self._start()
        self._changed.notify()

    def _next(self) -> Callable[[], None] | None:
        """Wait for a job that is due and return it; None if none came for a while, or the worker was closed."""
        self._begun = None
        idle_at = time.monotonic() + IDLE_SECONDS
        while not self._closed:
            now = time.monotonic()
            due = [key for key, job in self._jobs.items() if job.due_at <= now]
            if due:
                job = self._jobs.pop(due[0])
                self._begun = due[0], job
                return job.run
            if not self._jobs and now >= idle_at:
                return None
            until = min([job.due_at for job in self._jobs.values()] or [idle_at])
            self._changed.wait(until - now)
        return None

    def _start(self) -> None:
        self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while True:
            with self._changed:
                job = self._next()
                if job is None:
                    self._thread = None
                    return
            try:
                with short_turns():
                    job()
            except BaseException:
                # The traceback of an unexpected error is shown; the remaining jobs get a new thread.
                with self._changed:
                    self._thread = None
                    if self._jobs:
                        self._start()
                raise
            del job
