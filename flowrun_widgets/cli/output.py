"""`Output`: where a command writes: standard output, coloured and paged if that is a terminal."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Any

from flowrun_widgets.cli.exits import ERROR, NOT_FOUND
from flowrun_widgets.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

    from flowrun_widgets.cli.digest_lines import Line
    from flowrun_widgets.errors import FlowRunError

__all__ = ["Output"]

STYLES = {
    "title": "1", "error": "1;31", "warning": "33", "quiet": "2", "command": "36", "failed": "1;31", "heldup": "33",
    "done": "32", "cached": "32", "running": "34", "retry": "33", "waiting": "33", "paused": "33", "ended": "35",
}  # fmt: skip
"""ANSI codes by what a text is, and by the family of a state: the eight colours of the terminal's own theme."""
LESS = "FRX"
"""The options of `less` as git sets them: show colours, end if all fits on one screen, leave the text there."""
MIN_WIDTH = 40


class Output:
    """Standard output as a stream of text. As a context manager, it ends the pager.

    Colour is used if standard output is a terminal and neither `NO_COLOR` is set nor `TERM` is "dumb"; `FORCE_COLOR`
    uses it anyway. Only a terminal has a pager: `FLOWRUN_PAGER`, else `PAGER`, else `less`; "" and "cat" mean none.
    """

    def __init__(self) -> None:
        self.is_terminal = sys.stdout.isatty()
        self.has_colour = _has_colour(self.is_terminal)
        self.has_pager = self.is_terminal
        self.has_exit_status = False
        """Whether the exit status tells how the run ended."""
        self._pager: subprocess.Popen[str] | None = None

    @property
    def width(self) -> int | None:
        """The number of columns of the terminal; None if this is none, and lines may be as long as they are."""
        if not self.is_terminal:
            return None
        return max(MIN_WIDTH, shutil.get_terminal_size().columns)

    @property
    def stream(self) -> IO[str]:
        """The stream to write to. The first use begins the pager."""
        if self._pager is None and self.has_pager and (command := _pager()):
            self._pager = _begun(command)
            self.has_pager = self._pager is not None
        if self._pager is not None and self._pager.stdin is not None:
            return self._pager.stdin
        return sys.stdout

    def styled(self, text: str, style: str | None) -> str:
        """Return the text with the code of a style, if colour is used."""
        code = STYLES.get(style or "")
        return f"\x1b[{code}m{text}\x1b[0m" if self.has_colour and code and text else text

    def line(self, text: str = "", style: str | None = None) -> None:
        """Write a line."""
        self.stream.write(f"{self.styled(text, style)}\n")

    def lines(self, texts: Iterable[str]) -> None:
        """Write lines."""
        write = self.stream.write
        for text in texts:
            write(f"{text}\n")

    def blocks(self, lines: Iterable[Line]) -> None:
        """Write lines that wrap at the width of the terminal, each at its own indent; elsewhere they do not wrap."""
        for one in lines:
            room = " " * one.indent
            texts = [one.text] if self.width is None or not one.is_wrapped else self._wrapped(one)
            for number, text in enumerate(texts):
                further = " " * one.hang if number else ""
                self.line(f"{room}{further}{self.styled(text, one.style)}")

    def _wrapped(self, line: Line) -> list[str]:
        """Return the parts of a line that fit into the width of the terminal."""
        room = (self.width or MIN_WIDTH) - line.indent
        if len(line.text) <= room and line.text.isascii():
            return [line.text]
        from rich.cells import cell_len
        from rich.console import Console
        from rich.text import Text

        if cell_len(line.text) <= room:
            return [line.text]
        console = Console(width=room, legacy_windows=False)
        first, *others = Text(line.text).wrap(console, room, overflow="fold")
        rest = line.text[len(first.plain) :].strip()
        narrow = max(room - line.hang, MIN_WIDTH // 2)
        if others and line.hang:
            others = Text(rest).wrap(console, narrow, overflow="fold")
        return [text.plain.rstrip() for text in (first, *others)]

    def json(self, value: Any, *, is_line: bool = False) -> None:
        """Write a value as JSON, on one line or indented. On a terminal all but ASCII is escaped."""
        import json

        indent = None if is_line else 2
        separators = (",", ":") if is_line else None
        text = json.dumps(
            value, indent=indent, separators=separators, ensure_ascii=self.is_terminal
        )
        self.stream.write(f"{text}\n")

    def say(self, text: str) -> None:
        """Write a message to standard error."""
        print(f"flowrun: {text}", file=sys.stderr)  # noqa: T201

    def failed(self, error: FlowRunError) -> int:
        """Report an error and return the exit status for it."""
        from flowrun_widgets.plain_text import plain

        self.say(plain(str(error)))
        return NOT_FOUND if self.has_exit_status and isinstance(error, NotFound) else ERROR

    def __enter__(self) -> Output:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        pager, self._pager = self._pager, None
        if pager is None:
            if error is None:
                sys.stdout.flush()
            return
        # The pager's reader may have seen enough; Ctrl+C is for the pager as well, which goes on.
        with suppress(BrokenPipeError):
            if pager.stdin is not None:
                pager.stdin.close()
        while True:
            with suppress(KeyboardInterrupt):
                pager.wait()
                break
        if isinstance(error, BrokenPipeError):
            raise SystemExit(0)


def _has_colour(is_terminal: bool) -> bool:
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0").lower() not in ("", "0", "false"):
        return True
    return is_terminal and os.environ.get("TERM") != "dumb"


def _pager() -> str | None:
    """Return the shell command of the pager, None if there is none."""
    for name in ("FLOWRUN_PAGER", "PAGER"):
        if (command := os.environ.get(name)) is not None:
            return command.strip() if command.strip() not in ("", "cat") else None
    return "less" if shutil.which("less") else None


def _begun(command: str) -> subprocess.Popen[str] | None:
    """Start the pager through the shell, as git does; None if it cannot be started."""
    environ = {**os.environ, "LESS": os.environ.get("LESS", LESS), "LV": "-c"}
    sys.stdout.flush()
    try:
        return subprocess.Popen(  # noqa: S602  the user's own command
            command,
            shell=True,
            stdin=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
            env=environ,
        )
    except OSError:
        return None
