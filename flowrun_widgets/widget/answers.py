"""Answering each kind of question of the page; the functions have no effect except sending."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import msgspec
import numpy as np

from flowrun_widgets.log_columns import LogColumns
from flowrun_widgets.query.complete import complete
from flowrun_widgets.report.log.matches import MAX_TEXT_CHARS
from flowrun_widgets.report.log.rows import whole_message
from flowrun_widgets.report.log.view import log_view
from flowrun_widgets.widget import protocol
from flowrun_widgets.widget.downloads import cut_parts, file_name, file_parts, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from flowrun_widgets.report.log.lines import Lines
    from flowrun_widgets.report.log.view import LogView
    from flowrun_widgets.report.wire import Template
    from flowrun_widgets.widget.snapshot import CardSnapshot

__all__ = ["Send", "answer", "lines_of"]

MAX_TASKS = 5_000
MAX_TEMPLATES = 500
MAX_COPIED_LINES = 100_000


class Send(Protocol):
    """Sends an answer to the view that asked."""

    def __call__(self, answer: protocol.Answer, buffers: Sequence[bytes] = ()) -> None: ...


def answer(
    question: protocol.Question,
    shown: CardSnapshot,
    send: Send,
    *,
    pins: Collection[int] = (),
    check: Callable[[], object] = lambda: None,
) -> bool:
    """Answer a question; return whether that was possible. `pins` are the arrival numbers of pinned lines.

    `check` is called between the stages of the work and may raise to stop it.

    Raises:
        QuerySyntaxError: a filter text cannot be parsed.
    """
    number, lines = shown.number, shown.lines
    if isinstance(question, protocol.Tasks):
        if shown.tasks is None:
            return False
        count = max(0, min(question.count, MAX_TASKS))
        rows = shown.tasks.rows(shown.content.logs, shown.run.as_of, question.start, count)
        send(protocol.TasksAnswer(number, question.start, rows))
    elif lines is None:
        return False
    elif isinstance(question, protocol.Query):
        _query(question, lines, number, send, check)
    elif isinstance(question, protocol.Rows):
        view = log_view(lines, question.query, check=check)
        send(protocol.RowsAnswer(number, view.window(question.start, question.count)))
    elif isinstance(question, protocol.Find):
        view = log_view(lines, question.query, check=check)
        spot = view.find(question.what, question.at, question.step, pins)
        send(protocol.Found(number, question.what, spot.place, spot.seq, spot.nth))
    elif isinstance(question, protocol.Line):
        message = whole_message(lines.columns, question.seq)
        send(protocol.LineAnswer(number, question.seq, message or ""))
    elif isinstance(question, protocol.Text):
        _text(question, lines, number, send, check)
    elif isinstance(question, protocol.Templates):
        view = log_view(lines, question.query, check=check)
        send(protocol.TemplatesAnswer(number, _templates(view), view.hits.count))
    elif isinstance(question, protocol.Suggest):
        send(_suggestions(question, lines, number))
    elif isinstance(question, protocol.Download):
        _download(question, shown, lines, send, check)
    else:
        return False
    return True


def lines_of(view: LogView) -> LogColumns:
    """Return the lines that a query shows, in the order shown."""
    columns, positions = view.lines.columns, view.items.shown
    is_turned = view.query.is_newest_first
    if positions is None and not is_turned:
        return columns
    if positions is None:
        positions = np.arange(len(columns))
    chosen = positions[::-1] if is_turned else positions
    return LogColumns(columns.table.take(chosen), columns.arrived)


def _templates(view: LogView) -> tuple[Template, ...]:
    """Return the patterns of the lines that match, the most frequent first, else in order of appearance."""
    lines, hits = view.lines, view.hits.positions
    positions = np.arange(len(lines)) if hits is None else hits
    if not len(positions):
        return ()
    codes = lines.templates.codes[positions]
    by_code = np.argsort(codes, kind="stable")
    starts = np.flatnonzero(np.diff(codes[by_code], prepend=-1))
    counts = np.diff(starts, append=len(codes))
    firsts, lasts = by_code[starts], by_code[starts + counts - 1]
    levels = np.maximum.reduceat(lines.levels[positions[by_code]], starts)
    found: list[Template] = []
    for place in np.lexsort((firsts, -counts))[:MAX_TEMPLATES].tolist():
        first, last = positions[firsts[place]], positions[lasts[place]]
        pattern, term = lines.templates.described(int(codes[firsts[place]]))
        level = int(levels[place])
        times = int(lines.times[first]), int(lines.times[last])
        found.append((pattern, int(counts[place]), *times, None if level < 0 else level, term))
    return tuple(found)


def _text(
    question: protocol.Text,
    lines: Lines,
    number: int,
    send: Send,
    check: Callable[[], object],
) -> None:
    chosen = question.selection
    view = log_view(lines, chosen.query, check=check)
    positions = view.positions_between(chosen.first, chosen.last)[:MAX_COPIED_LINES]
    columns = LogColumns(lines.columns.table.take(np.array(positions, np.int64)), len(lines))
    parts = [*cut_parts([text_of(columns).encode("utf-8", "replace")])]
    for part, content in enumerate(parts):
        check()
        send(protocol.TextPart(number, part, len(parts), len(positions)), [content])


def _query(
    question: protocol.Query,
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

    view = log_view(lines, question.query, count=question.count, tell=tell, check=check)
    at, hit = view.place_of(question.near), view.first_hit(question.near)
    if not is_told and question.count > 0:
        goal = at
        if question.query.lines == "all" and hit is not None:
            goal = hit.place
        start = 0 if goal is None else max(0, goal - question.count // 2)
        send(protocol.RowsAnswer(number, view.window(start, question.count)))
    check()
    send(
        protocol.QueryResult(
            number,
            hits=view.hits.count,
            shown=view.shown,
            total=len(view.items),
            at=at,
            hit=hit,
            bins=view.hits.bins,
            marks=view.marks,
            advice=view.advice,
        )
    )


def _suggestions(question: protocol.Suggest, lines: Lines, number: int) -> protocol.Answer:
    # A page counts UTF-16 units, of which some characters take two.
    text = question.text[:MAX_TEXT_CHARS]
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
    shown: CardSnapshot,
    lines: Lines,
    send: Send,
    check: Callable[[], object],
) -> None:
    columns = lines.columns
    if question.query is not None:
        query = msgspec.structs.replace(question.query, folds_repeats=False)
        columns = lines_of(log_view(lines, query, check=check))
    name = file_name(shown.content.run.record.name, shown.run.flow_run_id, question.format)
    parts = file_parts(columns, question.format, check)
    for part, content in enumerate(parts):
        check()
        send(protocol.DownloadPart(shown.number, name, part, len(parts)), [content])
