"""Completes a filter text at the caret."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowrun_widgets.query import parse
from flowrun_widgets.query.complete import complete

LEVELS = {20: 1_000, 30: 12, 40: 3, 45: 1}
NAMES = {
    "task": {"load[7]": 50, 'say "hi"': 9, None: 4, "Reload all": 2, "extract": 1},
    "logger": {"prefect": 60, "boto3": 1},
}


def at_caret(text):
    """Complete a text whose caret is written as |."""
    caret = text.index("|")
    return complete(text.replace("|", ""), caret, levels=LEVELS, names=NAMES.get)


def texts(text):
    return [item for item, _ in at_caret(text).items]


def completed(text, number=0):
    """Return the text in which one of the items was taken."""
    found = at_caret(text)
    whole = text.replace("|", "")
    return whole[: found.start] + found.items[number][0] + whole[found.end :]


def test_where_nothing_stands_yet_there_are_the_keys_that_lines_have():
    assert texts("|") == ["level:", "task:", "logger:", "attempt:", "time:"]
    assert texts("load |") == texts("| load") == texts("|")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("l|", ["level:", "logger:"]),
        ("LO|", ["logger:"]),
        ("-t|", ["task:", "time:"]),
        ("reset t|a more", ["task:", "time:"]),
        ("resets|", []),
        ('"l|', []),
        ("/l|", []),
        ('"two l| words"', []),
        ("time:|", []),
        ("nonsense:|", []),
    ],
)
def test_a_word_is_gone_on_with_by_keys(text, wanted):
    assert texts(text) == wanted


def test_levels_have_the_counts_of_the_lines_that_would_fit():
    assert at_caret("level>=|").items[:3] == (
        ("level>=critical", "0 lines"),
        ("level>=error", "4 lines"),
        ("level>=warning", "16 lines"),
    )
    assert at_caret("level:I|").items == (("level:info", "1\u202f000 lines"),)
    assert completed("a -level>|=err b") == "a -level>critical b"


def test_names_come_with_most_lines_first_and_are_written_so_that_they_can_be_read():
    assert at_caret("task:|").items == (
        ('task="load[7]"', "50 lines"),
        ('task="say \\"hi\\""', "9 lines"),
        ('task=""', "4 lines"),
        ('task="Reload all"', "2 lines"),
        ('task="extract"', "1 line"),
    )
    assert texts("task:LOAD|") == texts('task="load|"') == ['task="load[7]"', 'task="Reload all"']
    assert completed("a -task:lo|ad b") == 'a -task="load[7]" b'
    assert texts("run:|") == []


def test_there_are_at_most_twelve():
    names = {"task": {f"load[{n}]": n for n in range(99)}}
    assert len(complete("task:", 5, levels={}, names=names.get).items) == 12


PIECES = st.lists(
    st.sampled_from(
        [*'-"/:=<> \\a', "task", "level", "logger:", "load", ">=", "\ud800", "😀", "\n"]
    ),
    max_size=8,
).map("".join)


@given(PIECES, st.integers(-3, 60))
@settings(derandomize=True)
def test_whatever_is_typed_an_item_is_a_term_or_a_key_for_what_the_caret_touches(text, caret):
    found = complete(text, caret, levels=LEVELS, names=NAMES.get)
    assert 0 <= found.start <= found.end <= len(text)
    assert found.start <= max(0, min(caret, len(text))) <= found.end
    for item, hint in found.items:
        assert hint
        if not item.endswith(":"):
            assert len(parse(item).terms) == 1
        else:
            assert item[:-1] in {"level", "task", "logger", "attempt", "time"}
