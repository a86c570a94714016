"""Progress of long reads and messages about long waits: sent to a listener if there is one, else shown on screen."""

from __future__ import annotations

import logging
import sys
import threading
import time
from contextlib import contextmanager
from contextvars import Context, ContextVar, copy_context
from typing import TYPE_CHECKING, Any

from flowrun_widgets.forks import unlocked_in_child
from flowrun_widgets.notebook import kernel

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    Listener = Callable[[str, int], None]

__all__ = ["contexts", "part_of", "progress_to", "report", "shown_progress", "waiting_for"]

logger = logging.getLogger("flowrun_widgets")

PATIENCE_SECONDS = 1.0
"""A read that ends sooner shows nothing."""
BETWEEN_SECONDS = 0.25

WAITED_SECONDS = 3.0
"""A wait that takes longer is reported."""

_listener: ContextVar[Listener | None] = ContextVar("flowrun_progress", default=None)


@contextmanager
def progress_to(listener: Listener) -> Generator[None]:
    """Report the progress of reads in this block to `listener`: what is counted ("lines", "task runs"), and the count.

    The listener is called on the reading thread, between two requests or two parts of a long answer. An exception that
    it raises ends the read.
    """
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


def report(what: str, count: int) -> None:
    """Report that `count` of `what` were read so far."""
    listener = _listener.get()
    if listener is not None:
        listener(what, count)


@contextmanager
def part_of(whole: str) -> Generator[None]:
    """Name the purpose of reads in this block: "lines of run 3" instead of "lines"."""
    listener = _listener.get()
    if listener is None:
        yield
        return
    with progress_to(lambda what, count: listener(f"{what} of {whole}", count)):
        yield


@contextmanager
def shown_progress() -> Generator[None]:
    """Show the progress of reads in this block, unless there is a listener already.

    A notebook shows one line of output that is cleared at the end, a terminal shows a bar; elsewhere nothing is shown.
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


@contextmanager
def waiting_for(what: str) -> Generator[None]:
    """Report what is being waited for if this block takes three seconds.

    A notebook and a terminal show one line that disappears again; elsewhere it goes to the log `flowrun_widgets`. Only
    waits of the main thread are reported, including those of threads that run in its `contexts`.
    """
    waits = _waits.get() or (_Waits() if _is_main_thread() else None)
    if waits is None:
        yield
        return
    waits.begin(what)
    try:
        yield
    finally:
        waits.end()


def contexts(count: int) -> list[Context]:
    """Return contexts for worker threads of this thread: their waits and reads are reported as its own."""
    waits = _waits.get() or (_Waits() if _is_main_thread() else None)
    made = [copy_context() for _ in range(count)]
    for context in made:
        context.run(_waits.set, waits)
    return made


class _Waits:
    """What one thread and its workers wait for; reported once, however many requests there are."""

    def __init__(self) -> None:
        self._lock = unlocked_in_child(threading.Lock())
        self._count = 0
        self._timer: threading.Timer | None = None
        self._screen: _Notebook | _Terminal | None = None

    def begin(self, what: str) -> None:
        with self._lock:
            self._count += 1
            if self._timer is None:
                self._timer = threading.Timer(WAITED_SECONDS, self._say, [what])
                self._timer.name = "flowrun-waiting"
                self._timer.daemon = True
                self._timer.start()

    def end(self) -> None:
        with self._lock:
            self._count -= 1
            if self._count or self._timer is None:
                return
            self._timer.cancel()
            self._timer = None
            if self._screen is not None:
                self._screen.say("")
                self._screen = None

    def _say(self, what: str) -> None:
        with self._lock:
            if not self._count:
                return
            self._screen = _screen()
            if self._screen is None:
                logger.warning("Waiting for %s.", what)
            else:
                self._screen.say(f"waiting for {what}")


_waits: ContextVar[_Waits | None] = ContextVar("flowrun_waits", default=None)


def _is_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


class _Terminal:
    """A plain-text bar of tqdm, since its notebook widget does not work in a saved notebook."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._width = 0

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

    def say(self, text: str) -> None:
        """Replace the line that was written before; "" removes it."""
        width, self._width = self._width, len(text)
        sys.stderr.write(f"\r{' ' * width}\r{text}")
        sys.stderr.flush()

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
        self.say(f"reading: {count:,} {what} so far")

    def close(self) -> None:
        if self._output is not None:
            self.say("")

    def say(self, text: str) -> None:
        """Replace the line that was shown before; "" removes it."""
        from IPython.display import display

        if self._output is None:
            self._output = display({"text/plain": text}, raw=True, display_id=True)
        else:
            self._output.update({"text/plain": text}, raw=True)


def _screen() -> _Notebook | _Terminal | None:
    if kernel() is not None:
        return _Notebook()
    return _Terminal() if sys.stderr is not None and sys.stderr.isatty() else None
