"""What a flow run stands in relation to: its sub-flows, its parent, its timeline, its artifacts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flowrun_widgets.containers import FrozenDict
    from flowrun_widgets.records import TimelineBar
    from flowrun_widgets.views.artifact import Artifact
    from flowrun_widgets.views.flow_run import FlowRunView
    from flowrun_widgets.views.peek import Peek

__all__ = ["FlowRunRelations"]


class FlowRunRelations:
    """What only Prefect 3 knows of a flow run. Attributes are free; each call says what it costs."""

    __slots__ = ()

    @property
    def run_count(self) -> int:
        """How often the run began: 1, and 1 more for each retry."""
        return self._flow_run.record.attempts

    @property
    def deployment_id(self) -> str | None:
        """The deployment that started it; None on Prefect 1, and for runs that were simply called."""
        return self._flow_run.record.deployment_id

    @property
    def work_pool(self) -> str | None:
        """The name of the work pool that it ran in; Prefect 3 only."""
        return self._flow_run.record.work_pool_name

    @property
    def work_queue(self) -> str | None:
        """The name of the work queue that it came from; Prefect 3 only."""
        return self._flow_run.record.work_queue_name

    @property
    def key_value_labels(self) -> FrozenDict:
        """Prefect 3's labels, which are pairs. Prefect 1's, which are words, are `labels`."""
        return self._flow_run.record.key_value_labels

    @property
    def parent_task_run_id(self) -> str | None:
        """In the run that called this one as a sub-flow: the task run that stands for it."""
        return self._flow_run.record.parent_task_run_id

    def get_parent(self) -> FlowRunView | None:
        """Return the run that called this one as a sub-flow; None if it was not called by one.

        Costs four or five requests on Prefect 3.
        """
        run = self._flow_run
        if self.parent_task_run_id is None:
            return None
        parent_id = run.connection.backend.task_run(self.parent_task_run_id).flow_run_id
        return (
            None if parent_id is None else type(run).from_flow_run_id(parent_id, api=run.connection)
        )

    def get_subflow_runs(self) -> list[FlowRunView]:
        """Return the runs that this run called as sub-flows, oldest first, each without its history.

        `get_latest()` of one brings its history. Costs one request for each 200 on Prefect 3, and one for the names of
        their flows; Prefect 1 has no sub-flows.
        """
        run = self._flow_run
        records = run.connection.backend.subflow_runs(run.flow_run_id)
        return [type(run)(record, run.connection) for record in records]

    def get_timeline(self) -> tuple[TimelineBar, ...]:
        """Return what the run executed so far, by when it started: label, state, start, end and what it waited for.

        Costs one request on Prefect 3 for up to 10,000 task runs; otherwise as much as `get_all_task_runs()`.
        """
        run = self._flow_run
        return tuple(run.connection.backend.timeline(run.flow_run_id))

    def peek(self) -> Peek:
        """Return as much as shows what the run is about, long before a long log is read.

        Costs three requests at once on Prefect 3, whatever the number of lines; elsewhere all of the log, and the
        task runs. Nothing of it is kept with the view.
        """
        from flowrun_widgets.views.peek import peek

        return peek(self._flow_run)

    def get_artifacts(self) -> list[Artifact]:
        """Return what the run left for people to see, oldest first. Costs one request for each 200."""
        from flowrun_widgets.views.artifact import Artifact

        run = self._flow_run
        return [
            Artifact(record, run.connection)
            for record in run.connection.backend.artifacts(run.flow_run_id)
        ]

    @property
    def _flow_run(self) -> FlowRunView:
        return self  # pyright: ignore[reportReturnType]
