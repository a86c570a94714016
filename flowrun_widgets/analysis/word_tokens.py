"""Texts as rows of words and separators, in arrays over all texts at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from flowrun_widgets.analysis.word_forms import KEPT_NAMES, KEPT_WORDS
from flowrun_widgets.arrow import pc

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Tokens", "has", "split_up"]

BOUNDARY = "\x0f"
"""No masked text contains it."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """The separators and words of texts, one after the other; words are at odd positions.

    `text` is the index of the text, `names` are the distinct tokens, and `token` is an index in them.
    """

    text: NDArray[np.int64]
    position: NDArray[np.int64]
    token: NDArray[np.int64]
    names: pa.Array
    lengths: NDArray[np.int64]
    """How many tokens each text has."""
    starts: NDArray[np.int64]
    is_word: NDArray[np.bool_]
    random: NDArray[np.uint64]
    odd: NDArray[np.uint64]

    def has(self, pattern: str) -> NDArray[np.bool_]:
        """Return which tokens an expression is found in."""
        return has(pattern, self.names)[self.token]

    def are(self, names: list[str]) -> NDArray[np.bool_]:
        """Return which tokens are one of these."""
        found = pc.is_in(self.names, pa.array(names, self.names.type))
        return found.to_numpy(zero_copy_only=False)[self.token]

    def are_kept(self) -> NDArray[np.bool_]:
        """Return which tokens no slot takes in."""
        lower = pc.utf8_lower(self.names)
        return (has(KEPT_WORDS, lower) | has(KEPT_NAMES, self.names))[self.token]

    def of_texts_with(self, wanted: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return which tokens are of texts that have at least one of the wanted tokens."""
        return (np.bincount(self.text, wanted) > 0)[self.text]

    def mixed(self, values: NDArray[np.int64]) -> NDArray[np.uint64]:
        """Return 64 bits for the value (from -1 on) and position of each token. A text's sum stands for the text."""
        return self.random[values] * self.odd

    def sums(self, mixed: NDArray[np.uint64]) -> NDArray[np.uint64]:
        return np.add.reduceat(mixed, self.starts)


def split_up(texts: pa.Array, pattern: str) -> Tokens:
    """Return texts as words, which a pattern finds, and what stands between them."""
    marked = pc.replace_substring_regex(texts, f"({pattern})", rf"{BOUNDARY}\1{BOUNDARY}")
    parts = pc.split_pattern(marked, BOUNDARY)
    starts = parts.offsets.to_numpy().astype(np.int64)
    lengths, starts = np.diff(starts), starts[:-1]
    text = np.repeat(np.arange(len(texts)), lengths)
    position = np.arange(len(text)) - starts[text]
    found = parts.values.dictionary_encode()
    token = found.indices.to_numpy().astype(np.int64)
    random = _random(len(found.dictionary) + 1)
    odd = 2 * position.astype(np.uint64) + 1
    return Tokens(
        text, position, token, found.dictionary, lengths, starts, position % 2 == 1, random, odd
    )


def has(pattern: str, texts: pa.Array) -> NDArray[np.bool_]:
    """Return which texts an expression is found in."""
    return pc.match_substring_regex(texts, pattern).to_numpy(zero_copy_only=False)


def _random(count: int) -> NDArray[np.uint64]:
    """Return as many numbers of 64 bits, always the same ones."""
    numbers = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    numbers ^= numbers >> np.uint64(32)
    numbers *= np.uint64(0xD6E8FEB86659FD93)
    return numbers ^ (numbers >> np.uint64(29))
