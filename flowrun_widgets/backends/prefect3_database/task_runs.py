"""Reads the task runs of a flow run: all of them, or those that have changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flowrun_widgets.backends.prefect3.mapping import task_run_record
from flowrun_widgets.backends.prefect3_database import selects
from flowrun_widgets.backends.progress import report
from flowrun_widgets.backends.protocol import TaskRunRead

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from flowrun_widgets.backends.prefect3 import wire
    from flowrun_widgets.backends.prefect3_database.database import Reading
    from flowrun_widgets.records import TaskRunRecord

    Version = tuple[object, ...]

__all__ = ["TaskRunCursor", "latest_task_runs", "task_runs"]

OF_RUN = "where r.flow_run_id = :run"
VERSION = ("updated", "state_id", "run_count", "end_time", "name")
"""The columns that tell whether a task run has changed."""


@dataclass(frozen=True, slots=True)
class TaskRunCursor:
    """Which version of each task run was read, by its id: no clock is needed to tell what has changed."""

    versions: Mapping[str, Version] = field(default_factory=dict)


def task_runs(reading: Reading, flow_run_id: str) -> TaskRunRead:
    """Return every task run, sorted by when it was due."""
    found = selects.task_runs(reading, OF_RUN, {"run": flow_run_id})
    return TaskRunRead(_records(found), TaskRunCursor(_versions(reading, flow_run_id)))


def latest_task_runs(reading: Reading, flow_run_id: str, cursor: TaskRunCursor) -> TaskRunRead:
    """Return the task runs that are new or have changed since the cursor."""
    now = _versions(reading, flow_run_id)
    changed = [key for key, version in now.items() if cursor.versions.get(key) != version]
    found = (
        run
        for where, values in selects.any_of("r.id", changed)
        for run in selects.task_runs(reading, f"where {where}", values)
    )
    return TaskRunRead(_records(found), TaskRunCursor(now))


def _versions(reading: Reading, flow_run_id: str) -> dict[str, Version]:
    columns = ", ".join(f"r.{name}" for name in VERSION)
    sql = f"select {reading.database.text('r.id')}, {columns} from task_run r {OF_RUN}"
    return {row[0]: row[1:] for row in reading.rows(sql, {"run": flow_run_id})}


def _records(found: Iterable[wire.TaskRun]) -> tuple[TaskRunRecord, ...]:
    records: list[TaskRunRecord] = []
    for run in found:
        records.append(task_run_record(run))
        report("task runs", len(records))
    return tuple(sorted(records, key=lambda record: record.place))
