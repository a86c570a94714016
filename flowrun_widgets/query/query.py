"""`Query`, a parsed filter text: its terms, and which lines match them."""

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
    """The terms of a filter text, in order. `str()` is the canonical text; queries with equal terms are equal.

    Times in the canonical text do not depend on a time zone or a day.
    """

    terms: tuple[Term, ...] = ()

    def __str__(self) -> str:
        return " ".join(map(str, self.terms))

    def __repr__(self) -> str:
        return f"Query({str(self)!r})"

    def __bool__(self) -> bool:
        """Return whether there is any term; without terms, every line matches."""
        return bool(self.terms)

    def mask(
        self,
        columns: LogColumns,
        *,
        attempts: pa.Array | pa.ChunkedArray | Mapping[str, Sequence[int]] | None = None,
    ) -> pa.BooleanArray:
        """Return for each line, in the order of the columns, whether it matches; never null.

        `attempts` is the attempt of each line, or a mapping from task run ids to the microseconds at which they began
        to run, oldest first; without it the attempt of every line is unknown.
        """
        from flowrun_widgets.query.match import mask

        return mask(self.terms, columns, attempts)
