"""Writes the same as `oracle_dump.py`, from our views."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import flowrun_widgets as fw
from flowrun_widgets.states import State
from flowrun_widgets.times import isoformat

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PREDICATES = sorted(name for name in dir(State) if name.startswith("is_"))
FAR_FUTURE = datetime(2100, 1, 1, tzinfo=UTC)


def dump(connection: fw.Connection, flow_run_ids: Iterable[str]) -> dict[str, Any]:
    """Return what our views say of these runs, as JSON would hold it."""
    said = {
        each: flow_run(fw.FlowRunView.from_flow_run_id(each, api=connection))
        for each in flow_run_ids
    }
    return json.loads(json.dumps(said))


def flow_run(view: fw.FlowRunView) -> dict[str, Any]:
    """Return everything of one run."""
    api = view.connection
    all_task_runs = sorted(view.get_all_task_runs(), key=lambda found: found.task_run_id)
    return {
        "repr": repr(fw.FlowRunView.from_flow_run_id(view.flow_run_id, api=api)),
        "flow_run_id": view.flow_run_id,
        "name": view.name,
        "flow_id": view.flow_id,
        "labels": view.labels,
        "parameters": view.parameters,
        "context": view.context,
        "updated_at": isoformat(view.updated_at),
        "run_config": view.run_config,
        "state": state(view.state),
        "states": [state(found) for found in view.states],
        "flow": flow(view.get_flow_metadata()),
        "logs": [
            [isoformat(log.timestamp), log.level, log.message]
            for log in view.get_logs(end_time=FAR_FUTURE)
        ],
        "task_run_ids": sorted(view.get_task_run_ids()),
        "all_task_runs": [task_run(found) for found in all_task_runs],
        "task_runs_by_id": [
            task_run(fw.TaskRunView.from_task_run_id(found.task_run_id, api=api))
            for found in all_task_runs
        ],
        "task_runs_by_slug": [
            task_run(
                fw.TaskRunView.from_task_slug(
                    found.task_slug, view.flow_run_id, found.map_index, api=api
                )
            )
            for found in all_task_runs
        ],
        "children": {
            found.task_run_id: [task_run(child) for child in children(view, found.task_slug)]
            for found in all_task_runs
            if found.state.is_mapped()
        },
    }


def children(view: fw.FlowRunView, task_slug: str) -> Iterator[fw.TaskRunView]:
    """Yield the mapped children from index 0 up to the first that is missing, as `iter_mapped` does."""
    map_index = 0
    while True:
        try:
            yield view.get_task_run(task_slug=task_slug, map_index=map_index)
        except fw.errors.NotFound:
            return
        map_index += 1


def state(found: State) -> dict[str, Any]:
    """Return one state."""
    return {
        "type": type(found).__name__,
        "message": found.message,
        "repr": repr(found),
        "color": found.color,
        "serialized": found.serialize(),
        "timestamp": isoformat(found.timestamp) if found.timestamp else None,
        **{name: getattr(found, name)() for name in PREDICATES},
    }


def task_run(view: fw.TaskRunView) -> dict[str, Any]:
    """Return one task run."""
    return {
        "task_run_id": view.task_run_id,
        "task_id": view.task_id,
        "task_slug": view.task_slug,
        "name": view.name,
        "map_index": view.map_index,
        "flow_run_id": view.flow_run_id,
        "state": state(view.state),
        "repr": repr(view),
    }


def flow(view: fw.FlowView) -> dict[str, Any]:
    """Return one flow."""
    return {
        "flow_id": view.flow_id,
        "name": view.name,
        "project_name": view.project_name,
        "settings": view.settings,
        "run_config": view.run_config,
        "serialized_flow": view.serialized_flow,
        "archived": view.archived,
        "core_version": view.core_version,
        "storage": view.storage,
        "flow_group_labels": view.flow_group_labels,
        "repr": repr(view),
    }
