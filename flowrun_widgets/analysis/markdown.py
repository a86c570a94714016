"""The digest of a run as Markdown: for a ticket, a chat, a model.

Names and texts of the run are hostile: they stand in code spans and fences that they cannot leave.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pyarrow as pa

from flowrun_widgets.analysis.attempts import spans
from flowrun_widgets.analysis.plain_text import plain, shortened
from flowrun_widgets.analysis.words import count, date_and_clock, duration, milliseconds
from flowrun_widgets.times import to_micros

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Protocol

    from pendulum import DateTime

    from flowrun_widgets.analysis.digest import Digest
    from flowrun_widgets.log_columns import LogColumns
    from flowrun_widgets.records import FlowRunRecord, TaskRunRecord

    class Run(Protocol):
        """A run at one moment."""

        @property
        def record(self) -> FlowRunRecord: ...

        @property
        def as_of(self) -> DateTime: ...


__all__ = ["MAX_CHARS", "digest_markdown", "expression"]

MAX_CHARS = 4_000
NAME = 120
ERROR = 1_200
ERROR_LINES = 12
LINE = 300
ATTEMPTS = 12
HELD_UP = 24
PLAIN_NAME = re.compile(r"[\w .:-]{1,80}")


@dataclass(frozen=True, slots=True)
class Cut:
    """How much of each part is said."""

    tail: int
    frames: int
    held_up: int = HELD_UP
    attempts: int = ATTEMPTS
    error: int = ERROR

    def smaller(self) -> Cut | None:
        """Return the next smaller one: fewer last lines, then fewer frames, then less of the rest; None if there is none."""
        if self.tail:
            return replace(self, tail=self.tail - 1)
        if self.frames > 1:
            return replace(self, frames=self.frames - 1)
        if self.held_up > 2:
            return replace(self, held_up=2)
        if self.attempts > 2:
            return replace(self, attempts=2)
        if self.frames or self.held_up:
            return replace(self, frames=0, held_up=0, attempts=0)
        return replace(self, error=self.error // 2) if self.error > 40 else None


def expression(record: FlowRunRecord) -> str:
    """Return the Python expression that shows this run's card."""
    name = record.name or ""
    name = name if PLAIN_NAME.fullmatch(name) and name == name.strip() else record.id
    return f"fw.card({json.dumps(name, ensure_ascii=not name.isprintable())})"


def digest_markdown(
    run: Run,
    found: Digest | None,
    task_runs: Sequence[TaskRunRecord],
    logs: LogColumns,
    max_chars: int = MAX_CHARS,
) -> str:
    """Return why the run failed, or that it did not, in at most `max_chars` characters.

    Last lines of the task are left out first, then frames; what was left out is said.
    """
    head = _head(run.record)
    end = _end(run)
    if found is None:
        text = f"{head}. {_counts(task_runs, len(logs))}\n\n{end}"
        return text if len(text) <= max_chars else shortened(head, max_chars)
    tail = _tail(logs, found)
    cut: Cut | None = Cut(len(tail), len(found.frames))
    while cut is not None:
        text = f"{head}\n\n{_body(found, tail, cut, run.as_of)}\n\n{end}"
        if len(text) <= max_chars:
            return text
        cut = cut.smaller()
    return shortened(head, max_chars)


def _head(record: FlowRunRecord) -> str:
    title = " / ".join(part for part in (record.flow_name, record.name) if part)
    state = re.sub(r"[^\w .:()-]", " ", plain(record.state.name[:200]))
    named = f": {_code(title)}" if title else ""
    return f"**{shortened(state.strip(), 60) or 'Unknown'}**{named} ({_code(record.id, 60)})"


def _end(run: Run) -> str:
    url = run.record.ui_url
    link = ""
    if url and re.fullmatch(r"https?://[^\s<>()\[\]`\\\x00-\x1f]{1,300}", url):
        link = f" or <{url}>"
    going = "" if run.record.state.is_finished() else ", run still going"
    return f"As of {_moment(run.as_of)}{going}. Open it: {_code(expression(run.record))}{link}"


def _counts(task_runs: Sequence[TaskRunRecord], lines: int) -> str:
    states = Counter(shortened(plain(record.state.name[:80]), 40) for record in task_runs)
    listed = ", ".join(f"{count(number)} {_code(name)}" for name, number in states.most_common(8))
    more = f" and {len(states) - 8} other states" if len(states) > 8 else ""
    said = f"{count(len(task_runs), 'task run')}{f': {listed}{more}' if listed else ''}"
    return f"It did not fail. {said}; {count(lines, 'line')}."


def _body(found: Digest, tail: list[str], cut: Cut, until: DateTime) -> str:
    return "\n\n".join(
        part
        for part in (
            _failure(found),
            _said(found, cut),
            _attempts(found, cut.attempts, until),
            _last_lines(found, tail, cut.tail),
            _consequences(found, cut.held_up),
        )
        if part
    )


def _failure(found: Digest) -> str:
    where = _code(found.task) if found.task else "the flow itself"
    tried = f", attempt {found.attempt} of {found.attempts}" if found.attempts else ""
    at = "" if found.at is None else f", {_moment(found.at)}"
    return f"First failure: {where}{tried}{at}."


def _said(found: Digest, cut: Cut) -> str:
    lines = plain(found.error).strip().splitlines() or [""]
    if len(lines) > ERROR_LINES:
        lines = [*lines[:ERROR_LINES], f"… {len(lines) - ERROR_LINES} lines left out"]
    said = [shortened("\n".join(shortened(line, LINE) for line in lines), cut.error)]
    frames = found.frames[len(found.frames) - cut.frames :]
    if hidden := len(found.frames) - len(frames):
        said.append(f"  … {count(hidden, 'earlier frame')} left out")
    said += [
        f"  {shortened(plain(line[: 4 * LINE]), LINE)}"
        for frame in frames
        for line in frame.lines()
    ]
    return _fence(said)


def _attempts(found: Digest, most: int, until: DateTime) -> str:
    if found.task_run is None or not most:
        return ""
    words = {"waited": "waited", "retry": "waited", "ran": "ran", "failed": "failed after"}
    parts = [f"{words[s.kind]} {duration(s.seconds(until))}" for s in spans(found.task_run)]
    if len(parts) > 2 * most:
        hidden = len(parts) - 2 * most
        parts = [*parts[:most], f"… {hidden} more …", *parts[-most:]]
    return f"It {', '.join(parts)}." if parts else ""


def _last_lines(found: Digest, tail: list[str], shown: int) -> str:
    if not tail:
        return ""
    whose = _code(found.task) if found.task else "the flow"
    if not shown:
        return f"The last {count(len(tail), 'line')} of {whose} up to there are left out."
    hidden = len(tail) - shown
    earlier = [f"… {count(hidden, 'earlier line')} left out"] if hidden else []
    return f"Last lines of {whose}, UTC:\n\n{_fence([*earlier, *tail[hidden:]])}"


def _consequences(found: Digest, most: int) -> str:
    parts: list[str] = []
    if found.held_up:
        shown = ", ".join(map(_code, found.held_up[:most]))
        hidden = len(found.held_up) - most
        more = f"{' and ' if shown else ''}{hidden} more" if hidden > 0 else ""
        parts.append(f"Held up: {shown}{more}.")
    if found.more:
        parts.append(f"{count(found.more)} more failed.")
    return " ".join(parts)


def _tail(logs: LogColumns, found: Digest) -> list[str]:
    columns = logs.table.select(["timestamp", "level_name", "message"])
    rows = columns.take(pa.array(found.tail, pa.int64()))
    times = rows["timestamp"].cast("int64").to_pylist()
    levels, messages = rows["level_name"].to_pylist(), rows["message"].to_pylist()
    lines: list[str] = []
    for at, level, message in zip(times, levels, messages, strict=True):
        message = (message or "").strip()
        said = (plain(message[: 4 * LINE]).splitlines() or [""])[0]
        others = message.count("\n")
        more = f" … +{count(others, 'line')}" if others else ""
        word = shortened(plain((level or "")[:80]).strip(), 20)
        lines.append(f"{milliseconds(at)} {word:7} {shortened(said, LINE)}{more}")
    return lines


def _moment(moment: DateTime) -> str:
    return f"{date_and_clock(to_micros(moment))} UTC"


def _code(text: str, most: int = NAME) -> str:
    """Return hostile text as a code span: one line, and no backtick that could end it."""
    words = " ".join(plain(text[: 8 * most]).replace("`", "'").split())
    return f"`{shortened(words, most) or '?'}`"


def _fence(lines: list[str]) -> str:
    """Return lines as a block of code, which no line in it can end."""
    return "```\n" + "\n".join(lines).replace("```", "'''") + "\n```"
