"""The reader's annotations of a run: the filter text set last, what it found, and the pinned lines."""

from __future__ import annotations

from dataclasses import dataclass
from operator import index

import msgspec
from pendulum import DateTime

from flowrun_widgets.errors import InvalidArgument
from flowrun_widgets.plain_text import shortened
from flowrun_widgets.report.log.lines import Lines
from flowrun_widgets.report.log.rows import log_rows
from flowrun_widgets.report.wire import Annotations, SavedResult
from flowrun_widgets.report.wire import Pin as WirePin
from flowrun_widgets.times import from_micros

__all__ = [
    "Pin",
    "pinned",
    "public_pins",
    "renumbered",
    "seq_of",
    "unpinned",
    "with_result",
    "with_text",
]

UNREAD = "This card has no lines yet. card.wait_until_loaded() waits for them."

MAX_PINS = 200
MAX_MESSAGE_CHARS = 300
NOTE = 2_000


@dataclass(frozen=True, slots=True)
class Pin:
    """A pinned line with its note. `line` is its number as the card shows it; a long message is cut.

    `seq` identifies the line permanently, even if earlier lines arrive later.
    """

    line: int | None
    timestamp: DateTime
    level: int | None
    task: str | None
    message: str
    note: str
    seq: int


def seq_of(lines: Lines | None, line: int | None, seq: int | None) -> int:
    """Return the arrival number of a line that is named by its number, from 1, or by its `seq`.

    Raises:
        InvalidArgument: there is no such line, or both or neither of the arguments are given.
    """
    if lines is None:
        raise InvalidArgument(UNREAD)
    if (line is None) == (seq is None):
        raise InvalidArgument(
            "Name the line by its number, as in card.pin(77), or by its seq, as in card.pin(seq=76)."
        )
    if seq is not None:
        return _number(seq, "seq")
    position = _number(line, "line") - 1
    if not 0 <= position < lines.numbered:
        raise InvalidArgument(
            f"This card has no line {line}. It shows lines 1 to {lines.numbered:,}."
            if lines.numbered
            else "This card has no lines."
        )
    return int(lines.seqs[position])


def pinned(annotations: Annotations, lines: Lines | None, seq: int, note: str) -> Annotations:
    """Return the annotations with a line pinned, or with a new note on a pinned line; pins are ordered by time.

    Raises:
        InvalidArgument: the line does not exist, or there are too many pins.
    """
    if not isinstance(note, str):
        raise InvalidArgument(f"A note has to be text, not {type(note).__name__}.")
    if lines is None:
        raise InvalidArgument(UNREAD)
    position = lines.position_of(seq)
    if position is None:
        raise InvalidArgument(f"No line of this card has seq {seq}.")
    others = unpinned(annotations, seq).pins
    if len(others) >= MAX_PINS:
        raise InvalidArgument(f"A card holds {MAX_PINS} pins; unpin a line first.")
    row = log_rows(lines.columns, [position], most=MAX_MESSAGE_CHARS + 1, numbered=lines.numbered)[
        0
    ]
    pin = WirePin(
        seq=seq,
        at=row[1],
        level=row[2],
        task=shortened(row[4], MAX_MESSAGE_CHARS),
        message=shortened(row[6], MAX_MESSAGE_CHARS) or "",
        note=shortened(note, NOTE) or "",
        line=_line(row[8]),
    )
    pins = tuple(sorted((*others, pin), key=lambda one: (one.at, one.seq)))
    return msgspec.structs.replace(annotations, pins=pins)


def unpinned(annotations: Annotations, seq: int) -> Annotations:
    """Return the annotations without the pin of a line."""
    pins = tuple(pin for pin in annotations.pins if pin.seq != seq)
    return msgspec.structs.replace(annotations, pins=pins)


def renumbered(annotations: Annotations, before: Lines | None, after: Lines | None) -> Annotations:
    """Return the annotations with the numbers of the pinned lines in `after`, found by the ids of lines."""
    if before is None or after is None:
        return annotations
    pins = [
        msgspec.structs.replace(pin, seq=seq, line=_line(after.position_of(seq)))
        for pin in annotations.pins
        if (seq := after.seq_of_same(before, pin.seq)) is not None
    ]
    return msgspec.structs.replace(annotations, pins=tuple(pins))


def _line(position: int | None) -> int | None:
    return None if position is None else position + 1


def _number(value: object, name: str) -> int:
    """Return a whole number as a Python int; values from a DataFrame are numpy's."""
    try:
        return index(value)  # pyright: ignore[reportArgumentType]
    except TypeError:
        raise InvalidArgument(
            f"A {name} has to be a whole number, not {type(value).__name__}."
        ) from None


def with_text(annotations: Annotations, text: str, *, moves_views: bool = False) -> Annotations:
    """Return the annotations with another filter text; a text set from Python moves every view."""
    turn = annotations.turn + moves_views
    result = annotations.result if text == annotations.text else None
    return msgspec.structs.replace(annotations, text=text, turn=turn, result=result)


def with_result(annotations: Annotations, result: SavedResult | None) -> Annotations:
    """Return the annotations with the result of their filter text; unchanged if the result belongs to another text."""
    if result is not None and result.query.text != annotations.text:
        return annotations
    return msgspec.structs.replace(annotations, result=result)


def public_pins(annotations: Annotations) -> tuple[Pin, ...]:
    """Return the pins as public `Pin` objects, ordered by time."""
    return tuple(
        Pin(pin.line, from_micros(pin.at), pin.level, pin.task, pin.message, pin.note, pin.seq)
        for pin in annotations.pins
    )
