"""Matches terms against log columns. All operations work on whole columns, not on single lines.

Names are matched once per dictionary, messages by RE2 and only where the cheaper terms match.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial, reduce
from typing import TYPE_CHECKING, Any, TypeVar

import pyarrow as pa

from flowrun_widgets.arrow import pc
from flowrun_widgets.query.attempts import attempts_of
from flowrun_widgets.query.pattern import re2
from flowrun_widgets.query.terms import NAMES, Named, Pattern, Text, TimeRange, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from flowrun_widgets.log_columns import LogColumns
    from flowrun_widgets.query.terms import Term

__all__ = ["mask", "name_flags"]

T = TypeVar("T", Named, Value, TimeRange)
SPECIAL = re.compile(r"[\\.+*?()|\[\]{}^$]")
COLUMNS = {"task": "task", "logger": "logger", "run": "flow_run"}
WORTH_THREADS = 50_000
COMPARE = {
    "=": pc.equal,
    ">=": pc.greater_equal,
    "<=": pc.less_equal,
    ">": pc.greater,
    "<": pc.less,
}


def mask(
    terms: Sequence[Term],
    columns: LogColumns,
    attempts: pa.Array | pa.ChunkedArray | Mapping[str, Sequence[int]] | None = None,
) -> pa.BooleanArray:
    """Return for each line whether it matches all terms; see `Query.mask`."""
    table = columns.table
    flags: pa.BooleanArray | None = None
    for cheap in _cheap(terms, table, attempts):
        flags = cheap if flags is None else pc.and_(flags, cheap)
    for term in sorted(_of(terms, (Text, Pattern)), key=lambda term: term.negated):
        flags = _said(term, table["message"], flags)
    return pa.repeat(pa.scalar(True), len(table)) if flags is None else flags


def name_flags(terms: Iterable[Named], names: pa.Array) -> pa.BooleanArray:
    """Return which names match the terms of one key."""

    def holds(term: Named) -> pa.BooleanArray:
        if term.exact:
            return pc.equal(names, term.name)
        return pc.match_substring_regex(names, SPECIAL.sub(r"\\\g<0>", term.name), ignore_case=True)

    return _alternatives([*terms], holds)


def _cheap(terms: Sequence[Term], table: pa.Table, attempts: Any) -> Iterable[pa.BooleanArray]:
    for key in NAMES:
        if named := [term for term in _of(terms, Named) if term.key == key]:
            column = COLUMNS[key]
            yield _named(
                named,
                table[column]
                if column in table.column_names
                else pa.nulls(len(table), pa.string()),
            )
    if ranges := _of(terms, TimeRange):
        yield _alternatives(ranges, partial(_between, table["timestamp"]))
    if levels := [term for term in _of(terms, Value) if term.key == "level"]:
        yield _compared(levels, table["level"])
    if tried := [term for term in _of(terms, Value) if term.key == "attempt"]:
        if isinstance(attempts, Mapping):
            attempts = attempts_of(table, attempts)
        yield _compared(tried, pa.nulls(len(table), pa.int32()) if attempts is None else attempts)


def _named(terms: Sequence[Named], column: pa.Array | pa.ChunkedArray) -> pa.BooleanArray:
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    of_none = name_flags(terms, pa.array([""]))[0]
    parts = [
        pc.fill_null(
            name_flags(terms, pc.fill_null(part.dictionary, "")).take(part.indices), of_none
        )
        for part in (column.chunks if isinstance(column, pa.ChunkedArray) else [column])
    ]
    return _flat(pa.chunked_array(parts, pa.bool_()))


def _compared(terms: Sequence[Value], column: pa.Array | pa.ChunkedArray) -> pa.BooleanArray:
    def holds(term: Value) -> pa.BooleanArray:
        number = pa.scalar(term.number, pa.int64())
        return _flat(pc.fill_null(COMPARE[term.operator](column, number), False))

    bounds = [term for term in terms if term.operator != "=" and not term.negated]
    others = [term for term in terms if term not in bounds]
    return _alternatives(others, holds, [reduce(pc.and_, map(holds, bounds))] if bounds else [])


def _between(column: pa.ChunkedArray, term: TimeRange) -> pa.BooleanArray:
    kind = pa.timestamp("us", "UTC")
    ends = [
        compare(column, pa.scalar(micros, pa.int64()).cast(kind))
        for compare, micros in ((pc.greater_equal, term.start), (pc.less_equal, term.end))
        if micros is not None
    ]
    return _flat(reduce(pc.and_, ends))


def _alternatives(
    terms: Sequence[T], holds: Callable[[T], pa.BooleanArray], more: Sequence[pa.BooleanArray] = ()
) -> pa.BooleanArray:
    """Return where any of the positive terms or of `more` matches, and none of the negated terms."""
    wanted = [*map(holds, (term for term in terms if not term.negated))]
    unwanted = [pc.invert(holds(term)) for term in terms if term.negated]
    either = [reduce(pc.or_, [*wanted, *more])] if wanted or more else []
    return reduce(pc.and_, [*either, *unwanted])


def _said(
    term: Text | Pattern, messages: pa.ChunkedArray, flags: pa.BooleanArray | None
) -> pa.BooleanArray:
    pattern = re2(term.source) if isinstance(term, Pattern) else SPECIAL.sub(r"\\\g<0>", term.text)
    if flags is None:
        found = _found(pattern, messages)
        return pc.invert(found) if term.negated else found
    left = flags.true_count
    if not left:
        return flags
    if left > len(flags) // 2:
        found = _found(pattern, messages)
        return pc.and_not(flags, found) if term.negated else pc.and_(flags, found)
    found = _found(pattern, messages.filter(flags))
    return pc.replace_with_mask(flags, flags, pc.invert(found) if term.negated else found)


def _found(pattern: str, messages: pa.ChunkedArray) -> pa.BooleanArray:
    find = partial(pc.match_substring_regex, pattern=pattern, ignore_case=True)
    if len(messages) < WORTH_THREADS:
        found = _flat(find(messages))
    else:
        count = pa.cpu_count()
        share = -(-len(messages) // count)
        with ThreadPoolExecutor(count) as threads:
            parts = threads.map(find, [messages.slice(n * share, share) for n in range(count)])
            found = _flat(
                pa.chunked_array([chunk for part in parts for chunk in part.chunks], pa.bool_())
            )
    return pc.fill_null(found, find(pa.array([""]))[0]) if found.null_count else found


def _of(terms: Sequence[Term], kinds: Any) -> list[Any]:
    return [term for term in terms if isinstance(term, kinds)]


def _flat(flags: pa.BooleanArray | pa.ChunkedArray) -> pa.BooleanArray:
    return flags.combine_chunks() if isinstance(flags, pa.ChunkedArray) else flags
