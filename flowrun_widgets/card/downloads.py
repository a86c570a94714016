"""Log lines as a file: CSV, JSON lines or plain text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal

import msgspec
import pyarrow as pa
import pyarrow.csv

from flowrun_widgets.arrow import pc

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from flowrun_widgets.log_columns import LogColumns

__all__ = ["cut_parts", "file_name", "file_parts", "text_of"]

LARGEST_PART = 4_000_000
"""How many bytes one message carries."""
BATCH = 16_384
COLUMNS = ("timestamp", "level", "level_name", "task", "logger", "message", "seq")
UNSAFE = re.compile(r"[^\w.-]+", re.ASCII)
FAMILIES = ((50, "CRITICAL"), (40, "ERROR"), (30, "WARNING"), (20, "INFO"))
SHORT = {"WARNING": "WARN", "CRITICAL": "CRIT"}
Format = Literal["csv", "jsonl", "txt"]


def file_name(run_name: str | None, flow_run_id: str, kind: Format) -> str:
    """Return a name that every file system takes: `amber-heron-logs.csv`."""
    name = UNSAFE.sub("-", run_name or "").strip("-.")[:100] or flow_run_id
    return f"{name}-logs.{kind}"


def file_parts(
    columns: LogColumns, kind: Format, check: Callable[[], object] = lambda: None
) -> list[bytes]:
    """Return a file of the lines, in parts of at most 4 MB; `check` is called now and then and may raise to end it.

    Columns: `timestamp` (ISO 8601, UTC, with microseconds), `level`, `level_name`, `task`, `logger`, `message`, `seq`;
    in CSV text stands in quotes and what is missing is empty, in JSON lines it is null. Plain text is what `text_of`
    returns.
    """
    pieces: list[bytes] = []
    for start in range(0, len(columns) or 1, BATCH):
        check()
        part = columns.table.slice(start, BATCH)
        if kind == "txt":
            pieces.append(_text(part).encode("utf-8", "replace"))
        else:
            table = _plain(part)
            pieces.append(_csv(table, has_header=not start) if kind == "csv" else _jsonl(table))
    return [*cut_parts(pieces)]


def text_of(columns: LogColumns) -> str:
    """Return lines as they are copied, one a row: UTC time, level, task and message, two spaces apart."""
    return _text(columns.table)


def _text(table: pa.Table) -> str:
    moments = pc.strftime(table["timestamp"].cast(pa.timestamp("us")), format="%Y-%m-%dT%H:%M:%S")
    names = [table[name].to_pylist() for name in ("level", "level_name", "task", "message")]
    rows = zip(moments.to_pylist(), *names, strict=True)
    return "".join(
        f"{moment.rstrip('0').rstrip('.')}Z  {level_word(level, name):5}  {task or 'flow'}  {message or ''}\n"
        for moment, level, name, task, message in rows
    )


def level_word(level: int | None, name: str | None) -> str:
    """Return a level in capitals, short where it is a common one, as the card shows it."""
    word = (name or "").strip().upper()
    if not word:
        value = 20 if level is None else level
        word = next((word for edge, word in FAMILIES if value >= edge), "DEBUG")
    return SHORT.get(word, word)


def _plain(table: pa.Table) -> pa.Table:
    """Return the columns of the file as numbers and text."""
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
