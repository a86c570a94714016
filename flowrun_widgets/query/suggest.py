"""Suggests the most similar name for a name that no line has."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

from flowrun_widgets.query.terms import NAMES, Named, written_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flowrun_widgets.log_columns import LogColumns
    from flowrun_widgets.query.query import Query

__all__ = ["nearest", "suggest"]

MAX_NAMES = 2_000
"""The maximum number of names that are compared; more would take too long."""
CHILD = re.compile(r"\[\d+\]$")


def nearest(name: str, names: Iterable[str]) -> str | None:
    """Return the name that is most similar to `name`, ignoring case; None if no name is similar.

    The children of a mapped task count as their task: `load` for `load[7]`.
    """
    known: dict[str, str] = {}
    for candidate in names:
        short = candidate if CHILD.search(name) else CHILD.sub("", candidate)
        known.setdefault(short.lower(), short)
        if len(known) >= MAX_NAMES:
            break
    found = difflib.get_close_matches(name.lower(), known, n=1)
    return known[found[0]] if found else None


def suggest(query: Query, columns: LogColumns) -> str | None:
    """Return a sentence about the first name in the query that no line has; None if every name is known."""
    from flowrun_widgets.query.match import COLUMNS, name_flags

    for key in NAMES:
        terms = [
            term
            for term in query.terms
            if isinstance(term, Named) and term.key == key and not term.negated
        ]
        column = COLUMNS[key]
        if not terms or column not in columns.table.column_names:
            continue
        names = columns.table.select([column]).unify_dictionaries()[column]
        known = names.chunk(0).dictionary if names.num_chunks else None
        for term in terms:
            if not term.name or (known is not None and name_flags([term], known).true_count):
                continue
            near = nearest(term.name, () if known is None else known.to_pylist())
            meant = f" Did you mean {written_name(key, near, exact=term.exact)}?" if near else ""
            return f"No {key} is called {term.name}.{meant}"
    return None
