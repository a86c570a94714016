"""What a look at the log has: which lines are shown, what stands between them, and where to find one of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from flowrun_widgets.card.hits import Hits, find_hits, read
from flowrun_widgets.card.item_list import ItemList
from flowrun_widgets.card.log_rows import MOST_ITEMS, item_window
from flowrun_widgets.card.retries import Retries
from flowrun_widgets.card.wire import LogWindow, Look, Marks
from flowrun_widgets.query import suggest

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from numpy.typing import NDArray

    from flowrun_widgets.card.lines import Lines
    from flowrun_widgets.card.protocol import What

__all__ = ["Seen", "Spot", "see"]

CELLS = 200
"""How many places the strip beside the rows has."""
MOST_CONTEXT = 1_000
MOST_OPENED = 1_000
NOWHERE = np.empty(0, np.int64)


class Spot(NamedTuple):
    """A place among the items, the arrival number of its line, and the how manieth of its kind it is."""

    place: int | None = None
    seq: int | None = None
    nth: int | None = None


@dataclass(frozen=True)
class Seen:
    """The items of a look; immutable, whatever is asked of it."""

    look: Look
    hits: Hits
    items: ItemList

    @property
    def lines(self) -> Lines:
        """The lines that were looked at."""
        return self.hits.lines

    @property
    def shown(self) -> int:
        """How many lines are shown, context included."""
        return self.items.lines

    def window(self, start: int, count: int) -> LogWindow:
        """Return at most 2,000 items from a place on."""
        return item_window(self.lines.columns, self.items, start, count, hits=self.hits.positions)

    def place_of(self, seq: int | None) -> int | None:
        """Return the place of a line, or of the shown line nearest to it."""
        position = None if seq is None else self.lines.position_of(seq)
        return None if position is None else self.items.place_of(position)

    def find(self, what: What, at: int | None, step: int, pins: Collection[int] = ()) -> Spot:
        """Return where the next one is; see `Find` in `wire.ts`. `pins` are the arrival numbers of pinned lines."""
        if what in {"line", "time"}:
            return self._nearest(what, at)
        kind = self._all() if what == "hit" else self._shown_errors() if what == "error" else None
        positions = self._shown_pins(pins) if kind is None else kind
        count = len(positions)
        if not count:
            return Spot()
        is_later = (step > 0) != self.look.is_newest_first
        origin = None if at is None else self.lines.position_of(at)
        if origin is None:
            number = 0 if is_later else count - 1
        elif is_later:
            number = _index(positions, origin + 1) % count
        else:
            number = (_index(positions, origin) - 1) % count
        nth = count - number if self.look.is_newest_first else number + 1
        return self._spot(int(positions[number]), nth)

    @cached_property
    def marks(self) -> Marks:
        """Where errors, warnings and hits are; hits only where other lines are shown as well."""
        lines, shown = self.lines, self.items.shown
        if shown is None:
            errors, warnings = lines.errors, lines.warnings
        else:
            level = lines.levels[shown]
            errors = np.flatnonzero(level >= 40)
            warnings = np.flatnonzero((level >= 30) & (level < 40))
        hits = self.hits.positions
        if hits is None or len(hits) == self.shown:
            hits = NOWHERE
        elif shown is not None:
            hits = np.searchsorted(shown, hits)
        return Marks(*(self._cells(kind) for kind in (errors, warnings, hits)))

    @cached_property
    def advice(self) -> str | None:
        """Why nothing fits, if that can be said."""
        return None if self.hits.count else suggest(self.hits.query, self.lines.columns)

    def _nearest(self, what: What, at: int | None) -> Spot:
        if at is None or not self.shown:
            return Spot()
        position = self.lines.position_of(at) if what == "line" else self.lines.first_from(at)
        index = None if position is None else self.items.nearest(position)
        if index is None:
            return Spot()
        shown = self.items.shown
        position = index if shown is None else int(shown[index])
        hits = self._all()
        number = _index(hits, position)
        is_hit = number < len(hits) and hits[number] == position
        nth = len(hits) - number if self.look.is_newest_first else number + 1
        return self._spot(position, nth if is_hit else None)

    def _spot(self, position: int, nth: int | None) -> Spot:
        return Spot(self.items.place_of(position), int(self.lines.seqs[position]), nth)

    def _all(self) -> range | NDArray[Any]:
        positions = self.hits.positions
        return range(len(self.lines)) if positions is None else positions

    def _shown_errors(self) -> NDArray[Any]:
        shown = self.items.shown
        return self.lines.errors if shown is None else shown[self.lines.levels[shown] >= 40]

    def _shown_pins(self, pins: Collection[int]) -> NDArray[Any]:
        found = {position for seq in pins if (position := self.lines.position_of(seq)) is not None}
        positions = np.array(sorted(found), np.int64)
        shown = self.items.shown
        return positions if shown is None else positions[np.isin(positions, shown)]

    def _cells(self, indices: NDArray[Any]) -> tuple[int, ...]:
        """Return the places on the strip of some shown lines, counted by time."""
        total = len(self.items)
        if not total or not len(indices):
            return ()
        bounds = -(-np.arange(CELLS + 1) * total // CELLS)
        if self.look.is_newest_first:
            bounds = (total - bounds)[::-1]
        counts = np.diff(np.searchsorted(indices, self.items.lines_before(bounds)))
        marked = np.flatnonzero(counts)
        if self.look.is_newest_first:
            marked = CELLS - 1 - marked[::-1]
        return tuple(marked.tolist())


def see(
    lines: Lines,
    look: Look,
    *,
    count: int = 0,
    tell: Callable[[LogWindow], object] | None = None,
    check: Callable[[], object] = lambda: None,
) -> Seen:
    """Return what a look has; the looks of late are kept with the lines.

    `tell` gets the first `count` items if they are found before all lines are read. `check` is called between the
    stages and may raise to end it.

    Raises:
        QuerySyntaxError: the text cannot be read.
    """
    found = lines.looks.get(look)
    if found is not None:
        return found
    query = read(lines, look.text, look.zone)
    early = _Early(lines, look, min(count, MOST_ITEMS), tell) if tell and count > 0 else None
    hits = find_hits(
        lines,
        query,
        is_newest_first=look.is_newest_first,
        tell=early.hear if early else None,
        check=check,
    )
    shown = _shown(lines, look, hits.positions, 0, len(lines))
    check()
    return lines.looks.put(look, Seen(look, hits, _items(lines, look, shown, lines.retries)))


class _Early:
    """The first items of a look, told once they are certain."""

    def __init__(
        self, lines: Lines, look: Look, count: int, tell: Callable[[LogWindow], object]
    ) -> None:
        self._lines, self._look, self._count = lines, look, count
        self._tell = tell
        self._is_told = False

    def hear(self, hits: NDArray[Any], start: int, stop: int) -> None:
        """Tell the items at the end that is shown first, if there are enough between `start` and `stop`."""
        lines, look = self._lines, self._look
        if self._is_told:
            return
        is_whole = stop - start == len(lines)
        # Lines close to where reading has come to may yet be context of a hit beyond.
        margin = _context(look) or 0
        if look.is_newest_first:
            start = start + margin if start else 0
        elif stop < len(lines):
            stop -= margin
        shown = _shown(lines, look, hits, start, stop)
        assert shown is not None
        retries = lines.retries
        if look.is_newest_first and start:
            retries, cut = self._certain(shown, start)
            shown = shown[shown > cut]
        items = _items(lines, look, shown, retries)
        # The last item may be a gap that reaches beyond.
        if len(items) + is_whole > self._count:
            self._is_told = True
            self._tell(
                item_window(lines.columns, items, 0, self._count, hits=hits, is_counted=False)
            )

    def _certain(self, shown: NDArray[Any], start: int) -> tuple[Retries, int]:
        """Return the attempts without those that have lines before `start`, and the last line that is the first of such.

        Above which line their dividers stand is not known yet.
        """
        retries = self._lines.retries
        is_older = np.zeros(len(retries.dividers), bool)
        is_older[retries.numbers[retries.positions < start]] = True
        firsts, numbers = retries.first_of(shown)
        unsure = firsts[is_older[numbers]]
        kept = ~is_older[retries.numbers]
        certain = Retries(retries.positions[kept], retries.numbers[kept], retries.dividers)
        return certain, int(unsure[-1]) if len(unsure) else -1


def _items(lines: Lines, look: Look, shown: NDArray[Any] | None, retries: Retries) -> ItemList:
    return ItemList(
        len(lines),
        shown,
        retries,
        has_gaps=look.context is not None,
        is_newest_first=look.is_newest_first,
    )


def _context(look: Look) -> int | None:
    return None if look.context is None else max(0, min(look.context, MOST_CONTEXT))


def _shown(
    lines: Lines, look: Look, hits: NDArray[Any] | None, start: int, stop: int
) -> NDArray[Any] | None:
    """Return the ascending positions of the lines shown from `start` up to `stop`; None: all of them."""
    if hits is None:
        return None
    around = _context(look) or 0
    opened = np.array([*_opened(lines, look)], np.int64).reshape(-1, 2)
    if not around and not len(opened):
        return hits[np.searchsorted(hits, start) : np.searchsorted(hits, stop)]
    begins = np.concatenate((hits - around, opened[:, 0]))
    ends = np.concatenate((hits + around + 1, opened[:, 1]))
    if len(opened):
        order = np.argsort(begins, kind="stable")
        begins, ends = begins[order], np.maximum.accumulate(ends[order])
    begins, ends = np.clip(begins, start, stop), np.clip(ends, start, stop)
    if not len(begins):
        return NOWHERE
    is_new = np.concatenate(([True], begins[1:] > ends[:-1]))
    begins, ends = begins[is_new], ends[np.concatenate((is_new[1:], [True]))]
    sizes = ends - begins
    offsets = np.cumsum(sizes) - sizes
    return np.repeat(begins - offsets, sizes) + np.arange(int(sizes.sum()))


def _opened(lines: Lines, look: Look) -> Iterator[tuple[int, int]]:
    """Yield from which position to which the reader opened hidden lines; counts go in the order shown."""
    for seq, count in look.opened[:MOST_OPENED]:
        position = lines.position_of(seq)
        if position is None or not count:
            continue
        count = max(-len(lines), min(count, len(lines)))
        if (count > 0) != look.is_newest_first:
            yield position, min(position + abs(count), len(lines))
        else:
            yield max(0, position - abs(count) + 1), position + 1


def _index(positions: range | NDArray[Any], position: int) -> int:
    """Return how many of the ascending positions are before one."""
    if isinstance(positions, range):
        return max(0, min(position, len(positions)))
    return int(np.searchsorted(positions, position))
