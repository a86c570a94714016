"""The view of a flow run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowrun_widgets.connection import source
from flowrun_widgets.containers import FrozenList
from flowrun_widgets.errors import InvalidArgument, NotFound
from flowrun_widgets.logs import FlowRunLogs
from flowrun_widgets.progress import shown_progress
from flowrun_widgets.query import running_times
from flowrun_widgets.records import FlowRunRecord
from flowrun_widgets.times import now
from flowrun_widgets.views.actions import FlowRunActions
from flowrun_widgets.views.flow import FlowView
from flowrun_widgets.views.held import Held
from flowrun_widgets.views.identifier import checked_id, checked_map_index, checked_text
from flowrun_widgets.views.log_choice import min_level_of, moment_of, task_run_ids_of
from flowrun_widgets.views.relations import FlowRunRelations
from flowrun_widgets.views.snapshot import Snapshot
from flowrun_widgets.views.task_run import TaskRunView

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    import pandas as pd
    from pendulum import DateTime

    from flowrun_widgets.connection import Connection
    from flowrun_widgets.containers import FrozenDict
    from flowrun_widgets.records import TaskRunRecord
    from flowrun_widgets.states import State

__all__ = ["FlowRunView"]


class FlowRunView(FlowRunActions, FlowRunRelations, Snapshot[FlowRunRecord]):
    """A flow run at the moment it was fetched.

    Immutable: attributes and containers refuse change, equal snapshots are `==` and hash alike, it pickles and copies.
    Attributes are free; calls may fetch, and say what they cost. In a notebook it shows itself as a card.
    """

    __slots__ = ("_as_of", "_held")

    _as_of: DateTime
    _held: Held

    def __init__(
        self,
        record: FlowRunRecord,
        connection: Connection,
        *,
        as_of: DateTime | None = None,
        held: Held | None = None,
    ) -> None:
        super().__init__(record, connection)
        self._keep(_as_of=as_of or now(), _held=held or Held())

    def __reduce__(self) -> tuple[Any, ...]:
        return _unpickled, (type(self), self._record, self._connection, self._as_of)

    @classmethod
    def from_flow_run_id(
        cls,
        flow_run_id: str,
        load_static_tasks: bool = False,
        _cached_task_runs: Iterable[TaskRunView] | None = None,
        *,
        api: Connection | None = None,
    ) -> FlowRunView:
        """Fetch a flow run.

        Args:
            flow_run_id: the run's id, a UUID.
            load_static_tasks: fetch its task runs as well, but no mapped children; on Prefect 3 all of them.
            api: where from; the ambient connection if None.

        Costs one request, on Prefect 3 three in two rounds; with `load_static_tasks` one more, on Prefect 3 what
        `get_all_task_runs()` costs. A finished
        run that the local library holds costs one, and then nothing for its log and task runs; one that the server has
        forgotten comes from there, and its `connection` says so.

        Raises:
            InvalidArgument: not an id.
            NotFound: no such run.
            BackendError: the server did not do its part.
        """
        connection = source(api)
        view = cls(*connection.flow_run(checked_id(flow_run_id, "flow_run_id")))
        view._held.keep(task_run.record for task_run in _cached_task_runs or ())
        if load_static_tasks:
            view._load_static_tasks()
        return view

    @property
    def flow_run_id(self) -> str:
        """The run's id."""
        return self._record.id

    @property
    def name(self) -> str | None:
        """The run's name, such as "amber-heron"."""
        return self._record.name

    @property
    def flow_id(self) -> str | None:
        """The id of the flow that ran."""
        return self._record.flow_id

    @property
    def flow_name(self) -> str | None:
        """The name of the flow that ran."""
        return self._record.flow_name

    @property
    def project_name(self) -> str | None:
        """The flow's project; Prefect 1 only."""
        return self._record.project_name

    @property
    def state(self) -> State:
        """The state it was in."""
        return self._record.state

    @property
    def result_location(self) -> str | None:
        """Where the run's result is stored, in its storage's own words; None: nowhere."""
        return self._record.state.stored_result.location

    @property
    def states(self) -> tuple[State, ...]:
        """Its history, oldest first, each state with `timestamp`."""
        return self._record.states

    @property
    def labels(self) -> FrozenList[str]:
        """Prefect 1's agent labels; empty on Prefect 3, which has tags."""
        return self._record.labels or FrozenList()

    @property
    def tags(self) -> FrozenList[str]:
        """Prefect 3's tags."""
        return self._record.tags

    @property
    def parameters(self) -> FrozenDict:
        """What the flow was called with."""
        return self._record.parameters

    @property
    def context(self) -> FrozenDict:
        """The context it was created with."""
        return self._record.context

    @property
    def run_config(self) -> FrozenDict | None:
        """How it was started."""
        return self._record.run_config

    @property
    def created_at(self) -> DateTime | None:
        """When it was created."""
        return self._record.created_at

    @property
    def updated_at(self) -> DateTime | None:
        """When the server last changed its row; log lines do not count."""
        return self._record.updated_at

    @property
    def scheduled_start_at(self) -> DateTime | None:
        """When it was to begin."""
        return self._record.scheduled_start_at

    @property
    def started_at(self) -> DateTime | None:
        """When it began."""
        return self._record.started_at

    @property
    def ended_at(self) -> DateTime | None:
        """When it ended."""
        return self._record.ended_at

    @property
    def as_of(self) -> DateTime:
        """When this snapshot was fetched, by this machine's clock."""
        return self._as_of

    @property
    def ui_url(self) -> str | None:
        """Where the server's own UI shows the run, if it is known."""
        return self._record.ui_url

    @property
    def record(self) -> FlowRunRecord:
        """Everything that was fetched."""
        return self._record

    @property
    def connection(self) -> Connection:
        """Where it came from."""
        return self._connection

    def get_latest(self, load_static_tasks: bool = False) -> FlowRunView:
        """Return the run as it is now, as a new view; this one stays as it is.

        The new view takes over finished task runs and the flow, and, if they were read, the log and the task runs:
        of those only what is new is asked for. Costs one request on Prefect 1, none on the store; on Prefect 3 one for
        each of the three, one more if the state changed, and once the run has ended one for the log and one for the
        task runs, to see that no late one is missing.

        Raises:
            NotFound: the run was deleted.
        """
        held = self._held
        with held.lock:
            logs, tasks = held.logs, held.task_runs
        latest = self._connection.backend.latest(
            self.flow_run_id, logs.cursor if logs else None, tasks.cursor if tasks else None
        )
        view = type(self)(latest.record, self._connection, held=held.after(latest))
        if latest.record.state.record() == self.state.record():
            view._held.background = held.background
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
        """Return the run's log lines, oldest first, those of its task runs included.

        Without arguments: every line that the server has by the first call; later calls return the same, and
        `get_latest()` adds what came since. Costs one request on Prefect 1, one for each 200 lines and one or a few for
        the names of task runs on Prefect 3, none on the store; the second call is free.

        Args:
            start_time: only lines later than that: a time or its ISO 8601 text, in UTC if it names no zone.
            end_time: only lines not later than that.
            level: only lines of this level or graver: 30 or "warning".
            task: only lines of this task, by the label, slug, task name or id of its task runs.
            subflows: the lines of the runs below this one as well, in one stream with the column `flow_run`.

        With arguments only these lines are asked for, unless every line is there already. `where("attempt:2")` counts
        attempts from the histories of task runs, if `get_all_task_runs()` has read them.

        Raises:
            InvalidArgument: not a time, not a level.
            NotFound: the run was deleted, or it has no such task.
            BackendError: the server did not do its part; it says how many lines had been read.
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
        task_run_ids = None if task is None else task_run_ids_of(self, task)
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
        held = self._held
        if held.logs is None and (min_level is not None or task_run_ids is not None):
            read = backend.logs(
                self.flow_run_id, None, None, min_level=min_level, task_run_ids=task_run_ids
            )
            return FlowRunLogs(read.columns, redaction=redaction)
        with held.reading_logs:
            read = held.logs or backend.logs(self.flow_run_id, None, None)
            with held.lock:
                held.logs = read
        self._offer()
        return FlowRunLogs(
            read.columns.chosen(min_level, task_run_ids),
            began_at=self.started_at,
            running=None if held.task_runs is None else running_times(held.task_runs.records),
            redaction=redaction,
        )

    def get_flow_metadata(self, no_cache: bool = False) -> FlowView:
        """Return the flow as it was registered. Costs one request the first time, or with `no_cache`."""
        held = self._held
        with held.reading_flow:
            flow = None if no_cache else held.flow
            if flow is None:
                if self.flow_id is None:
                    raise NotFound(f"The flow run {self.flow_run_id} names no flow.")
                flow = self._connection.backend.flow(self.flow_id)
            with held.lock:
                held.flow = flow
        return FlowView(flow, self._connection)

    def get_task_run(
        self,
        task_slug: str | None = None,
        task_run_id: str | None = None,
        map_index: int | None = None,
    ) -> TaskRunView:
        """Return one task run, by the slug of its task or by its id.

        `map_index` names a mapped child. A finished task run is kept: asking again is free, else it costs one request.

        On Prefect 3, `task_slug` is the name of the task run ("load-3f1"), its task key ("load-3f14ab94") or the name
        of the task ("load"); there is no `map_index`. By id it costs two requests; by slug two more, or a page for each
        200 task runs.

        Raises:
            InvalidArgument: neither slug nor id, or they contradict.
            NotFound: no such task run in this flow run.
            Ambiguous: several fit; the error lists them.
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
        held = self._held
        with held.lock:
            held.keep([record])
        return TaskRunView(record, self._connection, held=held)

    def get_all_task_runs(self) -> list[TaskRunView]:
        """Return every task run, ordered by task and map index, on Prefect 3 by when it was due; there is no limit.

        Costs one request on Prefect 1, one for each 200 and one more on Prefect 3; none once the run and all its task
        runs are finished and were read. Prefect 3 lists them without histories (`get_task_run()` brings one), and with
        them the rows that stand for sub-flows, which have a `child_flow_run_id`.
        """
        held = self._held
        with held.reading_task_runs:
            read = held.task_runs
            is_final = self.state.is_finished() and read is not None
            if read is None or not (is_final and all(r.state.is_finished() for r in read.records)):
                with shown_progress():
                    read = self._connection.backend.task_runs(self.flow_run_id)
                with held.lock:
                    held.task_runs = read
                    held.keep(read.records)
        self._offer()
        return [TaskRunView(record, self._connection, held=held) for record in read.records]

    def get_task_run_ids(self) -> list[str]:
        """Return the ids of every task run. Costs one request, none once the run is finished and they were read."""
        held = self._held
        with held.reading_task_runs:
            ids = held.task_run_ids
            if not ids or not self.state.is_finished():
                ids = tuple(self._connection.backend.task_run_ids(self.flow_run_id))
                with held.lock:
                    held.task_run_ids = ids
        return list(ids)

    @property
    def task_run_ids(self) -> list[str]:
        """The same as `get_task_run_ids()`: the one property that asks the server."""
        return self.get_task_run_ids()

    def task_runs_frame(self) -> pd.DataFrame:
        """Return every task run as a DataFrame, in the order and at the cost of `get_all_task_runs()`.

        Columns: `task_run_id` str · `name` str (label) · `task_slug` str · `map_index` Int64 (-1: not mapped) ·
        `state` str (type) · `state_name` str · `message` str · `started_at`, `ended_at` datetime64[us, UTC] ·
        `duration_seconds` float64 (from start to end; missing while it goes on) · `attempts` int64 (how often it began
        to run) · `ran_seconds` float64 (of all its attempts, without the waits between them).
        """
        from flowrun_widgets.frames import task_runs_frame

        return task_runs_frame(view.record for view in self.get_all_task_runs())

    def states_frame(self) -> pd.DataFrame:
        """Return the history as a DataFrame, oldest first. Costs no request.

        Columns: `timestamp` datetime64[us, UTC] · `state` str (type) · `name` str · `message` str ·
        `duration_seconds` float64 (until the next state; missing for the last).
        """
        from flowrun_widgets.frames import states_frame

        return states_frame(self.states)

    def _load_static_tasks(self) -> None:
        records = self._connection.backend.static_task_runs(self.flow_run_id)
        if records is None:
            self.get_all_task_runs()
            return
        with self._held.lock:
            self._held.keep(records)

    def _offer(self) -> None:
        """Hand the run to the local library, once it has ended and all of it was read."""
        if not self.state.is_finished():
            return
        with self._held.lock:
            logs, task_runs, flow = self._held.logs, self._held.task_runs, self._held.flow
        if logs is not None and task_runs is not None:
            self._connection.offer(self._record, task_runs, logs, flow, self._as_of)

    def _task_run_by_id(self, task_run_id: str) -> TaskRunRecord:
        with self._held.lock:
            record = self._held.finished.get(task_run_id)
        if record is None or not record.has_history:
            record = self._connection.backend.task_run(task_run_id)
        if record.flow_run_id != self.flow_run_id:
            raise NotFound(
                f"The task run {task_run_id} belongs to another flow run, {record.flow_run_id}."
            )
        return record

    def _task_run_by_slug(self, task_slug: str, map_index: int) -> TaskRunRecord:
        with self._held.lock:
            for record in self._held.finished.values():
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
        with self._held.lock:
            cached = len(self._held.finished)
        has_labels = self._record.labels is not None
        words = f"labels={self.labels!r}" if has_labels else f"tags={self.tags!r}"
        return (
            f"FlowRunView(flow_run_id={self.flow_run_id!r}, name={self.name!r}, state={self.state!r}, "
            f"{words}, cached_task_runs={cached})"
        )


def _unpickled(
    cls: type[FlowRunView], record: FlowRunRecord, connection: Connection, as_of: DateTime
) -> FlowRunView:
    return cls(record, connection, as_of=as_of)
