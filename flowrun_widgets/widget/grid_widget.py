"""`GridWidget`: the widget that shows runs × tasks as coloured cells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, Self

import traitlets

from flowrun_widgets.query.terms import Named
from flowrun_widgets.redaction.records import redacted_text
from flowrun_widgets.report.grid_columns import MAX_TASKS, grid_columns
from flowrun_widgets.report.wire import GRID_FORMAT, GridColumns, GridPayload
from flowrun_widgets.times import local_zone, to_micros
from flowrun_widgets.widget import protocol
from flowrun_widgets.widget.many_runs_widget import (
    MAX_SENT,
    ManyRuns,
    ManyRunsWidget,
    expression_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from flowrun_widgets.report.run_grid import RunGrid
    from flowrun_widgets.views.flow_run import FlowRunSnapshot
    from flowrun_widgets.widget.opened import OpenedCard

__all__ = ["GridWidget", "HeldGrid"]

MAX_CELLS = 100_000
"""The largest number of cells that are sent with the widget, or in one answer."""


class HeldGrid(Protocol):
    """A grid, as far as it was read."""

    @property
    def grid(self) -> RunGrid: ...
    @property
    def views(self) -> Sequence[FlowRunSnapshot]: ...
    @property
    def can_load(self) -> bool: ...
    def first(self, number: int | None) -> RunGrid: ...


class GridWidget(ManyRunsWidget):
    """The live grid of runs × tasks."""

    KEY = "grid"

    view = traitlets.Unicode(KEY).tag(sync=True)
    """What the script draws, which also draws lists."""

    def __init__(
        self,
        subject: ManyRuns,
        held: HeldGrid,
        static_bundle: Callable[[str], dict[str, str]],
        open_card: Callable[[Any], OpenedCard],
    ) -> None:
        """Show a grid; `held` is what was read of it."""
        self._grid = held
        self._sent: GridColumns | None = None
        super().__init__(subject, static_bundle, open_card)

    def __repr__(self) -> str:
        return f"<GridWidget of {len(self._grid.views)} flow runs>"

    def open_again(self) -> Self:
        """Return this widget or, if it was closed, a new one of the same grid."""
        return (
            type(self)(self._subject, self._grid, self._static_bundle, self._open_card)
            if self.comm is None
            else self
        )

    def _payload(self) -> GridPayload:
        held, about = self._grid, self._subject
        return GridPayload(
            format=GRID_FORMAT,
            columns=self._first_columns(),
            held=len(held.views),
            has_more=about.has_more,
            can_load=held.can_load,
            left_out=max(0, len(held.grid.tasks) - MAX_TASKS),
            as_of=None if about.as_of is None else to_micros(about.as_of),
            place=about.place or "",
            expression=expression_of(about),
            kernel_zone=local_zone(),
        )

    def _first_columns(self) -> GridColumns:
        if self._sent is None or len(self._sent.runs.ids) != min(len(self._grid.views), MAX_SENT):
            self._sent = self._columns(0, MAX_SENT)
        return self._sent

    def _columns(self, start: int, count: int) -> GridColumns:
        grid, views = self._grid.grid, self._grid.views
        most = MAX_CELLS // max(1, min(len(grid.tasks), MAX_TASKS))
        runs = views[start : start + min(count, MAX_SENT, most)]
        return grid_columns(
            grid, [(run.record, run.as_of, run.connection.redaction) for run in runs], start
        )

    def _held(self) -> Sequence[FlowRunSnapshot]:
        return self._grid.views

    def _more(self, question: protocol.AskRuns) -> protocol.ColumnsAnswer:
        held, start = self._grid, max(0, question.start)
        count = max(1, min(question.count, MAX_SENT))
        held.first(start + count)
        return protocol.ColumnsAnswer(
            self.number,
            self._columns(start, count),
            len(held.views),
            self._subject.has_more,
            held.can_load,
            max(0, len(held.grid.tasks) - MAX_TASKS),
        )

    def _tell_listeners(self) -> None:
        """Tell of the last columns only: older ones do not change the newest, which are all that the twin shows."""
        if not self._grid.can_load:
            super()._tell_listeners()

    def _open(self, question: protocol.OpenRun) -> str:
        """Open the card of a run, or use the one that is open, with its log filtered for a task."""
        if question.task is None:
            return super()._open(question)
        run = self._run(question.id)
        text = self._filter(run, question.task)
        known = self._opened.showing(run)

        def filtered() -> OpenedCard:
            card = self._open_card(run)
            card.query = text
            return card

        if known is None:
            return self._opened.open(filtered)
        known.query = text
        return known.model_id or ""

    def _filter(self, run: FlowRunSnapshot, number: int) -> str:
        """Return the filter text for the lines of a task in a run."""
        grid, rules = self._grid.grid, run.connection.redaction
        task = grid.tasks[number] if 0 <= number < len(grid.tasks) else ""
        cell = grid.cells.get((task, run.flow_run_id))
        if cell is None:
            return ""
        name = cell.label or task
        return str(
            Named(
                "task",
                name if rules is None else redacted_text(name, rules),
                exact=cell.label is not None,
            )
        )
