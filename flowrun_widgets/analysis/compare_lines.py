"""`template_differences()`: patterns of lines that only one of two logs has, or has much more often."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from flowrun_widgets.analysis.templates import WORD_MARK, grouped, masked, written
from flowrun_widgets.arrow import pc
from flowrun_widgets.log_columns import LogColumns

__all__ = ["MAX_DIFFERENCES", "TemplateDifference", "template_differences", "without_names"]

MAX_DIFFERENCES = 1_000
TIMES = 2
"""A pattern counts as much more frequent from this ratio on."""
LEAST = 10
"""The smallest difference in lines that counts, unless they are warnings or more severe."""
WARNING = 30
CHANGES = ("new", "gone", "more", "fewer")


@dataclass(frozen=True, slots=True)
class TemplateDifference:
    """Lines of one pattern: their counts in the run and in the baseline, the most severe level, one message.

    `example` and `first_at` (microseconds) are of its first line in the run; for a pattern that is gone, in the
    baseline.
    """

    pattern: str
    change: Literal["new", "gone", "more", "fewer"]
    count: int
    baseline_count: int
    level: int | None
    first_at: int
    example: str


def template_differences(
    run: LogColumns, baseline: LogColumns, names: tuple[str | None, str | None] = (None, None)
) -> tuple[TemplateDifference, ...]:
    """Return patterns that are new, gone, or much more or less frequent, at most 1,000, the most severe level first.

    Within a level, new patterns come first, then those that are gone, then the largest differences. "Much" means twice
    as many lines, and ten more unless they are warnings or more severe. `names` are the names of the two runs, which
    patterns treat as equal.
    """
    columns = ["timestamp", "level", "message"]
    table = pa.concat_tables([run.table.select(columns), baseline.table.select(columns)])
    if not len(table):
        return ()
    keys, codes = without_names(*grouped(table["message"]), names)
    positions = np.arange(len(codes))
    groups = pa.table(
        {
            "code": codes,
            "position": positions,
            "in_run": positions < len(run),
            "level": table["level"],
        }
    ).group_by("code")
    found = groups.aggregate(
        [("in_run", "sum"), ("code", "count"), ("position", "min"), ("level", "max")]
    )
    mine = found["in_run_sum"].cast(pa.int64()).to_numpy()
    theirs = found["code_count"].to_numpy() - mine
    level = pc.fill_null(found["level_max"], -1).to_numpy()
    change = _changes(mine, theirs, level)
    order = np.lexsort((found["position_min"].to_numpy(), -abs(mine - theirs), change, -level))
    chosen = order[change[order] < len(CHANGES)][:MAX_DIFFERENCES]
    first = found["position_min"].take(chosen)
    rows = zip(
        chosen.tolist(),
        keys.take(found["code"].take(chosen).combine_chunks()).to_pylist(),
        table["timestamp"].take(first).cast(pa.int64()).to_pylist(),
        table["message"].take(first).to_pylist(),
        strict=True,
    )
    return tuple(
        TemplateDifference(
            written(key),
            CHANGES[change[place]],
            int(mine[place]),
            int(theirs[place]),
            None if level[place] < 0 else int(level[place]),
            at,
            message or "",
        )
        for place, key, at, message in rows
    )


def _changes(
    mine: NDArray[np.int64], theirs: NDArray[np.int64], level: NDArray[np.int16]
) -> NDArray[np.int64]:
    """Return the index in `CHANGES` of each pattern; beyond its end if the pattern did not change enough."""
    few, many = np.minimum(mine, theirs), np.maximum(mine, theirs)
    much = (many >= TIMES * few) & ((many - few >= LEAST) | (level >= WARNING)) & (many > few)
    return np.select([theirs == 0, mine == 0, much & (mine > theirs), much], range(4), len(CHANGES))


def without_names(
    keys: pa.Array, codes: np.ndarray, names: Collection[str | None]
) -> tuple[pa.Array, np.ndarray]:
    """Return keys and codes in which the names of the runs, if they differ, are replaced by the same word."""
    if None in names or len({*names}) < 2:
        return keys, codes
    known, _ = masked(pa.chunked_array([pa.array(names, pa.large_string())]))
    words = "|".join(sorted(map(re.escape, filter(None, known.to_pylist())), key=len, reverse=True))
    if not words:
        return keys, codes
    named = pc.replace_substring_regex(
        keys, rf"(^|[\s'\"])(?:{words})($|[\s'\".,:;])", rf"\1{WORD_MARK}\2"
    ).dictionary_encode()
    return named.dictionary, named.indices.to_numpy()[codes]
