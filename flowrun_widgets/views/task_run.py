"""The view of a task run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowrun_widgets.connection import source
from flowrun_widgets.records import TaskRunRecord
from flowrun_widgets.views.identifier import checked_id, checked_map_index, checked_text
from flowrun_widgets.views.snapshot import Snapshot

if TYPE_CHECKING:
    import pandas as pd
    from pendulum import DateTime

    from flowrun_widgets.connection import Connection
    from flowrun_widgets.containers import FrozenList
    from flowrun_widgets.states import State

__all__ = ["TaskRunView"]


class TaskRunView(Snapshot[TaskRunRecord]):
    """One task run at the moment it was fetched. Immutable; `get_latest()` returns a new one."""

    __slots__ = ()

    @classmethod
    def from_task_run_id(cls, task_run_id: str, *, api: Connection | None = None) -> TaskRunView:
        """Fetch a task run with its history. Costs one request, on Prefect 3 two at once.

        Raises:
            InvalidArgument: not an id.
            NotFound: no such task run.
        """
        connection = source(api)
        return cls(connection.backend.task_run(checked_id(task_run_id, "task_run_id")), connection)

    @classmethod
    def from_task_slug(
        cls, task_slug: str, flow_run_id: str, map_index: int = -1, *, api: Connection | None = None
    ) -> TaskRunView:
        """Fetch the task run of a task in a flow run; `map_index` names a mapped child. Costs one request.

        Raises:
            InvalidArgument: not an id, a slug or a number.
            NotFound: no such task run.
            Ambiguous: several fit; the error lists them.
        """
        connection = source(api)
        run_id = checked_id(flow_run_id, "flow_run_id")
        slug, index = checked_text(task_slug, "task_slug"), checked_map_index(map_index)
        return cls(connection.backend.task_run_by_slug(run_id, slug, index), connection)

    @property
    def task_run_id(self) -> str:
        """The task run's id."""
        return self._record.id

    @property
    def flow_run_id(self) -> str | None:
        """The flow run that it belongs to; None for a task of Prefect 3 that ran outside any."""
        return self._record.flow_run_id

    @property
    def task_id(self) -> str | None:
        """The task's id; Prefect 3 has none."""
        return self._record.task_id

    @property
    def task_slug(self) -> str | None:
        """The task's name within the flow; Prefect 3's task key."""
        return self._record.task_slug

    @property
    def name(self) -> str | None:
        """The task run's own name, if it was given one."""
        return self._record.name

    @property
    def label(self) -> str:
        """What people call it: its name, else the task's with the map index: `load[7]`."""
        return self._record.label

    @property
    def map_index(self) -> int | None:
        """The number of a mapped child, from 0; -1 for a task run that is not one; None on Prefect 3."""
        return self._record.map_index

    @property
    def state(self) -> State:
        """The state it was in."""
        return self._record.state

    @property
    def result_location(self) -> str | None:
        """Where the result is stored, in its storage's own words; None: nowhere. Values are never sent by servers."""
        return self._record.state.stored_result.location

    @property
    def states(self) -> tuple[State, ...]:
        """Its history, oldest first, each with `timestamp`.

        Empty where `get_all_task_runs()` of Prefect 3 listed it: `get_latest()` brings it.
        """
        return self._record.states

    @property
    def run_count(self) -> int:
        """How often it began to run: 1, and 1 more for each retry."""
        return self._record.attempts

    @property
    def tags(self) -> FrozenList[str]:
        """Prefect 3's tags."""
        return self._record.tags

    @property
    def dynamic_key(self) -> str | None:
        """What tells it from other runs of its task in its flow run; Prefect 3 only."""
        return self._record.dynamic_key

    @property
    def child_flow_run_id(self) -> str | None:
        """The sub-flow's run that this row stands for in its parent; Prefect 3 only."""
        return self._record.child_flow_run_id

    @property
    def upstream_ids(self) -> FrozenList[str]:
        """The ids of the task runs whose results it was given; Prefect 3 only."""
        return self._record.upstream_ids

    @property
    def started_at(self) -> DateTime | None:
        """When it first ran."""
        return self._record.started_at

    @property
    def ended_at(self) -> DateTime | None:
        """When it ended; Prefect 1 keeps none for some final states, such as TriggerFailed."""
        return self._record.ended_at

    @property
    def record(self) -> TaskRunRecord:
        """Everything that was fetched."""
        return self._record

    def get_latest(self) -> TaskRunView:
        """Return the task run as it is now, with its history. Costs one request, on Prefect 3 two at once."""
        return TaskRunView(self._connection.backend.task_run(self.task_run_id), self._connection)

    def states_frame(self) -> pd.DataFrame:
        """Return the history as a DataFrame, oldest first. Costs no request.

        Columns: `timestamp` datetime64[us, UTC] · `state` str (type) · `name` str · `message` str ·
        `duration_seconds` float64 (until the next state; missing for the last).
        """
        from flowrun_widgets.frames import states_frame

        return states_frame(self.states)

    def __repr__(self) -> str:
        return (
            f"TaskRunView(task_run_id={self.task_run_id!r}, task_id={self.task_id!r}, task_slug={self.task_slug!r}, "
            f"state={self.state!r}, result=<not loaded>)"
        )

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:
        printer.text(repr(self))
