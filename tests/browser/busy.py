"""Cells that keep the kernel busy until they are told to stop."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from .lab import Lab

LIMIT_SECONDS = 120
SLEEPING = "while goes_on():\n    time.sleep(0.5)"
LOOPING = "while goes_on():\n    for number in range(300_000):\n        number * number % 7"
"""Pure Python: it holds Python's lock whenever nobody asks for it."""
BUSY = {"time.sleep": SLEEPING, "pure Python": LOOPING}


def beginning(stop: Path) -> str:
    """Return the source of the first cell: it defines `goes_on()`, which is true until the file `stop` exists."""
    return f"""
import time
from pathlib import Path
until = time.monotonic() + {LIMIT_SECONDS * 10}
def goes_on():
    return not Path({str(stop)!r}).exists() and time.monotonic() < until
"""


@contextlib.contextmanager
def busy(lab: Lab, cell: int, stop: Path) -> Generator[None]:
    """Run a cell that is busy until the block ends; fail if it ended before."""
    stop.unlink(missing_ok=True)
    lab.start(cell)
    running = lab.cell(cell).locator(".jp-InputPrompt", has_text="[*]")
    expect(running).to_be_visible()
    lab.wait_for(
        "window.jupyterapp.shell.currentWidget.sessionContext.kernelDisplayStatus === 'busy'"
    )
    try:
        yield
        expect(running).to_be_visible(timeout=1)
    finally:
        stop.touch()
    lab.wait_until_idle()
