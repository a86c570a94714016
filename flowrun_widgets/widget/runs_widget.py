"""`RunsWidget`: the widget that shows a list of flow runs as a table, and what is selected in it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Protocol, Self

from flowrun_widgets.errors import NotFound
from flowrun_widgets.forks import unlocked_in_child
from flowrun_widgets.live.worker import Worker
from flowrun_widgets.notebook import kernel
from flowrun_widgets.report.payload import packed
from flowrun_widgets.report.run_rows import run_rows
from flowrun_widgets.report.wire import RUNS_FORMAT, RunRows, RunsPayload
from flowrun_widgets.times import local_zone, to_micros
from flowrun_widgets.widget import protocol
from flowrun_widgets.widget.displayed_widget import DisplayedWidget
from flowrun_widgets.widget.opened import OpenedCards
from flowrun_widgets.widget.questions import Questions, Send
from flowrun_widgets.widget.registry import open_cards

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pendulum import DateTime

    from flowrun_widgets.views.flow_run import FlowRunSnapshot
    from flowrun_widgets.widget.opened import OpenedCard

__all__ = ["HeldRuns", "ListOfRuns", "RunsWidget", "selected_ids"]

MAX_SENT = 1_000
"""The largest number of runs that are sent with the widget, or in one answer; the page asks for the others."""
MAX_SELECTED = 100_000


class HeldRuns(Protocol):
    """The runs of a list, as far as they were requested."""

    @property
    def held(self) -> Sequence[FlowRunSnapshot]: ...
    @property
    def can_load(self) -> bool: ...
    def first(self, number: int | None) -> Sequence[FlowRunSnapshot]: ...


class ListOfRuns(Protocol):
    """A list of runs, as far as its widget uses it."""

    @property
    def as_of(self) -> DateTime | None: ...
    @property
    def place(self) -> str | None: ...
    @property
    def has_more(self) -> bool: ...


class RunsWidget(DisplayedWidget):
    """The live table of a list of flow runs.

    It shows the runs that the list holds. The page asks for others when they are needed; then the list requests them,
    in a thread of the widget. `selected` are the ids of the runs that the reader selected.
    """

    SCRIPT = "runs.js"

    is_following = False

    def __init__(
        self,
        subject: ListOfRuns,
        runs: HeldRuns,
        static_bundle: Callable[[str], dict[str, str]],
        open_card: Callable[[Any], OpenedCard],
    ) -> None:
        """Show a list.

        `runs` is what the list holds. `static_bundle` returns the list as HTML without scripts, with a class, and as
        text, without secrets; `open_card` the card of a run.
        """
        self._lock = unlocked_in_child(threading.Lock())
        self._subject = subject
        self._runs = runs
        self._static_bundle = static_bundle
        self._open_card = open_card
        self._opened = OpenedCards()
        self._selected: tuple[str, ...] = ()
        self._listeners: list[Callable[[Any], None]] = []
        self.number = 1
        """The number in answers; a list is a snapshot, so that it stays the same."""
        self.is_closed = False
        self._worker = Worker("flowrun list")
        self._questions = Questions(self, self._publish, self._answer)
        self._sent: RunRows | None = None
        self._shown = self._payload()
        super().__init__(payload=packed(self._shown))

    def __repr__(self) -> str:
        return f"<RunsWidget of {len(self._runs.held)} flow runs>"

    @property
    def subject(self) -> ListOfRuns:
        """The list that the widget shows."""
        return self._subject

    @property
    def key(self) -> str:
        """A name of the list, from which the class of the twin is made; equal lists have the same one."""
        return "runs"

    @property
    def selected(self) -> tuple[str, ...]:
        """The ids of the runs that the reader selected, in the order of the list."""
        with self._lock:
            return self._selected

    def shows(self, subject: object) -> bool:
        """Return whether this is the list that the widget shows."""
        return subject is self._subject

    def show(self, subject: object) -> None:
        """Show the list, which the widget shows already; for displaying it once more."""

    def twin_bundle(self) -> dict[str, str]:
        """Return the twin as HTML, with the class by which the page finds it, and as text."""
        return self._static_bundle(self.twin)

    def twin_text(self) -> str:
        """Return the list as text."""
        return self._static_bundle("")["text/plain"]

    def static_bundle(self) -> dict[str, str]:
        """Return the list in every MIME type that needs no widget."""
        return self._static_bundle("")

    def markdown(self) -> None:
        """Return None: a list has no form in Markdown."""
        return

    def wait_until_open(self, timeout: float | None = None) -> bool:
        """Return True: a widget of a list shows what is held from the start."""
        return True

    wait_until_loaded = wait_until_open

    def open_again(self) -> Self:
        """Return this widget or, if it was closed, a new one of the same list."""
        return (
            type(self)(self._subject, self._runs, self._static_bundle, self._open_card)
            if self.comm is None
            else self
        )

    def on_change(self, listener: Callable[[Any], None]) -> None:
        """Call `listener`, in the widget's thread, when the list has got further runs."""
        with self._lock:
            self._listeners.append(listener)

    def view_bundle(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the widget's view alone. What it holds and how the list is called may have changed since."""
        shown = self._payload()
        if shown != self._shown:
            self._shown = shown
            self.payload = packed(shown)
        return super().view_bundle()

    def close(self) -> None:
        """End the widget: its thread, its model, and the cards that were opened in it."""
        # The attribute is missing if __init__ raised and the incomplete object is being deleted.
        if "_questions" not in vars(self):
            return
        self.is_closed = True
        self._worker.close()
        with self._lock:
            self._listeners.clear()
        self._opened.close()
        super().close()

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
            expression=_expression(about),
            kernel_zone=local_zone(),
        )

    def _first_rows(self) -> RunRows:
        held = self._runs.held[:MAX_SENT]
        if self._sent is None or len(self._sent.ids) != len(held):
            self._sent = _rows(held, 0)
        return self._sent

    def _heard(self, content: Any) -> None:
        super()._heard(content)
        question = protocol.parse(content)
        if isinstance(question, protocol.Hello):
            self._questions.hear(question, None)
        elif isinstance(question, protocol.AskRuns | protocol.ChooseRuns | protocol.OpenRun):
            self._questions.hear(question, self._worker)

    def _answer(self, question: protocol.Question, send: Send, check: Callable[[], None]) -> None:
        if isinstance(question, protocol.AskRuns):
            send(self._more(question))
        elif isinstance(question, protocol.ChooseRuns):
            self._choose(frozenset(question.ids[:MAX_SELECTED]))
        elif isinstance(question, protocol.OpenRun):
            send(protocol.Opened(self.number, self._open(question.id)))

    def _more(self, question: protocol.AskRuns) -> protocol.RunsAnswer:
        """Return some runs, after requesting those that are not here."""
        runs, held = self._runs, len(self._runs.held)
        start = max(0, question.start)
        stop = start + max(1, min(question.count, MAX_SENT))
        part = runs.first(stop)[start:stop]
        if len(runs.held) > held:
            with self._lock:
                listeners = tuple(self._listeners)
            for listener in listeners:
                listener(None)
        return protocol.RunsAnswer(
            self.number, _rows(part, start), len(runs.held), self._subject.has_more, runs.can_load
        )

    def _open(self, flow_run_id: str) -> str:
        """Open the card of a run of the list; return the id of its widget model."""
        run = next((one for one in self._runs.held if one.flow_run_id == flow_run_id), None)
        if run is None:
            raise NotFound(f"This list has no run {flow_run_id:.80}.")
        return self._opened.open(lambda: self._open_card(run))

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


def _expression(subject: object) -> str | None:
    """Return how the list is called in the notebook: by a variable, or as the output of a cell."""
    running = kernel()
    names: dict[str, Any] = {} if running is None else running.shell.user_ns
    for name, value in [*names.items()]:
        if value is subject and not name.startswith("_"):
            return name
    outputs: dict[Any, Any] = names.get("_oh", {})
    return next((f"Out[{n}]" for n, value in outputs.items() if value is subject), None)
