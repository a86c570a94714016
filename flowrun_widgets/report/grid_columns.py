"""`grid_columns()`: the columns of a grid of runs × tasks, as they are sent to the page. No request is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowrun_widgets.plain_text import shortened
from flowrun_widgets.redaction.records import redacted_text
from flowrun_widgets.report.run_rows import bare_state, run_rows
from flowrun_widgets.report.wire import GridColumns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pendulum import DateTime

    from flowrun_widgets import states
    from flowrun_widgets.records import FlowRunRecord
    from flowrun_widgets.redaction import Redaction
    from flowrun_widgets.report.run_grid import RunGrid
    from flowrun_widgets.report.wire import State

__all__ = ["MAX_TASKS", "grid_columns"]

MAX_TASKS = 500
"""How many tasks the page gets."""
MAX_NAME_CHARS = 120
MAX_STATES = 12
"""How many different states of the task runs of one cell are told."""


def grid_columns(
    grid: RunGrid, runs: Sequence[tuple[FlowRunRecord, DateTime, Redaction | None]], start: int
) -> GridColumns:
    """Return the columns of some runs of a grid, of which the first is column number `start`. Secrets are removed."""
    tasks = grid.tasks[:MAX_TASKS]
    rules = next((redaction for _, _, redaction in runs if redaction is not None), None)
    names = tasks if rules is None else tuple(redacted_text(task, rules) for task in tasks)
    kinds: list[State] = []
    known: dict[tuple[type, str], int] = {}

    def number(state: states.State) -> int:
        key = type(state), state.name
        if key not in known:
            known[key] = len(kinds)
            kinds.append(bare_state(state))
        return known[key]

    codes: list[int] = []
    ran: list[float | None] = []
    mapped: list[tuple[int, ...]] = []
    for record, _, _ in runs:
        for task in tasks:
            cell = grid.cells.get((task, record.id))
            if cell is None:
                codes.append(-1)
                ran.append(None)
                continue
            if cell.count > 1:
                parts = [(number(state), n) for state, n in cell.states[:MAX_STATES]]
                mapped.append((len(codes), *(part for pair in parts for part in pair)))
            codes.append(number(cell.state))
            ran.append(_as_shown(cell.ran_seconds))
    return GridColumns(
        runs=run_rows(runs, start),
        tasks=tuple(shortened(name, MAX_NAME_CHARS) or "" for name in names),
        states=tuple(codes),
        ran=tuple(ran),
        mapped=tuple(mapped),
        state_kinds=tuple(kinds),
        redacted=sum(task != name for task, name in zip(tasks, names, strict=True)),
    )


def _as_shown(seconds: float | None) -> float | None:
    """Return a duration as precise as it is shown: 12 ms, 14.2 s, 32 min 23 s."""
    if seconds is None:
        return None
    return (
        round(seconds, 3)
        if seconds < 0.1
        else round(seconds, 1)
        if seconds < 60
        else round(seconds)
    )
