"""Finding runs without their ids: by the link in an alert, the newest run of a flow, or all that match."""

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
"""The largest number of runs in one list."""


def open(url: str, *, api_key: str | None = None, auth_string: str | None = None) -> FlowRunView:
    """Open a flow run by a pasted link into Prefect's UI, such as one from an alert, or by its id.

    Links into any UI, self-hosted or Cloud, are accepted. A link may lack its scheme, and may be wrapped in the
    brackets, quotes, sentences and redirects that chats and mails add. A link to a task run opens the flow run that it
    belongs to; `get_task_run()` for that task run is then free.

    Server and workspace come from the link, keys from this machine's configuration if it names the same host. If the
    link's own server has no API, its UI is asked where the API is. After that, and for a link or an id that names no
    server, the ambient connection is asked. Costs at most four requests, up to three more to detect which Prefect
    answers there, and two for a link to a task run. The ambient connection is not changed.

    Raises:
        InvalidArgument: the text has no such link or id.
        NotFound: the run does not exist.
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
            "get_logs() of that view reads its lines."
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
    """Return the newest flow run that has begun, optionally of one flow or in one state.

    Args:
        flow: the flow's name.
        state: the name of a state class, which includes its subclasses ("failed": TimedOut, Crashed, …), or the
            server's own name of a state ("Late"); case is ignored. Runs that have not begun are found only by their
            state: "scheduled" or "late", or "pending" for all of them.
        subflows: include runs that another run called.
        api: where from; the ambient connection if None.

    Costs at most six requests on Prefect 3, two on Prefect 1, none on the store.

    Raises:
        InvalidArgument: a name is not text.
        NotFound: no run matches.
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
        below = "" if subflows else " Pass subflows=True to include runs that another run called."
        raise NotFound(
            f"No flow run{of}{within} at {connection.url}.{below} {unconfigured(connection)}"
            "fw.find_flow_runs() lists the runs there; fw.connect(url) reads from another server."
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
    """Return the newest flow runs that have begun, newest first, as a list that a notebook displays as a table.

    Args:
        flow: the flow's name.
        state: the name of a state class, which includes its subclasses ("failed": TimedOut, Crashed, …), or the
            server's own name of a state ("Late"); case is ignored. Runs that have not begun are listed only by their
            state: "scheduled" or "late", or "pending" for all of them.
        since: only runs that began at that time or later: a time or its ISO 8601 text, in UTC if it has no zone. For a
            run that has not begun, the time it is due counts.
        until: only runs that began at that time or earlier.
        subflows: include runs that another run called.
        limit: the largest number of runs to list, up to 10,000; `has_more` of the list says whether there are more.
        api: where from; the ambient connection if None.

    Costs, on Prefect 3, one request for each 200 runs begun, counting one run beyond the limit, one for runs that go
    on, and one for the names of each 200 flows; one on Prefect 1, none on the store. Nothing else is requested until a
    run of the list is displayed or one of its methods fetches.

    Raises:
        InvalidArgument: a name is not text, or the time or limit is invalid.
        BackendError: the server failed to answer or refused the request.
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
