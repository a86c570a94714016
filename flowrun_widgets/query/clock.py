"""Converts the times in a filter text to microseconds since 1970."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo

from flowrun_widgets.errors import InvalidArgument, QuerySyntaxError

__all__ = ["Clock"]

MOMENT = re.compile(
    r"(?:((?:19[7-9]|2[01][0-9])[0-9]-[0-9]{2}-[0-9]{2})T)?([0-9]{1,2}):([0-9]{2})"
    r"(?::([0-9]{2})(?:\.([0-9]{1,6}))?)?(Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])?",
    re.IGNORECASE | re.ASCII,
)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Moment(NamedTuple):
    """One end of a range: its microseconds, and the day and time zone as written."""

    micros: int
    day: date
    zone: str | None


class Clock:
    """Converts times in the zone `tz`; `first_day` is when the run began, as a date in that zone or as a time."""

    __slots__ = ("first_day", "name", "zone")

    def __init__(self, tz: str = "UTC", first_day: date | None = None) -> None:
        self.name = tz
        try:
            self.zone: tzinfo = UTC if tz == "UTC" else ZoneInfo(tz)
        except (KeyError, ValueError, OSError, TypeError, AttributeError):
            raise InvalidArgument(
                f"Unknown time zone: {tz!r}. Use a name such as Europe/Berlin, or UTC."
            ) from None
        if isinstance(first_day, datetime):
            moment = first_day if first_day.tzinfo else first_day.replace(tzinfo=UTC)
            first_day = moment.astimezone(self.zone).date()
        self.first_day: date | None = first_day

    def range(self, text: str, position: int) -> tuple[int | None, int | None]:
        """Return both ends of `a..b`, None for an open end. If `b` has no day or zone, those of `a` apply.

        Raises:
            QuerySyntaxError: not a range, or a local time that does not exist or is ambiguous.
        """
        first, dots, last = text.partition("..")
        if not dots or not (first or last):
            raise QuerySyntaxError("A time range is a..b; one end may be left out.", position)
        start = self._moment(first, position, None) if first else None
        at = position + len(first) + 2
        end = self._moment(last, at, start) if last else None
        if start and end and end.micros < start.micros:
            raise QuerySyntaxError("The range ends before it begins.", at)
        return start and start.micros, end and end.micros

    def _moment(self, text: str, position: int, start: Moment | None) -> Moment:
        found = MOMENT.fullmatch(text)
        try:
            if found is None:
                raise ValueError
            day, hour, minute, second, fraction, written = found.groups()
            named = written.upper() if written else start and start.zone
            zone = _zone(named) or self.zone
            on: date | None
            on = date.fromisoformat(day) if day else start.day if start else self.first_day
            if on is None:
                raise QuerySyntaxError(f"{text} needs a date.", position)
            micros = int((fraction or "").ljust(6, "0"))
            wall = datetime(
                on.year, on.month, on.day, int(hour), int(minute), int(second or 0), micros
            )
        except ValueError as error:
            if isinstance(error, QuerySyntaxError):
                raise
            message = f"Not a time: {text}. Times: 02:29, 2026-11-22T02:29Z."
            raise QuerySyntaxError(message, position) from None
        return Moment(self._micros(wall, zone, position), on, named)

    def _micros(self, wall: datetime, zone: tzinfo, position: int) -> int:
        early, late = (wall.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
        if early.utcoffset() != late.utcoffset():
            skipped = early.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != wall
            what = "does not exist" if skipped else "happens twice"
            message = f"{wall:%H:%M} {what} on {wall:%Y-%m-%d} in {self.name}. Add Z or an offset."
            raise QuerySyntaxError(message, position)
        return (early - EPOCH) // timedelta(microseconds=1)


def _zone(written: str | None) -> tzinfo | None:
    if written is None:
        return None
    if written == "Z":
        return UTC
    span = timedelta(hours=int(written[1:3]), minutes=int(written[4:6]))
    return timezone(-span if written[0] == "-" else span)
