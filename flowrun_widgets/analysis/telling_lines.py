"""`telling_lines()`: the few lines of a log that a reader needs, the most important first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from flowrun_widgets.analysis.templates import template_ids
from flowrun_widgets.arrow import pc, true_positions
from flowrun_widgets.log_columns import LogColumns

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from flowrun_widgets.analysis.digest import Digest

__all__ = ["evidence_position", "telling_lines"]

ERROR, WARNING = 40, 30
MAX_LINES = 24
"""How many lines are chosen by default."""
MAX_REPEATS, MAX_SINGLE, MAX_ENDS = 3, 3, 2
"""How many lines with the same words are chosen, of patterns that occur once, and at each end of the log."""
MAX_GROUPED = 20_000
"""Of how many warnings and errors, those nearest to the failure, the patterns are compared."""
MAX_NEAR = 2_000
"""Among how many lines before the failure other lines of rare patterns are looked for."""
RARE = 2
"""A pattern of warnings and errors is rare if at most so many lines have it."""
LEAST_WORDS = 8
"""A shorter error is not looked for in other lines."""


def evidence_position(found: Digest | None, *, is_own: bool) -> int | None:
    """Return the position of the line that reports the failure: in the run's own log, or in that of its sub-flow run."""
    if found is None:
        return None
    if is_own:
        return found.position
    return found.tail[-1] if found.tail else None


def telling_lines(
    found: Digest | None, logs: LogColumns, *, is_own: bool = True, most: int = MAX_LINES
) -> tuple[int, ...]:
    """Return the positions of at most `most` lines, the most important first.

    The line that reports the failure; lines of any level with the same words; the lines of the task just before it; the
    warnings and errors just before it; warnings and errors whose pattern is rare; the first and last errors; lines of
    any level, shortly before it, whose pattern occurs once; both ends of the log. Without a failure, what comes before
    the end of the log counts. `found` is the digest, `is_own` says that `logs` is the run's own log and not that of the
    sub-flow run in which it failed. The cost is bounded: some tenths of a second for a million lines.
    """
    total = len(logs)
    if not total:
        return ()
    position = evidence_position(found, is_own=is_own)
    end = total if position is None else position
    level = pc.fill_null(logs.table["level"], 0).to_numpy()
    grave = np.flatnonzero(level >= WARNING)
    errors = np.flatnonzero(level >= ERROR)
    chosen: dict[int, None] = {} if position is None else {position: None}
    few = max(1, most // 12)

    def choose(positions: Iterable[int]) -> None:
        chosen.update(dict.fromkeys(map(int, positions)))

    if found is not None:
        choose(_nearest(_repeating(found, logs), end)[:MAX_REPEATS])
        if is_own is (found.logs is None):
            choose([at for at in found.tail if at != position][-2 * few :])
    choose(grave[: _before(grave, end)][-2 * few :])
    choose(_nearest(_rare(logs, _around(grave, end, MAX_GROUPED)), end)[: 3 * few])
    choose([*errors[:few], *errors[-few:]])
    choose(_single(logs, max(0, end - MAX_NEAR), end)[-MAX_SINGLE:])
    choose([*range(total - min(total, MAX_ENDS), total), *range(min(total, MAX_ENDS))])
    return tuple(chosen)[:most]


def _repeating(found: Digest, logs: LogColumns) -> NDArray[np.int64]:
    """Return the lines that contain the first line of the error, or of its root cause."""
    errors = [found.error, *(cause.error for cause in found.causes[:1])]
    flags = None
    for error in errors:
        words = next(iter(error.strip().splitlines()), "").strip()
        if len(words) >= LEAST_WORDS:
            own = pc.match_substring(logs.table["message"], words)
            flags = own if flags is None else pc.or_kleene(flags, own)
    if flags is None:
        return np.empty(0, np.int64)
    return true_positions(flags).to_numpy().astype(np.int64)


def _rare(logs: LogColumns, positions: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return those of some lines whose pattern few of them have."""
    if not len(positions):
        return positions
    codes = template_ids(LogColumns(logs.table.take(pa.array(positions)))).codes
    return positions[np.bincount(codes)[codes] <= RARE]


def _single(logs: LogColumns, start: int, end: int) -> NDArray[np.int64]:
    """Return the lines from `start` to `end` whose pattern no other of them has."""
    codes = template_ids(logs.slice(start, end - start)).codes
    if not len(codes):
        return np.empty(0, np.int64)
    return np.flatnonzero(np.bincount(codes)[codes] == 1) + start


def _before(positions: NDArray[np.int64], end: int) -> int:
    return int(np.searchsorted(positions, end))


def _around(positions: NDArray[np.int64], end: int, most: int) -> NDArray[np.int64]:
    """Return the `most` positions around `end`."""
    start = max(0, min(_before(positions, end) - most // 2, len(positions) - most))
    return positions[start : start + most]


def _nearest(positions: NDArray[np.int64], end: int) -> NDArray[np.int64]:
    """Return positions in order of their distance from `end`, earlier ones first."""
    distance = np.where(positions <= end, end - positions, 2 * (positions - end))
    return positions[np.argsort(distance, kind="stable")]
