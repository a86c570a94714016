"""The local store as a source: SQL straight into records and columns."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from flowrun_widgets.backends.protocol import Latest, LogPeek, LogRead, TaskRunRead
from flowrun_widgets.backends.rows import (
    artifact_record,
    flow_record,
    flow_run_record,
    log_columns,
    task_run_record,
    timeline_of,
)
from flowrun_widgets.errors import (
    Ambiguous,
    NotFound,
    QueryRejected,
)
from flowrun_widgets.states import types_like
from flowrun_widgets.store.exact import names_noted, numbers_noted, restored
from flowrun_widgets.store.file import Lent, StoreFile, schema
from flowrun_widgets.times import to_micros

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from pendulum import DateTime

    from flowrun_widgets.log_columns import LogColumns
    from flowrun_widgets.records import (
        ArtifactRecord,
        FlowRecord,
        FlowRunRecord,
        TaskRunRecord,
        TimelineBar,
    )

__all__ = ["Store"]

JSON = frozenset(
    {
        "labels", "parameters", "context", "run_config", "serialized_state", "settings", "serialized_flow",
        "storage", "extra", "group_labels", "data",
    }
)  # fmt: skip
FLOW_RUN = (
    "select r.*, f.name as flow_name, p.name as project_name from flow_run r "
    "left join flow f on f.id = r.flow_id left join project p on p.id = f.project_id where r.id = ?"
)
TASK_RUN = (
    "select r.*, t.id as t_id, t.slug as t_slug, t.name as t_name from task_run r "
    "left join task t on t.id = r.task_id"
)
# Task runs of the library have the places that their server gave them; the others have none.
TASK_RUN_ORDER = " order by json_extract(r.extra, '$.kept.position'), t.slug, r.map_index, r.id"
LOG_FIELDS = ("id", "timestamp", "level", "name", "message", "task_run_id")
LOG = f"select l.seq, {', '.join(f'l.{name}' for name in LOG_FIELDS)} from log l where l.flow_run_id = :run"
PAGE = 1_000


@dataclass(frozen=True, slots=True)
class LogCursor:
    """The arrival number of the newest line that was seen: a writer adds lines in one transaction at a time."""

    seq: int = 0


@dataclass(frozen=True, slots=True)
class TaskRunCursor:
    """The newest `updated` that was seen."""

    updated: int = 0


class Store:
    """A store's file, read-only. A request is a transaction."""

    label = "local store"
    is_paged = False

    def __init__(self, path: Path) -> None:
        self.path = path
        self.url = str(path)
        self._file = StoreFile(path)

    def flow_run(self, flow_run_id: str) -> FlowRunRecord:
        """Return one flow run with its history."""
        with self._reading() as read:
            return _flow_run(read, self.url, flow_run_id, self._nothing(f"flow run {flow_run_id}"))

    def reopened(self, known: FlowRunRecord) -> FlowRunRecord:
        """Return the run anew."""
        return self.flow_run(known.id)

    def latest(
        self, flow_run_id: str, logs_cursor: object | None, task_runs_cursor: object | None
    ) -> Latest:
        """Return the run and what is new since the cursors, all from one moment."""
        with self._reading() as read:
            record = _flow_run(
                read, self.url, flow_run_id, self._nothing(f"flow run {flow_run_id}")
            )
            logs = tasks = None
            if isinstance(logs_cursor, LogCursor):
                logs = _logs(
                    read,
                    self.url,
                    f"{LOG} and l.seq > :seq",
                    {"run": flow_run_id, "seq": logs_cursor.seq},
                    logs_cursor,
                )
            if isinstance(task_runs_cursor, TaskRunCursor):
                clause = " where r.flow_run_id = ? and r.updated >= ?"
                tasks = _task_runs(
                    read,
                    self.url,
                    clause,
                    (flow_run_id, task_runs_cursor.updated),
                    task_runs_cursor,
                )
        return Latest(record, logs, tasks)

    def flow_runs(
        self, flow_name: str | None, state: str | None, limit: int
    ) -> Sequence[FlowRunRecord]:
        """Return the newest flow runs, by when they began or else were made."""
        types = [state, *types_like(state)] if state is not None else []
        sql = (
            "select r.id from flow_run r left join flow f on f.id = r.flow_id where (:flow is null or f.name = :flow) "
            f"and (:state is null or r.state in ({', '.join(f':type{n}' for n in range(len(types)))})) "
            "order by r.start_time desc nulls last, r.created desc limit :limit"
        )
        values = {
            "flow": flow_name,
            "state": state,
            "limit": limit,
            **{f"type{n}": t for n, t in enumerate(types)},
        }
        with self._reading() as read:
            ids = [row["id"] for row in read.execute(sql, values)]
            return [_flow_run(read, self.url, key, self._nothing(f"flow run {key}")) for key in ids]

    def subflow_runs(self, flow_run_id: str) -> Sequence[FlowRunRecord]:
        """Return nothing: Prefect 1 has no sub-flows."""
        return ()

    def artifacts(self, flow_run_id: str) -> Sequence[ArtifactRecord]:
        """Return the artifacts of the run's task runs; of a kept run, those of the flow itself as well."""
        sql = (
            "select a.* from task_run_artifact a left join task_run r on r.id = a.task_run_id "
            "where r.flow_run_id = :run or json_extract(a.extra, '$.kept.flow_run_id') = :run "
            "order by json_extract(a.extra, '$.kept.position'), a.created, a.id"
        )
        with self._reading() as read:
            rows = [_split(_values(row)) for row in read.execute(sql, {"run": flow_run_id})]
            return [restored(artifact_record(values, self.url), kept) for values, kept in rows]

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
        """Return the run's lines."""
        sql, values = LOG, {"run": flow_run_id}
        for name, operator, moment in (("start", ">", start), ("end", "<=", end)):
            if moment is not None:
                sql += f" and l.timestamp {operator} :{name}"
                values[name] = to_micros(moment)  # pyright: ignore[reportArgumentType]
        with self._reading() as read:
            found = _logs(read, self.url, sql, values, LogCursor())
        return LogRead(found.columns.chosen(min_level, task_run_ids), found.cursor)

    def log_ends(self, flow_run_id: str, count: int, *, errors_first: bool) -> LogPeek:
        """Return the newest lines of a kept run, and the oldest or, with `errors_first`, the oldest errors."""
        errors = " and upper(l.level) in ('ERROR', 'CRITICAL', 'FATAL')" if errors_first else ""
        values = {"run": flow_run_id, "count": count}
        first = f"select l.* from ({LOG}{errors} order by l.seq limit :count) l"
        last = f"select l.* from ({LOG} order by l.seq desc limit :count) l"
        with self._reading() as read:
            oldest = _logs(read, self.url, first, values, LogCursor()).columns
            newest = _logs(read, self.url, last, values, LogCursor()).columns
        return LogPeek(oldest, newest, len(newest) < count)

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
        """Return every task run of a run with its history."""
        with self._reading() as read:
            return _task_runs(
                read, self.url, " where r.flow_run_id = ?", (flow_run_id,), TaskRunCursor()
            )

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
            row = read.execute(
                "select f.*, p.name as project_name, g.labels as group_labels from flow f left join project p "
                "on p.id = f.project_id left join flow_group g on g.id = f.flow_group_id where f.id = ?",
                (flow_id,),
            ).fetchone()
            if row is None:
                raise self._nothing(f"flow {flow_id}")
            values, kept = _split(_values(row))
        record = flow_record(
            {
                **values,
                "project": {"name": values["project_name"]},
                "flow_group": {"labels": values["group_labels"]},
            },
            self.url,
        )
        return restored(record, kept)

    def kept(self, flow_run_id: str) -> Mapping[str, Any] | None:
        """Return what the library knows of a run that it keeps; None: it keeps no such run."""
        with self._reading() as read:
            return _kept(read, flow_run_id)

    def graphql(self, document: str, variables: Mapping[str, Any] | None) -> dict[str, Any]:
        """Refuse: a store is asked in GraphQL through the gateway."""
        raise QueryRejected("a store answers GraphQL through flowrun_widgets.gateway")

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _by_name(self, flow_run_id: str, word: str) -> TaskRunRecord | None:
        """Return the task run of a kept run whose source has no map index: by name, task key or the task's name."""
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
                    f"{len(found)} results for task run {word!r} in flow run {flow_run_id}: "
                    f"{', '.join(candidates[:5])}.",
                    candidates,
                )
            if found:
                return found[0]
        return None

    def _one_task_run(self, clause: str, values: tuple[Any, ...], wanted: str) -> TaskRunRecord:
        with self._reading() as read:
            found = _task_runs(read, self.url, clause, values, TaskRunCursor()).records
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
    """One read transaction; a store that does not exist yet reads as an empty one."""

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
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.row_factory = sqlite3.Row
    for statement in schema():
        connection.execute(statement)
    return connection


def _flow_run(
    read: sqlite3.Connection, source: str, flow_run_id: str, otherwise: NotFound
) -> FlowRunRecord:
    row = read.execute(FLOW_RUN, (flow_run_id,)).fetchone()
    if row is None:
        raise otherwise
    values = _values(row)
    states = read.execute(
        "select timestamp, serialized_state from flow_run_state where flow_run_id = ? order by timestamp, rowid",
        (flow_run_id,),
    )
    flow = {"name": values["flow_name"], "project": {"name": values["project_name"]}}
    history = [_values(state) for state in states]
    values, kept = _split(values)
    record = flow_run_record({**values, "flow": flow, "states": history}, source)
    return restored(record, kept)


def _split(values: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Return the values of a row, and what the library keeps beside them; None: it is not the library's."""
    extra = values.get("extra")
    if not isinstance(extra, dict) or not isinstance(extra.get("kept"), dict):
        return values, None
    rest = {key: value for key, value in extra.items() if key != "kept"}
    return {**values, "extra": rest or None}, extra["kept"]


def _kept(read: sqlite3.Connection, flow_run_id: str) -> dict[str, Any] | None:
    row = read.execute("select extra from flow_run where id = ?", (flow_run_id,)).fetchone()
    return None if row is None else _split(_values(row))[1]


def _task_run(row: sqlite3.Row, states: list[dict[str, Any]] | None, source: str) -> TaskRunRecord:
    values, kept = _split(_values(row))
    task = {"id": row["t_id"], "slug": row["t_slug"], "name": row["t_name"]}
    return restored(task_run_record({**values, "task": task, "states": states}, source), kept)


def _task_runs(
    read: sqlite3.Connection,
    source: str,
    clause: str,
    values: tuple[Any, ...],
    cursor: TaskRunCursor,
) -> TaskRunRead:
    rows = read.execute(TASK_RUN + clause + TASK_RUN_ORDER, values).fetchall()
    states: dict[str, list[dict[str, Any]]] = {}
    sql = (
        "select s.task_run_id, s.timestamp, s.serialized_state from task_run r left join task t on t.id = r.task_id "
        f"join task_run_state s on s.task_run_id = r.id{clause} order by s.timestamp, s.rowid"
    )
    for state in read.execute(sql, values):
        states.setdefault(state["task_run_id"], []).append(_values(state))
    records = tuple(_task_run(row, states.get(row["id"]), source) for row in rows)
    return TaskRunRead(
        records, TaskRunCursor(max([row["updated"] for row in rows], default=cursor.updated))
    )


def _logs(
    read: sqlite3.Connection, source: str, sql: str, values: Mapping[str, Any], cursor: LogCursor
) -> LogRead:
    plain = read.cursor()
    plain.row_factory = None  # pyright: ignore[reportAttributeAccessIssue]
    kept = _kept(read, values["run"])
    # The library wrote its lines in their order, and by `seq` they lie one behind another.
    plain.execute(f"{sql} order by {'l.timestamp, ' if kept is None else ''}l.seq", values)
    columns: list[list[Any]] = [[] for _ in range(7)]
    while page := plain.fetchmany(PAGE):
        for column, part in zip(columns, zip(*page, strict=True), strict=True):
            column.extend(part)
    seqs, *fields = columns
    labels = _labels(read, values["run"], source) if kept is None else names_noted(kept, "tasks")
    lines = log_columns(source, dict(zip(LOG_FIELDS, fields, strict=True)), labels)
    lines = lines.with_levels({} if kept is None else numbers_noted(kept, "levels"))
    return LogRead(lines, LogCursor(max(seqs, default=cursor.seq)))


def _labels(read: sqlite3.Connection, flow_run_id: str, source: str) -> dict[str, str]:
    return {
        row["id"]: task_run_record(
            {**dict(row), "task": {"slug": row["t_slug"], "name": row["t_name"]}}, source
        ).label
        for row in read.execute(
            "select r.id, r.flow_run_id, r.name, r.map_index, t.slug as t_slug, t.name as t_name from task_run r "
            "left join task t on t.id = r.task_id where r.flow_run_id = ?",
            (flow_run_id,),
        )
    }


def _values(row: sqlite3.Row) -> dict[str, Any]:
    """Return the row with its JSON columns as values."""
    return {
        key: msgspec.json.decode(value) if key in JSON and value is not None else value
        for key, value in zip(row.keys(), row, strict=True)
    }
