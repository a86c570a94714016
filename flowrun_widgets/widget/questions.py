"""`Questions`: acknowledges each question of a page at once, then has it answered in a thread of the card."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from flowrun_widgets.errors import FlowRunError
from flowrun_widgets.report.log.lines import Recent
from flowrun_widgets.report.notices import AGAIN, failure
from flowrun_widgets.widget import protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from flowrun_widgets.live.worker import Worker

__all__ = ["Questions"]

FAILED = f"The card could not answer; the kernel's log says why. {AGAIN}"


class Overtaken(Exception):
    """Ends the work on a question because its view has asked a newer one."""


class Shown(Protocol):
    """What a card shows: its number, which answers carry, and whether the card was closed."""

    @property
    def number(self) -> int: ...
    @property
    def is_closed(self) -> bool: ...


class Send(Protocol):
    """Sends an answer."""

    def __call__(self, answer: protocol.Answer, buffers: Sequence[bytes] = ()) -> None: ...


class Work(Protocol):
    """Does what a question asks, and sends the answers; calls `check` now and then, which ends the work on a question
    that its view has replaced."""

    def __call__(
        self, question: protocol.Question, send: Send, check: Callable[[], None]
    ) -> None: ...


class Questions:
    """The questions of all views of one card. A view's newer question replaces its older one of the same kind."""

    def __init__(
        self,
        shown: Shown,
        send: Callable[[dict[str, Any], Sequence[bytes]], None],
        work: Work,
    ) -> None:
        """`send` publishes a message, `work` answers a question."""
        self._shown = shown
        self._send = send
        self._work = work
        self._newest: Recent[object, protocol.Question] = Recent(1_000)

    def hear(self, question: protocol.Question, worker: Worker | None) -> None:
        """Acknowledge a question, and have `worker` answer it; without a worker, only acknowledge it."""
        self._answer(question, protocol.Heard(self._shown.number))
        if worker is None:
            return
        key = (type(question), question.view)
        if isinstance(question, protocol.PinLine):
            key = (*key, question.seq)
        self._newest.put(key, question)
        worker.put(key, lambda: self._do(question, key))

    def _do(self, question: protocol.Question, key: object) -> None:
        number = self._shown.number

        def check() -> None:
            newest = self._newest.get(key)
            if self._shown.is_closed or (newest is not None and newest is not question):
                raise Overtaken

        def send(answer: protocol.Answer, buffers: Sequence[bytes] = ()) -> None:
            self._answer(question, answer, buffers)

        try:
            self._work(question, send, check)
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
