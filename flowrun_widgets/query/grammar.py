"""Parses a filter text to terms. `grammar.ebnf` is the grammar; `js/src/query/parse.ts` is the parser of the page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, NamedTuple, cast

from flowrun_widgets.errors import InvalidArgument, QuerySyntaxError
from flowrun_widgets.query.clock import Clock
from flowrun_widgets.query.pattern import PatternError, re2
from flowrun_widgets.query.query import Query
from flowrun_widgets.query.terms import (
    ESCAPES,
    KEYS,
    LEVELS,
    NAMES,
    Named,
    NameKey,
    Negatable,
    Operator,
    Pattern,
    Term,
    Text,
    TimeRange,
    Value,
    ValueKey,
)

if TYPE_CHECKING:
    from datetime import date

__all__ = ["Placed", "parse", "read"]

MAX_TERM_CHARS = 1_000
"""The maximum number of characters in a term; RE2 compiles a literal of this length in any script."""
SPACE = " \t\n\v\f\r"
KEYED = re.compile(r"([A-Za-z_]{1,40})(:|>=|<=|=|>|<)")
BARE = re.compile(r'[^ \t-\r"]*')
PHRASE = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
ESCAPE = re.compile(r"\\(.)", re.DOTALL)
NUMBER = re.compile(r"[0-9]{1,9}")
HALF_CHARACTER = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class WrittenTime(Negatable):
    """A time range as written, where its meaning does not matter."""

    key: ClassVar[Literal["time"]] = "time"
    text: str


class Placed(NamedTuple):
    """A term and its position in the text."""

    term: Term | WrittenTime
    start: int
    end: int


def parse(text: str, tz: str = "UTC", first_day: date | None = None) -> Query:
    """Return the query for a filter text.

    Times without a zone are in `tz`; times without a day are on `first_day`, which is when the run began, as a date in
    that zone or as a time. Without `first_day`, a time needs a date.

    Raises:
        QuerySyntaxError: the text has a syntax error; `position` counts characters from 0.
        InvalidArgument: there is no such time zone.
    """
    placed, error = read(text, Clock(tz, first_day))
    if error is not None:
        raise error
    return Query(tuple(cast("Term", part.term) for part in placed))


def read(text: str, clock: Clock | None) -> tuple[list[Placed], QuerySyntaxError | None]:
    """Return all terms, or the terms before a syntax error and that error.

    Without a clock, times and regular expressions stay as written and are not checked.
    """
    if not isinstance(text, str):
        raise InvalidArgument(f"A filter is text, not {type(text).__name__}.")
    placed: list[Placed] = []
    try:
        at = _past_space(text, 0)
        while at < len(text):
            term, end = _term(text, at, clock)
            placed.append(Placed(term, at, end))
            at = _past_space(text, end)
    except QuerySyntaxError as error:
        return placed, error
    return placed, None


def _past_space(text: str, at: int) -> int:
    while at < len(text) and text[at] in SPACE:
        at += 1
    return at


def _term(text: str, start: int, clock: Clock | None) -> tuple[Term | WrittenTime, int]:
    negated = text[start] == "-"
    at = start + negated
    following = text[at : at + 1]
    if not following or following in SPACE or (negated and following == "-"):
        raise QuerySyntaxError("A term must follow the -.", start)
    if following == '"':
        value, end = _value(text, at)
        _check_some(value, at)
        return Text(value, negated=negated), end
    if following == "/":
        return _pattern(text, at, negated, checked=clock is not None)
    if keyed := KEYED.match(text, at):
        key, operator = keyed[1].lower(), keyed[2]
        end = keyed.end()
        if key in KEYS:
            return _keyed(text, key, operator, end, negated, clock)
        is_address = text.startswith("//", end)
        if text[end : end + 1] == '"' or (
            operator == ":" and text[end : end + 1].strip(SPACE) and not is_address
        ):
            known = ", ".join(name for name in KEYS if name != "run")
            raise QuerySyntaxError(f"Unknown key: {keyed[1]}. Keys: {known}.", at)
    value, end = _value(text, at)
    return Text(value, negated=negated), end


def _keyed(
    text: str, key: str, operator: str, at: int, negated: bool, clock: Clock | None
) -> tuple[Term | WrittenTime, int]:
    compares = key in {"level", "attempt"}
    if not compares and operator not in ({":", "="} if key in NAMES else {":"}):
        raise QuerySyntaxError(
            f"{key} takes {':' if key == 'time' else ': or ='}", at - len(operator)
        )
    value, end = _value(text, at)
    if not (operator == "=" and key in NAMES and text.startswith('"', at)):
        _check_some(value, at)
    if key == "time":
        if clock is None:
            return WrittenTime(value, negated=negated), end
        first, last = clock.range(value, at + text.startswith('"', at))
        return TimeRange(first, last, negated=negated), end
    if compares:
        number = _number(key, value, at)
        chosen = cast("Operator", "=" if operator == ":" else operator)
        return Value(cast("ValueKey", key), chosen, number, negated=negated), end
    return Named(cast("NameKey", key), value, operator == "=", negated=negated), end


def _number(key: str, value: str, at: int) -> int:
    if key == "level" and value.lower() in LEVELS:
        return LEVELS[value.lower()]
    if NUMBER.fullmatch(value):
        return int(value)
    if key == "level":
        known = ", ".join([*LEVELS][:5])
        raise QuerySyntaxError(f"Unknown level: {value}. Levels: {known}, or a number.", at)
    raise QuerySyntaxError(f"Not a number: {value}.", at)


def _value(text: str, at: int) -> tuple[str, int]:
    """Return the word or phrase at a position, and its end."""
    if text.startswith('"', at):
        value, end = _phrase(text, at)
    else:
        found = cast("re.Match[str]", BARE.match(text, at))
        value, end = found[0], found.end()
    _check_end(text, end)
    _check_length(value, at)
    return value, end


def _phrase(text: str, start: int) -> tuple[str, int]:
    found = PHRASE.match(text, start)
    if found is None:
        raise QuerySyntaxError("The quote is never closed.", start)

    def character(escape: re.Match[str]) -> str:
        if escape[1] not in ESCAPES:
            message = f"Unknown escape: {escape[0]}. A backslash is written \\\\."
            raise QuerySyntaxError(message, start + 1 + escape.start())
        return ESCAPES[escape[1]]

    return ESCAPE.sub(character, found[1]), found.end()


def _pattern(text: str, start: int, negated: bool, *, checked: bool) -> tuple[Term, int]:
    at = start + 1
    while at < len(text) and text[at] != "/":
        at += 2 if text[at] == "\\" else 1
    if at >= len(text):
        raise QuerySyntaxError("The / is never closed. To find text, put it in quotes.", start)
    source = text[start + 1 : at]
    _check_end(text, at + 1)
    _check_length(source, start)
    _check_some(source, start)
    try:
        if checked:
            re2(source)
    except PatternError as error:
        raise QuerySyntaxError(str(error), start + 1 + error.offset) from None
    return Pattern(source, negated=negated), at + 1


def _check_end(text: str, at: int) -> None:
    if at < len(text) and text[at] not in SPACE:
        raise QuerySyntaxError("A space is missing here.", at)


def _check_some(value: str, at: int) -> None:
    if not value:
        raise QuerySyntaxError("Nothing to look for.", at)


def _check_length(value: str, at: int) -> None:
    if len(value) > MAX_TERM_CHARS:
        raise QuerySyntaxError("This term is too long.", at)
    if HALF_CHARACTER.search(value):
        raise QuerySyntaxError("Contains an unpaired surrogate, which is not valid Unicode.", at)
