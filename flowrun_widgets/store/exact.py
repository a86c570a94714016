"""Values of records as JSON and back, exactly: times to the microsecond, states with class and name, kinds of lists."""

from __future__ import annotations

from dataclasses import Field, fields, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from flowrun_widgets import states
from flowrun_widgets.containers import FrozenDict, FrozenList
from flowrun_widgets.states import State, StoredResult
from flowrun_widgets.times import from_micros, to_micros

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["lacking", "restored"]

R = TypeVar("R")


def lacking(record: Any, read_back: Any, always: Iterable[str] = ()) -> dict[str, Any]:
    """Return the fields of `record` that `read_back`, the record that its row alone gives, does not have the same."""
    found: dict[str, Any] = {}
    for name in type(record).__slots__:
        wanted, have = packed(getattr(record, name)), packed(getattr(read_back, name))
        if name in always or msgspec.json.encode(wanted) != msgspec.json.encode(have):
            found[name] = wanted
    return found


def restored(record: R, kept: Mapping[str, Any] | None) -> R:
    """Return the record with what `lacking` found."""
    values = (kept or {}).get("record")
    if not values:
        return record
    return replace(record, **{name: unpacked(value) for name, value in values.items()})  # pyright: ignore[reportArgumentType, reportReturnType, reportCallIssue]


def packed(value: Any) -> Any:
    """Return a value of a record as JSON; whatever JSON itself cannot tell apart lies in an object of one key."""
    if isinstance(value, datetime):
        return {"time": to_micros(value)}
    if isinstance(value, State):
        own = {
            field.name: packed(getattr(value, field.name))
            for field in fields(value)
            if field.name != "result" and not _is_default(field, getattr(value, field.name))
        }
        return {"state": [type(value).__name__, own]}
    if isinstance(value, StoredResult):
        return {"stored": [value.kind, value.location, packed(value.details)]}
    if isinstance(value, dict):
        return {"object": {key: packed(item) for key, item in value.items()}}
    if isinstance(value, tuple):
        kind = "list" if isinstance(value, FrozenList) else "tuple"
        return {kind: [*map(packed, value)]}
    return value


def _is_default(field: Field[Any], value: Any) -> bool:
    return type(value) is type(field.default) and value == field.default


def unpacked(value: Any) -> Any:
    """Return the value that `packed` was given."""
    if not isinstance(value, dict):
        return value
    [(kind, inner)] = value.items()
    match kind:
        case "time":
            return from_micros(inner)
        case "state":
            own = {name: unpacked(item) for name, item in inner[1].items()}
            return getattr(states, inner[0], states.Unknown)(**own)
        case "stored":
            return StoredResult(inner[0], inner[1], unpacked(inner[2]))
        case "object":
            return FrozenDict({key: unpacked(item) for key, item in inner.items()})
        case "list":
            return FrozenList(map(unpacked, inner))
        case "tuple":
            return tuple(map(unpacked, inner))
        case _:
            raise ValueError(f"a kept value of kind {kind!r}")
