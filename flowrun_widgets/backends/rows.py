"""Rows of Prefect 1's tables to records, whether they came as GraphQL JSON or out of SQLite.

JSON columns are values by then; times are ISO 8601 text, or microseconds as the store has them.
"""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from flowrun_widgets.containers import freeze, frozen_dict, frozen_list
from flowrun_widgets.errors import UnexpectedAnswer
from flowrun_widgets.records import (
    ArtifactRecord,
    FlowRecord,
    FlowRunRecord,
    TaskRunRecord,
    TimelineBar,
)
from flowrun_widgets.states import Pending, Scheduled, State, state_from_json
from flowrun_widgets.times import from_micros, parse_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from pendulum import DateTime

    Row = Mapping[str, Any]

__all__ = ["artifact_record", "flow_record", "flow_run_record", "task_run_record", "timeline_of"]

P = ParamSpec("P")
R = TypeVar("R")

NEVER = from_micros(0)
NO_STATE_YET = "A state for this flow run is not yet available."


def _expected(build: Callable[P, R]) -> Callable[P, R]:
    @wraps(build)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return build(*args, **kwargs)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            what = build.__name__.removesuffix("_record").replace("_", " ")
            raise UnexpectedAnswer(
                f"a {what} came in a shape that Prefect does not write: {error!r:.200}"
            ) from None

    return checked


@_expected
def flow_run_record(row: Row) -> FlowRunRecord:
    """Return the record of a row of `flow_run`; `flow` and `states` lie in it as objects."""
    flow = row.get("flow") or {}
    extra = row.get("extra") or {}
    serialized = row.get("serialized_state")
    return FlowRunRecord(
        id=_id(row["id"]),
        name=row.get("name"),
        flow_id=row.get("flow_id"),
        state=Pending(NO_STATE_YET) if serialized is None else state_from_json(serialized),
        states=history(row.get("states")),
        flow_name=flow.get("name"),
        project_name=(flow.get("project") or {}).get("name"),
        labels=frozen_list(row.get("labels")),
        tags=frozen_list(extra.get("tags")),
        parameters=frozen_dict(row.get("parameters")),
        context=frozen_dict(row.get("context")),
        run_config=freeze(row.get("run_config")),
        created_at=_time(row.get("created")),
        updated_at=_time(row.get("updated")),
        scheduled_start_at=_time(row.get("scheduled_start_time")),
        started_at=_time(row.get("start_time")),
        ended_at=_time(row.get("end_time")),
        ui_url=extra.get("ui_url"),
        extra=frozen_dict(extra),
    )


@_expected
def task_run_record(row: Row) -> TaskRunRecord:
    """Return the record of a row of `task_run`; `task` and `states` lie in it as objects."""
    task = row.get("task") or {}
    serialized = row.get("serialized_state")
    return TaskRunRecord(
        id=_id(row["id"]),
        flow_run_id=row["flow_run_id"],
        state=Scheduled() if serialized is None else state_from_json(serialized),
        name=row.get("name"),
        task_id=task.get("id"),
        task_slug=task.get("slug"),
        task_name=task.get("name"),
        map_index=row.get("map_index", -1),
        states=history(row.get("states")),
        created_at=_time(row.get("created")),
        updated_at=_time(row.get("updated")),
        started_at=_time(row.get("start_time")),
        ended_at=_time(row.get("end_time")),
        extra=frozen_dict(row.get("extra")),
    )


@_expected
def flow_record(row: Row) -> FlowRecord:
    """Return the record of a row of `flow`; `project` and `flow_group` lie in it as objects."""
    group = row.get("flow_group")
    return FlowRecord(
        id=_id(row["id"]),
        name=row["name"],
        project_name=(row.get("project") or {}).get("name"),
        version=row.get("version"),
        archived=bool(row.get("archived")),
        core_version=row.get("core_version"),
        settings=freeze(row.get("settings")),
        run_config=freeze(row.get("run_config")),
        serialized_flow=freeze(row.get("serialized_flow")),
        storage=freeze(row.get("storage")),
        flow_group_id=row.get("flow_group_id"),
        flow_group_labels=None
        if group is None or group.get("labels") is None
        else frozen_list(group["labels"]),
        created_at=_time(row.get("created")),
        extra=frozen_dict(row.get("extra")),
    )


@_expected
def artifact_record(row: Row) -> ArtifactRecord:
    """Return the record of a row of `task_run_artifact`; `data` lies in it as a value."""
    data = row.get("data")
    only = data[row["kind"]] if isinstance(data, dict) and set(data) == {row["kind"]} else data
    return ArtifactRecord(
        id=_id(row["id"]),
        kind=row["kind"],
        data=freeze(only),
        task_run_id=row.get("task_run_id"),
        created_at=_time(row.get("created")),
    )


def timeline_of(records: Iterable[TaskRunRecord]) -> list[TimelineBar]:
    """Return the bars of task runs that began, by when they started."""
    bars = [
        TimelineBar(
            record.id,
            record.label,
            "task run" if record.child_flow_run_id is None else "flow run",
            type(record.state),
            record.started_at,
            record.ended_at,
            record.upstream_ids,
        )
        for record in records
        if record.started_at is not None
    ]
    return sorted(bars, key=lambda bar: (bar.started_at, bar.id))


def history(rows: Iterable[Row] | None) -> tuple[State, ...]:
    """Return the states of `timestamp` and `serialized_state`, oldest first."""
    timed = [(_time(row["timestamp"]), row["serialized_state"]) for row in rows or ()]
    timed.sort(key=lambda entry: entry[0] or NEVER)
    return tuple(state_from_json(serialized, moment) for moment, serialized in timed)


def _time(value: str | int | None) -> DateTime | None:
    return from_micros(value) if isinstance(value, int) else parse_time(value)


def _id(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"an id is text, not {type(value).__name__}")
    return value
