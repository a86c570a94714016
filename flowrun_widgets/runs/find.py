"""Finding runs without their ids: by the link in an alert, the newest run of a flow, or all that match."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

from flowrun_widgets.backends.run_filter import RunFilter
from flowrun_widgets.connection.connection import (
    Connection,
    ambient,
    connection_of,
    say_unconfigured,
    source,
    unconfigured,
)
from flowrun_widgets.containers import FrozenDict, frozen_dict
from flowrun_widgets.errors import (
    BackendError,
    FlowRunError,
    InvalidArgument,
    NotFound,
    QueryRejected,
    UnexpectedAnswer,
)
from flowrun_widgets.runs.flow_run import FlowRunView
from flowrun_widgets.runs.flow_runs import FlowRunList
from flowrun_widgets.runs.lazy_runs import RUNS_AT_ONCE, LazyRuns
from flowrun_widgets.settings.addresses import RunAddress, parse_address
from flowrun_widgets.times import now
from flowrun_widgets.views.identifier import checked_text
from flowrun_widgets.views.log_choice import moment_of

__all__ = ["find_flow_runs", "latest", "open", "opened_at"]


def open(url: str, *, api_key: str | None = None, auth_string: str | None = None) -> FlowRunView:
    """Open a flow run by a pasted link into Prefect's UI, such as one from an alert, or by its id.

    Links into any UI, self-hosted or Cloud, are accepted. A link may lack its scheme, and may be wrapped in the
    brackets, quotes, sentences and redirects that chats and mails add. A link to a task run opens the flow run that it
    belongs to; `get_task_run()` for that task run is then free.

    Server and workspace come from the link, keys from this machine's configuration if it names the same host. If the
    link's own server has no API, its UI is asked where the API is. After that, and for a link or an id that names no
    server, the ambient connection is asked. Costs at most four requests, and two more for a link to a task run. If the
    server of the link does not answer as Prefect 3 does, up to five more detect which Prefect answers there. The
    ambient connection is not changed.

    Raises:
        InvalidArgument: the text has no such link or id.
        NotFound: the run does not exist.
    """
    address = parse_address(url)
    connection = connection_of(address, api_key=api_key, auth_string=auth_string)
    has_key = bool(api_key or auth_string)
    api_key = auth_string = None  # a traceback that shows local variables shows none
    try:
        return opened_at(address, connection)
    except (NotFound, BackendError) as error:
        here = ambient()
        if here is connection or here.is_local or has_key:
            raise
        try:
            return opened_at(address, here)
        except FlowRunError:
            raise error from None


def opened_at(address: RunAddress, connection: Connection) -> FlowRunView:
    """Open the run of an address over a connection, whatever server the address names.

    If another Prefect than the assumed one may answer there, ask which one does.
    """
    try:
        found = _opened(address, connection)
    except (NotFound, QueryRejected, UnexpectedAnswer):
        asked = connection.asked()
        if asked is None:
            raise
        connection.close()
        return _opened(address, asked)
    connection.confirm()
    return found


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
            f"The task run {address.id} ran outside any flow run. Use TaskRunView.from_task_run_id() to see it; "
            "get_logs() of that view returns its log lines."
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
            server's own name of a state ("Late"); case is ignored. Runs that have not begun are found only if this
            names their state: "scheduled", "late", or "pending" for all of them.
        subflows: include sub-flow runs, which another run called.
        api: the connection to read from; the ambient connection if None.

    Costs at most six requests on Prefect 3, two on Prefect 1, none on the store.

    Raises:
        InvalidArgument: a name is not text.
        NotFound: no run matches.
    """
    connection = source(api)
    chosen = RunFilter(
        flow_name=_name(flow, "flow"),
        states=_names(state, "state"),
        only_begun=state is None,
        only_top_level=not subflows,
    )
    found = next(connection.backend.flow_runs(chosen, 1), None)
    if found is None:
        of = f" of the flow {flow!r:.100}" if flow else ""
        within = f" in state {state!r:.100}" if state else " that began"
        below = "" if subflows else " Pass subflows=True to include sub-flow runs."
        raise NotFound(
            f"No flow run{of}{within} at {connection.url}.{below} {unconfigured(connection)}"
            "fw.find_flow_runs() lists the runs there; fw.connect(url) reads from another server."
        )
    say_unconfigured(connection)
    if found.has_history:
        return FlowRunView(found, connection)
    return FlowRunView.from_flow_run_id(found.id, api=connection)


def find_flow_runs(
    flow: str | None = None,
    state: str | Sequence[str] | None = None,
    *,
    since: datetime | str | None = None,
    until: datetime | str | None = None,
    tags: str | Sequence[str] = (),
    parameters: Mapping[str, Any] | None = None,
    deployment: str | None = None,
    work_pool: str | None = None,
    subflows: bool = False,
    limit: int | None = 100,
    api: Connection | None = None,
) -> FlowRunList:
    """Return the newest flow runs that have begun, newest first, as a list that a notebook displays as a table.

    Args:
        flow: the flow's name.
        state: the name of a state class, which includes its subclasses ("failed": TimedOut, Crashed, …), or the
            server's own name of a state ("Late"); several mean any of them; case is ignored. Runs that have not begun
            are listed only if this names their state: "scheduled", "late", or "pending" for all of them.
        since: only runs that began at that time or later: a time or its ISO 8601 text, in UTC if it has no zone. For a
            run that has not begun, the time at which it is due counts.
        until: only runs that began at that time or earlier.
        tags: only runs with all of these tags. Prefect 1 has no tags.
        parameters: only runs with these values of parameters, among others. Prefect 3 cannot search by parameters:
            every run that meets the other conditions is requested until enough match.
        deployment: only runs of the deployment with this name or id. Prefect 1 has no deployments; a store knows only
            their ids.
        work_pool: only runs in the work pool with this name. Prefect 1 has no work pools.
        subflows: include sub-flow runs, which another run called.
        limit: the largest number of runs to list; None for every run. `has_more` of the list says whether there are
            more.
        api: the connection to read from; the ambient connection if None.

    The first page is requested now, and the others when their runs are needed. A page costs, on Prefect 3, one request
    for 200 runs, and one for the names of their flows; the first one more, for runs that go on. On Prefect 1 it is one
    request for 1,000 runs; a store costs none. Nothing else is requested until a run of the list is displayed or one of
    its methods fetches.

    Raises:
        InvalidArgument: a name is not text, the time or limit is invalid, or the source does not have a condition.
        BackendError: the server failed to answer or refused the request.
    """
    connection = source(api)
    if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int) or limit < 1):
        raise InvalidArgument(f"`limit` must be a positive number or None, not {limit!r:.80}.")
    chosen = RunFilter(
        flow_name=_name(flow, "flow"),
        states=_names(state, "state"),
        since=moment_of(since, "since"),
        until=moment_of(until, "until"),
        tags=_names(tags, "tags"),
        parameters=_parameters(parameters),
        deployment=_name(deployment, "deployment"),
        work_pool=_name(work_pool, "work_pool"),
        only_begun=state is None,
        only_top_level=not subflows,
    )
    as_of = now()
    backend = connection.backend

    def listed() -> Iterator[FlowRunView]:
        records = backend.flow_runs(chosen, None if limit is None else limit + 1)
        return (FlowRunView(record, connection, as_of=as_of) for record in records)

    runs = LazyRuns(listed, limit)
    runs.first(RUNS_AT_ONCE)
    say_unconfigured(connection)
    return FlowRunList(runs, as_of=as_of, place=connection.url)


def _name(value: str | None, what: str) -> str | None:
    return None if value is None else checked_text(value, what)


def _names(values: str | Sequence[str] | None, what: str) -> tuple[str, ...]:
    if values is None or isinstance(values, str):
        return () if values is None else (checked_text(values, what),)
    if not isinstance(values, Sequence) or (what == "state" and not values):
        raise InvalidArgument(f"`{what}` must be a text or a list of texts, not {values!r:.80}.")
    return tuple(checked_text(value, what) for value in values)


def _parameters(values: Mapping[str, Any] | None) -> FrozenDict:
    if values is None:
        return FrozenDict()
    if not isinstance(values, Mapping):
        raise InvalidArgument(
            f"`parameters` must be a dictionary of names and values, not {values!r:.80}."
        )
    return frozen_dict({checked_text(name, "parameters"): value for name, value in values.items()})
