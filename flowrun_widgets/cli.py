"""The command `flowrun`: shows runs in a terminal, and serves a store."""

from __future__ import annotations

import argparse
import io
import os
import re
import sys
from contextlib import suppress
from datetime import date
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from flowrun_widgets import __version__
from flowrun_widgets.errors import (
    FlowRunError,
    InvalidArgument,
    NotFound,
    QuerySyntaxError,
)
from flowrun_widgets.times import now, parse_time

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pendulum import DateTime

    from flowrun_widgets.connection.connection import Connection
    from flowrun_widgets.log_columns import LogColumns
    from flowrun_widgets.runs.flow_run import FlowRunView

__all__ = ["main"]

MAX_LISTED = 100_000
NO_CARDS = (
    "flowrun: no card in the page is interactive. A notebook keeps its cards only if it is saved with widget state: "
    "in JupyterLab, turn on Settings > Save Widget State Automatically."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 0 done, 1 an error of this package, 130 interrupted."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    chosen = _parser().parse_args(arguments)
    try:
        chosen.run(chosen)
        sys.stdout.flush()
    except FlowRunError as error:
        print(f"flowrun: {error}", file=sys.stderr)  # noqa: T201
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        _write_no_more()
    except OSError as error:
        _write_no_more()
        print(f"flowrun: {error.strerror or error}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


def _write_no_more() -> None:
    """Discard the rest of the output, since Python would report an error about it at exit."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _day(text: str) -> DateTime:
    try:
        moment = parse_time(text)
    except (ValueError, OverflowError):
        moment = None
    if moment is None:
        raise argparse.ArgumentTypeError(
            "a date looks like 2026-11-22 or 2026-11-22T02:00:00+00:00, a span like 7d or 12h"
        )
    return moment


def _since_when(text: str) -> DateTime:
    ago = re.fullmatch(r"([0-9]{1,5})([dh])", text)
    if ago is None:
        return _day(text)
    number = int(ago[1])
    return now().subtract(days=number) if ago[2] == "d" else now().subtract(hours=number)


def _positive(text: str) -> int:
    if not (text.isdecimal() and text.isascii() and len(text) <= 9 and int(text)):
        raise argparse.ArgumentTypeError("it must be a whole number above zero")
    return int(text)


def _port(text: str) -> int:
    if not (text.isdecimal() and len(text) <= 5 and int(text) <= 65535):
        raise argparse.ArgumentTypeError("a port must be a number from 0 to 65535")
    return int(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="flowrun", description="Inspect workflow runs.")
    parser.add_argument("--version", action="version", version=f"flowrun-widgets {__version__}")
    commands = parser.add_subparsers(required=True, metavar="command")

    def command(name: str, run: object, text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=text)
        added.set_defaults(run=run)
        return added

    show = command("show", _show, "Print the content of a flow run's card.")
    logs = command("logs", _logs, "Print a flow run's log lines.")
    for reading in (show, logs):
        reading.add_argument(
            "flow_run_id", metavar="RUN", help="the run's id, or its link in Prefect's UI"
        )
        reading.add_argument(
            "--api", metavar="URL", help="a server's API address or a store's file"
        )
    logs.add_argument(
        "--where",
        metavar="TEXT",
        help="print only the lines that match, such as 'level>=warning task:load timeout'",
    )
    save = command(
        "save",
        _save,
        "Save flow runs into an archive, a self-contained file, or as Parquet files into a folder.",
    )
    save.add_argument(
        "runs", metavar="RUN", nargs="*", help="a run's id, or its link in Prefect's UI"
    )
    target = save.add_mutually_exclusive_group(required=True)
    target.add_argument("-o", "--output", metavar="FILE", help="an archive, such as night.flowrun")
    target.add_argument(
        "--to",
        metavar="FOLDER",
        help="a folder or a URL such as s3://bucket/flowruns, for Parquet files; runs that are there and have not "
        "changed are not read again",
    )
    save.add_argument(
        "--since",
        type=_since_when,
        metavar="DATE",
        help="save the runs that began on this date or later, such as 2026-11-22, or so long ago: 7d, 12h",
    )
    save.add_argument("--flow", metavar="NAME", help="with --since: only runs of this flow")
    save.add_argument(
        "--subflows",
        action="store_true",
        help="with -o: save their sub-flow runs as well; --since has them anyway",
    )
    save.add_argument(
        "--requests-per-minute",
        type=_positive,
        metavar="NUMBER",
        help="with --to: at most so many requests; by default a tenth of what the server allows",
    )
    save.add_argument(
        "--redact",
        action=argparse.BooleanOptionalAction,
        help="remove keys, tokens and passwords; the default is FLOWRUN_REDACT, or yes if that is not set",
    )
    save.add_argument("--api", metavar="URL", help="a server's API address or a store's file")
    export = command("export", _export, "Write a notebook as one HTML file that works offline.")
    export.add_argument("notebook", metavar="NOTEBOOK", help="such as night.ipynb")
    export.add_argument(
        "-o", "--output", metavar="FILE", help="the file to write; by default next to the notebook"
    )
    export.add_argument(
        "--redact",
        action=argparse.BooleanOptionalAction,
        help="remove keys, tokens and passwords; the default is FLOWRUN_REDACT, or yes if that is not set",
    )
    export.add_argument("--pdf", action="store_true", help="write a PDF, using Chromium")
    serve = command(
        "serve",
        _serve,
        "Serve a store or a Prefect 1 database read-only, through Prefect 1's GraphQL API.",
    )
    served = serve.add_mutually_exclusive_group()
    served.add_argument(
        "--store", type=Path, metavar="FILE", help="the store's file; the local store by default"
    )
    served.add_argument(
        "--database",
        metavar="URL",
        help="a Prefect 1 server's own database, postgresql://…; put its password in PGPASSWORD or ~/.pgpass",
    )
    serve.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default: %(default)s)"
    )
    serve.add_argument(
        "--port",
        type=_port,
        default=4200,
        help="port to listen on; 0 means any free port (default: %(default)s)",
    )
    mcp = command(
        "mcp",
        _mcp,
        "Answer an assistant over the Model Context Protocol, on standard input and output.",
    )
    mcp.add_argument("--api", metavar="URL", help="a server's API address or a store's file")
    demo = command(
        "demo", _demo, "Make a store of recorded runs, one of which runs live for about a minute."
    )
    demo.add_argument(
        "file", type=Path, nargs="?", help="where to write the store; a temporary folder by default"
    )
    return parser


def _run(chosen: argparse.Namespace) -> FlowRunView:
    from flowrun_widgets.connection.connection import connect

    if chosen.api:
        connect(chosen.api)
    return _named(chosen.flow_run_id)


def _named(word: str) -> FlowRunView:
    from flowrun_widgets.runs.find import open as open_address

    return open_address(word)


def _save(chosen: argparse.Namespace) -> None:
    from flowrun_widgets.connection.connection import ambient, connect
    from flowrun_widgets.export.archive import save

    api = connect(chosen.api) if chosen.api else ambient()
    if not chosen.runs and chosen.since is None:
        raise InvalidArgument("Say which runs to save: pass their ids, or --since DATE.")
    if chosen.to is not None:
        _harvest(chosen, api)
        return
    runs: Iterator[FlowRunView] = (_named(word) for word in chosen.runs)
    if chosen.since is not None:
        runs = chain(runs, _since(api, chosen.since, chosen.flow))
    saved = save(runs, chosen.output, redact=chosen.redact, subflows=chosen.subflows)
    print(saved)  # noqa: T201


def _harvest(chosen: argparse.Namespace, api: Connection) -> None:
    from flowrun_widgets.backends.transport import paced
    from flowrun_widgets.harvest.folder import Folder
    from flowrun_widgets.harvest.writer import harvest, pace_of
    from flowrun_widgets.runs.find import find_flow_runs

    Folder.of(chosen.to)
    pace = pace_of(api, chosen.requests_per_minute)
    runs: Iterator[FlowRunView] = (_named(word) for word in chosen.runs)
    if chosen.since is not None:
        with paced(pace):
            listed = find_flow_runs(
                chosen.flow, since=chosen.since, subflows=True, limit=None, api=api
            )
        runs = chain(runs, listed)
    done = harvest(runs, chosen.to, redact=chosen.redact, pace=pace)
    print(done)  # noqa: T201
    if done.failed:
        flow_run_id, why = done.failed[0]
        raise FlowRunError(f"{len(done.failed):,} runs could not be read. {flow_run_id}: {why}")


def _export(chosen: argparse.Namespace) -> None:
    from flowrun_widgets.export.notebook import export_notebook

    suffix = ".pdf" if chosen.pdf else ".html"
    output = chosen.output or Path(chosen.notebook).with_suffix(suffix)
    made = export_notebook(chosen.notebook, output, redact=chosen.redact, as_pdf=chosen.pdf)
    print(made)  # noqa: T201
    if not made.runs and not chosen.pdf:
        print(NO_CARDS, file=sys.stderr)  # noqa: T201


def _since(api: Connection, moment: DateTime, flow: str | None) -> Iterator[FlowRunView]:
    """Yield the runs that began at `moment` or later, newest first; each view is created when it is needed."""
    from flowrun_widgets.backends.run_filter import RunFilter
    from flowrun_widgets.runs.flow_run import FlowRunView

    chosen = RunFilter(flow_name=flow, since=moment, only_begun=True)
    found = [
        one
        for one in api.backend.flow_runs(chosen, MAX_LISTED)
        if one.started_at is not None and one.started_at >= moment
    ]
    if not found:
        raise NotFound(f"No flow run at {api.url} began since {moment:YYYY-MM-DD HH:mm}.")
    return (FlowRunView(one, api) for one in found)


def _show(chosen: argparse.Namespace) -> None:
    from flowrun_widgets.plain_text import plain
    from flowrun_widgets.report.html.run_html import twin_text
    from flowrun_widgets.report.payload import payload
    from flowrun_widgets.views.background import read_background
    from flowrun_widgets.views.content import known_content

    run = _run(chosen)
    run.get_all_task_runs()
    run.get_logs()
    read_background(run)
    shown = payload(known_content(run))
    print(twin_text(shown))  # noqa: T201
    for line in () if shown.digest is None else shown.digest.detail:
        print(plain(line).replace("\n", " "))  # noqa: T201


def _logs(chosen: argparse.Namespace) -> None:
    from flowrun_widgets.report.log_text import log_text

    if chosen.where is not None:
        _check(chosen.where)
    run = _run(chosen)
    columns = run.get_logs().columns
    if chosen.where is not None:
        columns = _where(run, columns, chosen.where)
    for line in log_text(columns):
        print(line)  # noqa: T201


def _check(text: str) -> None:
    """Report a syntax error in a filter text, before any request is sent to a server."""
    from flowrun_widgets.query import parse

    try:
        parse(text, first_day=date(1970, 1, 1))
    except QuerySyntaxError as error:
        marked = f"{error}\n  {text}\n  {' ' * error.position}^"
        raise QuerySyntaxError(marked, error.position) from None


def _where(run: FlowRunView, columns: LogColumns, text: str) -> LogColumns:
    from flowrun_widgets.query import parse, running_times
    from flowrun_widgets.views.logs import FlowRunLogs

    query = parse(text, first_day=date(1970, 1, 1))
    running = None
    if any(term.key == "attempt" for term in query.terms):
        running = running_times(task.record for task in run.get_all_task_runs())
    found = FlowRunLogs(columns, running=running).where(text)
    if found.hint:
        print(f"flowrun: {found.hint}", file=sys.stderr)  # noqa: T201
    return found.columns


def _serve(chosen: argparse.Namespace) -> None:
    from flowrun_widgets.gateway import Gateway, Server
    from flowrun_widgets.settings import Secret, store_path
    from flowrun_widgets.store.archive import SUFFIX, ArchiveFile
    from flowrun_widgets.store.file import StoreFile

    if chosen.database:
        gateway = Gateway(Secret(chosen.database))
    else:
        path = chosen.store or store_path()
        # An archive may come from anyone, so it is checked before anything of it is served.
        file = ArchiveFile(path) if path.suffix == SUFFIX else StoreFile(path)
        try:
            file.check()
        except FileNotFoundError:
            raise InvalidArgument(
                f"There is no store at {path}. `flowrun demo {path}` makes one with recorded runs."
            ) from None
        finally:
            file.close()
        gateway = Gateway(path)
    try:
        try:
            server = Server(gateway, host=chosen.host, port=chosen.port)
        except (OSError, UnicodeError) as error:
            why = getattr(error, "strerror", None) or "no such host"
            raise InvalidArgument(f"cannot listen on {chosen.host}:{chosen.port}: {why}.") from None
        print(f"{server.url} serves {gateway.address} (press Ctrl-C to stop)", flush=True)  # noqa: T201
        server.run()
    finally:
        gateway.close()


def _mcp(chosen: argparse.Namespace) -> None:
    from flowrun_widgets.mcp.server import serve

    serve(chosen.api)


def _demo(chosen: argparse.Namespace) -> None:
    from flowrun_widgets.recordings.demo import Demo

    with Demo(chosen.file) as demo:
        print(demo, flush=True)  # noqa: T201
        print(f"\nflowrun show {demo.failed} --api {demo.path}\n", flush=True)  # noqa: T201
        demo.wait()


if __name__ == "__main__":
    sys.exit(main())
