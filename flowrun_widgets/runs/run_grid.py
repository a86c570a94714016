"""`FlowRunGrid`: runs × tasks, which a notebook displays as coloured cells."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from pendulum import DateTime

from flowrun_widgets.lazy import LazyModule
from flowrun_widgets.plain_text import one_line, shortened
from flowrun_widgets.records import TaskRunRecord
from flowrun_widgets.report.badges import badge
from flowrun_widgets.report.figures import count
from flowrun_widgets.report.html.run_grid_html import (
    MAX_GRID_RUNS,
    MAX_GRID_TASKS,
    run_grid_html,
)
from flowrun_widgets.report.html.state_look import MAX_TEXT
from flowrun_widgets.report.markup import MARKDOWN
from flowrun_widgets.report.run_grid import RunGrid
from flowrun_widgets.report.texts import MARKDOWN_TYPE, PLAIN_TYPE, HasTexts
from flowrun_widgets.runs.flow_run import FlowRunView
from flowrun_widgets.runs.lazy_grid import COLUMNS_AT_ONCE, LazyGrid
from flowrun_widgets.runs.lazy_runs import LazyRuns
from flowrun_widgets.runs.read_together import read_task_runs

if TYPE_CHECKING:
    import pandas as pd
else:
    pd = LazyModule("pandas")

__all__ = ["FlowRunGrid", "read_grid"]

MAX_NAME_CHARS = 40


class FlowRunGrid(HasTexts):
    """Flow runs × tasks: what became of each task in each run. A notebook displays it, the newest run at the right.

    It is read-only. Task runs of a mapped task share a cell, which shows the most urgent state: failed before running
    before completed.

    Task runs are read for 50 runs at a time, the newest first: those of 50 runs by `runs.grid()`, the others when the
    reader scrolls to them, and all of them by `to_pandas()`.
    """

    __slots__ = ("_as_of", "_lazy", "_place")

    _lazy: LazyGrid
    _as_of: DateTime | None
    _place: str | None

    def __init__(
        self,
        runs: Iterable[FlowRunView] | LazyGrid,
        task_runs: Mapping[str, Sequence[TaskRunRecord]] | None = None,
        *,
        as_of: DateTime | None = None,
        place: str | None = None,
    ) -> None:
        """Arrange runs, sorted from the newest, and their task runs by the ids of the runs.

        `as_of` is when the runs were listed, and `place` where.
        """
        if not isinstance(runs, LazyGrid):
            given = task_runs or {}
            runs = LazyGrid(LazyRuns.of(runs), lambda _: given)
            runs.first(None)
        object.__setattr__(self, "_lazy", runs)
        object.__setattr__(self, "_as_of", as_of)
        object.__setattr__(self, "_place", place)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"a grid of flow runs is a snapshot: {name!r} cannot be set")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"a grid of flow runs is a snapshot: {name!r} cannot be deleted")

    @property
    def runs(self) -> tuple[FlowRunView, ...]:
        """The runs whose task runs were read so far, the oldest first."""
        return self._lazy.views[::-1]

    @property
    def tasks(self) -> tuple[str, ...]:
        """The names of the tasks of these runs, in the order in which they usually begin.

        Tasks that only older runs have, which were read later, come last.
        """
        return self._lazy.grid.tasks

    @property
    def has_more(self) -> bool:
        """Whether there are more runs than were read so far."""
        return self._lazy.has_more

    @property
    def as_of(self) -> DateTime | None:
        """When the runs were listed, by this machine's clock."""
        return self._as_of

    @property
    def place(self) -> str | None:
        """Where the runs were listed: the address of a server, or the path of a store."""
        return self._place

    def to_pandas(self) -> pd.DataFrame:
        """Return the cells as a DataFrame, one row per task and run, sorted by task and run as displayed, index from 0.

        Columns, in order: `task` str · `flow_run_id` str · `flow_run` str (name) · `started_at` datetime64[us, UTC] (of
        the run) · `state` str (type of the most urgent task run) · `state_name` str · `task_runs` int64 (how many) ·
        `in_state` int64 (how many of them are in this state) · `ran_seconds` float64 (of all of them together).

        Costs the runs that were not read yet: their pages of the list, and their task runs as `runs.grid()` reads them.

        Raises:
            BackendError: the server failed to answer or refused the request.
        """
        from flowrun_widgets.report.frames import run_grid_frame

        return run_grid_frame(self._lazy.first(None))

    def __repr__(self) -> str:
        return _text(self._lazy.grid)

    def _repr_mimebundle_(
        self,
        include: Container[str] | None = None,
        exclude: Container[str] | None = None,
        **_: Any,
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        from flowrun_widgets.widget.display import subject_bundle
        from flowrun_widgets.widget.grid_widget import GridWidget

        def new_widget() -> GridWidget:
            return GridWidget(self, self._lazy, self._static_bundle, FlowRunView.card)

        return subject_bundle(self, new_widget, self._static_bundle, include, exclude)

    def _texts(self) -> dict[str, str]:
        return _texts_of(self._lazy.clean()[0])

    def _static_bundle(self, uid: str = "") -> dict[str, str]:
        """Return the grid as HTML without scripts, with a class `uid`, and as text and Markdown, without secrets."""
        clean, redacted = self._lazy.clean()
        html = run_grid_html(clean, has_more=self.has_more, redacted=redacted, uid=uid)
        return {"text/html": html, **_texts_of(clean)}


def _texts_of(grid: RunGrid) -> dict[str, str]:
    """Return a grid without secrets as text and as Markdown."""
    text = shortened(_text(grid), MAX_TEXT)
    head, *cells = text.split("\n")
    return {
        PLAIN_TYPE: text,
        MARKDOWN_TYPE: MARKDOWN.gap.join([head, MARKDOWN.block(cells)]),
    }


def read_grid(runs: LazyRuns, *, as_of: DateTime | None, place: str | None) -> FlowRunGrid:
    """Read the task runs of the newest 50 runs of a list, and return the grid."""
    lazy = LazyGrid(runs, read_task_runs)
    lazy.first(COLUMNS_AT_ONCE)
    return FlowRunGrid(lazy, as_of=as_of, place=place)


def _text(grid: RunGrid) -> str:
    """Return the newest runs and the first tasks as characters, one for each cell."""
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
