"""Checking the `level` and time arguments that choose lines of a log."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import TYPE_CHECKING

from flowrun_widgets.errors import InvalidArgument
from flowrun_widgets.times import as_utc, parse_time

if TYPE_CHECKING:
    from pendulum import DateTime

__all__ = ["min_level_of", "moment_of"]

MAX_LEVEL = 2**15 - 1


def min_level_of(level: int | str | None) -> int | None:
    """Return the number of a level, from its number or its name."""
    number = level
    if isinstance(level, str):
        number = logging.getLevelNamesMapping().get(level.upper())
    elif level is None:
        return None
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number <= MAX_LEVEL:
        raise InvalidArgument(
            f"{level!r:.80} is not a level. Use debug, info, warning, error, critical, or a number."
        )
    return number


def moment_of(time: datetime | str | None, what: str) -> DateTime | None:
    """Return an instant from a time or its ISO 8601 text, in UTC if it has no zone."""
    try:
        if isinstance(time, datetime):
            return as_utc(time)
        if time is None or isinstance(time, str):
            return parse_time(time)
    except (ValueError, OverflowError):
        pass
    raise InvalidArgument(
        f"`{what}` has to be a time, or a text such as '2026-11-22T02:00:00+00:00', not {time!r:.80}"
    )
