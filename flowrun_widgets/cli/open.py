"""`flowrun open`: a run in Prefect's UI."""

from __future__ import annotations

import click

from flowrun_widgets.cli.options import api_option, json_option, output, run_argument
from flowrun_widgets.errors import FlowRunError, NotFound

__all__ = ["command"]


@click.command("open")
@run_argument
@click.option("-n", "--no-browser", is_flag=True, help="Print the address, and open nothing.")
@api_option
@json_option
@click.pass_context
def command(ctx: click.Context, run: str, no_browser: bool, api: str | None, as_json: bool) -> None:
    """Open a run in Prefect's UI, in the browser that BROWSER names or this machine uses. --json opens nothing."""
    from flowrun_widgets.cli.named_run import argument_for, named_run
    from flowrun_widgets.plain_text import one_line

    found = named_run(run, api)
    url = found.ui_url
    if url is None or not url.startswith(("http://", "https://")):
        named = argument_for(found, has_place=api is not None)
        raise NotFound(
            f"{found.connection.label} has no page of this run. `flowrun show {named}` prints it."
        )
    here = output(ctx)
    if as_json:
        here.json({"id": found.flow_run_id, "url": url})
        return
    here.has_pager = False
    here.line(one_line(url))
    if no_browser:
        return
    import webbrowser

    if not webbrowser.open(url):
        raise FlowRunError("No browser could be opened. Set BROWSER, or open the address by hand.")
