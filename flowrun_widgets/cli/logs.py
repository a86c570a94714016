"""`flowrun logs`: the log lines of a run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import click

from flowrun_widgets.cli.exits import exit_of
from flowrun_widgets.cli.log_lines import FORMATS, write_lines
from flowrun_widgets.cli.options import (
    Positive,
    Since,
    api_option,
    exit_status_option,
    json_option,
    no_pager_option,
    output,
    run_argument,
    subflows_option,
)
from flowrun_widgets.errors import NotFound, QuerySyntaxError
from flowrun_widgets.plain_text import one_line, shortened

if TYPE_CHECKING:
    from pendulum import DateTime

    from flowrun_widgets.cli.output import Output
    from flowrun_widgets.log_columns import LogColumns
    from flowrun_widgets.runs.flow_run import FlowRunView

__all__ = ["command"]


@dataclass(frozen=True, slots=True)
class LineChoice:
    """Which lines are printed."""

    where: str | None
    level: str | None
    task: str | None
    is_failed: bool
    since: DateTime | None
    head: int | None
    tail: int | None
    has_subflows: bool


@click.command("logs")
@run_argument
@click.option(
    "-f", "--follow", "is_following", is_flag=True, help="Print new lines until the run has ended."
)
@click.option("--tail", type=Positive(), metavar="N", help="Print the newest N lines.")
@click.option("--head", type=Positive(), metavar="N", help="Print the oldest N lines.")
@click.option(
    "--since",
    type=Since(),
    metavar="DATE",
    help="Only lines since this time, such as 2026-11-22T02:00, or so long ago: 12h, 10m.",
)
@click.option(
    "--failed",
    is_flag=True,
    help="Only lines of the task runs that failed; if none did, of the flow itself.",
)
@click.option(
    "--level", metavar="NAME", help="Only lines of this level or a more severe one: warning."
)
@click.option("--task", metavar="NAME", help="Only lines of this task.")
@click.option(
    "--where",
    metavar="TEXT",
    help="Only lines that match, such as 'level>=warning task:load timeout'.",
)
@subflows_option
@click.option(
    "-o",
    "--output",
    "form",
    type=click.Choice(FORMATS),
    help="How the lines are written (default: text).",
)
@json_option
@api_option
@exit_status_option
@no_pager_option
@click.pass_context
def command(
    ctx: click.Context,
    run: str,
    is_following: bool,
    tail: int | None,
    head: int | None,
    since: DateTime | None,
    failed: bool,
    level: str | None,
    task: str | None,
    where: str | None,
    subflows: bool,
    form: str | None,
    as_json: bool,
    api: str | None,
) -> int:
    """Print a run's log lines, oldest first, without its secrets.

    --head and --tail of a long log read only that end, if no --where, --since or --subflows chooses among all lines.
    """
    if where is not None:
        _check(where)
    for first, second, is_both in (
        ("--head", "--tail", head and tail),
        ("--head", "--follow", head and is_following),
        ("--subflows", "--follow", subflows and is_following),
        ("--failed", "--follow", failed and is_following),
        ("-o parquet", "--follow", form == "parquet" and is_following),
        ("--failed", "--task", failed and task),
        ("--json", f"-o {form}", as_json and form not in (None, "jsonl")),
    ):
        if is_both:
            raise click.UsageError(f"{first} and {second} cannot be used together", ctx)
    from flowrun_widgets.cli.named_run import named_run

    here = output(ctx)
    found = named_run(run, api)
    chosen = LineChoice(where, level, task, failed, since, head, tail, subflows)
    form = "jsonl" if as_json else form or "text"
    if is_following:
        here.has_pager = False
        found = _follow(here, found, chosen, form)
    else:
        write_lines(here, _without_secrets(found, _chosen(here, found, chosen)), form)
    return exit_of(found.state) if here.has_exit_status else 0


def _chosen(output: Output, run: FlowRunView, chosen: LineChoice) -> LogColumns:
    """Return the lines of a run; only one end of the log is read if that is all that is wanted."""
    from flowrun_widgets.views.log_choice import min_level_of

    count, is_newest = chosen.head or chosen.tail, chosen.head is None
    level, backend = min_level_of(chosen.level), run.connection.backend
    tasks = _task_run_ids(run, chosen)
    is_any = chosen.where is None and chosen.since is None and not chosen.has_subflows
    if count is not None and is_any:
        return backend.log_end(
            run.flow_run_id, count, is_newest=is_newest, min_level=level, task_run_ids=tasks
        )
    if tasks and not chosen.has_subflows:
        columns = backend.logs(
            run.flow_run_id, chosen.since, None, min_level=level, task_run_ids=tasks
        ).columns
    else:
        columns = run.get_logs(
            start_time=chosen.since, level=chosen.level, subflows=chosen.has_subflows
        ).columns
        if tasks is not None:
            columns = columns.chosen(None, tasks) if tasks else columns.of_flow()
    if chosen.where is not None:
        columns = _matching(output, run, columns, chosen.where)
    return columns if count is None else columns.end(count, is_newest=is_newest)


def _task_run_ids(run: FlowRunView, chosen: LineChoice) -> list[str] | None:
    """Return the task runs whose lines are printed; [] for the flow's own lines, None for all."""
    if chosen.task is not None:
        if not (found := _ids_of(run, chosen.task)):
            raise NotFound(
                f"No task run {shortened(one_line(chosen.task), 80)!r} in this run. `flowrun tasks` lists them."
            )
        return found
    if not chosen.is_failed:
        return None
    from flowrun_widgets.views.failure_content import MAX_TASK_RUNS

    found = run.connection.backend.unsuccessful_task_runs(run.flow_run_id, MAX_TASK_RUNS)
    return [record.id for record in found if record.started_at and record.state.is_failed()]


def _follow(output: Output, run: FlowRunView, chosen: LineChoice, form: str) -> FlowRunView:
    """Print lines as they arrive, until the run has ended; return its last snapshot."""
    from flowrun_widgets.log_columns import LogColumns
    from flowrun_widgets.views.log_choice import min_level_of

    printed = -1
    level = min_level_of(chosen.level)
    with run.watch() as snapshots:
        for run in snapshots:
            columns = run.get_logs().columns
            seqs = columns.table["seq"].to_numpy()
            is_first, new = printed < 0, seqs > printed
            printed = max(printed, int(seqs.max(initial=-1)), 0)
            fresh = LogColumns(columns.table.filter(new), columns.arrived)
            tasks = None if chosen.task is None else _ids_of(run, chosen.task)
            fresh = fresh.chosen(level, tasks)
            if is_first and chosen.since is not None:
                fresh = fresh.between(chosen.since)
            if chosen.where is not None:
                fresh = _matching(output, run, fresh, chosen.where, has_hint=False)
            if is_first and chosen.tail is not None:
                fresh = fresh.end(chosen.tail, is_newest=True)
            write_lines(output, _without_secrets(run, fresh), form, has_head=is_first)
            output.stream.flush()
    return run


def _ids_of(run: FlowRunView, task: str) -> list[str]:
    """Return the ids of the task runs of a task, by label, slug or name."""
    return [
        one.task_run_id
        for one in run.get_all_task_runs()
        if task in (one.label, one.task_slug, one.record.task_name, one.task_run_id)
    ]


def _without_secrets(run: FlowRunView, columns: LogColumns) -> LogColumns:
    from flowrun_widgets.redaction.columns import redacted_columns

    rules = run.connection.redaction
    return columns if rules is None else redacted_columns(columns, rules).value


def _check(text: str) -> None:
    """Report a syntax error in a filter text, before any request is sent to a server."""
    from flowrun_widgets.query import parse

    try:
        parse(text, first_day=date(1970, 1, 1))
    except QuerySyntaxError as error:
        marked = f"{error}\n  {text}\n  {' ' * error.position}^"
        raise QuerySyntaxError(marked, error.position) from None


def _matching(
    output: Output, run: FlowRunView, columns: LogColumns, text: str, *, has_hint: bool = True
) -> LogColumns:
    from flowrun_widgets.query import parse, running_times
    from flowrun_widgets.views.logs import FlowRunLogs

    query = parse(text, first_day=date(1970, 1, 1))
    running = None
    if any(term.key == "attempt" for term in query.terms):
        running = running_times(task.record for task in run.get_all_task_runs())
    found = FlowRunLogs(columns, began_at=run.started_at, running=running).where(text)
    if found.hint and has_hint:
        output.say(found.hint)
    return found.columns
