"""`digest_lines()`: why a run ended, as lines for a terminal, a pipe or the log of a build."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from flowrun_widgets.analysis.digest import remarks_of
from flowrun_widgets.analysis.engine_words import is_of_end
from flowrun_widgets.analysis.task_lines import positions_of
from flowrun_widgets.log_columns import LogColumns
from flowrun_widgets.plain_text import further_lines, one_line, plain, shortened
from flowrun_widgets.report.badges import badge
from flowrun_widgets.report.digest_markdown import CAUSES, remark_words
from flowrun_widgets.report.figures import count, date_and_clock, milliseconds
from flowrun_widgets.report.standing import standing_of, standing_words
from flowrun_widgets.times import to_micros

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from flowrun_widgets.analysis.digest import Digest
    from flowrun_widgets.analysis.traceback_text import Frame
    from flowrun_widgets.records import FlowRunRecord
    from flowrun_widgets.report.content import Content

__all__ = ["Line", "digest_lines", "head_lines"]

MAX_LAST_LINES = 8
"""How many lines of the task run up to its failure are printed."""
MAX_FRAMES, MAX_CAUSES, MAX_HELD_UP, MAX_REMARKS = 6, 4, 8, 5
HANG = 21
"""Where the messages of the last lines begin."""
WARNING, ERROR = 30, 40
MAX_MESSAGE_CHARS = 20_000
"""How many characters of a message are read."""
MAX_ERROR_LINES, MAX_CHARS, MAX_NAME_CHARS = 12, 300, 120


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its text, its style, how far it is indented, and how much further where it wraps."""

    text: str = ""
    style: str | None = None
    indent: int = 0
    hang: int = 0
    is_wrapped: bool = True
    """False leaves a long line to the terminal, so that it can be copied as one."""

    def within(self, indent: int) -> Line:
        """Return the line, indented further."""
        return replace(self, indent=self.indent + indent)


def head_lines(content: Content) -> Iterator[Line]:
    """Yield the state of a run, its names and its id, and how long it took."""
    record = content.run.record
    look = badge(record.state)
    state = shortened(one_line(record.state.name), 40) or "Unknown"
    yield Line(f"{look.character} {state}  {_title(record)}", look.family)
    yield Line(record.id, "quiet", 2)
    yield Line(standing_words(standing_of(record, content.run.as_of)), None, 2)


def digest_lines(content: Content) -> Iterator[Line]:
    """Yield why a run failed, or that it did not; in text without control characters, names on one line."""
    yield from head_lines(content)
    found = content.found
    if found is None:
        yield from _uneventful(content)
        return
    if not content.run.record.state.is_failed():
        yield Line("Its last attempt failed.", None, 2)
    yield Line()
    yield from _failure(found, content.logs or LogColumns())
    if found.ended_with:
        yield Line()
        yield from (
            Line(text, None, 0 if n == 0 else 2)
            for n, text in enumerate(_texts(f"The run ended with: {found.ended_with}", 3))
        )
    if found.held_up:
        shown = ", ".join(_name(label) for label in found.held_up[:MAX_HELD_UP])
        more = len(found.held_up) - MAX_HELD_UP
        yield Line(f"Never started because of it: {shown}{f' and {more} more' if more > 0 else ''}")
    if found.more:
        yield Line(f"{count(found.more)} more failed.")
    for one in found.remarks[:MAX_REMARKS]:
        yield Line(remark_words(one, lambda text: shortened(text, MAX_CHARS)))


def _uneventful(content: Content) -> Iterator[Line]:
    record = content.run.record
    if record.state.is_finished():
        yield Line("It did not fail.", None, 2)
    if message := (record.state.message or "").strip():
        yield from (Line(text, None, 2) for text in _texts(message, 3))
    for one in remarks_of(record, content.task_runs or (), content.logs or LogColumns()):
        yield Line(remark_words(one, lambda text: shortened(text, MAX_CHARS), as_well=False))


def _failure(found: Digest, logs: LogColumns) -> Iterator[Line]:
    where = _name(found.task) if found.task else "The flow itself"
    tried = f", attempt {found.attempt} of {found.attempts}" if found.attempts else ""
    at = "" if found.at is None else f", {date_and_clock(to_micros(found.at))} UTC"
    yield Line(f"{where}{tried}{at}", "title")
    for below in found.runs:
        yield Line(f"in the sub-flow run {_title(below)}, {below.id}", None, 2)
    yield from (line.within(2) for line in _error(found.error, "error"))
    yield from (line.within(2) for line in _frames(found.frames))
    for cause in found.causes[:MAX_CAUSES]:
        yield from (line.within(2) for line in _error(f"{CAUSES[cause.how]}{cause.error}", None))
        yield from (line.within(2) for line in _frames(cause.own_frames()))
    if found.doubt:
        yield Line(f"Not sure: {found.doubt[0].lower()}{found.doubt[1:]}", "warning", 2)
    yield from _last_lines(found, found.logs or logs)


def _error(error: str, style: str | None) -> Iterator[Line]:
    for number, text in enumerate(_texts(error, MAX_ERROR_LINES)):
        yield Line(text, style, 2 if number else 0)


def _texts(text: str, most: int) -> list[str]:
    lines = plain(text).strip().splitlines() or ["?"]
    shown = [shortened(line.replace("\t", "    "), MAX_CHARS) for line in lines[:most]]
    hidden = len(lines) - len(shown)
    return [*shown, f"… {count(hidden, 'more line')}"] if hidden else shown


def _frames(frames: Sequence[Frame]) -> Iterator[Line]:
    shown = frames[max(0, len(frames) - MAX_FRAMES) :]
    if hidden := len(frames) - len(shown):
        yield Line(f"… {count(hidden, 'earlier frame')}", "quiet", 2)
    for frame in shown:
        head = f"{one_line(frame.file)}:{frame.line}"
        yield Line(f"{head} in {one_line(frame.function)}" if frame.function else head, "quiet", 2)
        if frame.code.strip():
            yield Line(shortened(one_line(frame.code), MAX_CHARS), None, 4)


def _last_lines(found: Digest, logs: LogColumns) -> Iterator[Line]:
    positions = found.tail[-MAX_LAST_LINES:]
    if positions:
        yield Line()
        yield Line(f"Last lines of {_name(found.task) if found.task else 'the flow'}, UTC", "title")
        yield from _log_lines(logs, positions)
    if (again := _reported_again(found, logs)) is not None:
        yield Line()
        yield Line("The flow reports it", "title")
        yield from _log_lines(logs, [again])


def _reported_again(found: Digest, logs: LogColumns) -> int | None:
    """Return the position of the flow's own line that reports the error, if it is not among the last lines."""
    words = next(iter(found.error.strip().splitlines()), "").rstrip(": ")
    if not words:
        return None
    own = positions_of(logs, None)
    messages = logs.table["message"].take(own).to_pylist()
    told = [
        at
        for at, text in zip(own, messages, strict=True)
        if words in (text or "") and not is_of_end(text)
    ]
    return int(told[-1]) if told and told[-1] not in found.tail[-MAX_LAST_LINES:] else None


def _log_lines(logs: LogColumns, positions: Sequence[int]) -> Iterator[Line]:
    rows = logs.table.select(["timestamp", "level_name", "message", "level"]).take([*positions])
    moments = rows["timestamp"].cast("int64").to_pylist()
    names, messages, levels = (
        rows[name].to_pylist() for name in ("level_name", "message", "level")
    )
    for at, name, message, level in zip(moments, names, messages, levels, strict=True):
        is_error = (level or 0) >= ERROR
        style = "error" if is_error else "warning" if (level or 0) >= WARNING else None
        word = shortened(one_line(name or ""), 12)
        text = _message(message or "", has_last=is_error)
        yield Line(f"{milliseconds(at)} {word:7} {text}", style, 2, hang=HANG)


def _message(message: str, *, has_last: bool) -> str:
    """Return the first line of a message and how many follow; with `has_last` also the last, such as an exception."""
    lines = [one_line(text) for text in plain(message.strip()[:MAX_MESSAGE_CHARS]).splitlines()]
    first, *others = [text for text in lines if text] or [""]
    hidden = further_lines(message.strip())
    text = shortened(first, MAX_CHARS)
    if not hidden:
        return text
    if not has_last or not others or len(message) > MAX_MESSAGE_CHARS:
        return f"{text} … +{count(hidden, 'line')}"
    return f"{text} … +{count(hidden, 'line')} … {shortened(others[-1], MAX_CHARS)}"


def _title(record: FlowRunRecord) -> str:
    names = " / ".join(filter(None, (record.flow_name, record.name)))
    return _name(names) if names else record.id


def _name(text: str) -> str:
    return shortened(one_line(text), MAX_NAME_CHARS) or "?"
