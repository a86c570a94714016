"""Writing log lines: as text, JSON lines, CSV or Parquet."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from flowrun_widgets.errors import InvalidArgument

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowrun_widgets.cli.output import Output
    from flowrun_widgets.log_columns import LogColumns

__all__ = ["FORMATS", "write_lines"]

FORMATS = ("text", "jsonl", "csv", "parquet")


def write_lines(output: Output, columns: LogColumns, form: str, *, has_head: bool = True) -> None:
    """Write lines, oldest first. `has_head` says whether CSV begins with the names of its columns.

    Raises:
        InvalidArgument: Parquet on a terminal.
    """
    if form == "text":
        output.lines(_texts(output, columns))
    elif form == "jsonl":
        from flowrun_widgets.cli.shapes import line_jsons

        for line in line_jsons(columns):
            output.json(line, is_line=True)
    elif form == "csv":
        _write_csv(output, columns, has_head)
    else:
        _write_parquet(output, columns)


def _texts(output: Output, columns: LogColumns) -> Iterator[str]:
    """Yield the lines as `print(logs)` shows them; in colour those of warnings and errors stand out."""
    from flowrun_widgets.report.log_text import log_text

    has_runs = "flow_run" in columns.table.column_names
    if not output.has_colour and not has_runs:
        yield from log_text(columns)
        return
    from flowrun_widgets.plain_text import one_line

    levels = columns.table["level"].to_pylist()
    runs = columns.table["flow_run"].to_pylist() if has_runs else [None] * len(levels)
    for text, level, run in zip(log_text(columns), levels, runs, strict=True):
        style = "error" if (level or 0) >= 40 else "warning" if (level or 0) >= 30 else None
        shown = f"{one_line(run)}: {text}" if run is not None else text
        yield "\n".join(output.styled(part, style) for part in shown.split("\n"))


def _write_csv(output: Output, columns: LogColumns, has_head: bool) -> None:
    import csv

    from flowrun_widgets.cli.shapes import LINE_KEYS, line_jsons
    from flowrun_widgets.plain_text import plain

    has_runs = "flow_run" in columns.table.column_names
    names = [*LINE_KEYS, *(["run"] if has_runs else [])]
    writer = csv.writer(output.stream, lineterminator="\n")
    if has_head:
        writer.writerow(names)
    for line in line_jsons(columns):
        values = ["" if line[name] is None else str(line[name]) for name in names]
        writer.writerow([plain(value) for value in values] if output.is_terminal else values)


def _write_parquet(output: Output, columns: LogColumns) -> None:
    if output.is_terminal:
        raise InvalidArgument("Parquet is not for a terminal: add `> lines.parquet`.")
    import pyarrow as pa
    import pyarrow.parquet as pq

    from flowrun_widgets.views.logs import FlowRunLogs

    sink = pa.BufferOutputStream()
    pq.write_table(FlowRunLogs(columns).to_arrow(), sink, compression="zstd")
    sys.stdout.flush()
    sys.stdout.buffer.write(sink.getvalue())
