"""`flowrun save`: runs as an archive, or as Parquet files."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

import click

from flowrun_widgets.cli.options import (
    Positive,
    Since,
    api_option,
    flow_option,
    json_option,
    output,
    redact_option,
    run_arguments,
)
from flowrun_widgets.errors import FlowRunError, InvalidArgument, NotFound

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pendulum import DateTime

    from flowrun_widgets.connection.connection import Connection
    from flowrun_widgets.export.saved import Saved
    from flowrun_widgets.harvest.harvested import Harvested
    from flowrun_widgets.runs.flow_run import FlowRunView

__all__ = ["command", "saved_json"]

MAX_LISTED = 100_000


@click.command("save")
@run_arguments
@click.option(
    "-o",
    "--output",
    "target",
    metavar="FILE",
    type=click.Path(),
    help="An archive, such as night.flowrun.",
)
@click.option(
    "--to",
    metavar="FOLDER",
    type=click.Path(),
    help="A folder or a URL such as s3://bucket/flowruns, for Parquet files; runs that are there and have not changed "
    "are not read again.",
)
@click.option(
    "--since",
    type=Since(),
    metavar="DATE",
    help="Save the runs that began on this date or later, such as 2026-11-22, or so long ago: 7d, 12h.",
)
@flow_option
@click.option(
    "--subflows",
    is_flag=True,
    help="With -o: save their sub-flow runs as well; --since has them anyway.",
)
@click.option(
    "--requests-per-minute",
    type=Positive(),
    metavar="NUMBER",
    help="With --to: at most so many requests; by default a tenth of what the server allows.",
)
@redact_option
@api_option
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    runs: tuple[str, ...],
    target: str | None,
    to: str | None,
    since: DateTime | None,
    flow: str | None,
    subflows: bool,
    requests_per_minute: int | None,
    redact: bool | None,
    api: str | None,
    as_json: bool,
) -> None:
    """Save runs into an archive, a self-contained file, or as Parquet files into a folder."""
    if (target is None) == (to is None):
        raise click.UsageError("Say where to save: either -o FILE or --to FOLDER", ctx)
    from flowrun_widgets.cli.named_run import connection_to
    from flowrun_widgets.export.archive import save

    here = output(ctx)
    here.has_pager = False
    connection = connection_to(api)
    if not runs and since is None:
        raise InvalidArgument("Say which runs to save: pass their ids, or --since DATE.")
    if to is not None:
        done = _harvested(runs, to, since, flow, requests_per_minute, redact, connection)
        if as_json:
            here.json(_harvested_json(done))
        else:
            here.line(str(done))
        if done.failed:
            flow_run_id, why = done.failed[0]
            raise FlowRunError(f"{len(done.failed):,} runs could not be read. {flow_run_id}: {why}")
        return
    chosen: Iterator[FlowRunView] = _named(runs)
    if since is not None:
        chosen = chain(chosen, _since(connection, since, flow))
    assert target is not None
    saved = save(chosen, target, redact=redact, subflows=subflows)
    if as_json:
        here.json(saved_json(saved))
    else:
        here.line(str(saved))


def saved_json(saved: Saved) -> dict[str, Any]:
    """Return the shape of what was written into a file."""
    return {
        "path": str(saved.path),
        "runs": saved.runs,
        "going": saved.going,
        "redacted": saved.redacted,
        "byte_count": saved.byte_count,
        "missing": [*saved.missing],
    }


def _harvested_json(done: Harvested) -> dict[str, Any]:
    return {
        "place": done.place,
        "runs": done.runs,
        "written": done.written,
        "lines": done.lines,
        "going": done.going,
        "redacted": done.redacted,
        "byte_count": done.byte_count,
        "failed": [{"id": flow_run_id, "error": why} for flow_run_id, why in done.failed],
    }


def _named(words: tuple[str, ...]) -> Iterator[FlowRunView]:
    from flowrun_widgets.cli.named_run import named_run

    return (named_run(word) for word in words)


def _harvested(
    words: tuple[str, ...],
    to: str,
    since: DateTime | None,
    flow: str | None,
    requests_per_minute: int | None,
    redact: bool | None,
    connection: Connection,
) -> Harvested:
    from flowrun_widgets.backends.transport import paced
    from flowrun_widgets.harvest.folder import Folder
    from flowrun_widgets.harvest.writer import harvest, pace_of
    from flowrun_widgets.runs.find import find_flow_runs

    Folder.of(to)
    pace = pace_of(connection, requests_per_minute)
    runs: Iterator[FlowRunView] = _named(words)
    if since is not None:
        with paced(pace):
            listed = find_flow_runs(flow, since=since, subflows=True, limit=None, api=connection)
        runs = chain(runs, listed)
    return harvest(runs, to, redact=redact, pace=pace)


def _since(connection: Connection, moment: DateTime, flow: str | None) -> Iterator[FlowRunView]:
    """Yield the runs that began at `moment` or later, newest first; each view is created when it is needed."""
    from flowrun_widgets.backends.run_filter import RunFilter
    from flowrun_widgets.runs.flow_run import FlowRunView

    chosen = RunFilter(flow_name=flow, since=moment, only_begun=True)
    found = [
        one
        for one in connection.backend.flow_runs(chosen, MAX_LISTED)
        if one.started_at is not None and one.started_at >= moment
    ]
    if not found:
        raise NotFound(f"No flow run at {connection.url} began since {moment:YYYY-MM-DD HH:mm}.")
    return (FlowRunView(one, connection) for one in found)
