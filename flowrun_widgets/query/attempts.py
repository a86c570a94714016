"""The attempt of a line: how many Running states its task run had up to then."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pyarrow as pa

    from flowrun_widgets.records import TaskRunRecord

__all__ = ["attempts_of", "running_times"]


def running_times(records: Iterable[TaskRunRecord]) -> dict[str, tuple[int, ...]]:
    """Return for each task run id the microseconds of its Running states, oldest first.

    Task runs whose history is not known are left out.
    """
    from flowrun_widgets.times import to_micros

    return {
        record.id: tuple(
            sorted(
                to_micros(state.timestamp)
                for state in record.states
                if state.is_running() and state.timestamp is not None
            )
        )
        for record in records
        if record.has_history
    }


def attempts_of(table: pa.Table, running: Mapping[str, Sequence[int]]) -> pa.ChunkedArray:
    """Return the attempt of each line, int32; null where the line has no task run, or `running` does not have it."""
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
