"""Converts Prefect 3's JSON to records."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from flowrun_widgets import states
from flowrun_widgets.backends.prefect3.states import history, state_of, state_of_type
from flowrun_widgets.containers import FrozenDict, FrozenList, freeze, frozen_dict, frozen_list
from flowrun_widgets.records import (
    ArtifactRecord,
    FlowRecord,
    FlowRunRecord,
    TaskRunRecord,
    TimelineBar,
)
from flowrun_widgets.times import as_utc

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pendulum import DateTime

    from flowrun_widgets.backends.prefect3 import wire
    from flowrun_widgets.states import State

__all__ = [
    "artifact_records",
    "due",
    "flow_record",
    "flow_run_record",
    "task_run_record",
    "timeline",
    "upstream",
]

CALLER = "__parents__"
HELD_UP = ("PENDING", "NotReady")
"""The state name of a task run whose upstream task runs did not complete."""
HASH = re.compile(r"-[0-9a-f]{8}")
FLOW_RUN_EXTRA = (
    "deployment_version", "flow_version", "idempotency_key", "auto_scheduled", "infrastructure_pid",
    "created_by", "job_variables", "empirical_policy",
)  # fmt: skip
NOTHING = FrozenDict()
UNSEEN = (None, "result")
"""Types of artifacts that are results, which are not for display."""
EARLIEST = datetime.min.replace(tzinfo=UTC)
TASK_RUN_EXTRA = ("cache_key", "task_version", "empirical_policy", "flow_run_run_count")


def flow_run_record(
    run: wire.FlowRun,
    *,
    ui_url: str | None,
    flow_name: str | None,
    history_rows: Sequence[wire.State] | None,
    missing: FrozenDict = NOTHING,
) -> FlowRunRecord:
    """Return the record of a flow run; `history_rows` is None if the history was not requested, or is `missing`."""
    return FlowRunRecord(
        id=run.id,
        name=run.name,
        flow_id=run.flow_id,
        state=_state(run.state, run.run_count),
        states=() if history_rows is None else history(history_rows),
        has_history=history_rows is not None,
        flow_name=flow_name,
        labels=None,
        tags=frozen_list(run.tags),
        parameters=frozen_dict(run.parameters),
        context=frozen_dict(run.context),
        created_at=_time(run.created),
        updated_at=_time(run.updated),
        scheduled_start_at=_time(run.next_scheduled_start_time or run.expected_start_time),
        started_at=_time(run.start_time),
        ended_at=_time(run.end_time),
        ui_url=ui_url,
        run_count=run.run_count,
        total_run_seconds=run.total_run_time,
        parent_task_run_id=run.parent_task_run_id,
        deployment_id=run.deployment_id,
        work_pool_name=run.work_pool_name,
        work_queue_name=run.work_queue_name,
        key_value_labels=frozen_dict(run.labels),
        extra=_extra(run, FLOW_RUN_EXTRA),
        missing=missing,
    )


def task_run_record(
    run: wire.TaskRun, history_rows: Iterable[wire.State] | None = None
) -> TaskRunRecord:
    """Return the record of a task run; `history_rows` is None if the history was not requested."""
    details = (run.state and run.state.state_details) or {}
    return TaskRunRecord(
        id=run.id,
        flow_run_id=run.flow_run_id,
        state=_state(run.state, run.run_count),
        name=run.name,
        task_slug=run.task_key,
        task_name=task_name(run.task_key),
        map_index=None,
        states=() if history_rows is None else history(history_rows),
        has_history=history_rows is not None,
        created_at=_time(run.created),
        updated_at=_time(run.updated),
        started_at=_time(run.start_time),
        ended_at=_time(run.end_time),
        scheduled_start_at=_time(run.expected_start_time),
        run_count=run.run_count,
        total_run_seconds=run.total_run_time,
        tags=frozen_list(run.tags) if run.tags else NONE,
        dynamic_key=run.dynamic_key,
        child_flow_run_id=details.get("child_flow_run_id"),
        is_held_up=run.state is not None and (run.state.type, run.state.name) == HELD_UP,
        upstream_ids=upstream(run.task_inputs) if run.task_inputs else NONE,
        extra=_extra(run, TASK_RUN_EXTRA),
    )


def flow_record(flow: wire.Flow) -> FlowRecord:
    """Return the record of a flow: Prefect 3 stores its name, tags and labels, but nothing of its code."""
    labels = {"labels": flow.labels} if flow.labels else {}
    return FlowRecord(
        id=flow.id,
        name=flow.name,
        created_at=_time(flow.created),
        extra=frozen_dict({"tags": flow.tags or [], **labels}),
    )


def artifact_records(artifacts: Iterable[wire.Artifact]) -> list[ArtifactRecord]:
    """Return the records of artifacts for display, each once, oldest first."""
    records = {one.id: _artifact(one) for one in artifacts if one.type not in UNSEEN}
    return sorted(
        records.values(), key=lambda one: (one.created_at is None, one.created_at, one.id)
    )


def due(run: wire.FlowRun) -> datetime:
    """Return when a flow run was due; the earliest time if the server does not say."""
    return run.expected_start_time or EARLIEST


def _artifact(artifact: wire.Artifact) -> ArtifactRecord:
    """Return the record of an artifact; tables arrive as JSON text and are decoded."""
    data = artifact.data
    if artifact.type == "table" and isinstance(data, str):
        with suppress(msgspec.DecodeError):
            data = msgspec.json.decode(data)
    return ArtifactRecord(
        id=artifact.id,
        kind=artifact.type or "unknown",
        data=freeze(data),
        key=artifact.key,
        description=artifact.description,
        task_run_id=artifact.task_run_id,
        created_at=_time(artifact.created),
    )


def timeline(graph: wire.Graph) -> list[TimelineBar]:
    """Return the bars of a graph, sorted by start time."""
    bars = [
        TimelineBar(
            node.id,
            node.label,
            "flow run" if node.kind == "flow-run" else "task run",
            state_of_type(node.state_type) if node.state_type else None,
            _time(node.start_time),
            _time(node.end_time),
            FrozenList(dict.fromkeys(edge.id for edge in node.parents)) if node.parents else NONE,
        )
        for _, node in graph.nodes
    ]
    return sorted(bars, key=lambda bar: (bar.started_at is None, bar.started_at, bar.id))


def task_name(task_key: str | None) -> str | None:
    """Return the name of the task: its key without the hash of the definition."""
    if task_key is None or not HASH.fullmatch(task_key[-9:]):
        return task_key
    return task_key[:-9]


NONE: FrozenList[Any] = FrozenList()


def _state(state: wire.State | None, run_count: int | None) -> State:
    return (
        states.Pending("The server has no state for this run yet.")
        if state is None
        else state_of(state, run_count)
    )


def upstream(inputs: dict[str, Any]) -> FrozenList[str]:
    """Return the ids of the task runs and sub-flow runs whose results were passed to this one, each once.

    `__parents__` holds the task run that called this one, which is not a result.
    """
    ids: dict[str, None] = {}
    for name, given in inputs.items():
        if name == CALLER or not isinstance(given, list):
            continue
        for one in given:
            if isinstance(one, dict) and isinstance(one.get("id"), str):
                ids[one["id"]] = None
    return FrozenList(ids)


def _extra(run: Any, names: Iterable[str]) -> FrozenDict:
    return FrozenDict(
        {name: freeze(value) for name in names if (value := getattr(run, name)) is not None}
    )


def _time(moment: datetime | None) -> DateTime | None:
    return None if moment is None else as_utc(moment)
