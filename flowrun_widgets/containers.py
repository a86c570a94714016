"""Immutable lists and dictionaries that otherwise behave like ordinary ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, Self, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["FrozenDict", "FrozenList", "freeze", "frozen_dict", "frozen_list", "thaw"]

T = TypeVar("T")


class FrozenList(tuple[T, ...]):
    """A tuple that prints and compares like a list; `json` writes it as an array."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"[{', '.join(map(repr, self))}]"

    def __eq__(self, other: object) -> bool:
        return list(self) == list(other) if isinstance(other, list | tuple) else NotImplemented

    def __ne__(self, other: object) -> bool:
        equal = self.__eq__(other)
        return equal if equal is NotImplemented else not equal

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __getitem__(self, index: Any) -> Any:
        found = super().__getitem__(index)
        return FrozenList(found) if isinstance(index, slice) else found

    def __add__(self, other: Any) -> Any:
        return [*self, *other] if isinstance(other, list | tuple) else NotImplemented

    def __radd__(self, other: Any) -> Any:
        return [*other, *self] if isinstance(other, list | tuple) else NotImplemented

    def __reduce__(self) -> tuple[Any, ...]:
        return FrozenList, (tuple(self),)


class FrozenDict(dict[str, Any]):
    """An immutable dictionary; it is hashable when its values are."""

    __slots__ = ()

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        frozen = super().__new__(cls)
        dict.update(frozen, *args, **kwargs)
        return frozen

    def __init__(self, *_args: object, **_kwargs: object) -> None:
        """Do nothing: `__new__` filled the dictionary, and calling `__init__` again must not change it."""

    def _refuse(self, *_args: object, **_kwargs: object) -> NoReturn:
        raise TypeError("this dictionary is part of a snapshot and immutable: dict(…) makes a copy")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse  # pyright: ignore[reportAssignmentType]

    def __hash__(self) -> int:  # pyright: ignore[reportIncompatibleVariableOverride]
        return hash(frozenset(self.items()))

    def __reduce__(self) -> tuple[Any, ...]:
        return FrozenDict, (dict(self),)

    def copy(self) -> dict[str, Any]:
        """Return a shallow copy as an ordinary dictionary."""
        return dict(self)


def freeze(value: Any) -> Any:
    """Return JSON data with every array and object frozen, at every depth."""
    if isinstance(value, dict):
        return FrozenDict({str(key): freeze(item) for key, item in value.items()})
    if isinstance(value, list | tuple):
        return FrozenList(freeze(item) for item in value)
    if isinstance(value, set):
        return frozenset(value)
    return bytes(value) if isinstance(value, bytearray) else value


def frozen_dict(value: Mapping[str, Any] | None) -> FrozenDict:
    """Return `value` frozen; `None` is the empty dictionary."""
    return FrozenDict() if value is None else freeze(dict(value))


def frozen_list(value: Iterable[Any] | None) -> FrozenList[Any]:
    """Return `value` frozen; `None` is the empty list."""
    return FrozenList() if value is None else freeze(list(value))


def thaw(value: Any) -> Any:
    """Return ordinary lists and dictionaries with the same content."""
    if isinstance(value, dict):
        return {key: thaw(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [thaw(item) for item in value]
    return value
