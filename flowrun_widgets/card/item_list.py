"""What one place in the list of lines shows, without an object for each: lines, gaps and dividers by arithmetic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from flowrun_widgets.card.retries import Retries
    from flowrun_widgets.card.wire import Retry

__all__ = ["ItemList", "Part"]


class Part(NamedTuple):
    """Some items in the order shown: for each the position of its line or -1, and its number among the extras or -1."""

    positions: NDArray[Any]
    extras: NDArray[Any]


class ItemList:
    """The items of a look, addressed by place from 0. Positions are those of lines by time.

    Between the lines stand the extras: gaps and, above the first line of a repeated attempt, dividers.
    Newest first is the same list from its end.
    """

    __slots__ = (
        "_before",
        "_first",
        "_last",
        "_number",
        "_places",
        "_retries",
        "is_newest_first",
        "lines",
        "shown",
    )

    def __init__(
        self,
        lines: int,
        shown: NDArray[Any] | None,
        retries: Retries,
        *,
        has_gaps: bool,
        is_newest_first: bool = False,
    ) -> None:
        """Arrange the lines at the ascending positions `shown` (None: all) of a log of so many lines."""
        self.lines = lines if shown is None else len(shown)
        self.shown = shown
        self.is_newest_first = is_newest_first
        self._retries = retries
        firsts, numbers = retries.first_of(shown)
        at = firsts if shown is None else np.searchsorted(shown, firsts)
        gap_first = gap_last = gap_at = np.empty(0, np.int64)
        if has_gaps and shown is not None and len(shown):
            edges = np.concatenate(([-1], shown, [lines]))
            gap_at = np.flatnonzero(np.diff(edges) > 1)
            gap_first, gap_last = edges[gap_at] + 1, edges[gap_at + 1] - 1
        before = np.concatenate((gap_at, at))
        order = np.argsort(before, kind="stable")
        none = np.full(len(at), -1)
        self._before: NDArray[Any] = before[order]
        """For each extra, how many shown lines stand before it."""
        self._places = self._before + np.arange(len(before))
        self._first = np.concatenate((gap_first, none))[order]
        self._last = np.concatenate((gap_last, none))[order]
        self._number = np.concatenate((np.full(len(gap_at), -1), numbers))[order]

    @classmethod
    def of_all(cls, lines: int, retries: Retries, *, is_newest_first: bool = False) -> ItemList:
        """Return the items where every line is shown."""
        return cls(lines, None, retries, has_gaps=False, is_newest_first=is_newest_first)

    def __len__(self) -> int:
        return self.lines + len(self._before)

    def between(self, start: int, stop: int) -> Part:
        """Return the items from place `start` on, up to `stop`; what is outside is left out."""
        total = len(self)
        places = np.arange(max(0, start), max(0, min(stop, total)))
        if self.is_newest_first:
            places = total - 1 - places
        number = np.searchsorted(self._places, places)
        is_extra = np.zeros(len(places), bool)
        if len(self._places):
            is_extra = self._places[np.minimum(number, len(self._places) - 1)] == places
        index = np.where(is_extra, 0, places - number)
        positions = index if self.shown is None or not self.lines else self.shown[index]
        return Part(np.where(is_extra, -1, positions), np.where(is_extra, number, -1))

    def place_of(self, position: int) -> int | None:
        """Return the place of a line, or of the shown line nearest to it, the earlier of two; None: none is shown."""
        index = self.nearest(position)
        return None if index is None else self.place_at(index)

    def nearest(self, position: int) -> int | None:
        """Return which of the shown lines is, or is nearest to, the one at a position; they count from 0 by time."""
        if not self.lines:
            return None
        if self.shown is None:
            return max(0, min(position, self.lines - 1))
        after = int(np.searchsorted(self.shown, position))
        if after == self.lines:
            return after - 1
        if after and position - self.shown[after - 1] <= self.shown[after] - position:
            return after - 1
        return after

    def place_at(self, index: int) -> int:
        """Return the place of the shown line `index`, counted by time."""
        place = index + int(np.searchsorted(self._before, index, "right"))
        return len(self) - 1 - place if self.is_newest_first else place

    def lines_before(self, places: NDArray[Any]) -> NDArray[Any]:
        """Return how many of the shown lines stand before each place of the list by time."""
        return places - np.searchsorted(self._places, places)

    def gap(self, number: int) -> tuple[int, int]:
        """Return the positions of the first and the last line that an extra hides."""
        return int(self._first[number]), int(self._last[number])

    def retry(self, number: int) -> Retry | None:
        """Return the divider that an extra is; None: it is a gap."""
        divider = int(self._number[number])
        return None if divider < 0 else self._retries.dividers[divider]
