"""`Backend`, the interface of every source: the methods that each implements, and optional ones."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from flowrun_widgets.backends.progress import report
from flowrun_widgets.errors import InvalidArgument, NotFound, QueryRejected
from flowrun_widgets.log_columns import LogColumns
from flowrun_widgets.records import TimelineBar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from pendulum import DateTime

    from flowrun_widgets.backends.run_filter import RunFilter
    from flowrun_widgets.records import (
        AgentRecord,
        ArtifactRecord,
        FlowRecord,
        FlowRunRecord,
        TaskGraph,
        TaskRunRecord,
        TenantRecord,
    )

__all__ = [
    "Backend",
    "Extent",
    "Latest",
    "Listening",
    "LogPeek",
    "LogRead",
    "Reopened",
    "TaskRunRead",
    "timeline_of",
]


@dataclass(frozen=True, slots=True)
class LogRead:
    """Log lines, and a cursor for how far they were read. Only the source that made a cursor understands it."""

    columns: LogColumns
    cursor: object


@dataclass(frozen=True, slots=True)
class TaskRunRead:
    """Task runs in a stable order, and a cursor for how far they were read."""

    records: tuple[TaskRunRecord, ...]
    cursor: object


@dataclass(frozen=True, slots=True)
class Latest:
    """The result of one refresh. `logs` and `task_runs` hold only what is new since the cursors that were passed."""

    record: FlowRunRecord
    logs: LogRead | None = None
    task_runs: TaskRunRead | None = None


@dataclass(frozen=True, slots=True)
class Extent:
    """How many lines and task runs a copy of a finished run has."""

    lines: int
    task_runs: int
    ended_task_runs: int


@dataclass(frozen=True, slots=True)
class Reopened:
    """The current state of a run of which there is a copy."""

    record: FlowRunRecord
    is_whole: bool
    """Whether the copy has every line and every task run in its last state, as far as counts can tell."""


@dataclass(frozen=True, slots=True)
class LogPeek:
    """The first and last lines of a log, to show a run before all of it is read. Task run labels may be missing."""

    first: LogColumns
    """The oldest lines; for a failed run with a long log, its oldest errors."""
    last: LogColumns
    """The newest lines."""
    is_whole: bool
    """Whether `last` holds every line of the run."""


class Listening(Protocol):
    """A source that announces changes of one run."""

    @property
    def is_open(self) -> bool:
        """Whether changes are announced now; else they are found only by polling."""
        ...

    def close(self) -> None:
        """Listen no longer. It takes no lock, so that a finalizer may call it."""
        ...


class Backend(ABC):
    """A source of flow runs. Thread-safe. Errors are those of `flowrun_widgets.errors`.

    A source must implement the abstract methods. The other methods are for what only some sources know, or can answer
    at less cost; where a source lacks them, views use what every source has.
    """

    label: str
    """The name for users: "Prefect 1", "local store"."""
    url: str
    """The address, without any secret; views with equal `url` come from the same source."""
    is_paged: bool = False
    """Whether a long log takes some time, so that reading its ends first is worthwhile."""
    is_local: bool = False
    """Whether the source is a store or an archive, a file on this machine with copies of runs."""
    has_agents: bool = False
    """Whether agents start the runs and can be listed."""
    requests_per_minute: int | None = None
    """How many requests a minute the server allows, as far as is known."""

    # Methods that every source implements

    @abstractmethod
    def flow_run(self, flow_run_id: str) -> FlowRunRecord:
        """Return one flow run with its history. Raises NotFound if there is none."""

    @abstractmethod
    def flow_runs(self, chosen: RunFilter, limit: int | None = None) -> Iterator[FlowRunRecord]:
        """Yield the flow runs that match, newest first, at most `limit`; pages are requested when they are needed.

        Raises InvalidArgument for a condition that the source does not have.
        """

    @abstractmethod
    def latest(
        self, flow_run_id: str, logs_cursor: object | None, task_runs_cursor: object | None
    ) -> Latest:
        """Return the current run, and what is new since the cursors; None as a cursor omits that part."""

    @abstractmethod
    def logs(
        self,
        flow_run_id: str,
        start: DateTime | None,
        end: DateTime | None,
        *,
        min_level: int | None = None,
        task_run_ids: Sequence[str] | None = None,
    ) -> LogRead:
        """Return the lines with `start < timestamp <= end`, including those of task runs; None means no limit.

        `min_level` and `task_run_ids` filter them. The cursor of a filtered read cannot be used for a refresh.
        """

    @abstractmethod
    def task_runs(self, flow_run_id: str) -> TaskRunRead:
        """Return every task run of a run with its history, sorted by task and map index."""

    @abstractmethod
    def task_run(self, task_run_id: str) -> TaskRunRecord:
        """Return one task run. Raises NotFound if there is none."""

    @abstractmethod
    def task_run_by_slug(self, flow_run_id: str, task_slug: str, map_index: int) -> TaskRunRecord:
        """Return the task run of a task in a run. Raises NotFound if there is none, Ambiguous if several match."""

    @abstractmethod
    def close(self) -> None:
        """Close sockets and files."""

    def note_page_root(self, root: str) -> None:  # noqa: B027
        """Note the address of the UI, as a link that was pasted shows it, so that the server need not be asked for it."""

    # Methods that some sources implement at less cost

    def reopened(self, known: FlowRunRecord, copied: Extent) -> Reopened:
        """Return the current run, and whether the copy with the record `known` is complete.

        The answers are small, whatever the size of the run. Where a source cannot tell, the run is read again.
        """
        return Reopened(self.flow_run(known.id), is_whole=False)

    def listen(self, flow_run_id: str, hear: Callable[[], None]) -> Listening | None:
        """Call `hear` soon after each state change of a run that the source announces, on a thread of the source.

        `hear` is also called when announcements may have been missed. None where the source announces nothing.
        """
        return None

    def timeline(self, flow_run_id: str) -> Sequence[TimelineBar]:
        """Return what the run has executed so far, sorted by start time."""
        return timeline_of(self.task_runs(flow_run_id).records)

    def log_peek(self, flow_run_id: str, *, errors_first: bool) -> LogPeek:
        """Return the newest and the oldest lines (the oldest errors with `errors_first`) in at most two requests.

        A source that reads a log in one request returns every line.
        """
        columns = self.logs(flow_run_id, None, None).columns
        return LogPeek(columns, columns, is_whole=True)

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
        """Return the newest `count` lines that match, or the oldest ones; oldest first, without reading the others.

        They are not later than `until`, and of these task runs; no id at all means the flow's own lines. Without
        `has_labels` the labels of task runs may be missing, which saves a request where they cost one.
        """
        ids = task_run_ids or None
        read = self.logs(flow_run_id, None, until, min_level=min_level, task_run_ids=ids)
        columns = read.columns if task_run_ids is None or ids else read.columns.of_flow()
        return columns.end(count, is_newest=is_newest)

    def unsuccessful_task_runs(self, flow_run_id: str, limit: int) -> Sequence[TaskRunRecord]:
        """Return at most `limit` task runs of a run that failed or have not begun; the digest of the run shows them."""
        records = self.task_runs(flow_run_id).records
        return [one for one in records if one.state.is_failed() or one.state.is_pending()][:limit]

    def lines_of_runs(
        self, flow_run_ids: Sequence[str], min_level: int
    ) -> Mapping[str, LogColumns]:
        """Return the lines of at least this level of several runs, by the id of the run, in at most one request.

        A run that is not in the answer was not read, or does not exist. At least one run is read if any exists.
        """
        found: dict[str, LogColumns] = {}
        for flow_run_id in flow_run_ids:
            with suppress(NotFound):  # it was deleted since it was listed
                read = self.logs(flow_run_id, None, None, min_level=min_level)
                found[flow_run_id] = read.columns
            if not self.is_local and found:
                break
        return found

    def task_runs_of(self, flow_run_ids: Sequence[str]) -> Mapping[str, Sequence[TaskRunRecord]]:
        """Return the task runs of several runs by the ids of the runs, in the order of `task_runs`.

        Histories may be missing. A run that no longer exists is not in the answer, or has no task runs.
        """
        found: dict[str, Sequence[TaskRunRecord]] = {}
        for flow_run_id in flow_run_ids:
            with suppress(NotFound):
                found[flow_run_id] = self.task_runs(flow_run_id).records
            report("runs", len(found))
        return found

    def task_run_ids(self, flow_run_id: str) -> Sequence[str]:
        """Return the ids of every task run of a run, in the order of `task_runs`."""
        return [record.id for record in self.task_runs(flow_run_id).records]

    # Methods for what only some sources know

    def subflow_runs(self, flow_run_id: str) -> Sequence[FlowRunRecord]:
        """Return the sub-flow runs that this run called, oldest first."""
        return ()

    def logs_with_subflows(
        self,
        run: FlowRunRecord,
        start: DateTime | None,
        end: DateTime | None,
        *,
        min_level: int | None = None,
    ) -> LogColumns:
        """Return the lines of a run and all its sub-flow runs, at every depth, with the column `flow_run`."""
        return self.logs(run.id, start, end, min_level=min_level).columns.of_flow_run(run.name)

    def artifacts(self, flow_run_id: str) -> Sequence[ArtifactRecord]:
        """Return the artifacts of the run, oldest first."""
        return ()

    def task_run_logs(self, task_run_id: str) -> LogColumns:
        """Return the lines of a task run that ran outside any flow run."""
        return LogColumns()

    def static_task_runs(self, flow_run_id: str) -> Sequence[TaskRunRecord] | None:
        """Return the task runs of a run that are not mapped children, in the order of `task_runs`.

        None where the source does not number mapped children; then `task_runs` has all of them.
        """
        return None

    def mapped_children(
        self, flow_run_id: str, task_slug: str, first: int, limit: int | None
    ) -> Sequence[TaskRunRecord]:
        """Return at most `limit` mapped children of a task, starting at this map index, sorted by map index.

        Raises InvalidArgument where the source does not number mapped children.
        """
        raise InvalidArgument(
            f"{self.label} does not number mapped children: call this without map_index."
        )

    def task_graph(self, flow_run_id: str) -> TaskGraph | None:
        """Return which tasks decide the state of a run of this flow, and what each task waits for.

        None where the source does not register tasks; then the code of the flow decides.
        """
        return None

    def flow(self, flow_id: str) -> FlowRecord:
        """Return the flow as it was registered. Raises NotFound if there is none."""
        raise NotFound(f"No flow {flow_id} at {self.url}: {self.label} does not register flows.")

    def flow_of_group(self, flow_group_id: str) -> FlowRecord:
        """Return the flow of a group that was registered last. Raises NotFound if there is none."""
        raise NotFound(
            f"No flow group {flow_group_id} at {self.url}: {self.label} has no flow groups."
        )

    def flows_named(self, flow_name: str, project_name: str | None) -> Sequence[FlowRecord]:
        """Return the flows with a name that no newer version replaced, the last registered first.

        `project_name` limits them to a project; "" means all projects, None means flows without a project.
        """
        return ()

    def tenants(self, tenant_id: str | None) -> Sequence[TenantRecord]:
        """Return the tenant with this id, or without an id the tenant of the connection; empty if there is none."""
        return ()

    def agents(self) -> Sequence[AgentRecord]:
        """Return every agent, in no particular order."""
        return ()

    def graphql(self, document: str, variables: Mapping[str, Any] | None) -> dict[str, Any]:
        """Return `{"data": …}`. Raises QueryRejected where the source has no GraphQL API."""
        raise QueryRejected(
            f"{self.url} is {self.label}, which has no GraphQL API: use FlowRunView, fw.latest() or fw.open()."
        )

    def gateway_file(self) -> Path | None:
        """Return the store from which the gateway extra answers GraphQL; None: the source answers GraphQL itself."""
        return None

    def kept(self, flow_run_id: str) -> Mapping[str, Any] | None:
        """Return the notes that were stored with a run when it was copied here; None: the run is not a copy."""
        return None


def timeline_of(records: Iterable[TaskRunRecord]) -> list[TimelineBar]:
    """Return the bars of task runs that began, sorted by start time."""
    bars = [
        TimelineBar(
            record.child_flow_run_id or record.id,
            record.label,
            "task run" if record.child_flow_run_id is None else "flow run",
            record.state,
            record.started_at,
            record.ended_at,
            record.upstream_ids,
        )
        for record in records
        if record.started_at is not None
    ]
    return sorted(bars, key=lambda bar: (bar.started_at, bar.id))
