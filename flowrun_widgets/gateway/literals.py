"""Converts values in clients' formats to those of the store; errors for invalid values are worded as PostgreSQL's."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from flowrun_widgets.gateway.errors import FieldError

__all__ = ["checked_text", "format_interval", "read_id_list", "stored_value"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_INTEGER_LIMITS = (-(2**63), 2**63 - 1)

_ID = re.compile(r"\{?([0-9a-fA-F]{4}-?){7}[0-9a-fA-F]{4}\}?")
_DATE = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:[ T]\d{2}:\d{2}(?::\d{2}(?:\.\d*)?)?)?(?:Z|[+-]\d{2}(?::?\d{2})?)?$"
)
_SHORT_OFFSET = re.compile(r"(?<=\d)([+-]\d{2})$")
_MOMENTS = {
    "now": timedelta(),
    "today": timedelta(),
    "tomorrow": timedelta(1),
    "yesterday": timedelta(-1),
}
_SPECIAL_TIMES = {"epoch": 0, "infinity": _INTEGER_LIMITS[1], "-infinity": _INTEGER_LIMITS[0]}

_UNITS = {
    "microsecond": 1,
    "millisecond": 1_000,
    "ms": 1_000,
    "second": 1_000_000,
    "sec": 1_000_000,
    "s": 1_000_000,
    "minute": 60_000_000,
    "min": 60_000_000,
    "m": 60_000_000,
    "hour": 3_600_000_000,
    "h": 3_600_000_000,
    "day": 86_400_000_000,
    "d": 86_400_000_000,
    "week": 604_800_000_000,
    "w": 604_800_000_000,
}
_CLOCK = re.compile(r"([+-]?)(\d+):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,6})\d*)?)?")
_AMOUNT = re.compile(r"([+-]?\d+(?:\.\d+)?)\s*([a-z]+)")
_ISO_SPAN = re.compile(r"P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?")


def stored_value(scalar: str, value: Any) -> Any:
    """Return a `value` of a GraphQL scalar as the store's columns represent it.

    Raises:
        FieldError: PostgreSQL would reject the value for this type.
    """
    match scalar:
        case "Boolean":
            return int(value)
        case "jsonb":
            return json.dumps(value, ensure_ascii=True)
        case "uuid":
            return _id(value)
        case "timestamptz":
            return _microseconds(value)
        case "interval":
            return _interval(value)
        case _:
            return value


def checked_text(value: Any) -> Any:
    """Return `value`, after checking that a database can store it if it is text.

    Raises:
        FieldError: the text contains an unpaired surrogate, which is not valid Unicode.
    """
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            raise FieldError('invalid byte sequence for encoding "UTF8"') from None
    return value


def _refused(kind: str, value: Any) -> FieldError:
    return FieldError(f'invalid input syntax for type {kind}: "{value}"')


def _id(value: Any) -> str:
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise _refused("uuid", value)
    digits = value.strip("{}").replace("-", "").lower()
    if value.startswith("{") != value.endswith("}"):
        raise _refused("uuid", value)
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def read_id_list(value: Any) -> list[str]:
    """Return the ids of a `_uuid` value, PostgreSQL's `{id,id}` or a list."""
    if value is None:
        return []
    if isinstance(value, str):
        text = value.strip()
        if not (text.startswith("{") and text.endswith("}")):
            raise FieldError(f'malformed array literal: "{value}"')
        value = [part.strip().strip('"') for part in text[1:-1].split(",") if part.strip()]
    return [_id(each) for each in value]


def _microseconds(value: Any) -> int:
    if not isinstance(value, str):
        raise _refused("timestamp with time zone", value)
    text = value.strip()
    word = text.lower()
    if word in _SPECIAL_TIMES:
        return _SPECIAL_TIMES[word]
    if word in _MOMENTS:
        moment = datetime.now(UTC)
        if word != "now":
            moment = moment.replace(hour=0, minute=0, second=0, microsecond=0)
        moment += _MOMENTS[word]
    else:
        try:
            moment = datetime.fromisoformat(
                _SHORT_OFFSET.sub(r"\1:00", text) if ":" in text else text
            )
        except ValueError:
            if _DATE.match(text):
                raise FieldError(f'date/time field value out of range: "{value}"') from None
            raise _refused("timestamp with time zone", value) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // _MICROSECOND


def _interval(value: Any) -> int:
    if not isinstance(value, str):
        raise _refused("interval", value)
    text = value.strip()
    if (span := _ISO_SPAN.fullmatch(text)) and any(span.groups()):
        weeks, days, hours, minutes, seconds = (float(part or 0) for part in span.groups())
        length = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
        return length // _MICROSECOND
    total, position, rest = 0, 0, text.lower()
    while position < len(rest):
        if found := _CLOCK.match(rest, position):
            sign, hours, minutes, seconds, fraction = found.groups()
            size = (int(hours) * 3600 + int(minutes) * 60 + int(seconds or 0)) * 1_000_000
            size += int((fraction or "0").ljust(6, "0"))
            total += -size if sign == "-" else size
        elif found := _AMOUNT.match(rest, position):
            unit = found[2] if found[2] in _UNITS else found[2].removesuffix("s")
            if unit not in _UNITS:
                raise _refused("interval", value)
            total += round(float(found[1]) * _UNITS[unit])
        else:
            raise _refused("interval", value)
        position = found.end()
        while position < len(rest) and rest[position] in " ,":
            position += 1
    if not rest:
        raise _refused("interval", value)
    return total


def format_interval(microseconds: int | None) -> str | None:
    """Return an interval as PostgreSQL prints it: `1 day 02:03:04.5`, `00:01:30`, `-00:00:10`."""
    if microseconds is None:
        return None
    sign = "-" if microseconds < 0 else ""
    days, rest = divmod(abs(microseconds), 86_400_000_000)
    seconds, fraction = divmod(rest, 1_000_000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    parts: list[str] = []
    if days:
        parts.append(f"{sign}{days} day{'s' if days > 1 or sign else ''}")
    if rest or not days:
        clock = f"{sign}{hour:02}:{minute:02}:{second:02}"
        parts.append(clock + f".{fraction:06}".rstrip("0").rstrip("."))
    return " ".join(parts)
