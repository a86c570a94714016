"""The widget: one flow run as a live card."""

from __future__ import annotations

import hashlib
import threading
import time
import weakref
from functools import cache
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from flowrun_widgets.card import protocol
from flowrun_widgets.card.code import LOADER, card_code, compressed
from flowrun_widgets.card.content import Content
from flowrun_widgets.card.log_rows import log_window, whole_message
from flowrun_widgets.card.payload import packed, payload, task_run_rows
from flowrun_widgets.card.wire import Notice, Payload
from flowrun_widgets.card.worker import Worker
from flowrun_widgets.errors import BackendUnavailable, FlowRunError
from flowrun_widgets.progress import progress_to
from flowrun_widgets.times import now, to_micros
from flowrun_widgets.views.held import held_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowrun_widgets.live.differences import Changes
    from flowrun_widgets.log_columns import LogColumns
    from flowrun_widgets.views.flow_run import FlowRunView
    from flowrun_widgets.views.peek import Peek

__all__ = ["FlowRunCard"]


TELL_SECONDS = 1.0
UNREAD = "The log of this run could not be read. Refresh tries again."
FAILED = "The card could not answer; the kernel's own log says why. Refresh tries again."


class CardClosed(Exception):
    """Ends a read that nobody waits for any more."""


class FlowRunCard(anywidget.AnyWidget):
    """A flow run as an interactive card.

    `flow_run` is the snapshot that the card shows; its refresh button calls `get_latest()` and puts the new snapshot
    there. One thread of the card's own reads log and task runs, another
    answers the page meanwhile. `close()` ends it.
    """

    _esm = LOADER

    payload = traitlets.Bytes().tag(sync=True)
    """What the card shows: gzipped JSON. Bytes, since text in a trait can break nbconvert's pages."""
    twin = traitlets.Unicode().tag(sync=True)
    """The class of the static twin that stands beside the card."""
    code = traitlets.Unicode().tag(sync=True)
    """The id of the model that holds the front end's code."""
    code_hash = traitlets.Unicode().tag(sync=True)

    def __init__(self, flow_run: FlowRunView) -> None:
        self._state = threading.RLock()
        self._flow_run = flow_run
        self._snapshot = 1
        self._changes: Changes | None = None
        self._notice: Notice | None = None
        self._peek: Peek | None = None
        self._opened = threading.Event()
        self._loaded = threading.Event()
        self._told = 0.0
        self._refreshing = threading.Lock()
        self._publishing = threading.RLock()
        self._worker = Worker(f"flowrun card {flow_run.flow_run_id[:8]}")
        self._reader = Worker(f"flowrun card {flow_run.flow_run_id[:8]} reading")
        self._listeners: list[Callable[[Payload], None]] = []
        self._shown = payload(flow_run)
        model = card_code()
        super().__init__(
            payload=packed(self._shown), code=model.model_id or "", code_hash=_hash(), twin=""
        )
        self.on_msg(_listener(weakref.ref(self)))
        _answer_where_asked(self)
        self._reader.put("load", self._load)

    @property
    def flow_run(self) -> FlowRunView:
        """The snapshot that the card shows."""
        with self._state:
            return self._flow_run

    @property
    def shown(self) -> Payload:
        """What the page was given: the same data as the twin's."""
        with self._state:
            return self._shown

    @property
    def columns(self) -> LogColumns | None:
        """The log lines that the card shows; None while it has none."""
        return self._content().logs

    def wait_until_open(self, timeout: float | None = None) -> bool:
        """Wait until the telling part of the run is shown; return whether that is so."""
        return self._opened.wait(timeout)

    def wait_until_loaded(self, timeout: float | None = None) -> bool:
        """Wait until log and task runs are read, or could not be; return whether that is so."""
        return self._loaded.wait(timeout)

    def refresh(self) -> None:
        """Do what the refresh button does, and wait for it. A server that fails leaves the card as it is, with a notice."""
        with self._refreshing:
            self._refresh()

    def on_change(self, listener: Callable[[Payload], None]) -> None:
        """Call `listener`, in the card's thread, whenever the card shows something new."""
        with self._state:
            self._listeners.append(listener)

    def close(self) -> None:
        """End the card: its thread, its model, and what it holds."""
        # Missing if __init__ refused its arguments: then this is the deletion of what it left.
        if "_worker" not in vars(self):
            return
        self._worker.close()
        self._reader.close()
        with self._state:
            self._listeners.clear()
        layout = self.layout  # ipywidgets leaves it open when its widget closes
        super().close()
        layout.close()

    def _ipython_display_(self, **_: Any) -> None:
        from flowrun_widgets.card.display import display_card

        display_card(self)

    def _content(self) -> Content:
        with self._state:
            run, peek = self._flow_run, self._peek
        return Content.of(run, peek)

    def _load(self) -> None:
        with self._refreshing:
            run = self.flow_run
            try:
                if run.connection.backend.is_paged and held_of(run).logs is None:
                    self._peek = run.peek()
                    self._show()
                    self._opened.set()
                with progress_to(self._tell):
                    if held_of(run).task_runs is None:
                        run.get_all_task_runs()
                    run.get_logs()
                self._notice = None
            except CardClosed:
                return
            except FlowRunError as error:
                self._notice = _notice(error)
            finally:
                try:
                    self._show()
                finally:
                    self._opened.set()
                    self._loaded.set()

    def _tell(self, what: str, count: int) -> None:
        """Say how far a long read is, once a second; end it if the card was closed."""
        if self.comm is None:
            raise CardClosed
        if time.monotonic() - self._told >= TELL_SECONDS:
            self._told = time.monotonic()
            words = f"Reading: {count:,} {what} so far.".replace(",", "\u202f")
            self._notice = Notice("info", words, None, to_micros(now()))
            self._show()

    def _refresh(self) -> None:
        before = self.flow_run
        try:
            latest = before.get_latest()
            if held_of(latest).task_runs is None:
                latest.get_all_task_runs()
            latest.get_logs()
        except FlowRunError as error:
            self._notice = _notice(error)
        else:
            with self._state:
                self._flow_run = latest
                self._peek = None
                self._snapshot += 1
                self._changes = latest.changes_since(before)
                self._notice = None
        self._show()

    def _show(self) -> None:
        """Publish what the card shows now. One at a time, so that what is newest is published last."""
        with self._publishing:
            with self._state:
                run, peek, snapshot = self._flow_run, self._peek, self._snapshot
                changes, notice = self._changes, self._notice
            shown = payload(
                run, Content.of(run, peek), snapshot=snapshot, changes=changes, notice=notice
            )
            with self._state:
                self._shown = shown
                listeners = tuple(self._listeners)
            if self.comm is not None:
                self.payload = packed(shown)
            for listener in listeners:
                listener(shown)

    def _heard(self, content: Any) -> None:
        question = protocol.parse(content)
        if question is None or isinstance(question, protocol.Bye):
            return
        if isinstance(question, protocol.Code):
            self.send({"kind": "code"}, [compressed()])
            return
        self._answer(question, protocol.Heard(self._snapshot))
        if not isinstance(question, protocol.Hello):
            waits = isinstance(question, protocol.Refresh) or not self._opened.is_set()
            worker = self._reader if waits else self._worker
            worker.put((type(question), question.view), lambda: self._work(question))

    def _work(self, question: protocol.Question) -> None:
        with self._state:
            snapshot = self._snapshot
        try:
            answer = self._answer_to(question, snapshot)
        except Exception:
            self._answer(question, protocol.Failed(snapshot, self._failure(FAILED)))
            raise
        self._answer(question, answer)

    def _answer_to(self, question: protocol.Question, snapshot: int) -> protocol.Answer:
        if isinstance(question, protocol.Refresh):
            self.refresh()
            return protocol.Refreshed(self._snapshot)
        run, content = self.flow_run, self._content()
        columns, task_runs = content.logs, content.task_runs
        if isinstance(question, protocol.Rows) and columns is not None:
            return protocol.RowsAnswer(
                snapshot, log_window(columns, question.start, question.count)
            )
        if isinstance(question, protocol.Line) and columns is not None:
            message = whole_message(columns, question.seq)
            return protocol.LineAnswer(snapshot, question.seq, message or "")
        if isinstance(question, protocol.Tasks) and task_runs is not None:
            count = max(0, min(question.count, 5_000))
            rows = task_run_rows(task_runs, columns, run.as_of, question.start, count)
            return protocol.TasksAnswer(snapshot, question.start, rows)
        return protocol.Failed(snapshot, self._notice or self._failure(UNREAD))

    def _failure(self, text: str) -> Notice:
        return Notice("error", text, None, to_micros(now()))

    def _answer(self, question: protocol.Question, answer: protocol.Answer) -> None:
        if self.comm is not None:
            self.send(question.reply(answer))


def _listener(card: weakref.ref[FlowRunCard]) -> Callable[..., None]:
    """Return a message handler that does not keep its card alive."""

    def hear(_widget: Any, content: Any, _buffers: Any) -> None:
        target = card()
        if target is not None:
            target._heard(content)  # pyright: ignore[reportPrivateUsage]

    return hear


def _answer_where_asked(card: FlowRunCard) -> None:
    """Let ipykernel handle this card's messages in the subshell that the page asked for, also in a busy cell.

    ipykernel 7 sends the next message to the thread that last published on the comm, which a running cell is.
    """
    if hasattr(card.comm, "_reply_subshell_for"):
        card.comm._reply_subshell_for = lambda _data, subshell: subshell  # pyright: ignore


def _notice(error: FlowRunError) -> Notice:
    text = str(error)
    kind = "unreachable" if isinstance(error, BackendUnavailable) else "error"
    return Notice(kind, text, f"{type(error).__name__}: {text}", to_micros(now()))


@cache
def _hash() -> str:
    return hashlib.sha256(compressed()).hexdigest()[:16]
