"""Converts a long log from Prefect 1's GraphQL to columns while it arrives; the whole answer is never in memory.

The bytes are split where one row ends and the next begins, `},{"id":`, and before `"labels":`. Neither can occur inside
a JSON string, where quotes are escaped, nor overlap the end of one, which no letter follows. Arrow parses each block
and must find the expected number of rows; if it does not, or if a value may not be one of Prefect's, that block is
parsed in the same way as a short answer. An answer that begins in another way is read whole.
"""

from __future__ import annotations

import re
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from flowrun_widgets.arrow import pc
from flowrun_widgets.backends.prefect1_rows import (
    FIRST_LOG,
    LAST_LOG,
    log_row_columns,
    newest_update,
)
from flowrun_widgets.backends.progress import report
from flowrun_widgets.errors import UnexpectedAnswer
from flowrun_widgets.log_columns import LogColumns
from flowrun_widgets.times import from_micros

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from pendulum import DateTime

    from flowrun_widgets.backends.answer import Answer, Incoming

__all__ = ["BLOCK_BYTES", "BegunLog", "begun_log"]

BLOCK_BYTES = 1024 * 1024
LARGEST_BLOCK_BYTES = 8 * BLOCK_BYTES
AHEAD = 2
"""The maximum number of blocks in the queue of the parser; reading waits when it is full."""
SEALED_BLOCKS = 48
"""A log of fewer blocks is not copied: columns are compacted above 64 chunks."""
BEGINNING = re.compile(
    rb'\s{0,9}\{\s{0,9}"data"\s{0,9}:\s{0,9}\{\s{0,9}"log"\s{0,9}:\s{0,9}\[\s{0,9}(?=\{)'
)
NEXT_ROW = re.compile(rb'\}(\s{0,9},\s{0,9})\{\s{0,9}"id"\s{0,9}:')
LABELS = b'"labels"'
KEY = re.compile(rb"\s{0,9}:")
TIME = pa.timestamp("us", "UTC")
SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("timestamp", TIME),
        ("updated", TIME),
        ("level", pa.string()),
        ("name", pa.string()),
        ("message", pa.large_string()),
        ("task_run_id", pa.string()),
    ]
)


@dataclass(frozen=True, slots=True)
class BegunLog:
    """The lines that were parsed before the end of an answer, without labels, and the answer without these lines."""

    rest: Answer
    """The rest of the answer: at least the last line, the labels and the errors; a short answer completely."""
    parts: list[LogColumns] = field(default_factory=list[LogColumns])
    newest: DateTime | None = None
    """The newest `updated` of the parts."""


def begun_log(incoming: Incoming, source: str) -> BegunLog:
    """Read an answer to its end. This thread receives the pieces, and another thread parses them.

    Raises:
        UnexpectedAnswer: a line is not one of Prefect's, or the bytes between two lines are not JSON.
    """
    parts = _Parts()
    waiting = deque[Future[tuple[LogColumns, Any]]]()

    def take() -> None:
        parts.add(*waiting.popleft().result())
        report("lines", parts.lines)

    with ThreadPoolExecutor(1, thread_name_prefix="flowrun-log") as parser:
        blocks = _blocks(incoming.pieces)
        while True:
            try:
                rows, between = next(blocks)
            except StopIteration as end:
                rest = end.value
                break
            waiting.append(parser.submit(_parsed, incoming.head, source, rows, between))
            if len(waiting) > AHEAD:
                take()
        while waiting:
            take()
    return BegunLog(replace(incoming.head, body=rest), parts.all(), parts.newest)


class _Parts:
    """Consecutive columns; many small ones are merged into few."""

    def __init__(self) -> None:
        self.lines = 0
        self.newest: DateTime | None = None
        self._sealed: list[LogColumns] = []
        self._open: list[LogColumns] = []

    def add(self, columns: LogColumns, newest: DateTime | None) -> None:
        self.lines += len(columns)
        if newest is not None:
            self.newest = newest if self.newest is None else max(self.newest, newest)
        self._open.append(columns)
        if len(self._open) == SEALED_BLOCKS:
            self._sealed.append(LogColumns.stacked(self._open).sealed())
            self._open = []

    def all(self) -> list[LogColumns]:
        return [*self._sealed, *self._open]


@dataclass(frozen=True, slots=True)
class _Between:
    """The bytes between two rows in this answer: the end of one row and the beginning of the next."""

    whole: bytes
    comma: bytes

    @property
    def newline(self) -> bytes:
        return self.whole.replace(self.comma, b"\n", 1)


def _blocks(pieces: Iterator[bytes]) -> Generator[tuple[bytes, _Between], None, bytes]:
    """Yield blocks of rows and the bytes between rows; return a document of everything that was not yielded.

    Blocks grow with the answer: the first lines are ready soon, and a long log has few blocks.
    """
    unread = bytearray()
    beginning, between = b"", None
    yielded, wanted = 0, BLOCK_BYTES
    for piece in pieces:
        unread += piece
        if len(unread) < wanted:
            continue
        if between is None:
            begun, first = BEGINNING.match(unread), NEXT_ROW.search(unread)
            if begun is None:
                break
            if first is None:
                wanted = 2 * len(unread)
                continue
            beginning, between = begun[0], _Between(first[0], first[1])
            del unread[: begun.end()]
        block, is_last = _block(unread, between)
        if block:
            yield block, between
        if is_last:
            break
        yielded += len(block)
        # A row that is longer than a block must not be searched again for each of its pieces.
        wanted = (
            min(max(BLOCK_BYTES, yielded // 64), LARGEST_BLOCK_BYTES) if block else 2 * len(unread)
        )
    for piece in pieces:
        unread += piece
    if between is not None:
        block, is_last = _block(unread, between)
        if block:
            yield block, between
    return beginning + unread


def _block(unread: bytearray, between: _Between) -> tuple[bytes, bool]:
    """Remove and return the complete rows except the last, and whether the list of rows ends in `unread`."""
    labels = _labels_at(unread)
    cut = unread.rfind(between.whole, 0, len(unread) if labels is None else labels)
    if cut < 0:
        return b"", labels is not None
    rows = bytes(memoryview(unread)[: cut + 1])
    del unread[: cut + 1 + len(between.comma)]
    return rows, labels is not None


def _labels_at(unread: bytearray) -> int | None:
    at = unread.find(LABELS)
    while at >= 0:
        if KEY.match(unread, at + len(LABELS)):
            return at
        at = unread.find(LABELS, at + 1)
    return None


def _parsed(
    head: Answer, source: str, rows: bytes, between: _Between
) -> tuple[LogColumns, DateTime | None]:
    try:
        return _quickly(rows, between)
    except (pa.ArrowException, UnicodeDecodeError, OverflowError, ValueError):
        values: Any = replace(head, body=b"[" + rows + b"]").json()
    if not all(isinstance(value, dict) for value in values):
        raise UnexpectedAnswer(f"{source} answered without rows of log. Is this Prefect 1's API?")
    return log_row_columns(source, values, {}), newest_update(source, "log line", values)


def _quickly(rows: bytes, between: _Between) -> tuple[LogColumns, DateTime | None]:
    """Return the columns and the newest update of plain rows; raise ValueError for anything that may not be plain."""
    import pyarrow.json

    rows.decode()  # arrow checks only the texts that it converts
    apart = rows.replace(between.whole, between.newline)
    table: pa.Table = pyarrow.json.read_json(
        pa.BufferReader(apart),
        read_options=pyarrow.json.ReadOptions(use_threads=False, block_size=len(apart) + 1),
        parse_options=pyarrow.json.ParseOptions(
            explicit_schema=SCHEMA, unexpected_field_behavior="ignore"
        ),
    )
    values = {name: _one_chunk(table[name]) for name in SCHEMA.names}
    times = pc.min_max(values["timestamp"].cast(pa.int64())).as_py()
    if (
        table.num_rows != apart.count(b"\n") + 1
        or values["id"].null_count
        or values["timestamp"].null_count
        or not FIRST_LOG <= times["min"] <= times["max"] <= LAST_LOG
    ):
        raise ValueError
    columns = LogColumns.from_lists(
        timestamps=values["timestamp"],
        levels=values["level"],
        messages=values["message"],
        ids=values["id"],
        loggers=values["name"],
        task_run_ids=values["task_run_id"],
        tasks={},
    )
    return columns, from_micros(pc.max(values["updated"].cast(pa.int64())).as_py())


def _one_chunk(column: pa.ChunkedArray) -> Any:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
