"""`flowrun tasks`: the task runs of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from flowrun_widgets.cli.exits import exit_of
from flowrun_widgets.cli.options import (
    api_option,
    exit_status_option,
    json_option,
    no_pager_option,
    output,
    run_argument,
)

if TYPE_CHECKING:
    from pendulum import DateTime

    from flowrun_widgets.cli.output import Output
    from flowrun_widgets.records import TaskRunRecord

__all__ = ["command"]


@click.command("tasks")
@run_argument
@click.option("--failed", is_flag=True, help="Only task runs that failed, or never began.")
@click.option(
    "--state", "states", metavar="NAME", multiple=True, help="Only task runs in this state."
)
@api_option
@json_option
@exit_status_option
@no_pager_option
@click.pass_context
def command(
    ctx: click.Context,
    run: str,
    failed: bool,
    states: tuple[str, ...],
    api: str | None,
    as_json: bool,
) -> int:
    """List the task runs of a run in the order in which they started; those that never did come last."""
    from flowrun_widgets.cli.named_run import named_run
    from flowrun_widgets.redaction.records import redacted_records
    from flowrun_widgets.report.task_rows import TaskTable
    from flowrun_widgets.views.failure_content import MAX_TASK_RUNS

    here = output(ctx)
    found = named_run(run, api)
    if failed:
        backend = found.connection.backend
        records = [*backend.unsuccessful_task_runs(found.flow_run_id, MAX_TASK_RUNS)]
    else:
        records = [task.record for task in found.get_all_task_runs()]
    if found.connection.redaction is not None:
        records = [*redacted_records(records, found.connection.redaction).value]
    records = [one for one in TaskTable.of(records).records if _is_in(one, states)]
    _write(here, records, found.as_of, as_json)
    return exit_of(found.state) if here.has_exit_status else 0


def _is_in(record: TaskRunRecord, states: tuple[str, ...]) -> bool:
    from flowrun_widgets.states import types_like

    names = {record.state.name.lower(), type(record.state).__name__.lower()}
    wanted = {word.lower() for state in states for word in (state, *types_like(state))}
    return not states or bool(names & wanted)


def _write(output: Output, records: list[TaskRunRecord], as_of: DateTime, as_json: bool) -> None:
    if as_json:
        from flowrun_widgets.cli.shapes import task_json

        output.json([task_json(record, as_of) for record in records])
        return
    from flowrun_widgets.analysis.durations import ran_seconds
    from flowrun_widgets.cli.table import Column, write_table
    from flowrun_widgets.report.badges import badge
    from flowrun_widgets.report.figures import clock, count, duration
    from flowrun_widgets.times import to_micros

    if not records:
        output.say("no task run matches")
        return
    columns = (
        Column("STATE"),
        Column("NAME", is_flexible=True),
        Column("STARTED (UTC)"),
        Column("RAN", is_right=True),
        Column("ATTEMPTS", is_right=True),
        Column("MESSAGE", is_flexible=True),
    )
    looks = [badge(record.state) for record in records]
    rows = [
        (
            f"{look.character} {record.state.name[:20]}",
            record.label,
            clock(None if record.started_at is None else to_micros(record.started_at)),
            duration(ran_seconds(record, as_of)),
            count(record.attempts),
            record.state.message or "" if record.state.is_failed() else "",
        )
        for record, look in zip(records, looks, strict=True)
    ]
    write_table(output, columns, rows, [look.family for look in looks])
