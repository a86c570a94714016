"""Tracebacks as they stand in log messages: what was raised, and the frames in the user's own code."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Frame", "ParsedTraceback", "parse"]

HEAD = "Traceback (most recent call last):"
FRAME = re.compile(r'^ +File "([^"\n]+)", line (\d+)(?:, in (.+))?$')
LIBRARIES = re.compile(
    r"(?:^|[/\\])(?:site-packages|dist-packages|lib[/\\]python[\d.]+)[/\\]"
    r"|^(?:prefect|concurrent|asyncio|json|anyio|dask|distributed)[/\\]"
)
"""Installed packages anywhere, and what a path that was made relative begins with."""
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
MARGIN = re.compile(r"^ *(?:[|] |[|]$|(?=\+-))")
MARKS = re.compile(r"^[\s~^]+$")


@dataclass(frozen=True, slots=True)
class Frame:
    """One call: the file, the line, the function and the text of that line."""

    file: str
    line: int
    function: str
    code: str = ""

    @property
    def is_own(self) -> bool:
        """Whether it lies in the user's own code, as far as its path tells."""
        return not LIBRARIES.search(self.file) and not self.file.startswith("<")

    def lines(self) -> list[str]:
        """Return it as a traceback prints it."""
        head = f'File "{self.file}", line {self.line}, in {self.function}'
        return [head, f"  {self.code}"] if self.code else [head]


@dataclass(frozen=True, slots=True)
class ParsedTraceback:
    """What was raised at the end, and every frame of the last traceback in the message."""

    error: str
    frames: tuple[Frame, ...]

    def own_frames(self) -> tuple[Frame, ...]:
        """Return the frames in the user's own code; all of them if none is."""
        return tuple(frame for frame in self.frames if frame.is_own) or self.frames


def parse(message: str) -> ParsedTraceback | None:
    """Return the last traceback of a log message, or None if there is none.

    Colours, and the margins of exception groups, are looked through. The error ends at the first empty line.
    """
    lines = [MARGIN.sub("", COLOUR.sub("", line)) for line in message.splitlines()]
    heads = [position for position, line in enumerate(lines) if line.strip().endswith(HEAD)]
    if not heads:
        return None
    frames: list[Frame] = []
    error: list[str] = []
    for line in lines[heads[-1] + 1 :]:
        match = FRAME.match(line)
        if error:
            if not line.strip() or line.startswith("+-"):
                break
            error.append(line)
        elif match:
            frames.append(Frame(match[1], int(match[2]), match[3] or ""))
        elif line.startswith(" "):
            if frames and not frames[-1].code and not MARKS.match(line):
                last = frames[-1]
                frames[-1] = Frame(last.file, last.line, last.function, line.strip())
        elif line.strip() and not line.startswith("+-"):
            error.append(line)
    return ParsedTraceback("\n".join(error).strip(), tuple(frames))
