"""`digest_markdown()`: the digest of a run as Markdown, for a ticket, a chat or a model; `digest_words` also as text.

Names and texts of the run are untrusted, so `markup` puts them into quotations and blocks that they cannot close.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pyarrow as pa

from flowrun_widgets.analysis.digest import remarks_of
from flowrun_widgets.analysis.durations import ran_seconds, spans, waited_seconds
from flowrun_widgets.plain_text import further_lines, one_line, plain, shortened
from flowrun_widgets.report.figures import count, date_and_clock, duration, milliseconds
from flowrun_widgets.report.markup import MARKDOWN, Markup
from flowrun_widgets.report.standing import ending_words, standing_of, standing_words
from flowrun_widgets.states import Cancelled, Cancelling
from flowrun_widgets.times import to_micros

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Protocol

    from pendulum import DateTime

    from flowrun_widgets.analysis.digest import Digest, Remark
    from flowrun_widgets.analysis.traceback_text import Frame
    from flowrun_widgets.log_columns import LogColumns
    from flowrun_widgets.records import FlowRunRecord, TaskRunRecord

    class Run(Protocol):
        """A run at one moment."""

        @property
        def record(self) -> FlowRunRecord: ...

        @property
        def as_of(self) -> DateTime: ...


__all__ = [
    "CAUSES",
    "MAX_CHARS",
    "SPANS",
    "counts",
    "digest_markdown",
    "digest_words",
    "expression",
    "remark_words",
]

MAX_CHARS = 4_000
MAX_ERROR_CHARS = 1_200
MAX_ERROR_LINES = 12
MAX_LINE_CHARS = 300
MAX_ATTEMPTS = 12
MAX_HELD_UP = 24
MAX_REMARKS = 8
FEED = "\n"
CAUSES = {
    "cause": "Caused by ",
    "context": "Raised while handling ",
    "quoted": "It quotes ",
    "member": "In it: ",
}
SPANS = {
    "waited": "waited", "retry": "waited", "paused": "was paused for", "ran": "ran", "failed": "failed after",
    "tried": "tried for",
}  # fmt: skip
PLAIN_NAME = re.compile(r"[\w .:-]{1,80}")


@dataclass(frozen=True, slots=True)
class Cut:
    """How much of each part is included."""

    tail: int
    frames: int
    causes: int = 0
    held_up: int = MAX_HELD_UP
    attempts: int = MAX_ATTEMPTS
    remarks: int = MAX_REMARKS
    error: int = MAX_ERROR_CHARS

    def smaller(self) -> Cut | None:
        """Return the next smaller cut: fewer last lines, then fewer frames, then less of the rest; else None."""
        if self.tail:
            return replace(self, tail=self.tail - 1)
        if self.frames > 1:
            return replace(self, frames=self.frames - 1)
        if self.causes > 1:
            return replace(self, causes=self.causes - 1)
        if self.remarks > 1:
            return replace(self, remarks=self.remarks - 1)
        if self.held_up > 2:
            return replace(self, held_up=2)
        if self.attempts > 2:
            return replace(self, attempts=2)
        if self.frames or self.held_up:
            return replace(self, frames=0, causes=0, held_up=0, attempts=0, remarks=0)
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
    """Return why the run ended, or that it did not fail, in at most `max_chars` characters.

    Last lines of the task are left out first, then frames; the text says what was left out.
    """
    tail = [] if found is None else _tail(found.logs or logs, found)
    counted = f" {counts(MARKDOWN, task_runs, len(logs))}" if found is None else ""
    remarks = remarks_of(run.record, task_runs, logs) if found is None else found.remarks
    has_failed = any(one.state.is_failed() for one in task_runs)
    return _Words(MARKDOWN, run, found, remarks, tail, counted, has_failed).within(max_chars)


def digest_words(
    markup: Markup,
    run: Run,
    found: Digest | None,
    task_runs: Sequence[TaskRunRecord],
    logs: LogColumns,
    max_chars: int = MAX_CHARS,
    head: str | None = None,
) -> str:
    """Return what `digest_markdown` returns, but for the last lines of the task and the counts, in a way of writing.

    `head` replaces the line that names the run.
    """
    remarks = remarks_of(run.record, task_runs, logs) if found is None else found.remarks
    has_failed = any(one.state.is_failed() for one in task_runs)
    return _Words(markup, run, found, remarks, [], "", has_failed, head).within(max_chars)


def remark_words(one: Remark, quoted: Callable[[str], str] = str, *, as_well: bool = True) -> str:
    """Return a remark as a sentence; `quoted` marks texts of the run, `as_well` says that the run itself failed."""
    error = f": {quoted(one_line(one.error))}" if one.error.strip() else ""
    label = quoted(one_line(one.label))
    if one.kind == "attempt":
        return f"Attempt {one.label} of the run ended with {quoted(one_line(one.error))}."
    if one.kind == "running":
        return f"{label} was still running when the run ended."
    if one.kind == "unread":
        return f"The sub-flow run {label} could not be read{error}"
    others = f" and {count(one.count - 1, 'other')} of its task" if one.count > 1 else ""
    return f"{label}{others} failed{' as well' if as_well else ''}{error}."


@dataclass(frozen=True, slots=True)
class _Words:
    """The digest of one run in words. Its parts are cut by a `Cut`."""

    markup: Markup
    run: Run
    found: Digest | None
    remarks: Sequence[Remark]
    tail: list[str]
    counted: str
    """What a run that did not fail says after its state; empty, or with a blank before it."""
    has_failed: bool
    """Whether any task run failed."""
    head: str | None = None

    def within(self, most: int) -> str:
        """Return the digest in at most `most` characters."""
        head, end = self._head(), self._end()
        if self.found is None:
            said = f"{self._uneventful()}{self.counted}"
            said = f"{head}. {said}" if self.head is None else self._joined(head, said)
            for listed in (self._remarks(self.remarks, as_well=False), ""):
                text = self._joined(said, listed, end)
                if len(text) <= most:
                    return text
            return shortened(head, most)
        found = self.found
        frames = max(len(one) for one in (found.frames, *(c.own_frames() for c in found.causes)))
        cut: Cut | None = Cut(len(self.tail), frames, len(found.causes))
        while cut is not None:
            text = self._joined(head, self._body(found, cut), end)
            if len(text) <= most:
                return text
            cut = cut.smaller()
        return shortened(head, most)

    def _joined(self, *parts: str) -> str:
        return self.markup.gap.join(filter(None, parts))

    def _head(self) -> str:
        if self.head is not None:
            return self.head
        record = self.run.record
        title = " / ".join(part for part in (record.flow_name, record.name) if part)
        state = re.sub(r"[^\w .:()-]", " ", plain(record.state.name[:200]))
        named = f": {self.markup.quoted(title)}" if title else ""
        state = self.markup.strong(shortened(state.strip(), 60) or "Unknown")
        return f"{state}{named} ({self.markup.quoted(record.id, 60)})"

    def _end(self) -> str:
        run = self.run
        link = self._link(run.record)
        standing = standing_of(run.record, run.as_of)
        going = "" if standing.is_finished else f", {ending_words(standing)}"
        shown = self.markup.code(expression(run.record))
        return f"As of {_moment(run.as_of)}{going}. Open it: {shown}{f' or {link}' if link else ''}"

    def _link(self, record: FlowRunRecord) -> str:
        url = record.ui_url
        is_safe = url and re.fullmatch(r"https?://[^\s<>()\[\]`\\\x00-\x1f]{1,300}", url)
        return self.markup.address(url) if url and is_safe else ""

    def _uneventful(self) -> str:
        """Return the standing of a run that did not fail, and its state's message."""
        record = self.run.record
        message = record.state.message
        is_said = message is not None and message.strip()
        said = f" It says: {self.markup.quoted(message or '', MAX_ERROR_CHARS)}." if is_said else ""
        if isinstance(record.state, Cancelled | Cancelling):
            verb = "was" if record.state.is_finished() else "is being"
            return f"It {verb} cancelled{'' if self.has_failed else ' and did not fail'}.{said}"
        if record.state.is_finished():
            return f"It did not fail.{said}"
        return f"{standing_words(standing_of(record, self.run.as_of))}{said}"

    def _body(self, found: Digest, cut: Cut) -> str:
        return self._joined(
            self._due(),
            self._ended_with(found, cut),
            self._failure(found),
            self._said(found, cut),
            self._attempts(found, cut.attempts),
            self._last_lines(found, cut.tail),
            self._consequences(found, cut.held_up),
            self._remarks(found.remarks[: cut.remarks]),
        )

    def _due(self) -> str:
        record = self.run.record
        if record.state.is_failed():
            return ""
        return f"Its last attempt failed. {standing_words(standing_of(record, self.run.as_of))}"

    def _ended_with(self, found: Digest, cut: Cut) -> str:
        said = found.ended_with
        return f"It ended with {self.markup.quoted(said, cut.error)}." if said else ""

    def _failure(self, found: Digest) -> str:
        quoted = self.markup.quoted
        where = quoted(found.task) if found.task else "the flow itself"
        if found.runs:
            below = " › ".join(
                quoted(" / ".join(part for part in (run.flow_name, run.name) if part) or run.id)
                for run in found.runs
            )
            last = found.runs[-1]
            link = self._link(last)
            where += (
                f" in the sub-flow {below} ({quoted(last.id, 60)}{f', {link}' if link else ''})"
            )
        elif found.task_run is not None and found.task_run.child_flow_run_id is not None:
            where += f", the sub-flow's run {quoted(found.task_run.child_flow_run_id, 60)}"
        tried = f", attempt {found.attempt} of {found.attempts}" if found.attempts else ""
        at = "" if found.at is None else f", {_moment(found.at)}"
        doubt = f" Not sure: {found.doubt[0].lower()}{found.doubt[1:]}" if found.doubt else ""
        return f"First failure: {where}{tried}{at}.{doubt}"

    def _said(self, found: Digest, cut: Cut) -> str:
        """Return the error with its frames, then its causes, as one block."""
        said = [*_error(found.error, cut.error), *_calls(found.frames, cut.frames)]
        shown = found.causes[: cut.causes]
        for cause in shown:
            head, *others = _error(cause.error, cut.error // 2)
            said += [
                f"{CAUSES[cause.how]}{head}", *others, *_calls(cause.own_frames(), cut.frames),
            ]  # fmt: skip
        if hidden := len(found.causes) - len(shown):
            said.append(f"… {count(hidden, 'cause')} left out")
        return self.markup.quotation(said)

    def _attempts(self, found: Digest, most: int) -> str:
        record, until = found.task_run, self.run.as_of
        if record is None or not most:
            return ""
        stretches = spans(record)
        parts = [f"{SPANS[span.kind]} {duration(span.seconds(until))}" for span in stretches]
        if any(span.kind == "tried" for span in stretches):
            ran, waited = (
                seconds(record, until, stretches) for seconds in (ran_seconds, waited_seconds)
            )
            parts = [
                f"ran {duration(ran)} in {count(record.attempts, 'attempt')}",
                f"waited {duration(waited)} before and between them",
            ]
        if len(parts) > 2 * most:
            hidden = len(parts) - 2 * most
            parts = [*parts[:most], f"… {hidden} more …", *parts[-most:]]
        return f"It {', '.join(parts)}." if parts else ""

    def _last_lines(self, found: Digest, shown: int) -> str:
        tail = self.tail
        if not tail:
            return ""
        whose = self.markup.quoted(found.task) if found.task else "the flow"
        if not shown:
            return f"The last {count(len(tail), 'line')} of {whose} up to the failure are left out."
        hidden = len(tail) - shown
        earlier = [f"… {count(hidden, 'earlier line')} left out"] if hidden else []
        block = self.markup.block([*earlier, *tail[hidden:]])
        return f"Last lines of {whose}, UTC:{self.markup.gap}{block}"

    def _consequences(self, found: Digest, most: int) -> str:
        parts: list[str] = []
        if found.held_up:
            shown = ", ".join(map(self.markup.quoted, found.held_up[:most]))
            hidden = len(found.held_up) - most
            more = f"{' and ' if shown else ''}{hidden} more" if hidden > 0 else ""
            parts.append(f"Never started because of this failure: {shown}{more}.")
        if found.more:
            parts.append(f"{count(found.more)} more failed.")
        return " ".join(parts)

    def _remarks(self, remarks: Sequence[Remark], *, as_well: bool = True) -> str:
        def quoted(text: str) -> str:
            return self.markup.quoted(text, MAX_LINE_CHARS)

        return "\n".join(f"- {remark_words(one, quoted, as_well=as_well)}" for one in remarks)


def counts(markup: Markup, task_runs: Sequence[TaskRunRecord], lines: int) -> str:
    """Return how many task runs there are in each state, and how many lines, as a sentence."""
    states = Counter(shortened(plain(record.state.name[:80]), 40) for record in task_runs)
    listed = ", ".join(
        f"{count(number)} {markup.quoted(name)}" for name, number in states.most_common(8)
    )
    more = f" and {len(states) - 8} other states" if len(states) > 8 else ""
    said = f"{count(len(task_runs), 'task run')}{f': {listed}{more}' if listed else ''}"
    return f"{said}; {count(lines, 'line')}."


def _error(error: str, most: int) -> list[str]:
    lines = plain(error).strip().splitlines() or [""]
    if len(lines) > MAX_ERROR_LINES:
        lines = [*lines[:MAX_ERROR_LINES], f"… {len(lines) - MAX_ERROR_LINES} lines left out"]
    return shortened("\n".join(shortened(line, MAX_LINE_CHARS) for line in lines), most).split("\n")


def _calls(frames: Sequence[Frame], most: int) -> list[str]:
    shown = frames[max(0, len(frames) - most) :]
    lines = [
        f"  {shortened(plain(line[: 4 * MAX_LINE_CHARS]).replace(FEED, ' '), MAX_LINE_CHARS)}"
        for frame in shown
        for line in frame.lines()
    ]
    if hidden := len(frames) - len(shown):
        lines.insert(0, f"  … {count(hidden, 'earlier frame')} left out")
    return lines


def _tail(logs: LogColumns, found: Digest) -> list[str]:
    columns = logs.table.select(["timestamp", "level_name", "message"])
    rows = columns.take(pa.array(found.tail, pa.int64()))
    times = rows["timestamp"].cast("int64").to_pylist()
    levels, messages = rows["level_name"].to_pylist(), rows["message"].to_pylist()
    lines: list[str] = []
    for at, level, message in zip(times, levels, messages, strict=True):
        message = (message or "").strip()
        said = (plain(message[: 4 * MAX_LINE_CHARS]).splitlines() or [""])[0]
        others = further_lines(message)
        more = f" … +{count(others, 'line')}" if others else ""
        word = shortened(plain((level or "")[:80]).strip(), 20)
        lines.append(f"{milliseconds(at)} {word:7} {shortened(said, MAX_LINE_CHARS)}{more}")
    return lines


def _moment(moment: DateTime) -> str:
    return f"{date_and_clock(to_micros(moment))} UTC"
