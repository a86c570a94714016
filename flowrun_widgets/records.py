"""Immutable records of what a server answered, with the same fields for every source.

A field that a source does not have keeps its default. Times are aware, in UTC.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from pendulum import DateTime

from flowrun_widgets.containers import FrozenDict, FrozenList
from flowrun_widgets.states import State

__all__ = [
    "AgentRecord",
    "ArtifactRecord",
    "FlowRecord",
    "FlowRunRecord",
    "TaskGraph",
    "TaskRunRecord",
    "TenantRecord",
    "TimelineBar",
    "beginnings",
]

_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")
"""The W3C's header, https://www.w3.org/TR/trace-context/#traceparent-header."""


@dataclass(frozen=True, slots=True)
class FlowRunRecord:
    """One flow run at one moment. `states` is its history, oldest first."""

    id: str
    name: str | None
    flow_id: str | None
    state: State
    states: tuple[State, ...] = ()
    flow_name: str | None = None
    project_name: str | None = None
    labels: FrozenList[str] | None = FrozenList()
    """The labels that Prefect 1's agents match; None: the source has no labels."""
    tags: FrozenList[str] = FrozenList()
    parameters: FrozenDict = FrozenDict()
    context: FrozenDict = FrozenDict()
    run_config: FrozenDict | None = None
    created_at: DateTime | None = None
    updated_at: DateTime | None = None
    scheduled_start_at: DateTime | None = None
    started_at: DateTime | None = None
    ended_at: DateTime | None = None
    ui_url: str | None = None
    """The address of the run in the server's own UI."""
    has_history: bool = True
    """Whether `states` is the whole history; lists of runs do not include it."""
    run_count: int | None = None
    """The server's count of starts; None: count them in the history."""
    total_run_seconds: float | None = None
    """The server's sum of run time over all attempts, up to the current state; None: sum it from the history."""
    parent_task_run_id: str | None = None
    """The task run that represents this run in the run that called it as a sub-flow."""
    deployment_id: str | None = None
    work_pool_name: str | None = None
    work_queue_name: str | None = None
    key_value_labels: FrozenDict = FrozenDict()
    """Prefect 3's labels, which are key-value pairs; Prefect 1's, which are words, are in `labels`."""
    extra: FrozenDict = FrozenDict()
    """Fields that only this source has, under the server's own names."""
    missing: FrozenDict = FrozenDict()
    """What the server did not deliver this time, such as "history", and why."""

    @property
    def trace_id(self) -> str | None:
        """The id of the OpenTelemetry trace that Prefect 3 notes in the run's labels, 32 hex digits."""
        found = _TRACEPARENT.fullmatch(str(self.key_value_labels.get("__OTEL_TRACEPARENT", "")))
        return None if found is None else found[1]

    @property
    def attempts(self) -> int:
        """How many times the run began."""
        return beginnings(self.states) if self.run_count is None else self.run_count

    def identity(self) -> tuple[object, ...]:
        """Return everything that was fetched, including the messages of states: equal records are equal answers."""
        return _identity(self)


@dataclass(frozen=True, slots=True)
class TaskRunRecord:
    """One task run at one moment."""

    id: str
    flow_run_id: str | None
    """None: the task ran outside any flow run."""
    state: State
    name: str | None = None
    task_id: str | None = None
    task_slug: str | None = None
    task_name: str | None = None
    map_index: int | None = -1
    """-1: not mapped. None: the source has no map index."""
    states: tuple[State, ...] = ()
    created_at: DateTime | None = None
    updated_at: DateTime | None = None
    started_at: DateTime | None = None
    ended_at: DateTime | None = None
    has_history: bool = True
    """Whether `states` is the whole history; Prefect 3's lists of task runs do not include it."""
    scheduled_start_at: DateTime | None = None
    run_count: int | None = None
    """The server's count of starts; None: count them in the history."""
    total_run_seconds: float | None = None
    """The server's sum of run time over all attempts, up to the current state; None: sum it from the history."""
    tags: FrozenList[str] = FrozenList()
    dynamic_key: str | None = None
    """Together with `task_slug`, identifies the task run within its flow run; Prefect 3 only."""
    child_flow_run_id: str | None = None
    """The sub-flow run that this task run represents."""
    is_held_up: bool = False
    """Whether the source says that an upstream task run kept it from starting; some states say so themselves."""
    upstream_ids: FrozenList[str] = FrozenList()
    """The task runs and sub-flow runs whose results were passed to it, as far as the source says."""
    extra: FrozenDict = FrozenDict()

    @property
    def attempts(self) -> int:
        """How many times the task run began; the rounds of a looping task are one attempt."""
        if self.run_count is not None:
            return self.run_count
        return beginnings(self.states) or int(self.started_at is not None)

    @property
    def place(self) -> tuple[str, int, str]:
        """The sort key among the task runs of its flow run: task and map index; on Prefect 3, when it was due."""
        if self.map_index is None:
            due = self.scheduled_start_at
            return "" if due is None else due.isoformat(timespec="microseconds"), -1, self.id
        return self.task_slug or "", self.map_index, self.id

    @property
    def label(self) -> str:
        """The name to show: its own name, or the task's name with the index of the mapped child: `load[7]`."""
        if self.name:
            return self.name
        task = self.task_name or self.task_slug or self.id
        return task if self.map_index is None or self.map_index < 0 else f"{task}[{self.map_index}]"

    def identity(self) -> tuple[object, ...]:
        """Return everything that was fetched."""
        return _identity(self)


@dataclass(frozen=True, slots=True)
class TaskGraph:
    """The tasks of a flow whose states decide the state of its runs, and what each task waits for."""

    reference_ids: frozenset[str] = frozenset()
    upstream_ids: FrozenDict = FrozenDict()
    """The ids of the tasks that each task waits for, by the id of the task."""


@dataclass(frozen=True, slots=True)
class TimelineBar:
    """A bar of a timeline: the label, state, times and dependencies of a task run or sub-flow run."""

    id: str
    label: str
    kind: Literal["task run", "flow run"]
    state: State | None
    """The current state; None: the source does not say."""
    started_at: DateTime | None
    ended_at: DateTime | None
    upstream_ids: FrozenList[str] = FrozenList()
    """The bars whose results were passed to it, as far as the source says."""


@dataclass(frozen=True, slots=True)
class ArtifactRecord:
    """An artifact that a run published."""

    id: str
    kind: str
    """`markdown`, `table`, `link`, `progress`, `image`, or whatever else the server calls it."""
    data: Any = None
    key: str | None = None
    description: str | None = None
    task_run_id: str | None = None
    created_at: DateTime | None = None

    def identity(self) -> tuple[object, ...]:
        """Return everything that was fetched."""
        return _identity(self)


@dataclass(frozen=True, slots=True)
class FlowRecord:
    """A flow as it was registered. `version`, `created_at` and the rest are None where a source does not have them."""

    id: str
    name: str
    project_name: str | None = None
    version: int | None = None
    archived: bool = False
    core_version: str | None = None
    settings: FrozenDict | None = None
    run_config: FrozenDict | None = None
    serialized_flow: FrozenDict | None = None
    storage: FrozenDict | None = None
    flow_group_id: str | None = None
    flow_group_labels: FrozenList[str] | None = None
    created_at: DateTime | None = None
    extra: FrozenDict = FrozenDict()

    def identity(self) -> tuple[object, ...]:
        """Return everything that was fetched."""
        return _identity(self)


@dataclass(frozen=True, slots=True)
class TenantRecord:
    """One tenant of a Prefect 1 server."""

    id: str
    name: str | None = None
    slug: str | None = None

    def identity(self) -> tuple[object, ...]:
        """Return everything that was fetched."""
        return _identity(self)


@dataclass(frozen=True, slots=True)
class AgentRecord:
    """A Prefect 1 agent: a process that starts the flow runs that match its labels."""

    id: str
    name: str | None = None
    labels: FrozenList[str] = FrozenList()
    last_queried_at: DateTime | None = None
    """When the agent last asked for work."""


def beginnings(states: Iterable[State]) -> int:
    """Return how many times a run with this history began; Cancelling and Looped continue the same attempt."""
    count, goes_on = 0, False
    for state in states:
        count += state.is_running() and not goes_on
        goes_on = state.is_running() or state.is_looped()
    return count


def _identity(record: Any) -> tuple[object, ...]:
    return tuple(_plain(getattr(record, name)) for name in type(record).__slots__)


def _plain(value: Any) -> object:
    if isinstance(value, State):
        return value.record()
    return tuple(map(_plain, value)) if type(value) is tuple else value
