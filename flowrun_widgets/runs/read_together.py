"""`read_task_runs()`: the task runs of many runs, read together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowrun_widgets.runs.clean import by_connection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowrun_widgets.records import TaskRunRecord
    from flowrun_widgets.runs.flow_run import FlowRunView

__all__ = ["read_task_runs"]


def read_task_runs(runs: Sequence[FlowRunView]) -> dict[str, Sequence[TaskRunRecord]]:
    """Return the task runs of runs by the ids of the runs; those that a view has read already cost nothing."""
    found: dict[str, Sequence[TaskRunRecord]] = {}
    for connection, places in by_connection(runs):
        unread: list[str] = []
        for run in (runs[place] for place in places):
            with run.fetched.lock:
                read = run.fetched.task_runs
            if read is None:
                unread.append(run.flow_run_id)
            else:
                found[run.flow_run_id] = read.records
        if unread:
            found |= connection.backend.task_runs_of(unread)
    return found
