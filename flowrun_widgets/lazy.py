"""What is worked out once, at first use: an attribute of an object, a function of an object, a module."""

from __future__ import annotations

from functools import wraps
from importlib import import_module
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["LazyModule", "lazy", "once_per_object"]

S = TypeVar("S")
T = TypeVar("T")


class lazy(Generic[T]):  # noqa: N801 - used as a decorator
    """`functools.cached_property` without Python 3.11's lock, which a forked process could inherit while it is held."""

    def __init__(self, find: Callable[[Any], T]) -> None:
        self._find = find
        self.__doc__ = find.__doc__

    def __set_name__(self, _owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, owner: None, kind: type) -> lazy[T]: ...
    @overload
    def __get__(self, owner: object, kind: type) -> T: ...
    def __get__(self, owner: object, kind: type) -> T | lazy[T]:
        if owner is None:
            return self
        found = owner.__dict__[self._name] = self._find(owner)
        return found


def once_per_object(find: Callable[[S], T]) -> Callable[[S], T]:
    """Decorate a function of one object: it runs once for each, and its result lives as long as the object."""
    known: WeakKeyDictionary[S, T] = WeakKeyDictionary()

    @wraps(find)
    def found(owner: S) -> T:
        if owner not in known:
            known[owner] = find(owner)
        return known[owner]

    return found


class LazyModule:
    """A module that is imported when an attribute is read, so annotations can name modules that import slowly."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(import_module(self._name), attribute)
