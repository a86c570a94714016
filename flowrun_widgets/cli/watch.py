"""`flowrun watch`: a run until it has ended."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import click

from flowrun_widgets.cli.exits import GOING, exit_of
from flowrun_widgets.cli.options import (
    Span,
    api_option,
    exit_status_option,
    json_option,
    output,
    run_argument,
)
from flowrun_widgets.errors import WatchTimeout

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowrun_widgets.cli.output import Output
    from flowrun_widgets.runs.flow_run import FlowRunView

__all__ = ["command"]


@click.command("watch")
@run_argument
@click.option(
    "--timeout", type=Span(), metavar="SPAN", help="Stop after so long, such as 90s, 10m or 2h."
)
@api_option
@json_option
@exit_status_option
@click.pass_context
def command(
    ctx: click.Context, run: str, timeout: int | None, api: str | None, as_json: bool
) -> int:
    """Follow a run until it has ended: a line for each change, and at the end why it ended so."""
    from flowrun_widgets.cli.named_run import named_run
    from flowrun_widgets.cli.why import write_why

    here = output(ctx)
    here.has_pager = False
    last = named_run(run, api)
    most = None if timeout is None else timedelta(seconds=timeout)
    try:
        with last.watch(max_duration=most) as snapshots:
            for last in _written(here, snapshots, as_json):  # noqa: B007
                pass
    except WatchTimeout:
        here.say(f"the run has not ended after {timeout} s")
        return GOING if here.has_exit_status else 1
    if not as_json:
        here.line()
        write_why(here, last, is_explicit=api is not None or "://" in run, as_json=False)
    return exit_of(last.state) if here.has_exit_status else 0


def _written(
    output: Output, snapshots: Iterator[FlowRunView], as_json: bool
) -> Iterator[FlowRunView]:
    """Write what each snapshot has that the one before had not."""
    from flowrun_widgets.cli.shapes import task_json, time_text
    from flowrun_widgets.plain_text import one_line
    from flowrun_widgets.redaction.records import redacted_record
    from flowrun_widgets.report.badges import badge
    from flowrun_widgets.report.figures import clock
    from flowrun_widgets.times import to_micros

    before: FlowRunView | None = None
    for run in snapshots:
        changes = None if before is None else run.changes_since(before)
        if as_json:
            rules = run.connection.redaction
            records = [] if run.fetched.task_runs is None else run.fetched.task_runs.records
            ids = set(changes.changed_ids) if changes is not None else {one.id for one in records}
            changed = [one for one in records if one.id in ids]
            if rules is not None:
                changed = [redacted_record(one, rules) for one in changed]
            output.json(
                {
                    "at": time_text(run.as_of),
                    "state": run.state.name,
                    "is_finished": run.state.is_finished(),
                    "new_lines": len(run.get_logs()) if changes is None else changes.new_lines,
                    "task_runs": [task_json(one, run.as_of) for one in changed],
                },
                is_line=True,
            )
        else:
            look = badge(run.state)
            said = one_line(run.state.name) if changes is None else one_line(str(changes))
            text = f"{clock(to_micros(run.as_of))}  {look.character} {said}"
            is_new = changes is None or changes.is_state_changed
            output.line(text, look.family if is_new else None)
        output.stream.flush()
        before = run
        yield run
