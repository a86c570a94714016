"""`compare_with_runs()`: what is unusual about a run: slow tasks, patterns never seen before, facts that differ."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from flowrun_widgets.analysis.compare_lines import MAX_DIFFERENCES, without_names
from flowrun_widgets.analysis.durations import ended_at, ran_seconds, took_seconds
from flowrun_widgets.analysis.run_facts import MISSING, facts_of, value_text
from flowrun_widgets.analysis.templates import grouped, written
from flowrun_widgets.arrow import pc

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pendulum import DateTime

    from flowrun_widgets.records import FlowRunRecord, TaskRunRecord
    from flowrun_widgets.redaction.shareable import RunContent

__all__ = ["NewPattern", "TaskSpread", "Unusual", "UnusualFact", "compare_with_runs"]

SCALE = 1.4826
"""The median absolute deviation times this is the standard deviation of a normal distribution."""
DEVIATIONS = 3.0
"""A task is slow if it took longer than the median by so many of these deviations, and all that follows."""
LEAST_SECONDS, LEAST_TIMES = 0.5, 1.25
"""A task is slow if it took longer by so many seconds, and so many times as long, and longer than in every good run."""
MIN_VARYING = 3
"""A fact that differs in each of at least so many good runs is not unusual if it differs in the run."""


@dataclass(frozen=True, slots=True)
class TaskSpread:
    """How long all runs of one task took together, in the run and in the good runs; `task` is None for the whole run."""

    task: str | None
    ran_seconds: float | None
    """In the run; None if it did not run there."""
    median_seconds: float | None
    """The median of the good runs; None if it ran in none of them."""
    low_seconds: float | None
    """The 10th percentile of the good runs."""
    high_seconds: float | None
    """The 90th percentile of the good runs."""
    baseline_count: int
    """In how many of the good runs it ran."""
    is_slow: bool

    @property
    def times(self) -> float | None:
        """How many times as long as the median it took; None where that is not known."""
        if self.ran_seconds is None or not self.median_seconds:
            return None
        return self.ran_seconds / self.median_seconds

    @property
    def longer_seconds(self) -> float:
        """By how many seconds it took longer than the median; 0 where that is not known."""
        return (self.ran_seconds or 0.0) - (self.median_seconds or 0.0) if self.times else 0.0


@dataclass(frozen=True, slots=True)
class NewPattern:
    """Lines of a pattern that none of the good runs has."""

    pattern: str
    level: int | None
    """The most severe level of its lines."""
    count: int
    first_at: int
    """When the first of them was written, in microseconds since 1970."""
    example: str
    """The message of the first of them."""


@dataclass(frozen=True, slots=True)
class UnusualFact:
    """A parameter, version, tag or other fact of the run that none of the good runs has."""

    what: str
    run: str
    """The value in the run, as JSON; `(missing)` if it has none."""
    usual: str
    """The most frequent value of the good runs."""
    usual_count: int
    """How many of the good runs have that value."""
    value_count: int
    """How many different values the good runs have."""


@dataclass(frozen=True, slots=True)
class Unusual:
    """What is unusual about a run, each list with the most relevant first."""

    whole: TaskSpread
    tasks: tuple[TaskSpread, ...]
    patterns: tuple[NewPattern, ...]
    facts: tuple[UnusualFact, ...]


def compare_with_runs(run: RunContent, good: Sequence[RunContent], as_of: DateTime) -> Unusual:
    """Return what is unusual about a run, compared with runs that went well. The contents are without secrets."""
    mine = _ran(run.task_runs, as_of)
    theirs = [_ran(one.task_runs, as_of) for one in good]
    names = [*mine, *dict.fromkeys(name for one in theirs for name in one if name not in mine)]
    tasks = [
        _spread(name, mine.get(name), [one[name] for one in theirs if name in one])
        for name in names
    ]
    whole = _spread(
        None,
        took_seconds(run.run, as_of),
        [took for one in good if (took := took_seconds(one.run, as_of)) is not None],
    )
    return Unusual(
        whole,
        tuple(sorted(tasks, key=lambda one: (not one.is_slow, -one.longer_seconds))),
        tuple(_new_patterns(run, good)),
        tuple(_facts(run.run, [one.run for one in good])),
    )


def _ran(records: Sequence[TaskRunRecord], as_of: DateTime) -> dict[str, float]:
    """Return how long the runs of each task ran together."""
    found: dict[str, float] = {}
    for one in records:
        seconds = ran_seconds(one, ended_at(one) or as_of)
        if seconds is not None and not one.state.is_mapped():
            name = one.task_name or one.task_slug or one.label
            found[name] = found.get(name, 0.0) + seconds
    return found


def _spread(task: str | None, ran: float | None, usual: Sequence[float]) -> TaskSpread:
    if not usual:
        return TaskSpread(task, ran, None, None, None, 0, is_slow=False)
    low, median, high = map(float, np.percentile(usual, [10, 50, 90]))
    deviation = SCALE * float(np.median(np.abs(np.array(usual) - median)))
    is_slow = (
        ran is not None
        and ran > max(usual)
        and ran >= LEAST_TIMES * median
        and ran - median >= max(LEAST_SECONDS, DEVIATIONS * deviation)
    )
    return TaskSpread(task, ran, median, low, high, len(usual), is_slow)


def _new_patterns(run: RunContent, good: Sequence[RunContent]) -> Iterator[NewPattern]:
    """Yield the patterns that only the run has, the most severe level first, then in order of appearance."""
    columns = ["timestamp", "level", "message"]
    number = len(run.logs)
    if not number:
        return
    contents = (run, *good)
    table = pa.concat_tables([one.logs.table.select(columns) for one in contents])
    names = [one.run.name for one in contents]
    keys, codes = without_names(*grouped(table["message"]), names)
    known = np.zeros(len(keys), bool)
    known[codes[number:]] = True
    is_new = ~known[codes[:number]]
    levels = pc.fill_null(table["level"].slice(0, number), -1).to_numpy()
    found: dict[int, list[int]] = {}
    for place in np.flatnonzero(is_new).tolist():
        found.setdefault(int(codes[place]), []).append(place)
    ordered = sorted(found.items(), key=lambda item: (-int(max(levels[item[1]])), item[1][0]))
    for code, places in ordered[:MAX_DIFFERENCES]:
        level = int(max(levels[places]))
        yield NewPattern(
            written(keys[code].as_py()),
            None if level < 0 else level,
            len(places),
            table["timestamp"][places[0]].value,
            table["message"][places[0]].as_py() or "",
        )


def _facts(run: FlowRunRecord, good: Sequence[FlowRunRecord]) -> Iterator[UnusualFact]:
    """Yield the facts of the run that no good run has, those first that are the same in all of them."""
    mine, theirs = _told(run), [_told(one) for one in good]
    found: list[UnusualFact] = []
    for name in dict.fromkeys([*mine, *(name for one in theirs for name in one)]):
        value, others = mine.get(name, MISSING), [one.get(name, MISSING) for one in theirs]
        texts = Counter(map(value_text, others))
        if value_text(value) in texts or _varies(value, others, len(texts)):
            continue
        [(usual, number)] = texts.most_common(1)
        found.append(UnusualFact(name, value_text(value), usual, number, len(texts)))
    yield from sorted(found, key=lambda one: one.value_count)


def _varies(value: Any, others: Sequence[Any], distinct: int) -> bool:
    """Whether a fact is different in each run, or a number within the range of those of the good runs."""
    if distinct >= MIN_VARYING and distinct == len(others):
        numbers = [one for one in (value, *others) if _is_number(one)]
        if len(numbers) == len(others) + 1:
            return min(numbers[1:]) <= value <= max(numbers[1:])
        return value is not MISSING
    return False


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _told(record: FlowRunRecord) -> dict[str, Any]:
    return {
        **facts_of(record),
        "tags": ", ".join(sorted(map(str, record.tags))),
        "labels": ", ".join(sorted(map(str, record.labels or ()))),
    }
