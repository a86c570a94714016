"""`LogInBlocks`: a log in a page, as one block of names and blocks of lines, stored by column to compress well.

Names are `[count, levels, tasks, loggers, templates]`, where a level is `[number, word]`, a task `[task run id, label]`
and a template `[pattern, filter term]`. A block of lines is `[seqs, times, levels, tasks, loggers, templates,
messages]`: the first two are differences from the line before, the first one from 0; the next four are indexes into the
names, -1 for a template that is too rare to be listed; times are in microseconds. The server's ids of lines are left
out, since each takes 16 bytes that do not compress.

The block of attempts has `[running, repeated]` for each task in the names, or null if its history is not known: when it
began to run, and, if it has several attempts, `[label, [[began, seconds waited], …]]`, else null.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pyarrow as pa

from flowrun_widgets.analysis.templates import template_ids
from flowrun_widgets.arrow import pc
from flowrun_widgets.errors import ArchiveError
from flowrun_widgets.log_columns import SCHEMA, LogColumns
from flowrun_widgets.plain_text import shortened
from flowrun_widgets.query import running_times
from flowrun_widgets.report.badges import MAX_NAME_CHARS
from flowrun_widgets.report.log.attempt_dividers import attempts_begun

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from flowrun_widgets.analysis.templates import TemplateIds
    from flowrun_widgets.records import TaskRunRecord

__all__ = ["LogInBlocks", "columns_of"]

BATCH = 10_000
"""How many lines a block has; a browser decodes this many without a noticeable pause."""
MAX_LINES = 20_000_000
MAX_TEMPLATES = 2_000
"""How many templates a page holds, the most frequent ones."""
Names = tuple[
    int,
    list[tuple[int | None, str | None]],
    list[tuple[str | None, str | None]],
    list[str | None],
    list[tuple[str, str]],
]
LineLists = tuple[
    list[int], list[int], list[int], list[int], list[int], list[int], list[str | None]
]


class LogInBlocks:
    """A log as blocks of JSON."""

    def __init__(self, columns: LogColumns, templates: TemplateIds | None = None) -> None:
        """Hold a log and its templates, which are computed if None."""
        table = columns.table
        self.table = table
        levels = _codes(table["level"].cast(pa.int32()).combine_chunks().dictionary_encode())
        words = _codes(_encoded(table["level_name"]))
        self.level, self.levels = _paired(levels, words)
        self.task, self.tasks = _paired(
            _codes(_encoded(table["task_run_id"])), _codes(_encoded(table["task"]))
        )
        self.logger, self.loggers = _codes(_encoded(table["logger"]))
        self.template, self.templates = _templates(templates or template_ids(columns))
        self.seq = table["seq"].to_numpy()
        self.at = table["timestamp"].cast(pa.int64()).to_numpy()

    def names(self) -> bytes:
        """Return the block of names."""
        return msgspec.json.encode(
            [len(self.seq), self.levels, self.tasks, self.loggers, self.templates]
        )

    def attempts(self, task_runs: Iterable[TaskRunRecord]) -> bytes:
        """Return the block of attempts."""
        records = {run.id: run for run in task_runs}
        running = running_times(records.values())
        return msgspec.json.encode(
            [
                _begun(records[key], running[key]) if key in running else None
                for key, _ in self.tasks
            ]
        )

    def lines(self) -> Iterator[bytes]:
        """Yield the blocks of lines."""
        for start in range(0, len(self.seq), BATCH):
            part = slice(start, start + BATCH)
            steps = [_steps(column[part]).tolist() for column in (self.seq, self.at)]
            columns = (self.level, self.task, self.logger, self.template)
            places = [column[part].tolist() for column in columns]
            messages = self.table["message"].slice(start, BATCH).to_pylist()
            yield msgspec.json.encode([*steps, *places, messages])


def _templates(found: TemplateIds) -> tuple[NDArray[Any], list[tuple[str, str]]]:
    """Return for each line the index of its template, and the templates; rare ones have no index."""
    counts = np.bincount(found.codes, minlength=len(found.firsts))
    chosen = np.sort(np.argsort(-counts, kind="stable")[:MAX_TEMPLATES])
    places = np.full(len(counts), -1, np.int64)
    places[chosen] = np.arange(len(chosen))
    return places[found.codes], [found.described(number) for number in chosen.tolist()]


def _begun(run: TaskRunRecord, running: Sequence[int]) -> tuple[Sequence[int], Any]:
    attempts = [*attempts_begun(run)]
    return running, (shortened(run.label, MAX_NAME_CHARS), attempts) if len(attempts) > 1 else None


def columns_of(names: bytes, blocks: Iterable[bytes]) -> LogColumns:
    """Return the log in the blocks, without the ids of lines.

    Raises:
        ArchiveError: the blocks are invalid.
    """
    try:
        count, levels, tasks, loggers, _ = msgspec.json.decode(names, type=Names)
        tables = [_table(block, levels, tasks, loggers) for block in _bounded(count, blocks)]
        table = pa.concat_tables(tables).unify_dictionaries() if tables else SCHEMA.empty_table()
    except (
        msgspec.MsgspecError,
        pa.ArrowException,
        ValueError,
        OverflowError,
        IndexError,
    ) as error:
        raise ArchiveError(f"the log in the page cannot be read: {error!s:.200}") from None
    if len(table) != count:
        raise ArchiveError(f"The page should hold {count:,} lines, but has {len(table):,}.")
    seq = table["seq"]
    if len(seq) and (pc.min(seq).as_py() < 0 or pc.count_distinct(seq).as_py() != len(seq)):
        raise ArchiveError("lines in the page do not have unique numbers.")
    return LogColumns(table.sort_by("timestamp"), (pc.max(seq).as_py() or 0) + 1 if len(seq) else 0)


def _bounded(count: int, blocks: Iterable[bytes]) -> Iterator[LineLists]:
    if not 0 <= count <= MAX_LINES:
        raise ArchiveError(
            f"the page says that it has {count:,} lines; a page has 0 to {MAX_LINES:,}."
        )
    for block in blocks:
        lists = msgspec.json.decode(block, type=LineLists)
        if len(set(map(len, lists))) != 1 or (count := count - len(lists[0])) < 0:
            raise ArchiveError(
                "the columns of the log in the page differ in length, or have too many lines."
            )
        yield lists


def _table(
    lists: LineLists,
    levels: Sequence[tuple[int | None, str | None]],
    tasks: Sequence[tuple[str | None, str | None]],
    loggers: Sequence[str | None],
) -> pa.Table:
    seqs, times, level, task, logger, _, messages = lists
    numbers = pa.array([number for number, _ in levels], pa.int16())
    where = _places(level, len(levels))
    who = _places(task, len(tasks))
    return pa.Table.from_arrays(
        [
            np.cumsum(np.array(seqs, np.int64)),
            pa.array(np.cumsum(np.array(times, np.int64))).cast(pa.timestamp("us", "UTC")),
            numbers.take(where),
            _taken([word for _, word in levels], where),
            _taken([key for key, _ in tasks], who),
            _taken([label for _, label in tasks], who),
            _taken(loggers, _places(logger, len(loggers))),
            pa.array(messages, pa.large_string()),
            pa.nulls(len(seqs), pa.binary(16)),
        ],
        schema=SCHEMA,
    )


def _places(given: Sequence[int], count: int) -> pa.Array:
    places = np.array(given, np.int64)
    if len(places) and not 0 <= int(places.min()) <= int(places.max()) < count:
        raise ArchiveError("a line in the page refers to a name that is missing.")
    return pa.array(places)


def _taken(values: Sequence[str | None], places: pa.Array) -> pa.Array:
    return pa.array(values, pa.string()).take(places).dictionary_encode()


def _steps(values: NDArray[Any]) -> NDArray[Any]:
    """Return the first value, then the difference of each from the one before."""
    return np.diff(values, prepend=values.dtype.type(0))


def _encoded(column: pa.ChunkedArray) -> pa.DictionaryArray:
    return column.cast(pa.string()).combine_chunks().dictionary_encode()


def _codes(encoded: pa.DictionaryArray) -> tuple[NDArray[Any], list[Any]]:
    """Return for each line the index of its value, and the values; a null, if any, is the last of them."""
    values = encoded.dictionary.to_pylist()
    places = pc.fill_null(encoded.indices, len(values)).to_numpy(zero_copy_only=False)
    return places.astype(np.int64), [*values, None] if encoded.null_count else values


def _paired(
    left: tuple[NDArray[Any], list[Any]], right: tuple[NDArray[Any], list[Any]]
) -> tuple[NDArray[Any], list[tuple[Any, Any]]]:
    """Return for each line the index of its pair of values, and the pairs."""
    (these, first), (those, second) = left, right
    width = max(1, len(second))
    keys, places = np.unique(these * width + those, return_inverse=True)
    return places, [(first[key // width], second[key % width]) for key in keys.tolist()]
