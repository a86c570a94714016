"""Which cards each cell of a notebook displayed: those of an earlier run of it are closed, since their outputs are gone."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from flowrun_widgets.forks import unlocked_in_child
from flowrun_widgets.notebook import kernel

if TYPE_CHECKING:
    from flowrun_widgets.card.widget import FlowRunCard

__all__ = ["displayed"]

_lock = unlocked_in_child(threading.Lock())
_by_cell: dict[str, tuple[str, WeakSet[FlowRunCard]]] = {}
"""For each cell the request that ran it last, and the cards that this run of it displayed; closed ones are let go."""
_stale: list[FlowRunCard] = []
_heard: list[Any] = []
"""The shells that say when a cell has ended."""


def displayed(card: FlowRunCard) -> None:
    """Take in that the running cell displays a card; at its end the cards that only its earlier run displayed are closed."""
    running = kernel()
    request = running.get_parent()
    cell = (request.get("metadata") or {}).get("cellId")
    if not cell:
        return
    message = request.get("header", {}).get("msg_id", "")
    with _lock:
        last, cards = _by_cell.get(cell, ("", WeakSet[Any]()))
        if last != message:
            _stale.extend(cards)
        _by_cell[cell] = message, WeakSet([*cards, card] if last == message else [card])
        if running.shell not in _heard:
            _heard.append(running.shell)
            running.shell.events.register("post_run_cell", _close_stale)


def _close_stale(_result: object) -> None:
    with _lock:
        shown = {id(one) for _, ones in _by_cell.values() for one in ones}
        stale = [one for one in _stale if id(one) not in shown]
        _stale.clear()
    for old in stale:
        old.close()
