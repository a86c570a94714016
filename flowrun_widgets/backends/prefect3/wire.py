"""The parts of Prefect 3's JSON that are read. Fields that a newer server adds are ignored."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec import Struct, field

__all__ = ["Artifact", "Edge", "Flow", "FlowRun", "Graph", "Line", "Node", "State", "TaskRun"]


class State(Struct, kw_only=True):
    """A state of a flow run or a task run."""

    type: str
    id: str | None = None
    name: str | None = None
    timestamp: datetime | None = None
    message: str | None = None
    data: Any = None
    state_details: dict[str, Any] | None = None


class FlowRun(Struct, kw_only=True):
    """A flow run. `estimated_run_time` is left out: it grows during the run and would make equal snapshots differ."""

    id: str
    name: str | None = None
    flow_id: str | None = None
    state_id: str | None = None
    state: State | None = None
    created: datetime | None = None
    updated: datetime | None = None
    expected_start_time: datetime | None = None
    next_scheduled_start_time: datetime | None = None
    start_time: datetime | None = None
    end_time: datetime | None = None
    parameters: dict[str, Any] | None = None
    context: dict[str, Any] | None = None
    tags: list[str] | None = None
    labels: dict[str, Any] | None = None
    run_count: int | None = None
    total_run_time: float | None = None
    parent_task_run_id: str | None = None
    deployment_id: str | None = None
    deployment_version: str | None = None
    flow_version: str | None = None
    work_pool_name: str | None = None
    work_queue_name: str | None = None
    idempotency_key: str | None = None
    auto_scheduled: bool | None = None
    infrastructure_pid: str | None = None
    created_by: dict[str, Any] | None = None
    job_variables: dict[str, Any] | None = None
    empirical_policy: dict[str, Any] | None = None


class TaskRun(Struct, kw_only=True):
    """A task run, or the row that represents a sub-flow in its parent."""

    id: str
    name: str | None = None
    flow_run_id: str | None = None
    task_key: str | None = None
    dynamic_key: str | None = None
    state: State | None = None
    created: datetime | None = None
    updated: datetime | None = None
    expected_start_time: datetime | None = None
    start_time: datetime | None = None
    end_time: datetime | None = None
    run_count: int | None = None
    total_run_time: float | None = None
    flow_run_run_count: int | None = None
    tags: list[str] | None = None
    labels: dict[str, Any] | None = None
    task_inputs: dict[str, Any] | None = None
    cache_key: str | None = None
    cache_expiration: datetime | None = None
    task_version: str | None = None
    empirical_policy: dict[str, Any] | None = None


class Flow(Struct, kw_only=True):
    """A flow: little more than its name."""

    id: str
    name: str
    created: datetime | None = None
    updated: datetime | None = None
    tags: list[str] | None = None
    labels: dict[str, Any] | None = None


class Line(Struct, kw_only=True, gc=False):
    """One log line. Times stay text: the keyset sends them back unchanged, and arrow parses them in bulk."""

    id: str
    timestamp: str
    level: int | None = None
    name: str | None = None
    message: str | None = None
    task_run_id: str | None = None
    flow_run_id: str | None = None
    created: str | None = None


class Edge(Struct):
    """The other end of a dependency."""

    id: str


class Node(Struct, kw_only=True):
    """A task run, or a sub-flow run (`kind` is `flow-run`), in the graph of a run."""

    kind: str
    id: str
    label: str
    state_type: str | None = None
    start_time: datetime | None = None
    end_time: datetime | None = None
    parents: list[Edge] = field(default_factory=list)


class Graph(Struct, kw_only=True):
    """What a run has executed so far, with its dependencies."""

    nodes: list[tuple[str, Node]]


class Artifact(Struct, kw_only=True):
    """An artifact that a flow published."""

    id: str
    key: str | None = None
    type: str | None = None
    description: str | None = None
    data: Any = None
    created: datetime | None = None
    updated: datetime | None = None
    flow_run_id: str | None = None
    task_run_id: str | None = None
