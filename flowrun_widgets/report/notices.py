"""What a card has to say beside the run: that it could not answer, how far a read is, what is wrong with the server."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flowrun_widgets.errors import BackendUnavailable, ConnectionClosed, NotFound, RateLimited
from flowrun_widgets.report.figures import clock, count
from flowrun_widgets.report.wire import Notice
from flowrun_widgets.times import now, to_micros

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["AGAIN", "failure", "followed", "incomplete", "reading", "trouble"]

AGAIN = "Refresh tries again."


def failure(text: str) -> Notice:
    """Return that something did not work, now."""
    return Notice("error", text, None, to_micros(now()))


def reading(lines: int, what: str) -> Notice:
    """Return how far a long read is."""
    return Notice("info", f"Reading: {count(lines)} {what} so far.", None, to_micros(now()))


def followed(quiet_seconds: float) -> Notice:
    """Return that a run was followed until it was over."""
    text = "Followed to the end."
    detail = f"The run has ended, and for {quiet_seconds:.0f} s no line has arrived."
    return Notice("info", text, detail, to_micros(now()))


def incomplete(missing: Mapping[str, object]) -> Notice | None:
    """Return what the server did not give of a run, and why; None: it gave everything."""
    if not missing:
        return None
    text = f"The server did not give: {', '.join(missing)}. {AGAIN}"
    detail = "\n".join(f"{what}: {why}" for what, why in missing.items())
    return Notice("info", text, detail, to_micros(now()))


def trouble(
    error: Exception,
    url: str,
    before: Notice | None = None,
    *,
    since: int | None = None,
    retry_seconds: float | None = None,
) -> Notice:
    """Return what a failed look at a run of the server at `url` means; a server that stays away is away since it first did not answer.

    `before` is the notice so far, `since` when the first look in a row failed, `retry_seconds` how long until the next.
    """
    text = str(error)
    detail = f"{type(error).__name__}: {text}"
    at = to_micros(now()) if since is None else since
    if before is not None and before.kind == "unreachable":
        at = min(at, before.at)
    host = urlsplit(url).netloc or url
    if isinstance(error, BackendUnavailable):
        said = f"{host} has not answered since {clock(at)} UTC."
        return Notice("unreachable", said, detail, at, retry_seconds)
    if isinstance(error, RateLimited):
        said = f"{host} has wanted fewer requests since {clock(at)} UTC."
        return Notice("unreachable", said, detail, at, retry_seconds)
    if isinstance(error, NotFound):
        text = f"The run is gone from {host}. What was read of it stays here."
    elif retry_seconds is None and not isinstance(error, ConnectionClosed):
        text = f"{text} {AGAIN}"
    return Notice("error", text, detail, at, retry_seconds)
