"""Runs several requests at once."""

from __future__ import annotations

import threading
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from flowrun_widgets.backends.progress import contexts

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["CHECK_SECONDS", "together"]

CHECK_SECONDS = 0.1
"""The longest wait in seconds: a wait without a limit cannot be interrupted on Windows."""


def together(*questions: Callable[[], Any]) -> list[Any]:
    """Run several functions at once and return their results; the first error is raised.

    An interrupt or an error does not wait for the other results.
    """
    if len(questions) < 2:
        return [ask() for ask in questions]
    answers: SimpleQueue[tuple[int, Any, BaseException | None]] = SimpleQueue()

    def put(number: int, ask: Callable[[], Any]) -> None:
        try:
            answers.put((number, ask(), None))
        except BaseException as error:  # noqa: BLE001  it is raised where the answers are wanted
            answers.put((number, None, error))

    for number, (ask, context) in enumerate(zip(questions, contexts(len(questions)), strict=True)):
        threading.Thread(
            target=context.run, args=(put, number, ask), name="flowrun-ask", daemon=True
        ).start()
    found: dict[int, Any] = {}
    while len(found) < len(questions):
        with suppress(Empty):
            number, answer, error = answers.get(timeout=CHECK_SECONDS)
            if error is not None:
                raise error
            found[number] = answer
    return [found[number] for number in range(len(questions))]
