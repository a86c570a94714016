"""Log columns as the rows that the page shows."""

from __future__ import annotations

import weakref
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from flowrun_widgets.arrow import pc, true_positions
from flowrun_widgets.plain_text import shortened
from flowrun_widgets.report.log.items import ItemList
from flowrun_widgets.report.wire import Item, LevelCounts, LogRow, Logs, LogWindow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from flowrun_widgets.log_columns import LogColumns
    from flowrun_widgets.report.log.lines import Lines

__all__ = [
    "counts_by_task",
    "item_window",
    "level_counts",
    "log_rows",
    "logs_part",
    "whole_message",
]

ERROR, WARNING = 40, 30
WINDOW = 60
"""How many items are sent with the card."""
HIGHLIGHTS, HIGHLIGHT_MESSAGE = 20, 400
"""How many other lines are sent too, errors before warnings, and how many characters of each."""
MAX_WIDTH = 60
"""How many characters of a name count for the width of its column."""
MAX_ITEMS = 2_000
"""The largest number of items in one answer."""
MAX_MESSAGE_CHARS = 1_000
"""How many characters of a message a row has; the page requests the rest."""
WHOLE_MESSAGE = 1_000_000
_counted: tuple[weakref.ref[LogColumns], Mapping[str, tuple[int, int, int]]] | None = None
MAX_NAME_CHARS = 300
"""How many characters of a level, a label or a logger a row has."""
NUMBERS, NAMES = ("seq", "timestamp", "level"), ("level_name", "task", "logger")


def log_rows(
    columns: LogColumns,
    positions: Sequence[int] | NDArray[Any],
    hits: Sequence[bool] | NDArray[Any] | None = None,
    most: int = MAX_MESSAGE_CHARS,
    repeats: NDArray[Any] | None = None,
    numbered: int | None = None,
) -> list[LogRow]:
    """Return the rows of some lines, named by their ascending positions.

    `hits` says of each line whether it matches the filter text, None means that all do; `repeats` says how many equal
    lines it represents, None means only itself. A message is cut to `most` characters. Only the first `numbered`
    positions are the lines' numbers.
    """
    where = np.asarray(positions, np.int64)
    fits = [True] * len(where) if hits is None else np.asarray(hits, bool).tolist()
    stands_for = [1] * len(where) if repeats is None else repeats.tolist()
    numbers_of: list[int | None] = where.tolist()
    if numbered is not None:
        numbers_of = [at if at < numbered else None for at in where.tolist()]
    table = columns.table
    numbers = [_values(_parts(table[name], where)) for name in NUMBERS]
    names = [
        [shortened(x, MAX_NAME_CHARS) for x in _values(_parts(table[name], where))]
        for name in NAMES
    ]
    messages = [pc.fill_null(part, "") for part in _parts(table["message"], where)]
    shown = _values([pc.utf8_slice_codeunits(part, 0, most) for part in messages])
    lengths = _values([pc.utf8_length(part) for part in messages])
    columned = zip(*numbers, *names, shown, lengths, numbers_of, fits, stands_for, strict=True)
    return list(columned)


def item_window(
    columns: LogColumns,
    items: ItemList,
    start: int,
    count: int,
    *,
    hits: NDArray[Any] | None = None,
    repeats: NDArray[Any] | None = None,
    numbered: int | None = None,
    is_counted: bool = True,
) -> LogWindow:
    """Return at most 2,000 items from index `start`; indexes out of range are clamped.

    `hits` are the ascending positions of the lines that match, None means that all do. `repeats` says for each shown
    line how many it represents. Only the first `numbered` positions are the lines' numbers.
    """
    total = len(items)
    count = max(0, min(count, MAX_ITEMS))
    start = max(0, min(start, total - 1)) if total else 0
    found: list[Item] = []
    part = items.between(start, start + count)
    lines = part.positions[part.positions >= 0]
    order = lines[::-1] if items.is_newest_first else lines
    fits = None if hits is None else _among(order, hits)
    stands_for = None
    if repeats is not None and items.shown is not None:
        stands_for = repeats[np.searchsorted(items.shown, order)]
    rows = log_rows(columns, order, fits, repeats=stands_for, numbered=numbered)
    following = iter(rows[::-1] if items.is_newest_first else rows)
    for place, position in enumerate(part.positions.tolist()):
        if position >= 0:
            found.append(next(following))
        else:
            found.append(_extra(columns, items, int(part.extras[place])))
    return LogWindow(start, tuple(found), total if is_counted else None)


def logs_part(
    lines: Lines,
    *,
    is_finished: bool,
    is_failed: bool,
    is_complete: bool = True,
    telling: int | None = None,
) -> Logs:
    """Return the log part of a card, opened at the end for an unfinished run, at the failure, or else at the top.

    `telling` is the position of the line that says why the run failed; without it, the first error is used.
    """
    columns, numbered = lines.columns, lines.numbered
    items = ItemList.of_all(len(columns), lines.retries, missing_before=lines.missing_before)
    level = columns.table["level"]
    first_error = (
        pc.index(pc.fill_null(pc.greater_equal(level, ERROR), False), True).as_py()
        if len(columns)
        else -1
    )
    start = 0
    if not is_finished:
        start = max(0, len(items) - WINDOW)
    elif is_failed and (telling is not None or first_error >= 0):
        place = items.place_of(first_error if telling is None else telling) or 0
        start = max(0, min(place - WINDOW // 2, len(items) - WINDOW))
    window = item_window(columns, items, start, WINDOW, numbered=numbered)
    return Logs(
        total=len(columns),
        is_complete=is_complete,
        levels=level_counts(columns),
        first_error=columns.table["seq"][first_error].as_py() if first_error >= 0 else None,
        repeated=lines.sent_twice,
        task_width=min(MAX_WIDTH, lines.width("task")),
        logger_width=min(MAX_WIDTH, lines.width("logger")),
        window=window,
        highlights=_highlights(lines, {item[0] for item in window.items}),
    )


def _highlights(lines: Lines, seqs: set[int | str | None]) -> tuple[LogRow, ...]:
    """Return the first errors, then warnings, without the lines with these arrival numbers."""
    columns = lines.columns
    level = pc.fill_null(columns.table["level"], 0)
    chosen: list[int] = []
    for edge in (ERROR, WARNING):
        found = true_positions(pc.greater_equal(level, edge))[: HIGHLIGHTS + len(seqs)]
        named = zip(found.to_pylist(), columns.table["seq"].take(found).to_pylist(), strict=True)
        chosen += [at for at, seq in named if seq not in seqs and at not in chosen]
    chosen = sorted(chosen[:HIGHLIGHTS])
    return tuple(log_rows(columns, chosen, most=HIGHLIGHT_MESSAGE, numbered=lines.numbered))


def whole_message(columns: LogColumns, seq: int) -> str | None:
    """Return the message of the line with this arrival number, up to a million characters."""
    position = pc.index(columns.table["seq"], pa.scalar(seq, pa.int64())).as_py()
    if position < 0:
        return None
    return (columns.table["message"][position].as_py() or "")[:WHOLE_MESSAGE]


def level_counts(columns: LogColumns) -> LevelCounts:
    """Return the number of lines of each level; levels without a number count as info."""
    level = columns.table["level"]
    edges = [pc.sum(pc.greater_equal(level, edge)).as_py() or 0 for edge in (50, 40, 30, 20)]
    known = len(columns) - level.null_count
    critical, error, warning, info = edges
    return LevelCounts(
        critical=critical,
        error=error - critical,
        warning=warning - error,
        info=info - warning + level.null_count,
        debug=known - info,
    )


def counts_by_task(columns: LogColumns) -> Mapping[str, tuple[int, int, int]]:
    """Return the numbers of lines, warnings and errors by task run id; the last result is cached."""
    global _counted
    found = _counted
    if found is None or found[0]() is not columns:
        found = weakref.ref(columns), MappingProxyType(_counts_by_task(columns))
        _counted = found
    return found[1]


def _counts_by_task(columns: LogColumns) -> dict[str, tuple[int, int, int]]:
    table = columns.table.select(["task_run_id", "level"]).unify_dictionaries()
    if not len(table):
        return {}
    part = table.combine_chunks()
    task = part["task_run_id"].chunk(0)
    names = task.dictionary.to_pylist()
    index = pc.fill_null(task.indices, len(names)).to_numpy()
    level = pc.fill_null(part["level"], 0).to_numpy()
    grave = np.flatnonzero(level >= WARNING)
    of_grave = index[grave]
    total, above, errors = (
        np.bincount(of, minlength=len(names) + 1)
        for of in (index, of_grave, of_grave[level[grave] >= ERROR])
    )
    rows = zip(names, total.tolist(), (above - errors).tolist(), errors.tolist(), strict=False)
    return {name: tuple(counts) for name, *counts in rows if name is not None and counts[0]}


def _extra(columns: LogColumns, items: ItemList, number: int) -> Item:
    """Return a gap, a divider, or a mark of missing lines."""
    if (missing := items.missing(number)) is not None:
        return missing
    retry = items.retry(number)
    if retry is not None:
        return retry
    first, last = items.gap(number)
    seq = columns.table["seq"]
    ends = (last, first) if items.is_newest_first else (first, last)
    return (None, last - first + 1, *(seq[end].as_py() for end in ends))  # pyright: ignore[reportReturnType]


def _parts(column: pa.ChunkedArray, positions: NDArray[Any]) -> list[pa.Array]:
    """Return the values at ascending positions; only chunks that contain any of them are read."""
    if not len(positions):
        return []
    first, last = int(positions[0]), int(positions[-1])
    if last - first + 1 == len(positions):
        return column.slice(first, len(positions)).chunks
    if column.num_chunks == 1:
        return [column.chunk(0).take(pa.array(positions))]
    ends = np.cumsum([len(chunk) for chunk in column.chunks])
    cuts = np.searchsorted(positions, ends)
    parts: list[pa.Array] = []
    done = 0
    for number in np.flatnonzero(np.diff(cuts, prepend=0)).tolist():
        chunk = column.chunk(number)
        inside = positions[done : cuts[number]] - (ends[number] - len(chunk))
        parts.append(chunk.take(pa.array(inside)))
        done = cuts[number]
    return parts


def _values(parts: Sequence[pa.Array]) -> list[Any]:
    found: list[Any] = []
    for part in parts:
        if pa.types.is_dictionary(part.type):
            part = part.dictionary_decode()
        elif pa.types.is_timestamp(part.type):
            part = part.cast(pa.int64())
        found.extend(part.to_pylist())
    return found


def _among(positions: NDArray[Any], hits: NDArray[Any]) -> NDArray[Any]:
    """Return which of the positions are among the ascending `hits`."""
    if not len(hits):
        return np.zeros(len(positions), bool)
    at = np.minimum(np.searchsorted(hits, positions), len(hits) - 1)
    return hits[at] == positions
