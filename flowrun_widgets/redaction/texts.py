"""Searches many texts for secrets at once."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import pyarrow as pa

from flowrun_widgets.arrow import pc, true_positions
from flowrun_widgets.plain_text import ANSI
from flowrun_widgets.redaction.names import is_secret_name, words_of
from flowrun_widgets.redaction.rules import (
    DEFAULT_SIGNS,
    MARK,
    REDACTED,
    default_rules,
    named_rules,
    named_signs,
    whole_rule,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flowrun_widgets.redaction.redaction import Redaction

__all__ = ["Rules", "marks", "rules_of"]

MAX_ROUNDS = 5
SHORTEST = 2
"""The length of the shortest secret."""


class Rules:
    """The compiled form of a redaction: what is searched for, and how it is replaced."""

    def __init__(self, redaction: Redaction) -> None:
        self._more = frozenset(map(words_of, redaction.names))
        self._defaults = redaction.defaults
        self._scans: list[str] = [DEFAULT_SIGNS] if redaction.defaults else [MARK]
        self._steps = [*default_rules()] if redaction.defaults else []
        if redaction.names:
            self._scans.append(named_signs(redaction.names))
            self._steps += named_rules(redaction.names)
        for pattern in redaction.patterns:
            self._scans.append(pattern)
            self._steps.append(whole_rule(pattern))

    def is_secret_name(self, name: str) -> bool:
        """Whether a value of this name is replaced as a whole."""
        return is_secret_name(name, self._more, self._defaults)

    def cleaned(self, texts: pa.Array) -> tuple[pa.Array, int]:
        """Return the texts without secrets, and how many values in them are replaced; the same array if there are none.

        ANSI sequences are ignored in the search, and a text with a secret loses them.
        """
        is_coloured = pc.fill_null(pc.match_substring_regex(texts, "\x1b"), False)
        if not pc.any(is_coloured).as_py():
            return self._cleaned(texts)
        plain = pc.replace_substring_regex(texts.filter(is_coloured), ANSI, "")
        read = pc.replace_with_mask(texts, is_coloured, plain)
        clean, count = self._cleaned(read)
        if clean is read:
            return texts, count
        return pc.if_else(pc.equal(clean, read), texts, clean), count

    def _cleaned(self, texts: pa.Array) -> tuple[pa.Array, int]:
        """Clean texts without ANSI sequences.

        Costs one search through all texts, one for the names and one for each pattern that were passed, and one more
        for each rule through the texts in which something was found.
        """
        found = None
        for scan in self._scans:
            one = pc.fill_null(pc.match_substring_regex(texts, scan), False)
            found = one if found is None else pc.or_(found, one)
        if not pc.any(found).as_py():
            return texts, 0
        suspect = texts.filter(found)
        clean = self._settled(suspect)
        count = marks(clean)
        return (
            texts if clean.equals(suspect) else pc.replace_with_mask(texts, found, clean),
            count,
        )

    def _settled(self, texts: pa.Array) -> pa.Array:
        """Apply the rules until nothing changes: a replacement can let another rule match."""
        clean = self._once(texts)
        changed = pc.fill_null(pc.not_equal(texts, clean), False)
        for _ in range(MAX_ROUNDS):
            before = clean.filter(changed)
            after = self._once(before)
            if after.equals(before):
                break
            clean = pc.replace_with_mask(clean, changed, after)
        return clean

    def _once(self, texts: pa.Array) -> pa.Array:
        for pattern, replacement in self._steps:
            texts = pc.replace_substring_regex(texts, pattern=pattern, replacement=replacement)
        return texts

    def changes(self, texts: Iterable[str]) -> dict[str, str]:
        """Return the texts that contain secrets, each with its redacted form."""
        given = list({text for text in texts if len(text) >= SHORTEST})
        if not given:
            return {}
        try:
            before = pa.array(given, pa.large_string())
        except (
            UnicodeEncodeError
        ):  # an unpaired surrogate becomes a question mark, in texts that change anyway
            whole = [text.encode("utf-8", "replace").decode() for text in given]
            before = pa.array(whole, pa.large_string())
        after, _ = self.cleaned(before)
        if after is before:
            return {}
        differs = true_positions(pc.not_equal(before, after)).to_pylist()
        return {given[n]: after[n].as_py() for n in differs}


@lru_cache(32)
def rules_of(redaction: Redaction) -> Rules:
    """Return the rules of a redaction, compiled once."""
    return Rules(redaction)


def marks(texts: pa.Array | pa.ChunkedArray) -> int:
    """Return how many replaced values the texts have."""
    return pc.sum(pc.count_substring(texts, REDACTED)).as_py() or 0
