"""Prefect 3 as a source: its server, or one workspace of Cloud."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flowrun_widgets.backends.prefect3 import wire
from flowrun_widgets.backends.prefect3.api import Api
from flowrun_widgets.backends.prefect3.histories import Histories
from flowrun_widgets.backends.prefect3.logs import LogCursor, LogFilter, Logs
from flowrun_widgets.backends.prefect3.mapping import (
    artifact_record,
    flow_record,
    flow_run_record,
    task_run_record,
    timeline,
)
from flowrun_widgets.backends.prefect3.paging import offset_pages
from flowrun_widgets.backends.prefect3.states import state_filter
from flowrun_widgets.backends.prefect3.task_runs import TaskRunCursor, TaskRuns
from flowrun_widgets.backends.prefect3.together import together
from flowrun_widgets.backends.protocol import Latest, LogPeek, LogRead, TaskRunRead
from flowrun_widgets.backends.rows import timeline_of
from flowrun_widgets.containers import FrozenDict
from flowrun_widgets.errors import Ambiguous, InvalidArgument, NotFound, QueryRejected
from flowrun_widgets.times import isoformat

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pendulum import DateTime

    from flowrun_widgets.log_columns import LogColumns
    from flowrun_widgets.records import (
        AgentRecord,
        ArtifactRecord,
        FlowRecord,
        FlowRunRecord,
        TaskRunRecord,
        TenantRecord,
        TimelineBar,
    )
    from flowrun_widgets.states import State
    from flowrun_widgets.transport import Transport

__all__ = ["Prefect3"]

NO_MAP_INDEX = (
    "Prefect 3 numbers no mapped children: give the name of the task run, or its id. "
    "get_all_task_runs() lists them in the order in which they were due."
)
SHOWN = 5
UNSEEN = (None, "result")
"""Types of artifacts that stand for results, not for something to see."""
EARLIEST = datetime.min.replace(tzinfo=UTC)


class Prefect3:
    """A server of Prefect 3 or a workspace of Cloud."""

    label = "Prefect 3"
    is_paged = True
    has_agents = False

    def __init__(self, transport: Transport) -> None:
        self.url = transport.url
        self._api = Api(transport)
        self._task_runs = TaskRuns(self._api)
        self._logs = Logs(self._api, self._labels)
        self._flow_names: dict[str, str] = {}
        self._histories = Histories()

    def flow_run(self, flow_run_id: str) -> FlowRunRecord:
        """Return one flow run with its history: two requests at once, and one for a flow that is not known yet."""
        run, states = together(lambda: self._run(flow_run_id), lambda: self._states(flow_run_id))
        self._histories.keep(run, states)
        return self._record(run, states)

    def reopened(self, known: FlowRunRecord) -> FlowRunRecord:
        """Return the run as it is now: one request, and one for the history if the state changed.

        The flow's name is the one that is known.
        """
        run = self._run(known.id)
        if run.flow_id is not None and run.flow_id == known.flow_id and known.flow_name:
            self._flow_names.setdefault(run.flow_id, known.flow_name)
        now = self._record(run, None)
        if known.has_history and _is_same(now.state, known.state):
            return replace(now, states=known.states, has_history=True)
        return self._record(run, self._history(run))

    def latest(
        self, flow_run_id: str, logs_cursor: object | None, task_runs_cursor: object | None
    ) -> Latest:
        """Return the run and what is new since the cursors.

        One request for each of the three parts, all at once; one for the history if the state changed. When the run
        has ended, one for each part to see that nothing is missing, and whatever is missing is read; from then on these
        are asked instead of what is new.
        """
        ended_in = self._histories.ended_in(flow_run_id)
        questions: list[Any] = [lambda: self._run(flow_run_id)]
        if isinstance(logs_cursor, LogCursor):
            questions.append(
                lambda: self._logs.latest(flow_run_id, logs_cursor, had_ended=ended_in is not None)
            )
        if isinstance(task_runs_cursor, TaskRunCursor):
            questions.append(
                lambda: self._task_runs.latest(flow_run_id, task_runs_cursor, ended_in)
            )
        run, *reads = together(*questions)
        logs = next((read for read in reads if isinstance(read, LogRead)), None)
        tasks = next((read for read in reads if isinstance(read, TaskRunRead)), None)
        if ended_in not in (None, run.state_id) and isinstance(task_runs_cursor, TaskRunCursor):
            tasks = self._task_runs.latest(flow_run_id, task_runs_cursor)
        record = self._record(run, self._history(run))
        if record.state.is_finished():
            logs, tasks = self._completed(run, logs_cursor, logs, tasks)
        return Latest(record, logs, tasks)

    def flow_runs(
        self,
        flow_name: str | None,
        state: str | None,
        limit: int,
        *,
        since: DateTime | None = None,
        until: DateTime | None = None,
    ) -> Sequence[FlowRunRecord]:
        """Return the newest flow runs, by when they began or else were due, without histories.

        One request for each page of 200, and one for the names of a page's flows.
        """
        body: dict[str, Any] = {"sort": "EXPECTED_START_TIME_DESC"}
        if flow_name is not None:
            body["flows"] = {"name": {"any_": [flow_name]}}
        chosen: dict[str, Any] = {}
        if state is not None:
            chosen["state"] = state_filter(state)
        if since is not None or until is not None:
            chosen["expected_start_time"] = {
                key: isoformat(moment)
                for key, moment in (("after_", since), ("before_", until))
                if moment is not None
            }
        if chosen:
            body["flow_runs"] = chosen
        found: list[wire.FlowRun] = []
        while len(found) < limit:
            size = min(limit - len(found), self._api.page_size)
            page = self._api.post(
                "/flow_runs/filter",
                {**body, "limit": size, "offset": len(found)},
                list[wire.FlowRun],
            )
            found += page
            if len(page) < size:
                break
        return self._records(found)

    def subflow_runs(self, flow_run_id: str) -> Sequence[FlowRunRecord]:
        """Return the runs that this run called as sub-flows, without histories, at the cost of `flow_runs`."""
        return self._records(self._below([flow_run_id]))

    def artifacts(self, flow_run_id: str) -> Sequence[ArtifactRecord]:
        """Return what the run left for people to see, each version of it: one request for each page of 200."""
        body = {"artifacts": {"flow_run_id": {"any_": [flow_run_id]}}, "sort": "ID_DESC"}
        pages = offset_pages(
            lambda offset: self._api.page("/artifacts/filter", body, wire.Artifact, offset=offset),
            lambda: self._api.page_size,
        )
        records = {
            one.id: artifact_record(one) for page in pages for one in page if one.type not in UNSEEN
        }
        return sorted(
            records.values(), key=lambda one: (one.created_at is None, one.created_at, one.id)
        )

    def timeline(self, flow_run_id: str) -> Sequence[TimelineBar]:
        """Return what the run executed so far: one request, or those of `task_runs` above the graph's 10,000 nodes."""
        graph = self._graph(flow_run_id)
        return (
            timeline_of(self._task_runs.read(flow_run_id).records)
            if graph is None
            else timeline(graph)
        )

    def logs(
        self,
        flow_run_id: str,
        start: DateTime | None,
        end: DateTime | None,
        *,
        min_level: int | None = None,
        task_run_ids: Sequence[str] | None = None,
    ) -> LogRead:
        """Return the run's lines: a request for each page of 200, and one or a few for the labels of task runs."""
        chosen = None if task_run_ids is None else tuple(task_run_ids)
        read = self._logs.read(
            LogFilter((flow_run_id,), _text(start), _text(end), min_level, chosen)
        )
        # The server's `after_` lets lines of that very timestamp through.
        return read if start is None else LogRead(read.columns.between(start, None), read.cursor)

    def log_peek(self, flow_run_id: str, *, errors_first: bool) -> LogPeek:
        """Return the last page and the first, or with `errors_first` the first page of errors: two requests at once."""
        run = (flow_run_id,)
        first = LogFilter(run, min_level=logging.ERROR) if errors_first else LogFilter(run)
        (oldest, _), (newest, is_whole) = together(
            lambda: self._logs.edge(first, newest=False),
            lambda: self._logs.edge(LogFilter(run), newest=True),
        )
        return LogPeek(oldest, newest, is_whole)

    def logs_with_subflows(
        self,
        run: FlowRunRecord,
        start: DateTime | None,
        end: DateTime | None,
        *,
        min_level: int | None = None,
    ) -> LogColumns:
        """Return the lines of a run and of all runs below it in one walk, and a request or more for each generation."""
        names, parents = {run.id: run.name or run.id}, [run.id]
        while parents:
            below = [child for child in self._below(parents) if child.id not in names]
            names |= {child.id: child.name or child.id for child in below}
            parents = [child.id for child in below]
        columns = self._logs.together(
            LogFilter(tuple(names), _text(start), _text(end), min_level), names
        )
        return columns if start is None else columns.between(start, None)

    def task_runs(self, flow_run_id: str) -> TaskRunRead:
        """Return every task run, without histories: one request for each page of 200.

        The rows that stand for sub-flows are among them, with `child_flow_run_id`.
        """
        return self._task_runs.read(flow_run_id, self._histories.ended_in(flow_run_id))

    def static_task_runs(self, flow_run_id: str) -> None:
        """Return None: no mapped children are numbered."""
        return

    def unsuccessful_task_runs(self, flow_run_id: str, limit: int) -> Sequence[TaskRunRecord]:
        """Return the newest task runs that failed, crashed or never began, in one request; at most a page of them."""
        return self._task_runs.unsuccessful(flow_run_id, limit)

    def task_graph(self, flow_run_id: str) -> None:
        """Return None: the code of a flow decides."""
        return

    def mapped_children(
        self, flow_run_id: str, task_slug: str, first: int, limit: int | None
    ) -> Sequence[TaskRunRecord]:
        """Refuse: no mapped children are numbered."""
        raise InvalidArgument(NO_MAP_INDEX)

    def task_run_ids(self, flow_run_id: str) -> Sequence[str]:
        """Return the ids of every task run, at the cost of `task_runs`: rows cannot be had without their columns."""
        return [record.id for record in self._task_runs.read(flow_run_id).records]

    def task_run(self, task_run_id: str) -> TaskRunRecord:
        """Return one task run with its history: two requests at once."""
        run, states = together(
            lambda: self._api.get(
                f"/task_runs/{task_run_id}", wire.TaskRun, what=f"task run {task_run_id}"
            ),
            lambda: self._api.get(
                "/task_run_states/",
                list[wire.State],
                what="states",
                params={"task_run_id": task_run_id},
            ),
        )
        return task_run_record(run, states)

    def task_run_by_slug(self, flow_run_id: str, task_slug: str, map_index: int) -> TaskRunRecord:
        """Return the task run that has this name, or else this task key, or else is of the task of this name.

        One request, a page more for each 200 task runs if no task run has that very name, and two for its history.
        """
        if map_index >= 0:
            raise InvalidArgument(NO_MAP_INDEX)
        named = list(self._task_runs.where(flow_run_id, name={"any_": [task_slug]}))
        found = named or self._of_task(flow_run_id, task_slug)
        wanted = f"task run {task_slug!r:.100} in flow run {flow_run_id}"
        if not found:
            raise self._api.nothing(wanted)
        if len(found) > 1:
            candidates = [
                f"{record.label} ({record.id})"
                for record in sorted(found, key=lambda one: one.place)
            ]
            more = "" if len(found) <= SHOWN else f" and {len(found) - SHOWN} more"
            raise Ambiguous(
                f"{len(found)} results for {wanted}: {', '.join(candidates[:SHOWN])}{more}.",
                candidates,
            )
        return self.task_run(found[0].id)

    def flow(self, flow_id: str) -> FlowRecord:
        """Return the flow, of which Prefect 3 knows little more than the name."""
        flow = self._flow(flow_id)
        return flow_record(flow)

    def flow_of_group(self, flow_group_id: str) -> FlowRecord:
        """Say that there is none: Prefect 3 has no flow groups."""
        raise NotFound(f"No flow group {flow_group_id} at {self.url}: Prefect 3 has none.")

    def flows_named(self, flow_name: str, project_name: str | None) -> Sequence[FlowRecord]:
        """Return the flow of this name, in one request; names are unique, and there are no projects."""
        if project_name:
            return ()
        body = {"flows": {"name": {"any_": [flow_name]}}}
        return [flow_record(flow) for flow in self._api.page("/flows/filter", body, wire.Flow)]

    def tenants(self, tenant_id: str | None) -> Sequence[TenantRecord]:
        """Return none: Prefect 3 has no tenants."""
        return ()

    def agents(self) -> Sequence[AgentRecord]:
        """Return none: Prefect 3 has no agents."""
        return ()

    def graphql(self, document: str, variables: Mapping[str, Any] | None) -> dict[str, Any]:
        """Refuse: Prefect 3 speaks REST."""
        raise QueryRejected(
            f"{self.url} is Prefect 3, which speaks REST and no GraphQL: use FlowRunView, fw.latest() or fw.open()."
        )

    def close(self) -> None:
        """Close the sockets."""
        self._api.close()

    def _run(self, flow_run_id: str) -> wire.FlowRun:
        return self._api.get(
            f"/flow_runs/{flow_run_id}", wire.FlowRun, what=f"flow run {flow_run_id}"
        )

    def _below(self, flow_run_ids: list[str]) -> list[wire.FlowRun]:
        """Return the runs that these runs called, by when they were due."""
        body = {
            "flow_runs": {"parent_flow_run_id": {"any_": flow_run_ids}},
            "sort": "ID_DESC",
        }
        pages = offset_pages(
            lambda offset: self._api.page("/flow_runs/filter", body, wire.FlowRun, offset=offset),
            lambda: self._api.page_size,
        )
        found = {run.id: run for page in pages for run in page}
        return sorted(found.values(), key=lambda run: (run.expected_start_time or EARLIEST, run.id))

    def _states(self, flow_run_id: str) -> list[wire.State]:
        return self._api.get(
            "/flow_run_states/",
            list[wire.State],
            what="states",
            params={"flow_run_id": flow_run_id},
        )

    def _flow(self, flow_id: str) -> wire.Flow:
        flow = self._api.get(f"/flows/{flow_id}", wire.Flow, what=f"flow {flow_id}")
        self._flow_names[flow.id] = flow.name
        return flow

    def _record(self, run: wire.FlowRun, states: list[wire.State] | None) -> FlowRunRecord:
        name = None
        if run.flow_id is not None:
            name = self._flow_names.get(run.flow_id) or self._flow(run.flow_id).name
        return flow_run_record(run, api_url=self.url, flow_name=name, history_rows=states)

    def _records(self, runs: Sequence[wire.FlowRun]) -> list[FlowRunRecord]:
        unknown = sorted(
            {run.flow_id for run in runs if run.flow_id and run.flow_id not in self._flow_names}
        )
        while unknown:
            part, unknown = unknown[: self._api.page_size], unknown[self._api.page_size :]
            for flow in self._api.page(
                "/flows/filter", {"flows": {"id": {"any_": part}}}, wire.Flow
            ):
                self._flow_names[flow.id] = flow.name
        return [
            flow_run_record(
                run,
                api_url=self.url,
                flow_name=self._flow_names.get(run.flow_id or ""),
                history_rows=None,
            )
            for run in runs
        ]

    def _history(self, run: wire.FlowRun) -> list[wire.State]:
        states = self._histories.of(run)
        if states is None:
            states = self._states(run.id)
            self._histories.keep(run, states)
        return states

    def _completed(
        self,
        run: wire.FlowRun,
        logs_cursor: object | None,
        logs: LogRead | None,
        tasks: TaskRunRead | None,
    ) -> tuple[LogRead | None, TaskRunRead | None]:
        """Return what was read of an ended run, all of it anew where something is missing."""

        def whole_logs() -> LogRead | None:
            if logs is None or logs.cursor is logs_cursor or not isinstance(logs.cursor, LogCursor):
                return logs
            if self._logs.is_whole(run.id, logs.cursor):
                return logs
            return self._logs.again(run.id, logs.cursor)

        def whole_tasks() -> TaskRunRead | None:
            if tasks is None or not isinstance(tasks.cursor, TaskRunCursor):
                return tasks
            return self._task_runs.completed(run.id, tasks, tasks.cursor, run.state_id)

        all_logs, all_tasks = together(whole_logs, whole_tasks)
        return all_logs, all_tasks

    def _of_task(self, flow_run_id: str, task: str) -> list[TaskRunRecord]:
        records = self._task_runs.read(flow_run_id).records
        exact = [record for record in records if record.task_slug == task]
        return exact or [record for record in records if record.task_name == task]

    def _labels(
        self, flow_run_id: str, known: Mapping[str, str], task_run_ids: Sequence[str]
    ) -> Mapping[str, str]:
        """Return the labels of task runs: of up to a page by their ids, of more from the graph."""
        unknown = [key for key in task_run_ids if key not in known]
        if not unknown:
            return known
        labels = dict(known)
        if len(unknown) > self._api.page_size:
            graph = self._graph(flow_run_id)
            labels |= {node.id: node.label for _, node in graph.nodes} if graph else {}
            unknown = [key for key in unknown if key not in labels]
        labels |= {run.id: task_run_record(run).label for run in self._task_runs.of_ids(unknown)}
        return FrozenDict(labels)

    def _graph(self, flow_run_id: str) -> wire.Graph | None:
        """Return the graph of a run; None where it is larger than the server draws."""
        return self._api.get_unless((400,), f"/flow_runs/{flow_run_id}/graph-v2", wire.Graph)


def _is_same(one: State, other: State) -> bool:
    return (type(one), one.name, one.timestamp) == (type(other), other.name, other.timestamp)


def _text(moment: DateTime | None) -> str | None:
    return None if moment is None else isoformat(moment)
