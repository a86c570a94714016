"""Log columns from plain rows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa

from flowrun_widgets.log_columns import SCHEMA, LogColumns
from flowrun_widgets.times import parse_micros

FILE = Path(__file__).parents[1] / "fixtures" / "filter_cases.json"
SHARED: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
BLANK = {"at": "2026-01-01T00:00:00Z", "level": 20, "task": None, "logger": None, "run": None}


def said(messages: list[str | None]) -> list[dict[str, Any]]:
    """Return a row for each message; `seq` is its index."""
    return [{**BLANK, "seq": seq, "message": message} for seq, message in enumerate(messages)]


def columns_of(rows: list[dict[str, Any]], chunks: int = 1) -> LogColumns:
    """Return rows as columns in that many chunks; the id of a task run is its label."""
    size = max(1, -(-len(rows) // chunks))
    parts = [_table(rows[start : start + size]) for start in range(0, len(rows), size)]
    return LogColumns(pa.concat_tables(parts) if parts else _table([]), len(rows))


def _table(rows: list[dict[str, Any]]) -> pa.Table:
    def column(name: str, kind: pa.DataType) -> pa.Array:
        return pa.array([row[name] for row in rows], kind)

    def names(name: str) -> pa.DictionaryArray:
        return column(name, pa.string()).dictionary_encode()

    at = [row["at"] if isinstance(row["at"], int) else parse_micros(row["at"]) for row in rows]
    level = column("level", pa.int16())
    arrays = [
        column("seq", pa.int64()), pa.array(at, pa.timestamp("us", "UTC")), level,
        level.cast(pa.string()).dictionary_encode(), names("task"), names("task"), names("logger"),
        column("message", pa.large_string()), pa.nulls(len(rows), pa.binary(16)),
    ]  # fmt: skip
    return pa.table(arrays, schema=SCHEMA).append_column("flow_run", names("run"))
