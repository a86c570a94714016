"""`Questions`: acknowledges each question of a page at once, then answers it in a thread of the card."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from flowrun_widgets.errors import FlowRunError
from flowrun_widgets.report.log.lines import Recent
from flowrun_widgets.report.notices import AGAIN, failure
from flowrun_widgets.widget import protocol
from flowrun_widgets.widget.answers import answer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from flowrun_widgets.live.worker import Worker
    from flowrun_widgets.widget.state import CardState

__all__ = ["Questions"]

UNREAD = f"The log of this run could not be read. {AGAIN}"
FAILED = f"The card could not answer; the kernel's log says why. {AGAIN}"


class Overtaken(Exception):
    """Ends the work on a question because its view has asked a newer one."""


class Act(Protocol):
    """Carries out a question that requests an action, and may send answers; returns whether it is done."""

    def __call__(
        self, question: protocol.Question, send: Callable[[protocol.Answer], None]
    ) -> bool: ...


class Questions:
    """The questions of all views of one card. A view's newer question replaces its older one of the same kind."""

    def __init__(
        self,
        state: CardState,
        send: Callable[[dict[str, Any], Sequence[bytes]], None],
        act: Act,
        pins: Callable[[], list[int]],
        show: Callable[[], None],
    ) -> None:
        """`send` publishes a message, `show` the state, and `pins` returns the arrival numbers of pinned lines."""
        self._state = state
        self._send = send
        self._act = act
        self._pins = pins
        self._show = show
        self._newest: Recent[object, protocol.Question] = Recent(1_000)

    def hear(self, question: protocol.Question, worker: Worker | None) -> None:
        """Acknowledge a question, and have `worker` answer it; without a worker, only acknowledge it."""
        self._answer(question, protocol.Heard(self._state.number))
        if worker is None:
            return
        key = (type(question), question.view)
        if isinstance(question, protocol.PinLine):
            key = (*key, question.seq)
        self._newest.put(key, question)
        worker.put(key, lambda: self._work(question, key))

    def _work(self, question: protocol.Question, key: object) -> None:
        state = self._state
        number = state.number

        def check() -> None:
            newest = self._newest.get(key)
            if state.is_closed or (newest is not None and newest is not question):
                raise Overtaken

        def send(answer: protocol.Answer, buffers: Sequence[bytes] = ()) -> None:
            self._answer(question, answer, buffers)

        try:
            if self._act(question, send):
                return
            asked = state.snapshot()
            if asked.number != state.shown.snapshot:
                # The view has been read further elsewhere; a page ignores answers about a snapshot it does not show.
                self._show()
            if not answer(question, asked, send, pins=self._pins(), check=check):
                send(protocol.Failed(number, state.notice or failure(UNREAD)))
        except Overtaken:
            return
        except FlowRunError as error:
            send(protocol.Failed(number, failure(str(error))))
        except Exception:
            send(protocol.Failed(number, failure(FAILED)))
            raise

    def _answer(
        self, question: protocol.Question, said: protocol.Answer, buffers: Sequence[bytes] = ()
    ) -> None:
        self._send(question.reply(said), buffers)
