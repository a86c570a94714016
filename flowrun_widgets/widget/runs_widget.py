"""`RunsWidget`: the widget that shows a list of flow runs as a table, and what is selected in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, Self

from flowrun_widgets.report.run_rows import run_rows
from flowrun_widgets.report.wire import RUNS_FORMAT, RunRows, RunsPayload
from flowrun_widgets.times import local_zone, to_micros
from flowrun_widgets.widget import protocol
from flowrun_widgets.widget.many_runs_widget import (
    MAX_SENT,
    ManyRuns,
    ManyRunsWidget,
    expression_of,
)
from flowrun_widgets.widget.registry import open_cards

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from flowrun_widgets.views.flow_run import FlowRunSnapshot
    from flowrun_widgets.widget.opened import OpenedCard
    from flowrun_widgets.widget.questions import Send

__all__ = ["HeldRuns", "RunsWidget", "selected_ids"]

MAX_SELECTED = 100_000


class HeldRuns(Protocol):
    """The runs of a list, as far as they were requested."""

    @property
    def held(self) -> Sequence[FlowRunSnapshot]: ...
    @property
    def can_load(self) -> bool: ...
    def first(self, number: int | None) -> Sequence[FlowRunSnapshot]: ...


class RunsWidget(ManyRunsWidget):
    """The live table of a list of flow runs. `selected` are the ids of the runs that the reader selected."""

    KEY = "runs"

    def __init__(
        self,
        subject: ManyRuns,
        runs: HeldRuns,
        static_bundle: Callable[[str], dict[str, str]],
        open_card: Callable[[Any], OpenedCard],
    ) -> None:
        """Show a list; `runs` is what it holds."""
        self._runs = runs
        self._selected: tuple[str, ...] = ()
        self._sent: RunRows | None = None
        super().__init__(subject, static_bundle, open_card)

    def __repr__(self) -> str:
        return f"<RunsWidget of {len(self._runs.held)} flow runs>"

    @property
    def selected(self) -> tuple[str, ...]:
        """The ids of the runs that the reader selected, in the order of the list."""
        with self._lock:
            return self._selected

    def open_again(self) -> Self:
        """Return this widget or, if it was closed, a new one of the same list."""
        return (
            type(self)(self._subject, self._runs, self._static_bundle, self._open_card)
            if self.comm is None
            else self
        )

    def _payload(self) -> RunsPayload:
        runs, about = self._runs, self._subject
        return RunsPayload(
            format=RUNS_FORMAT,
            rows=self._first_rows(),
            held=len(runs.held),
            has_more=about.has_more,
            can_load=runs.can_load,
            as_of=None if about.as_of is None else to_micros(about.as_of),
            place=about.place or "",
            expression=expression_of(about),
            kernel_zone=local_zone(),
        )

    def _first_rows(self) -> RunRows:
        held = self._runs.held[:MAX_SENT]
        if self._sent is None or len(self._sent.ids) != len(held):
            self._sent = _rows(held, 0)
        return self._sent

    def _held(self) -> Sequence[FlowRunSnapshot]:
        return self._runs.held

    def _answer(self, question: protocol.Question, send: Send, check: Callable[[], None]) -> None:
        if isinstance(question, protocol.ChooseRuns):
            self._choose(frozenset(question.ids[:MAX_SELECTED]))
        else:
            super()._answer(question, send, check)

    def _more(self, question: protocol.AskRuns) -> protocol.RunsAnswer:
        runs = self._runs
        start = max(0, question.start)
        stop = start + max(1, min(question.count, MAX_SENT))
        part = runs.first(stop)[start:stop]
        return protocol.RunsAnswer(
            self.number, _rows(part, start), len(runs.held), self._subject.has_more, runs.can_load
        )

    def _choose(self, ids: frozenset[str]) -> None:
        chosen = tuple(one.flow_run_id for one in self._runs.held if one.flow_run_id in ids)
        with self._lock:
            self._selected = chosen


def selected_ids(subject: object) -> frozenset[str]:
    """Return the ids of the runs that are selected in any open widget of a list."""
    return frozenset(
        one
        for known in open_cards()
        if isinstance(known, RunsWidget) and known.subject is subject
        for one in known.selected
    )


def _rows(runs: Sequence[FlowRunSnapshot], start: int) -> RunRows:
    return run_rows([(run.record, run.as_of, run.connection.redaction) for run in runs], start)
