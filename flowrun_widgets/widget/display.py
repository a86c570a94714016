"""Displaying a card as two outputs: the static twin, then the live widget that hides it."""

from __future__ import annotations

import threading
from hashlib import sha256
from itertools import count
from typing import TYPE_CHECKING, Any

from flowrun_widgets.forks import unlocked_in_child
from flowrun_widgets.notebook import is_terminal, kernel
from flowrun_widgets.report.texts import MARKDOWN_TYPE, PLAIN_TYPE
from flowrun_widgets.widget.cells import cell, displayed, left_by, put_at, request
from flowrun_widgets.widget.displayed import VIEW
from flowrun_widgets.widget.host import is_colab, marimo_output
from flowrun_widgets.widget.outputs import listen, widget_id
from flowrun_widgets.widget.twins import Twin

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Sequence

    from ipywidgets import Widget

    from flowrun_widgets.widget.displayed import DisplayedCard, DisplayedTwin

__all__ = [
    "card_bundle",
    "display_container",
    "output_of_card",
    "subject_bundle",
    "texts_of_card",
]

WAIT_SECONDS = 0.7
"""How long a display waits for the whole log, so that card and twin are complete from the start."""
OPEN_SECONDS = 1.3
"""How much longer it waits for `peek()` if the log is long."""

ONLY_VSCODE = "text/x-m3"
"""A MIME type that VS Code shows as a block of text, in any window, and that other hosts ignore.

A window in restricted mode shows nothing of an output with `text/html`, not even its other types.
"""

_lock = unlocked_in_child(threading.Lock())
_numbers = count(1)
Bundle = tuple[dict[str, Any], dict[str, Any]]
"""Data and metadata by MIME type."""
_places: dict[str, tuple[str, Iterator[int]]] = {}
"""For each cell, the request that ran it last, and the numbers of its twins."""


def subject_bundle(
    subject: object,
    new_card: Callable[[], DisplayedCard],
    static_bundle: Callable[[], dict[str, str]],
    include: Container[str] | None,
    exclude: Container[str] | None,
) -> Bundle:
    """Return a run, or a list of runs, in every MIME type: the view of a new card, its twin as HTML, and text.

    When a kernel publishes the bundle, it becomes two outputs; code that keeps the bundle has everything in one. On
    Colab it is the twin alone, in a terminal the repr.
    """
    if is_terminal():
        return {"text/plain": repr(subject)}, {}
    if kernel() is None or is_colab() or not _is_wanted(VIEW, include, exclude):
        return static_bundle(), {}
    listen(_show)
    card = left_by(subject)
    if card is None:
        card = new_card()
        card.is_made_for_display = True
    else:
        card.show(subject)
    return card_bundle(card)


def card_bundle(card: DisplayedCard) -> Bundle:
    """Return a card in every MIME type. A closed card is shown as a new card of the same snapshot."""
    if is_terminal():
        return {"text/plain": repr(card.subject)}, {}
    if kernel() is None:
        return card.static_bundle(), {}
    listen(_show)
    card = card.open_again()
    displayed(card)
    twin = _twin(card)
    view, metadata = card.view_bundle()
    return {**view, **twin.bundle()}, metadata


def _show(card: DisplayedCard, name: str | None, is_update: bool) -> None:
    """Show a card as two outputs, the twin under the user's display id if there is one."""
    displayed(card)
    _twin(card).display(name, is_update=is_update)
    if name is not None:
        put_at(name, card)
    display_id: dict[str, Any] = {}
    if name is not None:
        display_id = {"display_id": widget_id(name), "update": is_update}
    _display_view(card.view_bundle(), [card], display_id)


def display_container(container: Widget, cards: Sequence[DisplayedCard]) -> None:
    """Show a container of cards, after the twins of its cards, which are updated when their cards change."""
    listen(_show)
    for card in cards:
        displayed(card)
        _twin(card).display()
    bundle: Any = container._repr_mimebundle_()  # pyright: ignore[reportPrivateUsage]
    _display_view(bundle if isinstance(bundle, tuple) else (bundle, {}), cards, {})


def _display_view(
    bundle: Bundle, cards: Sequence[DisplayedCard], display_id: dict[str, Any]
) -> None:
    """Show a widget's view without a text for hosts that cannot show it, since the twins of its cards have one.

    Where no HTML is shown, as in an untrusted window of VS Code, this text is needed and kept.
    """
    from IPython.display import display

    data, metadata = bundle
    text = "\n\n".join(_twin(card).text() for card in cards)
    shown = {VIEW: data[VIEW], ONLY_VSCODE: text, "text/plain": ""}
    display(shown, metadata=metadata, raw=True, **display_id)


def output_of_card(card: DisplayedCard) -> Any:
    """Return marimo's output for a card: its twin and the card in one, which is not replaced when the card changes."""
    card = card.open_again()
    return marimo_output(card, _twin(card).bundle()["text/html"])


def texts_of_card(card: DisplayedCard) -> dict[str, str]:
    """Return what a card tells as text and Markdown, once there is something to tell."""
    _wait(card)
    bundle = card.twin_bundle()
    return {kind: bundle[kind] for kind in (PLAIN_TYPE, MARKDOWN_TYPE)}


def _wait(card: DisplayedCard) -> None:
    if not card.wait_until_loaded(WAIT_SECONDS):
        card.wait_until_open(OPEN_SECONDS)


def _twin(card: DisplayedCard) -> DisplayedTwin:
    """Return the twin of a card, once there is something to show; from then on it is updated with the card."""
    _wait(card)
    with _lock:
        if card.static_twin is None:
            card.twin = card.twin or _name(card.key)
            card.static_twin = Twin(card)
            card.on_change(card.static_twin.hear)
        return card.static_twin


def _name(key: str) -> str:
    """Return the class of a new twin; the same cell, run again in any kernel, gets the same class."""
    place, message = cell(), request()
    if not place:
        return f"frw-{key[:8]}-{next(_numbers)}"
    if place not in _places or _places[place][0] != message:
        _places[place] = message, count(1)
    known = sha256(f"{place} {key}".encode()).hexdigest()[:10]
    return f"frw-{known}-{next(_places[place][1])}"


def _is_wanted(kind: str, include: Container[str] | None, exclude: Container[str] | None) -> bool:
    return (not include or kind in include) and kind not in (exclude or ())
