"""Support for `os.fork`: a forked process has its parent's memory, but none of the parent's other threads."""

from __future__ import annotations

import _frozen_importlib
import importlib
import os
import sys
import threading
import weakref
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["in_child", "is_forked_since", "moment", "unforked", "unlocked_in_child"]

T = TypeVar("T")

_renewals: dict[int, tuple[weakref.ref[Any], Callable[[Any], object]]] = {}
_forks = 0
_IMPORTED = sys.stdlib_module_names | {
    "flowrun_widgets", "IPython", "anywidget", "httpx", "ipywidgets", "jinja2", "numpy", "pandas", "pyarrow", "tqdm",
    "websockets",
}  # fmt: skip
"""The modules that are imported at first use, on any thread. The import of any other module may never end."""
_LONGEST_CALL_SECONDS = 10


def in_child(owner: T, renew: Callable[[T], object]) -> None:
    """Call `renew(owner)` in every process that is forked while `owner` lives, in the order of registration.

    `renew` must not start a thread, and must not keep a reference to `owner`.
    """
    key = object()
    number = id(key)

    def forget(_owner: object, _key: object = key) -> None:
        _renewals.pop(number, None)

    _renewals[number] = weakref.ref(owner, forget), renew


def unlocked_in_child(primitive: T) -> T:
    """Return the lock, condition or event, and release it in every child, whichever thread held it in the parent.

    A lock that knows its owner stays held if the forking thread holds it: that thread exists in the child and releases
    it.
    """
    in_child(primitive, _unlock)
    return primitive


def moment() -> int:
    """Return a number that differs after a fork."""
    return _forks


def is_forked_since(then: int) -> bool:
    """Whether this process was forked since `moment()` returned `then`: what was open then belongs to the parent."""
    return _forks != then


def _unlock(primitive: object) -> None:
    # The standard library releases its own locks in this way; there is no public function for it.
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
    """Wait until other threads have finished their imports: a child could not, and would inherit held locks."""
    seen: set[str] = set()
    while under_way := _being_imported() - seen:
        for name in under_way:
            with suppress(Exception):  # the importing thread gets this error itself
                importlib.import_module(name)
        seen |= under_way


def _being_imported() -> set[str]:
    # Python has no public function for this.
    locks: dict[str, object] = getattr(_frozen_importlib, "_module_locks", {})
    return {name for name in [*locks] if name.partition(".")[0] in _IMPORTED}


class _Unforked:
    """A context for calls into a library with locks of its own: a fork waits until no other thread is in one.

    The child would inherit such a lock as it was, with nobody to release it. A call of more than 10 s is not waited for.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition(threading.Lock())
        self._calls: dict[int, int] = {}
        self._forks = 0

    def __enter__(self) -> None:
        thread = threading.get_ident()
        with self._changed:
            while self._forks and thread not in self._calls:
                self._changed.wait()
            self._calls[thread] = self._calls.get(thread, 0) + 1

    def __exit__(self, *_: object) -> None:
        thread = threading.get_ident()
        with self._changed:
            self._calls[thread] -= 1
            if not self._calls[thread]:
                del self._calls[thread]
            if self._forks:
                self._changed.notify_all()

    def before_fork(self) -> None:
        """Wait for the calls of other threads, and let none begin."""
        own = {threading.get_ident()}
        with self._changed:
            self._forks += 1
            self._changed.wait_for(lambda: not self._calls.keys() - own, _LONGEST_CALL_SECONDS)

    def in_parent(self) -> None:
        """Let calls begin again."""
        with self._changed:
            self._forks -= 1
            self._changed.notify_all()

    def in_child(self) -> None:
        """Forget the threads that the child does not have."""
        thread = threading.get_ident()
        own = self._calls.get(thread)
        self.__init__()
        if own:
            self._calls[thread] = own


unforked = _Unforked()

if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_wait_for_imports, after_in_child=_renew)
    os.register_at_fork(
        before=unforked.before_fork,
        after_in_parent=unforked.in_parent,
        after_in_child=unforked.in_child,
    )
