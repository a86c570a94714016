"""Displaying a card: two outputs, the static twin first, then the live widget that hides it."""

from __future__ import annotations

import threading
from hashlib import sha256
from itertools import count
from typing import TYPE_CHECKING, Any

from flowrun_widgets.card.cells import cell, displayed, left_by, put_at, request
from flowrun_widgets.card.host import is_colab, marimo_output
from flowrun_widgets.card.open_cards import VIEW
from flowrun_widgets.card.outputs import listen, widget_id
from flowrun_widgets.card.still import still_bundle
from flowrun_widgets.card.twins import Twin
from flowrun_widgets.card.widget import FlowRunCard
from flowrun_widgets.forks import unlocked_in_child
from flowrun_widgets.notebook import is_terminal, kernel

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

    from ipywidgets import Widget

    from flowrun_widgets.views.flow_run import FlowRunView

__all__ = [
    "card_bundle",
    "display_twin",
    "display_widget",
    "flow_run_bundle",
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

_lock = unlocked_in_child(threading.Lock())
_numbers = count(1)
Bundle = tuple[dict[str, Any], dict[str, Any]]
"""Data and metadata by MIME type."""
_places: dict[str, tuple[str, Iterator[int]]] = {}
"""For each cell the request that ran it last, and the numbers of its twins."""


def flow_run_bundle(
    run: FlowRunView, include: Container[str] | None, exclude: Container[str] | None
) -> Bundle:
    """Return a run in every form that hosts know: the view of a new card, its twin as HTML, the digest as Markdown, text.

    What a kernel publishes of it becomes two outputs; whoever keeps it has all of it in one. On Colab it is the twin
    alone, in a terminal the repr.
    """
    if is_terminal():
        return {"text/plain": repr(run)}, {}
    if kernel() is None or is_colab() or not _is_wanted(VIEW, include, exclude):
        return still_bundle(run), {}
    listen(_show)
    card = left_by(run)
    if card is None:
        card = FlowRunCard(run)
        card.is_made_for_display = True
    else:
        card.show(run)
    return card_bundle(card, include, exclude)


def card_bundle(
    card: FlowRunCard, include: Container[str] | None, exclude: Container[str] | None
) -> Bundle:
    """Return a card in every form that hosts know. One that was closed is shown as a new one of the same snapshot."""
    if is_terminal():
        return {"text/plain": repr(card.flow_run)}, {}
    if kernel() is None:
        return still_bundle(card.flow_run), {}
    listen(_show)
    card = _opened(card)
    displayed(card)
    twin = _twin(card)
    view, metadata = card.view_bundle()
    data = {**view, **twin.bundle()}
    if _is_wanted("text/markdown", include, exclude):
        data["text/markdown"] = card.content.markdown
    return data, metadata


def _show(card: FlowRunCard, name: str | None, is_update: bool) -> None:
    """Show a card as two outputs, the twin under a display id of the user's if there is one."""
    displayed(card)
    _twin(card).display(name, is_update=is_update)
    if name is not None:
        put_at(name, card)
    display_widget(card, [card], None if name is None else widget_id(name), is_update=is_update)


def display_twin(card: FlowRunCard) -> None:
    """Show the twin of a card, for what comes next to hide it; it follows when the card shows something new."""
    listen(_show)
    displayed(card)
    _twin(card).display()


def display_widget(
    widget: Widget,
    cards: Sequence[FlowRunCard],
    name: str | None = None,
    *,
    is_update: bool = False,
) -> None:
    """Show a widget without a word for hosts that do not know it: the twins of its cards have them.

    But where no HTML is shown, as in a window of VS Code that is not trusted, only this text can be.
    """
    from IPython.display import display

    if isinstance(widget, FlowRunCard):
        data, metadata = widget.view_bundle()
    else:
        bundle: Any = widget._repr_mimebundle_()  # pyright: ignore[reportPrivateUsage]
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
    text = "\n\n".join(_twin(card).text() for card in cards)
    shown = {VIEW: data[VIEW], ONLY_VSCODE: text, "text/plain": ""}
    named: dict[str, Any] = {} if name is None else {"display_id": name, "update": is_update}
    display(shown, metadata=metadata, raw=True, **named)


def output_of_card(card: FlowRunCard) -> Any:
    """Return what marimo shows of a card: its twin and the card in one piece, which is not replaced when the card changes."""
    card = _opened(card)
    return marimo_output(card, _twin(card).bundle()["text/html"])


def _opened(card: FlowRunCard) -> FlowRunCard:
    return card if card.comm is not None else FlowRunCard(card.flow_run)


def _twin(card: FlowRunCard) -> Twin:
    """Return the twin of a card, once there is something to show; it hears of what is new from then on."""
    if not card.wait_until_loaded(WAIT_SECONDS):
        card.wait_until_open(OPEN_SECONDS)
    with _lock:
        if card.static_twin is None:
            card.twin = card.twin or _name(card.flow_run.flow_run_id)
            card.static_twin = Twin(card)
            card.on_change(card.static_twin.hear)
        return card.static_twin


def _name(flow_run_id: str) -> str:
    """Return the class of a new twin: a cell that runs again, in whichever kernel, gives it the same."""
    place, message = cell(), request()
    if not place:
        return f"frw-{flow_run_id[:8]}-{next(_numbers)}"
    if place not in _places or _places[place][0] != message:
        _places[place] = message, count(1)
    known = sha256(f"{place} {flow_run_id}".encode()).hexdigest()[:10]
    return f"frw-{known}-{next(_places[place][1])}"


def _is_wanted(kind: str, include: Container[str] | None, exclude: Container[str] | None) -> bool:
    return (not include or kind in include) and kind not in (exclude or ())
