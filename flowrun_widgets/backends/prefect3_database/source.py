"""The source `Prefect3Database`: the database of a Prefect 3 server, or of Prefect without a server."""

from __future__ import annotations

from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any

from flowrun_widgets.backends.prefect3.mapping import (
    artifact_records,
    due,
    flow_record,
    flow_run_record,
    task_run_record,
    timeline,
)
from flowrun_widgets.backends.prefect3.named import check_not_mapped, of_task, only_one
from flowrun_widgets.backends.prefect3.states import ENDED_TYPES, UNSUCCESSFUL_TYPES
from flowrun_widgets.backends.prefect3_database import selects
from flowrun_widgets.backends.prefect3_database.graph import graph_of
from flowrun_widgets.backends.prefect3_database.lines import (
    LogCursor,
    count_lines,
    latest_lines,
    line_ends,
    lines,
)
from flowrun_widgets.backends.prefect3_database.run_list import matching
from flowrun_widgets.backends.prefect3_database.schema import checked_revision
from flowrun_widgets.backends.prefect3_database.task_runs import (
    TaskRunCursor,
    latest_task_runs,
    task_runs,
)
from flowrun_widgets.backends.protocol import (
    Backend,
    Extent,
    Latest,
    LogPeek,
    LogRead,
    Reopened,
    TaskRunRead,
)
from flowrun_widgets.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping, Sequence

    from pendulum import DateTime

    from flowrun_widgets.backends.prefect3 import wire
    from flowrun_widgets.backends.prefect3_database.database import Database, Reading
    from flowrun_widgets.backends.run_filter import RunFilter
    from flowrun_widgets.log_columns import LogColumns
    from flowrun_widgets.records import (
        ArtifactRecord,
        FlowRecord,
        FlowRunRecord,
        TaskRunRecord,
        TimelineBar,
    )

__all__ = ["Prefect3Database"]

NEWEST_FIRST = (
    "order by r.expected_start_time desc nulls last, r.id desc limit :limit offset :offset"
)
RUNS_AT_ONCE = 200
"""How many runs of a list are read in one transaction."""
OF_RUN = "where r.flow_run_id = :run"


class Prefect3Database(Backend):
    """A database of Prefect 3, read-only. Each call is one transaction; costs are in transactions, not requests."""

    label = "Prefect 3 database"
    is_paged = True

    def __init__(self, database: Database) -> None:
        """Nothing is read yet."""
        self.url = database.url
        self._database = database
        self._revision: str | None = None

    def check(self) -> None:
        """Raise unless this is a database of Prefect 3 that can be read."""
        with self._reading():
            pass

    def flow_run(self, flow_run_id: str) -> FlowRunRecord:
        """Return one flow run with its history."""
        with self._reading() as reading:
            return self._flow_run(reading, flow_run_id)

    def reopened(self, known: FlowRunRecord, copied: Extent) -> Reopened:
        """Return the current run, and whether the copy is complete."""
        ended, values = selects.among("r.state_type", ENDED_TYPES)
        sql = f"select count(*), count(case when {ended} then 1 end) from task_run r {OF_RUN}"
        with self._reading() as reading:
            record = self._flow_run(reading, known.id)
            counts = reading.rows(sql, {**values, "run": record.id})[0]
            extent = Extent(count_lines(reading, record.id), *counts)
        return Reopened(record, is_whole=extent == copied)

    def latest(
        self, flow_run_id: str, logs_cursor: object | None, task_runs_cursor: object | None
    ) -> Latest:
        """Return the run and what is new since the cursors, all from one snapshot."""
        logs = tasks = None
        with self._reading() as reading:
            record = self._flow_run(reading, flow_run_id)
            if isinstance(logs_cursor, LogCursor):
                logs = latest_lines(reading, record.id, logs_cursor)
            if isinstance(task_runs_cursor, TaskRunCursor):
                tasks = latest_task_runs(reading, record.id, task_runs_cursor)
        return Latest(record, logs, tasks)

    def flow_runs(self, chosen: RunFilter, limit: int | None = None) -> Iterator[FlowRunRecord]:
        """Yield the newest flow runs, sorted by when they began or else were due, without histories."""
        where, values = matching(chosen, self._database)
        found = set[str]()

        def pages() -> Iterator[FlowRunRecord]:
            offset, is_last = 0, False
            while not is_last:
                page = {**values, "limit": RUNS_AT_ONCE, "offset": offset}
                with self._reading() as reading:
                    runs = selects.flow_runs(reading, f"{where} {NEWEST_FIRST}", page)
                offset, is_last = offset + len(runs), len(runs) < RUNS_AT_ONCE
                # A run that began meanwhile moves others to the next page, where they appear again.
                yield from (_record(run, name) for run, name in runs if run.id not in found)
                found.update(run.id for run, _ in runs)

        return islice(filter(chosen.has_details, pages()), limit)

    def subflow_runs(self, flow_run_id: str) -> Sequence[FlowRunRecord]:
        """Return the sub-flow runs that this run called, without histories."""
        with self._reading() as reading:
            return [_record(run, name) for run, name in self._below(reading, [flow_run_id])]

    def artifacts(self, flow_run_id: str) -> Sequence[ArtifactRecord]:
        """Return every version of the run's artifacts."""
        with self._reading() as reading:
            return artifact_records(selects.artifacts(reading, flow_run_id))

    def timeline(self, flow_run_id: str) -> Sequence[TimelineBar]:
        """Return what the run has executed so far."""
        with self._reading() as reading:
            task_runs = [*selects.task_runs(reading, OF_RUN, {"run": flow_run_id})]
            below = {
                run.parent_task_run_id or "": (run, name)
                for run, name in self._below(reading, [flow_run_id])
            }
        return timeline(graph_of(task_runs, below))

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
        where, values = self._span(
            "l.flow_run_id = :run", {"run": flow_run_id}, start, end, min_level
        )
        is_chosen_by_sql = task_run_ids is not None and len(task_run_ids) <= selects.MAX_VALUES
        if is_chosen_by_sql:
            condition, ids = selects.among("l.task_run_id", task_run_ids or ())
            where, values = f"{where} and {condition}", {**values, **ids}
        with self._reading() as reading:
            read = lines(reading, where, values)
        rest = None if is_chosen_by_sql else task_run_ids
        return LogRead(read.columns.chosen(None, rest), read.cursor)

    def log_peek(self, flow_run_id: str, *, errors_first: bool) -> LogPeek:
        """Return the last 200 lines and the first (with `errors_first`, the first errors)."""
        with self._reading() as reading:
            return line_ends(reading, flow_run_id, errors_first=errors_first)

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
        """Return the lines at one end of a log."""
        where, values = self._span(
            "l.flow_run_id = :run", {"run": flow_run_id}, None, until, min_level
        )
        if task_run_ids:
            condition, ids = selects.among("l.task_run_id", task_run_ids[: selects.MAX_VALUES])
            where, values = f"{where} and {condition}", {**values, **ids}
        elif task_run_ids is not None:
            where = f"{where} and l.task_run_id is null"
        with self._reading() as reading:
            return lines(reading, where, values, is_descending=is_newest, limit=count).columns

    def logs_with_subflows(
        self,
        run: FlowRunRecord,
        start: DateTime | None,
        end: DateTime | None,
        *,
        min_level: int | None = None,
    ) -> LogColumns:
        """Return the lines of a run and all its sub-flow runs."""
        with self._reading() as reading:
            names, parents = {run.id: run.name or run.id}, [run.id]
            while parents:
                below = [one for one, _ in self._below(reading, parents) if one.id not in names]
                names |= {child.id: child.name or child.id for child in below}
                parents = [child.id for child in below]
            condition, values = selects.among("l.flow_run_id", names)
            where, values = self._span(condition, values, start, end, min_level)
            return lines(reading, where, values, flow_runs=names).columns

    def task_run_logs(self, task_run_id: str) -> LogColumns:
        """Return the lines of a task run that ran outside any flow run."""
        with self._reading() as reading:
            values = {"task_run": task_run_id}
            return lines(reading, "l.task_run_id = :task_run", values).columns

    def task_runs(self, flow_run_id: str) -> TaskRunRead:
        """Return every task run, without histories."""
        with self._reading() as reading:
            return task_runs(reading, flow_run_id)

    def task_runs_of(self, flow_run_ids: Sequence[str]) -> Mapping[str, Sequence[TaskRunRecord]]:
        """Return the task runs of several runs by the ids of the runs, without histories."""
        found: dict[str, list[TaskRunRecord]] = {one: [] for one in flow_run_ids}
        with self._reading() as reading:
            for condition, values in selects.any_of("r.flow_run_id", flow_run_ids):
                for run in selects.task_runs(reading, f"where {condition}", values):
                    found[run.flow_run_id or ""].append(task_run_record(run))
        return {one: sorted(own, key=lambda record: record.place) for one, own in found.items()}

    def lines_of_runs(
        self, flow_run_ids: Sequence[str], min_level: int
    ) -> Mapping[str, LogColumns]:
        """Return the lines of at least this level of several runs."""
        found: dict[str, LogColumns] = {}
        with self._reading() as reading:
            for one in flow_run_ids:
                where, values = self._span(
                    "l.flow_run_id = :run", {"run": one}, None, None, min_level
                )
                found[one] = lines(reading, where, values).columns
        return found

    def unsuccessful_task_runs(self, flow_run_id: str, limit: int) -> Sequence[TaskRunRecord]:
        """Return the newest task runs that failed, crashed or never began."""
        condition, values = selects.among("r.state_type", UNSUCCESSFUL_TYPES)
        rest = f"{OF_RUN} and {condition} order by r.id desc limit :limit"
        values |= {"run": flow_run_id, "limit": limit}
        with self._reading() as reading:
            return [task_run_record(run) for run in selects.task_runs(reading, rest, values)]

    def task_run(self, task_run_id: str) -> TaskRunRecord:
        """Return one task run with its history."""
        with self._reading() as reading:
            return self._task_run(reading, task_run_id)

    def task_run_by_slug(self, flow_run_id: str, task_slug: str, map_index: int) -> TaskRunRecord:
        """Return the task run with this name, else with this task key, else of the task with this name."""
        check_not_mapped(map_index)
        with self._reading() as reading:
            records = task_runs(reading, flow_run_id).records
            named = [record for record in records if record.name == task_slug]
            found = named or of_task(records, task_slug)
            one = only_one(found, flow_run_id, task_slug, self._nothing)
            return self._task_run(reading, one.id)

    def flow(self, flow_id: str) -> FlowRecord:
        """Return the flow, of which Prefect 3 stores little more than the name."""
        found = self._flows("where f.id = :flow", flow_id)
        if not found:
            raise self._nothing(f"flow {flow_id}")
        return found[0]

    def flows_named(self, flow_name: str, project_name: str | None) -> Sequence[FlowRecord]:
        """Return the flow with this name; names are unique, and there are no projects."""
        return () if project_name else self._flows("where f.name = :flow", flow_name)

    def close(self) -> None:
        """Let no more readings begin."""
        self._database.close()

    @contextmanager
    def _reading(self) -> Generator[Reading]:
        with self._database.reading() as reading:
            self._revision = checked_revision(reading, self._revision)
            yield reading

    def _flow_run(self, reading: Reading, flow_run_id: str) -> FlowRunRecord:
        values = {"run": flow_run_id}
        found = selects.flow_runs(reading, "where r.id = :run", values)
        if not found:
            raise self._nothing(f"flow run {flow_run_id}")
        run, name = found[0]
        return _record(run, name, selects.flow_run_states(reading, run.id))

    def _task_run(self, reading: Reading, task_run_id: str) -> TaskRunRecord:
        values = {"run": task_run_id}
        found = [*selects.task_runs(reading, "where r.id = :run", values)]
        if not found:
            raise self._nothing(f"task run {task_run_id}")
        return task_run_record(found[0], selects.task_run_states(reading, found[0].id))

    def _below(
        self, reading: Reading, flow_run_ids: Sequence[str]
    ) -> list[tuple[wire.FlowRun, str | None]]:
        """Return the runs that these runs called, sorted by when they were due, each with the name of its flow."""
        found: list[tuple[wire.FlowRun, str | None]] = []
        for condition, values in selects.any_of("t.flow_run_id", flow_run_ids):
            rest = f"join task_run t on t.id = r.parent_task_run_id where {condition}"
            found += selects.flow_runs(reading, rest, values)
        return sorted(found, key=lambda one: (due(one[0]), one[0].id))

    def _flows(self, rest: str, value: str) -> list[FlowRecord]:
        with self._reading() as reading:
            return [flow_record(flow) for flow in selects.flows(reading, rest, {"flow": value})]

    def _span(
        self,
        condition: str,
        values: dict[str, Any],
        start: DateTime | None,
        end: DateTime | None,
        min_level: int | None,
    ) -> tuple[str, dict[str, Any]]:
        """Return the condition for a part of the lines, and its values."""
        values = dict(values)
        if start is not None:
            condition += " and l.timestamp > :start"
            values["start"] = self._database.moment(start)
        if end is not None:
            condition += " and l.timestamp <= :end"
            values["end"] = self._database.moment(end)
        if min_level is not None:
            condition += " and l.level >= :level"
            values["level"] = min_level
        return condition, values

    def _nothing(self, what: str) -> NotFound:
        return NotFound(
            f"No {what} in the database at {self.url}. Was it deleted, or is it on another server?"
        )


def _record(
    run: wire.FlowRun, flow_name: str | None, states: Sequence[wire.State] | None = None
) -> FlowRunRecord:
    return flow_run_record(run, ui_url=None, flow_name=flow_name, history_rows=states)
