"""`flowrun why`: why a run ended as it did, and what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from flowrun_widgets.cli.exits import exit_of
from flowrun_widgets.cli.options import (
    api_option,
    exit_status_option,
    flow_option,
    json_option,
    no_pager_option,
    output,
    run_argument_or_newest,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowrun_widgets.cli.digest_lines import Line
    from flowrun_widgets.cli.output import Output
    from flowrun_widgets.report.content import Content
    from flowrun_widgets.runs.flow_run import FlowRunView

__all__ = ["command", "next_steps", "write_why"]


@click.command("why")
@run_argument_or_newest
@flow_option
@api_option
@json_option
@exit_status_option
@no_pager_option
@click.pass_context
def command(
    ctx: click.Context, run: str | None, flow: str | None, api: str | None, as_json: bool
) -> int:
    """Say why a run failed, and what to do next; without RUN, the newest run that failed.

    The failure that ended the run is found among its task runs and sub-flow runs, with the exceptions that it came from
    and the last lines before it. Only these are read, however long the log is.
    """
    from flowrun_widgets.cli.named_run import named_run, newest_failed

    if run is not None and flow is not None:
        raise click.UsageError("RUN and --flow cannot be used together", ctx)
    found = newest_failed(flow, api) if run is None else named_run(run, api)
    here = output(ctx)
    write_why(here, found, is_explicit=api is not None or "://" in (run or ""), as_json=as_json)
    return exit_of(found.state) if here.has_exit_status else 0


def write_why(output: Output, run: FlowRunView, *, is_explicit: bool, as_json: bool) -> None:
    """Write why a run ended; `is_explicit` says that the commands to run next have to name the source."""
    from flowrun_widgets.cli.digest_lines import digest_lines
    from flowrun_widgets.views.cause import cause_of

    content = cause_of(run)
    steps = next_steps(run, content, is_explicit=is_explicit)
    if as_json:
        output.json(why_json(content, steps))
        return
    output.blocks(digest_lines(content))
    output.blocks(_step_lines(steps))


def next_steps(
    run: FlowRunView, content: Content, *, is_explicit: bool
) -> tuple[tuple[str, str], ...]:
    """Return the commands to run next, each with what it shows."""
    from flowrun_widgets.cli.named_run import argument_for

    record = content.run.record
    named = argument_for(run, has_place=is_explicit)
    if not record.state.is_finished():
        steps = [(f"flowrun watch {named}", "follow it until it ends")]
    elif record.state.is_failed():
        steps = [
            (f"flowrun logs {named} --failed", "the lines of what failed"),
            (f"flowrun diff {named}", "what differs from the last good run"),
        ]
    else:
        steps = [(f"flowrun logs {named}", "its log")]
    if record.ui_url is not None:
        steps.append((f"flowrun open {named}", "its page in Prefect's UI"))
    return tuple(steps)


def why_json(content: Content, steps: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    """Return the shape that `--json` prints."""
    from flowrun_widgets.cli.shapes import failure_json, run_json
    from flowrun_widgets.log_columns import LogColumns

    found = content.found
    return {
        "run": run_json(content.run.record, content.run.as_of),
        "failure": None if found is None else failure_json(found, content.logs or LogColumns()),
        "redacted": content.redacted,
        "next": [{"command": command, "shows": text} for command, text in steps],
    }


def _step_lines(steps: tuple[tuple[str, str], ...]) -> Iterator[Line]:
    from flowrun_widgets.cli.digest_lines import Line

    yield Line()
    yield Line("Next", "title")
    for command, text in steps:
        yield Line(f"# {text}", "quiet", 2)
        yield Line(command, "command", 2, is_wrapped=False)
