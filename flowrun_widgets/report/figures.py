"""Formatting numbers, durations and times as text, the same as on the card (`js/src/format/number.ts`)."""

from __future__ import annotations

from flowrun_widgets.times import from_micros

__all__ = ["UNKNOWN", "clock", "count", "date_and_clock", "duration", "milliseconds"]

THIN = "\u202f"
"""A narrow no-break space, the thousands separator."""
UNKNOWN = "–"


def count(number: int, one: str = "", many: str = "") -> str:
    """Return a number with thousands separators, and its noun if one is given."""
    figures = f"{number:,}".replace(",", THIN)
    return f"{figures} {one if number == 1 else many or one + 's'}" if one else figures


def duration(seconds: float | None) -> str:
    """Return a duration in at most two units: `4 ms`, `0.9 s`, `32 min 23 s`, `2 d 3 h`."""
    if seconds is None:
        return UNKNOWN
    if seconds < 0.0995:
        return f"{round(seconds * 1000)} ms"
    if round(seconds, 1) < 60:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(round(seconds / 60), 60)
    if hours < 24:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(round(seconds / 3600), 24)
    return f"{days} d {hours} h" if hours else f"{days} d"


def clock(micros: int | None) -> str:
    """Return the time of day in UTC, to the second."""
    moment = from_micros(micros)
    return UNKNOWN if moment is None else moment.strftime("%H:%M:%S")


def milliseconds(micros: int) -> str:
    """Return the time of day in UTC, to the millisecond."""
    return f"{clock(micros)}.{micros // 1000 % 1000:03}"


def date_and_clock(micros: int | None) -> str:
    """Return date and time of day in UTC: `21 Nov 2026, 02:00:04`."""
    moment = from_micros(micros)
    return UNKNOWN if moment is None else f"{moment.day} {moment.strftime('%b %Y, %H:%M:%S')}"
