r"""Merging masked texts that differ only in names: `connected to host-a.example.com` and `… host-b.example.com`.

Each text is a row of words and the separators between them. Texts with the same separators are compared word by word.
A position is a slot if its words are values by their form, such as `worker0` and host names, or if many different words
stand there while most of the rest is the same. The order of the texts makes no difference, nor does how often each
occurs. Everything runs in Arrow and NumPy, on all texts at once.

States, levels and names of exceptions are never part of a slot. Lines in which Prefect quotes a name stay as they are.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from flowrun_widgets.analysis.word_forms import (
    EMPTY,
    EQUALS,
    LETTERS,
    MARK_OR_LETTER,
    NAMED,
    NESTED,
    NOUNS,
    OF_PREFECT,
    PHRASE,
    PURE,
    QUOTED,
    SLOT,
    WORD,
)  # fmt: skip
from flowrun_widgets.analysis.word_tokens import Tokens, has, split_up
from flowrun_widgets.arrow import pc

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

__all__ = ["with_word_slots"]

MANY_WORDS, MANY_FIRST_WORDS = 12, 20
"""So many different words at one position are names. The first word of a line is often a verb."""
FEW_WORDS = 3
"""So many are enough after `=` or after a word like "user", and so many forms of words with digits: `alt0`, `ee0`."""
PART = 65_536
"""How many texts are compared at once."""
LEAST_SHARE = 0.1
"""Of more texts, a sample is merged first. The others are merged only if it lost this share."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where the words of texts differ: the text, the position, the word (-1 is any value), and what is known of it.

    So many different words make a slot as `least` says. `is_pure` says that a value without letters is among them.
    """

    text: NDArray[np.int64]
    position: NDArray[np.int64]
    word: NDArray[np.int64]
    least: NDArray[np.int64]
    is_pure: NDArray[np.bool_]
    has_letters: NDArray[np.bool_]

    def only(self, wanted: NDArray[Any]) -> Places:
        return Places(*(getattr(self, name)[wanted] for name in self.__slots__))


def with_word_slots(keys: pa.Array, mark: str) -> tuple[pa.Array, NDArray[np.int64]]:
    """Return distinct texts with `mark` in place of words that differ, and for each given text the index of its own."""
    if len(keys) <= PART:
        return _merged(keys, mark)
    order = pc.array_sort_indices(keys).to_numpy().astype(np.int64)
    sample = keys.take(pa.array(order[:: len(keys) // PART + 1]))
    if len(_merged(sample, mark)[0]) > (1 - LEAST_SHARE) * len(sample):
        return keys, np.arange(len(keys))
    shares = np.split(order, range(PART, len(keys), PART))
    with ThreadPoolExecutor(pa.cpu_count()) as threads:
        texts = (keys.take(pa.array(share)) for share in shares)
        parts = [*threads.map(_merged, texts, repeat(mark))]
    every = pa.concat_arrays([part for part, _ in parts]).dictionary_encode()
    places, numbers, at = every.indices.to_numpy(), np.empty(len(keys), np.int64), 0
    for share, (part, codes) in zip(shares, parts, strict=True):
        numbers[share] = places[at : at + len(part)][codes]
        at += len(part)
    if len(every.dictionary) > (1 - LEAST_SHARE) * len(keys):
        return every.dictionary, numbers
    merged, codes = with_word_slots(every.dictionary, mark)
    return merged, codes[numbers]


def _merged(keys: pa.Array, mark: str) -> tuple[pa.Array, NDArray[np.int64]]:
    is_kept = has(QUOTED, keys)
    if is_kept.any():
        is_kept &= has(OF_PREFECT, keys)
    texts, names = _alike(keys.filter(pa.array(~is_kept)), WORD, LETTERS, _named_alike, mark)
    texts, nested = _alike(texts, PHRASE, f"{SLOT}|{EMPTY}", _nested_alike, mark)
    both = pa.concat_arrays([keys.filter(pa.array(is_kept)), texts]).dictionary_encode()
    places = both.indices.to_numpy()
    kept = np.count_nonzero(is_kept)
    numbers = np.empty(len(keys), np.int64)
    numbers[is_kept], numbers[~is_kept] = places[:kept], places[kept:][nested[names]]
    return both.dictionary, numbers


def _alike(
    keys: pa.Array,
    pattern: str,
    needed: str,
    groups_of: Callable[[Tokens, str], NDArray[Any]],
    mark: str,
) -> tuple[pa.Array, NDArray[np.int64]]:
    """Merge the texts that have what is needed, and the separators between the pattern that another text has."""
    shapes = pc.replace_substring_regex(keys, pattern, "w").dictionary_encode()
    shape = shapes.indices.to_numpy()
    is_free = (np.bincount(shape) > 1)[shape] & has(needed, keys)
    if np.count_nonzero(is_free) < 2:
        return keys, np.arange(len(keys))
    tokens = split_up(keys.filter(pa.array(is_free)), pattern)
    group = _dense(groups_of(tokens, mark))
    is_merged = np.zeros(len(keys), bool)
    is_merged[is_free] = is_shared = (np.bincount(group) > 1)[group]
    if not is_merged.any():
        return keys, np.arange(len(keys))
    texts = _texts(tokens, group, is_shared, mark)
    both = pa.concat_arrays([keys.filter(pa.array(~is_merged)), texts]).dictionary_encode()
    places = both.indices.to_numpy()
    single = len(keys) - len(texts)
    numbers = np.empty(len(keys), np.int64)
    numbers[~is_merged], numbers[is_merged] = places[:single], places[single:]
    return both.dictionary, numbers


def _texts(
    tokens: Tokens, group: NDArray[np.int64], wanted: NDArray[np.bool_], mark: str
) -> pa.Array:
    """Return the wanted texts, with the mark where those of a group differ. Groups are numbered by appearance."""
    cell = _cells(group, tokens.lengths, tokens.text, tokens.position)
    differs = _differs(cell, tokens.token)[cell]
    is_first = np.zeros(len(group), bool)
    is_first[_firsts(group)] = True
    is_first &= wanted
    names = pa.concat_arrays([tokens.names, pa.array([mark], tokens.names.type)])
    chosen = np.where(differs, len(tokens.names), tokens.token)[is_first[tokens.text]]
    ends = np.append(0, np.cumsum(tokens.lengths[is_first]))
    lists = pa.LargeListArray.from_arrays(pa.array(ends), names.take(pa.array(chosen)))
    joined = pc.binary_join(lists, pa.scalar("", names.type))
    return joined.take(pa.array(_dense(group[wanted])))


def _nested_alike(tokens: Tokens, mark: str) -> NDArray[Any]:
    """Return the group of each text: those that differ only in tokens of values are alike."""
    is_value = (tokens.has(NESTED) | tokens.has(f"^{EMPTY}$")) & tokens.is_word
    is_value &= tokens.of_texts_with(tokens.has(LETTERS) & tokens.is_word)
    values = np.where(is_value, -1, tokens.token)
    is_mark = tokens.are([mark])
    if not is_mark.any():
        return tokens.sums(tokens.mixed(values))
    return _joined(tokens, values, is_mark, ~tokens.are_kept() & tokens.is_word)


def _joined(
    tokens: Tokens,
    values: NDArray[np.int64],
    is_slot: NDArray[np.bool_],
    is_free: NDArray[np.bool_],
) -> NDArray[Any]:
    """Return the group of each text: those with the same values are alike.

    Where another text has a slot and is the same otherwise, any free token is a value, since a filter for that text
    finds both.
    """
    mixed = tokens.mixed(values)
    others = tokens.sums(mixed)[tokens.text] - mixed
    is_value = np.isin(others, others[is_slot]) & is_free
    return tokens.sums(tokens.mixed(np.where(is_value, -1, values)))


def _named_alike(tokens: Tokens, mark: str) -> NDArray[Any]:
    """Return the group of each text: those that differ only in values and names are alike."""
    is_kept = ~tokens.is_word | tokens.are_kept() | ~tokens.has(MARK_OR_LETTER)
    is_pure = tokens.has(PURE) & ~is_kept
    is_named = is_pure | (tokens.has(NAMED) & ~is_kept)
    is_value = is_named | (tokens.has(SLOT) & ~is_kept)
    has_letters = tokens.has(LETTERS) & tokens.is_word & ~is_value
    is_value &= tokens.of_texts_with(has_letters)

    group = _dense(tokens.sums(tokens.mixed(np.where(is_kept, tokens.token, -1))))
    cell = _cells(group, tokens.lengths, tokens.text, tokens.position)
    differs = _differs(cell, tokens.token)[cell]
    values = np.where(is_value, -1, tokens.token)
    form = _dense(tokens.sums(tokens.mixed(values)))
    cell = _cells(form, tokens.lengths, tokens.text, tokens.position)
    varies = _differs(cell, tokens.token)
    if varies.any():
        within = varies[cell]
        different = _distinct(cell[within], tokens.token[within], len(varies))
        is_one = varies & (different < FEW_WORDS) & (np.bincount(cell, is_named) == 0)
        if is_one.any():
            values = np.where(is_one[cell], tokens.token, values)
            form = _dense(tokens.sums(tokens.mixed(values)))
            cell = _cells(form, tokens.lengths, tokens.text, tokens.position)
        is_pure = (np.bincount(cell, is_pure) > 0)[cell]

    first = _firsts(form)
    is_first = np.zeros(len(form), bool)
    is_first[first] = True
    every = Places(form[tokens.text], tokens.position, values, _least(tokens), is_pure, has_letters)
    constants = np.bincount(tokens.text[has_letters & ~differs], minlength=len(form))[first]
    places = every.only(differs & is_first[tokens.text])
    lengths = tokens.lengths[first]
    no_names = np.empty(0, np.int64)
    divided, names = _divided(places, group[first], lengths, constants, no_names)
    if len(names) and divided.max() > group.max():
        divided, _ = _divided(places, group[first], lengths, constants, names)
    group = _dense(divided[form])
    cell = _cells(group, tokens.lengths, tokens.text, tokens.position)
    is_slot = _differs(cell, tokens.token)[cell]
    if not is_slot.any():
        return group
    return _joined(tokens, np.where(is_slot, -1, tokens.token), is_slot, differs)


def _least(tokens: Tokens) -> NDArray[np.int64]:
    """Return how many different words at the place of each token make it a slot."""
    position = tokens.position
    least = np.full(len(position), MANY_WORDS)
    is_blank, is_end = tokens.are([" "]), tokens.are([""])
    least[(position == 1) & np.roll(is_blank | is_end, -1)] = MANY_FIRST_WORDS
    after_noun = (
        np.roll(is_blank, 1)
        & np.roll(tokens.are([*NOUNS, *map(str.capitalize, NOUNS)]), 2)
        & (position > 2)
    )
    after_equal = np.roll(tokens.are(EQUALS), 1) & (position > 1)
    least[after_noun | after_equal] = FEW_WORDS
    return least


def _divided(
    places: Places,
    group: NDArray[np.int64],
    lengths: NDArray[np.int64],
    constants: NDArray[np.int64],
    names: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Divide groups of texts until what differs in each is a slot; return the group of each text, and words of slots.

    A group is divided by the words at the position where the fewest differ. `constants` counts the words that the texts
    of a group share, which have to be as many as the positions that differ. Two of the `names` are enough for a slot.
    """
    constants = constants.copy()
    found = [np.empty(0, np.int64)]
    while True:
        group = _dense(group)
        places = places.only((np.bincount(group) > 1)[group[places.text]])
        cell = _cells(group, lengths, places.text, places.position)
        differs = _differs(cell, places.word)[cell]
        shared = places.text[~differs & places.has_letters]
        constants += np.bincount(shared, minlength=len(group))
        places = places.only(differs)
        if not len(places.text):
            return group, np.unique(np.concatenate(found))
        cell = _ranks(cell[differs])
        cells = places.only(_firsts(cell))
        of_group = group[cells.text]
        different = _distinct(cell, places.word, len(of_group))
        is_slot = different >= _enough(places, cell, cells, names)
        is_slot &= constants[cells.text] >= np.bincount(of_group)[of_group]
        slots = places.word[is_slot[cell]]
        found.append(slots[slots >= 0])
        order = np.lexsort((cells.position, different, of_group))
        order = order[~is_slot[order]]
        divides = np.zeros(len(of_group), bool)
        divides[order[np.unique(of_group[order], return_index=True)[1]]] = True
        dividing = divides[cell]
        pairs = cell[dividing] * (places.word.max() + 2) + places.word[dividing] + 1
        group[places.text[dividing]] = len(group) + _dense(pairs)
        places = places.only(~is_slot[cell])


def _enough(
    places: Places, cell: NDArray[np.int64], cells: Places, names: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return how many different words make each cell a slot."""
    enough = np.full(len(cells.text), MANY_FIRST_WORDS)
    np.minimum.at(enough, cell, places.least)
    is_pure = np.bincount(cell, places.is_pure) > 0
    has_value = np.bincount(cell, places.word < 0) > 0
    is_unknown = ~np.isin(places.word, names) & (places.word >= 0)
    is_named = (np.bincount(cell, is_unknown) == 0) & (cells.position > 1)
    is_two = is_named | (is_pure & (enough == FEW_WORDS))
    enough[has_value] = np.minimum(enough[has_value], FEW_WORDS)
    return np.where(is_two, 2, enough)


def _dense(values: NDArray[Any]) -> NDArray[np.int64]:
    """Return values as numbers from 0, in order of appearance."""
    return pa.array(values).dictionary_encode().indices.to_numpy().astype(np.int64)


def _ranks(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return numbers without gaps between them, in their own order."""
    return (np.cumsum(np.bincount(numbers) > 0) - 1)[numbers]


def _firsts(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return where each number from 0 on is first."""
    firsts = np.empty(numbers.max() + 1, np.int64)
    firsts[numbers[::-1]] = np.arange(len(numbers))[::-1]
    return firsts


def _cells(
    group: NDArray[np.int64],
    lengths: NDArray[np.int64],
    text: NDArray[np.int64],
    position: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Return a number for the group and the position; the texts of a group have the same length."""
    of_group = np.zeros(group.max() + 1, np.int64)
    of_group[group] = lengths
    return (np.cumsum(of_group) - of_group)[group[text]] + position


def _differs(cell: NDArray[np.int64], word: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return in which cells there are different words."""
    one = np.empty(cell.max(initial=-1) + 1, np.int64)
    one[cell] = word
    return np.bincount(cell, word != one[cell]) > 0


def _distinct(cell: NDArray[np.int64], word: NDArray[np.int64], cells: int) -> NDArray[np.int64]:
    """Return how many different words there are in each cell."""
    wide = word.max() + 2
    pairs = pa.array(cell * wide + word + 1).dictionary_encode().dictionary
    return np.bincount(pairs.to_numpy() // wide, minlength=cells)
