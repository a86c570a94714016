"""The widget: one flow run as a live card."""

from __future__ import annotations

import hashlib
import threading
import time
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import anywidget
import msgspec
import traitlets

from flowrun_widgets.analysis.words import clock
from flowrun_widgets.card import open_cards, protocol
from flowrun_widgets.card.answers import answer
from flowrun_widgets.card.code import LOADER, card_code, compressed
from flowrun_widgets.card.content import Content
from flowrun_widgets.card.hearing import hear_messages
from flowrun_widgets.card.hits import known_zone
from flowrun_widgets.card.kept import Pin, pinned, public_pins, unpinned, with_text
from flowrun_widgets.card.lines import Recent
from flowrun_widgets.card.payload import packed, payload
from flowrun_widgets.card.snapshot import Snapshot
from flowrun_widgets.card.wire import Kept, Look, Notice, Payload
from flowrun_widgets.card.worker import Worker
from flowrun_widgets.errors import (
    BackendUnavailable,
    FlowRunError,
    InvalidArgument,
    QuerySyntaxError,
)
from flowrun_widgets.progress import progress_to
from flowrun_widgets.times import now, to_micros
from flowrun_widgets.views.held import held_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

    from flowrun_widgets.live.differences import Changes
    from flowrun_widgets.log_columns import LogColumns
    from flowrun_widgets.views.flow_run import FlowRunView
    from flowrun_widgets.views.peek import Peek

__all__ = ["FlowRunCard"]


TELL_SECONDS = 1.0
KEPT_SECONDS = 1.0
"""How long a change of the filter text waits for the next one before the twin is told."""
MOST_SELECTED = 10_000
UNREAD = "The log of this run could not be read. Refresh tries again."
FAILED = "The card could not answer; the kernel's own log says why. Refresh tries again."


class CardClosed(Exception):
    """Ends a read that nobody waits for any more."""


class Overtaken(Exception):
    """Ends the work on a question whose asker has asked anew."""


class FlowRunCard(anywidget.AnyWidget):
    """A flow run as an interactive card.

    `flow_run` is the snapshot that the card shows; its refresh button calls `get_latest()` and puts the new snapshot
    there. What the reader filters, selects and pins is `query`, `filtered_logs`, `selection` and `pins`. One thread of
    the card's own reads log and task runs, another answers the page meanwhile. `close()` ends it.
    """

    _esm = LOADER

    payload = traitlets.Bytes().tag(sync=True)
    """What the card shows: gzipped JSON. Bytes, since text in a trait can break nbconvert's pages."""
    kept = traitlets.Bytes().tag(sync=True)
    """The filter text and the pins: JSON."""
    twin = traitlets.Unicode().tag(sync=True)
    """The class of the static twin that stands beside the card."""
    code = traitlets.Unicode().tag(sync=True)
    """The id of the model that holds the front end's code."""
    code_hash = traitlets.Unicode().tag(sync=True)

    def __init__(self, flow_run: FlowRunView) -> None:
        self._state = threading.RLock()
        self._flow_run = flow_run
        self._number = 1
        self._changes: Changes | None = None
        self._notice: Notice | None = None
        self._peek: Peek | None = None
        self._opened = threading.Event()
        self._loaded = threading.Event()
        self._told = 0.0
        self._refreshing = threading.Lock()
        self._publishing = threading.RLock()
        self._pushing = threading.Lock()
        self._worker = Worker(f"flowrun card {flow_run.flow_run_id[:8]}")
        self._reader = Worker(f"flowrun card {flow_run.flow_run_id[:8]} reading")
        self._listeners: list[Callable[[Payload], None]] = []
        self._newest: Recent[object, protocol.Question] = Recent(1_000)
        self._asked: tuple[tuple[object, ...], Snapshot] | None = None
        self._evidence = Kept()
        self._zone = "UTC"
        self._selected: tuple[tuple[int, ...], tuple[str, ...]] = ((), ())
        self._shown = _payload(flow_run, Content.of(flow_run))
        model = card_code()
        super().__init__(
            payload=packed(self._shown),
            kept=msgspec.json.encode(self._evidence),
            code=model.model_id or "",
            code_hash=_hash(),
            twin="",
        )
        hear_messages(self, FlowRunCard._heard)
        open_cards.opened(self)
        held = held_of(flow_run)
        if held.logs is not None and held.task_runs is not None:
            self._opened.set()
            self._loaded.set()
        else:
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
    def evidence(self) -> Kept:
        """The filter text and the pins, as the page and the twin get them."""
        with self._state:
            return self._evidence

    @property
    def columns(self) -> LogColumns | None:
        """The log lines that the card shows; None while it has none."""
        return self._snapshot().content.logs

    @property
    def content(self) -> Content:
        """Log and task runs, as far as they are known."""
        return self._snapshot().content

    @property
    def query(self) -> str:
        """The filter text that was set last, here or in any view of the card. Setting it moves every view.

        Raises:
            QuerySyntaxError: on setting a text that cannot be read; `position` says where.
        """
        return self.evidence.text

    @query.setter
    def query(self, text: str) -> None:
        self._snapshot().check(text, self.timezone)
        self._keep(lambda kept: with_text(kept, text, moves_views=True), at_once=True)

    @property
    def timezone(self) -> str:
        """The time zone of the page that set the query: what its clock times mean. UTC before."""
        with self._state:
            return self._zone

    @property
    def filtered_logs(self) -> pd.DataFrame:
        """The lines that fit `query`, as `FlowRunLogs.to_pandas` describes them; index from 0. Costs no request.

        The same as `card.flow_run.get_logs().where(card.query, tz=card.timezone).to_pandas()`, of the lines that the
        card has so far.
        """
        return self._snapshot().filtered(self.query, self.timezone)

    @property
    def hit_count(self) -> int | None:
        """How many lines fit `query`; None while there are no lines."""
        return self._snapshot().hit_count(self.query, self.timezone)

    @property
    def selection(self) -> pd.DataFrame:
        """What is selected in the page: lines as in `filtered_logs`, or task runs as in `task_runs_frame()`.

        Without a selection it has the columns of lines and no row.
        """
        with self._state:
            seqs, tasks = self._selected
        return self._snapshot().selected(seqs, tasks)

    @property
    def pins(self) -> tuple[Pin, ...]:
        """The pinned lines with their notes, by time."""
        return public_pins(self.evidence)

    def pin(self, seq: int, note: str = "") -> None:
        """Pin a line, by its `seq`, with a note; one that is pinned gets the new note. At most 200 lines.

        Raises:
            InvalidArgument: no such line, or too many pins.
        """
        lines = self._snapshot().lines
        self._keep(lambda kept: pinned(kept, lines, seq, note), at_once=True)

    def unpin(self, seq: int) -> None:
        """Take the pin of a line away, if it has one."""
        self._keep(lambda kept: unpinned(kept, seq), at_once=True)

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
        """Call `listener`, in the card's thread, whenever the card shows something new, or pins or query changed.

        Of changes of pins and query it hears at most once a second.
        """
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
            self._asked = None
        layout = self.layout  # ipywidgets leaves it open when its widget closes
        super().close()
        layout.close()

    def _ipython_display_(self, **_: Any) -> None:
        from flowrun_widgets.card.display import display_card

        display_card(self)

    def _snapshot(self) -> Snapshot:
        """Return what questions are asked of; the same object as long as nothing new was read."""
        with self._state:
            run, peek, held = self._flow_run, self._peek, held_of(self._flow_run)
            parts = (run, peek, held.logs, held.task_runs)
            before, asked = self._asked or ((), None)
            if asked is None or any(a is not b for a, b in zip(before, parts, strict=True)):
                asked = Snapshot(self._number, run, Content.of(run, peek))
                self._asked = None if self.comm is None else (parts, asked)
            return asked

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
                self._notice = self._said(error)
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
            self._notice = self._said(error)
        else:
            with self._state:
                self._flow_run = latest
                self._peek = None
                self._number += 1
                self._changes = latest.changes_since(before)
                self._notice = None
        self._show()

    def _show(self) -> None:
        """Publish what the card shows now. One at a time, so that what is newest is published last."""
        with self._publishing:
            with self._state:
                number, changes, notice = self._number, self._changes, self._notice
                asked = self._snapshot()
            shown = _payload(asked.run, asked.content, number, changes, notice)
            with self._state:
                self._shown = shown
            if self.comm is not None:
                self.payload = packed(shown)
            self._tell_listeners()

    def _tell_listeners(self) -> None:
        with self._state:
            listeners, shown = tuple(self._listeners), self._shown
        for listener in listeners:
            listener(shown)

    def _keep(self, change: Callable[[Kept], Kept], *, at_once: bool = False) -> None:
        """Change what the reader made of the run; pages hear of it at once or, like the twin, once a second."""
        with self._state:
            before, self._evidence = self._evidence, change(self._evidence)
            is_new = self._evidence != before
        if is_new and at_once:
            self._push_kept()
        if is_new:
            self._worker.put_later(KEPT_SECONDS, "kept", self._settle)

    def _push_kept(self) -> None:
        with self._pushing:
            if self.comm is not None:
                self.kept = msgspec.json.encode(self.evidence)

    def _settle(self) -> None:
        self._push_kept()
        with self._publishing:
            self._tell_listeners()

    def _heard(self, content: Any) -> None:
        question = protocol.parse(content)
        if question is None or isinstance(question, protocol.Bye):
            return
        if isinstance(question, protocol.Code):
            self.send({"kind": "code"}, [compressed()])
            return
        self._answer(question, protocol.Heard(self._number))
        if isinstance(question, protocol.Hello):
            return
        key = (type(question), question.view)
        if isinstance(question, protocol.PinLine):
            key = (*key, question.seq)
        self._newest.put(key, question)
        waits = isinstance(question, protocol.Refresh) or not self._opened.is_set()
        worker = self._reader if waits else self._worker
        worker.put(key, lambda: self._work(question, key))

    def _work(self, question: protocol.Question, key: object) -> None:
        number = self._number

        def check() -> None:
            newest = self._newest.get(key)
            if self.comm is None or (newest is not None and newest is not question):
                raise Overtaken

        def send(answer: protocol.Answer, buffers: Sequence[bytes] = ()) -> None:
            self._answer(question, answer, buffers)

        try:
            if isinstance(question, protocol.Refresh):
                self.refresh()
                send(protocol.Refreshed(self._number))
            elif isinstance(question, protocol.Select):
                seqs, tasks = question.seqs[:MOST_SELECTED], question.tasks[:MOST_SELECTED]
                with self._state:
                    self._selected = seqs, tasks
            elif isinstance(question, protocol.PinLine):
                self._pin(question)
            else:
                if isinstance(question, protocol.LookAt):
                    self._take_over(question.look)
                pins = [pin.seq for pin in self.evidence.pins]
                if not answer(question, self._snapshot(), send, pins=pins, check=check):
                    send(protocol.Failed(number, self._notice or self._failure(UNREAD)))
        except Overtaken:
            return
        except (QuerySyntaxError, InvalidArgument) as error:
            send(protocol.Failed(number, self._failure(str(error))))
        except Exception:
            send(protocol.Failed(number, self._failure(FAILED)))
            raise

    def _pin(self, question: protocol.PinLine) -> None:
        if question.note is None:
            self.unpin(question.seq)
        else:
            self.pin(question.seq, question.note)

    def _take_over(self, look: Look) -> None:
        """Make the filter of a page the card's own."""
        zone = known_zone(look.zone)
        self._snapshot().check(look.text, zone)
        with self._state:
            self._zone = zone
        self._keep(lambda kept: with_text(kept, look.text))

    def _said(self, error: FlowRunError) -> Notice:
        """Return the notice of an error; a server that stays away is away since it first did not answer."""
        text, at = str(error), to_micros(now())
        detail = f"{type(error).__name__}: {text}"
        if not isinstance(error, BackendUnavailable):
            return Notice("error", text, detail, at)
        if self._notice is not None and self._notice.kind == "unreachable":
            at = self._notice.at
        address = self.flow_run.connection.url
        host = urlsplit(address).netloc or address
        return Notice("unreachable", f"{host} has not answered since {clock(at)} UTC.", detail, at)

    def _failure(self, text: str) -> Notice:
        return Notice("error", text, None, to_micros(now()))

    def _answer(
        self, question: protocol.Question, answer: protocol.Answer, buffers: Sequence[bytes] = ()
    ) -> None:
        if self.comm is not None:
            self.send(question.reply(answer), [*buffers] or None)


def _payload(
    run: FlowRunView,
    content: Content,
    number: int = 1,
    changes: Changes | None = None,
    notice: Notice | None = None,
) -> Payload:
    shown = payload(run, content, snapshot=number, changes=changes, notice=notice)
    if open_cards.is_only_name(run):
        return shown
    return msgspec.structs.replace(shown, expression=f'fw.card("{run.flow_run_id}")')


@cache
def _hash() -> str:
    return hashlib.sha256(compressed()).hexdigest()[:16]
