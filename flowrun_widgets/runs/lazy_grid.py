"""`LazyGrid`: a grid whose task runs are read for some runs at a time, the newest first."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from flowrun_widgets.backends.progress import part_of, shown_progress
from flowrun_widgets.forks import unlocked_in_child
from flowrun_widgets.redaction.records import redacted_records, redacted_text
from flowrun_widgets.report.figures import count
from flowrun_widgets.report.run_grid import RunGrid

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from flowrun_widgets.records import TaskRunRecord
    from flowrun_widgets.runs.flow_run import FlowRunView
    from flowrun_widgets.runs.lazy_runs import LazyRuns

__all__ = ["COLUMNS_AT_ONCE", "LazyGrid"]

COLUMNS_AT_ONCE = 50
"""Of how many runs the task runs are read at once: what fills a screen, and one request on Prefect 1."""


class LazyGrid:
    """The runs of a list and their task runs, as far as these were read. Thread-safe."""

    def __init__(
        self,
        runs: LazyRuns,
        read: Callable[[Sequence[FlowRunView]], Mapping[str, Sequence[TaskRunRecord]]],
    ) -> None:
        """`read` returns the task runs of some runs by the ids of the runs."""
        self._runs = runs
        self._read = read
        self._lock = unlocked_in_child(threading.Lock())
        self._grid = RunGrid()

    @property
    def grid(self) -> RunGrid:
        """What was read so far. Costs no request."""
        return self._grid

    @property
    def views(self) -> tuple[FlowRunView, ...]:
        """The runs whose task runs were read, the newest first."""
        return self._runs.held[: len(self._grid.runs)]

    @property
    def can_load(self) -> bool:
        """Whether the task runs of further runs can be read."""
        return self._runs.can_load or len(self._grid.runs) < len(self._runs.held)

    @property
    def has_more(self) -> bool:
        """Whether more runs match than were read."""
        return self._runs.has_more or len(self._grid.runs) < len(self._runs.held)

    def first(self, number: int | None) -> RunGrid:
        """Return the grid of at least the newest runs, this number; None for all. Reads what is missing."""
        with self._lock, shown_progress():
            while self.can_load and (number is None or len(self._grid.runs) < number):
                start = len(self._grid.runs)
                views = self._runs.first(start + COLUMNS_AT_ONCE)[start:]
                if not views:
                    break
                with part_of(count(len(views), "flow run")):
                    task_runs = self._read(views)
                self._grid = self._grid.with_older(
                    [(run.record, run.as_of) for run in views], task_runs
                )
        return self._grid

    def clean(self) -> tuple[RunGrid, int]:
        """Return what was read so far without secrets, and how many values were removed."""
        views, grid = self.views, self._grid
        rules = next((run.connection.redaction for run in views if run.connection.redaction), None)
        if rules is None:
            return grid, 0
        runs = redacted_records(grid.runs, rules)
        tasks = {name: redacted_text(name, rules) for name in grid.tasks}
        cells = {(tasks[task], run): cell for (task, run), cell in grid.cells.items()}
        changed = sum(name != shown for name, shown in tasks.items())
        shown = RunGrid(runs.value, tuple(dict.fromkeys(tasks.values())), cells)
        return shown, runs.count + changed
