"""Runs in a JSON file as a source, with no more than every source has to answer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowrun_widgets import states
from flowrun_widgets.backends.protocol import Backend, Latest, LogRead, TaskRunRead
from flowrun_widgets.errors import NotFound
from flowrun_widgets.log_columns import LogColumns
from flowrun_widgets.records import FlowRunRecord, TaskRunRecord
from flowrun_widgets.times import parse_time, to_micros

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pendulum import DateTime

    from flowrun_widgets.backends.run_filter import RunFilter
    from flowrun_widgets.settings import Secret

NO_CURSOR = object()


@dataclass(frozen=True)
class Lines:
    """How many lines were read."""

    count: int


class JsonRuns(Backend):
    """The runs of a file `{"runs": [{"id", "name", "flow", "state", "start", "end", "tasks": […], "lines": […]}]}`."""

    label = "JSON file"

    def __init__(self, path: Path) -> None:
        self.path = path
        self.url = f"jsonruns://{path}"

    def flow_run(self, flow_run_id: str) -> FlowRunRecord:
        """Return one flow run."""
        return self._record(self._run(flow_run_id))

    def flow_runs(self, chosen: RunFilter, limit: int | None = None) -> Iterator[FlowRunRecord]:
        """Return the newest runs."""
        found = [
            record
            for record in map(self._record, self._runs())
            if chosen.flow_name in (None, record.flow_name)
            and chosen.has_state(record)
            and chosen.has_time(record)
        ]
        found.sort(key=lambda record: record.started_at, reverse=True)
        return iter(found[:limit])

    def latest(
        self, flow_run_id: str, logs_cursor: object | None, task_runs_cursor: object | None
    ) -> Latest:
        """Return the run, the lines that the cursor has not seen, and every task run again."""
        logs = None
        if isinstance(logs_cursor, Lines):
            read = self.logs(flow_run_id, None, None)
            logs = LogRead(_from(read.columns, logs_cursor.count), read.cursor)
        tasks = None if task_runs_cursor is None else self.task_runs(flow_run_id)
        return Latest(self.flow_run(flow_run_id), logs, tasks)

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
        run = self._run(flow_run_id)
        labels = {task["id"]: task["name"] for task in run["tasks"]}
        at, levels, task_run_ids_of_lines, messages = zip(*run["lines"], strict=True)
        nothing = [None] * len(at)
        columns = LogColumns.from_lists(
            timestamps=[to_micros(parse_time(time)) for time in at],
            levels=levels,
            messages=messages,
            ids=nothing,
            loggers=nothing,
            task_run_ids=task_run_ids_of_lines,
            tasks=labels,
        )
        chosen = columns.between(start, end).chosen(min_level, task_run_ids)
        return LogRead(chosen, Lines(len(at)))

    def task_runs(self, flow_run_id: str) -> TaskRunRead:
        """Return the run's task runs."""
        run = self._run(flow_run_id)
        return TaskRunRead(tuple(self._task(task, run["id"]) for task in run["tasks"]), NO_CURSOR)

    def task_run(self, task_run_id: str) -> TaskRunRecord:
        """Return one task run."""
        for run in self._runs():
            for task in run["tasks"]:
                if task["id"] == task_run_id:
                    return self._task(task, run["id"])
        raise NotFound(f"No task run {task_run_id} in {self.path}.")

    def task_run_by_slug(self, flow_run_id: str, task_slug: str, map_index: int) -> TaskRunRecord:
        """Return the task run of this name."""
        for record in self.task_runs(flow_run_id).records:
            if record.name == task_slug:
                return record
        raise NotFound(f"No task run {task_slug!r} in {self.path}.")

    def close(self) -> None:
        """Do nothing: the file is opened for each question."""

    def _runs(self) -> list[dict[str, Any]]:
        return json.loads(self.path.read_text())["runs"]

    def _run(self, flow_run_id: str) -> dict[str, Any]:
        for run in self._runs():
            if run["id"] == flow_run_id:
                return run
        raise NotFound(f"No flow run {flow_run_id} in {self.path}.")

    def _record(self, run: dict[str, Any]) -> FlowRunRecord:
        return FlowRunRecord(
            id=run["id"],
            name=run["name"],
            flow_id=None,
            flow_name=run["flow"],
            state=_state(run),
            started_at=parse_time(run["start"]),
            ended_at=parse_time(run["end"]),
        )

    def _task(self, task: dict[str, Any], flow_run_id: str) -> TaskRunRecord:
        return TaskRunRecord(
            id=task["id"],
            flow_run_id=flow_run_id,
            name=task["name"],
            state=_state(task),
            started_at=parse_time(task["start"]),
            ended_at=parse_time(task["end"]),
            map_index=None,
        )


def _state(one: dict[str, Any]) -> states.State:
    return states.TYPES[one["state"]](message=one.get("message"))


def _from(columns: LogColumns, count: int) -> LogColumns:
    return columns.slice(count, len(columns) - count)


def opened(address: Secret, _timeout_seconds: float | None) -> JsonRuns:
    """Return the source at `jsonruns:///path/of/the.json`."""
    return JsonRuns(Path(address.reveal().removeprefix("jsonruns://")))
