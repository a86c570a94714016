"""The walk through rows that are sorted by time alone."""

from __future__ import annotations

from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from flowrun_widgets.backends.prefect3.keyset import KeysetWalk
from flowrun_widgets.backends.prefect3.paging import from_both_ends


class Row(NamedTuple):
    """A row with a time that others may have as well."""

    id: str
    time: str


def walked(rows: list[Row], page_size: int, order_of) -> list[Row]:
    """Walk rows that a server hands out in ascending time; `order_of` orders those of one time at each question."""
    walk = KeysetWalk(lambda row: row.time)
    found: list[Row] = []
    for question in range(10_000):
        known = [row for row in rows if walk.at is None or row.time >= walk.at]
        known.sort(key=lambda row: (row.time, order_of(question, row)))
        found += walk.take(known[walk.offset : walk.offset + page_size], page_size)
        if walk.is_done:
            return found
    raise AssertionError("the walk does not end")


times = st.lists(st.integers(0, 6), max_size=60)


@given(times=times, page_size=st.integers(2, 9))
def test_every_row_comes_exactly_once(times, page_size):
    rows = [Row(str(number), f"{time:02}") for number, time in enumerate(times)]
    found = walked(rows, page_size, lambda _question, row: row.id)
    assert sorted(found) == sorted(rows)
    assert [row.time for row in found] == sorted(row.time for row in rows)


@settings(max_examples=200)
@given(times=times, page_size=st.integers(2, 9), turn=st.integers(0, 12))
def test_rows_that_change_places_once_come_all_the_same(times, page_size, turn):
    rows = [Row(str(number), f"{time:02}") for number, time in enumerate(times)]
    found = walked(
        rows, page_size, lambda question, row: int(row.id) * (1 if question < turn else -1)
    )
    assert {row.id for row in found} == {row.id for row in rows}


@settings(deadline=None)
@given(times=times, page_size=st.integers(2, 9))
def test_walks_from_both_ends_meet_without_a_gap(times, page_size):
    rows = sorted(
        Row(str(number), f"2026-11-22T00:00:{time:02}Z") for number, time in enumerate(times)
    )
    rows.sort(key=lambda row: row.time)
    upwards, downwards = KeysetWalk(lambda row: row.time), KeysetWalk(lambda row: row.time)

    def ask(walk):
        if walk is upwards:
            known = [row for row in rows if walk.at is None or row.time >= walk.at]
        else:
            known = [row for row in rows[::-1] if walk.at is None or row.time <= walk.at]
        return known[walk.offset : walk.offset + page_size]

    pages = list(from_both_ends(upwards, downwards, ask, lambda: page_size))
    assert {row for _, page in pages for row in page} == set(rows)
    for end, way in ((False, 1), (True, -1)):
        seen = [row.time for is_upper, page in pages if is_upper is end for row in page]
        assert seen == sorted(seen)[::way]
