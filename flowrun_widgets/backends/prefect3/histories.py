"""A cache of state histories, so that a refresh requests them only after the state changed."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

from flowrun_widgets.backends.prefect3.states import ENDED_TYPES
from flowrun_widgets.forks import unlocked_in_child

if TYPE_CHECKING:
    from flowrun_widgets.backends.prefect3 import wire

__all__ = ["Histories"]

REMEMBERED = 100
"""The number of runs in the cache."""


class Histories:
    """The histories of the runs that were read last. Thread-safe."""

    def __init__(self) -> None:
        self._lock = unlocked_in_child(threading.Lock())
        self._known: OrderedDict[str, tuple[str, list[wire.State]]] = OrderedDict()

    def keep(self, run: wire.FlowRun, states: list[wire.State]) -> None:
        """Store the history of a run, unless the state changed between the two answers."""
        if run.state_id is None or run.state_id not in {state.id for state in states}:
            return
        with self._lock:
            self._known[run.id] = run.state_id, states
            self._known.move_to_end(run.id)
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)

    def of(self, run: wire.FlowRun) -> list[wire.State] | None:
        """Return the history of a run; None if it is not known, or if the run is in another state now."""
        with self._lock:
            state_id, states = self._known.get(run.id, (None, None))
        return states if state_id == run.state_id else None

    def ended_in(self, flow_run_id: str) -> str | None:
        """Return the id of the final state of a run at the last look; None: the run had not ended."""
        with self._lock:
            state_id, states = self._known.get(flow_run_id, (None, ()))
        ended = any(state.id == state_id and state.type in ENDED_TYPES for state in states)
        return state_id if ended else None
