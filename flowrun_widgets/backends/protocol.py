"""What views ask of a source, whichever it is: what each has to answer, and what else some can."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flowrun_widgets.errors import InvalidArgument, NotFound, QueryRejected
from flowrun_widgets.log_columns import LogColumns
from flowrun_widgets.records import TimelineBar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from pendulum import DateTime

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
    "LogPeek",
    "LogRead",
    "Reopened",
    "TaskRunRead",
    "timeline_of",
]


@dataclass(frozen=True, slots=True)
class LogRead:
    """Log lines and the point up to which they were read. Only the source that made a cursor understands it."""

    columns: LogColumns
    cursor: object


@dataclass(frozen=True, slots=True)
class TaskRunRead:
    """Task runs in a stable order, and the point up to which they were read."""

    records: tuple[TaskRunRecord, ...]
    cursor: object


@dataclass(frozen=True, slots=True)
class Latest:
    """What one refresh brought. `logs` and `task_runs` hold only what is new since the cursors that were given."""

    record: FlowRunRecord
    logs: LogRead | None = None
    task_runs: TaskRunRead | None = None


@dataclass(frozen=True, slots=True)
class Extent:
    """How much of a finished run a copy has."""

    lines: int
    task_runs: int
    ended_task_runs: int


@dataclass(frozen=True, slots=True)
class Reopened:
    """A run of which there is a copy, as it is now."""

    record: FlowRunRecord
    is_whole: bool
    """Whether the copy has every line and every task run, and each in its last state, as far as numbers tell."""


@dataclass(frozen=True, slots=True)
class LogPeek:
    """The ends of a log, for a look at a run before all of it is there. Labels of task runs may be missing."""

    first: LogColumns
    """The oldest lines; of a failed run with a long log, its oldest errors."""
    last: LogColumns
    """The newest lines."""
    is_whole: bool
    """Whether `last` is every line that there is."""


class Backend(ABC):
    """One source of flow runs. Safe for threads. Errors are those of `flowrun_widgets.errors`.

    A source has to answer what is abstract here. The rest is what some sources know besides, or can answer at less cost:
    without it, views do with what every source has.
    """

    label: str
    """What people call it: "Prefect 1", "local store"."""
    url: str
    """Where it is, without any secret; views of equal `url` are of the same source."""
    is_paged: bool = False
    """Whether a long log takes many requests, so that a look at its ends is worth having first."""
    is_local: bool = False
    """Whether it is a file on this machine."""
    has_agents: bool = False
    """Whether runs are started by agents, which can be listed."""

    # What every source answers

    @abstractmethod
    def flow_run(self, flow_run_id: str) -> FlowRunRecord:
        """Return one flow run with its history. NotFound if there is none."""

    @abstractmethod
    def flow_runs(
        self,
        flow_name: str | None,
        state: str | None,
        limit: int,
        *,
        since: DateTime | None = None,
        until: DateTime | None = None,
        only_begun: bool = False,
        only_top_level: bool = False,
    ) -> Sequence[FlowRunRecord]:
        """Return the newest flow runs, newest first: of a flow, in a state, from a time on, up to a time.

        The time of a run is when it began, else when it was due; both ends belong to the span. `only_begun` leaves out
        those that are still to begin, and goes without `state`; `only_top_level` those that another run called. `state`
        is the name of one of our state classes, which takes in those below it ("failed": TimedOut, Crashed, …), or the
        server's own word for a state; upper and lower case are the same.
        """

    @abstractmethod
    def latest(
        self, flow_run_id: str, logs_cursor: object | None, task_runs_cursor: object | None
    ) -> Latest:
        """Return the run as it is now, and what is new since the cursors; None asks for no such part."""

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
        """Return the lines with `start < timestamp <= end`, those of task runs included; None is open.

        `min_level` and `task_run_ids` choose among them. The cursor of a choice is of no use for a refresh.
        """

    @abstractmethod
    def task_runs(self, flow_run_id: str) -> TaskRunRead:
        """Return every task run of a run with its history, by task and map index."""

    @abstractmethod
    def task_run(self, task_run_id: str) -> TaskRunRecord:
        """Return one task run. NotFound if there is none."""

    @abstractmethod
    def task_run_by_slug(self, flow_run_id: str, task_slug: str, map_index: int) -> TaskRunRecord:
        """Return the task run of a task in a run. NotFound if there is none, Ambiguous if several fit."""

    @abstractmethod
    def close(self) -> None:
        """Let sockets and files go."""

    # What some answer at less cost

    def reopened(self, known: FlowRunRecord, copied: Extent) -> Reopened:
        """Return the run as it is now, and whether there is more of it than a copy has, whose record is `known`.

        The answers are small, whatever the size of the run. A source that cannot tell has the copy read again.
        """
        return Reopened(self.flow_run(known.id), is_whole=False)

    def timeline(self, flow_run_id: str) -> Sequence[TimelineBar]:
        """Return what the run executed so far, by when it started."""
        return timeline_of(self.task_runs(flow_run_id).records)

    def log_peek(self, flow_run_id: str, *, errors_first: bool) -> LogPeek:
        """Return the newest lines and the oldest, or with `errors_first` the oldest errors: two requests at most.

        Where every line comes at once, it is every line.
        """
        columns = self.logs(flow_run_id, None, None).columns
        return LogPeek(columns, columns, is_whole=True)

    def unsuccessful_task_runs(self, flow_run_id: str, limit: int) -> Sequence[TaskRunRecord]:
        """Return task runs of a run that failed or have not begun, at most `limit`: what its digest is about."""
        records = self.task_runs(flow_run_id).records
        return [one for one in records if one.state.is_failed() or one.state.is_pending()][:limit]

    def task_run_ids(self, flow_run_id: str) -> Sequence[str]:
        """Return the ids of every task run of a run, in the order of `task_runs`."""
        return [record.id for record in self.task_runs(flow_run_id).records]

    # What some know besides

    def subflow_runs(self, flow_run_id: str) -> Sequence[FlowRunRecord]:
        """Return the runs that this run called as sub-flows, oldest first."""
        return ()

    def logs_with_subflows(
        self,
        run: FlowRunRecord,
        start: DateTime | None,
        end: DateTime | None,
        *,
        min_level: int | None = None,
    ) -> LogColumns:
        """Return the lines of a run and of all runs below it, with the column `flow_run`."""
        return self.logs(run.id, start, end, min_level=min_level).columns.of_flow_run(run.name)

    def artifacts(self, flow_run_id: str) -> Sequence[ArtifactRecord]:
        """Return what the run left for people to see, oldest first."""
        return ()

    def task_run_logs(self, task_run_id: str) -> LogColumns:
        """Return the lines of a task run that ran outside any flow run."""
        return LogColumns()

    def static_task_runs(self, flow_run_id: str) -> Sequence[TaskRunRecord] | None:
        """Return the task runs of a run that are not mapped children, in the order of `task_runs`.

        None where the source does not number mapped children: then they are all of them.
        """
        return None

    def mapped_children(
        self, flow_run_id: str, task_slug: str, first: int, limit: int | None
    ) -> Sequence[TaskRunRecord]:
        """Return the mapped children of a task from this map index on, by map index; at most `limit`.

        InvalidArgument where the source does not number mapped children.
        """
        raise InvalidArgument(f"{self.label} does not number mapped children: leave map_index out.")

    def task_graph(self, flow_run_id: str) -> TaskGraph | None:
        """Return which tasks decide the state of a run of this flow, and what each waits for.

        None where no such thing is registered: then the code of the flow decides.
        """
        return None

    def flow(self, flow_id: str) -> FlowRecord:
        """Return the flow as it was registered. NotFound if there is none."""
        raise NotFound(f"No flow {flow_id} at {self.url}: {self.label} does not register flows.")

    def flow_of_group(self, flow_group_id: str) -> FlowRecord:
        """Return the flow of a group that was registered last. NotFound if there is none."""
        raise NotFound(f"No flow group {flow_group_id} at {self.url}: {self.label} has none.")

    def flows_named(self, flow_name: str, project_name: str | None) -> Sequence[FlowRecord]:
        """Return the flows of a name that no newer version replaced, registered last first.

        They are those of a project; of all if it is "", of none if it is None.
        """
        return ()

    def tenants(self, tenant_id: str | None) -> Sequence[TenantRecord]:
        """Return the tenant of an id, or without one that of the connection: none or one."""
        return ()

    def agents(self) -> Sequence[AgentRecord]:
        """Return every agent that there is, in no order."""
        return ()

    def graphql(self, document: str, variables: Mapping[str, Any] | None) -> dict[str, Any]:
        """Return `{"data": …}`. QueryRejected where the source does not speak GraphQL."""
        raise QueryRejected(
            f"{self.url} is {self.label}, which does not speak GraphQL: use FlowRunView, fw.latest() or fw.open()."
        )

    def gateway_file(self) -> Path | None:
        """Return the store that the gateway extra answers GraphQL from; None: the source answers for itself."""
        return None

    def kept(self, flow_run_id: str) -> Mapping[str, Any] | None:
        """Return what was noted of a run when it was copied here; None: it is not a copy."""
        return None


def timeline_of(records: Iterable[TaskRunRecord]) -> list[TimelineBar]:
    """Return the bars of task runs that began, by when they started."""
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
