"""Keyset pagination: decides which page of a long list to request next. No I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from flowrun_widgets.errors import UnexpectedAnswer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["REPEATS", "KeysetWalk"]

REPEATS = 5
"""How many pages may repeat rows, because rows changed places, before the walk fails."""


class Row(Protocol):
    """Anything with an id."""

    @property
    def id(self) -> str:
        """Identifies the row among others of the same time."""
        ...


RowT = TypeVar("RowT", bound=Row)


class KeysetWalk(Generic[RowT]):
    """A walk through rows by time: request the rows from time `at` and from `offset`, then `take` the page.

    The walk works in the same way forwards in time (`after_`) and backwards (`before_`). Prefect 3 sorts logs and task
    runs only by a time (PrefectHQ/prefect#17882), and both ends of its filters are inclusive. So each page begins at
    the last time of the previous page, and rows of that time that were seen before are dropped by id. If one time fills
    more than a page, `at` stays and the offset moves. Rows of the same time may change places between two pages; then
    one of them appears twice and another not at all, and that time is read again.

    A server that ignores the filter or the offset sends the same rows forever; `take` then raises UnexpectedAnswer.
    """

    def __init__(self, time_of: Callable[[RowT], str | None], at: str | None = None) -> None:
        self.at = at
        self.offset = 0
        self.is_done = False
        self._time_of = time_of
        self._seen: set[str] = set()
        """The ids at `at`."""
        self._repeats = 0
        self._passed: set[str | None] = set()
        """The values of `at` that the walk has passed."""

    def take(self, page: Sequence[RowT], page_size: int) -> list[RowT]:
        """Return the rows of the answer that were not seen before, and move on."""
        fresh = [row for row in page if row.id not in self._seen]
        ties = [row.id for row in page if self._time_of(row) == self.at]
        self._seen.update(ties)
        is_last = len(page) < page_size
        if len(self._seen) < self.offset + len(ties):
            self._again()
            return [row for row in fresh if self._time_of(row) == self.at]
        if len(ties) == len(page) and not is_last:
            self.offset += len(page)
            return fresh
        if len(ties) < len(page):
            last = self._time_of(page[-1])
            if last is None:  # rows without a time come last, and cannot be requested by time
                self.is_done = True
                return fresh
            self._move_to(last)
            self._seen = {row.id for row in page if self._time_of(row) == self.at}
            self._repeats = 0
        self.offset = 0
        self.is_done = is_last
        return fresh

    def _move_to(self, at: str) -> None:
        if at == self.at or at in self._passed:
            raise UnexpectedAnswer(
                f"The server keeps sending the rows up to {at}, so it seems to ignore the filter by time. "
                "Check whether a proxy changes requests or answers."
            )
        self._passed.add(self.at)
        self.at = at

    def _again(self) -> None:
        self._repeats += 1
        if self._repeats > REPEATS:
            raise UnexpectedAnswer(
                f"The server sends the rows of {self.at} in a different order each time, or always the same rows. "
                "Check whether a proxy changes requests or answers."
            )
        self.offset = 0
