"""PostgreSQL functions that SQLite lacks, for a connection: patterns, jsonb operators, statistics, intervals."""

from __future__ import annotations

import json
import math
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from flowrun_widgets.gateway import patterns
from flowrun_widgets.gateway.literals import format_interval

if TYPE_CHECKING:
    import sqlite3

__all__ = ["register"]


def register(connection: sqlite3.Connection) -> None:
    """Register the functions and the collation that the compiled statements call."""
    for name, function in {
        "pg_like": patterns.like,
        "pg_ilike": patterns.ilike,
        "pg_similar": patterns.similar,
        "pg_regex": patterns.regex,
        "pg_iregex": patterns.iregex,
        "jsonb_contains": jsonb_contains,
        "jsonb_has_key": jsonb_has_key,
        "jsonb_at": jsonb_at,
        "jsonb_text": jsonb_text,
    }.items():
        arguments = 1 if name == "jsonb_text" else 2
        connection.create_function(name, arguments, function, deterministic=True)
    connection.create_function("pg_interval", 1, format_interval, deterministic=True)
    connection.create_collation("jsonb", jsonb_compare)
    for name, aggregate in _STATISTICS.items():
        connection.create_aggregate(name, 1, aggregate)


@lru_cache(maxsize=256)
def _load(text: str) -> Any:
    return json.loads(text, parse_float=Decimal)


def _read(text: str | None) -> tuple[bool, Any]:
    """Return whether `text` is JSON, and its value. Invalid JSON counts as null, and is shown as null."""
    if text is None:
        return False, None
    try:
        return True, _load(text)
    except (ValueError, RecursionError):
        return False, None


def jsonb_contains(left: str | None, right: str | None) -> bool | None:
    """Return whether `left @> right`."""
    (has_left, one), (has_right, other) = _read(left), _read(right)
    if not has_left or not has_right:
        return None
    if isinstance(one, list) and not isinstance(other, list | dict):
        return any(_equal(each, other) for each in one)
    return _contains(one, other)


def _contains(one: Any, other: Any) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return all(key in one and _contains(one[key], other[key]) for key in other)
    if isinstance(one, list) and isinstance(other, list):
        return all(any(_contains(mine, wanted) for mine in one) for wanted in other)
    return _equal(one, other)


def _equal(one: Any, other: Any) -> bool:
    return _order(one) == _order(other)


def jsonb_has_key(value: str | None, key: str | None) -> bool | None:
    """Return whether `value ? key`: a key of an object, an element of an array, or the string itself."""
    known, one = _read(value)
    if not known or key is None:
        return None
    if isinstance(one, dict | list):
        return key in one
    return one == key


def jsonb_at(value: str | None, path: str) -> str | None:
    """Return `value #> path` as JSON text; `path` is a JSON list of keys."""
    known, one = _read(value)
    if not known:
        return None
    for key in json.loads(path):
        try:
            one = one[key] if isinstance(one, dict) else one[int(key)]
        except (KeyError, IndexError, ValueError, TypeError):
            return None
    return _dump(one)


def jsonb_text(value: str | None) -> str | None:
    """Return JSON text as PostgreSQL prints a jsonb: shorter keys first, a space after each comma and colon."""
    known, one = _read(value)
    return _dump(one) if known else None


def _dump(value: Any) -> str:
    if isinstance(value, dict):
        keys = sorted(value, key=_key_order)
        return "{" + ", ".join(f"{_dump(key)}: {_dump(value[key])}" for key in keys) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_dump(each) for each in value) + "]"
    if isinstance(value, Decimal):
        return format(value, "f")
    return json.dumps(value, ensure_ascii=False)


def jsonb_compare(left: str, right: str) -> int:
    """Compare two JSON texts as PostgreSQL orders jsonb: null < string < number < boolean < array < object."""
    one, other = _order(_read(left)[1]), _order(_read(right)[1])
    return (one > other) - (one < other)


def _key_order(key: str) -> tuple[int, bytes]:
    spelled = key.encode(errors="surrogatepass")
    return (len(spelled), spelled)


def _order(value: Any) -> tuple[Any, ...]:
    match value:
        case None:
            return (0,)
        case bool():
            return (3, value)
        case str():
            return (1, value)
        case int() | Decimal() | float():
            return (2, value)
        case list():
            return (4, len(value), [_order(each) for each in value])
        case _:
            keys = sorted(value, key=_key_order)
            pairs = [(*_key_order(key), _order(value[key])) for key in keys]
            return (5, len(pairs), pairs)


class _Variance:
    """The variance of numbers, computed in one pass without loss of precision (Welford)."""

    def __init__(self) -> None:
        self.count = 0
        self.mean = 0.0
        self.squares = 0.0

    def step(self, value: float | None) -> None:
        if value is None:
            return
        self.count += 1
        distance = value - self.mean
        self.mean += distance / self.count
        self.squares += distance * (value - self.mean)

    def population(self) -> float | None:
        return self.squares / self.count if self.count else None

    def sample(self) -> float | None:
        return self.squares / (self.count - 1) if self.count > 1 else None


class _VariancePopulation(_Variance):
    def finalize(self) -> float | None:
        return self.population()


class _VarianceSample(_Variance):
    def finalize(self) -> float | None:
        return self.sample()


class _DeviationPopulation(_Variance):
    def finalize(self) -> float | None:
        variance = self.population()
        return None if variance is None else math.sqrt(variance)


class _DeviationSample(_Variance):
    def finalize(self) -> float | None:
        variance = self.sample()
        return None if variance is None else math.sqrt(variance)


_STATISTICS: dict[str, Any] = {
    "var_pop": _VariancePopulation,
    "var_samp": _VarianceSample,
    "variance": _VarianceSample,
    "stddev_pop": _DeviationPopulation,
    "stddev_samp": _DeviationSample,
    "stddev": _DeviationSample,
}
