"""What a forked process needs anew: it has its parent's memory, and none of the threads that were at work in it."""

from __future__ import annotations

import os
import weakref
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["in_child", "is_forked_since", "moment", "unlocked_in_child"]

T = TypeVar("T")

_renewals: dict[int, tuple[weakref.ref[Any], Callable[[Any], object]]] = {}
_forks = 0


def in_child(owner: T, renew: Callable[[T], object]) -> None:
    """Have `renew(owner)` called in every process that is forked while `owner` lives, in the order of these calls.

    It is to start no thread, and not to hold `owner`.
    """
    key = object()
    number = id(key)

    def forget(_owner: object, _key: object = key) -> None:
        _renewals.pop(number, None)

    _renewals[number] = weakref.ref(owner, forget), renew


def unlocked_in_child(primitive: T) -> T:
    """Return a lock, condition or event, which is free in a child, whoever held it in its parent.

    What the forking thread itself holds of a lock that knows its holder stays held: it is there to let it go.
    """
    in_child(primitive, _unlock)
    return primitive


def moment() -> int:
    """Return a number that is another one after a fork."""
    return _forks


def is_forked_since(then: int) -> bool:
    """Whether this process was forked since `moment()` was `then`: what was opened before belongs to its parent."""
    return _forks != then


def _unlock(primitive: object) -> None:
    # The standard library frees its own locks in this way; there is no public one.
    lock = cast("Any", primitive)
    if not (hasattr(lock, "_is_owned") and lock._is_owned()):
        lock._at_fork_reinit()


def _renew() -> None:
    global _forks
    _forks += 1
    for reference, renew in [*_renewals.values()]:
        owner = reference()
        if owner is not None:
            renew(owner)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew)
