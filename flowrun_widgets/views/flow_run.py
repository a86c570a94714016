"""`FlowRunSnapshot`: a flow run, and the methods that fetch more of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Self

from pendulum import DateTime

from flowrun_widgets.analysis.changes import Changes
from flowrun_widgets.backends.progress import shown_progress
from flowrun_widgets.connection.connection import Connection, source
from flowrun_widgets.errors import InvalidArgument, NotFound
from flowrun_widgets.lazy import LazyModule
from flowrun_widgets.query import running_times
from flowrun_widgets.records import TaskRunRecord, TimelineBar
from flowrun_widgets.views.artifact import Artifact
from flowrun_widgets.views.changes import changes_between
from flowrun_widgets.views.flow import FlowView
from flowrun_widgets.views.flow_run_facts import FlowRunFacts
from flowrun_widgets.views.identifier import checked_id, checked_map_index, checked_text
from flowrun_widgets.views.log_choice import min_level_of, moment_of
from flowrun_widgets.views.log_ends import Peek, peek
from flowrun_widgets.views.logs import FlowRunLogs
from flowrun_widgets.views.task_run import TaskRunView

if TYPE_CHECKING:
    import pandas as pd
else:
    pd = LazyModule("pandas")

__all__ = ["FlowRunSnapshot"]


class FlowRunSnapshot(FlowRunFacts):
    """A flow run at the moment it was fetched, with the methods that fetch more of it."""

    __slots__ = ()

    @classmethod
    def from_flow_run_id(
        cls,
        flow_run_id: str,
        load_static_tasks: bool = False,
        _cached_task_runs: Iterable[TaskRunView] | None = None,
        *,
        api: Connection | None = None,
    ) -> Self:
        """Fetch a flow run.

        Args:
            flow_run_id: the run's id, a UUID.
            load_static_tasks: fetch its task runs as well, without mapped children; on Prefect 3, all of them.
            api: the connection to read from; the ambient connection if None.

        Costs one request; on Prefect 3, three in two rounds. `load_static_tasks` costs one more; on Prefect 3, what
        `get_all_task_runs()` costs. A finished run that the local library holds costs one; on Prefect 3, three small
        ones at once; its log and task runs are then free. A run that the server has deleted is read from the library,
        and its `connection` says so. A part that the server does not return, such as the history, is named in
        `missing`.

        Raises:
            InvalidArgument: not an id. NotFound: no such run.
            BackendError: the server failed to answer or refused the request.
        """
        connection = source(api)
        view = cls(*connection.flow_run(checked_id(flow_run_id, "flow_run_id")))
        view._fetched.keep(task_run.record for task_run in _cached_task_runs or ())
        if load_static_tasks:
            view._load_static_tasks()
        return view

    def get_latest(self, load_static_tasks: bool = False) -> Self:
        """Return the run as it is now, as a new view. This view does not change.

        The new view takes over finished task runs and the flow, and, if they were read, the log and the task runs, of
        which only the new part is requested. Costs one request on Prefect 1, none on the store. On Prefect 3 it costs
        one each for the run, its log and its task runs, and one more if the state changed. The first refresh after the
        end of the run costs one more for the log and one for the task runs, to check that no late ones are missing.
        Lines that arrived late cost some more, 30 at most while the run goes on; the next refresh finds what is left.

        Raises:
            NotFound: the run was deleted.
        """
        fetched = self._fetched
        with fetched.lock:
            logs, tasks = fetched.logs, fetched.task_runs
        latest = self._connection.backend.latest(
            self.flow_run_id, logs.cursor if logs else None, tasks.cursor if tasks else None
        )
        view = type(self)(latest.record, self._connection, fetched=fetched.after(latest))
        if latest.record.state.record() == self.state.record():
            view._fetched.background = fetched.background
        view._offer()
        if load_static_tasks:
            view._load_static_tasks()
        return view

    def get_logs(
        self,
        start_time: datetime | str | None = None,
        end_time: datetime | str | None = None,
        *,
        level: int | str | None = None,
        task: str | None = None,
        subflows: bool = False,
    ) -> FlowRunLogs:
        """Return the run's log lines, oldest first, including those of its task runs.

        Without arguments, return every line that the server has at the first call. Later calls return the same lines,
        and `get_latest()` adds the ones since. Costs one request on Prefect 1, one for each 200 lines and one or a few
        for the names of task runs on Prefect 3, none on the store; the second call is free.

        Args:
            start_time: only lines later than this time: a time or its ISO 8601 text, in UTC if it has no zone.
            end_time: only lines not later than this time.
            level: only lines of this level or a more severe one: 30 or "warning".
            task: only lines of this task, by the label, slug, task name or id of its task runs.
            subflows: include the lines of its sub-flow runs, in one sequence with the column `flow_run`.

        With arguments, only these lines are requested, unless every line was read already. `where("attempt:2")` counts
        attempts from the histories of task runs, if `get_all_task_runs()` has read them.

        Raises:
            InvalidArgument: a time or a level is invalid.
            NotFound: the run was deleted, or it has no such task.
            BackendError: the server failed to answer or refused the request; the error says how many lines had been
                read.
        """
        start, end = moment_of(start_time, "start_time"), moment_of(end_time, "end_time")
        with shown_progress():
            return self._lines(start, end, level, task, subflows)

    def _lines(
        self,
        start: DateTime | None,
        end: DateTime | None,
        level: int | str | None,
        task: str | None,
        subflows: bool,
    ) -> FlowRunLogs:
        backend, redaction = self._connection.backend, self._connection.redaction
        min_level = min_level_of(level)
        task_run_ids = None if task is None else self._task_run_ids_of(task)
        if subflows:
            columns = backend.logs_with_subflows(self._record, start, end, min_level=min_level)
            return FlowRunLogs(columns.chosen(None, task_run_ids), redaction=redaction)
        if start is not None or end is not None:
            read = backend.logs(
                self.flow_run_id,
                start,
                end,
                min_level=min_level,
                task_run_ids=task_run_ids,
            )
            return FlowRunLogs(read.columns, redaction=redaction)
        fetched = self._fetched
        if fetched.logs is None and (min_level is not None or task_run_ids is not None):
            read = backend.logs(
                self.flow_run_id, None, None, min_level=min_level, task_run_ids=task_run_ids
            )
            return FlowRunLogs(read.columns, redaction=redaction)
        with fetched.reading_logs:
            read = fetched.logs or backend.logs(self.flow_run_id, None, None)
            with fetched.lock:
                fetched.logs = read
        self._offer()
        return FlowRunLogs(
            read.columns.chosen(min_level, task_run_ids),
            began_at=self.started_at,
            running=None if fetched.task_runs is None else running_times(fetched.task_runs.records),
            redaction=redaction,
        )

    def get_flow_metadata(self, no_cache: bool = False) -> FlowView:
        """Return the flow as it was registered. Costs one request the first time, or with `no_cache`."""
        fetched = self._fetched
        with fetched.reading_flow:
            flow = None if no_cache else fetched.flow
            if flow is None:
                if self.flow_id is None:
                    raise NotFound(f"The flow run {self.flow_run_id} does not name its flow.")
                flow = self._connection.backend.flow(self.flow_id)
            with fetched.lock:
                fetched.flow = flow
        return FlowView(flow, self._connection)

    def get_task_run(
        self,
        task_slug: str | None = None,
        task_run_id: str | None = None,
        map_index: int | None = None,
    ) -> TaskRunView:
        """Return one task run, by the slug of its task or by its id.

        `map_index` names a mapped child. A finished task run is kept, and asking for it again is free; otherwise it
        costs one request.

        On Prefect 3, `task_slug` is the name of the task run ("load-3f1"), its task key ("load-3f14ab94") or the name
        of the task ("load"); there is no `map_index`. By id it costs two requests; by slug two more, or a page for each
        200 task runs.

        Raises:
            InvalidArgument: neither slug nor id was passed, or they contradict each other.
            NotFound: no such task run in this flow run.
            Ambiguous: several task runs match; the error lists them.
        """
        if task_slug is not None:
            task_slug = checked_text(task_slug, "task_slug")
        if map_index is not None:
            map_index = checked_map_index(map_index)
        if task_run_id is not None:
            record = self._task_run_by_id(checked_id(task_run_id, "task_run_id"))
            self._agree(record, task_slug, map_index)
        elif task_slug is not None:
            record = self._task_run_by_slug(task_slug, -1 if map_index is None else map_index)
        else:
            raise InvalidArgument("One of `task_run_id`, `task`, or `task_slug` must be provided!")
        fetched = self._fetched
        with fetched.lock:
            fetched.keep([record])
        return TaskRunView(record, self._connection, fetched=fetched)

    def get_all_task_runs(self) -> list[TaskRunView]:
        """Return every task run, without a limit, ordered by task and map index; on Prefect 3, by when it was due.

        Costs one request on Prefect 1, one for each 200 and one more on Prefect 3; none once the run and all its task
        runs are finished and were read. Prefect 3 lists them without histories (`get_task_run()` fetches one), and
        includes the task runs that represent sub-flows, which have a `child_flow_run_id`.
        """
        fetched = self._fetched
        with fetched.reading_task_runs:
            read = fetched.task_runs
            is_final = self.state.is_finished() and read is not None
            if read is None or not (is_final and all(r.state.is_finished() for r in read.records)):
                with shown_progress():
                    read = self._connection.backend.task_runs(self.flow_run_id)
                with fetched.lock:
                    fetched.task_runs = read
                    fetched.keep(read.records)
        self._offer()
        return [TaskRunView(record, self._connection, fetched=fetched) for record in read.records]

    def get_task_run_ids(self) -> list[str]:
        """Return the ids of all task runs. Costs one request, none once the run is finished and they were read."""
        fetched = self._fetched
        with fetched.reading_task_runs:
            ids = fetched.task_run_ids
            if not ids or not self.state.is_finished():
                ids = tuple(self._connection.backend.task_run_ids(self.flow_run_id))
                with fetched.lock:
                    fetched.task_run_ids = ids
        return list(ids)

    @property
    def task_run_ids(self) -> list[str]:
        """The same as `get_task_run_ids()`. This is the only property that sends a request."""
        return self.get_task_run_ids()

    def task_runs_frame(self) -> pd.DataFrame:
        """Return every task run as a DataFrame, in the order and at the cost of `get_all_task_runs()`.

        Columns: `task_run_id` str · `name` str (label) · `task_slug` str · `map_index` Int64 (-1: not mapped) ·
        `state` str (type) · `state_name` str · `message` str · `started_at`, `ended_at` datetime64[us, UTC] ·
        `duration_seconds` float64 (from start to end; missing until it ends) · `attempts` int64 (how often it began
        to run) · `ran_seconds` float64 (of all its attempts, without the waits between them).
        """
        from flowrun_widgets.report.frames import task_runs_frame

        return task_runs_frame(view.record for view in self.get_all_task_runs())

    def states_frame(self) -> pd.DataFrame:
        """Return the history as a DataFrame, oldest first. Costs no request.

        Columns: `timestamp` datetime64[us, UTC] · `state` str (type) · `name` str · `message` str ·
        `duration_seconds` float64 (until the next state; missing for the last).
        """
        from flowrun_widgets.report.frames import states_frame

        return states_frame(self.states)

    def get_parent(self) -> Self | None:
        """Return the run that called this one as a sub-flow, or None if no run did.

        Costs four or five requests on Prefect 3.
        """
        if self.parent_task_run_id is None:
            return None
        parent_id = self._connection.backend.task_run(self.parent_task_run_id).flow_run_id
        return (
            None
            if parent_id is None
            else type(self).from_flow_run_id(parent_id, api=self._connection)
        )

    def get_subflow_runs(self) -> list[Self]:
        """Return the runs that this run called as sub-flows, oldest first, each without its history.

        `get_latest()` of one fetches its history. Costs one request for each 200 on Prefect 3, and one for the names of
        their flows; Prefect 1 has no sub-flows.
        """
        records = self._connection.backend.subflow_runs(self.flow_run_id)
        return [type(self)(record, self._connection) for record in records]

    def get_timeline(self) -> tuple[TimelineBar, ...]:
        """Return what the run has executed so far, in order of start: label, state, start, end and what it waited for.

        Costs one request on Prefect 3 for up to 10,000 task runs; otherwise as much as `get_all_task_runs()`.
        """
        return tuple(self._connection.backend.timeline(self.flow_run_id))

    def peek(self) -> Peek:
        """Return the first and last lines of the log, and the timeline, without reading all of a long log.

        Costs three requests at once on Prefect 3, whatever the number of lines; elsewhere it costs reading the whole
        log and the task runs. The result is not kept with the view.
        """
        return peek(self)

    def get_artifacts(self) -> list[Artifact]:
        """Return the run's artifacts, oldest first. Costs one request for each 200."""
        return [
            Artifact(record, self._connection)
            for record in self._connection.backend.artifacts(self.flow_run_id)
        ]

    def changes_since(self, earlier: FlowRunSnapshot) -> Changes:
        """Return what is in this snapshot and not in `earlier`, a snapshot of the same run. Costs no request."""
        return changes_between(earlier, self)

    def _task_run_ids_of(self, task: str) -> list[str]:
        """Return the ids of the task runs that `task` names, at the cost of `get_all_task_runs()`."""
        task = checked_text(task, "task")
        records = [view.record for view in self.get_all_task_runs()]
        for name in ("id", "label", "task_slug", "task_name"):
            found = [record.id for record in records if getattr(record, name) == task]
            if found:
                return found
        raise NotFound(
            f"No task run of {task!r:.100} in flow run {self.flow_run_id}: get_all_task_runs() lists them."
        )

    def _load_static_tasks(self) -> None:
        records = self._connection.backend.static_task_runs(self.flow_run_id)
        if records is None:
            self.get_all_task_runs()
            return
        with self._fetched.lock:
            self._fetched.keep(records)

    def _offer(self) -> None:
        """Offer the run to the local library, once it has ended and all of it was read."""
        if not self.state.is_finished():
            return
        with self._fetched.lock:
            logs, task_runs, flow = self._fetched.logs, self._fetched.task_runs, self._fetched.flow
        if logs is not None and task_runs is not None:
            self._connection.offer(self._record, task_runs, logs, flow, self._as_of)

    def _task_run_by_id(self, task_run_id: str) -> TaskRunRecord:
        with self._fetched.lock:
            record = self._fetched.finished.get(task_run_id)
        if record is None or not record.has_history:
            record = self._connection.backend.task_run(task_run_id)
        if record.flow_run_id != self.flow_run_id:
            raise NotFound(
                f"The task run {task_run_id} belongs to another flow run, {record.flow_run_id}."
            )
        return record

    def _task_run_by_slug(self, task_slug: str, map_index: int) -> TaskRunRecord:
        with self._fetched.lock:
            for record in self._fetched.finished.values():
                if record.task_slug == task_slug and record.map_index == map_index:
                    return record
        try:
            return self._connection.backend.task_run_by_slug(self.flow_run_id, task_slug, map_index)
        except NotFound:
            child = "" if map_index == -1 else f" with map index {map_index}"
            raise NotFound(
                f"No task run of task {task_slug!r:.100}{child} in flow run {self.flow_run_id} at "
                f"{self._connection.url}. task_runs_frame() lists them all, with their slugs."
            ) from None

    def _agree(self, record: TaskRunRecord, task_slug: str | None, map_index: int | None) -> None:
        for name, given, found in (
            ("task_slug", task_slug, record.task_slug),
            ("map_index", map_index, record.map_index),
        ):
            if given is not None and given != found:
                what = "slug" if name == "task_slug" else "map index"
                raise InvalidArgument(
                    f"Both `{name}` and `task_run_id` were provided but the task found using `task_run_id` has a "
                    f"different {what}! `{name} == {given!r:.100}` and `result.{name} == {found!r:.100}`"
                )

    def __repr__(self) -> str:
        with self._fetched.lock:
            cached = len(self._fetched.finished)
        has_labels = self._record.labels is not None
        words = f"labels={self.labels!r}" if has_labels else f"tags={self.tags!r}"
        return (
            f"FlowRunView(flow_run_id={self.flow_run_id!r}, name={self.name!r}, state={self.state!r}, "
            f"{words}, cached_task_runs={cached})"
        )
