"""Displaying a card: two outputs, the static twin first, then the live widget that hides it."""

from __future__ import annotations

import threading
from itertools import count
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from flowrun_widgets.card.task_rows import telling_task_rows
from flowrun_widgets.card.widget import FlowRunCard
from flowrun_widgets.sharing.excerpt import excerpt
from flowrun_widgets.sharing.twin import twin_html, twin_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowrun_widgets.card.content import Content
    from flowrun_widgets.card.wire import Payload, TaskRow
    from flowrun_widgets.sharing.excerpt import Excerpt
    from flowrun_widgets.views.flow_run import FlowRunView

__all__ = ["display_card", "display_flow_run"]

WAIT_SECONDS = 0.7
"""How long a display waits for the whole log, so that card and twin stand there complete at once."""
OPEN_SECONDS = 1.3
"""How much longer it waits for a first look at a run whose log is long."""
VIEW = "application/vnd.jupyter.widget-view+json"

_lock = threading.Lock()
_known: WeakKeyDictionary[Content, tuple[Excerpt | None, Sequence[TaskRow]]] = WeakKeyDictionary()
_numbers = count(1)
_by_cell: dict[str, tuple[str, list[FlowRunCard]]] = {}
"""For each cell the request that ran it last, and the cards that this run of it displayed."""


def display_flow_run(run: FlowRunView) -> None:
    """Show a run: in a notebook as a card with its twin, elsewhere as its repr."""
    if _kernel() is None:
        print(repr(run))  # noqa: T201
        return
    display_card(FlowRunCard(run))


def display_card(card: FlowRunCard) -> None:
    """Show a card with its twin; the twin follows when the card shows something new.

    A card that was closed is shown as a new one of the same snapshot.
    """
    from IPython.display import display, update_display

    if _kernel() is None:
        print(repr(card.flow_run))  # noqa: T201
        return
    if card.comm is None:
        card = FlowRunCard(card.flow_run)
    _replace_earlier(card)
    if not card.wait_until_loaded(WAIT_SECONDS):
        card.wait_until_open(OPEN_SECONDS)
    with _lock:
        is_first = not card.twin
        if is_first:
            card.twin = f"frw-{card.flow_run.flow_run_id[:8]}-{next(_numbers)}"
    uid = card.twin
    twin = _Twin(card, uid)
    display(twin.of(card.shown), raw=True, display_id=uid)
    if is_first:
        card.on_change(lambda shown: update_display(twin.of(shown), raw=True, display_id=uid))
    view = {"version_major": 2, "version_minor": 1, "model_id": card.model_id}
    display({VIEW: view, "text/plain": ""}, raw=True)


class _Twin:
    """Makes the twin of a card."""

    def __init__(self, card: FlowRunCard, uid: str) -> None:
        self._card, self._uid = card, uid

    def of(self, shown: Payload) -> dict[str, str]:
        """Return the twin as HTML, and as text for hosts that show nothing else."""
        card, kept = self._card, self._card.evidence
        log, rows = _told(card.content)
        hits = card.hit_count if kept.text else None
        html = twin_html(shown, log, self._uid, kept=kept, hits=hits, task_rows=rows)
        return {"text/html": html, "text/plain": twin_text(shown, kept=kept, hits=hits)}


def _told(content: Content) -> tuple[Excerpt | None, Sequence[TaskRow]]:
    """Return the telling lines and task runs, found once however often they are told."""
    if content not in _known:
        log = None if content.logs is None else excerpt(content.logs)
        table, until = content.tasks, content.run.as_of
        rows = () if table is None else telling_task_rows(table, content.logs, until)
        _known[content] = log, rows
    return _known[content]


def _kernel() -> Any:
    try:
        from IPython import get_ipython
    except ImportError:
        return None
    return getattr(get_ipython(), "kernel", None)


def _replace_earlier(card: FlowRunCard) -> None:
    """Close the cards that only an earlier run of this cell displayed: their outputs are gone."""
    request = _kernel().get_parent()
    cell = (request.get("metadata") or {}).get("cellId")
    if not cell:
        return
    message = request.get("header", {}).get("msg_id", "")
    with _lock:
        last, cards = _by_cell.get(cell, ("", []))
        _by_cell[cell] = (message, [*cards, card] if last == message else [card])
        shown = {id(one) for _, ones in _by_cell.values() for one in ones}
        stale = [one for one in cards if id(one) not in shown]
    for old in stale:
        old.close()
