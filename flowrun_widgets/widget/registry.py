"""The cards that are open in this kernel."""

from __future__ import annotations

import threading
import weakref
from typing import TYPE_CHECKING, Any

from flowrun_widgets.forks import in_child, unlocked_in_child
from flowrun_widgets.views.flow_run_facts import FlowRunFacts
from flowrun_widgets.widget.displayed import VIEW

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowrun_widgets.widget.displayed import DisplayedCard

__all__ = ["in_output", "is_only_name", "open_cards", "opened"]


_lock = unlocked_in_child(threading.Lock())
_cards: list[weakref.ref[DisplayedCard]] = []
in_child(_lock, lambda _: _cards.clear())


def opened(one: DisplayedCard) -> None:
    """Register a card, with a weak reference."""
    with _lock:
        _cards[:] = [known for known in _cards if known() is not None]
        _cards.append(weakref.ref(one))


def in_output(output: Any) -> list[DisplayedCard]:
    """Return the open card that an output of a notebook displays, as a list of one or none."""
    try:
        model_id = output["data"][VIEW]["model_id"]
    except (KeyError, TypeError):
        return []
    return [one for one in open_cards() if one.model_id == model_id]


def is_only_name(run: FlowRunFacts) -> bool:
    """Return whether no open card shows a different run with the same name."""
    return all(
        shown.name != run.name or shown.flow_run_id == run.flow_run_id
        for known in open_cards()
        if isinstance(shown := known.subject, FlowRunFacts)
    )


def open_cards() -> Iterator[DisplayedCard]:
    """Yield the open cards, the newest first."""
    with _lock:
        known = [one() for one in reversed(_cards)]
    for one in known:
        if one is not None and one.comm is not None:
            yield one
