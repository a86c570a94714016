"""`find_hits()`: the lines that match a filter text, searched block by block so that first results come early."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from flowrun_widgets.errors import InvalidArgument, QuerySyntaxError
from flowrun_widgets.lazy import lazy
from flowrun_widgets.query import Query, TimeRange, Value, parse
from flowrun_widgets.query.clock import Clock
from flowrun_widgets.report.wire import Bins

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from flowrun_widgets.report.log.lines import Lines

__all__ = ["Hits", "find_hits", "known_zone", "read"]

STEPS = 120
"""The number of bins of the histogram."""
MAX_TEXT_CHARS = 10_000
"""The largest length of a page's filter text, in characters."""
FIRST_BLOCK = 32_768
LARGEST_BLOCK = 262_144


@dataclass(frozen=True)
class Hits:
    """The lines that match a query, and those that match except for its times: ascending positions; None for all."""

    lines: Lines
    query: Query
    positions: NDArray[Any] | None
    untimed: NDArray[Any] | None

    @property
    def count(self) -> int:
        """How many lines match."""
        return len(self.lines) if self.positions is None else len(self.positions)

    @lazy
    def bins(self) -> Bins:
        """The lines that match except for their time, counted over the time of the whole log."""
        lines = self.lines
        edges = _edges(lines)
        cuts = np.searchsorted(lines.times, np.array(edges, np.int64))
        if self.untimed is None:
            every, errors, warnings = np.diff(cuts), lines.errors, lines.warnings
        else:
            every = _between(self.untimed, cuts)
            level = lines.levels[self.untimed]
            errors = self.untimed[level >= 40]
            warnings = self.untimed[(level >= 30) & (level < 40)]
        error, warning = _between(errors, cuts), _between(warnings, cuts)
        other = every - error - warning
        return Bins(tuple(edges), *(tuple(part.tolist()) for part in (other, warning, error)))


def known_zone(name: str) -> str:
    """Return a time zone; UTC if it is unknown on this machine."""
    try:
        return Clock(name).name
    except InvalidArgument:
        return "UTC"


def read(lines: Lines, text: str, zone: str) -> Query:
    """Return the query of a page's filter text; an unknown zone counts as UTC.

    Raises:
        QuerySyntaxError: the text cannot be parsed.
    """
    if isinstance(text, str) and len(text) > MAX_TEXT_CHARS:
        raise QuerySyntaxError(
            f"A filter can have at most {MAX_TEXT_CHARS:,} characters.", MAX_TEXT_CHARS
        )
    return parse(text, known_zone(zone), lines.first_day)


def find_hits(
    lines: Lines,
    query: Query,
    *,
    is_newest_first: bool = False,
    tell: Callable[[NDArray[Any], int, int], object] | None = None,
    check: Callable[[], object] = lambda: None,
) -> Hits:
    """Return the lines that match; the result is cached with the lines.

    `tell` is called after each block except the last, with the matches so far and the range of positions searched;
    `check` is called between the blocks and may raise to stop.
    """
    found = lines.hits.get(str(query))
    if found is not None:
        return found
    untimed_query = Query(tuple(term for term in query.terms if not isinstance(term, TimeRange)))
    in_time = None
    start, stop = 0, len(lines)
    if untimed_query != query:
        when = Query(tuple(term for term in query.terms if isinstance(term, TimeRange)))
        in_time = when.mask(lines.columns).to_numpy(zero_copy_only=False)
        inside = np.flatnonzero(in_time)
        start, stop = (int(inside[0]), int(inside[-1]) + 1) if len(inside) else (0, 0)
    if not untimed_query:
        positions = None if in_time is None else np.flatnonzero(in_time)
        return lines.hits.put(str(query), Hits(lines, query, positions, None))
    known = lines.hits.get(str(untimed_query))
    if known is not None and known.positions is not None:
        untimed = known.positions
    else:
        parts: dict[int, NDArray[Any]] = {}
        blocks = [*_blocks(start, stop, len(lines), is_newest_first)]
        for number, (first, last) in enumerate(blocks, 1):
            check()
            parts[first] = _fitting(lines, untimed_query, first, last)
            if tell is not None and number < len(blocks) and start <= first and last <= stop:
                seen = np.concatenate([parts[at] for at in sorted(parts)])
                # Nothing matches outside the requested time.
                since = first if is_newest_first and first > start else 0
                until = last if not is_newest_first and last < stop else len(lines)
                tell(seen if in_time is None else seen[in_time[seen]], since, until)
        check()
        untimed = np.concatenate([parts[at] for at in sorted(parts)] or [np.empty(0, np.int64)])
    if in_time is None:
        return lines.hits.put(str(query), Hits(lines, query, untimed, untimed))
    if known is None:
        lines.hits.put(str(untimed_query), Hits(lines, untimed_query, untimed, untimed))
    return lines.hits.put(str(query), Hits(lines, query, untimed[in_time[untimed]], untimed))


def _fitting(lines: Lines, query: Query, first: int, last: int) -> NDArray[Any]:
    asks = any(isinstance(term, Value) and term.key == "attempt" for term in query.terms)
    part = lines.columns.slice(first, last - first)
    mask = query.mask(part, attempts=lines.running if asks else None)
    return np.flatnonzero(mask.to_numpy(zero_copy_only=False)) + first


def _blocks(start: int, stop: int, total: int, is_newest_first: bool) -> Iterator[tuple[int, int]]:
    """Yield ranges of positions: first those from `start` to `stop`, growing from the end that is shown first."""
    size = FIRST_BLOCK
    done = 0
    while done < stop - start:
        size = min(size, stop - start - done)
        at = stop - done - size if is_newest_first else start + done
        yield at, at + size
        done += size
        size = min(size * 4, LARGEST_BLOCK)
    for first, last in ((0, start), (stop, total)):
        for at in range(first, last, LARGEST_BLOCK):
            yield at, min(at + LARGEST_BLOCK, last)


def _between(positions: NDArray[Any], cuts: NDArray[Any]) -> NDArray[Any]:
    return np.diff(np.searchsorted(positions, cuts))


def _edges(lines: Lines) -> list[int]:
    """Return the edges of the bins, which are equal on an axis without its idle stretches."""
    if not len(lines):
        return [0, 0]
    begin, end = int(lines.times[0]), int(lines.times[-1]) + 1
    folds: list[tuple[int, int]] = []
    """For each idle stretch, its place on the folded axis, and its length."""
    following, folded = begin, 0
    for first, last in sorted(lines.idle):
        first, last = max(first, following), min(last, end - 1)
        if last > first:
            folds.append((first - begin - folded, last - first))
            folded += last - first
            following = last
    span = end - begin - folded
    steps = min(STEPS, span)
    edges: list[int] = []
    for step in range(1, steps):
        at = step * span // steps
        edges.append(begin + at + sum(length for place, length in folds if place <= at))
    return [begin, *edges, end]
