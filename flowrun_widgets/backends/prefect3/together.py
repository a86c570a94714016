"""Several questions at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["together"]


def together(*questions: Callable[[], Any]) -> list[Any]:
    """Return the answers to several questions, all of them put at once; the first that fails raises."""
    if len(questions) < 2:
        return [ask() for ask in questions]
    with ThreadPoolExecutor(len(questions), "flowrun-ask") as pool:
        asked = [pool.submit(copy_context().run, ask) for ask in questions]
        return [answer.result() for answer in asked]
