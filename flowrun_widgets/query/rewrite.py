"""Edits a filter text for a click or a brush: adds or removes terms, and leaves the rest as it was typed.

A text with a syntax error is kept too: new terms go before it. Times and regular expressions are compared as written,
not by their meaning.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowrun_widgets.query.grammar import SPACE, Placed, read

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowrun_widgets.query.terms import Term

__all__ = ["with_term", "without_key", "without_term"]


def with_term(text: str, term: Term | str) -> str:
    """Return the text with a term added at its end, once, and without the opposite of that term.

    Raises:
        QuerySyntaxError: `term` is text and has a syntax error.
    """
    added = _one(term)
    if added is None:
        return text
    opposite = added.term.opposite()
    text = _without(text, lambda part: part.term == opposite)
    placed, error = read(text, None)
    if any(part.term == added.term for part in placed):
        return text
    if error is not None:
        return f"{term} {text}"
    return f"{text.rstrip(SPACE)} {term}" if placed else str(term)


def without_term(text: str, term: Term | str) -> str:
    """Return the text without every occurrence of a term.

    Raises:
        QuerySyntaxError: `term` is text and has a syntax error.
    """
    gone = _one(term)
    return text if gone is None else _without(text, lambda part: part.term == gone.term)


def without_key(text: str, key: str) -> str:
    """Return the text without the terms of a key, including negated ones."""
    return _without(text, lambda part: part.term.key == key)


def _one(term: Term | str) -> Placed | None:
    placed, error = read(str(term), None)
    if error is not None:
        raise error
    return placed[0] if placed else None


def _without(text: str, leaves: Callable[[Placed], bool]) -> str:
    left = text
    for part in reversed([part for part in read(text, None)[0] if leaves(part)]):
        left = left[: part.start] + left[part.end :].lstrip(SPACE)
    return text if left == text else left.rstrip(SPACE)
