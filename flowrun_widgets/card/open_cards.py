"""The cards that are open in this kernel, and the way back to one of them by the run's name or id."""

from __future__ import annotations

import threading
import weakref
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flowrun_widgets.connection import source
from flowrun_widgets.errors import Ambiguous, InvalidArgument, NotFound
from flowrun_widgets.forks import in_child, unlocked_in_child
from flowrun_widgets.views.flow_run import FlowRunView
from flowrun_widgets.views.identifier import checked_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowrun_widgets.card.widget import FlowRunCard

__all__ = ["card", "in_output", "is_only_name", "opened"]

VIEW = "application/vnd.jupyter.widget-view+json"

NEWEST = 200
"""Among how many of the newest runs one is looked for by its name."""

_lock = unlocked_in_child(threading.Lock())
_cards: list[weakref.ref[FlowRunCard]] = []
in_child(_lock, lambda _: _cards.clear())


def card(run: str | FlowRunView | None = None, *, follow: bool = False) -> FlowRunCard:
    """Return the card of a run: the newest one that is open in this kernel, else a new one.

    Args:
        run: the run's name or id, or the run itself; None: the card that was opened last.
        follow: have it follow the run from now on, as `card.follow = True` does.

    What a card's footer shows, `fw.card("amber-heron")`, is this call. Free if such a card is open; else it costs what
    `FlowRunView.from_flow_run_id` costs, and by name one more request, which looks among the newest 200 runs.

    Raises:
        NotFound: no card and no run is called so.
        Ambiguous: several runs are called so; the error lists their ids.
        InvalidArgument: neither text nor a run; or nothing, and no card is open.
    """
    one = _found(run)
    if follow:
        one.follow = True
    return one


def _found(run: str | FlowRunView | None) -> FlowRunCard:
    from flowrun_widgets.card.widget import FlowRunCard

    if run is None:
        newest = next(_open(), None)
        if newest is None:
            raise InvalidArgument(
                'No card is open: say of which run, by its name or id, as in fw.card("amber-heron"). '
                "fw.latest() is the newest run, and fw.find_flow_runs() lists them."
            )
        return newest
    if isinstance(run, FlowRunView):
        return _newest_of(run) or FlowRunCard(run)
    name = checked_text(run, "run").strip()
    for known in _open():
        shown = known.flow_run
        if name == shown.name or name.lower() == shown.flow_run_id:
            return known
    return FlowRunCard(FlowRunView.from_flow_run_id(name if _is_id(name) else _id_of(name)))


def opened(one: FlowRunCard) -> None:
    """Remember a card for as long as somebody else holds it."""
    with _lock:
        _cards[:] = [known for known in _cards if known() is not None]
        _cards.append(weakref.ref(one))


def in_output(output: Any) -> list[FlowRunCard]:
    """Return the open card that an output of a notebook displays, if it is one."""
    try:
        model_id = output["data"][VIEW]["model_id"]
    except (KeyError, TypeError):
        return []
    return [one for one in _open() if one.model_id == model_id]


def is_only_name(run: FlowRunView) -> bool:
    """Return whether no open card shows another run of the same name."""
    return all(
        known.flow_run.name != run.name or known.flow_run.flow_run_id == run.flow_run_id
        for known in _open()
    )


def _open() -> Iterator[FlowRunCard]:
    """Yield the open cards, the newest first."""
    with _lock:
        known = [one() for one in reversed(_cards)]
    for one in known:
        if one is not None and one.comm is not None:
            yield one


def _newest_of(run: FlowRunView) -> FlowRunCard | None:
    for known in _open():
        shown = known.flow_run
        same_place = shown.connection.url == run.connection.url
        if same_place and shown.flow_run_id == run.flow_run_id:
            return known
    return None


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _id_of(name: str) -> str:
    """Return the id of the run of that name among the newest."""
    connection = source(None)
    found = [
        record.id
        for record in connection.backend.flow_runs(None, None, NEWEST)
        if record.name == name
    ]
    if not found:
        raise NotFound(
            f"No open card and none of the newest {NEWEST} runs at {connection.url} is called {name!r:.100}. "
            'By its id any run is found: fw.card("4c0101af-…"); fw.open() takes its link.'
        )
    if len(found) > 1:
        raise Ambiguous(
            f"{len(found)} runs at {connection.url} are called {name!r:.100}; say which by its id: "
            f"{', '.join(found[:5])}",
            found,
        )
    return found[0]
