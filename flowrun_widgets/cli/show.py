"""`flowrun show`: the content of a run's card, as text."""

from __future__ import annotations

from collections import Counter

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

__all__ = ["command"]


@click.command("show")
@run_argument
@api_option
@json_option
@exit_status_option
@no_pager_option
@click.pass_context
def command(ctx: click.Context, run: str, api: str | None, as_json: bool) -> int:
    """Print the content of a run's card: its state, its times, and why it failed. Reads the whole run."""
    from flowrun_widgets.cli.named_run import named_run
    from flowrun_widgets.plain_text import plain
    from flowrun_widgets.report.html.run_html import twin_text
    from flowrun_widgets.report.payload import payload
    from flowrun_widgets.views.background import read_background
    from flowrun_widgets.views.content import known_content

    here = output(ctx)
    found = named_run(run, api)
    found.get_all_task_runs()
    found.get_logs()
    read_background(found)
    content = known_content(found)
    if as_json:
        from flowrun_widgets.cli.shapes import failure_json, run_json
        from flowrun_widgets.log_columns import LogColumns

        logs = content.logs or LogColumns()
        states = Counter(one.state.name for one in content.task_runs or ())
        here.json(
            {
                "run": run_json(content.run.record, content.run.as_of),
                "failure": None if content.found is None else failure_json(content.found, logs),
                "line_count": len(logs),
                "task_run_counts": dict(states.most_common()),
                "redacted": content.redacted,
            }
        )
    else:
        shown = payload(content)
        head, *rest = twin_text(shown).split("\n")
        here.line(head, shown.header.state.family)
        here.lines(rest)
        for line in () if shown.digest is None else shown.digest.detail:
            here.line(plain(line).replace("\n", " "))
    return exit_of(found.state) if here.has_exit_status else 0
