"""What each question of the page is answered; pure but for what is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from flowrun_widgets.analysis.templates import templates, term
from flowrun_widgets.card import protocol
from flowrun_widgets.card.downloads import file_name, file_parts
from flowrun_widgets.card.hits import LONGEST
from flowrun_widgets.card.log_rows import whole_message
from flowrun_widgets.card.looks import see
from flowrun_widgets.log_columns import LogColumns
from flowrun_widgets.query.complete import complete

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from flowrun_widgets.card.lines import Lines
    from flowrun_widgets.card.looks import Seen
    from flowrun_widgets.card.snapshot import Snapshot

__all__ = ["Send", "answer", "lines_of"]

MOST_TASKS = 5_000
MOST_TEMPLATES = 500


class Send(Protocol):
    """Sends an answer to who asked."""

    def __call__(self, answer: protocol.Answer, buffers: Sequence[bytes] = ()) -> None: ...


def answer(
    question: protocol.Question,
    shown: Snapshot,
    send: Send,
    *,
    pins: Collection[int] = (),
    check: Callable[[], object] = lambda: None,
) -> bool:
    """Send what a question is answered; return whether it could be. `pins` are the arrival numbers of pinned lines.

    `check` is called between the stages of the work and may raise to end it.

    Raises:
        QuerySyntaxError: a filter text cannot be read.
    """
    number, lines = shown.number, shown.lines
    if isinstance(question, protocol.Tasks):
        if shown.tasks is None:
            return False
        count = max(0, min(question.count, MOST_TASKS))
        rows = shown.tasks.rows(shown.content.logs, shown.run.as_of, question.start, count)
        send(protocol.TasksAnswer(number, question.start, rows))
    elif lines is None:
        return False
    elif isinstance(question, protocol.LookAt):
        _look(question, lines, number, send, check)
    elif isinstance(question, protocol.Rows):
        seen = see(lines, question.look, check=check)
        send(protocol.RowsAnswer(number, seen.window(question.start, question.count)))
    elif isinstance(question, protocol.Find):
        seen = see(lines, question.look, check=check)
        spot = seen.find(question.what, question.at, question.step, pins)
        send(protocol.Found(number, question.what, *spot))
    elif isinstance(question, protocol.Line):
        message = whole_message(lines.columns, question.seq)
        send(protocol.LineAnswer(number, question.seq, message or ""))
    elif isinstance(question, protocol.Templates):
        part = lines_of(see(lines, question.look, check=check), is_hits=True)
        rows = tuple(
            (
                found.pattern, found.count, found.first_at, found.last_at, found.level,
                term(found.pattern, found.example),
            )
            for found in templates(part, MOST_TEMPLATES)
        )  # fmt: skip
        send(protocol.TemplatesAnswer(number, rows, len(part)))
    elif isinstance(question, protocol.Suggest):
        send(_suggestions(question, lines, number))
    elif isinstance(question, protocol.Download):
        _download(question, shown, lines, send, check)
    else:
        return False
    return True


def lines_of(seen: Seen, *, is_hits: bool = False) -> LogColumns:
    """Return the lines that a look shows, in the order shown; or those that fit its text, by time."""
    columns = seen.lines.columns
    positions = seen.hits.positions if is_hits else seen.items.shown
    is_turned = seen.look.is_newest_first and not is_hits
    if positions is None and not is_turned:
        return columns
    if positions is None:
        positions = np.arange(len(columns))
    chosen = positions[::-1] if is_turned else positions
    return LogColumns(columns.table.take(chosen), columns.arrived)


def _look(
    question: protocol.LookAt,
    lines: Lines,
    number: int,
    send: Send,
    check: Callable[[], object],
) -> None:
    is_told = False

    def tell(window: protocol.LogWindow) -> None:
        nonlocal is_told
        is_told = True
        send(protocol.RowsAnswer(number, window))

    seen = see(lines, question.look, count=question.count, tell=tell, check=check)
    at = seen.place_of(question.near)
    if not is_told and question.count > 0:
        start = 0 if at is None else max(0, at - question.count // 2)
        send(protocol.RowsAnswer(number, seen.window(start, question.count)))
    check()
    send(
        protocol.Looked(
            number,
            hits=seen.hits.count,
            shown=seen.shown,
            total=len(seen.items),
            at=at,
            bins=seen.hits.bins,
            marks=seen.marks,
            advice=seen.advice,
        )
    )


def _suggestions(question: protocol.Suggest, lines: Lines, number: int) -> protocol.Answer:
    # A page counts in UTF-16, where some characters are two.
    text = question.text[:LONGEST]
    caret = len(_from_utf16(_utf16(text)[: 2 * max(0, question.caret)]))
    found = complete(text, caret, levels=lines.level_counts, names=lines.names)
    start, end = (len(_utf16(text[:at])) // 2 for at in (found.start, found.end))
    return protocol.Suggestions(number, start, end, found.items)


def _utf16(text: str) -> bytes:
    return text.encode("utf-16-le", "surrogatepass")


def _from_utf16(units: bytes) -> str:
    return units.decode("utf-16-le", "replace")


def _download(
    question: protocol.Download,
    shown: Snapshot,
    lines: Lines,
    send: Send,
    check: Callable[[], object],
) -> None:
    columns = lines.columns
    if question.look is not None:
        columns = lines_of(see(lines, question.look, check=check))
    name = file_name(shown.content.run.name, shown.run.flow_run_id, question.format)
    parts = file_parts(columns, question.format, check)
    for part, content in enumerate(parts):
        check()
        send(protocol.DownloadPart(shown.number, name, part, len(parts)), [content])
