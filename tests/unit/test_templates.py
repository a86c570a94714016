"""Templates: every line belongs to one pattern, and the pattern's term and `extract` find its lines again."""

import re
from collections import Counter, defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowrun_widgets.analysis.slots import escaped, split
from flowrun_widgets.analysis.templates import (
    CLEAN,
    MARK,
    MASKS,
    MAX_PATTERN_CHARS,
    SLOTS,
    Template,
    template_ids,
    templates,
    term,
)
from flowrun_widgets.errors import InvalidArgument
from flowrun_widgets.views.logs import FlowRunLogs
from tests.query.lines import columns_of, said

WORDS = ["load", "rows", "in", "é", "Success", "(", ")", "=", "[", "]", ":", "can't", "'x y'", "…", "|", "a.b"]  # fmt: skip
VALUES = [
    "0", "7", "-5", "+12", "1,234,567", "3.5", "-0.25", "1e-05", "1.5e+10", "0x1F", "3f2a9c01", "12345678",
    "8d0e2b51-93a4-4c5f-8a8e-0a3c9ac1b2f0", "2026-11-22T02:29:00.123456Z", "2026-11-22 02:29:00,123",
    "2026-11-22", "10.0.0.1", "3.11.7", "/data/day=1/part-0001.parquet", "C:\\dir\\12", "https://a.example/b/5?x=1",
    "s3://bucket/k", "worker12", "load[3]", "10ms", "5%",
]  # fmt: skip
LINES = st.lists(st.sampled_from(WORDS + VALUES), max_size=6).map(" ".join)
ODD = st.text('01259af,.-+:/x_eTZ \t\n\r\x00\x01\x0e\x1b[m<int>\\"\u00e9…\ufffd', max_size=30)
PLAIN = st.lists(st.sampled_from(["load", "rows", "in", "5", "17", "2.5", "300"]), max_size=5)


def logs_of(messages):
    return FlowRunLogs(columns_of(said(messages), 2))


def masked(message):
    """The mask, line by line and in Python's own regular expressions."""
    text = message or ""
    if re.search("[\0-\x08\n-\x1f\x7f]", text):
        for pattern, instead in CLEAN:
            text = re.sub(pattern, instead, text, flags=re.ASCII)
    for pattern, instead in MASKS:
        text = re.sub(pattern, instead, text, flags=re.ASCII)
    return text.strip(" \t")


def kinds(key):
    return [SLOTS[mark] for mark in MARK.findall(key)]


def plain_groups(messages):
    """The positions of the lines whose masks are equal but for the kinds of their numbers."""
    groups = defaultdict(list)
    for position, message in enumerate(messages):
        groups[re.sub("_\x02_|\x08", "0", masked(message))].append(position)
    return sorted(groups.values(), key=lambda group: (-len(group), group[0]))


@pytest.mark.parametrize(
    ("message", "pattern"),
    [
        ("Loaded 1,234 rows in 3.25 s", "Loaded <int> rows in <float> s"),
        ("rows=-5 of +7", "rows=<int> of <int>"),
        ("part-5 of 2026-11-22", "part-<int> of <int>-<int>-<int>"),
        ("1,2, 3", "<int>,<int>, <int>"),
        ("loss 1.2345678e-05s 1e-05", "loss <float>s <float>"),
        ("loss nan", "loss nan"),
        (
            "id 8d0e2b51-93a4-4c5f-8a8e-0a3c9ac1b2f0, 3f2a9c1",
            "id <uuid>, <hex>",
        ),
        ("0x1F 3F2A9C01 decade1", "<hex> <hex> <hex>"),
        ("deadbeef defaced", "deadbeef defaced"),
        ("at 2026-11-22T02:29:00.123456Z ok", "at <time> ok"),
        ("at 2026-11-22 02:29:00,123+01:00", "at <time>"),
        ("02:29:00", "<int>:<int>:<int>"),
        ("10.0.0.1:8080 v3.11.7", "<ip>:<int> v<version>"),
        ("GET https://a.example/b?c=5, done.", "GET <url>, done."),
        ("(s3://bucket/day=1/a.parquet)", "(<url>)"),
        ("read /data/x y/z and C:\\dir\\5.", "read <path> y/z and <path>."),
        ("km/h 1/10 and/or", "km/h <int>/<int> and/or"),
        ("Task 'load[3]': 'Success'", "Task 'load[<int>]': 'Success'"),
        ("worker12 took 5ms", "worker<int> took <int>ms"),
        ("Traceback (most recent call last):\n  File 5", "Traceback (most recent call last):"),
        ("\n\n  first 5\r\nsecond", "first <int>"),
        ("10%| 1/10\r20%| 2/10", "<int>%| <int>/<int>"),
        ("\x1b[31mred\x1b[0m 5 \x1b]8;;https://a\x07link\x1b]8;;\x07", "red <int> link"),
        ("null\x00byte", "null\ufffdbyte"),
        ("in <module> <int> <class 'x'>", "in \\<module> \\<int> <class 'x'>"),
        ("a\\5 \\<int>", "a\\\\<int> \\\\\\<int>"),
        ("", ""),
        (None, ""),
    ],
)
def test_numbers_ids_times_and_addresses_are_slots_and_words_stay(message, pattern):
    (template,) = templates(columns_of(said([message])))
    assert template.pattern == pattern
    assert template.example == (message or "")


@pytest.mark.parametrize(
    ("messages", "pattern"),
    [
        (["took 3 s", "took 2.5 s"], "took <float> s"),
        (["key 12345678", "key 1234567f"], "key <hex>"),
        (["a 1 2.5", "a 12345678 3", "a 1234567f 3"], "a <hex> <float>"),
        (["v 1", "v 2.5", "v 1234567f"], "v <word>"),
    ],
)
def test_lines_that_differ_in_the_kind_of_a_number_are_alike(messages, pattern):
    (template,) = templates(columns_of(said(messages)))
    assert (template.pattern, template.count) == (pattern, len(messages))
    found = FlowRunLogs(columns_of(said(messages)))
    assert len(found.where(term(pattern))) == len(found.extract(pattern)) == len(messages)


def test_a_template_says_when_how_often_and_how_gravely():
    rows = said(["b 1", "a 1", "a 2", "a 3"])
    for row, at, level in zip(rows, (1, 5, 3, 4), (20, 10, None, 40), strict=True):
        row.update(at=at, level=level)
    assert templates(columns_of(rows)) == (
        Template("a <int>", 3, 3, 5, 40, "a 1"),
        Template("b <int>", 1, 1, 1, 20, "b 1"),
    )


def test_a_level_that_no_line_has_is_none():
    row = {**said(["a"])[0], "level": None}
    assert templates(columns_of([row]))[0].level is None


@given(st.lists(LINES | ODD | st.none(), max_size=12))
@settings(deadline=None, max_examples=200)
def test_lines_are_grouped_as_one_by_one(messages):
    columns = columns_of(said(messages), 2)
    ids = template_ids(columns)
    for group in plain_groups(messages):
        assert len({ids.codes[position] for position in group}) == 1
    found = templates(columns)
    assert [(t.pattern, t.count) for t in found] == patterns_of(ids)
    assert sum(t.count for t in found) == len(messages)


def patterns_of(ids):
    """The patterns and their counts, the most frequent first, else in order of appearance."""
    counts = Counter(ids.codes.tolist()).most_common()
    return [(ids.described(number)[0], count) for number, count in counts]


@given(LINES | ODD)
@settings(deadline=None, max_examples=300)
def test_a_pattern_reads_back_as_the_masked_line(message):
    (template,) = templates(columns_of(said([message])))
    parts = split(template.pattern)
    key = masked(message)
    assert [part.kind for part in parts if not isinstance(part, str)] == kinds(key)
    assert "".join(part for part in parts if isinstance(part, str)) == MARK.sub("", key)


@given(st.text("a<int>\\:_", max_size=20))
def test_any_text_can_be_written_in_a_pattern(text):
    assert "".join(split(escaped(text))) == text
    assert split(escaped(text, before_slot=True) + "<int>")[-1].kind == "int"
    assert "".join(split(escaped(text, before_slot=True) + "<int>")[:-1]) == text


@given(st.lists(LINES, min_size=1, max_size=8))
@settings(deadline=None, max_examples=150)
def test_the_term_and_extract_find_every_line_of_a_template(messages):
    logs = logs_of(messages)
    for pattern, found, group in described(logs):
        assert group <= positions(logs.where(found))
        if "<" in pattern:
            assert group <= set(logs.extract(pattern)["seq"])


@given(st.lists(ODD, min_size=1, max_size=6))
@settings(deadline=None, max_examples=200)
def test_the_term_of_an_odd_line_finds_it(messages):
    logs = logs_of(messages)
    for _, found, group in described(logs):
        assert group <= positions(logs.where(found)) or any("\x1b" in messages[n] for n in group)


@given(st.lists(PLAIN.map(" ".join), min_size=1, max_size=8))
@settings(deadline=None, max_examples=150)
def test_the_term_finds_no_other_line_where_letters_tell_them_apart(messages):
    logs = logs_of(messages)
    for _, found, group in described(logs):
        assert positions(logs.where(found)) == group


def described(logs):
    """The patterns of a log, the term that finds each, and the positions of its lines."""
    ids = template_ids(logs.columns)
    for number in range(len(ids.firsts)):
        yield *ids.described(number), set((ids.codes == number).nonzero()[0].tolist())


def positions(logs):
    return set(logs.columns.table["seq"].to_pylist())


def test_the_term_of_a_coloured_line_finds_it():
    logs = logs_of(["\x1b[31mfailed\x1b[0m after 5", "went well"])
    (template, _) = templates(logs.columns)
    assert term(template.pattern, template.example) == '"failed"'
    assert logs.where('"failed"') == logs[:1]


@pytest.mark.parametrize(
    "message", ["1 " * 900, "1.2.3=" * 300, "a/b." * 900, "word" * 5000, "é" * 400 + " 5"]
)
def test_a_long_pattern_is_cut_and_its_term_is_still_read(message):
    logs = logs_of([message, "other"])
    (template, _) = templates(logs.columns)
    assert template.pattern.endswith("…")
    assert (
        sum(len(part) if isinstance(part, str) else 1 for part in split(template.pattern))
        <= MAX_PATTERN_CHARS + 1
    )
    assert len(term(template.pattern)) <= 1002
    assert logs.where(term(template.pattern)) == logs[:1]
    if "<" in template.pattern:
        assert len(logs.extract(template.pattern)) == 1


def test_a_cut_never_goes_through_a_slot():
    for length in range(290, 302):
        message = "x" * length + " 8d0e2b51-93a4-4c5f-8a8e-0a3c9ac1b2f0 end"
        (template,) = templates(columns_of(said([message])))
        assert template.pattern.startswith("x" * min(length, MAX_PATTERN_CHARS))
        assert not re.search("[\0-\x1f]", template.pattern)
        assert len(logs_of([message]).where(term(template.pattern))) == 1


def test_only_the_most_frequent_are_kept():
    messages = [word for count, word in enumerate("abcdef", 1) for _ in range(count)]
    found = templates(columns_of(said(messages)), 2)
    assert [(t.pattern, t.count) for t in found] == [("f", 6), ("e", 5)]


def test_a_log_of_many_parts_is_one_log():
    messages = [f"{'ab'[n % 2]} {n}" for n in range(140_000)] + ["b x"]
    found = templates(columns_of(said(messages)))
    assert Counter({t.pattern: t.count for t in found}) == {
        "a <int>": 70_000,
        "b <int>": 70_000,
        "b x": 1,
    }


def test_no_lines_have_no_templates():
    assert templates(columns_of([])) == ()


@pytest.mark.parametrize("most", [0, -1, 2.5, "9"])
def test_how_many_has_to_be_a_number_above_zero(most):
    with pytest.raises(InvalidArgument, match="most"):
        templates(columns_of([]), most)
