"""Tracking which cards the outputs of a notebook show; cards that are no longer shown are closed."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from flowrun_widgets.forks import in_child, unlocked_in_child
from flowrun_widgets.notebook import kernel

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flowrun_widgets.widget.displayed import DisplayedCard

__all__ = ["card_at", "cell", "cleared", "displayed", "leave", "left_by", "put_at", "request"]


@dataclass
class _Area:
    """The cards in one output area: that of a cell, or an `Output` widget."""

    cards: WeakSet[DisplayedCard] = field(default_factory=WeakSet["DisplayedCard"])
    left: list[DisplayedCard] = field(default_factory=list["DisplayedCard"])
    """Cards that the last `clear_output` removed. The next output may show them again."""


_lock = unlocked_in_child(threading.RLock())
_by_cell: dict[str, tuple[str, WeakSet[DisplayedCard]]] = {}
"""For each cell, the request that ran it last, and the cards displayed by that request; closed cards are dropped."""
_areas: dict[object, _Area] = {}
_by_name: dict[str, DisplayedCard] = {}
"""The cards whose twins have a display id chosen by the user."""
_stale: list[DisplayedCard] = []
_heard: list[Any] = []
"""The shells whose end-of-cell event is registered."""


def _forget(_: object) -> None:
    for known in (_by_cell, _areas, _by_name, _stale, _heard):
        known.clear()


in_child(_lock, _forget)


def cell() -> str:
    """Return the id that the notebook gave to the running cell; "" if it has none."""
    running = kernel()
    request = {} if running is None else running.get_parent()
    return str((request.get("metadata") or {}).get("cellId") or "")


def request() -> str:
    """Return the id of the message that is being handled."""
    running = kernel()
    asked = {} if running is None else running.get_parent()
    return str((asked.get("header") or {}).get("msg_id") or "")


def displayed(card: DisplayedCard) -> None:
    """Record that the running cell displays a card. At its end, cards shown only by its earlier run are closed."""
    running = kernel()
    if running is None:
        return
    message, here = request(), cell()
    with _lock:
        _areas.setdefault(_area(), _Area()).cards.add(card)
        if here:
            last, cards = _by_cell.get(here, ("", WeakSet[Any]()))
            if last != message:
                _stale.extend(cards)
            _by_cell[here] = message, WeakSet([*cards, card] if last == message else [card])
        if running.shell not in _heard:
            _heard.append(running.shell)
            running.shell.events.register("post_run_cell", _cell_ended)


def cleared() -> None:
    """Record that the running cell cleared its output. Cards not shown again before the next clearing are closed."""
    running = kernel()
    if running is None:
        return
    with _lock:
        area = _areas.get(_area())
        if area is None:
            return
        gone = [card for card in area.left if card not in area.cards]
        area.left = [*area.cards]
        area.cards.clear()
        _, cards = _by_cell.get(cell(), ("", WeakSet[Any]()))
        for card in area.left:
            cards.discard(card)
    _close(gone)


def left_by(subject: object) -> DisplayedCard | None:
    """Return a card that was made to display this subject, and that the running cell has cleared."""
    running = kernel()
    if running is None:
        return None
    with _lock:
        area = _areas.get(_area())
        for card in () if area is None else area.left:
            if (
                card.is_made_for_display
                and card.comm is not None
                and card.shows(subject)
                and not _is_shown(card)
            ):
                return card
    return None


def put_at(name: str, card: DisplayedCard) -> None:
    """Record that the user's display id `name` shows a card; the card before it is closed if shown nowhere else."""
    with _lock:
        before = _by_name.get(name)
        _by_name[name] = card
    if before is not None and before is not card:
        _take_from_areas(before)
        _close([before])


def leave(name: str) -> None:
    """Record that the user's display id `name` no longer shows a card."""
    with _lock:
        before = _by_name.pop(name, None)
    if before is not None:
        _take_from_areas(before)
        _close([before])


def card_at(name: str | None) -> DisplayedCard | None:
    """Return the card that the user's display id `name` shows."""
    with _lock:
        return _by_name.get(name or "")


def _take_from_areas(card: DisplayedCard) -> None:
    with _lock:
        for _, cards in _by_cell.values():
            cards.discard(card)
        for area in _areas.values():
            area.cards.discard(card)


def _area() -> object:
    """Return a key of the area that outputs go to now."""
    from ipywidgets import Output
    from ipywidgets.widgets import widget as widgets

    message = request()
    known: Any = vars(widgets).get("_instances", {})
    capturing = [
        one.model_id for one in [*known.values()] if isinstance(one, Output) and one.msg_id
    ]
    return (*sorted(map(str, capturing)),) or cell() or message


def _is_shown(card: DisplayedCard) -> bool:
    """Return whether any output shows a card. The caller holds the lock."""
    shown = [cards for _, cards in _by_cell.values()]
    shown += [area.cards for area in _areas.values()]
    return any(card in cards for cards in shown) or card in _by_name.values()


def _cell_ended(_result: object) -> None:
    running = kernel()
    if running is None:
        return
    with _lock:
        stale = [*_stale]
        _stale.clear()
        for card in stale:
            for area in _areas.values():
                area.cards.discard(card)
        for area in _areas.values():
            stale += [card for card in area.left if card not in area.cards]
            area.left = []
        # A cell without an id cannot be recognised when it runs again.
        _areas.pop(request(), None)
        for key in [key for key, area in _areas.items() if not area.cards]:
            del _areas[key]
    _close(stale)


def _close(cards: Iterable[DisplayedCard]) -> None:
    with _lock:
        gone = [card for card in cards if not _is_shown(card)]
    for card in gone:
        card.close()
