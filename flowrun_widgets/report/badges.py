"""`badge()`: the colour, icon and character of a state."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from flowrun_widgets import states as s
from flowrun_widgets.plain_text import shortened
from flowrun_widgets.report import wire
from flowrun_widgets.times import to_micros

if TYPE_CHECKING:
    from flowrun_widgets.states import State

__all__ = ["Badge", "badge", "wire_state"]


class Badge(NamedTuple):
    """The look of a state. `character` replaces the icon in text."""

    family: str
    icon: str
    character: str


CLASSES: tuple[tuple[type[State], Badge], ...] = (
    (s.TriggerFailed, Badge("heldup", "slash-ring", "⊘")),
    (s.TimedOut, Badge("failed", "cross-ring", "✕")),
    (s.Crashed, Badge("failed", "bolt", "✕")),
    (s.Failed, Badge("failed", "cross", "✕")),
    (s.ClientFailed, Badge("failed", "cross", "✕")),
    (s.Cached, Badge("cached", "double-check", "✓")),
    (s.Skipped, Badge("ended", "arc", "⊘")),
    (s.Success, Badge("done", "check", "✓")),
    (s.Looped, Badge("running", "loop", "⟳")),
    (s.Cancelled, Badge("ended", "square", "■")),
    (s.Finished, Badge("done", "check", "✓")),
    (s.Cancelling, Badge("ended", "square", "■")),
    (s.Running, Badge("running", "half", "◐")),
    (s.Retrying, Badge("retry", "loop", "⟳")),
    (s.Paused, Badge("paused", "bars", "‖")),
    (s.Pending, Badge("waiting", "clock", "◷")),
    (s.Submitted, Badge("waiting", "clock", "◷")),
    (s.Queued, Badge("waiting", "clock", "◷")),
)
MAX_MESSAGE_CHARS = 2_000
"""How many characters of a state's message are shown; some contain a whole response of a server."""
UNKNOWN = Badge("unknown", "question", "?")
BY_ICON = {look.icon: look.character for _, look in CLASSES}
"""The character of each icon, for text."""


MAX_NAME_CHARS = 300
"""How many characters of a state's type and name are shown."""


def badge(state: State) -> Badge:
    """Return the look of a state; a question mark for an unknown type."""
    return next((look for cls, look in CLASSES if isinstance(state, cls)), UNKNOWN)


def wire_state(state: State) -> wire.State:
    """Return the state as it is sent to the page."""
    family, icon, _ = badge(state)
    at = None if state.timestamp is None else to_micros(state.timestamp)
    return wire.State(
        shortened(state.type, MAX_NAME_CHARS) or "",
        shortened(state.name, MAX_NAME_CHARS) or "",
        family,
        icon,
        shortened(state.message, MAX_MESSAGE_CHARS),
        at,
    )
