"""How far a long read is, told to whoever wants to know."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    Listener = Callable[[str, int], None]

__all__ = ["progress_to", "report"]

_listener: ContextVar[Listener | None] = ContextVar("flowrun_progress", default=None)


@contextmanager
def progress_to(listener: Listener) -> Generator[None]:
    """Tell `listener` how far reads in this block are: what is counted ("lines", "task runs"), and how many so far.

    It is called on the thread that reads, between two requests. What it raises ends the read.
    """
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


def report(what: str, count: int) -> None:
    """Say that `count` of `what` were read so far."""
    listener = _listener.get()
    if listener is not None:
        listener(what, count)
