"""A log as it is displayed: counts of its levels, its telling lines, and how to see the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowrun_widgets.analysis.plain_text import shortened
from flowrun_widgets.analysis.words import count, date_and_clock
from flowrun_widgets.card.log_rows import level_counts
from flowrun_widgets.logs import FlowRunLogs
from flowrun_widgets.redaction.columns import redacted_columns
from flowrun_widgets.redaction.records import redacted_text
from flowrun_widgets.sharing.excerpt import excerpt, excerpt_text, log_title, shown_words
from flowrun_widgets.sharing.look import MOST_TEXT
from flowrun_widgets.sharing.template import whole_html

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowrun_widgets.log_columns import LogColumns

__all__ = ["logs_bundle", "logs_html"]

FEW = 40
"""So many lines stand beside the HTML as they are."""
REMEDY = 'logs.where("level>=warning") chooses lines, logs.to_pandas() has them all.'


def logs_bundle(logs: FlowRunLogs) -> dict[str, str]:
    """Return what is displayed of a log, as HTML and as its repr, without secrets."""
    columns, redacted, hint = logs.columns, 0, logs.hint
    if logs.redaction is not None:
        clean = redacted_columns(columns, logs.redaction)
        columns, redacted = clean.value, clean.count
        hint = hint and redacted_text(hint, logs.redaction)
    shown = logs if columns is logs.columns else FlowRunLogs(columns)
    html = logs_html(columns, redacted, hint, logs.numbers)
    return {"text/html": html, "text/plain": _text(shown)}


def _text(logs: FlowRunLogs) -> str:
    """Return the lines as their repr, or of many the telling ones."""
    if len(logs) <= FEW and len(words := repr(logs)) <= MOST_TEXT:
        return words
    found, levels = excerpt(logs.columns), level_counts(logs.columns)
    words = " ".join([f"{log_title(len(logs), levels)}.", *shown_words(found, len(logs))])
    return shortened(f"{words}\n{excerpt_text(found)}", MOST_TEXT)


def logs_html(
    columns: LogColumns,
    redacted: int = 0,
    hint: str | None = None,
    numbers: Sequence[int] | None = None,
) -> str:
    """Return a log as HTML; `redacted` is how many of its values were taken out, `hint` why it may be empty.

    `numbers` are the places of the lines in the log that they were chosen from.
    """
    found, levels = excerpt(columns, numbers), level_counts(columns)
    words = [
        *(shown_words(found, len(columns)) if len(columns) else []),
        *([hint] if hint else []),
        *([f"{count(redacted, 'value')} redacted."] if redacted else []),
        *([REMEDY] if found.left_out.lines else []),
    ]
    return whole_html(
        "logs.html.j2",
        title=log_title(len(columns), levels),
        levels=[
            f"{count(number)} {name}"
            for name in ("critical", "error", "warning", "info", "debug")
            if (number := getattr(levels, name))
        ],
        span=_span(columns),
        log_text=excerpt_text(found),
        words=" ".join(words),
    )


def _span(columns: LogColumns) -> str:
    if not len(columns):
        return ""
    times = columns.table["timestamp"].cast("int64")
    first, last = (date_and_clock(times[place].as_py()) for place in (0, -1))
    return f"{first} to {last} UTC"
