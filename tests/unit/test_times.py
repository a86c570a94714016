"""Instants: text, microseconds, pendulum."""

from datetime import UTC, datetime, timedelta, timezone

import pendulum
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowrun_widgets.times import (
    as_utc,
    from_micros,
    isoformat,
    now,
    parse_micros,
    parse_time,
    to_micros,
)

MOMENTS = st.datetimes(
    min_value=datetime(1900, 1, 1),
    max_value=datetime(2900, 1, 1),
    timezones=st.sampled_from(
        [UTC, timezone(timedelta(hours=5, minutes=30)), timezone(-timedelta(hours=8))]
    ),
)


@given(MOMENTS)
def test_microseconds_name_an_instant_exactly(moment):
    assert from_micros(to_micros(moment)) == moment
    assert to_micros(from_micros(to_micros(moment))) == to_micros(moment)


@given(MOMENTS)
def test_an_iso_text_names_the_same_instant(moment):
    assert parse_micros(moment.isoformat()) == to_micros(moment)
    assert parse_time(moment.isoformat()) == moment


@pytest.mark.parametrize(
    "text",
    [
        "2022-01-02T03:04:05.5+00:00",
        "2022-01-02T03:04:05.500000+00:00",
        "2022-01-02T03:04:05.500Z",
        "2022-01-02T04:04:05.500+01:00",
        "2022-01-02 03:04:05.5",
    ],
)
def test_every_spelling_that_servers_use_is_read(text):
    assert parse_time(text) == datetime(2022, 1, 2, 3, 4, 5, 500_000, UTC)


def test_what_users_get_is_pendulum_in_utc():
    moment = parse_time("2022-01-02T04:04:05+01:00")
    assert isinstance(moment, pendulum.DateTime)
    assert moment.timezone_name == "UTC"
    assert isoformat(moment) == "2022-01-02T03:04:05+00:00"


def test_a_naive_time_means_utc():
    naive = datetime(2022, 1, 2, 3, 4, 5)
    assert to_micros(naive) == to_micros(naive.replace(tzinfo=UTC))
    assert as_utc(naive) == naive.replace(tzinfo=UTC)
    assert isoformat(naive) == "2022-01-02T03:04:05+00:00"


def test_pendulum_and_datetime_give_the_same_microseconds():
    assert to_micros(pendulum.datetime(1969, 12, 31, 23, 59, 59, 999_999)) == -1


def test_none_stays_none():
    assert parse_time(None) is None
    assert from_micros(None) is None


@pytest.mark.parametrize("text", ["", "yesterday", "2022-13-01T00:00:00", 5, {}])
def test_what_is_no_time_is_a_value_error(text):
    with pytest.raises(ValueError, match=r"time|isoformat|month"):
        parse_time(text)


def test_now_is_utc():
    assert now().utcoffset() == timedelta(0)
