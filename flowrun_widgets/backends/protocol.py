"""What views ask of a source, whichever it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pendulum import DateTime

    from flowrun_widgets.log_columns import LogColumns
    from flowrun_widgets.records import (
        AgentRecord,
        ArtifactRecord,
        FlowRecord,
        FlowRunRecord,
        TaskGraph,
        TaskRunRecord,
        TenantRecord,
        TimelineBar,
    )

__all__ = ["Backend", "Latest", "LogPeek", "LogRead", "TaskRunRead"]


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
class LogPeek:
    """The ends of a log, for a look at a run before all of it is there. Labels of task runs may be missing."""

    first: LogColumns
    """The oldest lines; of a failed run with a long log, its oldest errors."""
    last: LogColumns
    """The newest lines."""
    is_whole: bool
    """Whether `last` is every line that there is."""


class Backend(Protocol):
    """One source of flow runs. Safe for threads. Errors are those of `flowrun_widgets.errors`."""

    label: str
    """What people call it: "Prefect 1", "local store"."""
    url: str
    """Where it is, without any secret; views of equal `url` are of the same source."""
    is_paged: bool
    """Whether a long log takes many requests, so that a look at its ends is worth having first."""
    has_agents: bool
    """Whether runs are started by agents, which can be listed."""

    def flow_run(self, flow_run_id: str) -> FlowRunRecord:
        """Return one flow run with its history. NotFound if there is none."""
        ...

    def reopened(self, known: FlowRunRecord) -> FlowRunRecord:
        """Return the run as it is now, in one request if nothing happened since `known`, a record of a finished run."""
        ...

    def latest(
        self, flow_run_id: str, logs_cursor: object | None, task_runs_cursor: object | None
    ) -> Latest:
        """Return the run as it is now, and what is new since the cursors; None asks for no such part."""
        ...

    def flow_runs(
        self,
        flow_name: str | None,
        state: str | None,
        limit: int,
        *,
        since: DateTime | None = None,
        until: DateTime | None = None,
    ) -> Sequence[FlowRunRecord]:
        """Return the newest flow runs, newest first: of a flow, in a state, from a time on, up to a time.

        The time of a run is when it began, else when it was due; both ends belong to the span. `state` is the name of one of our state classes, which takes in those below it ("failed": TimedOut, Crashed, …),
        or the server's own word for a state; upper and lower case are the same.
        """
        ...

    def subflow_runs(self, flow_run_id: str) -> Sequence[FlowRunRecord]:
        """Return the runs that this run called as sub-flows, oldest first; Prefect 1 has none."""
        ...

    def artifacts(self, flow_run_id: str) -> Sequence[ArtifactRecord]:
        """Return what the run left for people to see, oldest first."""
        ...

    def timeline(self, flow_run_id: str) -> Sequence[TimelineBar]:
        """Return what the run executed so far, by when it started."""
        ...

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
        ...

    def log_peek(self, flow_run_id: str, *, errors_first: bool) -> LogPeek:
        """Return the newest lines and the oldest, or with `errors_first` the oldest errors: two requests at most."""
        ...

    def logs_with_subflows(
        self,
        run: FlowRunRecord,
        start: DateTime | None,
        end: DateTime | None,
        *,
        min_level: int | None = None,
    ) -> LogColumns:
        """Return the lines of a run and of all runs below it, with the column `flow_run`."""
        ...

    def task_runs(self, flow_run_id: str) -> TaskRunRead:
        """Return every task run of a run with its history, by task and map index."""
        ...

    def static_task_runs(self, flow_run_id: str) -> Sequence[TaskRunRecord] | None:
        """Return the task runs of a run that are no mapped children, in the order of `task_runs`.

        None where the source numbers no mapped children: then they are all of them.
        """
        ...

    def unsuccessful_task_runs(self, flow_run_id: str, limit: int) -> Sequence[TaskRunRecord]:
        """Return task runs of a run that failed or have not begun, at most `limit`: what its digest is about."""
        ...

    def task_graph(self, flow_run_id: str) -> TaskGraph | None:
        """Return which tasks decide the state of a run of this flow, and what each waits for.

        None where no such thing is registered: then the code of the flow decides.
        """
        ...

    def mapped_children(
        self, flow_run_id: str, task_slug: str, first: int, limit: int | None
    ) -> Sequence[TaskRunRecord]:
        """Return the mapped children of a task from this map index on, by map index; at most `limit`.

        InvalidArgument where the source numbers no mapped children.
        """
        ...

    def task_run_ids(self, flow_run_id: str) -> Sequence[str]:
        """Return the ids of every task run of a run, in the order of `task_runs`."""
        ...

    def task_run(self, task_run_id: str) -> TaskRunRecord:
        """Return one task run. NotFound if there is none."""
        ...

    def task_run_by_slug(self, flow_run_id: str, task_slug: str, map_index: int) -> TaskRunRecord:
        """Return the task run of a task in a run. NotFound if there is none, Ambiguous if several fit."""
        ...

    def flow(self, flow_id: str) -> FlowRecord:
        """Return the flow as it was registered. NotFound if there is none."""
        ...

    def flow_of_group(self, flow_group_id: str) -> FlowRecord:
        """Return the flow of a group that was registered last. NotFound if there is none."""
        ...

    def flows_named(self, flow_name: str, project_name: str | None) -> Sequence[FlowRecord]:
        """Return the flows of a name that no newer version replaced, registered last first.

        They are those of a project; of all if it is "", of none if it is None.
        """
        ...

    def tenants(self, tenant_id: str | None) -> Sequence[TenantRecord]:
        """Return the tenant of an id, or without one that of the connection: none or one."""
        ...

    def agents(self) -> Sequence[AgentRecord]:
        """Return every agent that there is, in no order."""
        ...

    def graphql(self, document: str, variables: Mapping[str, Any] | None) -> dict[str, Any]:
        """Return `{"data": …}`. QueryRejected where the source speaks no GraphQL."""
        ...

    def close(self) -> None:
        """Let sockets and files go."""
        ...
