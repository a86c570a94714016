"""`log_text()`: log lines as text: time in UTC, level, task, message; the page's is `js/src/engine/text.ts`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowrun_widgets.plain_text import one_line, plain, shortened
from flowrun_widgets.report.figures import milliseconds
from flowrun_widgets.times import from_micros

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowrun_widgets.log_columns import LogColumns

__all__ = ["log_text"]

BATCH = 1_000
MAX_NAME_CHARS = 300
INDENT = " " * 4
FIELDS = ("level_name", "task", "message")


def log_text(columns: LogColumns) -> Iterator[str]:
    """Yield the lines as text. Only the first line of a message begins at the margin; its other lines are indented."""
    for start in range(0, len(columns), BATCH):
        table = columns.table.slice(start, BATCH)
        times = table["timestamp"].cast("int64").to_pylist()
        rows = zip(times, *(table[name].to_pylist() for name in FIELDS), strict=True)
        for at, level, task, message in rows:
            yield _line(at, level or "", task or "flow", message or "")


def _line(at: int, level: str, task: str, message: str) -> str:
    first, *others = plain(message).split("\n")
    level, task = (shortened(one_line(name), MAX_NAME_CHARS) for name in (level, task))
    head = f"{from_micros(at).date().isoformat()} {milliseconds(at)}Z {level:8} {task}: {first}"
    return "\n".join([head, *(INDENT + other for other in others)])
