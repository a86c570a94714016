"""`clean_records()` and `clean_lines()`: records and log lines of many runs without secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from flowrun_widgets.log_columns import LogColumns
from flowrun_widgets.redaction.columns import redacted_columns
from flowrun_widgets.redaction.records import redacted_records

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowrun_widgets.connection.connection import Connection
    from flowrun_widgets.records import FlowRunRecord
    from flowrun_widgets.redaction import Redaction
    from flowrun_widgets.runs.flow_run import FlowRunView

__all__ = ["by_connection", "clean_lines", "clean_records"]


def by_connection(runs: Sequence[FlowRunView]) -> list[tuple[Connection, list[int]]]:
    """Return the connections of views, each with the positions of its views."""
    found: dict[int, tuple[Connection, list[int]]] = {}
    for place, run in enumerate(runs):
        found.setdefault(id(run.connection), (run.connection, []))[1].append(place)
    return list(found.values())


def clean_records(runs: Sequence[FlowRunView]) -> list[FlowRunRecord]:
    """Return the records of views without secrets, in the same order, each by the rules of its connection."""
    records = [run.record for run in runs]
    for connection, places in by_connection(runs):
        if connection.redaction is not None:
            clean = redacted_records([records[place] for place in places], connection.redaction)
            for place, record in zip(places, clean.value, strict=True):
                records[place] = record
    return records


def clean_lines(logs: Sequence[LogColumns], redaction: Redaction | None) -> list[LogColumns]:
    """Return the lines of several runs without secrets, searched together."""
    if redaction is None or not logs:
        return list(logs)
    table = pa.concat_tables([one.table for one in logs]).unify_dictionaries().combine_chunks()
    clean = redacted_columns(LogColumns(table), redaction).value.table
    found: list[LogColumns] = []
    start = 0
    for one in logs:
        found.append(LogColumns(clean.slice(start, len(one))))
        start += len(one)
    return found
