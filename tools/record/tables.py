"""Rows of the Prefect 1 database in memory, with what its triggers do on insert."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

Row = dict[str, Any]

_RUN_STATE = (
    "state",
    "state_timestamp",
    "state_message",
    "state_result",
    "state_start_time",
    "serialized_state",
)
COLUMNS: dict[str, tuple[str, ...]] = {
    "tenant": ("id", "created", "updated", "name", "slug", "info", "settings"),
    "project": ("id", "tenant_id", "created", "updated", "name", "description"),
    "flow_group": (
        *("id", "tenant_id", "created", "updated", "name", "description", "labels"),
        *("schedule", "settings", "default_parameters", "run_config"),
    ),
    "flow": (
        *("id", "tenant_id", "created", "updated", "version", "name", "description"),
        *("environment", "parameters", "project_id", "flow_group_id", "archived"),
        *("version_group_id", "storage", "core_version", "settings", "serialized_flow"),
        *("schedule", "is_schedule_active", "run_config"),
    ),
    "task": (
        *("id", "tenant_id", "created", "updated", "flow_id", "name", "slug", "description"),
        *("type", "max_retries", "retry_delay", "trigger", "mapped", "auto_generated"),
        *("cache_key", "is_root_task", "is_terminal_task", "is_reference_task", "tags"),
    ),
    "edge": (
        *("id", "tenant_id", "created", "updated", "flow_id"),
        *("upstream_task_id", "downstream_task_id", "key", "mapped"),
    ),
    "flow_run": (
        *("id", "tenant_id", "created", "updated", "flow_id", "agent_id", "name"),
        *("parameters", "context", "labels", "run_config", "idempotency_key"),
        *("auto_scheduled", "scheduled_start_time", "heartbeat", "start_time", "end_time"),
        *("times_resurrected", "version", *_RUN_STATE),
    ),
    "flow_run_state": (
        *("id", "tenant_id", "flow_run_id", "timestamp", "state", "message", "result"),
        *("start_time", "serialized_state", "version", "created", "updated"),
    ),
    "task_run": (
        *("id", "tenant_id", "created", "updated", "flow_run_id", "task_id", "map_index"),
        *("name", "version", "heartbeat", "start_time", "end_time", "cache_key", *_RUN_STATE),
    ),
    "task_run_state": (
        *("id", "tenant_id", "task_run_id", "timestamp", "state", "message", "result"),
        *("start_time", "serialized_state", "version", "created", "updated"),
    ),
    "log": (
        *("id", "tenant_id", "flow_run_id", "task_run_id", "timestamp", "name", "level"),
        *("message", "info", "is_loaded_from_archive", "created", "updated"),
    ),
}
_DEFAULTS: dict[str, Row] = {
    "tenant": {"settings": {}},
    "flow_group": {"settings": {}, "default_parameters": {}},
    "flow": {"parameters": {}, "archived": False, "settings": {}, "is_schedule_active": False},
    "task": {
        "mapped": False,
        "auto_generated": False,
        "tags": [],
        "is_root_task": False,
        "is_terminal_task": False,
        "is_reference_task": False,
    },
    "edge": {"mapped": False},
    "flow_run": {
        "parameters": {},
        "labels": [],
        "auto_scheduled": False,
        "times_resurrected": 0,
        "version": 0,
    },
    "flow_run_state": {"version": 1},
    "task_run": {"map_index": -1, "version": 0},
    "task_run_state": {"version": 1},
}
_ENDING_STATES = {"Success", "Failed", "Cached", "TimedOut", "Looped", "Cancelled"}


def now() -> str:
    """Return the present time as Postgres prints a timestamptz in UTC."""
    return timestamp(datetime.now(UTC))


def timestamp(value: datetime | str) -> str:
    """Return a time as Postgres prints it: UTC, without trailing zeros in the fraction."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    text = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
    return text.rstrip("0").rstrip(".") + "+00:00"


def instant(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)


class Tables:
    """All rows, table by table, in the order of their arrival."""

    def __init__(self) -> None:
        self.rows: dict[str, list[Row]] = {table: [] for table in COLUMNS}

    def insert(self, table: str, **values: Any) -> Row:
        row: Row = dict.fromkeys(COLUMNS[table])
        arrived = now()
        row.update(id=str(uuid.uuid4()), created=arrived, updated=arrived)
        row.update({name: _copy(value) for name, value in _DEFAULTS.get(table, {}).items()})
        unknown = values.keys() - row.keys()
        if unknown:
            raise KeyError(f"{table} has no column {sorted(unknown)}")
        row.update(values)
        self.rows[table].append(row)
        if table == "flow_run":
            self._insert_task_runs(row)
        elif table in ("flow_run_state", "task_run_state"):
            self._apply_state(table.removesuffix("_state"), row)
        return row

    def update(self, row: Row, **values: Any) -> None:
        row.update(values, updated=now())

    def get(self, table: str, row_id: str | None) -> Row:
        for row in self.rows[table]:
            if row["id"] == row_id:
                return row
        raise LookupError(f"no {table} with id {row_id}")

    def where(self, table: str, **values: Any) -> list[Row]:
        wanted = values.items()
        return [row for row in self.rows[table] if all(row[k] == v for k, v in wanted)]

    def _insert_task_runs(self, flow_run: Row) -> None:
        for task in self.where("task", flow_id=flow_run["flow_id"]):
            task_run = self.insert(
                "task_run",
                tenant_id=flow_run["tenant_id"],
                flow_run_id=flow_run["id"],
                task_id=task["id"],
                cache_key=task["cache_key"],
            )
            self.insert(
                "task_run_state",
                tenant_id=flow_run["tenant_id"],
                task_run_id=task_run["id"],
                timestamp=now(),
                state="Pending",
                message="Task run created",
                serialized_state={"type": "Pending", "message": "Task run created"},
            )

    def _apply_state(self, run_table: str, state: Row) -> None:
        run = self.get(run_table, state[f"{run_table}_id"])
        if state["version"] < run["version"]:
            return
        changes = {
            "version": state["version"],
            "state": state["state"],
            "serialized_state": state["serialized_state"],
            "state_start_time": state["start_time"],
            "state_timestamp": state["timestamp"],
            "state_message": state["message"],
            "state_result": state["result"],
        }
        at = state["timestamp"]
        if state["state"] == "Running":
            changes["start_time"] = min(run["start_time"] or at, at, key=instant)
        elif state["state"] in _ENDING_STATES:
            changes["end_time"] = max(run["end_time"] or at, at, key=instant)
        self.update(run, **changes)


def _copy(value: Any) -> Any:
    return value.copy() if isinstance(value, (dict, list)) else value
