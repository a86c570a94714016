"""`Retries`: where further attempts of task runs begin in the log."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from flowrun_widgets.arrow import pc
from flowrun_widgets.plain_text import shortened
from flowrun_widgets.report.badges import MAX_NAME_CHARS
from flowrun_widgets.states import Looped, Running
from flowrun_widgets.times import to_micros

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    from flowrun_widgets.log_columns import LogColumns
    from flowrun_widgets.records import TaskRunRecord
    from flowrun_widgets.report.wire import Retry
    from flowrun_widgets.states import State

__all__ = ["Retries", "attempts_begun"]


class ByClass(dict[type[Any], bool]):
    """Whether a state class is Running, checked once per class, since a run may have 100,000 states."""

    def __missing__(self, cls: type[Any]) -> bool:
        self[cls] = issubclass(cls, Running)
        return self[cls]


RUNS = ByClass()
NONE = np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class Retries:
    """The attempts after the first, and the lines that belong to them.

    `positions` are the ascending positions of their lines, `numbers` the index of each line's attempt in `dividers`.
    """

    positions: NDArray[Any] = field(default_factory=lambda: NONE)
    numbers: NDArray[Any] = field(default_factory=lambda: NONE)
    dividers: tuple[Retry | None, ...] = ()

    @classmethod
    def of(cls, columns: LogColumns, task_runs: Sequence[TaskRunRecord]) -> Retries:
        """Return the retries of task runs with a history. Costs nothing if nothing was retried."""
        tried = [
            (run, attempts)
            for run in task_runs
            if sum(map(RUNS.__getitem__, map(type, run.states))) > 1
            and len(attempts := [*attempts_begun(run)]) > 1
        ]
        if not tried or not len(columns):
            return cls()
        order = {run.id: number for number, (run, _) in enumerate(tried)}
        found = [_owned(ids, order) for ids in columns.table["task_run_id"].chunks]
        starts = np.cumsum([0, *map(len, columns.table["task_run_id"].chunks)])
        owner = np.concatenate([of for _, of in found])
        positions = np.concatenate(
            [at + start for (at, _), start in zip(found, starts, strict=False)]
        )
        times = pc.cast(columns.table["timestamp"], "int64").to_numpy()[positions]
        begun = np.array([at for _, attempts in tried for at, _ in attempts], np.int64)
        moments = np.unique(begun)
        owners = np.repeat(np.arange(len(tried)), [len(attempts) for _, attempts in tried])
        width = len(moments) + 1
        keys = owners * width + np.searchsorted(moments, begun) + 1
        wanted = owner * width + np.searchsorted(moments, times, "right")
        numbers = np.searchsorted(keys, wanted, "right") - 1
        dividers = tuple(
            _divider(run, nth, len(attempts), waited)
            for run, attempts in tried
            for nth, (_, waited) in enumerate(attempts, 1)
        )
        is_repeated = np.array([divider is not None for divider in dividers])
        kept = (numbers >= 0) & is_repeated[numbers] & (owners[numbers] == owner)
        return cls(positions[kept], numbers[kept], dividers)

    def first_of(self, shown: NDArray[Any] | None) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return positions and numbers of the first shown line of each attempt, ascending; None: all are shown."""
        positions, numbers = self.positions, self.numbers
        if shown is not None and len(positions):
            at = np.minimum(np.searchsorted(shown, positions), max(0, len(shown) - 1))
            kept = shown[at] == positions if len(shown) else np.zeros(len(positions), bool)
            positions, numbers = positions[kept], numbers[kept]
        first = np.full(len(self.dividers), -1, np.int64)
        first[numbers[::-1]] = positions[::-1]
        found = np.flatnonzero(first >= 0)
        found = found[np.argsort(first[found], kind="stable")]
        return first[found], found


def _divider(run: TaskRunRecord, attempt: int, attempts: int, waited: float | None) -> Retry | None:
    if attempt == 1:
        return None
    return ("retry", shortened(run.label, MAX_NAME_CHARS) or "", attempt, attempts, waited)


def _owned(ids: pa.DictionaryArray, order: dict[str, int]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the positions of the lines whose task run is in `order`, and its index there."""
    names = ids.dictionary.to_pylist()
    index = pc.fill_null(ids.indices, len(names)).to_numpy(zero_copy_only=False)
    numbers = np.array([*(order.get(name, -1) for name in names), -1], np.int64)
    places = np.flatnonzero((numbers >= 0)[index])
    return places, numbers[index[places]]


def attempts_begun(run: TaskRunRecord) -> Iterator[tuple[int, float | None]]:
    """Yield when each attempt began, and the seconds since the one before ended; the rounds of a loop count as one."""
    if not run.has_history:
        return
    goes_on, ended, latest = False, None, 0
    before: State | None = None
    for state in run.states:
        if state.timestamp is None:
            continue
        at = to_micros(state.timestamp)
        if before is not None and isinstance(before, Running):
            ended = at
        if isinstance(state, Running) and not goes_on:
            waited = None if ended is None else max(0.0, (at - ended) / 1_000_000)
            latest = max(latest, at)
            yield latest, waited
        goes_on = isinstance(state, Running | Looped)
        before = state
