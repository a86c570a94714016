"""`MissingLines`: finds the lines of a run that a reader does not hold, by counting them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Protocol

from flowrun_widgets.backends.prefect3.keyset import KeysetWalk
from flowrun_widgets.backends.prefect3.log_to_columns import LogChunks
from flowrun_widgets.times import from_micros, isoformat, parse_micros

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from flowrun_widgets.backends.prefect3 import wire
    from flowrun_widgets.log_columns import LogColumns

__all__ = ["MAX_PLACES", "MissingLines"]

MAX_PLACES = 3
"""The number of places in the log where late lines are looked for first."""
FIRST_STEP, STEP_GROWTH = 100, 4
"""How many lines a search for late lines goes back first, and by which factor each further step is longer."""

MAX_BETWEEN = 150
"""A search ends where at most so many lines are left: one page has them, and missing ones after them."""


class Page(Protocol):
    """Returns a page of the run's lines in ascending time; both times are included, None means no limit."""

    def __call__(
        self, after: str | None, before: str | None, offset: int, size: int | None = None
    ) -> list[wire.Line]: ...


class MissingLines:
    """One search, for a reader that holds part of a log. `held` grows by the lines that are found.

    The server cannot count lines, but it can skip as many as are held: it then returns as many lines as are missing,
    the newest ones. Usually these are the missing ones. If some of them are held already, as many are missing earlier
    in the log, because they arrived late or a worker's clock is behind. The same question up to a time tells whether
    lines before it are missing. So the cost depends on how many lines are missing, and at how many places, but not on
    how late they are, and clocks do not matter.
    """

    def __init__(
        self,
        held: LogColumns,
        places: Sequence[int],
        *,
        page: Page,
        rest: Callable[[str], LogColumns],
        page_size: Callable[[], int],
        max_requests: float = math.inf,
        not_found: int = 0,
    ) -> None:
        """`rest` returns all lines from a time on; `max_requests` limits the search for late lines."""
        self.held = held
        self.places = [*places]
        """Where late lines were found, in microseconds since 1970, the last place first: a worker goes on there."""
        self.not_found = not_found
        """How many lines are missing by the server's count, and were looked for in vain; only more are looked for."""
        self._page = page
        self._rest = rest
        self._page_size = page_size
        self._requests_left = max_requests

    def since(self, first: int | None) -> bool:
        """Find the missing lines from a time on, None for all; one request if no line is late.

        Return False if the server has fewer lines than are held, since counting tells nothing then.
        """
        start = None if first is None else _text(first)
        while True:
            before = len(self.held)
            known = before - (0 if first is None else self.held.position_at(first))
            offset = max(known - 1, 0)  # with the last held line, to see that none is gone
            lines = self._page(start, None, offset)
            if known and not lines:
                return False
            fresh = _columns(lines).without(self.held)
            is_full = len(lines) >= self._page_size()
            if is_full and len(fresh):
                self._add(self._rest(lines[0].timestamp))
            else:
                missing = len(lines) - (known - offset)
                earliest = parse_micros(lines[0].timestamp) if lines else 0
                if missing > len(
                    fresh
                ):  # of the earliest time, others may be missing that come before these
                    fresh = fresh.between(start=earliest)
                missing -= len(self._add(fresh))
                if missing > self.not_found:
                    held = len(self.held)
                    self._find_late(first, earliest, missing)
                    self.not_found = 0 if len(self.held) > held else missing
            if not is_full or len(self.held) == before:
                return True

    def _find_late(self, first: int | None, last: int, missing: int) -> None:
        """Find this many lines between two times, both included."""
        for place in [*self.places]:
            if missing > 0 and self._requests_left > 0 and (first is None or place >= first):
                missing -= self._add_late(self._asked(place, None, 0), place)
        while missing > 0 and self._requests_left > 0:
            at = self._before_missing(first, last)
            walk: KeysetWalk[wire.Line] = KeysetWalk(_time, None if at is None else _text(at))
            place: int | None = None
            while missing > 0 and self._requests_left > 0 and not walk.is_done:
                page = self._asked_text(walk.at, None, walk.offset)
                added = self._add_late(walk.take(page, self._page_size()), place)
                missing -= added
                if added:
                    place = self.places[0]
                elif page and page[0].timestamp != page[-1].timestamp:
                    break
            if walk.is_done:
                return
            first = None if walk.at is None else parse_micros(walk.at)

    def _before_missing(self, first: int | None, last: int) -> int | None:
        """Return a time shortly before the first missing line, and not after it; None: before every line."""
        times = self.held.table["timestamp"]
        bottom = 0 if first is None else self.held.position_at(first)
        low, high = bottom, self.held.position_at(last + 1)
        step = FIRST_STEP
        while high - step > low:
            position = self.held.position_at(times[high - step].value)
            if position <= low:
                break
            if not self._is_missing_before(first, bottom, position):
                low = position
                break
            high, step = position, step * STEP_GROWTH
        while high - low > MAX_BETWEEN:
            position = self.held.position_at(times[(low + high) // 2].value)
            if position <= low:  # many lines of one time
                position = self.held.position_at(times[(low + high) // 2].value + 1)
                if position >= high:
                    break
            if self._is_missing_before(first, bottom, position):
                high = position
            else:
                low = position
        return first if low == bottom else times[low].value

    def _is_missing_before(self, first: int | None, bottom: int, position: int) -> bool:
        """Return whether lines are missing that are earlier than the held one at `position`."""
        if self._requests_left <= 0:
            return False
        time = self.held.table["timestamp"][position].value
        return bool(self._asked(first, time - 1, position - bottom, size=1))

    def _asked(
        self, after: int | None, before: int | None, offset: int, size: int | None = None
    ) -> list[wire.Line]:
        start, end = (None if time is None else _text(time) for time in (after, before))
        return self._asked_text(start, end, offset, size)

    def _asked_text(
        self, after: str | None, before: str | None, offset: int, size: int | None = None
    ) -> list[wire.Line]:
        self._requests_left -= 1
        return self._page(after, before, offset, size)

    def _add(self, columns: LogColumns) -> LogColumns:
        """Hold the lines, and return those that are new."""
        fresh = columns.without(self.held)
        self.held = self.held.with_new(fresh)
        return fresh

    def _add_late(self, lines: Sequence[wire.Line], place: int | None) -> int:
        """Hold the lines, return how many are new, and move `place` to the newest of these."""
        fresh = self._add(_columns(lines))
        if len(fresh):
            newest = fresh.table["timestamp"][-1].value
            others = [one for one in self.places if one not in (place, newest)]
            self.places = [newest, *others][:MAX_PLACES]
        return len(fresh)


def _columns(lines: Sequence[wire.Line]) -> LogColumns:
    chunks = LogChunks()
    chunks.add(lines)
    return chunks.columns()


def _time(line: wire.Line) -> str:
    return line.timestamp


def _text(micros: int) -> str:
    return isoformat(from_micros(micros))
