"""`main()`: runs the command line, and turns what goes wrong into a line on standard error and an exit status."""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from flowrun_widgets import __version__
from flowrun_widgets.cli.exits import BROKEN_PIPE, ERROR, INTERRUPTED, USAGE
from flowrun_widgets.cli.left_out import leave_out, let_in
from flowrun_widgets.cli.options import api_option
from flowrun_widgets.cli.output import Output
from flowrun_widgets.errors import FlowRunError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]

COMMANDS = {
    "why": "Say why a run ended as it did, and what to do next.",
    "show": "Print the content of a run's card.",
    "logs": "Print a run's log lines.",
    "runs": "List runs, the newest first.",
    "tasks": "List the task runs of a run.",
    "diff": "Say what differs between a run and a good one.",
    "patterns": "Count the lines of a log by their pattern.",
    "watch": "Follow a run until it has ended.",
    "open": "Open a run in Prefect's UI.",
    "save": "Save runs into an archive, or as Parquet files.",
    "export": "Write a notebook as one HTML file that works offline.",
    "serve": "Serve a store or a Prefect 1 database through Prefect 1's GraphQL API.",
    "demo": "Make a store of recorded runs, one of which runs live.",
    "completion": "Print the script that completes this command in a shell.",
}
"""The commands, each in the module of its name, which is imported when the command is used."""
READING = frozenset(
    ("why", "show", "logs", "runs", "tasks", "diff", "patterns", "watch", "open", "completion")
)
"""The commands that only read and print: they need none of what `left_out` names."""
OTHERS: dict[str, tuple[str, str]] = {
    "mcp": (
        "flowrun_widgets.mcp.server:serve",
        "Answer an assistant over MCP, on standard input and output.",
    ),
}
"""Commands of other rooms: where each is, a function of `api`, and its help."""
EPILOG = "A RUN is an id, at least four characters that an id begins with, a link into Prefect's UI, or a name."


class Commands(click.Group):
    """The commands, imported when they are used; errors of this package become exit statuses."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands, the ones that are used most first."""
        return [*COMMANDS, *OTHERS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command; None if there is none of this name."""
        if cmd_name not in READING:
            let_in()
        if cmd_name in OTHERS:
            return _other(cmd_name)
        return _loaded(f"flowrun_widgets.cli.{cmd_name}:command") if cmd_name in COMMANDS else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing them."""
        texts = COMMANDS | {name: text for name, (_, text) in OTHERS.items()}
        with formatter.section("Commands"):
            formatter.write_dl([*texts.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that is named; an unknown name gets a suggestion."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from difflib import get_close_matches

            near = get_close_matches(args[0], self.list_commands(ctx), 1)
            if not near or "Did you mean" in error.message:
                raise
            raise click.UsageError(f"{error.message} Did you mean {near[0]!r}?", ctx) from None

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; return its exit status."""
        output: Output = ctx.ensure_object(Output)
        try:
            with output:
                return super().invoke(ctx)
        except FlowRunError as error:
            return output.failed(error)
        except KeyboardInterrupt:
            return INTERRUPTED
        except BrokenPipeError:
            _write_no_more()
            return BROKEN_PIPE
        except OSError as error:
            _write_no_more()
            output.say(error.strerror or str(error))
            return ERROR


def _other(name: str) -> click.Command:
    place, text = OTHERS[name]

    def callback(api: str | None) -> None:
        _loaded(place)(api)

    return click.command(name, help=text)(api_option(callback))


def _loaded(place: str) -> Any:
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)


@click.group(
    cls=Commands,
    help="Inspect workflow runs.",
    epilog=EPILOG,
    no_args_is_help=False,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, message="flowrun-widgets %(version)s")
@click.option("--no-pager", is_flag=True, help="Do not page what is longer than the terminal.")
@click.pass_context
def commands(ctx: click.Context, no_pager: bool) -> None:
    """Run a command; without one, print the help."""
    if no_pager:
        ctx.ensure_object(Output).has_pager = False
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status, which `exits` explains.

    Raises:
        SystemExit: the command line is wrong; its code is 2.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    if arguments is None:  # a process of its own
        leave_out()
    given = None if arguments is None else [*arguments]
    try:
        return commands.main(given, prog_name="flowrun", standalone_mode=False) or 0
    except click.UsageError as error:
        path = "flowrun" if error.ctx is None else error.ctx.command_path
        message = error.format_message()
        end = "" if message.endswith(("?", ".")) else "."
        print(f"flowrun: {message}{end} `{path} --help` says more.", file=sys.stderr)  # noqa: T201
        raise SystemExit(USAGE) from None
    except click.ClickException as error:
        print(f"flowrun: {error.format_message()}", file=sys.stderr)  # noqa: T201
        return ERROR
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED


def _write_no_more() -> None:
    """Discard the rest of the output, since Python would report an error about it at exit."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
