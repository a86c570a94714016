"""The source `Prefect3`: a server, or one workspace of Cloud."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from flowrun_widgets.backends.asked import check_ids
from flowrun_widgets.backends.prefect3 import wire
from flowrun_widgets.backends.prefect3.api import Api
from flowrun_widgets.backends.prefect3.aside import Aside
from flowrun_widgets.backends.prefect3.events import EventStream
from flowrun_widgets.backends.prefect3.flow_runs import HISTORY, FlowRuns
from flowrun_widgets.backends.prefect3.logs import LogCursor, LogFilter, Logs
from flowrun_widgets.backends.prefect3.mapping import (
    artifact_records,
    flow_record,
    task_run_record,
    timeline,
)
from flowrun_widgets.backends.prefect3.named import check_not_mapped, of_task, only_one
from flowrun_widgets.backends.prefect3.paging import offset_pages
from flowrun_widgets.backends.prefect3.refusals import either
from flowrun_widgets.backends.prefect3.states import ENDED_TYPES
from flowrun_widgets.backends.prefect3.task_runs import TaskRunCursor, TaskRuns
from flowrun_widgets.backends.prefect3.ui import Ui
from flowrun_widgets.backends.protocol import (
    Backend,
    Extent,
    Latest,
    Listening,
    LogPeek,
    LogRead,
    Reopened,
    TaskRunRead,
    timeline_of,
)
from flowrun_widgets.backends.together import together
from flowrun_widgets.containers import FrozenDict
from flowrun_widgets.times import isoformat

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from pendulum import DateTime

    from flowrun_widgets.backends.run_filter import RunFilter
    from flowrun_widgets.backends.transport import Transport
    from flowrun_widgets.log_columns import LogColumns
    from flowrun_widgets.records import (
        ArtifactRecord,
        FlowRecord,
        FlowRunRecord,
        TaskRunRecord,
        TimelineBar,
    )

__all__ = ["Prefect3"]

logger = logging.getLogger("flowrun_widgets")

LATE_LINES, LATE_TASK_RUNS = "late lines", "late task runs"


class Prefect3(Backend):
    """A Prefect 3 server or a workspace of Cloud."""

    label = "Prefect 3"
    is_paged = True

    def __init__(self, transport: Transport, ui_url: str | None = None) -> None:
        """`ui_url` is the address of the UI, if configured; else the server names it."""
        self.url = transport.url
        self.requests_per_minute = transport.requests_per_minute
        self._api = Api(transport)
        self._ui = Ui(self._api, ui_url)
        self._flow_runs = FlowRuns(self._api, self._ui)
        self._task_runs = TaskRuns(self._api)
        self._logs = Logs(self._api, self._labels)
        self._events = EventStream(transport)

    def note_page_root(self, root: str) -> None:
        """Note the address of the UI."""
        self._ui.note(root)

    def flow_run(self, flow_run_id: str) -> FlowRunRecord:
        """Return one flow run with its history: two parallel requests, and one if the flow is not known yet.

        The first run of a connection costs one more request, for the address of the UI.
        """
        return self._flow_runs.opened(flow_run_id)

    def reopened(self, known: FlowRunRecord, copied: Extent) -> Reopened:
        """Return the current run: three parallel requests, and one for the history if the state changed.

        The flow's name is taken from `known`.
        """
        aside = Aside()
        run, *has_more, _ = together(
            lambda: self._flow_runs.one(known.id),
            lambda: aside.ask(
                LATE_LINES, lambda: self._logs.has_more(known.id, copied.lines), False
            ),
            lambda: aside.ask(
                LATE_TASK_RUNS,
                lambda: self._task_runs.has_more(
                    known.id, copied.task_runs, copied.ended_task_runs
                ),
                False,
            ),
            self._ui.learn,
        )
        record = self._flow_runs.again(known, run, aside)
        return Reopened(record, is_whole=not any(has_more))

    def latest(
        self, flow_run_id: str, logs_cursor: object | None, task_runs_cursor: object | None
    ) -> Latest:
        """Return the run and what is new since the cursors.

        Costs one request for each of the three parts, in parallel, and one for the history if the state changed. When
        the run has ended, one request for each part checks that nothing is missing, and missing parts are read; from
        then on these checks replace the requests for what is new.
        """
        ended_in = self._flow_runs.ended_in(flow_run_id)
        questions: list[Any] = [lambda: self._flow_runs.one(flow_run_id)]
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
        aside = Aside()
        if run.state is not None and run.state.type in ENDED_TYPES:
            logs, tasks = self._completed(run, logs_cursor, logs, tasks, aside)
        return Latest(self._flow_runs.latest(run, aside), logs, tasks)

    def flow_runs(self, chosen: RunFilter, limit: int | None = None) -> Iterator[FlowRunRecord]:
        """Yield the newest flow runs, sorted by when they began or else were due, without histories.

        Costs one request per page of 200 and one for the names of a page's flows; with `only_begun` one more, for the
        runs that are running. Parameters are compared here, since the server cannot: every run is requested until
        enough match.
        """
        return self._flow_runs.newest(chosen, limit)

    def subflow_runs(self, flow_run_id: str) -> Sequence[FlowRunRecord]:
        """Return the sub-flow runs that this run called, without histories, at the cost of `flow_runs`."""
        return self._flow_runs.records(self._flow_runs.below([flow_run_id]))

    def artifacts(self, flow_run_id: str) -> Sequence[ArtifactRecord]:
        """Return every version of the run's artifacts: one request per page of 200."""
        body = {"artifacts": {"flow_run_id": {"any_": [flow_run_id]}}, "sort": "ID_DESC"}
        pages = offset_pages(
            lambda offset: self._api.page("/artifacts/filter", body, wire.Artifact, offset=offset),
            lambda: self._api.page_size,
        )
        found = [one for page in pages for one in page]
        check_ids((one.flow_run_id for one in found), (flow_run_id,), "flow run", self.url)
        return artifact_records(found)

    def timeline(self, flow_run_id: str) -> Sequence[TimelineBar]:
        """Return what the run has executed so far: one request, or those of `task_runs` if the graph is not available.

        A server returns graphs of up to 10,000 nodes.
        """
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
        """Return the run's lines: one request per page of 200, and one or a few for the labels of task runs."""
        chosen = None if task_run_ids is None else tuple(task_run_ids)
        span = LogFilter((flow_run_id,), _text(start), _text(end))

        def all_of_them() -> LogRead:
            read = self._logs.read(span)
            return LogRead(read.columns.chosen(min_level, chosen), read.cursor)

        read = either(
            lambda: self._logs.read(replace(span, min_level=min_level, task_run_ids=chosen)),
            all_of_them,
        )
        # The server's `after_` includes lines with exactly that timestamp.
        return read if start is None else LogRead(read.columns.between(start, None), read.cursor)

    def log_peek(self, flow_run_id: str, *, errors_first: bool) -> LogPeek:
        """Return the last page and the first (with `errors_first`, the first of errors): two parallel requests."""
        run = LogFilter((flow_run_id,))
        errors = replace(run, min_level=logging.ERROR) if errors_first else run
        (oldest, _), (newest, is_whole) = together(
            lambda: either(
                lambda: self._logs.edge(errors, newest=False),
                lambda: self._logs.edge(run, newest=False),
            ),
            lambda: self._logs.edge(run, newest=True),
        )
        return LogPeek(oldest, newest, is_whole)

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
        """Return the lines at one end of a log: a request for each 200, and with `has_labels` one for the labels.

        A server that cannot choose the flow's own lines is asked for all, and those among them are returned.
        """
        whole = LogFilter((flow_run_id,), before=_text(until), min_level=min_level)
        ids = tuple(task_run_ids or ())
        if task_run_ids is None:
            columns = self._logs.end(whole, count, is_newest=is_newest)
        elif ids:
            wanted = replace(whole, task_run_ids=ids)
            columns = self._logs.end(wanted, count, is_newest=is_newest)
        else:
            columns = either(
                lambda: self._logs.end(replace(whole, is_of_flow=True), count, is_newest=is_newest),
                lambda: self._logs.end(whole, count, is_newest=is_newest),
            ).of_flow()
        if not has_labels:
            return columns
        return columns.labelled(self._labels(flow_run_id, {}, columns.task_run_ids()))

    def logs_with_subflows(
        self,
        run: FlowRunRecord,
        start: DateTime | None,
        end: DateTime | None,
        *,
        min_level: int | None = None,
    ) -> LogColumns:
        """Return the lines of a run and all its sub-flow runs in one walk, and a request or more per level of them."""
        names, parents = {run.id: run.name or run.id}, [run.id]
        while parents:
            below = [child for child in self._flow_runs.below(parents) if child.id not in names]
            names |= {child.id: child.name or child.id for child in below}
            parents = [child.id for child in below]
        span = LogFilter(tuple(names), _text(start), _text(end))
        columns = either(
            lambda: self._logs.together(replace(span, min_level=min_level), names),
            lambda: self._logs.together(span, names).chosen(min_level, None),
        )
        return columns if start is None else columns.between(start, None)

    def lines_of_runs(
        self, flow_run_ids: Sequence[str], min_level: int
    ) -> Mapping[str, LogColumns]:
        """Return the lines of several runs in one request; if there are over 200, those of some of the runs."""
        wanted = LogFilter(tuple(flow_run_ids), min_level=min_level)
        return self._logs.of_runs(wanted)

    def task_run_logs(self, task_run_id: str) -> LogColumns:
        """Return the lines of a task run that ran outside any flow run: one request per page, and one for its name."""
        return self._logs.read(LogFilter((), task_run_ids=(task_run_id,))).columns

    def task_runs(self, flow_run_id: str) -> TaskRunRead:
        """Return every task run, without histories: one request per page of 200.

        Rows that represent sub-flows are included, with `child_flow_run_id`.
        """
        return self._task_runs.read(flow_run_id, self._flow_runs.ended_in(flow_run_id))

    def task_runs_of(self, flow_run_ids: Sequence[str]) -> Mapping[str, Sequence[TaskRunRecord]]:
        """Return the task runs of several runs, without histories: one request per page of 200, 100 runs at a time."""
        return self._task_runs.of_runs(flow_run_ids)

    def unsuccessful_task_runs(self, flow_run_id: str, limit: int) -> Sequence[TaskRunRecord]:
        """Return the newest task runs that failed, crashed or never began, in one request; at most a page of them."""
        return self._task_runs.unsuccessful(flow_run_id, limit)

    def task_run(self, task_run_id: str) -> TaskRunRecord:
        """Return one task run with its history in two parallel requests; without the history if that request fails."""
        run, states = together(
            lambda: self._api.get(
                f"/task_runs/{task_run_id}", wire.TaskRun, what=f"task run {task_run_id}"
            ),
            lambda: Aside().ask(
                HISTORY,
                lambda: self._api.get(
                    "/task_run_states/",
                    list[wire.State],
                    what="states",
                    params={"task_run_id": task_run_id},
                ),
                None,
            ),
        )
        check_ids([run.id], (task_run_id,), "task run", self.url)
        return task_run_record(run, states)

    def task_run_by_slug(self, flow_run_id: str, task_slug: str, map_index: int) -> TaskRunRecord:
        """Return the task run with this name, else with this task key, else of the task with this name.

        Costs one request, another per 200 task runs if no task run has exactly this name, and two for the history.
        """
        check_not_mapped(map_index)
        named = list(self._task_runs.where(flow_run_id, name={"any_": [task_slug]}))
        found = named or of_task(self._task_runs.read(flow_run_id).records, task_slug)
        return self.task_run(only_one(found, flow_run_id, task_slug, self._api.nothing).id)

    def flow(self, flow_id: str) -> FlowRecord:
        """Return the flow, of which Prefect 3 stores little more than the name."""
        return flow_record(self._flow_runs.flow(flow_id))

    def flows_named(self, flow_name: str, project_name: str | None) -> Sequence[FlowRecord]:
        """Return the flow with this name in one request; names are unique, and there are no projects."""
        if project_name:
            return ()
        body = {"flows": {"name": {"any_": [flow_name]}}}
        return [flow_record(flow) for flow in self._api.page("/flows/filter", body, wire.Flow)]

    def listen(self, flow_run_id: str, hear: Callable[[], None]) -> Listening | None:
        """Call `hear` after each state change of the run and its task runs, through one socket for all runs."""
        return self._events.listen(flow_run_id, hear)

    def close(self) -> None:
        """Close the sockets."""
        self._events.close()
        self._api.close()

    def _completed(
        self,
        run: wire.FlowRun,
        logs_cursor: object | None,
        logs: LogRead | None,
        tasks: TaskRunRead | None,
        aside: Aside,
    ) -> tuple[LogRead | None, TaskRunRead | None]:
        """Return what was read of an ended run; parts from which something is missing are read again completely."""

        def whole_logs() -> LogRead | None:
            if logs is None or logs.cursor is logs_cursor or not isinstance(logs.cursor, LogCursor):
                return logs
            return self._logs.completed(run.id, logs, logs.cursor)

        def whole_tasks() -> TaskRunRead | None:
            if tasks is None or not isinstance(tasks.cursor, TaskRunCursor):
                return tasks
            return self._task_runs.completed(run.id, tasks, tasks.cursor, run.state_id)

        all_logs, all_tasks = together(
            lambda: aside.ask(LATE_LINES, whole_logs, logs),
            lambda: aside.ask(LATE_TASK_RUNS, whole_tasks, tasks),
        )
        return all_logs, all_tasks

    def _labels(
        self, flow_run_id: str | None, known: Mapping[str, str], task_run_ids: Sequence[str]
    ) -> Mapping[str, str]:
        """Return the labels of task runs: up to a page of them by id, more from the graph."""
        unknown = [key for key in task_run_ids if key not in known]
        if not unknown:
            return known
        labels = dict(known)
        if len(unknown) > self._api.page_size and flow_run_id is not None:
            graph = self._graph(flow_run_id)
            labels |= {node.id: node.label for _, node in graph.nodes} if graph else {}
            unknown = [key for key in unknown if key not in labels]
        aside = Aside()
        runs = aside.ask("names of task runs", lambda: self._task_runs.of_ids(unknown), [])
        for what, why in aside.missing.items():
            logger.warning(
                "Log lines of run %s are without %s, which could not be read: %s",
                flow_run_id,
                what,
                why,
            )
        labels |= {run.id: task_run_record(run).label for run in runs}
        return FrozenDict(labels)

    def _graph(self, flow_run_id: str) -> wire.Graph | None:
        """Return the graph of a run; None if it is larger than the server returns, or not available."""
        path = f"/flow_runs/{flow_run_id}/graph-v2"
        return Aside().ask("graph", lambda: self._api.get(path, wire.Graph, what="graph"), None)


def _text(moment: DateTime | None) -> str | None:
    return None if moment is None else isoformat(moment)
