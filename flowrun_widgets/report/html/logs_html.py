"""A log as HTML: counts of its levels, the most relevant lines, and how to see the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowrun_widgets.report.figures import count, date_and_clock
from flowrun_widgets.report.html.excerpt import excerpt, excerpt_text, log_title, shown_words
from flowrun_widgets.report.html.template import whole_html
from flowrun_widgets.report.log.rows import level_counts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowrun_widgets.log_columns import LogColumns

__all__ = ["logs_html"]

REMEDY = 'logs.where("level>=warning") selects lines, logs.to_pandas() has all of them.'


def logs_html(
    columns: LogColumns,
    redacted: int = 0,
    hint: str | None = None,
    numbers: Sequence[int] | None = None,
) -> str:
    """Return a log as HTML; `redacted` is how many values were removed, `hint` why it may be empty.

    `numbers` are the positions of the lines in the log that they were selected from.
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
