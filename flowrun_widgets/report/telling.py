"""`telling()`: what a run, a task run or a log tells to those who see no widget, as plain text or Markdown.

The digest, the counts, and the lines that tell most, in a bounded number of characters, without control characters.
Each line of a log is one line here, however many lines its message has, so that no message can look like another line.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from flowrun_widgets.analysis.telling_lines import evidence_position, telling_lines
from flowrun_widgets.log_columns import LogColumns
from flowrun_widgets.plain_text import one_line, plain, shortened
from flowrun_widgets.report.badges import wire_state
from flowrun_widgets.report.digest_markdown import counts, digest_words
from flowrun_widgets.report.figures import count, date_and_clock, milliseconds
from flowrun_widgets.report.html.excerpt import log_title
from flowrun_widgets.report.html.state_look import state_words
from flowrun_widgets.report.log.rows import level_counts
from flowrun_widgets.report.markup import PLAIN, Markup
from flowrun_widgets.report.standing import standing_of, standing_words
from flowrun_widgets.times import to_micros

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pendulum import DateTime

    from flowrun_widgets.analysis.digest import Digest
    from flowrun_widgets.records import TaskRunRecord
    from flowrun_widgets.report.content import Content

__all__ = [
    "MAX_CHARACTERS",
    "line_texts",
    "log_telling",
    "log_text_or_repr",
    "task_run_telling",
    "telling",
]

MAX_CHARACTERS = 6_000
DIGEST_SHARE = 0.55
"""The part of the room that the digest has at most."""
MAX_EVIDENCE_CHARS, MAX_LINE_CHARS, MIN_LINE_CHARS = 600, 240, 80
"""How many characters a line has: one that reports the failure, any other, and any other if there is little room."""
MAX_MESSAGE_CHARS = 20_000
"""How many characters at each end of a message are read."""
MAX_LABEL_CHARS, MAX_LEVEL_CHARS = 40, 12
MAX_ERROR_LINES = 12
"""How many lines of a task run's message are shown."""
MAX_LOG_LINES = 48
"""A log of up to this many lines is shown whole, one of more lines with this many of them."""
MAX_REPR_LINES, MAX_REPR_CHARS = 40, 8_000
"""A log of up to this many lines and characters is told by its repr."""
MARK = ">"
"""Stands before the line that reports the failure."""


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of a log, in one line of text. `number` counts from 1; None if it is not known."""

    number: int | None
    head: str
    message: str
    rank: int
    is_evidence: bool


@dataclass(frozen=True, slots=True)
class _Lines:
    """Lines of one log of `total` lines, in their order, and what they are called."""

    name: str
    total: int
    lines: tuple[_Line, ...]

    def written(self, markup: Markup, most: int) -> str:
        """Return the lines in at most `most` characters: shorter ones, then fewer ones; empty if none fits."""
        lines, widths = self.lines, (MAX_LINE_CHARS, MAX_EVIDENCE_CHARS)
        while lines:
            text = f"{self._title(lines)}:{markup.gap}{markup.block(_texts(lines, *widths))}"
            if len(text) <= most:
                return text
            if widths[0] > MIN_LINE_CHARS:
                widths = max(MIN_LINE_CHARS, widths[0] * 2 // 3), widths[1]
            elif len(lines) > 1:
                last = max(line.rank for line in lines)
                lines = tuple(line for line in lines if line.rank != last)
            elif widths[1] > MIN_LINE_CHARS:
                widths = widths[0], max(MIN_LINE_CHARS, widths[1] // 2)
            else:
                break
        return ""

    def _title(self, lines: Sequence[_Line]) -> str:
        marked = any(line.is_evidence for line in lines)
        of_all = (
            f"{count(self.total, 'line')}, all of them"
            if len(lines) == self.total
            else f"{len(lines)} of {count(self.total, 'line')}"
        )
        return f"{self.name}: {of_all}, UTC{f' ({MARK} reports the failure)' if marked else ''}"


def telling(
    content: Content,
    max_characters: int = MAX_CHARACTERS,
    *,
    markup: Markup = PLAIN,
    head: str | None = None,
) -> str:
    """Return what a run tells, in at most `max_characters`.

    First the digest: why the run ended, with the error, its frames and its causes. Then the counts of task runs and
    lines, and the telling lines, of which the one that reports the failure is marked. The text says what was not read.
    `head` replaces the line that names the run. The content is without secrets.
    """
    found, logs = content.found, content.logs or LogColumns()
    counted = _counts(content, markup)
    share = int(max_characters * DIGEST_SHARE)
    task_runs = content.task_runs or ()
    digest = digest_words(markup, content.run, found, task_runs, logs, share, head)
    parts = [shortened(digest, max_characters)]
    left = max_characters - len(parts[0])
    for part in (counted, *_unread(content)):
        if len(part) + len(markup.gap) <= left:
            parts.append(part)
            left -= len(part) + len(markup.gap)
    for lines in _of_run(content, found, logs):
        written = lines.written(markup, left - len(markup.gap))
        if written:
            parts.append(written)
            left -= len(written) + len(markup.gap)
    return markup.gap.join(filter(None, parts))


def task_run_telling(
    record: TaskRunRecord,
    columns: LogColumns | None,
    as_of: DateTime,
    max_characters: int = MAX_CHARACTERS,
    *,
    markup: Markup = PLAIN,
) -> str:
    """Return what a task run tells: its state and message, its attempts, and its telling lines.

    `columns` are its lines without secrets; None if they were not read.
    """
    state = shortened(one_line(state_words(wire_state(record.state))), MAX_LABEL_CHARS)
    message = record.state.message
    words = [
        f"{markup.strong(state)}: {markup.quoted(record.label)} ({markup.quoted(record.id, 60)})",
        f"{standing_words(standing_of(record, as_of))} {count(record.attempts, 'attempt')}. "
        f"As of {date_and_clock(to_micros(as_of))} UTC.",
    ]
    if message and message.strip():
        words.append(markup.quotation(_error_lines(message)))
    if columns is None:
        words.append("Its log lines were not read yet; get_logs() reads them.")
    text = shortened(markup.gap.join(words), max_characters)
    if columns is None:
        return text
    room = max_characters - len(text) - len(markup.gap)
    log = log_telling(columns, max_characters=max(room, 0), markup=markup)
    return f"{text}{markup.gap}{log}" if len(log) <= room else text


def log_telling(
    columns: LogColumns,
    numbers: Sequence[int] | None = None,
    max_characters: int = MAX_CHARACTERS,
    *,
    markup: Markup = PLAIN,
) -> str:
    """Return what a log tells: the counts of its levels, and all lines of a short log, or else the telling ones.

    `numbers` are the positions of the lines in the log that they were selected from, from 0.
    """
    total = len(columns)
    title = f"{log_title(total, level_counts(columns))}."
    if not total:
        return title
    positions = range(total)
    if total > MAX_LOG_LINES:
        positions = telling_lines(None, columns, most=MAX_LOG_LINES)
    lines = _lines(columns, positions, numbers or range(total), None)
    room = max_characters - len(title) - len(markup.gap)
    written = _Lines("Telling lines", total, lines).written(markup, room)
    return f"{title}{markup.gap}{written}" if written else title


def line_texts(columns: LogColumns, numbers: Sequence[int] | None) -> list[str]:
    """Return each line of a log in one line of text; `numbers` are their positions, from 0; None if not known."""
    positions = range(len(columns))
    return _texts(_lines(columns, positions, numbers, None), MAX_LINE_CHARS, MAX_EVIDENCE_CHARS)


def log_text_or_repr(columns: LogColumns, whole: str, numbers: Sequence[int] | None = None) -> str:
    """Return a log as text: `whole`, its repr, or, if there are many lines or long ones, what it tells."""
    if len(columns) <= MAX_REPR_LINES and len(whole) <= MAX_REPR_CHARS:
        return whole
    return log_telling(columns, numbers)


def _counts(content: Content, markup: Markup) -> str:
    """Return how many task runs and lines are known, as a sentence."""
    logs, task_runs = content.logs, content.task_runs
    if logs is None and task_runs is None:
        return "Neither its log nor its task runs were read yet."
    said = counts(markup, task_runs or (), len(logs or ()))
    if logs is None:
        said = said.rpartition(";")[0] + "."
    levels = [] if logs is None else _levels(logs)
    return said[:-1] + (f", including {' and '.join(levels)}" if levels else "") + "."


def _levels(logs: LogColumns) -> list[str]:
    levels = level_counts(logs)
    grave = ((levels.critical + levels.error, "error"), (levels.warning, "warning"))
    return [count(number, word) for number, word in grave if number]


def _unread(content: Content) -> list[str]:
    """Return sentences about what was not read."""
    said: list[str] = []
    if content.logs is None:
        said.append("Its log was not read yet.")
    elif not content.is_complete:
        which = (
            "its newest, its first errors, and those about the failure"
            if content.run.record.state.is_failed()
            else "its oldest and newest"
        )
        said.append(
            f"The log is longer: {count(len(content.logs), 'line')} of it were read, {which}; the counts of lines are "
            "of these."
        )
    if content.task_runs is None:
        said.append("Its task runs were not read yet.")
    return said


def _of_run(content: Content, found: Digest | None, logs: LogColumns) -> list[_Lines]:
    """Return the telling lines: those of the sub-flow run in which the run failed, then those of its own log."""
    parts: list[_Lines] = []
    if found is not None and found.logs is not None and len(found.logs):
        positions = telling_lines(found, found.logs, is_own=False, most=12)
        evidence = evidence_position(found, is_own=False)
        lines = _lines(found.logs, positions, None, evidence)
        parts.append(_Lines("Telling lines of the sub-flow run", len(found.logs), lines))
    if len(logs):
        positions = telling_lines(found, logs, most=12 if parts else 24)
        known = content.numbered
        numbers = range(len(logs) if known is None else known)
        lines = _lines(logs, positions, numbers, evidence_position(found, is_own=True))
        parts.append(_Lines("Telling lines", len(logs), lines))
    return parts


def _lines(
    columns: LogColumns,
    positions: Sequence[int],
    numbers: Sequence[int] | None,
    evidence: int | None,
) -> tuple[_Line, ...]:
    """Return lines in their order; `positions` has the most important first, `numbers` the numbers, as far as known."""
    ranks = {position: rank for rank, position in enumerate(positions)}
    ordered = sorted(ranks)
    table = columns.table.select(["timestamp", "level_name", "task", "message"])
    rows = table.take(pa.array(ordered, pa.int64()))
    times = rows["timestamp"].cast("int64").to_pylist()
    levels, tasks, messages = (rows[name].to_pylist() for name in ("level_name", "task", "message"))
    known = () if numbers is None else numbers
    return tuple(
        _Line(
            known[position] + 1 if position < len(known) else None,
            f"{milliseconds(at)}  {_name(level, MAX_LEVEL_CHARS):8} {_name(task or 'flow', MAX_LABEL_CHARS)}:",
            _message(message or ""),
            ranks[position],
            position == evidence,
        )
        for position, at, level, task, message in zip(
            ordered, times, levels, tasks, messages, strict=True
        )
    )


def _texts(lines: Sequence[_Line], width: int, evidence_width: int) -> list[str]:
    digits = max((len(str(line.number)) for line in lines if line.number is not None), default=0)
    return [
        f"{MARK if line.is_evidence else ' '} {'' if line.number is None else line.number:>{digits}}"
        f"{'  ' if digits else ''}{line.head} "
        f"{_cut(line.message, evidence_width if line.is_evidence else width)}"
        for line in lines
    ]


def _name(text: str | None, most: int) -> str:
    return shortened(one_line((text or "")[: 8 * most]), most)


def _message(message: str) -> str:
    """Return a message in one line: its first line, how many follow, and the last one, as of a traceback."""
    first, *others = _message_lines(message)
    if not others:
        return first
    more = f" … +{count(len(others), 'line')}"
    return f"{first}{more}" if not others[-1].strip() else f"{first}{more} … {others[-1].strip()}"


def _message_lines(message: str) -> list[str]:
    """Return the lines of a message that are not blank."""
    if len(message) > 2 * MAX_MESSAGE_CHARS:
        message = f"{message[:MAX_MESSAGE_CHARS]}\n…\n{message[-MAX_MESSAGE_CHARS:]}"
    lines = [line.rstrip().replace("\t", " ") for line in plain(message).split("\n")]
    return [line for line in lines if line.strip()] or [""]


def _error_lines(message: str) -> list[str]:
    """Return the first lines of a state's message, each shortened."""
    lines = _message_lines(message)
    more = [f"… {count(len(lines) - MAX_ERROR_LINES, 'line')} left out"]
    shown = [shortened(line, MAX_LINE_CHARS) for line in lines[:MAX_ERROR_LINES]]
    return shown + (more if len(lines) > MAX_ERROR_LINES else [])


def _cut(text: str, most: int) -> str:
    """Return a text of at most `most` characters; a longer one is cut before its end, which may name the error."""
    if len(text) <= most:
        return text
    tail = most // 3
    return f"{text[: most - tail - 3]} … {text[-tail:]}"
