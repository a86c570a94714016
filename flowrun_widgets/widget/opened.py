"""`OpenedCards`: the cards of other runs that were opened in a widget."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Protocol

from flowrun_widgets.forks import unlocked_in_child

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["OpenedCards"]

MAX_OPENED = 20
"""The largest number of cards that are open in one widget; the oldest is closed."""


class OpenedCard(Protocol):
    """The part of a card that is used here."""

    query: Any

    @property
    def model_id(self) -> str | None: ...
    def shows(self, subject: object) -> bool: ...
    def close(self) -> None: ...


class OpenedCards:
    """The cards that were opened in one widget, and that end with it. Thread-safe."""

    def __init__(self) -> None:
        self._lock = unlocked_in_child(threading.Lock())
        self._cards: list[OpenedCard] = []

    def open(self, new_card: Callable[[], OpenedCard]) -> str:
        """Open a card; return the id of its widget model."""
        card = new_card()
        with self._lock:
            self._cards.append(card)
            earlier = self._cards[:-MAX_OPENED]
            del self._cards[:-MAX_OPENED]
        for one in earlier:
            one.close()
        return card.model_id or ""

    def showing(self, run: object) -> OpenedCard | None:
        """Return the card that was opened last of those that show a run."""
        with self._lock:
            return next((one for one in reversed(self._cards) if one.shows(run)), None)

    def close(self) -> None:
        """Close all of them."""
        with self._lock:
            cards, self._cards = self._cards, []
        for one in cards:
            one.close()
