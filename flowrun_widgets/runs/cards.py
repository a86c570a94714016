"""`fw.card()`: the open card of a run, by the run's name or id."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from flowrun_widgets.backends.run_filter import RunFilter
from flowrun_widgets.connection.connection import source
from flowrun_widgets.errors import Ambiguous, InvalidArgument, NotFound
from flowrun_widgets.runs.card import FlowRunCard
from flowrun_widgets.runs.flow_run import FlowRunView
from flowrun_widgets.views.identifier import checked_text
from flowrun_widgets.widget.registry import open_cards

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["card"]

NEWEST = 200
"""How many of the newest runs are searched for a name."""


def card(run: str | FlowRunView | None = None, *, follow: bool = False) -> FlowRunCard:
    """Return the newest card of a run that is open in this kernel, or a new card if none is open.

    Args:
        run: the run's name or id, or the run itself; None for the card that was opened last.
        follow: make the card follow the run from now on, as `card.follow = True` does.

    A card's footer shows this call, as `fw.card("amber-heron")`. It is free if such a card is open. Otherwise it costs
    what `FlowRunView.from_flow_run_id` costs, and one more request for a name, which is searched among the newest 200
    runs.

    Raises:
        NotFound: no card and no run has that name or id.
        Ambiguous: several runs have that name; the error lists their ids.
        InvalidArgument: `run` is neither text nor a run, or it is None and no card is open.
    """
    one = _found(run)
    if follow:
        one.follow = True
    return one


def _found(run: str | FlowRunView | None) -> FlowRunCard:
    if run is None:
        newest = next(_open(), None)
        if newest is None:
            raise InvalidArgument(
                'No card is open. Pass the name or id of a run, as in fw.card("amber-heron"). '
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


def _open() -> Iterator[FlowRunCard]:
    return (one for one in open_cards() if isinstance(one, FlowRunCard))


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
    """Return the id of the run with that name among the newest runs."""
    connection = source(None)
    found = [
        record.id
        for record in connection.backend.flow_runs(RunFilter(), NEWEST)
        if record.name == name
    ]
    if not found:
        raise NotFound(
            f"No open card and none of the newest {NEWEST} runs at {connection.url} has the name {name!r:.100}. "
            'To find an older run, pass its id, as in fw.card("4c0101af-…"), or its link to fw.open().'
        )
    if len(found) > 1:
        raise Ambiguous(
            f"{len(found)} runs at {connection.url} are called {name!r:.100}; pass the id of one: "
            f"{', '.join(found[:5])}",
            found,
        )
    return found[0]
