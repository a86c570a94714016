"""The source `Prefect1`: GraphQL in the dialect of its server's Hasura, with one POST per query."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from pendulum import UTC, DateTime

from flowrun_widgets.backends.asked import check_ids
from flowrun_widgets.backends.prefect1.api import GraphQLApi
from flowrun_widgets.backends.prefect1.documents import (
    AGENT,
    ARTIFACT,
    ENDED,
    FLOW,
    FLOW_RUN,
    IDS,
    LABEL,
    LABELS,
    LOG,
    MORE,
    OF_RUN,
    OF_RUNS,
    TASK,
    TASK_RUN,
    TASK_RUN_ORDER,
    TENANT,
    latest,
    lines,
    log_end,
    of_level,
    one,
    reopened,
    several,
    unsuccessful,
)
from flowrun_widgets.backends.prefect1.flow_runs import newest_flow_runs
from flowrun_widgets.backends.prefect1.log_stream import begun_log
from flowrun_widgets.backends.prefect1_rows import (
    agent_record,
    artifact_record,
    flow_record,
    flow_run_record,
    log_row_columns,
    newest_update,
    task_graph,
    task_run_record,
    tenant_record,
)
from flowrun_widgets.backends.progress import report
from flowrun_widgets.backends.protocol import (
    Backend,
    Extent,
    Latest,
    LogRead,
    Reopened,
    TaskRunRead,
)
from flowrun_widgets.errors import QueryRejected, UnexpectedAnswer
from flowrun_widgets.log_columns import LogColumns
from flowrun_widgets.times import isoformat

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from flowrun_widgets.backends.answer import Incoming
    from flowrun_widgets.backends.run_filter import RunFilter
    from flowrun_widgets.backends.transport import Transport
    from flowrun_widgets.records import (
        AgentRecord,
        ArtifactRecord,
        FlowRecord,
        FlowRunRecord,
        TaskGraph,
        TaskRunRecord,
        TenantRecord,
    )

__all__ = ["Prefect1"]

MAX_LINES = 5_000
"""How many lines of several runs are read at once."""
RUNS_AT_ONCE = 50
"""The number of flow runs whose task runs are requested together."""
OVERLAP = timedelta(seconds=10)
"""Rows get `updated` when their transaction begins, and appear when it ends: this much is read again."""

EARLIEST = DateTime(1, 1, 2, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Cursor:
    """The newest `updated` that was seen; None if none was."""

    updated: DateTime | None = None

    def next(self, newest: DateTime | None) -> Cursor:
        """Return the cursor after rows with this newest `updated`."""
        seen = [moment for moment in (newest, self.updated) if moment is not None]
        return Cursor(max(seen, default=None))

    def since(self) -> str:
        return (
            "1970-01-01T00:00:00+00:00"
            if self.updated is None
            else isoformat(max(self.updated, EARLIEST) - OVERLAP)
        )


class Prefect1(Backend):
    """A Prefect 1 server or Cloud, or another server of its GraphQL API. Each call costs one request."""

    label = "Prefect 1"
    has_agents = True

    def __init__(self, transport: Transport, tenant_id: str | None = None) -> None:
        self.url = transport.url
        self.requests_per_minute = transport.requests_per_minute
        self._api = GraphQLApi(transport)
        self._tenant_id = tenant_id
        if tenant_id:
            transport.send_always("X-PREFECT-TENANT-ID", tenant_id)

    def flow_run(self, flow_run_id: str) -> FlowRunRecord:
        """Return one flow run with its history."""
        data = self._api.ask(one("flow_run", FLOW_RUN), id=flow_run_id)
        return flow_run_record(self._one(data, "flow_run", flow_run_id), self.url)

    def reopened(self, known: FlowRunRecord, copied: Extent) -> Reopened:
        """Return the run with its history, and whether the copy is complete, in one request."""
        data = self._api.ask(reopened(copied), id=known.id)
        row = self._one(data, "flow_run", known.id)
        asked = ["log", MORE, *([ENDED] if ENDED in data else [])]
        more = [table for table in asked if self._api.rows(data, table)]
        return Reopened(flow_run_record(row, self.url), is_whole=not more)

    def latest(
        self, flow_run_id: str, logs_cursor: object | None, task_runs_cursor: object | None
    ) -> Latest:
        """Return the run and what is new since the cursors, in one request."""
        variables: dict[str, Any] = {"id": flow_run_id}
        for name, cursor in (("logs", logs_cursor), ("tasks", task_runs_cursor)):
            if isinstance(cursor, Cursor):
                variables[name] = cursor.since()
        document = latest(logs="logs" in variables, task_runs="tasks" in variables)
        data = self._api.ask(document, **variables)
        record = flow_run_record(self._one(data, "flow_run", flow_run_id), self.url)
        logs = self._logs(data, logs_cursor) if isinstance(logs_cursor, Cursor) else None
        tasks = (
            self._task_runs(data, task_runs_cursor, flow_run_id)
            if isinstance(task_runs_cursor, Cursor)
            else None
        )
        return Latest(record, logs, tasks)

    def flow_runs(self, chosen: RunFilter, limit: int | None = None) -> Iterator[FlowRunRecord]:
        """Yield the newest flow runs: one request for each 1,000. None has a parent."""
        return newest_flow_runs(self._api, self.url, chosen, limit)

    def artifacts(self, flow_run_id: str) -> Sequence[ArtifactRecord]:
        """Return the artifacts of the run's task runs, in one request."""
        document = several(
            "task_run_artifact",
            ARTIFACT,
            where="task_run:{flow_run_id:{_eq:$id}}",
            order=("created:asc", "id:asc"),
        )
        data = self._api.ask(document, id=flow_run_id)
        rows = self._api.rows(data, "task_run_artifact")
        runs = [row["task_run"] for row in rows if isinstance(row.get("task_run"), dict)]
        self._check_run(runs, flow_run_id)
        return [artifact_record(row, self.url) for row in rows]

    def logs(
        self,
        flow_run_id: str,
        start: DateTime | None,
        end: DateTime | None,
        *,
        min_level: int | None = None,
        task_run_ids: Sequence[str] | None = None,
    ) -> LogRead:
        """Return the run's lines in one request, including the labels of their task runs."""
        variables: dict[str, Any] = {"id": flow_run_id}
        declared, times = list[str](), list[str]()
        for name, operator, moment in (("start", "_gt", start), ("end", "_lte", end)):
            if moment is not None:
                declared.append(f"${name}:timestamptz!")
                times.append(f"{operator}:${name}")
                variables[name] = isoformat(moment)
        where = OF_RUN + (f",timestamp:{{{','.join(times)}}}" if times else "")
        document = lines(declared, where)

        def read(incoming: Incoming) -> LogRead:
            begun = begun_log(incoming, self.url)
            data = self._api.data(begun.rest)
            if (found := data.get("flow_run")) == []:
                raise self._api.nothing(f"flow run {flow_run_id}")
            if found is not None:
                self._one(data, "flow_run", flow_run_id)
            return self._logs(data, Cursor(begun.newest), begun.parts)

        found = self._api.streamed(document, variables, read)
        return LogRead(found.columns.chosen(min_level, task_run_ids), found.cursor)

    def lines_of_runs(
        self, flow_run_ids: Sequence[str], min_level: int
    ) -> Mapping[str, LogColumns]:
        """Return the newest 5,000 lines of several runs; runs of which some may be missing are left out."""
        document = several(
            "log",
            f"flow_run_id {LOG}",
            declared=[IDS],
            where=f"{OF_RUNS},{of_level(min_level)}",
            order=("timestamp:desc",),
            limit=str(MAX_LINES),
        )
        rows = self._api.rows(self._api.ask(document, ids=[*flow_run_ids]), "log")
        check_ids((row.get("flow_run_id") for row in rows), flow_run_ids, "flow run", self.url)
        of_run: dict[str, list[dict[str, Any]]] = {run: [] for run in flow_run_ids}
        for row in reversed(rows):
            of_run[row["flow_run_id"]].append(row)
        if len(rows) >= MAX_LINES:
            of_run = {run: own for run, own in of_run.items() if own}
            if len(of_run) > 1:
                del of_run[rows[-1]["flow_run_id"]]
        return {run: log_row_columns(self.url, own, {}) for run, own in of_run.items()}

    def log_end(
        self,
        flow_run_id: str,
        count: int,
        *,
        is_newest: bool = True,
        until: DateTime | None = None,
        min_level: int | None = None,
        task_run_ids: Sequence[str] | None = None,
        has_labels: bool = True,
    ) -> LogColumns:
        """Return the lines at one end of a log in one request, and with `has_labels` the labels in another."""
        given: dict[str, Any] = {"id": flow_run_id, "count": count}
        if until is not None:
            given["until"] = isoformat(until)
        if task_run_ids:
            given["tasks"] = [*task_run_ids]
        document = log_end(
            is_newest=is_newest,
            has_end=until is not None,
            min_level=min_level,
            tasks=None if task_run_ids is None else len(task_run_ids),
        )
        data = self._api.ask(document, **given)
        if data.get("flow_run") == []:
            raise self._api.nothing(f"flow run {flow_run_id}")
        rows = self._api.rows(data, "log")[:: -1 if is_newest else 1]
        columns = log_row_columns(self.url, rows, {})
        wanted = columns.task_run_ids() if has_labels else []
        if not wanted:
            return columns
        document = several("task_run", LABEL, declared=[IDS], where="id:{_in:$ids}")
        named = self._api.rows(self._api.ask(document, ids=wanted), "task_run")
        return columns.labelled(self._labels(named))

    def task_runs_of(self, flow_run_ids: Sequence[str]) -> Mapping[str, Sequence[TaskRunRecord]]:
        """Return the task runs of several runs: one request for each 50."""
        document = several(
            "task_run", TASK_RUN, declared=[IDS], where=OF_RUNS, order=TASK_RUN_ORDER
        )
        found: dict[str, list[TaskRunRecord]] = {run: [] for run in flow_run_ids}
        for start in range(0, len(flow_run_ids), RUNS_AT_ONCE):
            part = list(flow_run_ids[start : start + RUNS_AT_ONCE])
            rows = self._api.rows(self._api.ask(document, ids=part), "task_run")
            check_ids((row.get("flow_run_id") for row in rows), part, "flow run", self.url)
            for row in rows:
                found[row["flow_run_id"]].append(task_run_record(row, self.url))
            report("task runs", sum(map(len, found.values())))
        return found

    def task_runs(self, flow_run_id: str) -> TaskRunRead:
        """Return every task run in one request."""
        document = several("task_run", TASK_RUN, where=OF_RUN, order=TASK_RUN_ORDER)
        data = self._api.ask(document, id=flow_run_id)
        return self._task_runs(data, Cursor(), flow_run_id)

    def unsuccessful_task_runs(self, flow_run_id: str, limit: int) -> Sequence[TaskRunRecord]:
        """Return the task runs of a run that failed or have not begun, in one request."""
        data = self._api.ask(unsuccessful(), id=flow_run_id, count=limit)
        records = self._task_runs(data, Cursor(), flow_run_id).records
        return [one for one in records if one.state.is_failed() or one.state.is_pending()][:limit]

    def static_task_runs(self, flow_run_id: str) -> Sequence[TaskRunRecord]:
        """Return the task runs that are not mapped children in one request."""
        where = f"{OF_RUN},map_index:{{_eq:-1}}"
        document = several("task_run", TASK_RUN, where=where, order=TASK_RUN_ORDER)
        data = self._api.ask(document, id=flow_run_id)
        return self._task_runs(data, Cursor(), flow_run_id).records

    def task_graph(self, flow_run_id: str) -> TaskGraph | None:
        """Return the tasks of the run's flow in one request."""
        where = "flow:{flow_runs:{id:{_eq:$id}}}"
        data = self._api.ask(several("task", TASK, where=where), id=flow_run_id)
        return task_graph(self._api.rows(data, "task"), self.url)

    def mapped_children(
        self, flow_run_id: str, task_slug: str, first: int, limit: int | None
    ) -> Sequence[TaskRunRecord]:
        """Return the mapped children of a task in one request."""
        document = several(
            "task_run",
            TASK_RUN,
            declared=("$id:uuid!", "$slug:String!", "$first:Int!", "$limit:Int"),
            where=f"{OF_RUN},task:{{slug:{{_eq:$slug}}}},map_index:{{_gte:$first}}",
            order=("map_index:asc",),
            limit="$limit",
        )
        data = self._api.ask(document, id=flow_run_id, slug=task_slug, first=first, limit=limit)
        return self._task_runs(data, Cursor(), flow_run_id).records

    def task_run_ids(self, flow_run_id: str) -> Sequence[str]:
        """Return the ids of every task run in one request."""
        document = several("task_run", "id flow_run_id", where=OF_RUN, order=TASK_RUN_ORDER)
        data = self._api.ask(document, id=flow_run_id)
        rows = self._api.rows(data, "task_run")
        if not all(isinstance(row.get("id"), str) for row in rows):
            raise UnexpectedAnswer(
                f"{self.url} sent task runs without ids. Is this Prefect 1's API?"
            )
        self._check_run(rows, flow_run_id)
        return [row["id"] for row in rows]

    def task_run(self, task_run_id: str) -> TaskRunRecord:
        """Return one task run."""
        data = self._api.ask(one("task_run", TASK_RUN), id=task_run_id)
        return task_run_record(self._one(data, "task_run", task_run_id), self.url)

    def task_run_by_slug(self, flow_run_id: str, task_slug: str, map_index: int) -> TaskRunRecord:
        """Return the task run of a task in a run."""
        document = several(
            "task_run",
            TASK_RUN,
            declared=("$id:uuid!", "$slug:String!", "$index:Int!"),
            where=f"{OF_RUN},task:{{slug:{{_eq:$slug}}}},map_index:{{_eq:$index}}",
        )
        data = self._api.ask(document, id=flow_run_id, slug=task_slug, index=map_index)
        child = "" if map_index == -1 else f" with map index {map_index}"
        wanted = f"task run of task {task_slug!r:.100}{child} in flow run {flow_run_id}"
        row = self._api.one(data, "task_run", wanted)
        self._check_run([row], flow_run_id)
        return task_run_record(row, self.url)

    def flow(self, flow_id: str) -> FlowRecord:
        """Return the flow as it was registered."""
        data = self._api.ask(one("flow", FLOW), id=flow_id)
        return flow_record(self._one(data, "flow", flow_id), self.url)

    def flow_of_group(self, flow_group_id: str) -> FlowRecord:
        """Return the newest flow of a group in one request."""
        document = several(
            "flow", FLOW, where="flow_group_id:{_eq:$id}", order=("created:desc",), limit="1"
        )
        data = self._api.ask(document, id=flow_group_id)
        return flow_record(self._api.one(data, "flow", f"flow of group {flow_group_id}"), self.url)

    def flows_named(self, flow_name: str, project_name: str | None) -> Sequence[FlowRecord]:
        """Return the flows with a name in one request."""
        declared, where = ["$name:String!"], ["name:{_eq:$name}", "archived:{_eq:false}"]
        if project_name is None:
            where.append("project:{name:{_is_null:true}}")
        elif project_name:
            declared.append("$project:String!")
            where.append("project:{name:{_eq:$project}}")
        document = several(
            "flow", FLOW, declared=declared, where=",".join(where), order=("created:desc",)
        )
        data = self._api.ask(document, name=flow_name, project=project_name)
        return [flow_record(row, self.url) for row in self._api.rows(data, "flow")]

    def tenants(self, tenant_id: str | None) -> Sequence[TenantRecord]:
        """Return a tenant in one request; if none is configured, that of the API key in two."""
        wanted = tenant_id or self._tenant_id or self._tenant_of_key()
        if wanted:
            data = self._api.ask(one("tenant", TENANT), id=wanted)
        else:
            first = several("tenant", TENANT, declared=(), order=("created:asc",), limit="1")
            data = self._api.ask(first)
        return [tenant_record(row, self.url) for row in self._api.rows(data, "tenant")]

    def agents(self) -> Sequence[AgentRecord]:
        """Return every agent in one request."""
        data = self._api.ask(several("agent", AGENT, declared=()))
        return [agent_record(row, self.url) for row in self._api.rows(data, "agent")]

    def graphql(self, document: str, variables: Mapping[str, Any] | None) -> dict[str, Any]:
        """Return the server's `{"data": …}`."""
        return self._api.graphql(document, variables)

    def close(self) -> None:
        """Close the sockets."""
        self._api.close()

    def _tenant_of_key(self) -> str | None:
        """Return the tenant that Cloud assigns to an API key; a server has no keys and lacks the field."""
        if not self._api.has_key:
            return None
        try:
            data = self._api.graphql("{auth_info{tenant_id}}", None)["data"]
        except QueryRejected:
            return None
        found = data.get("auth_info")
        tenant_id = found.get("tenant_id") if isinstance(found, dict) else None
        return tenant_id if isinstance(tenant_id, str) else None

    def _logs(
        self, data: Mapping[str, Any], cursor: Cursor, before: Sequence[LogColumns] = ()
    ) -> LogRead:
        """Return the lines of `before` and of an answer, which contains the labels of both."""
        rows = self._api.rows(data, "log")
        tasks = self._labels(self._api.rows(data, LABELS))
        columns = log_row_columns(self.url, rows, tasks)
        if before:
            columns = LogColumns.stacked([*before, columns]).labelled(tasks)
        return LogRead(columns, cursor.next(newest_update(self.url, "log line", rows)))

    def _labels(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
        """Return the labels of task runs by id."""
        records = [task_run_record({**row, "flow_run_id": ""}, self.url) for row in rows]
        return {record.id: record.label for record in records}

    def _one(self, data: Mapping[str, Any], table: str, id: str) -> dict[str, Any]:
        what = table.replace("_", " ")
        row = self._api.one(data, table, f"{what} {id}")
        check_ids([row.get("id")], (id,), what, self.url)
        return row

    def _check_run(self, rows: Sequence[Mapping[str, Any]], flow_run_id: str) -> None:
        found = (row.get("flow_run_id") for row in rows)
        check_ids(found, (flow_run_id,), "flow run", self.url)

    def _task_runs(self, data: Mapping[str, Any], cursor: Cursor, flow_run_id: str) -> TaskRunRead:
        rows = self._api.rows(data, "task_run")
        self._check_run(rows, flow_run_id)
        records = tuple(task_run_record(row, self.url) for row in rows)
        return TaskRunRead(records, cursor.next(newest_update(self.url, "task run", rows)))
