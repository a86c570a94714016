"""Makes the graph of a flow run from its task runs and sub-flow runs, as the server does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowrun_widgets.backends.prefect3 import wire
from flowrun_widgets.backends.prefect3.mapping import upstream

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["graph_of"]


def graph_of(
    task_runs: Iterable[wire.TaskRun], below: Mapping[str, tuple[wire.FlowRun, str | None]]
) -> wire.Graph:
    """Return the graph; `below` are the sub-flow runs by the task runs that represent them, with their flows' names."""
    nodes: dict[str, wire.Node] = {}
    asked: dict[str, Iterable[str]] = {}
    for task_run in task_runs:
        node = _node(task_run, below.get(task_run.id))
        if node.start_time is not None:
            nodes[node.id] = node
            asked[node.id] = upstream(task_run.task_inputs or {})
    for key, ids in asked.items():
        nodes[key].parents = [wire.Edge(one) for one in ids if one in nodes]
    return wire.Graph(nodes=[*nodes.items()])


def _node(task_run: wire.TaskRun, below: tuple[wire.FlowRun, str | None] | None) -> wire.Node:
    state = task_run.state and task_run.state.type
    node = wire.Node(
        kind="task-run",
        id=task_run.id,
        label=task_run.name or task_run.id,
        state_type=state,
        start_time=task_run.start_time or task_run.expected_start_time,
        end_time=task_run.end_time,
    )
    if node.end_time is None and state == "COMPLETED":
        node.end_time = task_run.expected_start_time
    if below is not None:
        run, flow_name = below
        node.kind, node.id = "flow-run", run.id
        node.label = f"{flow_name} / {run.name}" if flow_name else node.label
        node.state_type = run.state.type if run.state else state
        node.start_time = run.start_time or run.expected_start_time or node.start_time
        node.end_time = run.end_time or node.end_time
    return node
