"""The thread behind a card: it reads and searches, so that neither the kernel nor the page waits."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Worker"]

IDLE_SECONDS = 30.0
MOST_JOBS = 100
"""How many may wait; of more, the oldest are dropped."""


class Worker:
    """Runs jobs one after the other in a thread that begins with the first and ends when there are none.

    A job that is put under the key of one that still waits takes its place: the newest question wins.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._changed = threading.Condition()
        self._jobs: dict[object, Callable[[], None]] = {}
        self._thread: threading.Thread | None = None
        self._closed = False

    def put(self, key: object, job: Callable[[], None]) -> None:
        """Queue a job; after `close()` it is dropped."""
        with self._changed:
            if self._closed:
                return
            self._jobs.pop(key, None)
            self._jobs[key] = job
            if len(self._jobs) > MOST_JOBS:
                del self._jobs[next(iter(self._jobs))]
            if self._thread is None:
                self._start()
            self._changed.notify()

    def close(self) -> None:
        """Drop what waits; a job under way ends by itself."""
        with self._changed:
            self._closed = True
            self._jobs.clear()
            self._changed.notify()

    def _start(self) -> None:
        self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._jobs or self._closed, timeout=IDLE_SECONDS)
                if not self._jobs:
                    self._thread = None
                    return
                job = self._jobs.pop(next(iter(self._jobs)))
            try:
                job()
            except BaseException:
                # The traceback of what nobody foresaw is shown; the jobs behind it get a new thread.
                with self._changed:
                    self._thread = None
                    if self._jobs:
                        self._start()
                raise
            del job
