"""`flowrun export`: a notebook as one HTML file."""

from __future__ import annotations

from pathlib import Path

import click

from flowrun_widgets.cli.options import json_option, output, redact_option

__all__ = ["command"]

NO_CARDS = (
    "no card in the page is interactive. A notebook keeps its cards only if it is saved with widget state: "
    "in JupyterLab, turn on Settings > Save Widget State Automatically."
)


@click.command("export")
@click.argument("notebook", metavar="NOTEBOOK", type=click.Path())
@click.option(
    "-o",
    "--output",
    "target",
    metavar="FILE",
    type=click.Path(),
    help="The file to write; by default next to the notebook.",
)
@redact_option
@click.option("--pdf", is_flag=True, help="Write a PDF, using Chromium.")
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    notebook: str,
    target: str | None,
    redact: bool | None,
    pdf: bool,
    as_json: bool,
) -> None:
    """Write a notebook as one HTML file that works offline."""
    from flowrun_widgets.cli.save import saved_json
    from flowrun_widgets.export.notebook import export_notebook

    here = output(ctx)
    here.has_pager = False
    path = target or Path(notebook).with_suffix(".pdf" if pdf else ".html")
    made = export_notebook(notebook, path, redact=redact, as_pdf=pdf)
    if as_json:
        here.json(saved_json(made))
    else:
        here.line(str(made))
    if not made.runs and not pdf:
        here.say(NO_CARDS)
