"""`LogView`: the items that a query shows: lines, gaps and dividers, and their positions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from flowrun_widgets.lazy import lazy
from flowrun_widgets.query import suggest
from flowrun_widgets.report.log.attempt_dividers import Retries
from flowrun_widgets.report.log.items import ItemList
from flowrun_widgets.report.log.lines import repeating
from flowrun_widgets.report.log.matches import Hits, find_hits, read
from flowrun_widgets.report.log.rows import MAX_ITEMS, item_window
from flowrun_widgets.report.wire import LogQuery, LogWindow, Marks, Spot

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from numpy.typing import NDArray

    from flowrun_widgets.report.log.lines import Lines
    from flowrun_widgets.report.wire import What

__all__ = ["LogView", "log_view"]

CELLS = 200
"""The number of cells of the minimap beside the rows."""
MAX_CONTEXT = 1_000
MAX_OPENED = 1_000
NOWHERE = np.empty(0, np.int64)


@dataclass(frozen=True)
class LogView:
    """The items of a query. Immutable."""

    query: LogQuery
    hits: Hits
    items: ItemList
    repeats: NDArray[Any] | None = None
    """How many equal lines each shown line represents; None if only itself."""

    @property
    def lines(self) -> Lines:
        """The lines that were searched."""
        return self.hits.lines

    @property
    def shown(self) -> int:
        """How many lines are shown, including context."""
        return self.items.lines

    def positions_between(self, first: int, last: int) -> Sequence[int]:
        """Return the positions of the lines between two places, both included, in the order shown."""
        positions = self.items.between(first, last + 1).positions
        return positions[positions >= 0].tolist()

    def window(self, start: int, count: int) -> LogWindow:
        """Return at most 2,000 items from an index."""
        return item_window(
            self.lines.columns,
            self.items,
            start,
            count,
            hits=self._hit_heads,
            repeats=self.repeats,
            numbered=self.lines.numbered,
        )

    def place_of(self, seq: int | None) -> int | None:
        """Return the index of a line, or of the shown line nearest to it."""
        position = None if seq is None else self.lines.position_of(seq)
        return None if position is None else self.items.place_of(position)

    def first_hit(self, seq: int | None) -> Spot | None:
        """Return the first hit at or after a line, else the first of all; None if there is none."""
        return self._next_hit(seq, 1, includes=True) if self.hits.count else None

    def find(self, what: What, at: int | None, step: int, pins: Collection[int] = ()) -> Spot:
        """Return where the next one is; see `find` in `wire.ts`. `pins` are the arrival numbers of pinned lines."""
        if what in {"line", "time"}:
            return self._nearest(what, at)
        if what == "hit":
            return self._next_hit(at, step)
        kind = self._shown_errors() if what == "error" else self._shown_pins(pins)
        return self._next(kind, at, step)

    def _next_hit(self, at: int | None, step: int, *, includes: bool = False) -> Spot:
        heads = self._hit_heads
        spot = self._next(self._all() if heads is None else heads, at, step, includes=includes)
        if self.repeats is None or spot.seq is None:
            return spot
        hits = self.hits.positions
        if hits is None:
            hits = np.arange(len(self.lines))
        head = self.lines.position_of(spot.seq)
        assert head is not None
        side = "right" if self.query.is_newest_first else "left"
        number = int(np.searchsorted(self._heads_of(hits), head, side))
        nth = len(hits) - number + 1 if self.query.is_newest_first else number + 1
        return Spot(spot.place, spot.seq, nth)

    @lazy
    def _hit_heads(self) -> NDArray[Any] | None:
        """Return the shown lines that match, or represent one that does; None for all."""
        hits = self.hits.positions
        if self.repeats is None:
            return hits
        return self.items.shown if hits is None else np.unique(self._heads_of(hits))

    def _heads_of(self, positions: NDArray[Any]) -> NDArray[Any]:
        """Return the lines that represent those at ascending positions."""
        shown = self.items.shown
        if shown is None or self.repeats is None:
            return positions
        return shown[np.searchsorted(shown, positions, "right") - 1]

    def _next(
        self,
        positions: range | NDArray[Any],
        at: int | None,
        step: int,
        *,
        includes: bool = False,
    ) -> Spot:
        count = len(positions)
        if not count:
            return Spot()
        is_later = (step > 0) != self.query.is_newest_first
        origin = None if at is None else self.lines.position_of(at)
        if origin is None:
            number = 0 if is_later else count - 1
        elif is_later:
            number = _index(positions, origin + (not includes)) % count
        else:
            number = (_index(positions, origin + includes) - 1) % count
        nth = count - number if self.query.is_newest_first else number + 1
        return self._spot(int(positions[number]), nth)

    @lazy
    def marks(self) -> Marks:
        """Return where errors, warnings and hits are; hits only if other lines are shown as well."""
        lines, shown = self.lines, self.items.shown
        if shown is None:
            errors, warnings = lines.errors, lines.warnings
        else:
            level = lines.levels[shown]
            errors = np.flatnonzero(level >= 40)
            warnings = np.flatnonzero((level >= 30) & (level < 40))
        hits = self._hit_heads
        if hits is None or len(hits) == self.shown:
            hits = NOWHERE
        elif shown is not None:
            hits = np.searchsorted(shown, hits)
        return Marks(*(self._cells(kind) for kind in (errors, warnings, hits)))

    @lazy
    def advice(self) -> str | None:
        """Return why nothing matches, if that is known."""
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
        nth = len(hits) - number if self.query.is_newest_first else number + 1
        return self._spot(position, nth if is_hit else None)

    def _spot(self, position: int, nth: int | None) -> Spot:
        shown = self.items.shown
        index = position if shown is None else int(np.searchsorted(shown, position))
        return Spot(self.items.place_at(index), int(self.lines.seqs[position]), nth)

    def _all(self) -> range | NDArray[Any]:
        positions = self.hits.positions
        return range(len(self.lines)) if positions is None else positions

    def _shown_errors(self) -> NDArray[Any]:
        shown = self.items.shown
        return self.lines.errors if shown is None else shown[self.lines.levels[shown] >= 40]

    def _shown_pins(self, pins: Collection[int]) -> NDArray[Any]:
        found = {position for seq in pins if (position := self.lines.position_of(seq)) is not None}
        positions = np.array(sorted(found), np.int64)
        shown = _shown(self.lines, self.query, self.hits.positions, 0, len(self.lines))
        if shown is not None:
            positions = positions[np.isin(positions, shown)]
        return np.unique(self._heads_of(positions))

    def _cells(self, indices: NDArray[Any]) -> tuple[int, ...]:
        """Return the minimap cells of some shown lines, counted by time."""
        total = len(self.items)
        if not total or not len(indices):
            return ()
        bounds = -(-np.arange(CELLS + 1) * total // CELLS)
        if self.query.is_newest_first:
            bounds = (total - bounds)[::-1]
        counts = np.diff(np.searchsorted(indices, self.items.lines_before(bounds)))
        marked = np.flatnonzero(counts)
        if self.query.is_newest_first:
            marked = CELLS - 1 - marked[::-1]
        return tuple(marked.tolist())


def log_view(
    lines: Lines,
    query: LogQuery,
    *,
    count: int = 0,
    tell: Callable[[LogWindow], object] | None = None,
    check: Callable[[], object] = lambda: None,
) -> LogView:
    """Return the view of a query; the most recent ones are cached with the lines.

    `tell` is called with the first `count` items if they are found before all lines are searched. `check` is called
    between the stages and may raise to stop.

    Raises:
        QuerySyntaxError: the text cannot be parsed.
    """
    found = lines.views.get(query)
    if found is not None:
        return found
    parsed = read(lines, query.text, query.zone)
    is_early = tell and count > 0 and query.lines != "all" and not query.folds_repeats
    early = _Early(lines, query, min(count, MAX_ITEMS), tell) if is_early and tell else None
    hits = find_hits(
        lines,
        parsed,
        is_newest_first=query.is_newest_first,
        tell=early.hear if early else None,
        check=check,
    )
    shown = _shown(lines, query, hits.positions, 0, len(lines))
    check()
    repeats = None
    if query.folds_repeats:
        shown, repeats = _folded(lines, shown, keeps_gaps=query.lines == "context")
    items = _items(lines, query, shown, lines.retries, repeats)
    return lines.views.put(query, LogView(query, hits, items, repeats))


def _folded(
    lines: Lines, shown: NDArray[Any] | None, *, keeps_gaps: bool
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the first of consecutive equal lines, and their counts; hidden lines in between may end a sequence."""
    table = lines.columns.table
    if shown is not None:
        table = table.take(shown)
    is_head = np.ones(len(table), bool)
    if len(table) > 1:
        is_head[repeating(table, np.arange(1, len(table)))] = False
    if keeps_gaps and shown is not None:
        is_head[1:] |= np.diff(shown) > 1
    heads = np.flatnonzero(is_head)
    sizes = np.diff(heads, append=len(table))
    return heads if shown is None else shown[heads], sizes


class _Early:
    """The first items of a query, sent once they are certain."""

    def __init__(
        self, lines: Lines, query: LogQuery, count: int, tell: Callable[[LogWindow], object]
    ) -> None:
        self._lines, self._query, self._count = lines, query, count
        self._tell = tell
        self._is_told = False

    def hear(self, hits: NDArray[Any], start: int, stop: int) -> None:
        """Send the items at the end that is shown first, if there are enough between `start` and `stop`."""
        lines, query = self._lines, self._query
        if self._is_told:
            return
        is_whole = stop - start == len(lines)
        # Lines near the searched boundary may still become context of a later hit.
        margin = _context(query)
        if query.is_newest_first:
            start = start + margin if start else 0
        elif stop < len(lines):
            stop -= margin
        shown = _shown(lines, query, hits, start, stop)
        assert shown is not None
        retries = lines.retries
        if query.is_newest_first and start:
            retries, cut = self._certain(shown, start)
            shown = shown[shown > cut]
        items = _items(lines, query, shown, retries)
        # The last item may be a gap that extends further.
        if len(items) + is_whole > self._count:
            self._is_told = True
            window = item_window(
                lines.columns,
                items,
                0,
                self._count,
                hits=hits,
                numbered=lines.numbered,
                is_counted=False,
            )
            self._tell(window)

    def _certain(self, shown: NDArray[Any], start: int) -> tuple[Retries, int]:
        """Return the attempts that have no lines before `start`, and the last first line of the others.

        The positions of the others' dividers are not known yet.
        """
        retries = self._lines.retries
        is_older = np.zeros(len(retries.dividers), bool)
        is_older[retries.numbers[retries.positions < start]] = True
        firsts, numbers = retries.first_of(shown)
        unsure = firsts[is_older[numbers]]
        kept = ~is_older[retries.numbers]
        certain = Retries(retries.positions[kept], retries.numbers[kept], retries.dividers)
        return certain, int(unsure[-1]) if len(unsure) else -1


def _items(
    lines: Lines,
    query: LogQuery,
    shown: NDArray[Any] | None,
    retries: Retries,
    repeats: NDArray[Any] | None = None,
) -> ItemList:
    return ItemList(
        len(lines),
        shown,
        retries,
        has_gaps=query.lines == "context",
        is_newest_first=query.is_newest_first,
        missing_before=lines.missing_before,
        sizes=repeats,
    )


def _context(query: LogQuery) -> int:
    return max(0, min(query.context, MAX_CONTEXT)) if query.lines == "context" else 0


def _shown(
    lines: Lines, query: LogQuery, hits: NDArray[Any] | None, start: int, stop: int
) -> NDArray[Any] | None:
    """Return the ascending positions of the lines shown from `start` up to `stop`; None for all of them."""
    if hits is None or query.lines == "all":
        return None
    around = _context(query)
    opened = np.array([*_opened(lines, query)], np.int64).reshape(-1, 2)
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


def _opened(lines: Lines, query: LogQuery) -> Iterator[tuple[int, int]]:
    """Yield the ranges of positions that the reader opened; counts are in the order shown."""
    for seq, count in query.opened[:MAX_OPENED]:
        position = lines.position_of(seq)
        if position is None or not count:
            continue
        count = max(-len(lines), min(count, len(lines)))
        if (count > 0) != query.is_newest_first:
            yield position, min(position + abs(count), len(lines))
        else:
            yield max(0, position - abs(count) + 1), position + 1


def _index(positions: range | NDArray[Any], position: int) -> int:
    """Return how many of the ascending positions are before `position`."""
    if isinstance(positions, range):
        return max(0, min(position, len(positions)))
    return int(np.searchsorted(positions, position))
