"""What a forked process needs anew: it has its parent's memory, and none of the threads that were at work in it."""

from __future__ import annotations

import _frozen_importlib
import importlib
import os
import sys
import weakref
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["in_child", "is_forked_since", "moment", "unlocked_in_child"]

T = TypeVar("T")

_renewals: dict[int, tuple[weakref.ref[Any], Callable[[Any], object]]] = {}
_forks = 0
_IMPORTED = sys.stdlib_module_names | {
    "flowrun_widgets", "IPython", "anywidget", "httpx", "ipywidgets", "jinja2", "numpy", "pandas", "pyarrow", "tqdm",
}  # fmt: skip
"""What is imported when it is needed first, on any thread. The import of any other module may not end."""


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


def _wait_for_imports() -> None:
    """Wait until what other threads are importing is imported: in a child nobody would go on, and its lock stay held."""
    seen: set[str] = set()
    while under_way := _being_imported() - seen:
        for name in under_way:
            with suppress(Exception):  # the thread that wants it hears of it
                importlib.import_module(name)
        seen |= under_way


def _being_imported() -> set[str]:
    # Python has no public way to ask.
    locks: dict[str, object] = getattr(_frozen_importlib, "_module_locks", {})
    return {name for name in [*locks] if name.partition(".")[0] in _IMPORTED}


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_wait_for_imports, after_in_child=_renew)
