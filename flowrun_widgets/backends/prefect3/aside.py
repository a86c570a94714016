"""Questions beside the one that matters: what fails of them is missing, and nothing else fails with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from flowrun_widgets.backends.transport import within
from flowrun_widgets.containers import FrozenDict
from flowrun_widgets.errors import BackendError, ConnectionClosed, NotFound

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Aside"]

T = TypeVar("T")
MAX_SECONDS = 15.0
"""So long the rest waits for a side question."""


class Aside:
    """The side questions of one answer, and what could not be had. Safe for threads."""

    def __init__(self) -> None:
        self._missing: dict[str, str] = {}

    def ask(self, what: str, question: Callable[[], T], otherwise: T) -> T:
        """Return the answer to a question, or `otherwise` where the server does not give it."""
        try:
            with within(MAX_SECONDS):
                return question()
        except ConnectionClosed:
            raise
        except (BackendError, NotFound) as error:
            self._missing[what] = str(error)
            return otherwise

    @property
    def missing(self) -> FrozenDict:
        """What the server did not give, and why."""
        return FrozenDict(sorted(self._missing.items()))
