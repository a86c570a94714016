"""Ways to runs without their ids: the link of an alert, the newest of a flow, and all that fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowrun_widgets.addresses import parse_address
from flowrun_widgets.connection import ambient, connection_to, source
from flowrun_widgets.errors import InvalidArgument, NotFound
from flowrun_widgets.times import now
from flowrun_widgets.views.flow_run import FlowRunView
from flowrun_widgets.views.flow_runs import FlowRunList
from flowrun_widgets.views.held import held_of
from flowrun_widgets.views.identifier import checked_text
from flowrun_widgets.views.log_choice import moment_of

if TYPE_CHECKING:
    from datetime import datetime

    from flowrun_widgets.addresses import RunAddress
    from flowrun_widgets.connection import Connection

__all__ = ["find_flow_runs", "latest", "open"]

MOST = 10_000
"""How many runs one list may have."""


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
        raise NotFound(
            f"No flow run{of}{within} at {connection.url}. fw.find_flow_runs() lists those that are there, "
            "fw.connect(url) reads from elsewhere."
        )
    if found[0].has_history:
        return FlowRunView(found[0], connection)
    return FlowRunView.from_flow_run_id(found[0].id, api=connection)


def find_flow_runs(
    flow: str | None = None,
    state: str | None = None,
    *,
    since: datetime | str | None = None,
    until: datetime | str | None = None,
    limit: int = 100,
    api: Connection | None = None,
) -> FlowRunList:
    """Return the newest flow runs that fit, newest first: a list that shows itself as a table in a notebook.

    Args:
        flow: the flow's name.
        state: the name of a state class, which takes in those below it ("failed": TimedOut, Crashed, …), or the
            server's own word for a state ("Late"); upper and lower case are the same.
        since: only runs that began at that time or later: a time or its ISO 8601 text, in UTC if it names no zone.
            A run that has not begun counts by when it was due.
        until: only runs that began at that time or earlier.
        limit: so many at most, up to 10,000; `has_more` of the list says whether there are more.
        api: where from; the ambient connection if None.

    Costs one request on Prefect 3 for each 200 runs begun, counting one run beyond the limit, and one for the names of
    each 200 flows; one on Prefect 1, none on the store. Nothing else is asked until a run of the list is displayed or
    a call of it says so.

    Raises:
        InvalidArgument: a name that is no text, not a time, not a limit.
        BackendError: the server did not do its part.
    """
    connection = source(api)
    if isinstance(limit, bool) or not isinstance(limit, int) or not 1 <= limit <= MOST:
        raise InvalidArgument(f"`limit` has to be a number from 1 to {MOST:,}, not {limit!r:.80}.")
    as_of = now()
    found = connection.backend.flow_runs(
        None if flow is None else checked_text(flow, "flow"),
        None if state is None else checked_text(state, "state"),
        limit + 1,
        since=moment_of(since, "since"),
        until=moment_of(until, "until"),
    )
    return FlowRunList(
        (FlowRunView(record, connection, as_of=as_of) for record in found[:limit]),
        as_of=as_of,
        has_more=len(found) > limit,
        place=connection.url,
    )


def _connection(address: RunAddress, api_key: str | None, auth_string: str | None) -> Connection:
    if address.api_url is None:
        return ambient()
    return connection_to(address.api_url, api_key=api_key, auth_string=auth_string)
