"""`Choice`: which lines of a harvest are read, and which files and row groups can have them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import and_, or_
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyarrow import dataset

from flowrun_widgets.arrow import pc
from flowrun_widgets.harvest.layout import TIME
from flowrun_widgets.query.match import COLUMNS
from flowrun_widgets.query.query import Query
from flowrun_widgets.query.terms import Named, TimeRange, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowrun_widgets.log_columns import LogColumns

__all__ = ["Choice"]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EARLIER = timedelta(days=1)
"""A run has lines from before it began, of the worker that started it; surely not from a day before."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The conditions on lines and runs, all of which must hold. Pickles."""

    queries: tuple[Query, ...] = ()
    flows: tuple[str, ...] = ()
    """The values of the partition `flow`; any of them."""
    since: str | None = None
    """The first day on which a run began, such as `2026-11-22`."""
    until: str | None = None
    """The last day."""

    def mask(self, columns: LogColumns) -> pa.BooleanArray | None:
        """Return which lines of a run that fits are chosen; None for all."""
        masks = [query.mask(columns) for query in self.queries]
        return reduce(pc.and_, masks) if masks else None

    def columns(self) -> set[str]:
        """Return the columns that `mask` reads."""
        return {name for query in self.queries for term in query.terms for name in _columns(term)}

    def expression(self) -> Any:
        """Return a condition that every chosen line meets, on partitions and columns with statistics; None: no condition."""
        parts = [*self._of_partitions()]
        for query in self.queries:
            parts += [*_of_day(query), *_of_statistics(query)]
        return reduce(and_, parts) if parts else None

    def _of_partitions(self) -> Iterator[Any]:
        flow, day = dataset.field("flow"), dataset.field("date")
        if self.flows:
            yield flow.isin([*self.flows])
        if self.since is not None:
            yield day >= self.since
        if self.until is not None:
            yield day <= self.until


def _of_day(query: Query) -> Iterator[Any]:
    ends = [term.end for term in _ranges(query)]
    if ends and None not in ends:
        last = EPOCH + timedelta(microseconds=max(end for end in ends if end is not None))
        yield dataset.field("date") <= f"{last + EARLIER:%Y-%m-%d}"


def _of_statistics(query: Query) -> Iterator[Any]:
    if ranges := _ranges(query):
        yield reduce(or_, map(_within, ranges))
    levels = [
        term
        for term in query.terms
        if isinstance(term, Value) and term.key == "level" and not term.negated
    ]
    bounds = [term for term in levels if term.operator != "="]
    either = [_compared(term) for term in levels if term.operator == "="]
    if bounds:
        either.append(reduce(and_, map(_compared, bounds)))
    if either:
        yield reduce(or_, either)


def _ranges(query: Query) -> list[TimeRange]:
    return [term for term in query.terms if isinstance(term, TimeRange) and not term.negated]


def _within(term: TimeRange) -> Any:
    time = dataset.field("timestamp")
    ends: list[Any] = []
    if term.start is not None:
        ends.append(time >= pa.scalar(term.start, pa.int64()).cast(TIME))
    if term.end is not None:
        ends.append(time <= pa.scalar(term.end, pa.int64()).cast(TIME))
    return reduce(and_, ends)


def _compared(term: Value) -> Any:
    level = dataset.field("level")
    return {
        "=": level == term.number,
        ">=": level >= term.number,
        "<=": level <= term.number,
        ">": level > term.number,
        "<": level < term.number,
    }[term.operator]


def _columns(term: Any) -> tuple[str, ...]:
    if isinstance(term, Named):
        return (COLUMNS[term.key],)
    if isinstance(term, Value):
        return ("level",) if term.key == "level" else ("task_run_id",)
    return ("timestamp",) if isinstance(term, TimeRange) else ("message",)
