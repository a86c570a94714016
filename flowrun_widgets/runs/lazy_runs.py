"""`LazyRuns`: the runs of a list, which are requested page by page when they are needed."""

from __future__ import annotations

import threading
from itertools import islice
from math import inf
from typing import TYPE_CHECKING

from flowrun_widgets.backends.progress import report, shown_progress
from flowrun_widgets.forks import unlocked_in_child

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from flowrun_widgets.runs.flow_run import FlowRunView

__all__ = ["LazyRuns"]

RUNS_AT_ONCE = 200


class LazyRuns:
    """Runs that are held, and an iterator over those that are not requested yet. Thread-safe."""

    def __init__(
        self, listed: Callable[[], Iterator[FlowRunView]], limit: int | None = None
    ) -> None:
        """`listed` lists the runs from the beginning; it is called again after an error. `limit` is how many to hold."""
        self._listed = listed
        self._limit = limit
        self._lock = unlocked_in_child(threading.Lock())
        self._held: tuple[FlowRunView, ...] = ()
        self._rest: Iterator[FlowRunView] | None = None
        self._is_over = False

    @classmethod
    def of(cls, runs: Iterable[FlowRunView]) -> LazyRuns:
        """Hold runs that are all here."""
        lazy = cls(lambda: iter(()))
        lazy._held, lazy._is_over = tuple(runs), True
        return lazy

    @property
    def held(self) -> tuple[FlowRunView, ...]:
        """The runs that are here. Costs no request."""
        return self._held[: self._limit]

    @property
    def has_more(self) -> bool:
        """Whether more runs match than are here."""
        return not self._is_over or self._is_cut

    @property
    def can_load(self) -> bool:
        """Whether more runs can be requested: the list has not reached its end, nor its limit."""
        return not self._is_over and not self._is_cut

    @property
    def _is_cut(self) -> bool:
        return self._limit is not None and len(self._held) > self._limit

    def first(self, number: int | None) -> tuple[FlowRunView, ...]:
        """Return the first runs, at most this number; None for all. Requests those that are not here."""
        # One run beyond the limit says whether there are more.
        wanted = min(
            inf if number is None else number, inf if self._limit is None else self._limit + 1
        )
        if not self._is_over and len(self._held) < wanted:
            with self._lock, shown_progress():
                while not self._is_over and len(self._held) < wanted:
                    self._read(int(min(RUNS_AT_ONCE, wanted - len(self._held))))
                    report("flow runs", len(self._held))
        return self.held[:number]

    def _read(self, size: int) -> None:
        if self._rest is None:
            self._rest = self._listed()
        known = {run.flow_run_id for run in self._held}
        try:
            part = list(islice(self._rest, size))
        except BaseException:
            # An iterator ends with its first error: what is left would seem to be all.
            self._rest = None
            raise
        self._held += tuple(run for run in part if run.flow_run_id not in known)
        self._is_over = len(part) < size
