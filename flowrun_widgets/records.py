"""What a server said, as immutable records: one shape for every source.

A field that a source does not have keeps its default. Times are aware, in UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flowrun_widgets.containers import FrozenDict, FrozenList

if TYPE_CHECKING:
    from pendulum import DateTime

    from flowrun_widgets.states import State

__all__ = ["FlowRecord", "FlowRunRecord", "TaskRunRecord"]


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
    labels: FrozenList[str] = FrozenList()
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
    """Where the server's own UI shows the run."""
    extra: FrozenDict = FrozenDict()
    """What only this source knows, under the server's own names."""

    def identity(self) -> tuple[object, ...]:
        """Return everything that was fetched, states with their messages: equal records are equal answers."""
        return _identity(self)


@dataclass(frozen=True, slots=True)
class TaskRunRecord:
    """One task run at one moment."""

    id: str
    flow_run_id: str
    state: State
    name: str | None = None
    task_id: str | None = None
    task_slug: str | None = None
    task_name: str | None = None
    map_index: int | None = -1
    """-1: not mapped. None: the source has no such number."""
    states: tuple[State, ...] = ()
    created_at: DateTime | None = None
    updated_at: DateTime | None = None
    started_at: DateTime | None = None
    ended_at: DateTime | None = None
    extra: FrozenDict = FrozenDict()

    @property
    def label(self) -> str:
        """What a person calls it: its own name, or the task's with the index of the mapped child: `load[7]`."""
        if self.name:
            return self.name
        task = self.task_name or self.task_slug or self.id
        return task if self.map_index is None or self.map_index < 0 else f"{task}[{self.map_index}]"

    def identity(self) -> tuple[object, ...]:
        """Return everything that was fetched."""
        return _identity(self)


@dataclass(frozen=True, slots=True)
class FlowRecord:
    """A flow as it was registered. `version`, `created_at` and the rest are None where a source has no such thing."""

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


def _identity(record: Any) -> tuple[object, ...]:
    return tuple(_plain(getattr(record, name)) for name in type(record).__slots__)


def _plain(value: Any) -> object:
    if isinstance(value, tuple) and not isinstance(value, FrozenList):
        return tuple(map(_plain, value))
    return value.record() if hasattr(value, "record") else value
