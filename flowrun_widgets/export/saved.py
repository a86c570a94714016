"""`Saved`: a report of what was written into a file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["Saved"]


@dataclass(frozen=True, slots=True)
class Saved:
    """What was written into a file: the numbers of runs, redacted values (None: redaction was off) and bytes."""

    path: Path
    runs: int
    redacted: int | None
    byte_count: int
    missing: tuple[str, ...] = ()
    """The parts that the server did not return: "history", "artifacts", "flow", "histories of task runs"."""
    going: int = 0
    """How many of the runs had not ended yet, so that the file does not hold all of them."""

    def __repr__(self) -> str:
        runs = "1 run" if self.runs == 1 else f"{self.runs:,} runs"
        values = "1 value" if self.redacted == 1 else f"{self.redacted or 0:,} values"
        redacted = "nothing redacted" if self.redacted is None else f"{values} redacted"
        size = f"{max(self.byte_count / 1_000, 1):,.0f} kB"
        if self.byte_count >= 1_000_000:
            size = f"{self.byte_count / 1_000_000:,.1f} MB"
        without = f", without {', '.join(self.missing)}" if self.missing else ""
        going = f", {self.going:,} still going" if self.going else ""
        return f"{self.path}: {runs}{going}, {redacted}, {size}{without}"
