"""`flowrun patterns`: the lines of a log, grouped by their pattern."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from flowrun_widgets.cli.options import (
    Positive,
    api_option,
    json_option,
    no_pager_option,
    output,
    run_argument,
)

if TYPE_CHECKING:
    from flowrun_widgets.analysis.templates import Template
    from flowrun_widgets.cli.output import Output

__all__ = ["command"]


@click.command("patterns")
@run_argument
@click.option("--level", metavar="NAME", help="Only lines of this level or a more severe one.")
@click.option("--task", metavar="NAME", help="Only lines of this task.")
@click.option(
    "--limit",
    type=Positive(),
    default=50,
    metavar="NUMBER",
    help="At most so many patterns (default: 50).",
)
@api_option
@json_option
@no_pager_option
@click.pass_context
def command(
    ctx: click.Context,
    run: str,
    level: str | None,
    task: str | None,
    limit: int,
    api: str | None,
    as_json: bool,
) -> None:
    """Count the lines of a log by their pattern, the most frequent first. What varies is `<int>`, `<uuid>`, `<word>`."""
    from flowrun_widgets.analysis.templates import templates
    from flowrun_widgets.cli.named_run import named_run
    from flowrun_widgets.redaction.columns import redacted_columns

    found = named_run(run, api)
    columns = found.get_logs(level=level, task=task).columns
    if found.connection.redaction is not None:
        columns = redacted_columns(columns, found.connection.redaction).value
    _write(output(ctx), templates(columns, limit), len(columns), as_json)


def _write(output: Output, found: tuple[Template, ...], line_count: int, as_json: bool) -> None:
    from flowrun_widgets.times import from_micros

    if as_json:
        from flowrun_widgets.cli.shapes import time_text

        patterns = [
            {
                "pattern": one.pattern,
                "count": one.count,
                "level": one.level,
                "first_at": time_text(from_micros(one.first_at)),
                "last_at": time_text(from_micros(one.last_at)),
                "example": one.example,
            }
            for one in found
        ]
        output.json({"line_count": line_count, "patterns": patterns})
        return
    from logging import getLevelName

    from flowrun_widgets.cli.table import Column, write_table
    from flowrun_widgets.report.figures import clock, count

    columns = (
        Column("LEVEL"),
        Column("LINES", is_right=True),
        Column("FIRST (UTC)"),
        Column("PATTERN", is_flexible=True),
    )
    rows = [
        (
            "" if one.level is None else str(getLevelName(one.level)),
            count(one.count),
            clock(one.first_at),
            one.pattern,
        )
        for one in found
    ]
    levels = [one.level or 0 for one in found]
    styles = ["error" if n >= 40 else "warning" if n >= 30 else None for n in levels]
    write_table(output, columns, rows, styles)
    if (rest := line_count - sum(one.count for one in found)) > 0:
        output.say(f"{rest:,} lines have other patterns: --limit shows more")
