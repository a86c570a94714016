"""`logs.extract`: what stands in the slots of a pattern, as typed columns."""

import math
import re
from datetime import UTC, datetime, timedelta, timezone

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowrun_widgets.analysis.extract import slot_names
from flowrun_widgets.analysis.slots import split
from flowrun_widgets.errors import InvalidArgument
from flowrun_widgets.views.logs import FlowRunLogs
from tests.query.lines import BLANK, columns_of, said

pytestmark = pytest.mark.filterwarnings("ignore:No line of")

FIXED = {"timestamp", "task", "level", "seq"}
TIME = "datetime64[us, UTC]"
pandas3 = pytest.mark.skipif(
    pd.__version__ < "3", reason="`str` is a dtype of its own since pandas 3"
)


def extracted(pattern, *messages):
    """The slots of each line that fits, as tuples."""
    frame = FlowRunLogs(columns_of(said(list(messages)), 2)).extract(pattern)
    slots = [name for name in frame.columns if name not in FIXED]
    return list(frame[slots].itertuples(index=False, name=None))


def test_a_line_that_fits_is_a_row_with_its_time_task_level_and_seq():
    rows = [
        {**BLANK, "seq": 0, "at": 5, "message": "started"},
        {**BLANK, "seq": 1, "at": 7, "task": "load", "level": 30, "message": "rows=12 in 3.5s"},
        {**BLANK, "seq": 2, "at": 9, "level": None, "message": "rows=7 in 2s"},
    ]
    frame = FlowRunLogs(columns_of(rows)).extract("rows=<int> in <seconds:float>s")
    assert list(frame.columns) == ["timestamp", "rows", "seconds", "task", "level", "seq"]
    assert list(frame.index) == [0, 1]
    assert frame["rows"].tolist() == [12, 7]
    assert frame["seconds"].tolist() == [3.5, 2.0]
    assert frame["seq"].tolist() == [1, 2]
    assert frame["timestamp"].tolist() == [pd.Timestamp(at, unit="us", tz="UTC") for at in (7, 9)]
    assert frame["task"].tolist()[0] == "load"
    assert pd.isna(frame["task"][1])
    assert frame["level"][0] == 30
    assert pd.isna(frame["level"][1])


@pandas3
@pytest.mark.parametrize("messages", [[], ["no"], ["1 2 a b /c 2026-11-22"]])
def test_the_dtypes_do_not_depend_on_the_lines(messages):
    frame = FlowRunLogs(columns_of(said(messages))).extract(
        "<i:int> <f:float> <w:word> <s:str> <p:path> <t:time>"
    )
    assert {name: str(dtype) for name, dtype in frame.dtypes.items()} == {
        "timestamp": TIME, "i": "Int64", "f": "float64", "w": "str", "s": "str", "p": "str", "t": TIME,
        "task": "category", "level": "Int16", "seq": "int64",
    }  # fmt: skip
    assert isinstance(frame.index, pd.RangeIndex)


@pytest.mark.parametrize(
    ("pattern", "message", "values"),
    [
        ("<int>", "rows=-5", (-5,)),
        ("<int>", "part-5", (5,)),
        ("<int>", "took +1,234,567 rows", (1234567,)),
        ("<int>", "1.5 and 007.", (7,)),
        ("x=<int>", "x=1.5 x=2", (2,)),
        ("x=<int>.", "x=1.5", (1,)),
        ("<int> rows", "1.5 rows 12 rows", (12,)),
        ("<int>,<int>", "100,200", (100, 200)),
        ("<int>", "9223372036854775807", (2**63 - 1,)),
        ("<float>", ".5", (0.5,)),
        ("<float>", "x -1.5e-05s", (-1.5e-05,)),
        ("<float>", "1,234.5", (1234.5,)),
        ("in <float>s", "in 3s", (3.0,)),
        ("in <float>s", "in infs", (math.inf,)),
        ("<float>", "info -inf", (-math.inf,)),
        ("<word>: <word>", "load[3]: done, now", ("load[3]", "done,")),
        ("'<str>' is <str>", "'a b' is it's c\nd", ("a b", "it's c")),
        ("to <path> <int>", "to /a/b.c-d 5", ("/a/b.c-d", 5)),
        ("<path>", "is C:\\x\\y", ("C:\\x\\y",)),
        ("<url>", "see https://a.example/b?c=d#e ok", ("https://a.example/b?c=d#e",)),
        ("<uuid>", "x 8D0E2B51-93a4-4c5f-8a8e-0a3c9ac1b2f0", ("8D0E2B51-93a4-4c5f-8a8e-0a3c9ac1b2f0",)),
        ("key <hex>", "key 0x1F", ("0x1F",)),
        ("<ip>:<int>", "10.0.0.1:80", ("10.0.0.1", 80)),
        ("v<version>", "v3.11.7", ("3.11.7",)),
        ("a  b=<int>", "a\t b=5", (5,)),
        ("a\n<int>", "a\r\n 5", (5,)),
        ("a (<int>) [b] $.*", "a (5) [b] $.*", (5,)),
        ("\\<int> <int>", "<int> 5", (5,)),
        ("a\\\\<int>", "a\\5", (5,)),
        ("é<int>…", "é5", (5,)),
        ("red <int>", "\x1b[31mred\x1b[0m \x1b[1m5", (5,)),
        ("x<int>", "\x00x5", (5,)),
    ],
)  # fmt: skip
def test_a_slot_reads_its_kind(pattern, message, values):
    assert extracted(pattern, message) == [values]


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("rows=<int>", "Rows=5"),
        ("rows=<int>", "rows= 5"),
        ("a <int>", "a\n5"),
        ("<int>", "1.5"),
        ("<int>", "١"),
        ("<float>", "info"),
        ("<ip>", "10.0.0"),
        ("<uuid>", "8d0e2b51"),
        ("<int>", None),
        ("<int>", ""),
    ],
)
def test_what_does_not_fit_is_no_row(pattern, message):
    assert extracted(pattern, message) == []


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-22T02:29:00.123456Z", datetime(2026, 11, 22, 2, 29, 0, 123456, UTC)),
        ("2026-11-22 02:29:00,5", datetime(2026, 11, 22, 2, 29, 0, 500000, UTC)),
        ("2026-11-22T02:29:00.123456789+01:00", datetime(2026, 11, 22, 1, 29, 0, 123456, UTC)),
        ("2026-11-22 02:29-0530", datetime(2026, 11, 22, 7, 59, tzinfo=UTC)),
        ("2026-11-22 02:29 Z", datetime(2026, 11, 22, 2, 29, tzinfo=UTC)),
        ("2026-11-22", datetime(2026, 11, 22, tzinfo=UTC)),
    ],
)
def test_a_time_is_iso_8601_and_in_utc_without_a_zone(text, moment):
    assert extracted("at <time>", f"at {text}") == [(pd.Timestamp(moment),)]


def test_a_time_that_no_calendar_has_is_missing_and_its_neighbours_are_not():
    found = extracted(
        "at <time>", "at 2026-02-30 02:29", "at 2026-02-28 02:29+01:00", "at 2026-13-01"
    )
    assert [pd.isna(moment) for (moment,) in found] == [True, False, True]
    assert found[1][0] == pd.Timestamp("2026-02-28T01:29Z")


@given(st.lists(st.tuples(st.integers(-(2**63), 2**63 - 1), st.floats()), max_size=8))
@settings(deadline=None)
def test_numbers_are_read_as_python_prints_them(values):
    messages = [f"rows={number:,} in {seconds} s" for number, seconds in values]
    found = extracted("rows=<int> in <float> s", *messages)
    assert [number for number, _ in found] == [number for number, _ in values]
    for (_, read), (_, written) in zip(found, values, strict=True):
        assert read == written or (math.isnan(read) and math.isnan(written))


@given(
    st.lists(
        st.datetimes(
            datetime(1900, 1, 1),
            datetime(2200, 1, 1),
            timezones=st.integers(-720, 840).map(lambda m: timezone(timedelta(minutes=m))),
        ),
        max_size=5,
    )
)
@settings(deadline=None)
def test_times_are_read_as_python_prints_them(moments):
    found = extracted("<time>", *(moment.isoformat() for moment in moments))
    assert [at for (at,) in found] == [pd.Timestamp(moment).tz_convert("UTC") for moment in moments]


@given(st.lists(st.text("ab=5 .-\n", max_size=12) | st.none(), max_size=8))
@settings(deadline=None, max_examples=300)
def test_lines_fit_as_in_pythons_own_regular_expressions(messages):
    plain = re.compile(r"a[ \t]+b=((?:\B-)?[0-9]+)=([^\r\n]+)", re.ASCII)
    wanted = [(int(m[1]), m[2]) for text in messages if (m := plain.search(text or ""))]
    assert extracted("a b=<int>=<str>", *messages) == wanted


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("rows=<int> in <float>s", ["rows", "float_1"]),
        ("<int> of <int>", ["int_1", "int_2"]),
        ("<int> <a:int> <int>", ["int_1", "a", "int_2"]),
        ("rows=<int> rows: <int> x.rows=<int>", ["rows", "rows_2", "rows_3"]),
        ('{"größe": <int>, "n": "<word>", k=[<int>]}', ["größe", "n", "k"]),
        ("level=<int> task: <str>", ["level_2", "task_2"]),
        ("a=<int> <a:int>", ["a_2", "a"]),
        ("5=<int> :<int>", ["int_1", "int_2"]),
        ("<int>=<int>", ["int_1", "int_2"]),
    ],
)
def test_a_column_is_named_by_the_slot_the_word_before_or_the_kind(pattern, names):
    assert slot_names(split(pattern)) == names


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("rows", "No slot"),
        ("", "No slot"),
        ("\\<int>", "No slot"),
        ("<integer>", "<integer>"),
        ("<rows:number>", "<rows:number>"),
        ("<a:int> <a:int>", "named a"),
        ("<seq:int>", "named seq"),
        (5, "text, not int"),
        (None, "text, not NoneType"),
        ("<int>" * 301, "300 slots"),
        ("x" * 4_001, "4,000"),
        ("<int>\ud800", "unpaired surrogate"),
    ],
)
def test_what_is_no_pattern_is_an_error_that_says_why(pattern, words):
    with pytest.raises(InvalidArgument, match=re.escape(words)):
        FlowRunLogs().extract(pattern)


def test_a_whole_number_beyond_64_bits_is_an_error_that_names_it():
    logs = FlowRunLogs(columns_of(said(["n=5", "n=9223372036854775808"])))
    with pytest.raises(
        InvalidArgument, match=r"value of n does not fit in 64 bits: 9223372036854775808.*<int>"
    ):
        logs.extract("n=<int>")
    assert logs.extract("n=<float>")["n"].tolist() == [5.0, 2.0**63]


@given(
    st.lists(
        st.sampled_from(["<int>", "<str>", "<a:word>", "<time>", "<x>", "a=", "\ud800", "\x00"])
        | st.text('ab<>:_\\\\(*[…"\n\x00é', max_size=4),
        max_size=8,
    ).map("".join)
)
@settings(deadline=None, max_examples=300)
def test_any_text_is_a_pattern_or_an_error_of_ours(pattern):
    try:
        frame = FlowRunLogs(columns_of(said(["a 5", "b"]))).extract(pattern)
    except InvalidArgument:
        return
    assert set(frame.columns) > FIXED


@pytest.mark.parametrize(
    "slot", ["<int>", "<float>", "<word>", "<str>", "<time>", "<uuid>", "<hex>"]
)
def test_the_longest_pattern_is_read(slot):
    pattern = ",".join([slot] * 300)
    assert extracted(pattern, "5") == []
    words = [*range(300)] if slot in {"<int>", "<float>", "<word>"} else []
    if words:
        (row,) = extracted(pattern, ", ".join(map(str, words)).replace(" ", ""))
        assert len(row) == 300


def test_many_parts_are_one_frame_in_order():
    messages = [f"n={n}" for n in range(70_000)]
    frame = FlowRunLogs(columns_of(said(messages), 3)).extract("n=<int>")
    assert frame["n"].tolist() == frame["seq"].tolist() == list(range(70_000))
    assert frame.index.equals(pd.RangeIndex(70_000))


def test_a_pattern_that_no_line_fits_says_so():
    logs = FlowRunLogs(columns_of(said(["rows=1", "rows=2"]), 2))
    with pytest.warns(UserWarning, match=r"No line of 2 matches 'columns=<int>'.*templates\(\)"):
        assert not len(logs.extract("columns=<int>"))


@pytest.mark.filterwarnings("error")
def test_of_no_lines_nothing_is_said_to_fit():
    assert not len(FlowRunLogs().extract("rows=<int>"))
