"""PostgreSQL's text matching for SQLite: LIKE, ILIKE, SIMILAR TO and regular expressions.

Regular expressions run in RE2, whose time is linear in the length of the text, whatever the pattern.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from flowrun_widgets.arrow import pc
from flowrun_widgets.gateway.errors import FieldError
from flowrun_widgets.gateway.literals import checked_text

__all__ = ["check_pattern", "ilike", "iregex", "like", "regex", "similar"]

Matcher = Callable[[str], bool]

_LONGEST = 10_000


def like(text: str | None, pattern: str | None) -> bool | None:
    """Return whether `text` is LIKE `pattern`: `%` is any text, `_` any character, `\\` escapes the next character."""
    if text is None or pattern is None:
        return None
    return _like(pattern, False)(text)


def ilike(text: str | None, pattern: str | None) -> bool | None:
    """Return whether `text` is LIKE `pattern`, ignoring case."""
    if text is None or pattern is None:
        return None
    return _like(pattern, True)(text)


def similar(text: str | None, pattern: str | None) -> bool | None:
    """Return whether all of `text` is SIMILAR TO `pattern`."""
    if text is None or pattern is None:
        return None
    return _re2(_from_similar(pattern), False)(text)


def regex(text: str | None, pattern: str | None) -> bool | None:
    """Return whether `pattern` matches somewhere in `text`."""
    if text is None or pattern is None:
        return None
    return _re2(_from_postgres(pattern), False)(text)


def iregex(text: str | None, pattern: str | None) -> bool | None:
    """Return whether `pattern` matches somewhere in `text`, ignoring case."""
    if text is None or pattern is None:
        return None
    return _re2(_from_postgres(pattern), True)(text)


def check_pattern(operator: str, pattern: str) -> None:
    """Refuse an invalid pattern.

    Raises:
        FieldError: not a regular expression, not supported by RE2, or not valid Unicode.
    """
    checked_text(pattern)
    match operator:
        case "_regex" | "_nregex" | "_iregex" | "_niregex":
            _re2(_from_postgres(pattern), "iregex" in operator)
        case "_similar" | "_nsimilar":
            _re2(_from_similar(pattern), False)
        case _:
            _like(pattern, False)


@lru_cache(maxsize=64)
def _like(pattern: str, ignore_case: bool) -> Matcher:
    pieces = _pieces(pattern)
    flags = re.DOTALL | re.IGNORECASE if ignore_case else re.DOTALL
    # Every piece has a fixed length, so taking the leftmost match of each in turn finds a match if there is one.
    first, *middle = (re.compile(piece, flags) for piece in pieces)
    if not middle:
        return lambda text: first.fullmatch(text) is not None
    last = re.compile(f"(?:{pieces[-1]})\\Z", flags)
    between = middle[:-1]

    def matches(text: str) -> bool:
        if (found := first.match(text)) is None:
            return False
        position = found.end()
        for piece in between:
            if (found := piece.search(text, position)) is None:
                return False
            position = found.end()
        return last.search(text, position) is not None

    return matches


def _pieces(pattern: str) -> list[str]:
    """Return the parts between the `%` as regular expressions without repetition."""
    pieces, characters = [""], iter(pattern)
    for character in characters:
        if character == "%":
            pieces.append("")
        elif character == "_":
            pieces[-1] += "."
        elif character == "\\":
            escaped = next(characters, None)
            if escaped is None:
                raise FieldError("LIKE pattern must not end with escape character")
            pieces[-1] += re.escape(escaped)
        else:
            pieces[-1] += re.escape(character)
    return pieces


@lru_cache(maxsize=64)
def _re2(pattern: str, ignore_case: bool) -> Matcher:
    import pyarrow as pa

    if len(pattern) > _LONGEST:
        raise FieldError(f"invalid regular expression: longer than {_LONGEST} characters")
    options = pc.MatchSubstringOptions(pattern, ignore_case=ignore_case)

    def matches(text: str) -> bool:
        return pc.call_function("match_substring_regex", [pa.scalar(text)], options).as_py()

    try:
        matches("")
    except pa.ArrowInvalid as error:
        reason = str(error).removeprefix("Invalid regular expression: ").partition(": ")[0]
        raise FieldError(f"invalid regular expression: {reason}") from None
    return matches


def _from_postgres(pattern: str) -> str:
    """Translate PostgreSQL's syntax to RE2: `.` matches line feeds; `\\y`, `\\m`, `\\M` are word boundaries."""
    words = re.sub(r"\\([\\ymMZ])", lambda m: _ESCAPES.get(m[1], m[0]), pattern)
    return f"(?s){words}"


_ESCAPES = {"y": r"\b", "m": r"\b", "M": r"\b", "Z": r"\z"}


def _from_similar(pattern: str) -> str:
    out, characters, in_class = "", iter(pattern), False
    for character in characters:
        if character == "\\":
            out += re.escape(next(characters, "\\"))
        elif in_class:
            in_class = character != "]"
            out += character
        elif character in "%_":
            out += ".*" if character == "%" else "."
        elif character in "^$.":
            out += "\\" + character
        else:
            in_class = character == "["
            out += character
    return rf"(?s)\A(?:{out})\z"
