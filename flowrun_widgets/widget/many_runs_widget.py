"""`ManyRunsWidget`: the base class of the widgets that show many runs: the table of a list, and the grid."""

from __future__ import annotations

import threading
from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self

from flowrun_widgets.errors import NotFound
from flowrun_widgets.forks import unlocked_in_child
from flowrun_widgets.live.worker import Worker
from flowrun_widgets.notebook import kernel
from flowrun_widgets.report.payload import packed
from flowrun_widgets.widget import protocol
from flowrun_widgets.widget.displayed_widget import DisplayedWidget
from flowrun_widgets.widget.opened import OpenedCards
from flowrun_widgets.widget.questions import Questions, Send

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import msgspec
    from pendulum import DateTime

    from flowrun_widgets.views.flow_run import FlowRunSnapshot
    from flowrun_widgets.widget.opened import OpenedCard

__all__ = ["MAX_SENT", "ManyRuns", "ManyRunsWidget", "expression_of"]

MAX_SENT = 1_000
"""The largest number of runs that are sent with the widget, or in one answer; the page asks for the others."""


class ManyRuns(Protocol):
    """What such a widget shows, a list or a grid, as far as the widget uses it."""

    @property
    def as_of(self) -> DateTime | None: ...
    @property
    def place(self) -> str | None: ...
    @property
    def has_more(self) -> bool: ...


class ManyRunsWidget(DisplayedWidget):
    """The live view of many runs, which is a snapshot: further runs may come, but none changes.

    It shows the runs that are held. The page asks for others when they are needed; then they are requested in a thread
    of the widget. Runs are opened as cards, which end with the widget.
    """

    SCRIPT = "runs.js"
    KEY: ClassVar[str]

    is_following = False

    def __init__(
        self,
        subject: ManyRuns,
        static_bundle: Callable[[str], dict[str, str]],
        open_card: Callable[[Any], OpenedCard],
        **traits: Any,
    ) -> None:
        """Show a subject.

        `static_bundle` returns it as HTML without scripts, with a class, and as text and Markdown, without secrets; `open_card` the
        card of a run.
        """
        self._lock = unlocked_in_child(threading.Lock())
        self._subject = subject
        self._static_bundle = static_bundle
        self._open_card = open_card
        self._opened = OpenedCards()
        self._listeners: list[Callable[[Any], None]] = []
        self.number = 1
        """The number in answers; the subject is a snapshot, so that it stays the same."""
        self.is_closed = False
        self._worker = Worker(f"flowrun {self.KEY}")
        self._questions = Questions(self, self._publish, self._answer)
        self._shown = self._payload()
        super().__init__(payload=packed(self._shown), **traits)

    @abstractmethod
    def _payload(self) -> msgspec.Struct:
        """Return what the page shows before it asks."""

    @abstractmethod
    def _held(self) -> Sequence[FlowRunSnapshot]:
        """Return the runs that are held, the newest first."""

    @abstractmethod
    def _more(self, question: protocol.AskRuns) -> protocol.Answer:
        """Return some runs, after requesting those that are not here."""

    @abstractmethod
    def open_again(self) -> Self:
        """Return this widget or, if it was closed, a new one of the same subject."""

    @property
    def subject(self) -> ManyRuns:
        """What the widget shows."""
        return self._subject

    @property
    def key(self) -> str:
        """A name of the subject, from which the class of the twin is made; equal subjects have the same one."""
        return self.KEY

    def shows(self, subject: object) -> bool:
        """Return whether this is what the widget shows."""
        return subject is self._subject

    def show(self, subject: object) -> None:
        """Show the subject, which the widget shows already; for displaying it once more."""

    def twin_bundle(self) -> dict[str, str]:
        """Return the twin as HTML, with the class by which the page finds it, and as text and Markdown."""
        return self._static_bundle(self.twin)

    def twin_text(self) -> str:
        """Return the subject as text."""
        return self._static_bundle("")["text/plain"]

    def static_bundle(self) -> dict[str, str]:
        """Return the subject in every MIME type that needs no widget."""
        return self._static_bundle("")

    def wait_until_open(self, timeout: float | None = None) -> bool:
        """Return True: what is held is shown from the start."""
        return True

    wait_until_loaded = wait_until_open

    def on_change(self, listener: Callable[[Any], None]) -> None:
        """Call `listener`, in the widget's thread, when there are further runs."""
        with self._lock:
            self._listeners.append(listener)

    def view_bundle(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the widget's view alone. What is held and how it is called may have changed since."""
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

    def _heard(self, content: Any) -> None:
        super()._heard(content)
        question = protocol.parse(content)
        if isinstance(question, protocol.Hello):
            self._questions.hear(question, None)
        elif isinstance(question, protocol.AskRuns | protocol.ChooseRuns | protocol.OpenRun):
            self._questions.hear(question, self._worker)

    def _answer(self, question: protocol.Question, send: Send, check: Callable[[], None]) -> None:
        if isinstance(question, protocol.AskRuns):
            held = len(self._held())
            answer = self._more(question)
            if len(self._held()) > held:
                self._tell_listeners()
            send(answer)
        elif isinstance(question, protocol.OpenRun):
            send(protocol.Opened(self.number, self._open(question)))

    def _tell_listeners(self) -> None:
        with self._lock:
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener(None)

    def _run(self, flow_run_id: str) -> FlowRunSnapshot:
        """Return the run with this id, among those that are held."""
        run = next((one for one in self._held() if one.flow_run_id == flow_run_id), None)
        if run is None:
            raise NotFound(f"This list has no run {flow_run_id:.80}.")
        return run

    def _open(self, question: protocol.OpenRun) -> str:
        """Open the card of a run; return the id of its widget model."""
        run = self._run(question.id)
        return self._opened.open(lambda: self._open_card(run))


def expression_of(subject: object) -> str | None:
    """Return how a subject is called in the notebook: by a variable, or as the output of a cell."""
    running = kernel()
    names: dict[str, Any] = {} if running is None else running.shell.user_ns
    for name, value in [*names.items()]:
        if value is subject and not name.startswith("_"):
            return name
    outputs: dict[Any, Any] = names.get("_oh", {})
    return next((f"Out[{n}]" for n, value in outputs.items() if value is subject), None)
