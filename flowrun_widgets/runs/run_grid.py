"""`FlowRunGrid`: runs × tasks, which a notebook displays as coloured cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from flowrun_widgets.backends.progress import part_of, shown_progress
from flowrun_widgets.lazy import LazyModule
from flowrun_widgets.plain_text import one_line, shortened
from flowrun_widgets.records import TaskRunRecord
from flowrun_widgets.redaction.records import redacted_records, redacted_text
from flowrun_widgets.report.badges import badge
from flowrun_widgets.report.figures import count
from flowrun_widgets.report.html.run_grid_html import (
    MAX_GRID_RUNS,
    MAX_GRID_TASKS,
    run_grid_html,
)
from flowrun_widgets.report.html.state_look import MAX_TEXT
from flowrun_widgets.report.run_grid import RunGrid, run_grid
from flowrun_widgets.runs.flow_run import FlowRunView
from flowrun_widgets.runs.read_together import read_task_runs

if TYPE_CHECKING:
    import pandas as pd
else:
    pd = LazyModule("pandas")

__all__ = ["FlowRunGrid", "read_grid"]

MAX_NAME_CHARS = 40


class FlowRunGrid:
    """Flow runs × tasks: what became of each task in each run. A notebook displays it, the newest run at the right.

    It is read-only. Task runs of a mapped task share a cell, which shows the most urgent state: failed before running
    before completed.
    """

    __slots__ = ("_grid", "_runs")

    _grid: RunGrid
    _runs: tuple[FlowRunView, ...]

    def __init__(
        self, runs: Sequence[FlowRunView], task_runs: Mapping[str, Sequence[TaskRunRecord]]
    ) -> None:
        """Arrange the task runs, by the ids of their flow runs, of runs that are sorted from the newest."""
        grid = run_grid([(run.record, run.as_of) for run in runs], task_runs)
        object.__setattr__(self, "_runs", tuple(reversed(runs)))
        object.__setattr__(self, "_grid", grid)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"a grid of flow runs is a snapshot: {name!r} cannot be set")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"a grid of flow runs is a snapshot: {name!r} cannot be deleted")

    @property
    def runs(self) -> tuple[FlowRunView, ...]:
        """The runs, the oldest first."""
        return self._runs

    @property
    def tasks(self) -> tuple[str, ...]:
        """The names of the tasks, in the order in which they usually begin."""
        return self._grid.tasks

    def to_pandas(self) -> pd.DataFrame:
        """Return the cells as a DataFrame, one row per task and run, sorted by task and run as displayed, index from 0.

        Columns, in order: `task` str · `flow_run_id` str · `flow_run` str (name) · `started_at` datetime64[us, UTC] (of
        the run) · `state` str (type of the most urgent task run) · `state_name` str · `task_runs` int64 (how many) ·
        `in_state` int64 (how many of them are in this state) · `ran_seconds` float64 (of all of them together). Costs
        no request.
        """
        from flowrun_widgets.report.frames import run_grid_frame

        return run_grid_frame(self._grid)

    def __repr__(self) -> str:
        grid = self._grid
        runs, tasks = grid.runs[-MAX_GRID_RUNS:], grid.tasks[:MAX_GRID_TASKS]
        width = max([min(len(name), MAX_NAME_CHARS) for name in tasks], default=0)
        lines = [
            f"FlowRunGrid of {count(len(grid.tasks), 'task')} in {count(len(grid.runs), 'flow run')}"
        ]
        for task in tasks:
            cells = (grid.cells.get((task, run.id)) for run in runs)
            marks = "".join("·" if one is None else badge(one.state).character for one in cells)
            lines.append(f"  {shortened(one_line(task), MAX_NAME_CHARS):{width}}  {marks}")
        return "\n".join(lines)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        told, redacted = _without_secrets(self)
        return {
            "text/html": run_grid_html(told._grid, redacted),
            "text/plain": shortened(repr(told), MAX_TEXT),
        }


def read_grid(runs: Sequence[FlowRunView]) -> FlowRunGrid:
    """Read the task runs of runs, which are sorted from the newest, and return the grid."""
    with shown_progress(), part_of(count(len(runs), "flow run")):
        return FlowRunGrid(runs, read_task_runs(runs))


def _without_secrets(grid: FlowRunGrid) -> tuple[FlowRunGrid, int]:
    """Return the grid as it may be shown, and how many values were removed."""
    runs = grid.runs
    redaction = next((run.connection.redaction for run in runs if run.connection.redaction), None)
    if redaction is None:
        return grid, 0
    known = grid._grid  # pyright: ignore[reportPrivateUsage]
    clean = redacted_records(known.runs, redaction)
    names = {name: redacted_text(name, redaction) for name in known.tasks}
    cells = {(names[task], run): cell for (task, run), cell in known.cells.items()}
    shown = FlowRunGrid((), {})
    object.__setattr__(shown, "_runs", runs)
    object.__setattr__(
        shown, "_grid", RunGrid(clean.value, tuple(dict.fromkeys(names.values())), cells)
    )
    changed = sum(name != known_name for known_name, name in names.items())
    return shown, clean.count + changed
