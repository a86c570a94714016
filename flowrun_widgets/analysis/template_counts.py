"""Counting the templates of a log that is read part by part: each part is counted, and the counts are added up.

The result is that of `analysis.templates` over all lines at once, as long as the log has at most `MAX_KEYS` distinct
masked texts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from flowrun_widgets.analysis.templates import (
    Template,
    keyed,
    merged_keys,
    merged_words,
    written,
)
from flowrun_widgets.arrow import pc

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowrun_widgets.log_columns import LogColumns

__all__ = ["MAX_EXAMPLE_CHARS", "TemplateCounts", "counted"]

MAX_KEYS = 100_000
"""How many distinct masked texts are held."""
MAX_EXAMPLE_CHARS = 10_000
PENDING = 16
"""So many parts are added at once."""
LEFT_FOR_PART = 32
"""Bits of a position that count lines within a part; the others count parts."""
SUMS = [
    ("count", "sum"), ("position", "min"), ("first_at", "min"), ("last_at", "max"), ("level", "max"), ("example", "first"),
]  # fmt: skip
NAMES = ["key", *(name for name, _ in SUMS)]


def counted(columns: LogColumns, part: int) -> pa.Table:
    """Return the masked texts of some lines, a row each, in order of appearance: what `TemplateCounts.add` takes.

    `part` is the number of these lines among all parts.
    """
    table = columns.table
    keys, codes = keyed(table["message"])
    lines = pa.table(
        {
            "key": codes,
            "count": np.ones(len(codes), np.int64),
            "position": np.arange(len(codes)) + (part << LEFT_FOR_PART),
            "first_at": table["timestamp"].cast(pa.int64()),
            "last_at": table["timestamp"].cast(pa.int64()),
            "level": table["level"],
        }
    )
    found = lines.group_by("key").aggregate(SUMS[:-1]).sort_by("position_min")
    firsts = pc.subtract(found["position_min"], part << LEFT_FOR_PART)
    examples = pc.utf8_slice_codeunits(table["message"].take(firsts), 0, MAX_EXAMPLE_CHARS)
    return pa.table(
        [
            keys.take(found["key"].combine_chunks()),
            *(found[f"{name}_{how}"] for name, how in SUMS[:-1]),
            pc.fill_null(examples.cast(pa.large_string()), ""),
        ],
        NAMES,
    )


class TemplateCounts:
    """The sum of the counts of parts, which are added in their order. Holds at most about `MAX_KEYS` texts."""

    def __init__(self) -> None:
        self.left_out = 0
        """How many lines had rare texts that were no longer held; counts may be too small by so many."""
        self._sum: pa.Table | None = None
        self._pending: list[pa.Table] = []

    def add(self, part: pa.Table) -> None:
        """Add what `counted` returned."""
        self._pending.append(part)
        if len(self._pending) >= PENDING:
            self._add_up()

    def templates(self, most: int) -> tuple[Template, ...]:
        """Return the `most` frequent templates, the most frequent first, else in order of appearance."""
        self._add_up()
        if self._sum is None or not len(self._sum):
            return ()
        found = _merged(_merged(self._sum, merged_keys), merged_words)
        order = [("count", "descending"), ("position", "ascending")]
        found = found.take(pc.select_k_unstable(found, k=min(most, len(found)), sort_keys=order))
        return tuple(
            Template(
                written(row["key"]),
                row["count"],
                row["first_at"],
                row["last_at"],
                row["level"],
                row["example"],
            )
            for row in found.to_pylist()
        )

    def _add_up(self) -> None:
        if not self._pending:
            return
        before = [] if self._sum is None else [self._sum]
        found = _summed(pa.concat_tables([*before, *self._pending]))
        self._pending = []
        if len(found) > MAX_KEYS:
            found = _merged(found, merged_keys)
        if len(found) > MAX_KEYS:
            order = [("count", "descending"), ("position", "ascending")]
            every = pc.sum(found["count"]).as_py()
            kept = pc.select_k_unstable(found, k=MAX_KEYS // 2, sort_keys=order)
            found = found.take(kept).sort_by("position")
            self.left_out += every - pc.sum(found["count"]).as_py()
        self._sum = found


def _merged(table: pa.Table, merge: Callable[[pa.Array], tuple[pa.Array, np.ndarray]]) -> pa.Table:
    """Return the counts of texts after merging those that templates do not tell apart."""
    keys, places = merge(table["key"].combine_chunks())
    return _summed(table.set_column(0, "key", keys.take(pa.array(places))))


def _summed(table: pa.Table) -> pa.Table:
    """Return one row for each key; rows are in order of appearance, before and after."""
    found = table.group_by("key", use_threads=False).aggregate(SUMS)
    names = ["key", *(f"{name}_{how}" for name, how in SUMS)]
    return found.select(names).rename_columns(NAMES).sort_by("position")
