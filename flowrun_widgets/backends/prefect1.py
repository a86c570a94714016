"""Prefect 1: GraphQL in the dialect of its server's Hasura, over one POST a question."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from pendulum import UTC, DateTime

from flowrun_widgets.backends.log_stream import begun_log
from flowrun_widgets.backends.protocol import Latest, LogPeek, LogRead, TaskRunRead
from flowrun_widgets.backends.rows import (
    artifact_record,
    flow_record,
    flow_run_record,
    log_row_columns,
    newest_update,
    task_run_record,
    timeline_of,
)
from flowrun_widgets.errors import (
    AccessDenied,
    Ambiguous,
    BackendUnavailable,
    NotFound,
    QueryRejected,
    UnexpectedAnswer,
)
from flowrun_widgets.log_columns import LogColumns
from flowrun_widgets.states import types_like
from flowrun_widgets.times import isoformat

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flowrun_widgets.records import (
        ArtifactRecord,
        FlowRecord,
        FlowRunRecord,
        TaskRunRecord,
        TimelineBar,
    )
    from flowrun_widgets.transport import Answer, Transport

__all__ = ["Prefect1"]

OVERLAP = timedelta(seconds=10)
"""Rows get `updated` when their transaction begins and show when it ends: so much is read again."""

EARLIEST = DateTime(1, 1, 2, tzinfo=UTC)

STATES = "states{timestamp serialized_state}"
FLOW_RUN = (
    "id name flow_id labels parameters context created updated run_config scheduled_start_time start_time end_time "
    f"serialized_state {STATES} flow{{name project{{name}}}}"
)
TASK_RUN = (
    "id flow_run_id name map_index created updated start_time end_time serialized_state "
    f"{STATES} task{{id slug name}}"
)
FLOW = (
    "id name version archived created core_version settings run_config serialized_flow storage flow_group_id "
    "project{name} flow_group{labels}"
)
LOG = "id timestamp updated level name message task_run_id"
LABELS = "labels:task_run(where:{flow_run_id:{_eq:$id}}){id name map_index task{name}}"
TASK_RUN_ORDER = "order_by:[{task:{slug:asc}},{map_index:asc},{id:asc}]"


@dataclass(frozen=True, slots=True)
class Cursor:
    """The newest `updated` that was seen; None if nothing was."""

    updated: DateTime | None = None

    def next(self, newest: DateTime | None) -> Cursor:
        """Return the cursor after rows whose newest `updated` this is."""
        seen = [moment for moment in (newest, self.updated) if moment is not None]
        return Cursor(max(seen, default=None))

    def since(self) -> str:
        return (
            "1970-01-01T00:00:00+00:00"
            if self.updated is None
            else isoformat(max(self.updated, EARLIEST) - OVERLAP)
        )


class Prefect1:
    """Prefect 1's server or Cloud, or anything that answers its GraphQL. One request a call."""

    label = "Prefect 1"
    is_paged = False

    def __init__(self, transport: Transport, tenant_id: str | None = None) -> None:
        self.url = transport.url
        self._transport = transport
        if tenant_id:
            transport.send_always("X-PREFECT-TENANT-ID", tenant_id)

    def flow_run(self, flow_run_id: str) -> FlowRunRecord:
        """Return one flow run with its history."""
        data = self._query(
            "query($id:uuid!){flow_run(where:{id:{_eq:$id}}){" + FLOW_RUN + "}}", id=flow_run_id
        )
        return flow_run_record(self._one(data, "flow_run", f"flow run {flow_run_id}"), self.url)

    def reopened(self, known: FlowRunRecord) -> FlowRunRecord:
        """Return the run with its history, which is one request anyway."""
        return self.flow_run(known.id)

    def latest(
        self, flow_run_id: str, logs_cursor: object | None, task_runs_cursor: object | None
    ) -> Latest:
        """Return the run and what is new since the cursors, in one request."""
        variables: dict[str, Any] = {"id": flow_run_id}
        declared, parts = ["$id:uuid!"], ["flow_run(where:{id:{_eq:$id}}){" + FLOW_RUN + "}"]
        if isinstance(logs_cursor, Cursor):
            declared.append("$logs:timestamptz!")
            variables["logs"] = logs_cursor.since()
            where = "{flow_run_id:{_eq:$id},updated:{_gte:$logs}}"
            parts += [f"log(where:{where},order_by:{{timestamp:asc}}){{{LOG}}}", LABELS]
        if isinstance(task_runs_cursor, Cursor):
            declared.append("$tasks:timestamptz!")
            variables["tasks"] = task_runs_cursor.since()
            where = "{flow_run_id:{_eq:$id},updated:{_gte:$tasks}}"
            parts.append(f"task_run(where:{where},{TASK_RUN_ORDER}){{{TASK_RUN}}}")
        data = self._query(f"query({','.join(declared)}){{{' '.join(parts)}}}", **variables)
        record = flow_run_record(self._one(data, "flow_run", f"flow run {flow_run_id}"), self.url)
        logs = self._logs(data, logs_cursor) if isinstance(logs_cursor, Cursor) else None
        tasks = (
            self._task_runs(data, task_runs_cursor)
            if isinstance(task_runs_cursor, Cursor)
            else None
        )
        return Latest(record, logs, tasks)

    def flow_runs(
        self, flow_name: str | None, state: str | None, limit: int
    ) -> Sequence[FlowRunRecord]:
        """Return the newest flow runs in one request, by when they began or else were made."""
        declared, where, variables = ["$limit:Int!"], list[str](), dict[str, Any](limit=limit)
        if flow_name is not None:
            declared.append("$flow:String!")
            where.append("flow:{name:{_eq:$flow}}")
            variables["flow"] = flow_name
        if state is not None:
            declared.append("$states:[String!]!")
            where.append("state:{_in:$states}")
            variables["states"] = list(types_like(state)) or [state]
        data = self._query(
            f"query({','.join(declared)}){{flow_run(where:{{{','.join(where)}}},limit:$limit,"
            f"order_by:[{{start_time:desc_nulls_last}},{{created:desc}}]){{{FLOW_RUN}}}}}",
            **variables,
        )
        return [flow_run_record(row, self.url) for row in self._rows(data, "flow_run")]

    def subflow_runs(self, flow_run_id: str) -> Sequence[FlowRunRecord]:
        """Return nothing: Prefect 1 has no sub-flows."""
        return ()

    def artifacts(self, flow_run_id: str) -> Sequence[ArtifactRecord]:
        """Return the artifacts of the run's task runs, in one request."""
        data = self._query(
            "query($id:uuid!){task_run_artifact(where:{task_run:{flow_run_id:{_eq:$id}}},"
            "order_by:[{created:asc},{id:asc}]){id created kind data task_run_id}}",
            id=flow_run_id,
        )
        return [artifact_record(row, self.url) for row in self._rows(data, "task_run_artifact")]

    def timeline(self, flow_run_id: str) -> Sequence[TimelineBar]:
        """Return what the run executed so far, at the cost of `task_runs`."""
        return timeline_of(self.task_runs(flow_run_id).records)

    def logs(
        self,
        flow_run_id: str,
        start: DateTime | None,
        end: DateTime | None,
        *,
        min_level: int | None = None,
        task_run_ids: Sequence[str] | None = None,
    ) -> LogRead:
        """Return the run's lines in one request, labels of their task runs included."""
        variables: dict[str, Any] = {"id": flow_run_id}
        declared, times = ["$id:uuid!"], []
        for name, operator, moment in (("start", "_gt", start), ("end", "_lte", end)):
            if moment is not None:
                declared.append(f"${name}:timestamptz!")
                times.append(f"{operator}:${name}")
                variables[name] = isoformat(moment)
        where = "flow_run_id:{_eq:$id}" + (f",timestamp:{{{','.join(times)}}}" if times else "")
        document = f"query({','.join(declared)}){{log(where:{{{where}}},order_by:{{timestamp:asc}}){{{LOG}}} {LABELS}}}"
        question = {"query": document, "variables": variables}
        with self._transport.streaming("", question) as incoming:
            begun = begun_log(incoming, self.url)
        read = self._logs(self._data(begun.rest), Cursor(begun.newest), begun.parts)
        return LogRead(read.columns.chosen(min_level, task_run_ids), read.cursor)

    def log_peek(self, flow_run_id: str, *, errors_first: bool) -> LogPeek:
        """Return every line: they all come at once."""
        columns = self.logs(flow_run_id, None, None).columns
        return LogPeek(columns, columns, is_whole=True)

    def logs_with_subflows(
        self,
        run: FlowRunRecord,
        start: DateTime | None,
        end: DateTime | None,
        *,
        min_level: int | None = None,
    ) -> LogColumns:
        """Return the run's own lines: there are no runs below one."""
        return self.logs(run.id, start, end, min_level=min_level).columns.of_flow_run(run.name)

    def task_runs(self, flow_run_id: str) -> TaskRunRead:
        """Return every task run in one request."""
        where = "{flow_run_id:{_eq:$id}}"
        data = self._query(
            f"query($id:uuid!){{task_run(where:{where},{TASK_RUN_ORDER}){{{TASK_RUN}}}}}",
            id=flow_run_id,
        )
        return self._task_runs(data, Cursor())

    def task_run_ids(self, flow_run_id: str) -> Sequence[str]:
        """Return the ids of every task run in one request."""
        where = "{flow_run_id:{_eq:$id}}"
        data = self._query(
            f"query($id:uuid!){{task_run(where:{where},{TASK_RUN_ORDER}){{id}}}}", id=flow_run_id
        )
        rows = self._rows(data, "task_run")
        if not all(isinstance(row.get("id"), str) for row in rows):
            raise UnexpectedAnswer(f"{self.url} sent task runs without ids.")
        return [row["id"] for row in rows]

    def task_run(self, task_run_id: str) -> TaskRunRecord:
        """Return one task run."""
        data = self._query(
            "query($id:uuid!){task_run(where:{id:{_eq:$id}}){" + TASK_RUN + "}}", id=task_run_id
        )
        return task_run_record(self._one(data, "task_run", f"task run {task_run_id}"), self.url)

    def task_run_by_slug(self, flow_run_id: str, task_slug: str, map_index: int) -> TaskRunRecord:
        """Return the task run of a task in a run."""
        data = self._query(
            "query($id:uuid!,$slug:String!,$index:Int!){task_run(where:{flow_run_id:{_eq:$id},"
            "task:{slug:{_eq:$slug}},map_index:{_eq:$index}}){" + TASK_RUN + "}}",
            id=flow_run_id,
            slug=task_slug,
            index=map_index,
        )
        child = "" if map_index == -1 else f" with map index {map_index}"
        return task_run_record(
            self._one(
                data,
                "task_run",
                f"task run of task {task_slug!r:.100}{child} in flow run {flow_run_id}",
            ),
            self.url,
        )

    def flow(self, flow_id: str) -> FlowRecord:
        """Return the flow as it was registered."""
        data = self._query("query($id:uuid!){flow(where:{id:{_eq:$id}}){" + FLOW + "}}", id=flow_id)
        return flow_record(self._one(data, "flow", f"flow {flow_id}"), self.url)

    def graphql(self, document: str, variables: Mapping[str, Any] | None) -> dict[str, Any]:
        """Return the server's `{"data": …}`."""
        question = {"query": document, "variables": dict(variables or {})}
        return {"data": self._data(self._transport.post("", question))}

    def close(self) -> None:
        """Close the sockets."""
        self._transport.close()

    def _query(self, document: str, **variables: Any) -> dict[str, Any]:
        return self.graphql(document, variables)["data"]

    def _data(self, answer: Answer) -> dict[str, Any]:
        body = answer.json()
        if not isinstance(body, dict):
            raise UnexpectedAnswer(
                f"{self.url} answered with JSON that is no GraphQL. Is this the address of the API?"
            )
        if body.get("errors"):
            self._refused(body["errors"])
        if not isinstance(body.get("data"), dict):
            raise UnexpectedAnswer(
                f"{self.url} answered without data. Is this the address of Prefect 1's API?"
            )
        return body["data"]

    def _refused(self, errors: Any) -> None:
        first = errors[0] if isinstance(errors, list) and errors else errors
        said = first.get("message") if isinstance(first, dict) else first
        words = self._transport.masked("" if said is None else str(said)) or "no more words"
        everything = str(errors)
        if "UNAUTHENTICATED" in everything or "Malformed Authorization header" in everything:
            raise AccessDenied(
                f"{self.url} does not accept the API key ({words}). Check it, or sign in again."
            )
        if "API_ERROR" in everything:
            raise BackendUnavailable(f"{self.url} failed inside ({words}). Try again later.")
        raise QueryRejected(f"{self.url} rejects the question: {words}")

    def _rows(self, data: Mapping[str, Any], table: str) -> list[dict[str, Any]]:
        rows = data.get(table)
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise UnexpectedAnswer(
                f"{self.url} answered without rows of {table}. Is this Prefect 1's API?"
            )
        return rows

    def _one(self, data: Mapping[str, Any], table: str, wanted: str) -> dict[str, Any]:
        rows = self._rows(data, table)
        if not rows:
            raise NotFound(
                f"No {wanted} at {self.url}. Was it deleted, or is it on another server or tenant?"
            )
        if len(rows) > 1:
            ids = [self._transport.masked(str(row.get("id"))) for row in rows]
            raise Ambiguous(
                f"{len(rows)} results for {wanted} at {self.url}: {', '.join(ids[:5])}.", ids
            )
        return rows[0]

    def _logs(
        self, data: Mapping[str, Any], cursor: Cursor, before: Sequence[LogColumns] = ()
    ) -> LogRead:
        """Return the lines of `before` and of an answer, which has the labels of both."""
        rows = self._rows(data, "log")
        labels = [
            task_run_record({**row, "flow_run_id": ""}, self.url)
            for row in self._rows(data, "labels")
        ]
        tasks = {record.id: record.label for record in labels}
        columns = log_row_columns(self.url, rows, tasks)
        if before:
            columns = LogColumns.stacked([*before, columns]).labelled(tasks)
        return LogRead(columns, cursor.next(newest_update(self.url, "log line", rows)))

    def _task_runs(self, data: Mapping[str, Any], cursor: Cursor) -> TaskRunRead:
        rows = self._rows(data, "task_run")
        records = tuple(task_run_record(row, self.url) for row in rows)
        return TaskRunRead(records, cursor.next(newest_update(self.url, "task run", rows)))
