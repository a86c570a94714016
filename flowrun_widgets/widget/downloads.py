"""Log lines as a file: CSV, JSON lines, or text to read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal

import msgspec
import pyarrow as pa
import pyarrow.csv

from flowrun_widgets.arrow import pc
from flowrun_widgets.report.log_text import log_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from flowrun_widgets.log_columns import LogColumns

__all__ = ["cut_parts", "file_name", "file_parts", "text_of"]

LARGEST_PART = 4_000_000
"""The largest number of bytes in one message."""
BATCH = 16_384
COLUMNS = ("timestamp", "level", "level_name", "task", "logger", "message", "seq")
UNSAFE = re.compile(r"[^\w.-]+", re.ASCII)
Format = Literal["csv", "jsonl", "txt"]


def file_name(run_name: str | None, flow_run_id: str, kind: Format) -> str:
    """Return a name that is valid on every file system, such as `amber-heron-logs.csv`."""
    name = UNSAFE.sub("-", run_name or "").strip("-.")[:100] or flow_run_id
    return f"{name}-logs.{kind}"


def file_parts(
    columns: LogColumns, kind: Format, check: Callable[[], object] = lambda: None
) -> list[bytes]:
    """Return a file of the lines, in parts of at most 4 MB; `check` is called repeatedly and may raise to stop.

    Columns: `timestamp` (ISO 8601, UTC, with microseconds), `level`, `level_name`, `task`, `logger`, `message`, `seq`;
    in CSV, text is quoted and missing values are empty; in JSON lines, missing values are null. The text format is for
    reading: day and time, level, task and message, without control characters; continuation lines of a message are
    indented.
    """
    pieces: list[bytes] = []
    for start in range(0, len(columns) or 1, BATCH):
        check()
        part = columns.slice(start, BATCH)
        if kind == "txt":
            pieces.append(text_of(part).encode("utf-8", "replace"))
            continue
        table = _plain(part.table)
        pieces.append(_csv(table, has_header=not start) if kind == "csv" else _jsonl(table))
    return [*cut_parts(pieces)]


def text_of(columns: LogColumns) -> str:
    """Return the lines as text to copy or print."""
    return "".join(f"{line}\n" for line in log_text(columns))


def _plain(table: pa.Table) -> pa.Table:
    """Return the file's columns as numbers and text."""
    moments = pc.strftime(table["timestamp"].cast(pa.timestamp("us")), format="%Y-%m-%dT%H:%M:%SZ")
    columns = [moments]
    for name in COLUMNS[1:]:
        column = table[name]
        is_name = pa.types.is_dictionary(column.type)
        columns.append(column.cast(pa.string()) if is_name else column)
    return pa.Table.from_arrays(columns, names=list(COLUMNS))


def _csv(table: pa.Table, *, has_header: bool) -> bytes:
    sink = pa.BufferOutputStream()
    csv: Any = pyarrow.csv
    csv.write_csv(table, sink, csv.WriteOptions(include_header=has_header))
    return sink.getvalue().to_pybytes()


def _jsonl(table: pa.Table) -> bytes:
    rows = zip(*(column.to_pylist() for column in table.columns), strict=True)
    return msgspec.json.Encoder().encode_lines(
        [dict(zip(COLUMNS, row, strict=True)) for row in rows]
    )


def cut_parts(pieces: Sequence[bytes]) -> Iterator[bytes]:
    """Yield the same bytes in parts of at most 4 MB; one empty part if there are none."""
    part = bytearray()
    for piece in pieces:
        rest = memoryview(piece)
        while len(part) + len(rest) > LARGEST_PART:
            room = LARGEST_PART - len(part)
            yield bytes(part) + bytes(rest[:room])
            part, rest = bytearray(), rest[room:]
        part += rest
    yield bytes(part)
