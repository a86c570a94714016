"""`flowrun runs`: a list of runs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from flowrun_widgets.cli.options import (
    Positive,
    Since,
    api_option,
    flow_option,
    json_option,
    no_pager_option,
    output,
    subflows_option,
)

if TYPE_CHECKING:
    from pendulum import DateTime

    from flowrun_widgets.cli.output import Output
    from flowrun_widgets.records import FlowRunRecord
    from flowrun_widgets.runs.flow_runs import FlowRunList

__all__ = ["command"]


def _parameters(
    _: click.Context, __: click.Parameter, values: tuple[str, ...]
) -> dict[str, Any] | None:
    """Return parameters by name; a value is JSON, or else text."""
    found: dict[str, Any] = {}
    for value in values:
        name, equals, text = value.partition("=")
        if not equals or not name:
            raise click.BadParameter("a parameter looks like day=2026-11-22")
        try:
            found[name] = json.loads(text)
        except (ValueError, RecursionError):
            found[name] = text
    return found or None


@click.command("runs")
@flow_option
@click.option(
    "--state", "states", metavar="NAME", multiple=True, help="Only runs in this state: failed."
)
@click.option(
    "--since",
    type=Since(),
    metavar="DATE",
    help="Only runs that began at this time or later: 2026-11-22, or so long ago: 7d, 12h.",
)
@click.option(
    "--until", type=Since(), metavar="DATE", help="Only runs that began at this time or earlier."
)
@click.option("--tag", "tags", metavar="TAG", multiple=True, help="Only runs with this tag.")
@click.option(
    "--parameter",
    "parameters",
    metavar="NAME=VALUE",
    multiple=True,
    callback=_parameters,
    help="Only runs with this value of a parameter.",
)
@click.option("--deployment", metavar="NAME", help="Only runs of this deployment.")
@click.option("--work-pool", metavar="NAME", help="Only runs in this work pool.")
@subflows_option
@click.option(
    "--limit",
    type=Positive(),
    default=30,
    metavar="NUMBER",
    help="At most so many runs (default: 30).",
)
@api_option
@json_option
@no_pager_option
@click.pass_context
def command(
    ctx: click.Context,
    flow: str | None,
    states: tuple[str, ...],
    since: DateTime | None,
    until: DateTime | None,
    tags: tuple[str, ...],
    parameters: dict[str, Any] | None,
    deployment: str | None,
    work_pool: str | None,
    subflows: bool,
    limit: int,
    api: str | None,
    as_json: bool,
) -> None:
    """List the newest runs that have begun, newest first. Several of --state mean any, several of --tag all."""
    from flowrun_widgets.cli.named_run import connection_to
    from flowrun_widgets.redaction.records import redacted_records
    from flowrun_widgets.runs.find import find_flow_runs

    connection = connection_to(api)
    found = find_flow_runs(
        flow,
        list(states) or None,
        since=since,
        until=until,
        tags=list(tags),
        parameters=parameters,
        deployment=deployment,
        work_pool=work_pool,
        subflows=subflows,
        limit=limit,
        api=connection,
    )
    records = [run.record for run in found]
    if connection.redaction is not None:
        records = [*redacted_records(records, connection.redaction).value]
    _write(output(ctx), found, records, as_json)


def _write(output: Output, found: FlowRunList, records: list[FlowRunRecord], as_json: bool) -> None:
    from flowrun_widgets.times import now

    as_of = found.as_of or now()
    if as_json:
        from flowrun_widgets.cli.shapes import run_json

        output.json([run_json(record, as_of) for record in records])
        return
    from flowrun_widgets.analysis.durations import ran_seconds
    from flowrun_widgets.cli.table import Column, write_table
    from flowrun_widgets.report.badges import badge
    from flowrun_widgets.report.figures import duration
    from flowrun_widgets.report.standing import began_words

    if not records:
        output.say(f"no run matches at {found.place}")
        return
    columns = (
        Column("STATE"),
        Column("NAME", is_flexible=True),
        Column("FLOW", is_flexible=True),
        Column("STARTED (UTC)"),
        Column("RAN", is_right=True),
        Column("ID"),
    )
    looks = [badge(record.state) for record in records]
    rows = [
        (
            f"{look.character} {record.state.name[:20]}",
            record.name or "",
            record.flow_name or "",
            began_words(record),
            duration(ran_seconds(record, as_of)),
            record.id[:8] if output.is_terminal else record.id,
        )
        for record, look in zip(records, looks, strict=True)
    ]
    write_table(output, columns, rows, [look.family for look in looks])
    if found.has_more:
        output.say(f"more than {len(records):,} runs match: --limit shows more")
