"""`Harvested`: a report of a harvest."""

from __future__ import annotations

from dataclasses import dataclass

from flowrun_widgets.report.figures import count

__all__ = ["Harvested"]

MAX_NAMED = 5


@dataclass(frozen=True, slots=True)
class Harvested:
    """What a harvest wrote: the numbers of runs, lines, redacted values (None: redaction was off) and bytes."""

    place: str
    """The folder or URL."""
    runs: int
    """How many runs were to be in the folder."""
    written: int
    """How many of them were read and written; the others were there and had not changed."""
    lines: int
    """How many log lines were written."""
    redacted: int | None
    byte_count: int
    going: int = 0
    """How many of the written runs had not ended long enough ago; the next harvest reads these again."""
    failed: tuple[tuple[str, str], ...] = ()
    """The ids of runs that could not be read, and why; the next harvest tries them again."""

    def __repr__(self) -> str:
        values = (
            "nothing redacted"
            if self.redacted is None
            else f"{count(self.redacted, 'value')} redacted"
        )
        there = self.runs - self.written - len(self.failed)
        parts = [
            f"{count(self.written, 'run')} written",
            f"{there:,} unchanged",
        ]
        if self.written:
            parts += [count(self.lines, "line"), values, f"{self.byte_count / 1_000_000:,.1f} MB"]
        if self.going:
            parts.append(f"{self.going:,} still going")
        if self.failed:
            parts.append(f"{self.failed_words()} could not be read")
        return f"{self.place}: {', '.join(parts)}"

    def failed_words(self) -> str:
        """Return the number of runs that could not be read, and the first of them."""
        more = ", …" if len(self.failed) > MAX_NAMED else ""
        ids = ", ".join(flow_run_id for flow_run_id, _ in self.failed[:MAX_NAMED])
        return f"{count(len(self.failed), 'run')} ({ids}{more})"
