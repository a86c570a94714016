"""`RunGrid`: runs × tasks. A cell has the task runs of one task in one run; mapped task runs share a cell."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from statistics import fmean
from typing import TYPE_CHECKING

from flowrun_widgets.analysis.durations import ran_seconds
from flowrun_widgets.report.badges import badge
from flowrun_widgets.report.task_rows import URGENCY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pendulum import DateTime

    from flowrun_widgets.records import FlowRunRecord, TaskRunRecord
    from flowrun_widgets.states import State

__all__ = ["GridCell", "RunGrid"]


@dataclass(frozen=True, slots=True)
class GridCell:
    """The task runs of one task in one run."""

    states: tuple[tuple[State, int], ...]
    """A state of each name, with the number of task runs in it: failed ones before running ones, and those before
    completed ones."""
    ran_seconds: float | None
    """How long they ran together."""
    label: str | None = None
    """The name of the task run, if there is only one."""

    @property
    def state(self) -> State:
        """That of the most urgent task run."""
        return self.states[0][0]

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

    runs: tuple[FlowRunRecord, ...] = ()
    tasks: tuple[str, ...] = ()
    cells: Mapping[tuple[str, str], GridCell] = field(
        default_factory=dict[tuple[str, str], GridCell]
    )
    """By task and id of the run."""

    def with_older(
        self,
        runs: Sequence[tuple[FlowRunRecord, DateTime]],
        task_runs: Mapping[str, Sequence[TaskRunRecord]],
    ) -> RunGrid:
        """Return the grid with older runs, the newest of them first, each with the time it was fetched.

        `task_runs` are their task runs by run. Tasks keep their order; those that only the older runs have come last.
        """
        cells = {**self.cells}
        places: dict[str, list[float]] = {}
        for run, as_of in runs:
            tasks: dict[str, list[TaskRunRecord]] = {}
            for record in task_runs.get(run.id, ()):
                tasks.setdefault(_task(record), []).append(record)
            for place, name in enumerate(sorted(tasks, key=lambda name: _first(tasks[name]))):
                places.setdefault(name, []).append(place / len(tasks))
                cells[name, run.id] = _cell(tasks[name], as_of)
        new = places.keys() - {*self.tasks}
        return RunGrid(
            (*(run for run, _ in reversed(runs)), *self.runs),
            (*self.tasks, *sorted(new, key=lambda name: (fmean(places[name]), name))),
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
    examples: dict[str, State] = {}
    for state in sorted((one.state for one in own), key=_urgency):
        examples.setdefault(state.name, state)
    names = Counter(one.state.name for one in own)
    ran = [seconds for one in own if (seconds := ran_seconds(one, as_of)) is not None]
    label = own[0].label if len(own) == 1 else None
    states = tuple((state, names[name]) for name, state in examples.items())
    return GridCell(states, sum(ran) if ran else None, label)
