"""Makes text from runs safe to print: it removes control characters, ANSI sequences and direction marks."""

from __future__ import annotations

import re
import unicodedata
from typing import overload

__all__ = ["ANSI", "further_lines", "one_line", "plain", "shortened", "unfenced"]

ANSI = r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])"
"""ANSI escape sequences (CSI, OSC and two-character ones), for `re` and RE2."""
SEQUENCES = re.compile(ANSI)
BREAKS = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
FENCES = re.compile("^ {0,3}(?=```|~~~)", re.MULTILINE)
DIRECTIONS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Unicode marks that change the direction of the text that follows."""


def plain(text: str) -> str:
    """Return text without control characters, escape sequences included; tabs stay.

    Carriage returns and other line separators become line feeds, so that lines stay apart.
    """
    if text.isascii() and text.isprintable():
        return text
    text = BREAKS.sub("\n", DIRECTIONS.sub("", SEQUENCES.sub("", text)))
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs"})


def one_line(text: str) -> str:
    """Return text as `plain` does, in one line: a name cannot add a line."""
    return plain(text).strip().replace("\n", " ").replace("\t", " ")


def further_lines(text: str) -> int:
    """Return how many lines follow the first line of a text."""
    return text.count("\n") + len(BREAKS.findall(text)) - text.count("\r\n")


@overload
def shortened(text: str, most: int) -> str: ...
@overload
def shortened(text: str | None, most: int) -> str | None: ...
def shortened(text: str | None, most: int) -> str | None:
    """Return a text of at most `most` characters; the last is an ellipsis if there were more."""
    return text if text is None or len(text) <= most else text[: most - 1] + "…"


def unfenced(text: str) -> str:
    """Return a text in which no line is a Markdown fence, so that it cannot end the code block around it."""
    return FENCES.sub("    ", text)
