"""The telling part of a log: its first and last lines, the errors, then warnings. A short log is told whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from flowrun_widgets.arrow import pc

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from flowrun_widgets.log_columns import LogColumns

__all__ = ["Excerpt", "Gap", "Line", "excerpt"]

WHOLE = 60
"""A log of so many lines is told whole."""
MOST_LINES = 44
"""How many lines of a longer one are told."""
EDGE = 2
MOST_MESSAGE_LINES = 12
MOST_LINE_CHARACTERS = 600
MOST_CHARACTERS = 2_000


@dataclass(frozen=True, slots=True)
class Line:
    """One line that is shown. `number` counts from 1; `message` is cut, and says so."""

    number: int
    at: int
    level: str
    task: str
    message: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Lines that are left out, and how many of them are warnings and errors."""

    lines: int
    warnings: int
    errors: int


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Lines and gaps in order, and what the gaps hold altogether."""

    parts: tuple[Line | Gap, ...]
    shown: int
    left_out: Gap


def excerpt(columns: LogColumns) -> Excerpt:
    """Return the telling lines of a log."""
    total = len(columns)
    level = pc.fill_null(columns.table["level"], 0).to_numpy()
    errors = np.flatnonzero(level >= 40)
    warnings = np.flatnonzero((level >= 30) & (level < 40))
    half = MOST_LINES // 2
    edges = [*range(min(EDGE, total)), *range(max(EDGE, total - EDGE), total)]
    telling = (*errors[:half], *errors[-half:], *warnings[:MOST_LINES])
    chosen: dict[int, None] = {}
    for position in (*edges, *map(int, telling)):
        if len(chosen) < MOST_LINES:
            chosen[position] = None
    if total <= WHOLE:
        chosen = dict.fromkeys(range(total))
    parts: list[Line | Gap] = []
    following = 0
    for position in sorted(chosen):
        if position > following:
            parts.append(_gap(following, position, warnings, errors))
        parts.append(_line(columns, position))
        following = position + 1
    if following < total:
        parts.append(_gap(following, total, warnings, errors))
    gaps = [part for part in parts if isinstance(part, Gap)]
    left_out = Gap(
        total - len(chosen),
        sum(gap.warnings for gap in gaps),
        sum(gap.errors for gap in gaps),
    )
    return Excerpt(tuple(parts), len(chosen), left_out)


def _gap(start: int, end: int, warnings: NDArray[np.int64], errors: NDArray[np.int64]) -> Gap:
    inside = [
        int(np.searchsorted(positions, end) - np.searchsorted(positions, start))
        for positions in (warnings, errors)
    ]
    return Gap(end - start, *inside)


def _line(columns: LogColumns, position: int) -> Line:
    row = columns.table.slice(position, 1)
    at = row["timestamp"].cast("int64")[0].as_py()
    level, task, message = (
        row[name][0].as_py() or "" for name in ("level_name", "task", "message")
    )
    return Line(position + 1, at, level, task or "flow", _cut(message))


def _cut(message: str) -> str:
    """Return a message of a bounded size: of a long one the beginning and the end."""
    lines = message.splitlines() or [""]
    if len(lines) > MOST_MESSAGE_LINES:
        head, tail = MOST_MESSAGE_LINES // 3, MOST_MESSAGE_LINES - MOST_MESSAGE_LINES // 3
        lines = [*lines[:head], f"… {len(lines) - head - tail} lines …", *lines[-tail:]]
    text = "\n".join(
        line
        if len(line) <= MOST_LINE_CHARACTERS
        else f"{line[:MOST_LINE_CHARACTERS]}… +{len(line) - MOST_LINE_CHARACTERS} characters"
        for line in lines
    )
    if len(text) <= MOST_CHARACTERS:
        return text
    edge = MOST_CHARACTERS // 2
    return f"{text[:edge]}\n… {len(text) - 2 * edge} characters …\n{text[-edge:]}"
