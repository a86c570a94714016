"""Log columns as the rows that the page shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from flowrun_widgets.arrow import pc
from flowrun_widgets.card.wire import LevelCounts, LogRow, Logs, LogWindow

if TYPE_CHECKING:
    from flowrun_widgets.log_columns import LogColumns

__all__ = ["counts_by_task", "log_window", "logs_part", "whole_message"]

WINDOW = 200
"""How many rows travel with the card."""
MOST_ROWS = 2_000
"""How many rows one answer may have."""
MESSAGE = 1_000
"""How many characters of a message a row has; the page asks for the rest."""
WHOLE_MESSAGE = 1_000_000


def log_window(
    columns: LogColumns, start: int, count: int, message: int | None = MESSAGE
) -> LogWindow:
    """Return at most 2,000 rows from position `start`; positions outside are moved inside.

    `message` is how many characters of a message a row has; None: all of them.
    """
    total = len(columns)
    count = max(0, min(count, MOST_ROWS))
    start = max(0, min(start, total - 1)) if total else 0
    return LogWindow(start, tuple(_rows(columns, start, count, message)), total)


def logs_part(
    columns: LogColumns, *, is_finished: bool, is_failed: bool, is_complete: bool = True
) -> Logs:
    """Return the log part of a card: it opens at the first error, at the tail of a run that goes on, else at the top."""
    level = columns.table["level"]
    first_error = (
        pc.index(pc.fill_null(pc.greater_equal(level, 40), False), True).as_py()
        if len(columns)
        else -1
    )
    start = 0
    if not is_finished:
        start = max(0, len(columns) - WINDOW)
    elif is_failed and first_error >= 0:
        start = max(0, min(first_error - WINDOW // 2, len(columns) - WINDOW))
    return Logs(
        total=len(columns),
        is_complete=is_complete,
        levels=_levels(columns),
        first_error=first_error if first_error >= 0 else None,
        window=log_window(columns, start, WINDOW),
    )


def whole_message(columns: LogColumns, seq: int) -> str | None:
    """Return the message of the line with this arrival number, up to a million characters."""
    position = pc.index(columns.table["seq"], pa.scalar(seq, pa.int64())).as_py()
    if position < 0:
        return None
    return (columns.table["message"][position].as_py() or "")[:WHOLE_MESSAGE]


def counts_by_task(columns: LogColumns) -> dict[str, tuple[int, int, int]]:
    """Return lines, warnings and errors of each task run id."""
    table = columns.table.select(["task_run_id", "level"])
    if not table.num_rows:
        return {}
    level = pc.fill_null(table["level"], 0)
    table = pa.table(
        {
            "task": pc.cast(table["task_run_id"], pa.string()),
            "warning": pc.cast(
                pc.and_(pc.greater_equal(level, 30), pc.less(level, 40)), pa.int64()
            ),
            "error": pc.cast(pc.greater_equal(level, 40), pa.int64()),
        }
    )
    grouped = table.group_by("task").aggregate(
        [("task", "count"), ("warning", "sum"), ("error", "sum")]
    )
    rows = grouped.select(["task", "task_count", "warning_sum", "error_sum"]).to_pydict()
    return {
        task: (lines, warnings, errors)
        for task, lines, warnings, errors in zip(*rows.values(), strict=True)
        if task is not None
    }


def _rows(columns: LogColumns, start: int, count: int, limit: int | None) -> list[LogRow]:
    part = columns.table.slice(start, count)
    times = pc.cast(part["timestamp"], pa.int64())
    values = [
        part["seq"], times, part["level"], part["level_name"], part["task"], part["logger"],
        part["message"],
    ]  # fmt: skip
    lists = [column.to_pylist() for column in values]
    return [
        (seq, at, level, name, task, logger, (message or "")[:limit], len(message or ""))
        for seq, at, level, name, task, logger, message in zip(*lists, strict=True)
    ]


def _levels(columns: LogColumns) -> LevelCounts:
    level = columns.table["level"]
    edges = [
        pc.sum(pc.cast(pc.greater_equal(level, edge), pa.int64())).as_py() or 0
        for edge in (50, 40, 30, 20)
    ]
    known = len(columns) - level.null_count
    critical, error, warning, info = edges
    return LevelCounts(
        critical=critical,
        error=error - critical,
        warning=warning - error,
        info=info - warning + level.null_count,
        debug=known - info,
    )
