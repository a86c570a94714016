"""Ways to runs without their ids: the link of an alert, the newest of a flow, and all that fit."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from flowrun_widgets.connection.connection import (
    Connection,
    ambient,
    connection_of,
    say_unconfigured,
    source,
    unconfigured,
)
from flowrun_widgets.errors import BackendError, FlowRunError, InvalidArgument, NotFound
from flowrun_widgets.runs.flow_run import FlowRunView
from flowrun_widgets.runs.flow_runs import FlowRunList
from flowrun_widgets.settings.addresses import RunAddress, parse_address
from flowrun_widgets.times import now
from flowrun_widgets.views.identifier import checked_text
from flowrun_widgets.views.log_choice import moment_of

__all__ = ["find_flow_runs", "latest", "open"]

MAX_LIMIT = 10_000
"""How many runs one list may have."""


def open(url: str, *, api_key: str | None = None, auth_string: str | None = None) -> FlowRunView:
    """Open a flow run by a link into Prefect's UI as somebody pasted it, such as an alert has, or by its id.

    Self-hosted or Cloud, of any UI; a link may have lost its scheme, and may stand in the brackets, quotes, sentences
    and redirects that chats and mails put around it. The page of a task run opens the flow run that it belongs to, with
    that task run at hand: `get_task_run()` of it is free.

    Server and workspace come from the link, keys from this machine's configuration if it has the same host. Where the
    link's own server has no API, its UI is asked where the API is; after that, and for a link or an id that names no
    server, the ambient connection is asked. Costs four requests at most, up to three more for which Prefect answers
    there, and two for a task run's page. The ambient connection stays as it is.

    Raises:
        InvalidArgument: not such a link.
        NotFound: no such run.
    """
    address = parse_address(url)
    connection = connection_of(address, api_key=api_key, auth_string=auth_string)
    has_key = bool(api_key or auth_string)
    api_key = auth_string = None  # a traceback that shows local variables shows none
    try:
        return _opened(address, connection)
    except (NotFound, BackendError) as error:
        here = ambient()
        if here is connection or here.is_local or has_key:
            raise
        try:
            return _opened(address, here)
        except FlowRunError:
            raise error from None


def _opened(address: RunAddress, connection: Connection) -> FlowRunView:
    if address.kind != "task run":
        try:
            return FlowRunView.from_flow_run_id(address.id, api=connection)
        except NotFound:
            if address.kind is not None:
                raise
            with suppress(NotFound):
                return _opened(replace(address, kind="task run"), connection)
            raise
    record = connection.backend.task_run(address.id)
    if record.flow_run_id is None:
        raise NotFound(
            f"The task run {address.id} ran outside any flow run: TaskRunView.from_task_run_id() shows it, and "
            "its get_logs() reads its lines."
        )
    view = FlowRunView.from_flow_run_id(record.flow_run_id, api=connection)
    view.fetched.keep([record])
    return view


def latest(
    flow: str | None = None,
    state: str | None = None,
    *,
    subflows: bool = False,
    api: Connection | None = None,
) -> FlowRunView:
    """Return the newest flow run that began: of the flow of this name, or in this state.

    Args:
        flow: the flow's name.
        state: the name of a state class, which takes in those below it ("failed": TimedOut, Crashed, …), or the
            server's own word for a state ("Late"); upper and lower case are the same. Only with a state can the run be
            one that is still to begin: "scheduled", "late"; "pending" is all of them.
        subflows: look also at runs that another run called.
        api: where from; the ambient connection if None.

    Costs at most six requests on Prefect 3, two on Prefect 1, none on the store.

    Raises:
        InvalidArgument: a name that is no text.
        NotFound: there is none.
    """
    connection = source(api)
    flow = None if flow is None else checked_text(flow, "flow")
    state = None if state is None else checked_text(state, "state")
    found = connection.backend.flow_runs(
        flow, state, 1, only_begun=state is None, only_top_level=not subflows
    )
    if not found:
        of = f" of the flow {flow!r:.100}" if flow else ""
        within = f" in state {state!r:.100}" if state else " that began"
        below = "" if subflows else " Runs that another run called count with subflows=True."
        raise NotFound(
            f"No flow run{of}{within} at {connection.url}.{below} {unconfigured(connection)}"
            "fw.find_flow_runs() lists those that are there, fw.connect(url) reads from elsewhere."
        )
    say_unconfigured(connection)
    if found[0].has_history:
        return FlowRunView(found[0], connection)
    return FlowRunView.from_flow_run_id(found[0].id, api=connection)


def find_flow_runs(
    flow: str | None = None,
    state: str | None = None,
    *,
    since: datetime | str | None = None,
    until: datetime | str | None = None,
    subflows: bool = False,
    limit: int = 100,
    api: Connection | None = None,
) -> FlowRunList:
    """Return the newest flow runs that began, newest first: a list that shows itself as a table in a notebook.

    Args:
        flow: the flow's name.
        state: the name of a state class, which takes in those below it ("failed": TimedOut, Crashed, …), or the
            server's own word for a state ("Late"); upper and lower case are the same. Only with a state does the list
            hold runs that are still to begin: "scheduled", "late"; "pending" is all of them.
        since: only runs that began at that time or later: a time or its ISO 8601 text, in UTC if it names no zone.
            A run that has not begun counts by when it was due.
        until: only runs that began at that time or earlier.
        subflows: list also runs that another run called.
        limit: so many at most, up to 10,000; `has_more` of the list says whether there are more.
        api: where from; the ambient connection if None.

    Costs one request on Prefect 3 for each 200 runs begun, counting one run beyond the limit, one for runs that go on,
    and one for the names of each 200 flows; one on Prefect 1, none on the store. Nothing else is asked until a run of the list is displayed or
    a call of it says so.

    Raises:
        InvalidArgument: a name that is no text, not a time, not a limit.
        BackendError: the server did not do its part.
    """
    connection = source(api)
    if isinstance(limit, bool) or not isinstance(limit, int) or not 1 <= limit <= MAX_LIMIT:
        raise InvalidArgument(
            f"`limit` has to be a number from 1 to {MAX_LIMIT:,}, not {limit!r:.80}."
        )
    as_of = now()
    found = connection.backend.flow_runs(
        None if flow is None else checked_text(flow, "flow"),
        None if state is None else checked_text(state, "state"),
        limit + 1,
        since=moment_of(since, "since"),
        until=moment_of(until, "until"),
        only_begun=state is None,
        only_top_level=not subflows,
    )
    say_unconfigured(connection)
    return FlowRunList(
        (FlowRunView(record, connection, as_of=as_of) for record in found[:limit]),
        as_of=as_of,
        has_more=len(found) > limit,
        place=connection.url,
    )
