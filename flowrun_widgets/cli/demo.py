"""`flowrun demo`: a store of recorded runs, one of which runs live."""

from __future__ import annotations

from pathlib import Path

import click

from flowrun_widgets.cli.options import json_option, output

__all__ = ["command"]


@click.command("demo")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@json_option
@click.pass_context
def command(ctx: click.Context, file: Path | None, as_json: bool) -> None:
    """Make a store of recorded runs, one of which runs live for about a minute; by default in a temporary folder."""
    from flowrun_widgets.recordings.demo import Demo

    here = output(ctx)
    here.has_pager = False
    with Demo(file) as demo:
        if as_json:
            ids = ("succeeded", "failed", "cancelled", "live")
            here.json(
                {"path": str(demo.path), **{name: getattr(demo, name) for name in ids}},
                is_line=True,
            )
        else:
            here.line(str(demo))
            here.line(f"\nflowrun why {demo.failed} --api {demo.path}\n")
        here.stream.flush()
        demo.wait()
