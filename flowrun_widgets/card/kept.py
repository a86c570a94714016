"""What the reader made of a run: the filter text that was set last, and the lines they pinned."""

from __future__ import annotations

from dataclasses import dataclass
from operator import index
from typing import TYPE_CHECKING

import msgspec

from flowrun_widgets.card.badges import shortened
from flowrun_widgets.card.log_rows import log_rows
from flowrun_widgets.card.wire import Kept
from flowrun_widgets.card.wire import Pin as WirePin
from flowrun_widgets.errors import InvalidArgument
from flowrun_widgets.times import from_micros

if TYPE_CHECKING:
    from pendulum import DateTime

    from flowrun_widgets.card.lines import Lines

__all__ = ["Pin", "pinned", "public_pins", "renumbered", "unpinned", "with_text"]

MOST_PINS = 200
MESSAGE = 300
NOTE = 2_000


@dataclass(frozen=True, slots=True)
class Pin:
    """A pinned line with its note. `seq` names the line for good; a long message is cut."""

    timestamp: DateTime
    level: int | None
    task: str | None
    message: str
    note: str
    seq: int


def pinned(kept: Kept, lines: Lines | None, seq: int, note: str) -> Kept:
    """Return what is kept with a line pinned, or with another note on one that was; by the time of the lines.

    Raises:
        InvalidArgument: there is no such line, or there are too many pins.
    """
    seq = _number(seq)
    if not isinstance(note, str):
        raise InvalidArgument(f"A note is text, not {type(note).__name__}.")
    if lines is None:
        raise InvalidArgument(
            "This card has read no lines yet: card.wait_until_loaded() waits for them."
        )
    position = lines.position_of(seq)
    if position is None:
        raise InvalidArgument(f"No line of this card has seq {seq}: card.filtered_logs lists them.")
    others = unpinned(kept, seq).pins
    if len(others) >= MOST_PINS:
        raise InvalidArgument(f"A card holds {MOST_PINS} pins; unpin a line first.")
    row = log_rows(lines.columns, [position], most=MESSAGE + 1)[0]
    pin = WirePin(
        seq=seq,
        at=row[1],
        level=row[2],
        task=shortened(row[4], MESSAGE),
        message=shortened(row[6], MESSAGE) or "",
        note=shortened(note, NOTE) or "",
    )
    pins = tuple(sorted((*others, pin), key=lambda one: (one.at, one.seq)))
    return msgspec.structs.replace(kept, pins=pins)


def unpinned(kept: Kept, seq: int) -> Kept:
    """Return what is kept without the pin of a line."""
    return msgspec.structs.replace(kept, pins=tuple(pin for pin in kept.pins if pin.seq != seq))


def renumbered(kept: Kept, before: Lines | None, after: Lines | None) -> Kept:
    """Return what is kept with the arrival numbers that the pinned lines have in `after`, by their ids."""
    if before is None or after is None:
        return kept
    pins = [
        msgspec.structs.replace(pin, seq=seq)
        for pin in kept.pins
        if (seq := after.seq_of_same(before, pin.seq)) is not None
    ]
    return msgspec.structs.replace(kept, pins=tuple(pins))


def _number(seq: object) -> int:
    """Return an arrival number as Python's own: a DataFrame gives numpy's."""
    try:
        return index(seq)  # pyright: ignore[reportArgumentType]
    except TypeError:
        raise InvalidArgument(f"A seq is a whole number, not {type(seq).__name__}.") from None


def with_text(kept: Kept, text: str, *, moves_views: bool = False) -> Kept:
    """Return what is kept with another filter text; one that Python sets moves every view."""
    return msgspec.structs.replace(kept, text=text, turn=kept.turn + moves_views)


def public_pins(kept: Kept) -> tuple[Pin, ...]:
    """Return the pins as users see them, by time."""
    return tuple(
        Pin(from_micros(pin.at), pin.level, pin.task, pin.message, pin.note, pin.seq)
        for pin in kept.pins
    )
