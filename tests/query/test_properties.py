"""Random lines and random queries: the mask is what pandas and plain Python find in the same frame."""

from __future__ import annotations

import operator

import pandas as pd
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from flowrun_widgets.errors import QuerySyntaxError
from flowrun_widgets.query import (
    Named,
    Pattern,
    Query,
    Text,
    TimeRange,
    Value,
    parse,
    with_term,
    without_key,
    without_term,
)
from flowrun_widgets.report.frames import logs_frame

from .lines import columns_of

START = 1_795_314_540_000_000
LETTERS = 'abKé -.\\"/[1\n'
TEXTS = st.text(LETTERS, min_size=1, max_size=3)
NAMES = st.none() | st.sampled_from(["load", "load[1]", "Load all", "extract", 'a"b', ""])
MOMENTS = st.integers(START, START + 20)
COMPARE = {
    "=": operator.eq, ">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt,
}  # fmt: skip
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "at": MOMENTS,
            "level": st.none() | st.sampled_from([0, 10, 20, 25, 30, 40, 50]),
            "task": NAMES,
            "logger": NAMES,
            "run": NAMES,
            "message": st.none() | st.text(LETTERS, max_size=6),
        }
    ),
    max_size=12,
).map(lambda rows: [{**row, "seq": seq} for seq, row in enumerate(rows)])
NEGATED = st.booleans()
NAMED = st.builds(
    lambda key, name, exact, negated: Named(key, name, exact or not name, negated=negated),
    st.sampled_from(["task", "logger", "run"]),
    st.sampled_from(["load", "LOAD", "[1]", "ex", 'a"b', "load[1]", "all", ""]),
    st.booleans(),
    NEGATED,
)
VALUED = st.builds(
    lambda key, sign, number, negated: Value(key, sign, number, negated=negated),
    st.sampled_from(["level", "attempt"]),
    st.sampled_from([*COMPARE]),
    st.sampled_from([0, 1, 2, 20, 25, 30, 40]),
    NEGATED,
)
TIMED = st.builds(
    lambda first, last, negated: TimeRange(
        *((first, last) if None in (first, last) else sorted((first, last))), negated=negated
    ),
    st.none() | MOMENTS,
    MOMENTS,
    NEGATED,
)
SAID = st.builds(lambda text, negated: Text(text, negated=negated), TEXTS, NEGATED)
TERMS = st.lists(SAID | NAMED | VALUED | TIMED, max_size=5)
PIECES = st.lists(
    st.sampled_from(
        ["-", '"', "/", ":", "=", ">=", "<", "..", " ", "\\", "task", "level", "time", "attempt",
         "run", "error", "02:29", "2026-11-22T", "Z", "+01:00", "a", "é", "(", ")", "[", "]", "*",
         "{2}", "?", "\\w", "^", "😀", "\n", "\ud800", "\x00"]
    )
    | st.text(max_size=3),
    max_size=12,
).map("".join)  # fmt: skip


def holds(term, line, attempt):
    """Tell in plain Python whether a line of the frame fits, the `-` left aside."""
    if isinstance(term, Text):
        return term.text.lower() in text(line.message).lower()
    if isinstance(term, Named):
        name = text(getattr(line, {"run": "flow_run"}.get(term.key, term.key)))
        return name == term.name if term.exact else term.name.lower() in name.lower()
    if isinstance(term, Value):
        value = line.level if term.key == "level" else attempt
        return not pd.isna(value) and COMPARE[term.operator](value, term.number)
    at = line.timestamp.value // 1000
    return (term.start is None or at >= term.start) and (term.end is None or at <= term.end)


def text(value):
    return "" if pd.isna(value) else value


def naive(terms, line, attempt):
    """Tell whether a line fits: values of one key are alternatives, bounds are one of them."""
    for key in {term.key for term in terms if term.key and not term.negated}:
        wanted = [term for term in terms if term.key == key and not term.negated]
        bounds = [t for t in wanted if isinstance(t, Value) and t.operator != "="]
        fits = [holds(term, line, attempt) for term in wanted if term not in bounds]
        if bounds:
            fits.append(all(holds(term, line, attempt) for term in bounds))
        if not any(fits):
            return False
    return all(
        holds(term, line, attempt) != term.negated for term in terms if term.negated or not term.key
    )


@given(ROWS, TERMS, st.integers(1, 4), st.data())
@settings(deadline=None, max_examples=300)
def test_the_mask_is_what_pandas_finds(rows, terms, chunks, data):
    """Also in several chunks, and whatever is missing."""
    columns = columns_of(rows, chunks)
    size = len(rows)
    attempts = data.draw(st.lists(st.none() | st.integers(0, 2), min_size=size, max_size=size))
    mask = Query(tuple(terms)).mask(columns, attempts=pa.array(attempts, pa.int32()))
    frame = logs_frame(columns)
    lines = zip(frame.itertuples(), attempts, strict=True)
    assert mask.to_pylist() == [naive(terms, line, attempt) for line, attempt in lines]


@given(TERMS)
def test_what_terms_print_is_read_as_the_same_terms(terms):
    query = Query(tuple(terms))
    assert parse(str(query)) == query


def read(written, tz):
    """Return the query, or else the empty one and where the text goes wrong."""
    try:
        return parse(written, tz), 0
    except QuerySyntaxError as error:
        return Query(), error.position


@given(PIECES, st.sampled_from(["UTC", "Europe/Berlin", "Australia/Lord_Howe"]))
@settings(max_examples=1000)
def test_reading_any_text_ends_in_a_query_or_in_a_position(written, tz):
    query, position = read(written, tz)
    assert 0 <= position <= len(written)
    assert parse(str(query)) == query
    for term in query.terms:
        if isinstance(term, Pattern):
            Query((term,)).mask(columns_of([]))


@given(PIECES, SAID | NAMED | VALUED | TIMED)
@settings(max_examples=500)
def test_a_term_that_was_written_into_any_text_is_there_once_and_can_be_taken_out(written, term):
    """Also into a text that cannot be read: the new term is read before what is wrong."""
    text = with_term(written, term)
    assert with_term(text, term) == text
    assert with_term(without_term(text, term), term).count(str(term)) >= 1
    assert without_term(with_term("", term), term) == ""
    if term.key:
        assert without_key(with_term("", term), term.key) == ""


@given(TERMS, SAID | NAMED | VALUED | TIMED)
def test_a_written_term_is_among_the_terms_and_its_opposite_is_not(terms, term):
    found = parse(with_term(str(Query(tuple(terms))), term)).terms
    assert found.count(term) >= 1
    assert term.opposite() not in found
