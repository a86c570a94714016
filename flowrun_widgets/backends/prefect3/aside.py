"""Secondary requests: if one fails, its part is missing, and nothing else fails."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

from flowrun_widgets.backends.transport import within
from flowrun_widgets.containers import FrozenDict
from flowrun_widgets.errors import BackendError, ConnectionClosed, NotFound

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Aside"]

T = TypeVar("T")
MAX_SECONDS = 15.0
"""How many seconds the main request waits for secondary ones that fail, in total."""


class Aside:
    """The secondary requests of one answer, and what they could not get. Thread-safe."""

    def __init__(self) -> None:
        self._missing: dict[str, str] = {}
        self._seconds_left = MAX_SECONDS

    def ask(self, what: str, question: Callable[[], T], otherwise: T) -> T:
        """Return the result of a request, or `otherwise` if it fails."""
        began = time.monotonic()
        try:
            with within(self._seconds_left):
                return question()
        except ConnectionClosed:
            raise
        except (BackendError, NotFound) as error:
            self._seconds_left = max(0.0, self._seconds_left - (time.monotonic() - began))
            self._missing[what] = str(error)
            return otherwise

    @property
    def missing(self) -> FrozenDict:
        """What the server did not deliver, and why."""
        return FrozenDict(sorted(self._missing.items()))
