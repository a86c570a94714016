"""Helpers of all twins: the words and colours of states, and bars made of characters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowrun_widgets.report.badges import BY_ICON
from flowrun_widgets.report.wire import SPAN_KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from flowrun_widgets.report import wire

__all__ = [
    "BADGE_COLOURS",
    "BAR_COLOURS",
    "MAX_TEXT",
    "OTHER_BAR",
    "UNBROKEN",
    "proportion_bar",
    "said",
    "spans_bar",
    "spans_of",
    "state_words",
]

UNBROKEN = "\u00a0"
"""A no-break space."""
MAX_TEXT = 8_000
"""The largest number of characters of the text beside the HTML, for hosts that show only text."""
BARS = 32
PROPORTION = 16
BADGE_COLOURS = {
    "failed": "#bf2222", "heldup": "#bf2222", "done": "#1b7035", "running": "#1d5cc9", "waiting": "#7d5200",
    "retry": "#a8430a", "paused": "#5548c8", "cached": "#0b6a7c", "ended": "#586470", "unknown": "#586470",
}  # fmt: skip
BAR_COLOURS = {"failed": "#d9534f", "done": "#3d9558", "cached": "#3d9558"}
OTHER_BAR = "#808a94"


def state_words(state: wire.State) -> str:
    """Return the character of a state's icon and the state's name."""
    return f"{BY_ICON.get(state.icon, '?')} {state.name}"


def said(state: wire.State) -> str:
    """Return a state's message as the end of a sentence."""
    return f": {state.message}" if state.message else ""


def spans_of(flat: Sequence[int]) -> Iterator[tuple[int, int, str]]:
    """Yield the spans of a row one by one: from, to or 0, kind."""
    for begun, ended, kind in zip(flat[::3], flat[1::3], flat[2::3], strict=True):
        yield begun, ended, SPAN_KINDS[kind]


def spans_bar(flat: Sequence[int], start: int, end: int) -> str:
    """Return spans between two times as characters: █ ran, ─ waited, ▒ ran or waited (unknown), · neither."""
    cells = ["·"] * BARS
    for kinds, character in (
        (("waited", "retry", "paused"), "─"), (("tried",), "▒"), (("ran", "failed"), "█"),
    ):  # fmt: skip
        for begun, ended, kind in spans_of(flat):
            if kind in kinds:
                first = (begun - start) * BARS // (end - start)
                last = ((ended or end) - start) * BARS // (end - start)
                for cell in range(max(0, first), min(BARS - 1, max(first, last)) + 1):
                    cells[cell] = character
    return "".join(cells)


def proportion_bar(part: float, whole: float) -> str:
    """Return a proportion as characters; at least one unless it is zero."""
    filled = min(PROPORTION, max(round(PROPORTION * part / whole), 1)) if whole > 0 < part else 0
    return "█" * filled + "·" * (PROPORTION - filled)
