"""Ways to a run without its id: the link of an alert, and the newest of a flow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowrun_widgets.addresses import parse_address
from flowrun_widgets.connection import ambient, connection_to, source
from flowrun_widgets.errors import NotFound
from flowrun_widgets.views.flow_run import FlowRunView
from flowrun_widgets.views.held import held_of
from flowrun_widgets.views.identifier import checked_text

if TYPE_CHECKING:
    from flowrun_widgets.addresses import RunAddress
    from flowrun_widgets.connection import Connection

__all__ = ["latest", "open"]


def open(url: str, *, api_key: str | None = None, auth_string: str | None = None) -> FlowRunView:
    """Open a flow run by a link into Prefect's UI, such as an alert has: self-hosted or Cloud.

    The page of a task run opens the flow run that it belongs to, with that task run at hand: `get_task_run()` of it
    is free. Server and workspace come from the link, keys from this machine's configuration if it has the same host.
    Costs three requests, one more for which Prefect answers there, and two for a task run's page. The ambient
    connection stays as it is.

    Raises:
        InvalidArgument: not such a link.
        NotFound: no such run.
    """
    address = parse_address(url)
    connection = _connection(address, api_key, auth_string)
    if address.kind == "flow run":
        return FlowRunView.from_flow_run_id(address.id, api=connection)
    record = connection.backend.task_run(address.id)
    if record.flow_run_id is None:
        raise NotFound(
            f"The task run {address.id} ran outside any flow run: TaskRunView.from_task_run_id() shows it."
        )
    view = FlowRunView.from_flow_run_id(record.flow_run_id, api=connection)
    held_of(view).keep([record])
    return view


def latest(
    flow: str | None = None, state: str | None = None, *, api: Connection | None = None
) -> FlowRunView:
    """Return the newest flow run, by when it began or was due: of the flow of this name, in this state.

    Args:
        flow: the flow's name.
        state: the name of a state class, which takes in those below it ("failed": TimedOut, Crashed, …), or the
            server's own word for a state ("Late"); upper and lower case are the same.
        api: where from; the ambient connection if None.

    Costs at most five requests on Prefect 3, two on Prefect 1, none on the store.

    Raises:
        InvalidArgument: a name that is no text.
        NotFound: there is none.
    """
    connection = source(api)
    flow = None if flow is None else checked_text(flow, "flow")
    state = None if state is None else checked_text(state, "state")
    found = connection.backend.flow_runs(flow, state, 1)
    if not found:
        of = f" of the flow {flow!r:.100}" if flow else ""
        within = f" in state {state!r:.100}" if state else ""
        raise NotFound(f"No flow run{of}{within} at {connection.url}.")
    if found[0].has_history:
        return FlowRunView(found[0], connection)
    return FlowRunView.from_flow_run_id(found[0].id, api=connection)


def _connection(address: RunAddress, api_key: str | None, auth_string: str | None) -> Connection:
    if address.api_url is None:
        return ambient()
    return connection_to(address.api_url, api_key=api_key, auth_string=auth_string)
