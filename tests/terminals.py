"""The command in a process of its own: in a pseudo-terminal, and with its output in a pipe."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

__all__ = ["ROOT", "Shown", "in_pipe", "in_terminal", "surroundings"]

ROOT = Path(__file__).parents[1]
COMMAND = [sys.executable, "-m", "flowrun_widgets"]
OURS = ("NO_COLOR", "FORCE_COLOR", "PAGER", "FLOWRUN_PAGER", "LESS", "COLUMNS", "LINES")


class Shown(NamedTuple):
    """What a terminal got, and how the command ended."""

    text: str
    status: int


def surroundings(**changes: str) -> dict[str, str]:
    """Return the environment of a command without what colours and pages."""
    environ = {key: value for key, value in os.environ.items() if key not in OURS}
    return {**environ, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", **changes}


def in_pipe(*arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end, its output in a pipe."""
    return subprocess.run(
        [*COMMAND, *arguments],
        capture_output=True,
        text=True,
        env=surroundings(**changes),
        timeout=120,
    )


def in_terminal(*arguments: str, columns: int = 80, **changes: str) -> Shown:
    """Run the command to its end in a terminal of this width."""
    import fcntl
    import struct
    import termios

    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    options: dict[str, Any] = {"stdin": theirs, "stdout": theirs, "stderr": theirs}
    with subprocess.Popen(
        [*COMMAND, *arguments], env=surroundings(**changes), start_new_session=True, **options
    ) as process:
        os.close(theirs)
        parts: list[bytes] = []
        with suppress(OSError):  # Linux reports the end of a terminal as an error
            while part := os.read(ours, 65_536):
                parts.append(part)
        os.close(ours)
        status = process.wait(120)
    return Shown(b"".join(parts).decode().replace("\r\n", "\n"), status)
