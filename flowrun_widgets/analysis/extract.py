"""`extract()`: the values in the slots of a pattern, as typed columns."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

import pyarrow as pa

from flowrun_widgets.analysis.slots import CUT, Slot, split
from flowrun_widgets.analysis.templates import NUMBER, UNREADABLE
from flowrun_widgets.arrow import pc
from flowrun_widgets.errors import InvalidArgument
from flowrun_widgets.plain_text import ANSI

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowrun_widgets.log_columns import LogColumns

__all__ = ["FITS", "expression", "extract", "slot_names"]

PART = 65_536
MAX_SLOTS = 300
OURS = ("timestamp", "task", "level", "seq")
SIGN = r"(?:\B[-+])?"
INT = rf"{SIGN}{NUMBER}"
FITS = {
    "int": INT,
    "float": rf"{SIGN}(?:{NUMBER}(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
    rf"|{SIGN}\b(?:[iI]nf(?:inity)?|INF|[nN]a[nN]|NAN)",
    "word": r"\S+",
    "str": r"[^\r\n]+?",
    "path": r"""(?:(?:~|\.\.?)?/|[A-Za-z]:[/\\])[^\s"'<>|]*""",
    "url": r"""[A-Za-z][A-Za-z0-9+.-]*://[^\s"'<>|]+""",
    "uuid": r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
    # In a template, it also stands for plain numbers.
    "hex": rf"{SIGN}(?:0[xX][0-9a-fA-F]+|[0-9]{{1,3}}(?:,[0-9]{{3}})+\b|[0-9a-fA-F]+)",
    "ip": r"[0-9]+(?:\.[0-9]+){3}",
    "version": r"[0-9]+(?:\.[0-9]+)+",
    "time": r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?(?: ?Z\b|[+-][0-9]{2}(?::?[0-9]{2})?)?)?",
}
"""The regular expression of each kind of slot."""
BEFORE_NUMBER = r"(?:^|[^0-9.]|[^0-9]\.)"
AFTER_INT = r"(?:$|[^0-9.]|\.(?:[^0-9]|$))"
WORD_ENDS = r"\b"
"""Must follow the words among the floats, which are the last alternative: `info` is not `inf`."""
TYPES = {"int": pa.int64(), "float": pa.float64(), "time": pa.timestamp("us", "UTC")}
NAMED_BY = re.compile(r"([^\W\d]\w*)[\"']?[ \t]*[=:][ \t]*[\"'(\[]?\Z")
ISO = (
    (r"^(.{10})$", r"\1T00:00Z"),
    (r"[.,]([0-9]{1,6})[0-9]*", r".\1"),
    (r" ?Z$", "Z"),
    (r"^(.{10}[T ][0-9:.]+)$", r"\1Z"),
)
"""Changes that turn the text of a `<time>` into one that Arrow can parse."""
BLANKS = re.compile(r"(\s+)")
SYNTAX = re.compile(r"[\\.+*?()|\[\]{}^$]")


def extract(columns: LogColumns, pattern: str) -> pa.Table:
    """Return the table that `FlowRunLogs.extract` describes, as Arrow columns.

    Raises:
        InvalidArgument: not a pattern, no slot, a slot of unknown kind, two slots of one name, or a whole number in the
            lines that does not fit in 64 bits.
    """
    parts = split(pattern.removesuffix(CUT) if isinstance(pattern, str) else pattern)
    slots = [part for part in parts if isinstance(part, Slot)]
    if not slots:
        raise InvalidArgument(f"No slot in the pattern: {pattern}. For example: rows=<int>")
    if len(slots) > MAX_SLOTS:
        raise InvalidArgument(f"A pattern can have at most {MAX_SLOTS} slots.")
    names = slot_names(parts)
    table = columns.table.select(["timestamp", "task", "level", "seq", "message"])
    read = partial(_part, source=expression(parts), slots=slots, names=names)
    starts = range(0, max(1, len(table)), PART)
    shares = [table.slice(start, PART).combine_chunks() for start in starts]
    with ThreadPoolExecutor(pa.cpu_count()) as threads:
        return pa.concat_tables([*threads.map(read, shares)])


def slot_names(parts: Sequence[str | Slot]) -> list[str]:
    """Return the column of each slot: its own name, the word before `=` or `:`, or its kind and a number.

    Raises:
        InvalidArgument: two slots have the same name, or one has the name of a fixed column.
    """
    given = [part.name for part in parts if isinstance(part, Slot) and part.name]
    for name in given:
        if given.count(name) > 1 or name in OURS:
            raise InvalidArgument(f"Two columns would be named {name}. Give the slot another name.")
    taken = {*given, *OURS}
    names: list[str] = []
    for position, part in enumerate(parts):
        if not isinstance(part, Slot):
            continue
        before = parts[position - 1] if position else ""
        found = NAMED_BY.search(before) if isinstance(before, str) else None
        wanted = part.name or (found[1] if found else "")
        if not part.name and (not wanted or wanted in taken):
            stem, number = wanted or part.kind, 2 if wanted else 1
            while f"{stem}_{number}" in taken:
                number += 1
            wanted = f"{stem}_{number}"
        taken.add(wanted)
        names.append(wanted)
    return names


def expression(parts: Sequence[str | Slot]) -> str:
    """Return the regular expression of a pattern for RE2: a group `s0`, `s1`, … for each slot."""
    source, count = "", 0
    for position, part in enumerate(parts):
        if isinstance(part, str):
            source += "".join(map(_literal, BLANKS.split(part)))
            continue
        is_last = position == len(parts) - 1
        fits = r"[^\r\n]+" if part.kind == "str" and is_last else FITS[part.kind]
        if position == 0 and part.kind in {"int", "float"}:
            source += BEFORE_NUMBER
        if is_last and part.kind == "float":
            fits += WORD_ENDS
        if source.endswith("_"):
            fits = fits.replace(SIGN, "[-+]?")
        source += f"(?P<s{count}>{fits})"
        if is_last and part.kind == "int":
            source += AFTER_INT
        count += 1
    return source


def _literal(text: str) -> str:
    if text and text.isspace():
        return r"\s+" if "\n" in text or "\r" in text else r"[ \t]+"
    return SYNTAX.sub(r"\\\g<0>", text).replace(UNREADABLE, r"[^\n]")


def _part(table: pa.Table, *, source: str, slots: Sequence[Slot], names: Sequence[str]) -> pa.Table:
    messages = table["message"].combine_chunks()
    coloured = pc.fill_null(pc.match_substring_regex(messages, r"\x1b"), False)
    if pc.any(coloured).as_py():
        plain = pc.replace_substring_regex(messages.filter(coloured), ANSI, "")
        messages = pc.replace_with_mask(messages, coloured, plain)
    fits = pc.fill_null(pc.match_substring_regex(messages, source), False)
    table, messages = table.filter(fits), messages.filter(fits)
    found = pc.extract_regex(messages, source)
    columns = {
        name: _typed(pc.struct_field(found, number), slot, name)
        for number, (slot, name) in enumerate(zip(slots, names, strict=True))
    }
    whole = {name: table[name] for name in OURS}
    fields = [pa.field(name, column.type, name != "seq") for name, column in whole.items()]
    slot_fields = [pa.field(name, column.type) for name, column in columns.items()]
    return pa.table(
        [whole.pop("timestamp"), *columns.values(), *whole.values()],
        schema=pa.schema([fields[0], *slot_fields, *fields[1:]]),
    )


def _typed(texts: pa.Array, slot: Slot, name: str) -> pa.Array:
    if slot.kind == "time":
        return _times(texts)
    if slot.kind not in TYPES:
        return pc.cast(texts, pa.large_string())
    if pc.any(pc.match_substring_regex(texts, "[,+]")).as_py():
        texts = pc.replace_substring_regex(texts, r",|^\+", "")
    try:
        return pc.cast(texts, TYPES[slot.kind])
    except pa.ArrowInvalid:
        longest = texts[pc.index(lengths := pc.binary_length(texts), pc.max(lengths)).as_py()]
        raise InvalidArgument(
            f"A value of {name} does not fit in 64 bits: {str(longest)[:40]}. "
            f"Use <float> or <word> instead of {slot}."
        ) from None


def _times(texts: pa.Array) -> pa.Array:
    """Return times; those that do not exist in the calendar are missing."""
    written = texts
    for wanted, instead in ISO:
        written = pc.replace_substring_regex(written, wanted, instead)
    try:
        return pc.cast(written, TYPES["time"])
    except pa.ArrowInvalid:
        return pa.array([*map(_moment, written.to_pylist())], TYPES["time"])


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
