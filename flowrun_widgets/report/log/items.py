"""`ItemList`: the items of a query (lines, gaps, dividers), addressed by index without an object for each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from flowrun_widgets.report.log.attempt_dividers import Retries
    from flowrun_widgets.report.wire import Missing, Retry

__all__ = ["ItemList", "Part"]


class Part(NamedTuple):
    """Some items in the order shown: for each, the position of its line or -1, and the number of its extra or -1."""

    positions: NDArray[Any]
    extras: NDArray[Any]


class ItemList:
    """The items of a query, addressed by index from 0. Positions are those of lines by time.

    The extras between the lines are gaps, dividers above the first line of a further attempt, and missing lines. Newest
    first is the same list in reverse.
    """

    __slots__ = (
        "_before",
        "_first",
        "_is_missing",
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
        missing_before: Sequence[int] = (),
        sizes: NDArray[Any] | None = None,
    ) -> None:
        """Arrange the lines at the ascending positions `shown` (None for all) of a log.

        Lines are missing before those at `missing_before`; this is marked if every line is shown. `sizes` says how many
        lines each shown one represents, which count as shown.
        """
        self.lines = lines if shown is None else len(shown)
        self.shown = shown
        self.is_newest_first = is_newest_first
        self._retries = retries
        firsts, numbers = retries.first_of(shown)
        at = firsts if shown is None else np.searchsorted(shown, firsts)
        gap_first = gap_last = gap_at = np.empty(0, np.int64)
        if has_gaps and shown is not None and len(shown):
            covered = np.concatenate(([-1], shown if sizes is None else shown + sizes - 1))
            following = np.concatenate((shown, [lines]))
            gap_at = np.flatnonzero(following - covered > 1)
            gap_first, gap_last = covered[gap_at] + 1, following[gap_at] - 1
        missing_at = np.array(missing_before if shown is None else (), np.int64)
        before = np.concatenate((gap_at, missing_at, at))
        order = np.argsort(before, kind="stable")
        none = np.full(len(missing_at) + len(at), -1)
        self._before: NDArray[Any] = before[order]
        """For each extra, the number of shown lines before it."""
        self._places = self._before + np.arange(len(before))
        self._first = np.concatenate((gap_first, none))[order]
        self._last = np.concatenate((gap_last, none))[order]
        unnumbered = np.full(len(gap_at) + len(missing_at), -1)
        self._number = np.concatenate((unnumbered, numbers))[order]
        self._is_missing = np.repeat([False, True, False], [len(gap_at), len(missing_at), len(at)])[
            order
        ]

    @classmethod
    def of_all(
        cls, lines: int, retries: Retries, *, missing_before: Sequence[int] = ()
    ) -> ItemList:
        """Return the items if every line is shown, oldest first."""
        return cls(lines, None, retries, has_gaps=False, missing_before=missing_before)

    def __len__(self) -> int:
        return self.lines + len(self._before)

    def between(self, start: int, stop: int) -> Part:
        """Return the items from index `start` up to `stop`; indexes out of range are ignored."""
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
        """Return the index of a line, or of the nearest shown line, the earlier of two; None if none is shown."""
        index = self.nearest(position)
        return None if index is None else self.place_at(index)

    def nearest(self, position: int) -> int | None:
        """Return the number, from 0 by time, of the shown line at or nearest to a position."""
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
        """Return the index in the list of the shown line `index`, counted by time."""
        place = index + int(np.searchsorted(self._before, index, "right"))
        return len(self) - 1 - place if self.is_newest_first else place

    def lines_before(self, places: NDArray[Any]) -> NDArray[Any]:
        """Return how many shown lines are before each index of the list by time."""
        return places - np.searchsorted(self._places, places)

    def gap(self, number: int) -> tuple[int, int]:
        """Return the positions of the first and the last line that an extra hides."""
        return int(self._first[number]), int(self._last[number])

    def missing(self, number: int) -> Missing | None:
        """Return the mark of missing lines if the extra is one, else None."""
        return ("missing", None) if self._is_missing[number] else None

    def retry(self, number: int) -> Retry | None:
        """Return the divider if the extra is one, else None."""
        divider = int(self._number[number])
        return None if divider < 0 else self._retries.dividers[divider]
