"""Options and arguments that several commands share, and the types of their values."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

import click

from flowrun_widgets.cli.output import Output

if TYPE_CHECKING:
    from collections.abc import Callable

    from pendulum import DateTime

__all__ = [
    "Port",
    "Positive",
    "Since",
    "Span",
    "api_option",
    "exit_status_option",
    "flow_option",
    "json_option",
    "no_pager_option",
    "output",
    "redact_option",
    "run_argument",
    "run_argument_or_newest",
    "run_argument_to_compare",
    "run_arguments",
    "subflows_option",
]

F = TypeVar("F", bound="Callable[..., Any]")
SECONDS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
SPAN = re.compile(r"([0-9]{1,5})([dhms])")


class Since(click.ParamType):
    """A date, a time, or how long ago: 2026-11-22, 2026-11-22T02:00:00+00:00, 7d, 12h, 10m, 30s."""

    name = "DATE"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> DateTime:
        """Return the moment in UTC."""
        from flowrun_widgets.times import now, parse_time

        if (ago := SPAN.fullmatch(value)) is not None:
            return now().subtract(seconds=int(ago[1]) * SECONDS[ago[2]])
        moment = None
        with suppress(ValueError, OverflowError):
            moment = parse_time(value)
        if moment is None:
            self.fail(
                "a date looks like 2026-11-22 or 2026-11-22T02:00:00+00:00, a span like 7d, 12h or 10m",
                param,
                ctx,
            )
        return moment


class Span(click.ParamType):
    """A span of time, in seconds: 90s, 10m, 2h."""

    name = "SPAN"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the seconds."""
        if (found := SPAN.fullmatch(value)) is None or not int(found[1]):
            self.fail("a span looks like 90s, 10m or 2h", param, ctx)
        return int(found[1]) * SECONDS[found[2]]


class Positive(click.ParamType):
    """A whole number above zero."""

    name = "NUMBER"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number."""
        if isinstance(value, int):
            return value
        if not (value.isdecimal() and value.isascii() and len(value) <= 9 and int(value)):
            self.fail("it must be a whole number above zero", param, ctx)
        return int(value)


class Port(click.ParamType):
    """A port to listen on."""

    name = "PORT"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number of the port."""
        if isinstance(value, int):
            return value
        is_number = value.isdecimal() and value.isascii() and len(value) <= 5
        if not (is_number and int(value) <= 65535):
            self.fail("a port must be a number from 0 to 65535", param, ctx)
        return int(value)


def output(ctx: click.Context) -> Output:
    """Return where the command writes."""
    return ctx.ensure_object(Output)


def run_argument(call: F) -> F:
    """Add the argument RUN."""
    return click.argument("run", metavar="RUN", shell_complete=_runs)(call)


def run_argument_or_newest(call: F) -> F:
    """Add the argument RUN, which may be left out."""
    return click.argument("run", metavar="[RUN]", required=False, shell_complete=_runs)(call)


def run_argument_to_compare(call: F) -> F:
    """Add the argument BASELINE, a run, which may be left out."""
    return click.argument("baseline", metavar="[BASELINE]", required=False, shell_complete=_runs)(
        call
    )


def run_arguments(call: F) -> F:
    """Add any number of arguments RUN."""
    return click.argument("runs", metavar="[RUN]...", nargs=-1, shell_complete=_runs)(call)


def api_option(call: F) -> F:
    """Add `--api`."""
    return click.option(
        "--api", metavar="URL", help="A server's API address, or a store's or an archive's file."
    )(call)


def json_option(call: F) -> F:
    """Add `--json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(call)


def no_pager_option(call: F) -> F:
    """Add `--no-pager`, which the command itself need not know."""

    def note(ctx: click.Context, _: click.Parameter, value: bool) -> None:
        if value:
            output(ctx).has_pager = False

    return click.option(
        "--no-pager",
        is_flag=True,
        expose_value=False,
        callback=note,
        help="Do not page what is longer than the terminal.",
    )(call)


def exit_status_option(call: F) -> F:
    """Add `--exit-status`, which the command itself need not know."""

    def note(ctx: click.Context, _: click.Parameter, value: bool) -> None:
        output(ctx).has_exit_status = value

    return click.option(
        "--exit-status",
        is_flag=True,
        expose_value=False,
        callback=note,
        help="Exit with 0 if the run succeeded, 3 if it failed or was cancelled, 4 if it has not ended, 5 if there is "
        "no such run.",
    )(call)


def flow_option(call: F) -> F:
    """Add `--flow`."""
    return click.option(
        "--flow", metavar="NAME", help="Only runs of this flow.", shell_complete=_flows
    )(call)


def subflows_option(call: F) -> F:
    """Add `--subflows`."""
    return click.option("--subflows", is_flag=True, help="Include sub-flow runs.")(call)


def redact_option(call: F) -> F:
    """Add `--redact/--no-redact`."""
    return click.option(
        "--redact/--no-redact",
        default=None,
        help="Remove keys, tokens and passwords; the default is FLOWRUN_REDACT, or yes if that is not set.",
    )(call)


def _runs(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[Any]:
    from flowrun_widgets.cli.known_names import run_names

    return run_names(ctx.params.get("api"), ctx.params.get("flow"), incomplete)


def _flows(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[Any]:
    from flowrun_widgets.cli.known_names import flow_names

    return flow_names(ctx.params.get("api"), incomplete)
