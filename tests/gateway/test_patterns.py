"""Patterns match as PostgreSQL's do, in time linear in the text."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowrun_widgets.gateway.errors import FieldError
from flowrun_widgets.gateway.patterns import check_pattern, ilike, iregex, like, regex, similar


def slow_like(text: str, pattern: str) -> bool:
    """LIKE by its definition."""
    if not pattern:
        return not text
    if pattern[0] == "%":
        return any(slow_like(text[at:], pattern[1:]) for at in range(len(text) + 1))
    if pattern[0] == "\\":
        return text[:1] == pattern[1:2] and slow_like(text[1:], pattern[2:])
    return bool(text) and pattern[0] in ("_", text[0]) and slow_like(text[1:], pattern[1:])


PATTERNS = st.lists(st.sampled_from(["a", "b", "%", "_", "\\%", "\\_", "\\a", "\n"]), max_size=6)


@given(text=st.text("ab%_\n", max_size=7), parts=PATTERNS)
def test_like_is_what_its_definition_says(text: str, parts: list[str]) -> None:
    pattern = "".join(parts)
    assert like(text, pattern) is slow_like(text, pattern)


@given(text=st.text("abAB", max_size=7), parts=PATTERNS)
def test_ilike_is_like_in_lower_case(text: str, parts: list[str]) -> None:
    pattern = "".join(parts)
    assert ilike(text, pattern.upper() if "\\A" not in pattern.upper() else pattern) is slow_like(
        text.lower(), pattern
    )


@pytest.mark.parametrize("match", [like, ilike, similar, regex, iregex])
def test_null_matches_nothing_and_is_no_mismatch(match) -> None:
    assert match(None, "a") is None
    assert match("a", None) is None


@pytest.mark.parametrize(
    ("text", "pattern", "matches"),
    [
        ("abc", "a%", True),
        ("abc", "%(b|d)%", True),
        ("abc", "(b|c)%", False),
        ("a.c", "a.c", True),
        ("abc", "a.c", False),
        ("a^$", "a^$", True),
        ("abb", "ab{2}", True),
        ("a%", "a\\%", True),
        ("ab", "a\\%", False),
        ("a_", "a[_]", True),
        ("line\nfeed", "line%feed", True),
    ],
)
def test_similar(text: str, pattern: str, matches: bool) -> None:
    assert similar(text, pattern) is matches


@pytest.mark.parametrize("match", [like, ilike])
def test_a_pattern_of_many_wildcards_is_quick(match) -> None:
    began = time.process_time()
    assert match("a" * 20_000, "%a" * 500 + "b") is False
    assert time.process_time() - began < 2


def test_a_regular_expression_that_makes_others_hang_is_quick() -> None:
    began = time.process_time()
    assert regex("a" * 5_000 + "!", "^(a+)+$") is False
    assert time.process_time() - began < 2


@pytest.mark.parametrize("pattern", ["(", "a{9999}", "(?=a)", "(a)\\1", "[", "x" * 20_000])
def test_what_cannot_be_matched_is_refused(pattern: str) -> None:
    with pytest.raises(FieldError, match="invalid regular expression"):
        check_pattern("_regex", pattern)
