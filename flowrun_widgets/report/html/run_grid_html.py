"""A grid of runs × tasks as an HTML table, the newest run at the right."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from flowrun_widgets.plain_text import one_line, shortened
from flowrun_widgets.report.badges import badge
from flowrun_widgets.report.figures import count, duration
from flowrun_widgets.report.html.state_look import BADGE_COLOURS, UNBROKEN
from flowrun_widgets.report.html.template import whole_html
from flowrun_widgets.report.standing import began_words

if TYPE_CHECKING:
    from flowrun_widgets.records import FlowRunRecord
    from flowrun_widgets.report.run_grid import GridCell, RunGrid
    from flowrun_widgets.states import State

__all__ = ["MAX_GRID_RUNS", "MAX_GRID_TASKS", "run_grid_html"]

MAX_GRID_RUNS, MAX_GRID_TASKS = 30, 50
"""How many runs, the newest, and how many tasks are shown."""
MAX_NAME_CHARS = 60
MAX_STATES = 12
TINTS = {
    "done": "rgba(61,149,88,.3)",
    "cached": "rgba(11,140,165,.3)",
    "ended": "rgba(128,128,128,.25)",
}
"""The grounds of what needs no attention, behind text in the page's own colour."""


class Mark(NamedTuple):
    """A coloured cell: its character, with a number for several task runs, and its words."""

    text: str
    ground: str
    is_solid: bool
    words: str


class Column(NamedTuple):
    """A run: its mark, name, address and beginning."""

    mark: Mark
    name: str
    url: str | None
    began: str


class Row(NamedTuple):
    """A task, its marks, None where the run has no such task, and how many runs failed in it."""

    name: str
    marks: tuple[Mark | None, ...]
    failed: str


def run_grid_html(
    grid: RunGrid, *, has_more: bool = False, redacted: int = 0, uid: str = ""
) -> str:
    """Return the newest 30 runs and the first 50 tasks of a grid as HTML.

    `has_more` says whether there are older runs that were not read, `redacted` counts removed values, and `uid` is the
    class by which a live grid finds it.
    """
    runs, tasks = grid.runs[-MAX_GRID_RUNS:], grid.tasks[:MAX_GRID_TASKS]
    words: list[str] = []
    if len(grid.runs) > len(runs):
        words.append(f"The newest {count(len(runs))} of {count(len(grid.runs), 'run')} are shown.")
    if has_more:
        words.append("There are older runs.")
    if len(grid.tasks) > len(tasks):
        words.append(
            f"The first {count(len(tasks))} of {count(len(grid.tasks), 'task')} are shown."
        )
    if words:
        words.append("grid.to_pandas() has all.")
    if redacted:
        words.append(f"{count(redacted, 'value')} redacted.")
    shown = [
        grid.cells[task, run.id].state
        for task in tasks
        for run in runs
        if (task, run.id) in grid.cells
    ]
    return whole_html(
        "run_grid.html.j2",
        uid=uid,
        title=f"{count(len(grid.tasks), 'task')} of {count(len(grid.runs), 'flow run')}",
        columns=[_column(run) for run in runs],
        rows=[_row(grid, task, runs) for task in tasks],
        legend=_legend([*shown, *(run.state for run in runs)]),
        words=" ".join(words),
    )


def _column(run: FlowRunRecord) -> Column:
    url = run.ui_url
    return Column(
        _mark(run.state, run.state.name),
        _short(run.name or run.id),
        url if url and url.startswith(("http://", "https://")) else None,
        began_words(run),
    )


def _row(grid: RunGrid, task: str, runs: tuple[FlowRunRecord, ...]) -> Row:
    found = [grid.cells.get((task, run.id)) for run in runs]
    failed = sum(cell is not None and cell.state.is_failed() for cell in found)
    known = sum(cell is not None for cell in found)
    return Row(
        _short(task),
        tuple(None if cell is None else _cell(cell) for cell in found),
        f"{failed} of {known}" if failed else "–",
    )


def _cell(cell: GridCell) -> Mark:
    listed = ", ".join(
        f"{number} {_short(state.name)}" for state, number in cell.states[:MAX_STATES]
    )
    words = listed if cell.count > 1 else _short(cell.state.name)
    if cell.ran_seconds is not None:
        words += f", ran {duration(cell.ran_seconds)}"
    mark = _mark(cell.state, words)
    if cell.count == 1:
        return mark
    part = cell.count if cell.unsuccessful == cell.count else f"{cell.unsuccessful}/{cell.count}"
    return mark._replace(text=f"{mark.text}{part}")


def _mark(state: State, words: str) -> Mark:
    look = badge(state)
    tint = TINTS.get(look.family)
    solid = BADGE_COLOURS.get(look.family, BADGE_COLOURS["unknown"])
    return Mark(look.character, tint or solid, tint is None, words)


def _legend(states: list[State]) -> str:
    known = Counter((badge(state).character, _short(state.name)) for state in states)
    listed = [f"{mark}{UNBROKEN}{name}" for (mark, name), _ in known.most_common(MAX_STATES)]
    return ", ".join(listed)


def _short(text: str) -> str:
    return shortened(one_line(text), MAX_NAME_CHARS)
