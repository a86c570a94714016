"""Log lines as columns: one immutable arrow table, sorted by time, used from the server's answer to the screen.

Columns, in order: `seq` int64 (arrival number from 0, which never changes), `timestamp` timestamp[us, UTC], `level`
int16 (null if the server's level name has no number), `level_name`, `task_run_id`, `task`, `logger` (dictionaries),
`message` large_string, `id` 16 bytes (null if the source has none), and `flow_run` (dictionary) where the table holds
lines of several runs. Lines with the same timestamp keep the server's order.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from flowrun_widgets.arrow import pc, true_positions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["NUMBERS", "LogColumns", "level_numbers"]

DICTIONARY = pa.dictionary(pa.int32(), pa.string())
SCHEMA = pa.schema(
    [
        pa.field("seq", pa.int64(), nullable=False),
        pa.field("timestamp", pa.timestamp("us", "UTC"), nullable=False),
        pa.field("level", pa.int16()),
        pa.field("level_name", DICTIONARY),
        pa.field("task_run_id", DICTIONARY),
        pa.field("task", DICTIONARY),
        pa.field("logger", DICTIONARY),
        pa.field("message", pa.large_string()),
        pa.field("id", pa.binary(16)),
    ]
)
MAX_CHUNKS = 64
FULL_CHUNK = 8_192
"""A chunk with at least this many lines is no longer copied when lines are appended."""
NUMBERS = {
    "CRITICAL": logging.CRITICAL,
    "FATAL": logging.CRITICAL,
    "ERROR": logging.ERROR,
    "WARNING": logging.WARNING,
    "WARN": logging.WARNING,
    "INFO": logging.INFO,
    "DEBUG": logging.DEBUG,
    "NOTSET": logging.NOTSET,
}
NAMES = {10: "DEBUG", 20: "INFO", 30: "WARNING", 40: "ERROR", 50: "CRITICAL", 0: "NOTSET"}


class LogColumns:
    """An immutable table of log lines. `table` has the columns that the module docstring lists."""

    __slots__ = ("__weakref__", "arrived", "derived", "table")

    table: pa.Table
    arrived: int
    """The number of lines that have arrived so far, which is the `seq` of the next line."""
    derived: dict[object, object]
    """Results that other modules computed from these lines, under their own keys; `with_new` passes them on."""

    def __init__(self, table: pa.Table | None = None, arrived: int = 0) -> None:
        object.__setattr__(self, "table", SCHEMA.empty_table() if table is None else table)
        object.__setattr__(self, "arrived", arrived)
        object.__setattr__(self, "derived", {})

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("log columns are immutable")

    def __reduce__(self) -> tuple[Any, ...]:
        # Arrow pickles the whole buffers behind a slice; its stream format writes only the slice.
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, self.table.schema) as stream:
            stream.write_table(self.table)
        return _unpickled, (sink.getvalue().to_pybytes(), self.arrived)

    def __len__(self) -> int:
        return self.table.num_rows

    def __eq__(self, other: object) -> bool:
        return self.table.equals(other.table) if isinstance(other, LogColumns) else NotImplemented

    __hash__ = None  # pyright: ignore[reportAssignmentType]

    @classmethod
    def from_lists(
        cls,
        *,
        timestamps: Sequence[int] | pa.Int64Array,
        levels: Sequence[str | int | None] | pa.StringArray,
        messages: Sequence[str | None] | pa.LargeStringArray,
        ids: Sequence[str | None] | pa.StringArray,
        loggers: Sequence[str | None] | pa.StringArray,
        task_run_ids: Sequence[str | None] | pa.StringArray,
        tasks: Mapping[str, str],
        flow_runs: Sequence[str | None] | None = None,
    ) -> LogColumns:
        """Return the columns of lines that are given in the server's order; they are sorted by time.

        `timestamps` are microseconds since 1970; `levels` are names (Prefect 1) or numbers (Prefect 3); `tasks` maps
        task run ids to labels; `flow_runs` are the labels of the flow runs, if there are several.
        """
        task_run_id = _texts(task_run_ids).dictionary_encode()
        level, level_name = _levels(levels)
        table = pa.Table.from_arrays(
            [
                pa.array(np.arange(len(timestamps), dtype=np.int64)),
                _times(timestamps),
                level,
                level_name,
                task_run_id,
                _labels(task_run_id, tasks),
                _texts(loggers).dictionary_encode(),
                messages
                if isinstance(messages, pa.LargeStringArray)
                else pa.array(messages, pa.large_string()),
                _binary_ids(ids),
            ],
            schema=SCHEMA,
        )
        if flow_runs is not None:
            table = table.append_column(
                "flow_run", pa.array(flow_runs, pa.string()).dictionary_encode()
            )
        return cls(_sorted(table), len(timestamps))

    @classmethod
    def joined(cls, parts: Sequence[LogColumns]) -> LogColumns:
        """Return the lines of several reads in order of arrival, each id once."""
        tables, arrived = [], 0
        for table in _each_once([part.table for part in parts]):
            seq = pc.add(
                pc.cast(pc.rank(table["seq"], tiebreaker="first"), pa.int64()), arrived - 1
            )
            tables.append(table.set_column(0, SCHEMA.field("seq"), seq))
            arrived += table.num_rows
        if not tables:
            return cls()
        table = pa.concat_tables(tables)
        if len(tables) > MAX_CHUNKS:
            table = table.unify_dictionaries().combine_chunks()
        return cls(_sorted(table), arrived)

    @classmethod
    def stacked(cls, parts: Sequence[LogColumns]) -> LogColumns:
        """Return the lines of consecutive parts of one answer, sorted by time; ids are not compared.

        Columns are shared with the parts, unless there are many parts.
        """
        tables, arrived = [], 0
        for part in parts:
            seq = pc.add(part.table["seq"], arrived)
            tables.append(part.table.set_column(0, SCHEMA.field("seq"), seq))
            arrived += part.arrived
        if not tables:
            return cls()
        table = pa.concat_tables(tables)
        if table["message"].num_chunks > MAX_CHUNKS:
            table = table.unify_dictionaries().combine_chunks()
        return cls(_sorted(table), arrived)

    def sealed(self) -> LogColumns:
        """Return these lines in one chunk."""
        return LogColumns(self.table.unify_dictionaries().combine_chunks(), self.arrived)

    def task_run_ids(self) -> list[str]:
        """Return the ids of the task runs that wrote these lines, each once."""
        return [
            key
            for key in pc.unique(self.table["task_run_id"].cast(pa.string())).to_pylist()
            if key is not None
        ]

    def labelled(self, tasks: Mapping[str, str]) -> LogColumns:
        """Return these lines with the labels of their task runs; `tasks` maps task run ids to labels."""
        position = SCHEMA.get_field_index("task")
        labels = [_labels(part, tasks) for part in self.table["task_run_id"].chunks]
        column = pa.chunked_array(labels, DICTIONARY)
        return LogColumns(
            self.table.set_column(position, SCHEMA.field("task"), column), self.arrived
        )

    def with_new(self, new: LogColumns) -> LogColumns:
        """Return these lines and the lines of `new` that are not among them.

        Lines are compared by id. What precedes the first new line is shared, not copied.
        """
        if not len(self):
            return new
        fresh = new.without(self).table
        if not fresh.num_rows:
            return self
        cut = self.position_at(fresh["timestamp"][0].value)
        head, tail = self.table.slice(0, cut), self.table.slice(cut)
        order = fresh["seq"].combine_chunks()
        arrival = pc.rank(order, tiebreaker="first")
        fresh = fresh.set_column(
            0, SCHEMA.field("seq"), pc.add(pc.cast(arrival, pa.int64()), self.arrived - 1)
        )
        tail = _sorted(pa.concat_tables([tail, fresh]))
        table = _compacted(pa.concat_tables([head, tail]) if cut else tail)
        lines = LogColumns(table, self.arrived + fresh.num_rows)
        lines.derived.update(self.derived)
        return lines

    def without(self, known: LogColumns) -> LogColumns:
        """Return the lines that are not among `known`, compared by id."""
        if not len(self) or not len(known):
            return self
        times = self.table["timestamp"]
        start, end = known.position_at(times[0].value), known.position_at(times[-1].value + 1)
        ids = known.table["id"].slice(start, end - start).combine_chunks()
        is_known = pc.and_(pc.is_in(self.table["id"], value_set=ids), pc.is_valid(self.table["id"]))
        return LogColumns(self.table.filter(pc.invert(is_known)), self.arrived)

    def arrived_since(self, arrived: int) -> LogColumns:
        """Return the lines that arrived after the first `arrived` ones."""
        is_new = pc.greater_equal(self.table["seq"], arrived)
        return LogColumns(self.table.filter(is_new), self.arrived)

    def position_at(self, moment: Any) -> int:
        """Return how many lines are earlier than `moment`, a time or microseconds since 1970."""
        scalar = pa.scalar(moment, pa.timestamp("us", "UTC"))
        low, high = 0, len(self)
        times = self.table["timestamp"]
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if times[middle].value < scalar.value else (low, middle)
        return low

    def between(self, start: Any = None, end: Any = None) -> LogColumns:
        """Return the lines later than `start` and not later than `end`; None means no limit."""
        table = self.table
        if start is not None:
            table = table.filter(
                pc.greater(table["timestamp"], pa.scalar(start, pa.timestamp("us", "UTC")))
            )
        if end is not None:
            table = table.filter(
                pc.less_equal(table["timestamp"], pa.scalar(end, pa.timestamp("us", "UTC")))
            )
        return LogColumns(table, self.arrived)

    def chosen(
        self, min_level: int | None = None, task_run_ids: Sequence[str] | None = None
    ) -> LogColumns:
        """Return the lines of a level or a more severe one, and of these task runs; None means all."""
        if min_level is None and task_run_ids is None:
            return self
        table = self.table
        if min_level is not None:
            table = table.filter(pc.fill_null(pc.greater_equal(table["level"], min_level), False))
        if task_run_ids is not None:
            wanted = pa.array(task_run_ids, pa.string())
            table = table.filter(pc.is_in(table["task_run_id"].cast(pa.string()), value_set=wanted))
        return LogColumns(table, self.arrived)

    def with_levels(self, numbers: Mapping[str, int | None]) -> LogColumns:
        """Return these lines with numbers for the levels whose names alone do not imply one."""
        if not numbers:
            return self
        position = SCHEMA.get_field_index("level")
        names = self.table["level_name"].cast(pa.string())
        known = level_numbers(pc.unique(names).to_pylist()) | dict(numbers)
        keys = pa.array([*known], pa.string())
        column = pa.array([*known.values()], pa.int16()).take(
            pc.index_in(names, value_set=keys).combine_chunks()
        )
        table = self.table.set_column(position, SCHEMA.field("level"), column)
        return LogColumns(table, self.arrived)

    def with_messages(self, messages: pa.ChunkedArray) -> LogColumns:
        """Return these lines with other messages."""
        position = SCHEMA.get_field_index("message")
        return LogColumns(
            self.table.set_column(position, SCHEMA.field("message"), messages), self.arrived
        )

    def of_flow_run(self, label: str | None) -> LogColumns:
        """Return these lines with the column `flow_run`, which has the same value in every line."""
        column = pa.repeat(pa.scalar(label, pa.string()), len(self)).dictionary_encode()
        return LogColumns(self.table.append_column("flow_run", column), self.arrived)

    def of_flow(self) -> LogColumns:
        """Return the flow's own lines, without those of its task runs."""
        return LogColumns(self.table.filter(pc.is_null(self.table["task_run_id"])), self.arrived)

    def end(self, count: int, *, is_newest: bool) -> LogColumns:
        """Return the newest `count` lines, or the oldest ones, without a copy."""
        return self.slice(max(0, len(self) - count) if is_newest else 0, count)

    def slice(self, start: int, count: int) -> LogColumns:
        """Return `count` lines from position `start`, without a copy."""
        return LogColumns(self.table.slice(start, count), self.arrived)


def _times(timestamps: Sequence[int] | pa.Int64Array) -> pa.Array:
    kind = pa.timestamp("us", "UTC")
    return (
        pc.cast(timestamps, kind)
        if isinstance(timestamps, pa.Array)
        else pa.array(timestamps, kind)
    )


def _texts(values: Sequence[str | None] | pa.StringArray) -> pa.StringArray:
    return values if isinstance(values, pa.StringArray) else pa.array(values, pa.string())


def _each_once(tables: list[pa.Table]) -> list[pa.Table]:
    """Return the tables without rows that repeat the id of an earlier row; tables without such rows are not copied."""
    ids = pa.chunked_array(
        [chunk for table in tables for chunk in table["id"].chunks], pa.binary(16)
    )
    if pc.count_distinct(ids, mode="only_valid").as_py() == len(ids) - ids.null_count:
        return tables
    counts = pc.value_counts(ids)
    values, numbers = counts.field("values"), counts.field("counts")
    repeated = values.filter(pc.and_(pc.greater(numbers, 1), pc.is_valid(values)))
    seen: set[bytes] = set()
    kept: list[pa.Table] = []
    for table in tables:
        positions = true_positions(pc.is_in(table["id"], value_set=repeated)).to_pylist()
        again: set[int] = set()
        for position in positions:
            key = table["id"][position].as_py()
            if key in seen:
                again.add(position)
            seen.add(key)
        rest = [position for position in range(table.num_rows) if position not in again]
        kept.append(table.take(pa.array(rest, pa.int64())) if again else table)
    return kept


def _compacted(table: pa.Table) -> pa.Table:
    """Return a table of few chunks: full ones, and ones longer than all that follow, are shared; the rest is merged.

    So an appended line is copied a few times at most, however long the log before it is.
    """
    chunks = table["message"].chunks
    if len(chunks) <= MAX_CHUNKS:
        return table
    shared, rest = 0, table.num_rows
    for chunk in chunks:
        rest -= len(chunk)
        if len(chunk) < min(rest + 1, FULL_CHUNK):
            break
        shared += len(chunk)
    merged = table.slice(shared).unify_dictionaries().combine_chunks()
    return pa.concat_tables([table.slice(0, shared), merged])


def _unpickled(stream: bytes, arrived: int) -> LogColumns:
    return LogColumns(pa.ipc.open_stream(stream).read_all(), arrived)


def _sorted(table: pa.Table) -> pa.Table:
    times = table["timestamp"].combine_chunks()
    if len(times) < 2 or not pc.any(pc.less(times[1:], times[:-1])).as_py():
        return table
    return table.take(pc.sort_indices(table, [("timestamp", "ascending"), ("seq", "ascending")]))


def level_numbers(names: Sequence[str | None]) -> dict[str, int | None]:
    """Return the number of each level name; None: the name has no number."""
    return {name: NUMBERS.get(name.upper()) for name in names if name is not None}


def _levels(
    levels: Sequence[str | int | None] | pa.StringArray,
) -> tuple[pa.Array, pa.DictionaryArray]:
    known: dict[str, int] = {}
    words: Any = levels
    if not isinstance(words, pa.StringArray):
        distinct = dict.fromkeys(words)
        named = {v: NAMES.get(v, f"Level {v}") if isinstance(v, int) else v for v in distinct}
        known = {f"Level {v}": v for v in distinct if isinstance(v, int) and v not in NAMES}
        words = pa.array([*map(named.__getitem__, words)], pa.string())
    encoded = words.dictionary_encode()
    known.update(NUMBERS)
    values = [
        known.get(word) if word in known else known.get(str(word).upper())
        for word in encoded.dictionary.to_pylist()
    ]
    numbers = pa.array(
        [v if v is not None and -32768 <= v <= 32767 else None for v in values], pa.int16()
    )
    return numbers.take(encoded.indices) if len(numbers) else pa.nulls(
        len(levels), pa.int16()
    ), encoded


def _labels(task_run_id: pa.DictionaryArray, tasks: Mapping[str, str]) -> pa.DictionaryArray:
    labels = [tasks.get(key) for key in task_run_id.dictionary.to_pylist()]
    if None not in labels and len(set(labels)) == len(labels):
        return pa.DictionaryArray.from_arrays(task_run_id.indices, pa.array(labels, pa.string()))
    looked_up = pa.array(labels, pa.string()).dictionary_encode()
    indices = looked_up.indices.take(task_run_id.indices)
    return pa.DictionaryArray.from_arrays(indices, looked_up.dictionary)


def _binary_ids(ids: Sequence[str | None] | pa.StringArray) -> pa.Array:
    texts: Any = ids
    try:
        if isinstance(texts, pa.StringArray):
            same = not texts.null_count and pc.unique(pc.binary_length(texts)).to_pylist() == [36]
            whole = pa.ListArray.from_arrays(pa.array([0, len(texts)], pa.int32()), texts)
            joined = pc.binary_join(whole, "")[0].as_py() if same else ""
        else:
            same = set(map(len, texts)) == {36}
            joined = "".join(texts)
        packed = bytes.fromhex(joined.replace("-", ""))
        if len(packed) == 16 * len(ids) and same:
            return pa.FixedSizeBinaryArray.from_buffers(
                pa.binary(16), len(ids), [None, pa.py_buffer(packed)]
            )
    except (TypeError, ValueError):
        pass
    if isinstance(texts, pa.StringArray):
        texts = texts.to_pylist()
    return pa.array([_packed(text) for text in texts], pa.binary(16))


def _packed(text: str | None) -> bytes | None:
    try:
        packed = bytes.fromhex(text.replace("-", "")) if text else None
    except ValueError:
        return None
    return packed if packed is not None and len(packed) == 16 else None
