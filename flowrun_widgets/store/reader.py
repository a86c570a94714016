"""The local store as a source: reads SQL results directly into records and columns."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Any

import msgspec

from flowrun_widgets.backends.prefect1_rows import (
    agent_record,
    artifact_record,
    task_graph,
    tenant_record,
)
from flowrun_widgets.backends.protocol import (
    Backend,
    Extent,
    Latest,
    LogRead,
    Reopened,
    TaskRunRead,
)
from flowrun_widgets.errors import (
    Ambiguous,
    NotFound,
)
from flowrun_widgets.sqlite import open_sqlite
from flowrun_widgets.states import types_like
from flowrun_widgets.store.exact import restored
from flowrun_widgets.store.file import Lent, StoreFile, schema
from flowrun_widgets.store.selects import (
    LOG,
    TASK_RUN_ORDER,
    LogCursor,
    TaskRunCursor,
    read_flow_run,
    read_flows,
    read_kept,
    read_log_end,
    read_logs,
    read_task_runs,
    split_kept,
    values_of,
)
from flowrun_widgets.times import to_micros

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from pendulum import DateTime

    from flowrun_widgets.backends.run_filter import RunFilter
    from flowrun_widgets.log_columns import LogColumns
    from flowrun_widgets.records import (
        AgentRecord,
        ArtifactRecord,
        FlowRecord,
        FlowRunRecord,
        TaskGraph,
        TaskRunRecord,
        TenantRecord,
    )

__all__ = ["Store"]

ENDED = "(" + ", ".join(f"'{name}'" for name in types_like("finished")) + ")"
PARENT = "json_extract(r.extra, '$.kept.record.parent_task_run_id')"
NEWEST_FLOW = " order by f.created desc, f.rowid desc"
RUNS_AT_ONCE = 100
"""How many runs of a list are read in one transaction."""
MAX_MAP_INDEX = 2**31
"""A number that is larger than any map index."""


class Store(Backend):
    """A store's file, opened read-only. Each call is one transaction."""

    label = "local store"
    is_local = True
    has_agents = True

    def __init__(self, path: Path) -> None:
        self.path = path
        self.url = str(path)
        self._file = StoreFile(path)

    def flow_run(self, flow_run_id: str) -> FlowRunRecord:
        """Return one flow run with its history."""
        with self._reading() as read:
            return read_flow_run(
                read, self.url, flow_run_id, self._nothing(f"flow run {flow_run_id}")
            )

    def reopened(self, known: FlowRunRecord, copied: Extent) -> Reopened:
        """Return the run again, and whether the copy is complete."""
        return Reopened(self.flow_run(known.id), self.extent(known.id) == copied)

    def latest(
        self, flow_run_id: str, logs_cursor: object | None, task_runs_cursor: object | None
    ) -> Latest:
        """Return the run and what is new since the cursors, all from one snapshot."""
        with self._reading() as read:
            record = read_flow_run(
                read, self.url, flow_run_id, self._nothing(f"flow run {flow_run_id}")
            )
            logs = tasks = None
            if isinstance(logs_cursor, LogCursor):
                logs = read_logs(
                    read,
                    self.url,
                    f"{LOG} and l.seq > :seq",
                    {"run": flow_run_id, "seq": logs_cursor.seq},
                    logs_cursor,
                )
            if isinstance(task_runs_cursor, TaskRunCursor):
                clause = " where r.flow_run_id = ? and r.updated >= ?"
                tasks = read_task_runs(
                    read,
                    self.url,
                    clause,
                    (flow_run_id, task_runs_cursor.updated),
                    task_runs_cursor,
                )
        return Latest(record, logs, tasks)

    def flow_runs(self, chosen: RunFilter, limit: int | None = None) -> Iterator[FlowRunRecord]:
        """Yield the newest flow runs, sorted by when they began or else were created."""
        types = [*chosen.states, *sorted(chosen.state_types)]
        moment = "coalesce(r.start_time, r.scheduled_start_time)"
        conditions = {
            "r.name = :name": chosen.name,
            "f.name = :flow": chosen.flow_name,
            f"r.state in ({', '.join(f':type{n}' for n in range(len(types)))})": types or None,
            f"{moment} >= :since": chosen.since,
            f"{moment} <= :until": chosen.until,
            "json_extract(r.extra, '$.kept.record.deployment_id') = :deployment": chosen.deployment,
            "json_extract(r.extra, '$.kept.record.work_pool_name') = :work_pool": chosen.work_pool,
            f"(r.start_time is not null or r.state in {ENDED})": chosen.only_begun or None,
            f"{PARENT} is null": chosen.only_top_level or None,
        }
        given = [sql for sql, value in conditions.items() if value is not None]
        sql = (
            "select r.id from flow_run r left join flow f on f.id = r.flow_id "
            f"where {' and '.join(given) or 'true'} order by r.start_time desc nulls last, r.created desc"
        )
        values = {
            "name": chosen.name,
            "flow": chosen.flow_name,
            "since": None if chosen.since is None else to_micros(chosen.since),
            "until": None if chosen.until is None else to_micros(chosen.until),
            "deployment": chosen.deployment,
            "work_pool": chosen.work_pool,
            **{f"type{n}": t for n, t in enumerate(types)},
        }
        with self._reading() as read:
            ids = [row["id"] for row in read.execute(sql, values)]
        return islice(filter(chosen.has_details, self._flow_runs(ids)), limit)

    def _flow_runs(self, ids: Sequence[str]) -> Iterator[FlowRunRecord]:
        """Yield the runs with these ids that still exist."""
        for first in range(0, len(ids), RUNS_AT_ONCE):
            found: list[FlowRunRecord] = []
            with self._reading() as read:
                for key in ids[first : first + RUNS_AT_ONCE]:
                    with suppress(NotFound):
                        found.append(read_flow_run(read, self.url, key, NotFound(key)))
            yield from found

    def artifacts(self, flow_run_id: str) -> Sequence[ArtifactRecord]:
        """Return the artifacts of the run's task runs; for a kept run, those of the flow run itself as well."""
        sql = (
            "select a.* from task_run_artifact a left join task_run r on r.id = a.task_run_id "
            "where r.flow_run_id = :run or json_extract(a.extra, '$.kept.flow_run_id') = :run "
            "order by json_extract(a.extra, '$.kept.position'), a.created, a.id"
        )
        with self._reading() as read:
            rows = [split_kept(values_of(row)) for row in read.execute(sql, {"run": flow_run_id})]
            return [restored(artifact_record(values, self.url), kept) for values, kept in rows]

    def logs(
        self,
        flow_run_id: str,
        start: DateTime | None,
        end: DateTime | None,
        *,
        min_level: int | None = None,
        task_run_ids: Sequence[str] | None = None,
    ) -> LogRead:
        """Return the run's lines."""
        sql, values = LOG, {"run": flow_run_id}
        for name, operator, moment in (("start", ">", start), ("end", "<=", end)):
            if moment is not None:
                sql += f" and l.timestamp {operator} :{name}"
                values[name] = to_micros(moment)  # pyright: ignore[reportArgumentType]
        with self._reading() as read:
            found = read_logs(read, self.url, sql, values, LogCursor())
            if not len(found.columns) and not _is_there(read, flow_run_id):
                raise self._nothing(f"flow run {flow_run_id}")
        return LogRead(found.columns.chosen(min_level, task_run_ids), found.cursor)

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
        """Return the lines at one end of a log; lines of a kept run are in the order in which they were stored."""
        with self._reading() as read:
            columns = read_log_end(
                read,
                self.url,
                flow_run_id,
                count,
                is_newest=is_newest,
                until=until,
                min_level=min_level,
                task_run_ids=task_run_ids,
            )
            if not len(columns) and not _is_there(read, flow_run_id):
                raise self._nothing(f"flow run {flow_run_id}")
        return columns

    def task_runs(self, flow_run_id: str) -> TaskRunRead:
        """Return every task run of a run with its history."""
        with self._reading() as read:
            return read_task_runs(
                read, self.url, " where r.flow_run_id = ?", (flow_run_id,), TaskRunCursor()
            )

    def task_runs_of(self, flow_run_ids: Sequence[str]) -> Mapping[str, Sequence[TaskRunRecord]]:
        """Return the task runs of several runs with their histories."""
        found: dict[str, list[TaskRunRecord]] = {one: [] for one in flow_run_ids}
        clause = " where r.flow_run_id in (select value from json_each(?))"
        values = (msgspec.json.encode([*found]).decode(),)
        with self._reading() as read:
            records = read_task_runs(read, self.url, clause, values, TaskRunCursor()).records
        for record in records:
            found[record.flow_run_id or ""].append(record)
        return found

    def static_task_runs(self, flow_run_id: str) -> Sequence[TaskRunRecord]:
        """Return the task runs of a run that are not mapped children."""
        clause = " where r.flow_run_id = ? and r.map_index = -1"
        with self._reading() as read:
            return read_task_runs(read, self.url, clause, (flow_run_id,), TaskRunCursor()).records

    def task_graph(self, flow_run_id: str) -> TaskGraph | None:
        """Return the tasks of the run's flow; None if no task that decides the state of the run is known."""
        tasks = "select t.* from task t join flow_run r on r.flow_id = t.flow_id where r.id = ?"
        edges = "select e.* from edge e join flow_run r on r.flow_id = e.flow_id where r.id = ?"
        with self._reading() as read:
            upstream: dict[str, list[Any]] = {}
            for edge in read.execute(edges, (flow_run_id,)):
                upstream.setdefault(edge["downstream_task_id"], []).append(edge)
            rows = [dict(row) for row in read.execute(tasks, (flow_run_id,))]
        return task_graph(
            [{**row, "upstream_edges": upstream.get(row["id"])} for row in rows], self.url
        )

    def mapped_children(
        self, flow_run_id: str, task_slug: str, first: int, limit: int | None
    ) -> Sequence[TaskRunRecord]:
        """Return the mapped children of a task, by map index."""
        until = MAX_MAP_INDEX if limit is None else min(first + limit, MAX_MAP_INDEX)
        with self._reading() as read:
            return read_task_runs(
                read,
                self.url,
                " where r.flow_run_id = ? and t.slug = ? and r.map_index >= ? and r.map_index < ?",
                (flow_run_id, task_slug, first, until),
                TaskRunCursor(),
            ).records

    def task_run_ids(self, flow_run_id: str) -> Sequence[str]:
        """Return the ids of every task run of a run."""
        with self._reading() as read:
            sql = f"select r.id from task_run r left join task t on t.id = r.task_id where r.flow_run_id = ?{TASK_RUN_ORDER}"
            return [row["id"] for row in read.execute(sql, (flow_run_id,))]

    def task_run(self, task_run_id: str) -> TaskRunRecord:
        """Return one task run."""
        return self._one_task_run(" where r.id = ?", (task_run_id,), f"task run {task_run_id}")

    def task_run_by_slug(self, flow_run_id: str, task_slug: str, map_index: int) -> TaskRunRecord:
        """Return the task run of a task in a run."""
        child = "" if map_index == -1 else f" with map index {map_index}"
        named = self._by_name(flow_run_id, task_slug) if map_index == -1 else None
        if named is not None:
            return named
        return self._one_task_run(
            " where r.flow_run_id = ? and t.slug = ? and r.map_index = ?",
            (flow_run_id, task_slug, map_index),
            f"task run of task {task_slug!r:.100}{child} in flow run {flow_run_id}",
        )

    def flow(self, flow_id: str) -> FlowRecord:
        """Return the flow as it was registered."""
        with self._reading() as read:
            found = read_flows(read, self.url, " where f.id = ?", (flow_id,))
        if not found:
            raise self._nothing(f"flow {flow_id}")
        return found[0]

    def flow_of_group(self, flow_group_id: str) -> FlowRecord:
        """Return the flow of a group that was registered last."""
        clause = f" where f.flow_group_id = ?{NEWEST_FLOW} limit 1"
        with self._reading() as read:
            found = read_flows(read, self.url, clause, (flow_group_id,))
        if not found:
            raise self._nothing(f"flow of group {flow_group_id}")
        return found[0]

    def flows_named(self, flow_name: str, project_name: str | None) -> Sequence[FlowRecord]:
        """Return the flows with a name that no newer version replaced, the last registered first."""
        clause = (
            " where f.name = :name and not f.archived and (:project = '' or p.name is :project)"
            f"{NEWEST_FLOW}"
        )
        with self._reading() as read:
            return read_flows(read, self.url, clause, {"name": flow_name, "project": project_name})

    def tenants(self, tenant_id: str | None) -> Sequence[TenantRecord]:
        """Return the tenant with this id, or without an id the first one."""
        sql = "select * from tenant where ? is null or id = ? order by created, rowid limit 1"
        with self._reading() as read:
            rows = read.execute(sql, (tenant_id, tenant_id))
            return [tenant_record(values_of(row), self.url) for row in rows]

    def agents(self) -> Sequence[AgentRecord]:
        """Return every agent."""
        with self._reading() as read:
            rows = read.execute("select * from agent")
            return [agent_record(values_of(row), self.url) for row in rows]

    def extent(self, flow_run_id: str) -> Extent:
        """Return how many lines and task runs of a run the store has."""
        sql = (
            "select (select count(*) from log where flow_run_id = :run) lines, "
            "(select count(*) from task_run where flow_run_id = :run) task_runs, "
            f"(select count(*) from task_run where flow_run_id = :run and state in {ENDED}) ended"
        )
        with self._reading() as read:
            (row,) = read.execute(sql, {"run": flow_run_id})
            return Extent(row["lines"], row["task_runs"], row["ended"])

    def kept(self, flow_run_id: str) -> Mapping[str, Any] | None:
        """Return what the library stored about a run; None: it does not keep this run."""
        with self._reading() as read:
            return read_kept(read, flow_run_id)

    def gateway_file(self) -> Path:
        """Return the store's file."""
        return self.path

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _by_name(self, flow_run_id: str, word: str) -> TaskRunRecord | None:
        """Return a task run of a kept run whose source has no map index, by name, task key or name of the task."""
        if self.kept(flow_run_id) is None:
            return None
        unnumbered = [
            record for record in self.task_runs(flow_run_id).records if record.map_index is None
        ]
        for name in ("name", "task_slug", "task_name"):
            found = [record for record in unnumbered if getattr(record, name) == word]
            if len(found) > 1:
                candidates = [f"{record.label} ({record.id})" for record in found]
                raise Ambiguous(
                    f"{len(found)} results for task run {word!r:.100} in flow run {flow_run_id}: "
                    f"{', '.join(candidates[:5])}.",
                    candidates,
                )
            if found:
                return found[0]
        return None

    def _one_task_run(self, clause: str, values: tuple[Any, ...], wanted: str) -> TaskRunRecord:
        with self._reading() as read:
            found = read_task_runs(read, self.url, clause, values, TaskRunCursor()).records
        if not found:
            raise self._nothing(wanted)
        first, *others = found
        if others:
            raise Ambiguous(f"{len(found)} results for {wanted}.", [record.id for record in found])
        return first

    def _nothing(self, wanted: str) -> NotFound:
        return NotFound(
            f"No {wanted} in the local store {self.path}. To read a server, set PREFECT_API_URL (Prefect 3) or "
            "PREFECT__CLOUD__API (Prefect 1), or call fw.connect(url). fw.demo() fills a store with examples."
        )

    def _reading(self) -> _Transaction:
        return _Transaction(self._file)


class _Transaction:
    """One read transaction; a store that does not exist yet reads as empty."""

    def __init__(self, file: StoreFile) -> None:
        self._file = file

    def __enter__(self) -> sqlite3.Connection:
        try:
            self._lent = self._file.lend()
        except FileNotFoundError:
            self._lent = Lent(_empty(), None)
        self._lent.connection.execute("begin")
        return self._lent.connection

    def __exit__(self, kind: object, error: BaseException | None, _traceback: object) -> None:
        self._file.take_back(self._lent)
        if isinstance(error, sqlite3.Error | msgspec.DecodeError | RecursionError | UnicodeError):
            raise self._file.refused(error) from None


def _empty() -> sqlite3.Connection:
    connection = open_sqlite(":memory:")
    connection.row_factory = sqlite3.Row
    for statement in schema():
        connection.execute(statement)
    return connection


def _is_there(read: sqlite3.Connection, flow_run_id: str) -> bool:
    return (
        read.execute("select 1 from flow_run where id = ?", (flow_run_id,)).fetchone() is not None
    )
