"""Everything that the client of Prefect 1.4.1 reads of some flow runs, as JSON.

Runs inside the oracle's environment, with the client as it is:
    python oracle_dump.py FILE FLOW_RUN_ID…

`our_dump.py` writes the same of our views. What is put alike on both sides:
- lists whose order 1.4.1 does not define (`get_all_task_runs`, `get_task_run_ids`) are sorted by id;
- times are ISO 8601 texts in UTC, since pendulum 2 and 3 print zones differently;
- objects that 1.4.1 makes of JSON (states, storage, run configuration) are serialised by 1.4.1;
- a flow run's repr shows its labels as a list, not as `BoxList([…])`.
"""

import json
import re
import sys

import pendulum
import prefect
from prefect.backend import FlowRunView, TaskRunView
from prefect.engine.state import State
from prefect.serialization.run_config import RunConfigSchema
from prefect.serialization.storage import StorageSchema

PREDICATES = sorted(name for name in dir(State) if name.startswith("is_"))
FAR_FUTURE = pendulum.datetime(2100, 1, 1)


def time(moment):
    return moment.in_timezone("UTC").isoformat()


def state(found):
    moment = getattr(found, "timestamp", None)
    return {
        "type": type(found).__name__,
        "message": found.message,
        "repr": repr(found),
        "color": found.color,
        "serialized": found.serialize(),
        "timestamp": time(moment) if moment else None,
        **{name: getattr(found, name)() for name in PREDICATES},
    }


def task_run(view):
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


def flow(view):
    return {
        "flow_id": view.flow_id,
        "name": view.name,
        "project_name": view.project_name,
        "settings": view.settings,
        "run_config": view.run_config if isinstance(view.run_config, dict) else run_config(view),
        "serialized_flow": view.serialized_flow,
        "archived": view.archived,
        "core_version": view.core_version,
        "storage": StorageSchema().dump(view.storage),
        "flow_group_labels": view.flow_group_labels,
        "repr": repr(view),
    }


def run_config(view):
    return None if view.run_config is None else RunConfigSchema().dump(view.run_config)


def flow_run(flow_run_id):
    view = FlowRunView.from_flow_run_id(flow_run_id)
    all_task_runs = sorted(view.get_all_task_runs(), key=lambda found: found.task_run_id)
    return {
        "repr": re.sub(
            r"BoxList\((\[.*?\])\)", r"\1", repr(FlowRunView.from_flow_run_id(flow_run_id))
        ),
        "flow_run_id": view.flow_run_id,
        "name": view.name,
        "flow_id": view.flow_id,
        "labels": list(view.labels),
        "parameters": view.parameters,
        "context": view.context,
        "updated_at": time(view.updated_at),
        "run_config": run_config(view),
        "state": state(view.state),
        "states": [state(found) for found in view.states],
        "flow": flow(view.get_flow_metadata()),
        "logs": [
            [time(log.timestamp), log.level, log.message]
            for log in view.get_logs(end_time=FAR_FUTURE)
        ],
        "task_run_ids": sorted(view.get_task_run_ids()),
        "all_task_runs": [task_run(found) for found in all_task_runs],
        "task_runs_by_id": [
            task_run(TaskRunView.from_task_run_id(found.task_run_id)) for found in all_task_runs
        ],
        "task_runs_by_slug": [
            task_run(
                FlowRunView.from_flow_run_id(flow_run_id).get_task_run(
                    task_slug=found.task_slug, map_index=found.map_index
                )
            )
            for found in all_task_runs
        ],
        "children": {
            found.task_run_id: [task_run(child) for child in found.iter_mapped()]
            for found in all_task_runs
            if found.state.is_mapped()
        },
    }


if __name__ == "__main__":
    dump = {flow_run_id: flow_run(flow_run_id) for flow_run_id in sys.argv[2:]}
    with open(sys.argv[1], "w") as file:
        json.dump({"version": prefect.__version__, "flow_runs": dump}, file)
