"""The terms of a filter text. Each is immutable, and `str()` gives its canonical text."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Literal, Self, TypeAlias

__all__ = [
    "ESCAPES",
    "KEYS",
    "LEVELS",
    "NAMES",
    "NameKey",
    "Named",
    "Negatable",
    "Operator",
    "Pattern",
    "Term",
    "Text",
    "TimeRange",
    "Value",
    "ValueKey",
    "written_name",
]

NameKey: TypeAlias = Literal["task", "logger", "run"]
ValueKey: TypeAlias = Literal["level", "attempt"]
Operator: TypeAlias = Literal["=", ">=", "<=", ">", "<"]

NAMES = ("task", "logger", "run")
KEYS = ("level", *NAMES, "attempt", "time")
LEVELS = {
    "debug": 10, "info": 20, "warning": 30, "error": 40, "critical": 50, "notset": 0, "warn": 30, "fatal": 50,
}  # fmt: skip
LEVEL_NAMES = {number: name for name, number in reversed(LEVELS.items())}
ESCAPES = {'"': '"', "\\": "\\", "n": "\n", "r": "\r", "t": "\t"}
ESCAPED = str.maketrans({character: f"\\{letter}" for letter, character in ESCAPES.items()})
PLAIN_WORD = re.compile(r'[^-/ \t-\r":=<>][^ \t-\r":=<>]*')
PLAIN_VALUE = re.compile(r'[^ \t-\r"]+')
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Negatable:
    """A condition on a line; `negated` inverts it."""

    negated: bool = False

    def __str__(self) -> str:
        return ("-" if self.negated else "") + self.written()

    def opposite(self) -> Self:
        """Return the term that matches exactly the lines that this one does not."""
        return dataclasses.replace(self, negated=not self.negated)

    def written(self) -> str:
        """Return the canonical text without the `-`."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Text(Negatable):
    """The message contains `text`, ignoring case."""

    key: ClassVar[None] = None
    text: str

    def written(self) -> str:
        """Return the word, in quotes if it could be read as something else."""
        return self.text if PLAIN_WORD.fullmatch(self.text) else _quoted(self.text)


@dataclass(frozen=True, slots=True)
class Pattern(Negatable):
    r"""A regular expression matches in the message, ignoring case. `source` is the text between the slashes."""

    key: ClassVar[None] = None
    source: str

    def written(self) -> str:
        """Return the expression between slashes."""
        return f"/{self.source}/"


@dataclass(frozen=True, slots=True)
class Named(Negatable):
    """The name of a line's task, logger or run contains `name`, ignoring case; or is exactly `name`."""

    key: NameKey
    name: str
    exact: bool = False

    def written(self) -> str:
        """Return key and name; an exact name is always in quotes."""
        return written_name(self.key, self.name, exact=self.exact)


@dataclass(frozen=True, slots=True)
class Value(Negatable):
    """The level or attempt of a line compares like this with `number`; an unknown one never matches."""

    key: ValueKey
    operator: Operator
    number: int

    def written(self) -> str:
        """Return key, operator and value; known levels are written by name."""
        operator = ":" if self.operator == "=" else self.operator
        shown = LEVEL_NAMES.get(self.number, self.number) if self.key == "level" else self.number
        return f"{self.key}{operator}{shown}"


@dataclass(frozen=True, slots=True)
class TimeRange(Negatable):
    """The line is not earlier than `start` nor later than `end`, in microseconds since 1970; None means no limit."""

    key: ClassVar[Literal["time"]] = "time"
    start: int | None
    end: int | None

    def written(self) -> str:
        """Return the range in UTC."""
        return f"time:{_utc(self.start)}..{_utc(self.end)}"


Term: TypeAlias = Text | Pattern | Named | Value | TimeRange


def written_name(key: NameKey, name: str, *, exact: bool = False) -> str:
    """Return the filter text for a name of a key."""
    if exact:
        return f"{key}={_quoted(name)}"
    return f"{key}:{name if PLAIN_VALUE.fullmatch(name) else _quoted(name)}"


def _quoted(text: str) -> str:
    return f'"{text.translate(ESCAPED)}"'


def _utc(micros: int | None) -> str:
    if micros is None:
        return ""
    moment = EPOCH + timedelta(microseconds=micros)
    fraction = f".{moment.microsecond:06}".rstrip("0").rstrip(".")
    return f"{moment:%Y-%m-%dT%H:%M:%S}{fraction}Z"
