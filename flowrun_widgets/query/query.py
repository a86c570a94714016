"""A filter text that was read: its terms, and which lines they fit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

    from flowrun_widgets.log_columns import LogColumns
    from flowrun_widgets.query.terms import Term

__all__ = ["Query"]


@dataclass(frozen=True, slots=True, repr=False)
class Query:
    """The terms of a filter text, in its order. `str()` is the canonical text; two with equal terms are equal.

    The canonical text holds no time that a time zone or a day would change.
    """

    terms: tuple[Term, ...] = ()

    def __str__(self) -> str:
        return " ".join(map(str, self.terms))

    def __repr__(self) -> str:
        return f"Query({str(self)!r})"

    def __bool__(self) -> bool:
        """Return whether there is any term; without one, every line fits."""
        return bool(self.terms)

    def mask(
        self,
        columns: LogColumns,
        *,
        attempts: pa.Array | pa.ChunkedArray | Mapping[str, Sequence[int]] | None = None,
    ) -> pa.BooleanArray:
        """Return for each line, in the columns' order, whether it fits; never null.

        `attempts` are the attempt of each line, or for each task run id the microseconds at which it began to run,
        oldest first; without them the attempt of every line is unknown.
        """
        from flowrun_widgets.query.match import mask

        return mask(self.terms, columns, attempts)
