"""Completes a filter text at the caret."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from flowrun_widgets.query.grammar import KEYED, MAX_TERM_CHARS, SPACE
from flowrun_widgets.query.terms import KEYS, LEVELS, NAMES, written_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from flowrun_widgets.query.terms import NameKey

__all__ = ["Completions", "complete"]

MAX_PROPOSALS = 12
TERM = re.compile(
    r'-?(?:/(?:[^\\/]|\\.)*/?[^ \t-\r]*|(?:"(?:[^"\\]|\\.)*"?|[^ \t-\r"])*)', re.DOTALL
)
HINTS = {
    "level": "level:error, level>=warning",
    "task": 'task:load, task="load[7]"',
    "logger": "logger:prefect",
    "run": "run:amber-heron",
    "attempt": "attempt:2, attempt>1",
    "time": "time:02:29..02:33",
}
SHOWN_LEVELS = ("critical", "error", "warning", "info", "debug")
COMPARE: dict[str, Callable[[int, int], bool]] = {
    ":": lambda level, bound: level == bound,
    "=": lambda level, bound: level == bound,
    ">=": lambda level, bound: level >= bound,
    "<=": lambda level, bound: level <= bound,
    ">": lambda level, bound: level > bound,
    "<": lambda level, bound: level < bound,
}


class Completions(NamedTuple):
    """Texts that can replace the text between `start` and `end`, each with a hint."""

    start: int
    end: int
    items: tuple[tuple[str, str], ...]


def complete(
    text: str,
    caret: int,
    *,
    levels: Mapping[int, int],
    names: Callable[[NameKey], Mapping[str | None, int] | None],
) -> Completions:
    """Return at most 12 terms or keys that complete the text before the caret, without those that are there already.

    `levels` maps levels to counts of lines. `names` returns the counts by name for a key, most lines first, with None
    for lines without a name; it returns None if lines have no such name at all.
    """
    caret = max(0, min(caret, len(text)))
    start, end = _term_at(text, caret)
    start += text.startswith("-", start, caret)
    typed = text[start:caret]
    keyed = KEYED.match(typed)
    if keyed is None:
        found = _keys(typed, names)
    elif keyed[1].lower() == "level":
        found = _levels(typed[keyed.end() :], keyed[2], levels)
    elif keyed[1].lower() in NAMES and keyed[2] in ":=":
        found = _names(typed[keyed.end() :], keyed[1].lower(), names)
    else:
        found = iter(())
    others = (item for item in found if item[0] != text[start:end])
    items = [item for item, _ in zip(others, range(MAX_PROPOSALS), strict=False)]
    return Completions(start, end, tuple(items))


def _term_at(text: str, caret: int) -> tuple[int, int]:
    """Return the start and end of the term at the caret."""
    at = 0
    while at < len(text):
        if text[at] in SPACE:
            at += 1
            continue
        found = TERM.match(text, at)
        end = max(at + 1, found.end() if found else 0)
        if caret < at:
            break
        if caret <= end:
            return at, end
        at = end
    return caret, caret


def _keys(
    typed: str, names: Callable[[NameKey], Mapping[str | None, int] | None]
) -> Iterator[tuple[str, str]]:
    for key in KEYS:
        is_there = key not in NAMES or names(key) is not None  # pyright: ignore[reportArgumentType]
        if key.startswith(typed.lower()) and is_there:
            yield f"{key}:", HINTS[key]


def _levels(typed: str, operator: str, levels: Mapping[int, int]) -> Iterator[tuple[str, str]]:
    for name in SHOWN_LEVELS:
        if name.startswith(typed.lower()):
            holds = COMPARE[operator]
            count = sum(lines for level, lines in levels.items() if holds(level, LEVELS[name]))
            yield f"level{operator}{name}", _lines(count)


def _names(
    typed: str, key: str, names: Callable[[NameKey], Mapping[str | None, int] | None]
) -> Iterator[tuple[str, str]]:
    wanted = typed.removeprefix('"').removesuffix('"').lower()
    name_key: NameKey = key  # pyright: ignore[reportAssignmentType]
    for name, lines in (names(name_key) or {}).items():
        if wanted in (name or "").lower() and len(name or "") <= MAX_TERM_CHARS:
            yield written_name(name_key, name or "", exact=True), _lines(lines)


def _lines(count: int) -> str:
    return f"{count:,} line{'' if count == 1 else 's'}".replace(",", "\u202f")
