"""`excerpt()`: the most relevant lines of a log: its ends, errors, then warnings, or all of a short log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from flowrun_widgets.arrow import pc
from flowrun_widgets.plain_text import one_line, plain, shortened
from flowrun_widgets.report.figures import count, milliseconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from flowrun_widgets.log_columns import LogColumns
    from flowrun_widgets.report.wire import LevelCounts

__all__ = [
    "MAX_TASK",
    "Excerpt",
    "Gap",
    "Line",
    "excerpt",
    "excerpt_text",
    "log_title",
    "shown_words",
]

WHOLE = 60
"""A log of up to this many lines is shown whole."""
MAX_LINES = 60
"""How many lines of a longer log are shown: its ends and errors."""
MAX_WITH_WARNINGS = 44
"""Warnings are added up to this many lines."""
EDGE = 2
MAX_MESSAGE_LINES = 12
MAX_LINE_CHARACTERS = 600
MAX_CHARACTERS = 2_000
MAX_TOGETHER = 24_000
"""The largest number of characters of all messages together."""
MAX_TASK = 24
"""How many characters of a task's label are shown."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line that is shown. `number` counts from 1; a long `message` is cut and marked."""

    number: int
    at: int
    level: str
    task: str
    message: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Lines that are left out, and the numbers of warnings and errors among them."""

    lines: int
    warnings: int
    errors: int


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Lines and gaps in order, and the totals of the gaps."""

    parts: tuple[Line | Gap, ...]
    shown: int
    left_out: Gap


def excerpt(columns: LogColumns, numbers: Sequence[int] | None = None) -> Excerpt:
    """Return the most relevant lines; `numbers` are the positions of `columns` in a larger log, from 0, if selected."""
    total = len(columns)
    level = pc.fill_null(columns.table["level"], 0).to_numpy()
    errors = np.flatnonzero(level >= 40)
    warnings = np.flatnonzero((level >= 30) & (level < 40))
    chosen = range(total) if total <= WHOLE else _telling(total, errors, warnings)
    lines = _lines(columns, chosen, numbers or range(total))
    parts: list[Line | Gap] = []
    following = 0
    for position, line in zip(chosen, lines, strict=True):
        if position > following:
            parts.append(_gap(following, position, warnings, errors))
        parts.append(line)
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


def excerpt_text(log: Excerpt) -> str:
    """Return an excerpt as text in columns: number, time of day in UTC, level, task, message."""
    lines = [part for part in log.parts if isinstance(part, Line)]
    width = min(MAX_TASK, max((len(one_line(line.task)) for line in lines), default=0))
    digits = max((len(count(line.number)) for line in lines), default=0)
    return "\n".join(
        _line_text(part, width, digits)
        if isinstance(part, Line)
        else f"{'':{digits}}  {_gap_words(part)} left out"
        for part in log.parts
    )


def log_title(total: int, levels: LevelCounts) -> str:
    """Return a title with the numbers of lines, errors and warnings."""
    grave = [
        count(number, word)
        for number, word in ((levels.critical + levels.error, "error"), (levels.warning, "warning"))
        if number
    ]
    of_them = f", including {' and '.join(grave)}" if grave else ""
    return f"Logs: {count(total, 'line')}{of_them}"


def shown_words(log: Excerpt, total: int) -> list[str]:
    """Return sentences that say how many of `total` lines an excerpt shows, and what it leaves out."""
    shown = f"{count(log.shown)} of {count(total, 'line')} shown."
    gap = log.left_out
    return [shown, f"Left out: {_gap_words(gap).rstrip(',')}."] if gap.lines else [shown]


def _telling(total: int, errors: NDArray[np.int64], warnings: NDArray[np.int64]) -> Sequence[int]:
    chosen = {*range(EDGE), *range(total - EDGE, total)}
    half = (MAX_LINES - len(chosen)) // 2
    if len(errors) > 2 * half:
        errors = np.concatenate((errors[:half], errors[-half:]))
    chosen.update(errors.tolist())
    for position in warnings[:MAX_LINES].tolist():
        if len(chosen) < MAX_WITH_WARNINGS:
            chosen.add(position)
    return sorted(chosen)


def _gap(start: int, end: int, warnings: NDArray[np.int64], errors: NDArray[np.int64]) -> Gap:
    inside = [
        int(np.searchsorted(positions, end) - np.searchsorted(positions, start))
        for positions in (warnings, errors)
    ]
    return Gap(end - start, *inside)


def _lines(columns: LogColumns, positions: Sequence[int], numbers: Sequence[int]) -> list[Line]:
    rows = columns.table.select(["timestamp", "level_name", "task", "message"])
    rows = rows.take(pa.array(positions, pa.int64())) if positions else rows.slice(0, 0)
    messages = [message or "" for message in rows["message"].to_pylist()]
    cut = [_cut(message, MAX_CHARACTERS) for message in messages]
    if sum(map(len, cut)) > MAX_TOGETHER:
        cut = [_cut(message, MAX_TOGETHER // len(messages)) for message in messages]
    times = rows["timestamp"].cast("int64").to_pylist()
    levels, tasks = (rows[name].to_pylist() for name in ("level_name", "task"))
    return [
        Line(numbers[position] + 1, at, level or "", task or "flow", message)
        for position, at, level, task, message in zip(
            positions, times, levels, tasks, cut, strict=True
        )
    ]


def _line_text(line: Line, width: int, digits: int) -> str:
    task = shortened(one_line(line.task), width)
    first, *others = plain(line.message).split("\n")
    head = f"{count(line.number):>{digits}}  {milliseconds(line.at)}  {one_line(line.level):8} {task:{width}}  "
    return "\n".join([head + first, *(" " * len(head) + other for other in others)])


def _gap_words(gap: Gap) -> str:
    of_them = [
        count(n, word) for n, word in ((gap.warnings, "warning"), (gap.errors, "error")) if n
    ]
    return count(gap.lines, "line") + (f", including {' and '.join(of_them)}," if of_them else "")


def _cut(message: str, most: int) -> str:
    """Return a message of limited size; a long one is cut in the middle."""
    lines = message.splitlines() or [""]
    if len(lines) > MAX_MESSAGE_LINES:
        head, tail = MAX_MESSAGE_LINES // 3, MAX_MESSAGE_LINES - MAX_MESSAGE_LINES // 3
        lines = [*lines[:head], f"… {len(lines) - head - tail} lines …", *lines[-tail:]]
    text = "\n".join(
        line
        if len(line) <= MAX_LINE_CHARACTERS
        else f"{line[:MAX_LINE_CHARACTERS]}… +{len(line) - MAX_LINE_CHARACTERS} characters"
        for line in lines
    )
    if len(text) <= most:
        return text
    edge = most // 2
    return f"{text[:edge]}\n… {len(text) - 2 * edge} characters …\n{text[-edge:]}"
