"""`CardSnapshot`: one state of a run in a card, from which the page's questions and Python's calls are answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from flowrun_widgets.log_columns import LogColumns
from flowrun_widgets.query import parse
from flowrun_widgets.report.frames import logs_frame, task_runs_frame
from flowrun_widgets.report.log.matches import find_hits, read
from flowrun_widgets.report.log.view import log_view
from flowrun_widgets.report.wire import LogQuery, SavedResult, Selection
from flowrun_widgets.times import EPOCH

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from flowrun_widgets.report.content import Content
    from flowrun_widgets.report.log.lines import Lines
    from flowrun_widgets.report.task_rows import TaskTable
    from flowrun_widgets.views.flow_run import FlowRunSnapshot

__all__ = ["CardSnapshot"]


@dataclass(frozen=True)
class CardSnapshot:
    """A run with its log and task runs, as far as they were read."""

    number: int
    run: FlowRunSnapshot
    content: Content

    @property
    def lines(self) -> Lines | None:
        """The log; None until some of it was read."""
        return self.content.lines

    @property
    def tasks(self) -> TaskTable | None:
        """The task runs; None until some of them were read."""
        return self.content.tasks

    def check(self, text: str, zone: str) -> None:
        """Check a filter text.

        Raises:
            QuerySyntaxError: the text cannot be parsed.
        """
        if self.lines is None:
            parse(text, zone, self.run.started_at or EPOCH)
        else:
            read(self.lines, text, zone)

    def hit_count(self, text: str, zone: str) -> int | None:
        """Return how many lines match a filter text; None while there are no lines."""
        lines = self.lines
        return None if lines is None else find_hits(lines, read(lines, text, zone)).count

    def filtered(self, text: str, zone: str) -> pd.DataFrame:
        """Return the lines that match a filter text."""
        lines = self.lines
        if lines is None:
            return logs_frame(LogColumns())
        positions = find_hits(lines, read(lines, text, zone)).positions
        return self._frame(np.arange(len(lines)) if positions is None else positions)

    def result(self, query: LogQuery, most: int) -> SavedResult | None:
        """Return the result of a query, with its first `most` items; None while there are no lines, or if all match."""
        lines = self.lines
        if lines is None:
            return None
        view = log_view(lines, query)
        if view.hits.positions is None:
            return None
        return SavedResult(query, view.hits.count, view.shown, view.window(0, most))

    def seqs_in(self, selection: Selection) -> tuple[int, ...]:
        """Return the arrival numbers of the lines in a range of rows."""
        lines = self.lines
        if lines is None:
            return ()
        view = log_view(lines, selection.query)
        positions = view.positions_between(selection.first, selection.last)
        return tuple(lines.seqs[np.array(positions, np.int64)].tolist())

    def selected(self, seqs: Sequence[int], tasks: Sequence[str]) -> pd.DataFrame:
        """Return the lines with these arrival numbers or, if there are none, the task runs with these ids."""
        if tasks and not seqs:
            wanted = frozenset(tasks)
            return task_runs_frame(
                record for record in self.content.task_runs or () if record.id in wanted
            )
        lines = self.lines
        if lines is None:
            return logs_frame(LogColumns())
        found = {at for seq in seqs if (at := lines.position_of(seq)) is not None}
        return self._frame(np.array(sorted(found), np.int64))

    def _frame(self, positions: NDArray[Any]) -> pd.DataFrame:
        lines = self.lines
        assert lines is not None
        table = lines.columns.table
        if len(positions) < len(table):
            table = table.take(positions)
        return logs_frame(LogColumns(table, len(lines)))
