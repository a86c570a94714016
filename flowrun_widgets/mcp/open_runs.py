"""`OpenRuns`: the runs that the tools have read, found by id, link or name, or as the newest that failed."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from flowrun_widgets.errors import InvalidArgument, NotFound
from flowrun_widgets.runs.find import find_flow_runs, latest, opened_at
from flowrun_widgets.settings.addresses import parse_address

if TYPE_CHECKING:
    from flowrun_widgets.connection.connection import Connection
    from flowrun_widgets.runs.flow_run import FlowRunView

__all__ = ["OpenRuns"]

MAX_OPEN = 6
"""Of how many runs what was read is kept."""
MAX_SEARCHED = 200
"""Among how many of the newest runs a name is looked for."""


class OpenRuns:
    """The runs of one server. Thread-safe.

    A link opens the run that it names at this server; no other server is ever asked.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._lock = threading.Lock()
        self._known: dict[str, FlowRunView] = {}

    def run(self, named: str, flow: str = "") -> FlowRunView:
        """Return a run as it is now; of a run that was read before, only what is new is requested.

        `named` is its id, a link to it or its name; empty for the newest run that failed, of `flow` if that is given.

        Raises:
            NotFound: there is no such run. Ambiguous: several runs have the name.
        """
        view = self._found(named.strip(), flow.strip())
        key = view.flow_run_id
        with self._lock:
            known = self._known.pop(key, None)
        if known is not None:
            view = known.get_latest()
        with self._lock:
            self._known[key] = view
            while len(self._known) > MAX_OPEN:
                del self._known[next(iter(self._known))]
        return view

    def _found(self, named: str, flow: str) -> FlowRunView:
        if not named:
            return latest(flow or None, "failed", api=self.connection)
        try:
            address = parse_address(named)
        except InvalidArgument:
            return self._named(named, flow)
        with self._lock:
            known = self._known.get(address.id)
        return known or opened_at(address, self.connection)

    def _named(self, name: str, flow: str) -> FlowRunView:
        runs = find_flow_runs(flow or None, subflows=True, limit=MAX_SEARCHED, api=self.connection)
        try:
            return runs[name]
        except NotFound:
            raise NotFound(
                f"No run is called {name!r:.100} among the newest {MAX_SEARCHED} at {self.connection.url}. "
                "find_runs lists runs with their ids; an id and a link find older ones."
            ) from None
