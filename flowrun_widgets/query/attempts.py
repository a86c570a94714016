"""Finds the attempt of a line: the number of Running states that its task run had entered by then."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import pyarrow as pa

    from flowrun_widgets.records import TaskRunRecord

__all__ = ["attempts_of", "running_times"]


class RunningTimes(Mapping[str, tuple[int, ...]]):
    """A lazy mapping from task run ids to the microseconds of their Running states, oldest first."""

    __slots__ = ("_known", "_records")

    def __init__(self, records: Iterable[TaskRunRecord]) -> None:
        self._records = {record.id: record for record in records if record.has_history}
        self._known: dict[str, tuple[int, ...]] = {}

    def __getitem__(self, key: str) -> tuple[int, ...]:
        if key not in self._known:
            self._known[key] = _running_times(self._records[key])
        return self._known[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._records)

    def __len__(self) -> int:
        return len(self._records)

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (dict(self),)


def running_times(records: Iterable[TaskRunRecord]) -> Mapping[str, tuple[int, ...]]:
    """Return a mapping from task run ids to the microseconds of their Running states, oldest first.

    Task runs without a known history are left out.
    """
    return RunningTimes(records)


def _running_times(record: TaskRunRecord) -> tuple[int, ...]:
    from flowrun_widgets.times import to_micros

    moments = [state.timestamp for state in record.states if state.is_running()]
    return tuple(sorted(to_micros(moment) for moment in moments if moment is not None))


def attempts_of(table: pa.Table, running: Mapping[str, Sequence[int]]) -> pa.ChunkedArray:
    """Return the attempt of each line as int32; null where the line has no task run, or `running` lacks it."""
    import pyarrow as pa

    from flowrun_widgets.arrow import pc

    times = pc.cast(table["timestamp"], pa.int64())
    parts: list[pa.Array] = []
    start = 0
    for chunk in table["task_run_id"].chunks:
        begun = [running.get(key) for key in chunk.dictionary.to_pylist()]
        at = times.slice(start, len(chunk)).combine_chunks()
        start += len(chunk)
        known = pa.array([None if moments is None else 0 for moments in begun], pa.int32())
        count = known.take(chunk.indices)
        for nth in range(max((len(moments) for moments in begun if moments), default=0)):
            nths = pa.array(
                [moments[nth] if moments and nth < len(moments) else None for moments in begun],
                pa.int64(),
            )
            reached = pc.fill_null(pc.greater_equal(at, nths.take(chunk.indices)), False)
            count = pc.add(count, reached.cast(pa.int32()))
        parts.append(count)
    return pa.chunked_array(parts, pa.int32())
