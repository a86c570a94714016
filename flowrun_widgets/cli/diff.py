"""`flowrun diff`: what differs between a run and another one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from flowrun_widgets.cli.options import (
    api_option,
    json_option,
    no_pager_option,
    output,
    run_argument,
    run_argument_to_compare,
)

if TYPE_CHECKING:
    from flowrun_widgets.runs.comparison import RunComparison

__all__ = ["command"]


@click.command("diff")
@run_argument
@run_argument_to_compare
@api_option
@json_option
@no_pager_option
@click.pass_context
def command(
    ctx: click.Context, run: str, baseline: str | None, api: str | None, as_json: bool
) -> None:
    """Say what differs between a run and a BASELINE; without one, the last earlier run of the flow that succeeded.

    Compared are the runs themselves, their task runs, and the patterns of their lines. Reads both runs whole.
    """
    from flowrun_widgets.cli.named_run import named_run
    from flowrun_widgets.plain_text import plain
    from flowrun_widgets.runs.comparison import compare

    mine = named_run(run, api)
    # The source is the ambient one by now.
    found = compare(mine, None if baseline is None else named_run(baseline))
    here = output(ctx)
    if as_json:
        here.json(_json(found))
    else:
        here.lines(plain(str(found)).split("\n"))


def _json(found: RunComparison) -> dict[str, Any]:
    from flowrun_widgets.cli.shapes import run_json, time_text
    from flowrun_widgets.containers import thaw
    from flowrun_widgets.times import from_micros

    def value(one: Any) -> Any:
        return time_text(one) if hasattr(one, "isoformat") else thaw(one)

    return {
        "run": run_json(found.found.run, found.run.as_of),
        "baseline": run_json(found.found.baseline, found.baseline.as_of),
        "is_same": found.is_same,
        "summary": found.summary,
        "differences": [
            {"what": one.what, "run": value(one.run), "baseline": value(one.baseline)}
            for one in found.differences
        ],
        "tasks": [
            {
                "task": one.task,
                "states": {state.name: number for state, number in one.states(0)},
                "baseline_states": {state.name: number for state, number in one.states(1)},
                "ran_difference_seconds": one.ran_difference_seconds,
            }
            for one in found.tasks
        ],
        "patterns": [
            {
                "pattern": one.pattern,
                "change": one.change,
                "count": one.count,
                "baseline_count": one.baseline_count,
                "level": one.level,
                "first_at": time_text(from_micros(one.first_at)),
                "example": one.example,
            }
            for one in found.templates
        ],
    }
