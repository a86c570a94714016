"""Redacts records. An object without secrets is returned unchanged, as the same object."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from flowrun_widgets.containers import FrozenDict, FrozenList
from flowrun_widgets.redaction.redaction import DEFAULT, Redaction
from flowrun_widgets.redaction.rules import REDACTED
from flowrun_widgets.redaction.texts import rules_of
from flowrun_widgets.states import State, StoredResult

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

__all__ = ["Redacted", "redacted_json", "redacted_record", "redacted_records", "redacted_text"]

T = TypeVar("T")

DEEPEST = 100
"""JSON values nested deeper are replaced without being searched."""
NAMED = ("name", "key")
"""The keys of the name in lists of pairs such as a container's environment; the value is under `value`."""
AS_THEY_ARE = frozenset(
    {
        "id", "flow_id", "flow_run_id", "task_id", "task_slug", "parent_task_run_id", "deployment_id", "child_flow_run_id",
        "flow_group_id", "upstream_ids", "dynamic_key", "task_run_id", "timestamp",
    }
)  # fmt: skip
"""Fields with which records refer to each other."""
NOT_STORED = State().stored_result
"""The stored result of a state that stored nothing."""
NOT_OF_A_STATE = frozenset({"name", "timestamp"})


@dataclass(frozen=True, slots=True)
class Redacted(Generic[T]):
    """A value without its secrets, and how many values in it are replaced, including ones that were replaced before."""

    value: T
    count: int


def redacted_text(text: str, redaction: Redaction = DEFAULT) -> str:
    """Return the text with keys, tokens, passwords in addresses and `password=…` replaced by `[redacted]`."""
    return rules_of(redaction).changes([text]).get(text, text)


def redacted_json(value: Any, redaction: Redaction = DEFAULT) -> Any:
    """Return JSON data without the values of secret names (empty values stay) and without secrets in its texts."""
    [clean] = _together([value], redaction, _Pass.json).value
    return clean


def redacted_record(record: T, redaction: Redaction = DEFAULT) -> T:
    """Return a record without secrets."""
    [clean] = redacted_records([record], redaction).value
    return clean


def redacted_records(records: Iterable[T], redaction: Redaction) -> Redacted[tuple[T, ...]]:
    """Return records without secrets in names, messages, parameters, contexts, locations of results and artifacts.

    Results that a caller passed to a state or loaded are left out. Ids, slugs and names of states stay.
    """
    return _together([*records], redaction, _Pass.record)


def _together(
    values: Sequence[Any], redaction: Redaction, visit: Callable[[_Pass, Any], Any]
) -> Redacted[tuple[Any, ...]]:
    """Collect all texts first, so that they are searched in one pass."""
    rules = rules_of(redaction)
    first = _Pass(rules.is_secret_name, {})
    for value in values:
        visit(first, value)
    changes = rules.changes(first.texts)
    if not changes and not first.replaced:
        return Redacted(tuple(values), first.count)
    second = _Pass(rules.is_secret_name, changes)
    clean = tuple(visit(second, value) for value in values)
    return Redacted(clean, second.count)


class _Pass:
    """One pass over records: the first collects texts, the second replaces the changed ones. Both count."""

    def __init__(self, is_secret_name: Callable[[str], bool], changes: dict[str, str]) -> None:
        self.texts: set[str] = set()
        self.count = 0
        self.replaced = False
        self._is_secret_name = is_secret_name
        self._changes = changes

    def text(self, text: str) -> str:
        self.texts.add(text)
        clean = self._changes.get(text, text)
        if REDACTED in clean:
            self.count += clean.count(REDACTED)
        return clean

    def json(self, value: Any, depth: int = 0) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if not isinstance(value, dict | list | tuple) or not value:
            return value
        if depth >= DEEPEST:
            return self._secret()
        if isinstance(value, dict):
            return self._object(value, depth + 1)
        items = [self.json(item, depth + 1) for item in value]
        return value if _same(items, value) else FrozenList(items)

    def record(self, record: Any) -> Any:
        changed: dict[str, Any] = {}
        for name in _told(type(record)):
            value = getattr(record, name)
            if name == "result":
                if value is not None:
                    changed[name], self.replaced = None, True
                continue
            if not value or value is NOT_STORED:
                continue
            clean = self._value(value)
            if clean is not value:
                changed[name] = clean
        return replace(record, **changed) if changed else record

    def _value(self, value: Any) -> Any:
        if isinstance(value, State | StoredResult):
            return self.record(value)
        if type(value) is tuple:
            items = [self._value(item) for item in value]
            return value if _same(items, value) else tuple(items)
        return self.json(value)

    def _object(self, value: dict[str, Any], depth: int) -> Any:
        named = next((value[key] for key in NAMED if isinstance(value.get(key), str)), "")
        is_pair = bool(named) and self._is_secret_name(named)
        keys, items = [], []
        for key, item in value.items():
            keys.append(self.text(key) if isinstance(key, str) else key)
            hidden = self._is_secret_name(str(key)) or (is_pair and key == "value")
            items.append(
                self._secret()
                if hidden and item and not isinstance(item, bool)
                else self.json(item, depth)
            )
        if _same(items, value.values()) and _same(keys, value):
            return value
        return FrozenDict(zip(keys, items, strict=True))

    def _secret(self) -> str:
        self.count += 1
        self.replaced = True
        return REDACTED


def _same(new: Sequence[Any], old: Iterable[Any]) -> bool:
    return all(a is b for a, b in zip(new, old, strict=True))


@lru_cache(64)
def _told(kind: type[Any]) -> tuple[str, ...]:
    """Return the fields of a record type that may hold a secret."""
    left_out = NOT_OF_A_STATE if issubclass(kind, State) else AS_THEY_ARE
    return tuple(_names(kind, left_out))


def _names(kind: type[Any], left_out: frozenset[str]) -> Iterator[str]:
    for field in fields(kind):
        plain = field.type in {"bool", "int", "int | None", "float | None", "DateTime | None"}
        if field.name not in left_out and not plain:
            yield field.name
