"""`CardWidget`: the widget that shows one flow run as a live card."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self

import msgspec
import traitlets

from flowrun_widgets.forks import unlocked_in_child
from flowrun_widgets.lazy import LazyModule
from flowrun_widgets.live.worker import Worker
from flowrun_widgets.log_columns import LogColumns
from flowrun_widgets.report.content import Content
from flowrun_widgets.report.log.matches import known_zone
from flowrun_widgets.report.notices import AGAIN, failure
from flowrun_widgets.report.payload import packed
from flowrun_widgets.report.wire import Annotations, LogQuery, Payload, Selection
from flowrun_widgets.views.flow_run import FlowRunSnapshot
from flowrun_widgets.widget import protocol
from flowrun_widgets.widget.annotations import (
    Pin,
    pinned,
    public_pins,
    renumbered,
    seq_of,
    unpinned,
    with_result,
    with_text,
)
from flowrun_widgets.widget.answers import answer
from flowrun_widgets.widget.displayed_widget import DisplayedWidget
from flowrun_widgets.widget.loader import Loader
from flowrun_widgets.widget.opened import OpenedCards
from flowrun_widgets.widget.questions import Questions, Send
from flowrun_widgets.widget.related import related_to
from flowrun_widgets.widget.snapshot import CardSnapshot
from flowrun_widgets.widget.state import CardState
from flowrun_widgets.widget.static_display import static_bundle
from flowrun_widgets.widget.twins import run_twin, run_twin_text

if TYPE_CHECKING:
    import pandas as pd
else:
    pd = LazyModule("pandas")

__all__ = ["CardWidget"]


SETTLE_SECONDS = 1.0
"""How long a change of the filter text waits for another one before the twin is updated."""
MAX_SELECTED = 100_000
SAVED_ITEMS = 60
"""The number of items of a filtered log that are saved with the card."""
UNREAD = f"The log of this run could not be read. {AGAIN}"


class CardWidget(DisplayedWidget):
    """The widget of a flow run; `runs.card.FlowRunCard` is the public one.

    `flow_run` is the snapshot that the card shows; its refresh button calls `get_latest()` and stores the new snapshot
    there. With `follow`, the card does so by itself until the run has ended. `query`, `filtered_logs`, `selection` and
    `pins` hold what the reader filters, selects and pins. One thread of the card reads log and task runs while another
    answers the page. `close()` ends it.
    """

    SCRIPT = "card.js"

    annotations = traitlets.Bytes().tag(sync=True)
    """The filter text, what it found, and the pins, as gzipped JSON."""

    def __init__(self, flow_run: FlowRunSnapshot, *, follow: bool = False) -> None:
        self._lock = unlocked_in_child(threading.RLock())
        self._publishing = unlocked_in_child(threading.RLock())
        self._pushing = unlocked_in_child(threading.Lock())
        self._listeners: list[Callable[[Payload], None]] = []
        self._evidence = Annotations()
        self._query = LogQuery(lines="hits")
        self._opened = OpenedCards()
        self._zone = "UTC"
        self._selected: tuple[tuple[int, ...], tuple[str, ...]] = ((), ())
        self._state = CardState(flow_run, is_following=follow)
        self._worker = Worker(f"flowrun card {flow_run.flow_run_id[:8]}")
        self._loader = Loader(self._state, self._show, self._renumber)
        self._questions = Questions(self._state, self._publish, self._answer)
        super().__init__(payload=packed(self._state.shown), annotations=packed(self._evidence))
        self._loader.begin(follow=follow)

    def __repr__(self) -> str:
        header = self.shown.header
        return f"<FlowRunCard of {header.name or header.id}: {header.state.name}>"

    @property
    def flow_run(self) -> FlowRunSnapshot:
        """The snapshot that the card shows."""
        return self._state.run

    @property
    def follow(self) -> bool:
        """Whether the card follows its run and shows new data by itself. Setting it is like using the card's switch.

        Following ends when the run has ended and no line has arrived for 15 seconds, or when the server refuses the key
        or the run was deleted. All followers of one run over one connection share its requests. It costs what
        `FlowRunView.get_latest()` costs, every 2 seconds while the run changes, up to every 30 seconds while it does
        not, and a fifteenth of that while no browser shows the card.
        """
        return self._loader.is_following

    @follow.setter
    def follow(self, is_on: bool) -> None:
        self._loader.follow(is_on=is_on)

    @property
    def is_following(self) -> bool:
        """Whether the run is being followed now; `on_change` listeners are also called when following ends."""
        return self._loader.is_following

    @property
    def shown(self) -> Payload:
        """The payload of the page, the same data as the twin's."""
        return self._state.shown

    @property
    def evidence(self) -> Annotations:
        """The filter text and the pins, as the page and the twin show them."""
        with self._lock:
            return self._evidence

    @property
    def columns(self) -> LogColumns | None:
        """The log lines that the card shows; None until there are any."""
        return self._state.snapshot().content.logs

    @property
    def content(self) -> Content:
        """Log and task runs, as far as they were read."""
        return self._state.snapshot().content

    @property
    def query(self) -> str:
        """The filter text that was set last, here or in any view of the card. Setting it applies it to every view.

        Raises:
            QuerySyntaxError: the text cannot be parsed; `position` says where. Raised only on setting.
        """
        return self.evidence.text

    @query.setter
    def query(self, text: str) -> None:
        self._state.snapshot().check(text, self.timezone)
        self._annotate(lambda known: with_text(known, text, moves_views=True), at_once=True)

    @property
    def timezone(self) -> str:
        """The time zone of the clock times in `query`, which is that of the page that set it; UTC before that."""
        with self._lock:
            return self._zone

    @property
    def filtered_logs(self) -> pd.DataFrame:
        """The lines that match `query`, as `FlowRunLogs.to_pandas` describes them; index from 0. Costs no request.

        The same as `card.flow_run.get_logs().where(card.query, tz=card.timezone).to_pandas()`, but only for the lines
        that the card has so far.
        """
        return self._state.snapshot().filtered(self.query, self.timezone)

    @property
    def hit_count(self) -> int | None:
        """The number of lines that match `query`; None while there are no lines."""
        return self._state.snapshot().hit_count(self.query, self.timezone)

    @property
    def selection(self) -> pd.DataFrame:
        """The selection in the page: lines as in `filtered_logs`, or task runs as in `task_runs_frame()`.

        Without a selection, it has the columns of lines and no rows.
        """
        with self._lock:
            seqs, tasks = self._selected
        return self._state.snapshot().selected(seqs, tasks)

    @property
    def pins(self) -> tuple[Pin, ...]:
        """The pinned lines with their notes, ordered by time."""
        return public_pins(self.evidence)

    def pin(self, line: int | None = None, note: str = "", *, seq: int | None = None) -> None:
        """Pin a line with a note, or replace the note of a pinned line. At most 200 lines can be pinned.

        Args:
            line: the line's number as the card shows it, from 1.
            note: the text of the note.
            seq: the line's `seq` as in DataFrames, instead of `line`.

        Raises:
            InvalidArgument: the line does not exist, or there are too many pins.
        """
        self._pin_line(seq_of(self._state.snapshot().lines, line, seq), note)

    def unpin(self, line: int | None = None, *, seq: int | None = None) -> None:
        """Remove the pin of a line, if it has one. The arguments are those of `pin`.

        Raises:
            InvalidArgument: the line does not exist.
        """
        gone = seq_of(self._state.snapshot().lines, line, seq)
        self._annotate(lambda known: unpinned(known, gone), at_once=True)

    def wait_until_open(self, timeout: float | None = None) -> bool:
        """Wait until the most relevant part of the run is shown; return False if `timeout` seconds pass first."""
        self._loader.worker.go_on()
        return self._loader.opened.wait(timeout)

    def wait_until_loaded(self, timeout: float | None = None) -> bool:
        """Wait until log and task runs were read, or could not be; return False if `timeout` seconds pass first."""
        self._loader.worker.go_on()
        return self._loader.loaded.wait(timeout)

    def refresh(self) -> None:
        """Refresh the card as its refresh button does, and wait until it is done.

        If the server fails, the card keeps its content and shows a notice; after a temporary failure it retries by
        itself.
        """
        done = threading.Event()
        self._loader.refresh(done.set)
        done.wait()

    def show(self, run: FlowRunSnapshot) -> None:
        """Show another snapshot of the same run, and keep filter text and pins."""
        self._loader.show(run)

    def on_change(self, listener: Callable[[Payload], None]) -> None:
        """Call `listener`, in the card's thread, whenever the card shows new data, or pins or query change.

        For changes of pins and query it is called at most once a second. It must not wait for the card, as `refresh()`
        does.
        """
        with self._lock:
            self._listeners.append(listener)

    def open_again(self) -> Self:
        """Return this card or, if it was closed, a new card of the same snapshot."""
        return self if self.comm is not None else type(self)(self.flow_run)

    def close(self) -> None:
        """End the card: its thread, its model, and what it holds."""
        # The attribute is missing if __init__ raised and the incomplete object is being deleted.
        if "_questions" not in vars(self):
            return
        was_following = self._loader.is_following
        self._state.close()
        self._worker.close()
        self._loader.close()
        if was_following:
            self._tell_listeners()  # listeners that are called less often need not wait any longer
        with self._lock:
            self._listeners.clear()
        self._opened.close()
        super().close()

    @property
    def subject(self) -> object:
        """The snapshot that the card shows, as displaying knows it."""
        return self.flow_run

    @property
    def key(self) -> str:
        """The id of the run, from which the class of the twin is made."""
        return self.flow_run.flow_run_id

    def shows(self, subject: object) -> bool:
        """Return whether this is the run that the card shows, over the same connection."""
        shown = self.flow_run
        return (
            isinstance(subject, FlowRunSnapshot)
            and subject.flow_run_id == shown.flow_run_id
            and subject.connection is shown.connection
        )

    def twin_bundle(self) -> dict[str, str]:
        """Return the twin as HTML, and as text and Markdown for those who see no HTML."""
        return run_twin(self)

    def twin_text(self) -> str:
        """Return the twin as text with its task runs, for windows that do not show HTML."""
        return run_twin_text(self)

    def static_bundle(self) -> dict[str, str]:
        """Return the run in every MIME type that needs no widget."""
        return static_bundle(self.flow_run)

    def _show(self) -> None:
        """Publish what the card shows now. A lock keeps publications in order, so that the newest is the last."""
        with self._publishing:
            shown = self._state.publish()
            if self.comm is not None:
                self.payload = packed(shown)
            self._tell_listeners()

    def _tell_listeners(self) -> None:
        with self._lock:
            listeners, shown = tuple(self._listeners), self._state.shown
        for listener in listeners:
            try:
                listener(shown)
            except Exception:  # noqa: BLE001 - a failing listener must not stop the card or the others
                told = threading.ExceptHookArgs((*sys.exc_info(), threading.current_thread()))
                threading.excepthook(told)

    def _annotate(
        self, change: Callable[[Annotations], Annotations], *, at_once: bool = False
    ) -> None:
        """Change the reader's annotations; pages are updated at once or, like the twin, once a second."""
        with self._lock:
            before, self._evidence = self._evidence, change(self._evidence)
            is_new = self._evidence != before
        if is_new and at_once:
            self._push_annotations()
        if is_new:
            self._worker.put_later(SETTLE_SECONDS, "annotations", self._settle)

    def _push_annotations(self) -> None:
        with self._pushing:
            if self.comm is not None:
                self.annotations = packed(self.evidence)

    def _settle(self) -> None:
        """Save what the filter text found, for pages without a kernel, and update the twin."""
        with self._lock:
            query, text = self._query, self._evidence.text
        query = msgspec.structs.replace(query, text=text, opened=(), folds_repeats=False)
        result = self._state.snapshot().result(query, SAVED_ITEMS) if text.strip() else None
        with self._lock:
            self._evidence = with_result(self._evidence, result)
        self._push_annotations()
        with self._publishing:
            self._tell_listeners()

    def _heard(self, content: Any) -> None:
        question = protocol.parse(content)
        if question is None:
            return
        if isinstance(question, protocol.Code):
            super()._heard(content)
        elif isinstance(question, protocol.Bye):
            self._loader.see(question.view, is_visible=None)
        elif isinstance(question, protocol.Hello | protocol.Visible):
            is_visible = isinstance(question, protocol.Hello) or question.is_visible
            self._loader.see(question.view, is_visible=is_visible)
            self._questions.hear(question, None)
        else:
            reads = protocol.Refresh | protocol.Follow | protocol.AskRelated | protocol.OpenRun
            waits = isinstance(question, reads) or not self._loader.opened.is_set()
            self._questions.hear(question, self._loader.worker if waits else self._worker)

    def _answer(self, question: protocol.Question, send: Send, check: Callable[[], None]) -> None:
        state = self._state
        if self._act(question, send):
            return
        asked = state.snapshot()
        if asked.number != state.shown.snapshot:
            # The view has been read further elsewhere; a page ignores answers about a snapshot it does not show.
            self._show()
        if not answer(question, asked, send, pins=self._pinned(), check=check):
            send(protocol.Failed(state.number, state.notice or failure(UNREAD)))

    def _act(self, question: protocol.Question, send: Send) -> bool:
        """Carry out a question that requests an action; return whether it is done."""
        if isinstance(question, protocol.Query):
            self._take_over(question.query)
            return False
        if isinstance(question, protocol.Refresh):
            self._loader.refresh(lambda: send(protocol.Refreshed(self._state.number)))
        elif isinstance(question, protocol.AskRelated):
            related = related_to(self._state.run, self._state.snapshot().content)
            send(protocol.RelatedAnswer(self._state.number, related))
        elif isinstance(question, protocol.OpenRun):
            model = self._open_run(question.id)
            send(protocol.Opened(self._state.number, model))
        elif isinstance(question, protocol.Follow):
            self._loader.follow(is_on=question.is_on)
        elif isinstance(question, protocol.Select):
            self._select(question.seqs, question.range, question.tasks)
        elif isinstance(question, protocol.PinLine):
            self._pin(question)
            send(protocol.Pinned(self._state.number))
        else:
            return False
        return True

    def _select(
        self, seqs: tuple[int, ...], rows: Selection | None, tasks: tuple[str, ...]
    ) -> None:
        if rows is not None:
            seqs = (*seqs, *self._state.snapshot().seqs_in(rows))
        with self._lock:
            self._selected = seqs[:MAX_SELECTED], tasks[:MAX_SELECTED]

    def _pin(self, question: protocol.PinLine) -> None:
        seq, note = question.seq, question.note
        if note is None:
            self._annotate(lambda known: unpinned(known, seq), at_once=True)
        else:
            self._pin_line(seq, note)

    def _pin_line(self, seq: int, note: str) -> None:
        lines = self._state.snapshot().lines
        self._annotate(lambda known: pinned(known, lines, seq, note), at_once=True)

    def _open_run(self, flow_run_id: str) -> str:
        """Open another run of the same server in its own card; return the id of its widget model."""
        run = type(self.flow_run).from_flow_run_id(flow_run_id, api=self.flow_run.connection)
        return self._opened.open(lambda: type(self)(run))

    def _take_over(self, query: LogQuery) -> None:
        """Make the filter of a page the card's own."""
        zone = known_zone(query.zone)
        self._state.snapshot().check(query.text, zone)
        with self._lock:
            self._zone, self._query = zone, query
        self._annotate(lambda known: with_text(known, query.text))

    def _renumber(self, before: CardSnapshot) -> None:
        """Renumber pins and selection if arrival numbers changed, so that they name the same lines as before."""
        earlier, later = before.lines, self._state.snapshot().lines
        self._annotate(lambda known: renumbered(known, earlier, later), at_once=True)
        if earlier is None or later is None:
            return
        with self._lock:
            seqs, tasks = self._selected
            found = (later.seq_of_same(earlier, seq) for seq in seqs)
            self._selected = tuple(seq for seq in found if seq is not None), tasks

    def _pinned(self) -> list[int]:
        return [pin.seq for pin in self.evidence.pins]
