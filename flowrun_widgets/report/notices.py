"""The notices of a card: failed requests, the progress of a read, and problems of the server."""

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

AGAIN = "Refresh to try again."


def failure(text: str) -> Notice:
    """Return a notice that something failed just now."""
    return Notice("error", text, None, to_micros(now()))


def reading(lines: int, what: str) -> Notice:
    """Return a notice with the progress of a long read."""
    return Notice("info", f"Reading: {count(lines)} {what} so far.", None, to_micros(now()))


def followed(quiet_seconds: float) -> Notice:
    """Return a notice that a run was followed until it ended."""
    text = "Following stopped: the run has ended."
    detail = f"The run has ended, and no line has arrived for {quiet_seconds:.0f} s."
    return Notice("info", text, detail, to_micros(now()))


def incomplete(missing: Mapping[str, object]) -> Notice | None:
    """Return a notice of the parts of a run that the server did not return, and why; None if it returned everything."""
    if not missing:
        return None
    text = f"The server did not return: {', '.join(missing)}. {AGAIN}"
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
    """Return the notice of a failed poll of the server at `url`; repeated failures keep the time of the first one.

    `before` is the current notice, `since` when the first poll in a row failed, `retry_seconds` the time until the
    next.
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
        said = f"{host} has been limiting requests since {clock(at)} UTC."
        return Notice("unreachable", said, detail, at, retry_seconds)
    if isinstance(error, NotFound):
        text = f"The run no longer exists on {host}. The card keeps what it has read."
    elif retry_seconds is None and not isinstance(error, ConnectionClosed):
        text = f"{text} {AGAIN}"
    return Notice("error", text, detail, at, retry_seconds)
