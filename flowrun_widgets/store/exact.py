"""Converts values of records to JSON and back exactly: times to the microsecond, classes of states, types of lists.

The JSON may have been written by anyone: a value that does not have the type of its field is refused.
"""

from __future__ import annotations

from dataclasses import Field, fields, replace
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from flowrun_widgets import states
from flowrun_widgets.containers import FrozenDict, FrozenList
from flowrun_widgets.errors import UnexpectedAnswer
from flowrun_widgets.states import State, StoredResult
from flowrun_widgets.times import from_micros, to_micros

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["lacking", "names_noted", "numbers_noted", "restored"]

R = TypeVar("R")

REFUSED = (KeyError, TypeError, ValueError, AttributeError, OverflowError, IndexError)
GREATEST_LEVEL = 2**15
FITTING: dict[str, tuple[type[Any], ...]] = {
    "str": (str,),
    "int": (int,),
    "float": (float,),
    "bool": (bool,),
    "DateTime": (datetime,),
    "None": (type(None),),
    "State": (State,),
    "StoredResult": (StoredResult,),
    "FrozenDict": (FrozenDict,),
    "FrozenList[str]": (FrozenList,),
    "tuple[State, ...]": (tuple,),
}
"""The types, by their names in annotations."""


def lacking(record: Any, read_back: Any, always: Iterable[str] = ()) -> dict[str, Any]:
    """Return the fields of `record` that differ in `read_back`, the record that its row alone produces."""
    found: dict[str, Any] = {}
    for name in type(record).__slots__:
        wanted, have = packed(getattr(record, name)), packed(getattr(read_back, name))
        if name in always or msgspec.json.encode(wanted) != msgspec.json.encode(have):
            found[name] = wanted
    return found


def restored(record: R, kept: Mapping[str, Any] | None) -> R:
    """Return the record completed with the fields that `lacking` returned.

    Raises:
        UnexpectedAnswer: `kept` has something that `lacking` does not return.
    """
    values = (kept or {}).get("record")
    if not values:
        return record
    try:
        found = {name: unpacked(value) for name, value in values.items()}
        return replace(record, **_fitting(type(record), found))  # pyright: ignore[reportArgumentType, reportReturnType, reportCallIssue]
    except (*REFUSED, RecursionError):
        what = type(record).__name__.removesuffix("Record")
        raise UnexpectedAnswer(
            f"A stored {what} has values that this package never writes; another program may have changed the file."
        ) from None


def names_noted(kept: Mapping[str, Any], field: str) -> dict[str, str]:
    """Return the texts by name that were stored with a run; values that are not text are left out."""
    noted = kept.get(field)
    pairs = noted.items() if isinstance(noted, dict) else ()
    return {name: text for name, text in pairs if isinstance(text, str)}


def numbers_noted(kept: Mapping[str, Any], field: str) -> dict[str, int | None]:
    """Return the level numbers by name that were stored with a run; values that are not levels are left out."""
    noted = kept.get(field)
    pairs = noted.items() if isinstance(noted, dict) else ()
    return {
        name: number
        for name, number in pairs
        if number is None or (type(number) is int and abs(number) < GREATEST_LEVEL)
    }


def _fitting(kind: type[Any], values: dict[str, Any]) -> dict[str, Any]:
    """Return the values for the fields of a record or state class, each checked for the type of its field."""
    known = _annotations(kind)
    values = {name: value for name, value in values.items() if name in known}
    for name, value in values.items():
        if not _fits(value, known[name]):
            raise TypeError(name)
    return values


def _fits(value: Any, annotation: str) -> bool:
    kinds = annotation.split(" | ")
    if annotation == "Any":
        return True
    if not any(isinstance(value, FITTING[kind]) for kind in kinds):
        return False
    if isinstance(value, bool):
        return "bool" in kinds
    if not isinstance(value, tuple):
        return True
    return all(isinstance(item, State if "tuple" in annotation else str) for item in value)


@lru_cache(64)
def _annotations(kind: type[Any]) -> dict[str, str]:
    return {field.name: str(field.type) for field in fields(kind)}


def packed(value: Any) -> Any:
    """Return a value of a record as JSON; types that JSON does not have are wrapped in an object with one key."""
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
    """Return the value that was passed to `packed`."""
    if not isinstance(value, dict):
        return value
    [(kind, inner)] = value.items()
    match kind:
        case "time":
            return from_micros(inner)
        case "state":
            cls = states.TYPES.get(inner[0], states.Unknown)
            own = {name: unpacked(item) for name, item in inner[1].items()}
            return cls(**_fitting(cls, own))
        case "stored":
            place, location, details = map(unpacked, inner)
            own = {"kind": place, "location": location, "details": details}
            return StoredResult(**_fitting(StoredResult, own))
        case "object":
            return FrozenDict({key: unpacked(item) for key, item in inner.items()})
        case "list":
            return FrozenList(map(unpacked, inner))
        case "tuple":
            return tuple(map(unpacked, inner))
        case _:
            raise ValueError(f"a kept value of kind {kind!r}")
