"""Displaying a card: two outputs, the static twin first, then the live widget that hides it."""

from __future__ import annotations

import threading
from itertools import count
from typing import TYPE_CHECKING, Any

from flowrun_widgets.card.cells import displayed, kernel
from flowrun_widgets.card.host import is_colab, marimo_output
from flowrun_widgets.card.open_cards import VIEW
from flowrun_widgets.card.still import display_still
from flowrun_widgets.card.twins import Twin
from flowrun_widgets.card.widget import FlowRunCard

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ipywidgets import Widget

    from flowrun_widgets.views.flow_run import FlowRunView

__all__ = [
    "display_card",
    "display_flow_run",
    "display_twin",
    "display_widget",
    "output_of_card",
]

WAIT_SECONDS = 0.7
"""How long a display waits for the whole log, so that card and twin stand there complete at once."""
OPEN_SECONDS = 1.3
"""How much longer it waits for a first look at a run whose log is long."""

ONLY_VSCODE = "text/x-m3"
"""A type that VS Code shows as a block of text, in any window, and that no other host knows.

Of an output with `text/html` a window in restricted mode shows nothing at all, not even its other types.
"""

_lock = threading.Lock()
_numbers = count(1)


def display_flow_run(run: FlowRunView) -> None:
    """Show a run: in a notebook as a card with its twin, on Colab as the twin alone, elsewhere as its repr."""
    if kernel() is None:
        print(repr(run))  # noqa: T201
    elif is_colab():
        display_still(run)
    else:
        display_card(FlowRunCard(run))


def display_card(card: FlowRunCard) -> None:
    """Show a card with its twin; the twin follows when the card shows something new.

    A card that was closed is shown as a new one of the same snapshot.
    """
    if kernel() is None:
        print(repr(card.flow_run))  # noqa: T201
        return
    card = _opened(card)
    display_twin(card)
    display_widget(card, [card])


def display_twin(card: FlowRunCard) -> None:
    """Show the twin of a card, for what comes next to hide it; it follows when the card shows something new."""
    displayed(card)
    is_first = _ready(card)
    twin = Twin(card)
    if is_first:
        card.on_change(twin.hear)
    twin.display()


def display_widget(widget: Widget, cards: Sequence[FlowRunCard]) -> None:
    """Show a widget without a word for hosts that do not know it: the twins of its cards have them.

    But where no HTML is shown, as in a window of VS Code that is not trusted, only this text can be.
    """
    from IPython.display import display

    bundle: Any = widget._repr_mimebundle_()  # pyright: ignore[reportPrivateUsage]
    # With anywidgets come metadata, by which Colab knows where to find the program that shows them.
    data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
    text = "\n\n".join(Twin(card).text() for card in cards)
    display({VIEW: data[VIEW], ONLY_VSCODE: text, "text/plain": ""}, metadata=metadata, raw=True)


def output_of_card(card: FlowRunCard) -> Any:
    """Return what marimo shows of a card: its twin and the card in one piece, which is not replaced when the card changes."""
    card = _opened(card)
    _ready(card)
    return marimo_output(card, Twin(card).bundle()["text/html"])


def _opened(card: FlowRunCard) -> FlowRunCard:
    return card if card.comm is not None else FlowRunCard(card.flow_run)


def _ready(card: FlowRunCard) -> bool:
    """Wait until a card has something to show, and name its twin; return whether it had no name yet."""
    if not card.wait_until_loaded(WAIT_SECONDS):
        card.wait_until_open(OPEN_SECONDS)
    with _lock:
        is_first = not card.twin
        if is_first:
            card.twin = f"frw-{card.flow_run.flow_run_id[:8]}-{next(_numbers)}"
    return is_first
