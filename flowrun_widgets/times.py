"""Conversions of times: ISO 8601 texts of servers, integer microseconds of the store, pendulum UTC for users."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import overload

import pendulum
from pendulum import DateTime

__all__ = [
    "from_micros",
    "isoformat",
    "local_zone",
    "now",
    "parse_micros",
    "parse_time",
    "seconds_between",
    "to_micros",
]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def now() -> DateTime:
    """Return the current time in UTC."""
    return pendulum.now(pendulum.UTC)


@cache
def local_zone() -> str:
    """Return the name of this machine's time zone; UTC where it has no standard name."""
    name = getattr(pendulum.local_timezone(), "name", "")
    return name if name in pendulum.timezones() else "UTC"


def parse_time(text: str | None) -> DateTime | None:
    """Return the time in UTC that an ISO 8601 text gives; a text without an offset counts as UTC.

    Raises:
        ValueError: not an ISO 8601 time.
    """
    if text is None:
        return None
    if not isinstance(text, str):
        raise ValueError(f"a time must be text, not {type(text).__name__}")
    return as_utc(datetime.fromisoformat(text))


def as_utc(moment: datetime) -> DateTime:
    """Return the same time as a pendulum DateTime in UTC; a naive time counts as UTC."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    utc = moment.astimezone(UTC)
    return DateTime(
        utc.year,
        utc.month,
        utc.day,
        utc.hour,
        utc.minute,
        utc.second,
        utc.microsecond,
        tzinfo=pendulum.UTC,
    )


def to_micros(moment: datetime) -> int:
    """Return the exact microseconds since 1970 in UTC; a naive time counts as UTC."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return datetime.__sub__(moment, EPOCH) // MICROSECOND  # pendulum's own `-` makes an Interval


def seconds_between(start: datetime, end: datetime) -> float:
    """Return the seconds from `start` to `end`, negative if `end` is earlier."""
    # pendulum's own `-` makes an Interval, thirty times slower.
    return datetime.__sub__(end, start).total_seconds()


def parse_micros(text: str) -> int:
    """Return the microseconds since 1970 of an ISO 8601 text; a text without an offset counts as UTC.

    Raises:
        ValueError: not an ISO 8601 time.
    """
    return to_micros(datetime.fromisoformat(text))


@overload
def from_micros(micros: int) -> DateTime: ...
@overload
def from_micros(micros: int | None) -> DateTime | None: ...
def from_micros(micros: int | None) -> DateTime | None:
    """Return the time in UTC that is `micros` microseconds after 1970."""
    return None if micros is None else as_utc(EPOCH + timedelta(microseconds=micros))


def isoformat(moment: datetime) -> str:
    """Return the ISO 8601 text that Prefect 1 writes: `2022-01-02T03:04:05.678901+00:00`."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()
