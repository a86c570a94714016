"""The mutations that the Prefect 1.4.1 client and its agent send, applied to the tables."""

from __future__ import annotations

import base64
import gzip
import json
import uuid
from typing import Any

from tables import Row, Tables, now, timestamp

CORE_VERSION = "1.4.1"
_PENDING = {"Pending", "Scheduled", "Paused", "Resume", "Retrying", "Submitted", "Queued"}
_RUNNING = {"Running", "Cancelling"}
_SCHEDULED = {"Scheduled", "Paused", "Resume", "Retrying", "Queued"}


def server_state(kind: str, message: str, **extra: Any) -> Row:
    """Return a state as the server serializes one of its own making."""
    return {
        "message": message,
        "cached_inputs": {},
        "context": {},
        "_result": {"__version__": CORE_VERSION, "type": "NoResultType"},
        "__version__": CORE_VERSION,
        "type": kind,
        **extra,
    }


class Writes:
    """One method per mutation; each takes the mutation's input and returns its payload."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    # registration

    def create_tenant(self, name: str, slug: str) -> Row:
        return self._tables.insert("tenant", name=name, slug=slug)

    def create_project(self, name: str, tenant_id: str, description: str | None = None) -> Row:
        return self._tables.insert(
            "project", tenant_id=tenant_id, name=name, description=description
        )

    def create_flow_from_compressed_string(
        self,
        project_id: str,
        serialized_flow: str,
        set_schedule_active: bool = True,
        version_group_id: str | None = None,
    ) -> Row:
        flow = json.loads(gzip.decompress(base64.b64decode(serialized_flow)))
        project = self._tables.get("project", project_id)
        group = self._tables.insert(
            "flow_group",
            tenant_id=project["tenant_id"],
            name=version_group_id or str(uuid.uuid4()),
            settings={
                "heartbeat_enabled": True,
                "lazarus_enabled": True,
                "version_locking_enabled": False,
                "idempotency_key": None,
            },
        )
        return self._tables.insert(
            "flow",
            tenant_id=project["tenant_id"],
            project_id=project_id,
            flow_group_id=group["id"],
            version_group_id=group["name"],
            version=1,
            name=flow["name"],
            parameters=flow["parameters"],
            environment=flow.get("environment"),
            storage=flow["storage"],
            run_config=flow["run_config"],
            schedule=flow["schedule"],
            core_version=flow["__version__"],
            serialized_flow=flow,
        )

    def register_tasks(self, flow_id: str, serialized_tasks: list[Row]) -> Row:
        flow = self._tables.get("flow", flow_id)
        reference = {task["slug"] for task in flow["serialized_flow"]["reference_tasks"]}
        for task in serialized_tasks:
            self._tables.insert(
                "task",
                tenant_id=flow["tenant_id"],
                flow_id=flow_id,
                name=task["name"],
                slug=task["slug"],
                type=task["type"],
                max_retries=task.get("max_retries") or 0,
                retry_delay=_interval(task.get("retry_delay")),
                trigger=(task.get("trigger") or {}).get("fn"),
                auto_generated=task.get("auto_generated", False),
                cache_key=task.get("cache_key"),
                tags=task.get("tags") or [],
                is_root_task=True,
                is_terminal_task=True,
                is_reference_task=task["slug"] in reference,
            )
        return {"success": True}

    def register_edges(self, flow_id: str, serialized_edges: list[Row]) -> Row:
        tasks = {task["slug"]: task for task in self._tables.where("task", flow_id=flow_id)}
        for edge in serialized_edges:
            upstream = tasks[edge["upstream_task"]["slug"]]
            downstream = tasks[edge["downstream_task"]["slug"]]
            upstream["is_terminal_task"] = False
            downstream["is_root_task"] = False
            downstream["mapped"] = downstream["mapped"] or edge["mapped"]
            self._tables.insert(
                "edge",
                tenant_id=upstream["tenant_id"],
                flow_id=flow_id,
                upstream_task_id=upstream["id"],
                downstream_task_id=downstream["id"],
                key=edge["key"],
                mapped=edge["mapped"],
            )
        if not any(task["is_reference_task"] for task in tasks.values()):
            for task in tasks.values():
                task["is_reference_task"] = task["is_terminal_task"]
        return {"success": True}

    # flow runs

    def create_flow_run(
        self,
        flow_id: str,
        idempotency_key: str,
        flow_run_name: str,
        parameters: Row | None = None,
        context: Row | None = None,
    ) -> Row:
        flow = self._tables.get("flow", flow_id)
        scheduled_at = now()
        flow_run = self._tables.insert(
            "flow_run",
            tenant_id=flow["tenant_id"],
            flow_id=flow_id,
            name=flow_run_name,
            parameters=parameters or {},
            context=context or {},
            labels=sorted(flow["run_config"]["labels"]),
            run_config=flow["run_config"],
            idempotency_key=idempotency_key,
            scheduled_start_time=scheduled_at,
        )
        self._insert_state("flow_run", flow_run, server_state("Pending", "Flow run created"))
        scheduled = server_state("Scheduled", "Flow run scheduled.", start_time=scheduled_at)
        self._insert_state("flow_run", flow_run, scheduled)
        return flow_run

    def cancel_flow_run(self, flow_run_id: str) -> Row:
        flow_run = self._tables.get("flow_run", flow_run_id)
        if flow_run["state"] in _RUNNING:
            state = server_state("Cancelling", "Flow run is cancelling")
            self._set_flow_run_state(flow_run_id, state)
        elif flow_run["state"] in _PENDING:
            state = server_state("Cancelled", "Flow run is cancelled")
            self._set_flow_run_state(flow_run_id, state)
        return flow_run

    def update_flow_run_heartbeat(self, flow_run_id: str) -> Row:
        self._tables.update(self._tables.get("flow_run", flow_run_id), heartbeat=now())
        return {"success": True}

    def set_flow_run_states(self, states: list[Row]) -> Row:
        return {"states": [self._set_flow_run_state(s["flow_run_id"], s["state"]) for s in states]}

    def _set_flow_run_state(self, flow_run_id: str, state: Row) -> Row:
        flow_run = self._tables.get("flow_run", flow_run_id)
        if state["type"] == "Cancelled":
            for task_run in self._tables.where("task_run", flow_run_id=flow_run_id):
                if task_run["state"] in _PENDING | _RUNNING:
                    self._insert_state("task_run", task_run, state)
        row = self._insert_state("flow_run", flow_run, state)
        if state["type"] in _RUNNING | {"Submitted"}:
            self._tables.update(flow_run, heartbeat=now())
        return {"id": row["id"], "status": "SUCCESS", "message": None}

    # task runs

    def get_or_create_task_run_info(
        self, flow_run_id: str, task_id: str, map_index: int = -1
    ) -> Row:
        found = self._tables.where(
            "task_run", flow_run_id=flow_run_id, task_id=task_id, map_index=map_index
        )
        if found:
            return found[0]
        task = self._tables.get("task", task_id)
        task_run = self._tables.insert(
            "task_run",
            tenant_id=task["tenant_id"],
            flow_run_id=flow_run_id,
            task_id=task_id,
            map_index=map_index,
            cache_key=task["cache_key"],
        )
        self._insert_state("task_run", task_run, server_state("Pending", "Task run created"))
        return task_run

    def set_task_run_name(self, task_run_id: str, name: str) -> Row:
        self._tables.update(self._tables.get("task_run", task_run_id), name=name)
        return {"success": True}

    def set_task_run_states(self, states: list[Row]) -> Row:
        return {"states": [self._set_task_run_state(s["task_run_id"], s["state"]) for s in states]}

    def _set_task_run_state(self, task_run_id: str, state: Row) -> Row:
        task_run = self._tables.get("task_run", task_run_id)
        flow_run = self._tables.get("flow_run", task_run["flow_run_id"])
        if state["type"] in _RUNNING and flow_run["state"] != "Running":
            raise ValueError(
                f"State update failed for task run ID {task_run_id}: provided a running state "
                f"but associated flow run {flow_run['id']} is not in a running state."
            )
        row = self._insert_state("task_run", task_run, state)
        if state["type"] in _RUNNING:
            self._tables.update(task_run, heartbeat=now())
        return {"id": row["id"], "status": "SUCCESS", "message": None}

    def _insert_state(self, run_table: str, run: Row, state: Row) -> Row:
        start_time = state.get("start_time")
        return self._tables.insert(
            f"{run_table}_state",
            tenant_id=run["tenant_id"],
            **{f"{run_table}_id": run["id"]},
            version=run["version"] + 1,
            timestamp=now(),
            state=state["type"],
            message=state["message"],
            start_time=timestamp(start_time) if start_time else None,
            serialized_state=state,
        )

    # logs and agents

    def write_run_logs(self, logs: list[Row]) -> Row:
        arrived = now()
        for log in logs:
            flow_run = self._tables.get("flow_run", log["flow_run_id"])
            sent = log.get("timestamp")
            self._tables.insert(
                "log",
                tenant_id=flow_run["tenant_id"],
                flow_run_id=flow_run["id"],
                task_run_id=log.get("task_run_id"),
                timestamp=timestamp(sent) if sent else arrived,
                name=log["name"],
                level=log["level"],
                message=log["message"],
                created=arrived,
                updated=arrived,
            )
        return {"success": True}

    def register_agent(self, **_: Any) -> Row:
        return {"id": str(uuid.uuid4())}

    def get_runs_in_queue(self, before: str, labels: list[str], tenant_id: str) -> Row:
        waiting = [
            run["id"]
            for run in self._tables.where("flow_run", tenant_id=tenant_id)
            if run["state"] in _SCHEDULED and set(run["labels"]) <= set(labels)
        ]
        return {"flow_run_ids": waiting}


def _interval(seconds: float | None) -> str | None:
    if seconds is None:
        return None
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest:02}"
