"""How far a long read is, told to whoever wants to know, and else shown to whoever looks."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    Listener = Callable[[str, int], None]

__all__ = ["part_of", "progress_to", "report", "shown_progress"]

PATIENCE_SECONDS = 1.0
"""A read that is done by then shows nothing."""
BETWEEN_SECONDS = 0.25

_listener: ContextVar[Listener | None] = ContextVar("flowrun_progress", default=None)


@contextmanager
def progress_to(listener: Listener) -> Generator[None]:
    """Tell `listener` how far reads in this block are: what is counted ("lines", "task runs"), and how many so far.

    It is called on the thread that reads, between two requests or two parts of a long answer. What it raises ends the read.
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


@contextmanager
def part_of(whole: str) -> Generator[None]:
    """Say of reads in this block what they are for: "lines of run 3" instead of "lines"."""
    listener = _listener.get()
    if listener is None:
        yield
        return
    with progress_to(lambda what, count: listener(f"{what} of {whole}", count)):
        yield


@contextmanager
def shown_progress() -> Generator[None]:
    """Show how far reads in this block are, unless somebody listens already.

    In a notebook as one line of output that is emptied at the end, in a terminal as a bar; nowhere else.
    """
    screen = None if _listener.get() is not None else _screen()
    if screen is None:
        yield
        return
    with progress_to(screen.tell):
        try:
            yield
        finally:
            screen.close()


class _Terminal:
    """A plain bar of tqdm's: its notebook widget is dead in a saved notebook."""

    def __init__(self) -> None:
        self._bar: Any = None

    def tell(self, what: str, count: int) -> None:
        if self._bar is None:
            from tqdm import tqdm

            self._bar = tqdm(
                desc="reading",
                unit=f" {what}",
                bar_format="{desc}: {n_fmt}{unit} [{elapsed}]",
                leave=False,
                delay=PATIENCE_SECONDS,
                file=sys.stderr,
            )
        self._bar.unit = f" {what}"
        self._bar.update(count - self._bar.n)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()


class _Notebook:
    def __init__(self) -> None:
        self._next = time.monotonic() + PATIENCE_SECONDS
        self._output: Any = None

    def tell(self, what: str, count: int) -> None:
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + BETWEEN_SECONDS
        self._write(f"reading: {count:,} {what} so far")

    def close(self) -> None:
        if self._output is not None:
            self._write("")

    def _write(self, text: str) -> None:
        from IPython.display import display

        if self._output is None:
            self._output = display({"text/plain": text}, raw=True, display_id=True)
        else:
            self._output.update({"text/plain": text}, raw=True)


def _screen() -> _Notebook | _Terminal | None:
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if getattr(shell, "kernel", None) is not None:
        return _Notebook()
    return _Terminal() if sys.stderr is not None and sys.stderr.isatty() else None
