r"""Grouping log lines by their pattern: numbers, ids, times, addresses, paths and names become slots.

Lines that differ only in the kind of their numbers share a pattern: `3` and `3.5` are `<float>`, `12345678` and
`1234567f` are `<hex>`. A pattern describes a message's first line, without ANSI sequences and surrounding white space.
Everything runs in Arrow on parts of the log; the masks that are finer than digits process each distinct text once.
Which words are names is decided afterwards, in `word_slots`, from the distinct masked texts.
"""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from flowrun_widgets.analysis.slots import CUT, Slot, escaped, split
from flowrun_widgets.analysis.word_slots import with_word_slots
from flowrun_widgets.arrow import pc
from flowrun_widgets.errors import InvalidArgument
from flowrun_widgets.plain_text import ANSI

if TYPE_CHECKING:
    from flowrun_widgets.log_columns import LogColumns

__all__ = [
    "MASKS",
    "WORD_MARK",
    "Template",
    "TemplateIds",
    "grouped",
    "keyed",
    "masked",
    "merged_keys",
    "merged_words",
    "template_ids",
    "templates",
    "term",
    "written",
]

PART, LEAST_PART = 65_536, 8_192
LONGEST_READ = 2_000
MAX_PATTERN_CHARS = 300
"""How many characters of a line are read, and how many of its pattern are kept; a slot counts as one."""
TERM_LONGEST = 1_000
START, END = r"^\s*", r"\s*(?:[\r\n]|$)"
SYNTAX = frozenset("^$\\.*+?()[]{}|/")

SPECIAL = r"[\x00-\x08\x0a-\x1f\x7f]"
UNREADABLE = "\ufffd"
"""Stands for a control character in a pattern."""
CLEAN = (
    (ANSI, ""),
    (r"^[ \t\n\f\r]+", ""),
    (r"(?s)[\r\n].*", ""),
    (r"[\x00-\x08\x0b-\x1f\x7f]", UNREADABLE),
)
"""The replacements in lines with control characters, in this order."""


def _hex_words(letters: str) -> str:
    """Return an expression for words of at least seven hexadecimal digits, with at least one digit and one letter."""
    both = f"[0-9{letters}]"
    ways = [
        f"{one}{{{count}}}{other}{both}{{{6 - count},}}"
        for one, other in (("[0-9]", f"[{letters}]"), (f"[{letters}]", "[0-9]"))
        for count in range(1, 7)
    ]
    return "|".join([*ways, f"[0-9]{{7,}}[{letters}]{both}*", f"[{letters}]{{7,}}[0-9]{both}*"])


NUMBER = r"(?:[0-9]{1,3}(?:,[0-9]{3})+\b|[0-9]+)"
HEX8, HEX4, HEX12 = (f"[0-9a-fA-F]{{{size}}}" for size in (8, 4, 12))
UUID = rf"\b{HEX8}-{HEX4}-{HEX4}-{HEX4}-{HEX12}\b"
HEX = rf"(?:0[xX][0-9a-fA-F]+|{_hex_words('a-f')}|{_hex_words('A-F')})\b"
UUID_MARK, HEX_MARK = "_\x01_", "_\x02_"
URL_MARK, PATH_MARK, TIME_MARK, IP_MARK, VERSION_MARK, FLOAT_MARK = map(chr, range(3, 9))
WORD_MARK = "\x0e"
IDS = (
    (UUID, UUID_MARK),
    # The decimals of 1.2345678e-05 would match.
    (rf"(^|[^0-9A-Za-z_.]|[^0-9]\.){HEX}", rf"\1{HEX_MARK}"),
)
DIGITS = (rf"(?:\B[-+])?{NUMBER}", "0")
"""From here on, `0` stands for any whole number."""
ABROAD = f"{chr(0x80)}-{chr(0x10FFFF)}"
IN_ADDRESS = r"""[^\s"'<>|]"""
LAST_IN_ADDRESS = r"""[^\s"'<>|.,;:!?()\[\]{}]"""
FINE = (
    (r"_[-+]0", "_0"),
    (r" {2,}0", " 0"),
    (rf"[A-Za-z][A-Za-z0+.-]*://(?:{IN_ADDRESS}*{LAST_IN_ADDRESS})", URL_MARK),
    (
        rf"(^|[\s\"'=(\[,:<>|])(?:(?:~|\.\.?)?/|[A-Za-z]:[/\\])[\w.~%@{ABROAD}-](?:{IN_ADDRESS}*{LAST_IN_ADDRESS})?",
        rf"\1{PATH_MARK}",
    ),
    (r"\b(?:[0a-fA-F]{1,4}::?){5,7}[0a-fA-F]{1,4}\b", WORD_MARK),
    (r"\b0-0-0[T ]0:0:0(?:[.,]0)?(?:Z\b|[+-]0(?::0)?)?", TIME_MARK),
    (r"0(?:\.0){4,}", VERSION_MARK),
    (r"0(?:\.0){3}", IP_MARK),
    (r"0\.0\.0", VERSION_MARK),
    (r"0\.0(?:[eE][-+]?0)?|\b0[eE](?:[-+]0|0\b)", FLOAT_MARK),
)
MASKS = (*IDS, DIGITS, *FINE)
"""Each expression and its replacement, in this order. This list defines what becomes a slot."""
SLOTS = {
    UUID_MARK: "uuid", HEX_MARK: "hex", URL_MARK: "url", PATH_MARK: "path", TIME_MARK: "time",
    IP_MARK: "ip", VERSION_MARK: "version", FLOAT_MARK: "float", WORD_MARK: "word", "0": "int",
}  # fmt: skip
HALF_MARK = (rf"(?:(_[\x01\x02]_)|_[\x01\x02]?){CUT}$", rf"\1{CUT}")
MARK = re.compile("|".join(SLOTS))
SAID = {
    "int": r"[-+]?\d[\d,]*",
    "float": r"[-+]?\d[\d.,e+-]*",
    "hex": r"[-+]?[\da-fx,]+",
    "uuid": r"[\da-f-]+",
    "ip": r"[-+]?\d[\d.,]*",
    "version": r"[-+]?\d[\d.,]*",
    "time": r"[-+]?\d[-\dtz:., +]*",
    "url": r"""[^\s"'<>|]+""",
    "path": r"""[^\s"'<>|]+""",
    "word": r"\S+",
    "str": r".+",
}
"""The expression of a slot in a filter term: short, and never narrower than the mask."""


@dataclass(frozen=True, slots=True)
class Template:
    """Lines of one pattern: count, times of the first and last (microseconds), most severe level, first message."""

    pattern: str
    count: int
    first_at: int
    last_at: int
    level: int | None
    example: str


def templates(columns: LogColumns, most: int = 1_000) -> tuple[Template, ...]:
    """Return the `most` frequent templates, the most frequent first, else in order of appearance.

    Raises:
        InvalidArgument: `most` is not a whole number above zero.
    """
    if not isinstance(most, int) or most < 1:
        raise InvalidArgument(f"most has to be a whole number above zero, not {most!r}.")
    table = columns.table
    if not len(table):
        return ()
    keys, codes = grouped(table["message"])
    groups = pa.table(
        {
            "code": codes,
            "position": np.arange(len(codes)),
            "at": table["timestamp"].cast(pa.int64()),
            "level": table["level"],
        }
    ).group_by("code")
    found = groups.aggregate(
        [("position", "count"), ("position", "min"), ("at", "min"), ("at", "max"), ("level", "max")]
    )
    order = [("position_count", "descending"), ("position_min", "ascending")]
    found = found.take(pc.select_k_unstable(found, k=min(most, len(found)), sort_keys=order))
    messages = table["message"].take(found["position_min"])
    return tuple(
        Template(
            written(key),
            row["position_count"],
            row["at_min"],
            row["at_max"],
            row["level_max"],
            example or "",
        )
        for key, row, example in zip(
            keys.take(found["code"].combine_chunks()).to_pylist(),
            found.to_pylist(),
            messages.to_pylist(),
            strict=True,
        )
    )


@dataclass(frozen=True, slots=True)
class TemplateIds:
    """The templates of a log by number: for each line its number, and for each number the position of its first line.

    Numbers are in order of appearance.
    """

    codes: np.ndarray
    firsts: np.ndarray
    keys: pa.Array
    messages: pa.ChunkedArray

    def described(self, number: int) -> tuple[str, str]:
        """Return a template's pattern, and the filter term that finds its lines."""
        pattern = written(self.keys[number].as_py())
        example = self.messages[int(self.firsts[number])].as_py() or ""
        return pattern, term(pattern, example)


def template_ids(columns: LogColumns) -> TemplateIds:
    """Return which template each line has."""
    messages = columns.table["message"]
    if not len(messages):
        nothing = np.empty(0, np.int64)
        return TemplateIds(nothing, nothing, pa.array([], pa.large_string()), messages)
    keys, found = grouped(messages)
    used, firsts, codes = np.unique(found, return_index=True, return_inverse=True)
    order = np.argsort(firsts, kind="stable")
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    return TemplateIds(rank[codes], firsts[order], keys.take(pa.array(used[order])), messages)


def term(pattern: str, example: str = "") -> str:
    r"""Return the filter term that finds the lines of a template: `/^\s*rows=[-+]?\d[\d,]*\s*(?:[\r\n]|$)/`.

    It ignores case, as filters do, and is cut at the largest length of a term, so it may find more than the template's
    lines. If the `example` has ANSI sequences, it is the longest phrase between them and the slots.

    Raises:
        InvalidArgument: `pattern` is not a pattern.
    """
    is_whole = not pattern.endswith(CUT)
    parts = split(pattern if is_whole else pattern[: -len(CUT)])
    if "\x1b" in example:
        return _phrase(parts, example)
    pieces: list[str] = []
    for part in parts:
        if isinstance(part, str):
            pieces += map(_literal, part)
            continue
        if pieces and pieces[-1] == " ":
            pieces[-1] = " +"
        pieces.append(SAID[part.kind])
    source = START
    for piece in pieces:
        if len(source) + len(piece) > TERM_LONGEST - len(END):
            return f"/{source}/"
        source += piece
    return f"/{source}{END if is_whole else ''}/"


def masked(messages: pa.ChunkedArray) -> tuple[pa.Array, np.ndarray]:
    """Return the distinct masked texts of messages, and for each message the index of its text."""
    keys, codes = keyed(messages)
    merged, places = merged_keys(keys)
    return merged, places[codes]


def grouped(messages: pa.ChunkedArray) -> tuple[pa.Array, np.ndarray]:
    """Return the masked texts after merging those that differ in names, and for each message the index of its text."""
    keys, codes = masked(messages)
    merged, places = merged_words(keys)
    return merged, places[codes]


def merged_words(keys: pa.Array) -> tuple[pa.Array, np.ndarray]:
    """Return masked texts after merging those that differ in names, and for each the index of its merged text."""
    return with_word_slots(keys, WORD_MARK)


def written(key: str) -> str:
    """Return the pattern that a masked text stands for."""
    text, at = "", 0
    for mark in MARK.finditer(key):
        text += escaped(key[at : mark.start()], before_slot=True) + f"<{SLOTS[mark[0]]}>"
        at = mark.end()
    return text + escaped(key[at:])


def keyed(messages: pa.ChunkedArray) -> tuple[pa.Array, np.ndarray]:
    """Return the distinct masked texts before similar ones are merged, and for each message the index of its text."""
    share = min(PART, max(LEAST_PART, -(-len(messages) // pa.cpu_count())))
    starts = range(0, len(messages), share)
    parts = [messages.slice(start, share).combine_chunks() for start in starts]
    if len(parts) == 1:
        keys, codes = _part(parts[0])
        return keys, codes.to_numpy()
    with ThreadPoolExecutor(pa.cpu_count()) as threads:
        done = [*threads.map(_part, parts)]
    every = pa.concat_arrays([keys for keys, _ in done]).dictionary_encode()
    numbers = every.indices.to_numpy()
    codes, at = [], 0
    for keys, part in done:
        codes.append(numbers[at : at + len(keys)][part.to_numpy()])
        at += len(keys)
    return every.dictionary, np.concatenate(codes)


def merged_keys(keys: pa.Array) -> tuple[pa.Array, np.ndarray]:
    """Return distinct texts in which those that differ only in kinds of numbers are one, and the index of each text."""
    plain = pc.replace_substring_regex(keys, f"{HEX_MARK}|{FLOAT_MARK}", "0").dictionary_encode()
    if len(plain.dictionary) == len(keys):
        return keys, np.arange(len(keys))
    numbers = plain.indices.to_numpy()
    is_shared = (np.bincount(numbers) > 1)[numbers]
    alike: dict[int, list[str]] = {}
    for number, key in zip(
        numbers[is_shared].tolist(), keys.filter(pa.array(is_shared)).to_pylist(), strict=True
    ):
        alike.setdefault(number, []).append(key)
    widest = np.empty(len(plain.dictionary), object)
    widest[numbers] = keys.to_pylist()
    for number, ways in alike.items():
        marks = [_widest({*way}) for way in zip(*map(MARK.findall, ways), strict=True)]
        texts = MARK.split(ways[0])
        widest[number] = "".join(map("".join, zip(texts, [*marks, ""], strict=True)))
    return pa.array(widest, pa.large_string()), numbers


def _widest(marks: set[str]) -> str:
    return (marks - {"0"} or marks).pop() if len(marks - {"0"}) < 2 else WORD_MARK


def _part(messages: pa.Array) -> tuple[pa.Array, pa.Array]:
    texts = pc.fill_null(messages, "")
    texts = _where(SPECIAL, texts, CLEAN)
    if pc.max(pc.binary_length(texts)).as_py() > LONGEST_READ:
        texts = _shortened(texts, LONGEST_READ)
    texts = _where(rf"{UUID}|\b{HEX}", texts, IDS)
    encoded = pc.replace_substring_regex(texts, *DIGITS).dictionary_encode()
    keys = encoded.dictionary
    for pattern, mark in FINE:
        keys = pc.replace_substring_regex(keys, pattern, mark)
    keys = pc.utf8_trim(keys, " \t")
    if pc.max(pc.utf8_length(keys)).as_py() > MAX_PATTERN_CHARS:
        keys = pc.replace_substring_regex(_shortened(keys, MAX_PATTERN_CHARS), *HALF_MARK)
    again = keys.dictionary_encode()
    return again.dictionary, again.indices.take(encoded.indices)


def _where(pattern: str, texts: pa.Array, changes: tuple[tuple[str, str], ...]) -> pa.Array:
    """Return the texts, with the changes applied to those that match the pattern."""
    found = pc.match_substring_regex(texts, pattern)
    if not found.true_count:
        return texts
    changed = texts.filter(found)
    for wanted, instead in changes:
        changed = pc.replace_substring_regex(changed, wanted, instead)
    return changed if len(changed) == len(texts) else pc.replace_with_mask(texts, found, changed)


def _shortened(texts: pa.Array, most: int) -> pa.Array:
    mark, nothing = (pa.scalar(text, pa.large_string()) for text in (CUT, ""))
    cut = pc.binary_join_element_wise(pc.utf8_slice_codeunits(texts, 0, most), mark, nothing)
    return pc.if_else(pc.greater(pc.utf8_length(texts), most), cut, texts)


def _literal(character: str) -> str:
    if character == UNREADABLE:
        return "."
    return f"\\{character}" if character in SYNTAX else character


def _phrase(parts: list[str | Slot], example: str) -> str:
    """Return the longest phrase of a pattern that a message contains whole, in quotes."""
    between = re.split(ANSI, example)
    texts = [
        piece
        for part in parts
        if isinstance(part, str)
        for piece in re.split(r"[\s\ufffd]+", part)
        if any(piece in text for text in between)
    ]
    longest = max(texts, key=len, default="")
    quoted = longest.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}"' if longest else "/^/"
