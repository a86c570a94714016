"""`RunGrid`: runs × tasks. A cell has the task runs of one task in one run; mapped task runs share a cell."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowrun_widgets.analysis.durations import ran_seconds
from flowrun_widgets.report.badges import badge
from flowrun_widgets.report.task_rows import URGENCY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pendulum import DateTime

    from flowrun_widgets.records import FlowRunRecord, TaskRunRecord
    from flowrun_widgets.states import State

__all__ = ["GridCell", "RunGrid", "run_grid"]


@dataclass(frozen=True, slots=True)
class GridCell:
    """The task runs of one task in one run."""

    state: State
    """That of the most urgent task run: a failed one before a running one, and that before a completed one."""
    states: tuple[tuple[str, int], ...]
    """The names of all states, the most urgent first, with the number of task runs in each."""
    ran_seconds: float | None
    """How long they ran together."""

    @property
    def count(self) -> int:
        """The number of task runs."""
        return sum(number for _, number in self.states)

    @property
    def unsuccessful(self) -> int:
        """The number of task runs in the state of the cell."""
        return self.states[0][1]


@dataclass(frozen=True, slots=True)
class RunGrid:
    """Runs, the oldest first, tasks in the order in which they usually begin, and the cells that are not empty."""

    runs: tuple[FlowRunRecord, ...]
    tasks: tuple[str, ...]
    cells: Mapping[tuple[str, str], GridCell]
    """By task and id of the run."""


def run_grid(
    runs: Sequence[tuple[FlowRunRecord, DateTime]], task_runs: Mapping[str, Sequence[TaskRunRecord]]
) -> RunGrid:
    """Return the grid of runs, the newest first, each with the time it was fetched, and of their task runs by run."""
    cells: dict[tuple[str, str], GridCell] = {}
    places: dict[str, list[float]] = {}
    for run, as_of in runs:
        tasks: dict[str, list[TaskRunRecord]] = {}
        for record in task_runs.get(run.id, ()):
            tasks.setdefault(_task(record), []).append(record)
        for place, name in enumerate(sorted(tasks, key=lambda name: _first(tasks[name]))):
            places.setdefault(name, []).append(place / len(tasks))
            cells[name, run.id] = _cell(tasks[name], as_of)
    return RunGrid(
        tuple(run for run, _ in reversed(runs)),
        tuple(sorted(places, key=lambda name: (sum(places[name]) / len(places[name]), name))),
        cells,
    )


def _task(record: TaskRunRecord) -> str:
    return record.task_name or record.task_slug or record.label


def _first(records: Sequence[TaskRunRecord]) -> float:
    """Return when the first of these task runs began; those that never began come last."""
    return min((one.started_at.timestamp() for one in records if one.started_at), default=2e12)


def _urgency(state: State) -> int:
    return URGENCY.index(badge(state).family)


def _cell(records: Sequence[TaskRunRecord], as_of: DateTime) -> GridCell:
    # A mapped parent of Prefect 1 stands for its children.
    own = [one for one in records if not one.state.is_mapped()] or records
    ordered = sorted((one.state for one in own), key=_urgency)
    names = Counter(state.name for state in ordered)
    ran = [seconds for one in own if (seconds := ran_seconds(one, as_of)) is not None]
    return GridCell(ordered[0], tuple(names.items()), sum(ran) if ran else None)
