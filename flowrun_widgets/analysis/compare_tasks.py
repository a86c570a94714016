"""`compare_tasks()`: match the task runs of two runs, and compare them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from pendulum import DateTime

from flowrun_widgets.analysis.durations import ran_seconds, spans, waited_seconds
from flowrun_widgets.records import TaskRunRecord
from flowrun_widgets.states import Failed, State, TriggerFailed

__all__ = ["TaskComparison", "TaskFigures", "TaskRunPair", "compare_tasks"]

Records = list["TaskRunRecord"]


@dataclass(frozen=True, slots=True)
class TaskFigures:
    """The figures of one task run. Seconds are None if it never began."""

    record: TaskRunRecord
    waited_seconds: float | None
    ran_seconds: float | None


@dataclass(frozen=True, slots=True)
class TaskRunPair:
    """A task run and its counterpart in the other run; one of them is None if it has no counterpart."""

    run: TaskFigures | None
    baseline: TaskFigures | None

    @property
    def label(self) -> str:
        """The label of the task run, that in the run if it exists there."""
        one = self.run or self.baseline
        assert one is not None
        return one.record.label

    @property
    def is_mapped(self) -> bool:
        """Whether it is the parent of mapped children."""
        return all(one.record.state.is_mapped() for one in (self.run, self.baseline) if one)

    @property
    def is_state_different(self) -> bool:
        """Whether it is in both runs, in different states."""
        if self.run is None or self.baseline is None:
            return False
        return self.run.record.state.type != self.baseline.record.state.type

    @property
    def is_notable(self) -> bool:
        """Whether anything but its times differs."""
        if self.run is None or self.baseline is None or self.is_state_different:
            return True
        return self.run.record.attempts != self.baseline.record.attempts

    @property
    def is_different(self) -> bool:
        """Whether anything that is compared differs."""
        if self.run is None or self.baseline is None or self.is_notable:
            return True
        mine, theirs = self.run, self.baseline
        return (mine.waited_seconds, mine.ran_seconds) != (
            theirs.waited_seconds,
            theirs.ran_seconds,
        )

    @property
    def ran_difference_seconds(self) -> float | None:
        """How much longer it ran than in the baseline; None if it did not run in both."""
        if self.run is None or self.baseline is None:
            return None
        mine, theirs = self.run.ran_seconds, self.baseline.ran_seconds
        return None if mine is None or theirs is None else round(mine - theirs, 6)

    @property
    def dullness(self) -> tuple[int, float, str]:
        """The sort key: failed in one only, held up, different states, only in one run, attempts, times."""
        ran = -abs(self.ran_difference_seconds or 0.0)
        both = [side.record.state for side in (self.run, self.baseline) if side is not None]
        if self.is_state_different:
            return (0 if any(map(_broke, both)) else 1 if _held_up(both) else 2), ran, self.label
        return (3 if len(both) == 1 else 4 if self.is_notable else 5), ran, self.label


@dataclass(frozen=True, slots=True)
class TaskComparison:
    """All task runs of one task in both runs, including mapped children, the most relevant first."""

    task: str
    pairs: tuple[TaskRunPair, ...]

    @property
    def ran_difference_seconds(self) -> float | None:
        """How much longer all its task runs together ran than in the baseline; None if none of them ran in both."""
        mine, theirs = (total([side.ran_seconds for side in self.figures(n)]) for n in (0, 1))
        return None if mine is None or theirs is None else round(mine - theirs, 6)

    def figures(self, side: int) -> list[TaskFigures]:
        """Return the figures of its task runs in the run (0) or the baseline (1), without the mapped parent."""
        found = [pair.baseline if side else pair.run for pair in self.pairs]
        own = [one for one in found if one is not None]
        children = [one for one in own if not one.record.state.is_mapped()]
        return children or own

    def states(self, side: int) -> list[tuple[State, int]]:
        """Return the states of its task runs, with the number of task runs in each, the most frequent first."""
        found = {one.record.state.name: one.record.state for one in self.figures(side)}
        numbers = Counter(one.record.state.name for one in self.figures(side))
        return [(found[name], number) for name, number in numbers.most_common()]


def compare_tasks(
    run: Sequence[TaskRunRecord],
    baseline: Sequence[TaskRunRecord],
    until: DateTime,
    baseline_until: DateTime,
) -> tuple[TaskComparison, ...]:
    """Return the tasks of both runs, the most relevant first. Unfinished spans count up to `until`.

    Tasks are matched by their slug (Prefect 3's task key), then by their name if it is unique among the unmatched ones
    on both sides, since a key changes with the code. The task runs of a task are matched by a unique name, then by map
    index, then by Prefect 3's dynamic key; without map indexes, the rest is matched in the order in which it was due.
    """
    found = [
        TaskComparison(
            task,
            tuple(
                sorted(
                    (
                        _pair(one, other, until, baseline_until)
                        for one, other in _paired(mine, theirs)
                    ),
                    key=lambda pair: pair.dullness,
                )
            ),
        )
        for task, mine, theirs in _same_tasks(_by_task(run), _by_task(baseline))
    ]
    return tuple(sorted(found, key=lambda task: task.pairs[0].dullness))


def total(seconds: Iterable[float | None]) -> float | None:
    """Return the sum of the known values; None if none is known."""
    known = [one for one in seconds if one is not None]
    return sum(known) if known else None


def _pair(
    run: TaskRunRecord | None,
    baseline: TaskRunRecord | None,
    until: DateTime,
    baseline_until: DateTime,
) -> TaskRunPair:
    has_history = all(record.has_history for record in (run, baseline) if record is not None)
    return TaskRunPair(
        None if run is None else _figures(run, until, has_history),
        None if baseline is None else _figures(baseline, baseline_until, has_history),
    )


def _figures(record: TaskRunRecord, until: DateTime, has_history: bool) -> TaskFigures:
    """Return its figures; without the history of both sides, from its first start to its end."""
    found = spans(record if has_history else replace(record, states=()))
    return TaskFigures(
        record, waited_seconds(record, until, found), ran_seconds(record, until, found)
    )


def _by_task(records: Sequence[TaskRunRecord]) -> dict[str, Records]:
    found: dict[str, Records] = {}
    for record in sorted(records, key=lambda record: record.place):
        found.setdefault(record.task_slug or record.task_name or "", []).append(record)
    return found


def _same_tasks(
    run: dict[str, Records], baseline: dict[str, Records]
) -> Iterator[tuple[str, Records, Records]]:
    """Yield each task's name and its task runs in both runs."""
    left, theirs = _names_left(run, baseline), _names_left(baseline, run)
    renamed = {slug: theirs[name] for name, slug in left.items() if name in theirs}
    for slug, records in run.items():
        yield _task_name(records), records, baseline.get(renamed.get(slug, slug), [])
    found = {*run, *renamed.values()}
    for slug, records in baseline.items():
        if slug not in found:
            yield _task_name(records), [], records


def _names_left(tasks: dict[str, Records], others: dict[str, Records]) -> dict[str, str]:
    """Return name to slug for the unmatched tasks whose name is unique among those without a match."""
    slugs = [slug for slug in tasks if slug not in others]
    numbers = Counter(_task_name(tasks[slug]) for slug in slugs)
    return {name: slug for slug in slugs if numbers[name := _task_name(tasks[slug])] == 1}


def _task_name(records: Records) -> str:
    first = records[0]
    return first.task_name or first.task_slug or first.label


def _paired(
    run: Records, baseline: Records
) -> Iterator[tuple[TaskRunRecord | None, TaskRunRecord | None]]:
    for key in (_own_name, _map_index, _dynamic_key):
        mine, theirs = _alone(run, key), _alone(baseline, key)
        shared = [value for value in mine if value in theirs]
        yield from ((mine[value], theirs[value]) for value in shared)
        run = _without(run, [mine[value] for value in shared])
        baseline = _without(baseline, [theirs[value] for value in shared])
    if all(record.map_index is not None for record in (*run, *baseline)):
        for index in dict.fromkeys(map(_map_index, (*run, *baseline))):
            mine = [record for record in run if record.map_index == index]
            theirs = [record for record in baseline if record.map_index == index]
            yield from zip_longest(mine, theirs)
    else:
        yield from zip_longest(run, baseline)


def _without(records: Records, paired: Records) -> Records:
    found = {record.id for record in paired}
    return [record for record in records if record.id not in found]


def _alone(
    records: Records, key: Callable[[TaskRunRecord], Hashable]
) -> dict[Hashable, TaskRunRecord]:
    """Return the records whose key is known and unique."""
    numbers = Counter(key(record) for record in records)
    return {
        key(record): record
        for record in records
        if key(record) is not None and numbers[key(record)] == 1
    }


def _own_name(record: TaskRunRecord) -> str | None:
    """Return the name that a user gave it; None for names that Prefect 3 made from the dynamic key."""
    name, key = record.name, record.dynamic_key
    return None if not name or (key and name.endswith(f"-{key[:3]}")) else name


def _map_index(record: TaskRunRecord) -> int | None:
    return record.map_index


def _dynamic_key(record: TaskRunRecord) -> str | None:
    return record.dynamic_key


def _broke(state: State) -> bool:
    return isinstance(state, Failed) and not isinstance(state, TriggerFailed)


def _held_up(states: Iterable[State]) -> bool:
    return any(isinstance(state, TriggerFailed) for state in states)
