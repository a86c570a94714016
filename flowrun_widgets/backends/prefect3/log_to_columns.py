"""Converts log lines to columns while they arrive, some thousand at a time."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow as pa

from flowrun_widgets.arrow import pc
from flowrun_widgets.errors import UnexpectedAnswer
from flowrun_widgets.log_columns import LogColumns

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence

    from flowrun_widgets.backends.prefect3.wire import Line

__all__ = ["CHUNK", "LogChunks", "columns_of"]

CHUNK = 20_000
"""The number of lines that are converted at once."""
CLOCKS_MICROS = 16_000_000
"""Lines whose delays from their times to their arrivals differ by more are from workers with different clocks."""
MICROS = pa.timestamp("us", "UTC")


@dataclass
class _End:
    open: list[Line] = field(default_factory=list["Line"])
    sealed: list[LogColumns] = field(default_factory=list[LogColumns])


class LogChunks:
    """Collects lines and converts them to columns. `flow_runs` maps run ids to labels, where several runs are read."""

    def __init__(self, flow_runs: Mapping[str, str] | None = None) -> None:
        self._flow_runs = flow_runs
        self.read = 0
        self._newest: dict[int, tuple[int, int]] = {}
        """The newest arrival and the newest time of lines, by their delay in multiples of `CLOCKS_MICROS`."""
        self._lower = _End()
        self._upper = _End()

    def add(self, lines: Sequence[Line]) -> None:
        """Add lines in ascending order of time, from the beginning of the log."""
        self._add(self._lower, lines)

    def add_descending(self, lines: Sequence[Line]) -> None:
        """Add lines in descending order of time, from the end of the log."""
        self._add(self._upper, lines)

    def columns(self) -> LogColumns:
        """Return everything as one table, each line once, in the server's ascending order."""
        lower = [*self._lower.sealed, self._columns(self._lower.open)]
        upper = [*self._upper.sealed, self._columns(self._upper.open[::-1])]
        parts = [part for part in (*lower, *upper[::-1]) if len(part)]
        if not parts and self._flow_runs is not None:
            return LogColumns().of_flow_run(None)
        return LogColumns.joined(parts)

    def _add(self, end: _End, lines: Sequence[Line]) -> None:
        end.open.extend(lines)
        self.read += len(lines)
        if len(end.open) >= CHUNK:
            full, end.open = end.open, []
            end.sealed.append(self._columns(full if end is self._lower else full[::-1]))

    def _columns(self, lines: Sequence[Line]) -> LogColumns:
        if not lines:
            return LogColumns()
        names = self._flow_runs
        timestamps = [line.timestamp for line in lines]
        columns = columns_of(
            timestamps=timestamps,
            levels=[line.level for line in lines],
            messages=[line.message for line in lines],
            ids=[line.id for line in lines],
            loggers=[line.name for line in lines],
            task_run_ids=[line.task_run_id for line in lines],
            flow_runs=None
            if names is None
            else [names.get(line.flow_run_id or "") for line in lines],
        )
        with _known_format():
            self._note_clocks(_micros([line.created for line in lines]), _micros(timestamps))
        return columns

    def places(self) -> list[int]:
        """Return the times of the newest lines of workers whose clocks are behind others', the last to arrive first."""
        times: list[int] = []
        newest = max((time for _, time in self._newest.values()), default=0)
        for _, time in sorted(self._newest.values(), reverse=True):
            if all(abs(time - other) > CLOCKS_MICROS for other in (newest, *times)):
                times.append(time)
        return times

    def _note_clocks(self, created: pa.Int64Array, times: pa.Int64Array) -> None:
        delay = pc.divide(pc.subtract(created, times), CLOCKS_MICROS)
        columns = pa.table({"delay": delay, "created": created, "time": times})
        newest = columns.group_by("delay").aggregate([("created", "max"), ("time", "max")])
        for row in newest.to_pylist():
            if row["created_max"] is not None:
                before = self._newest.get(row["delay"], (0, 0))
                self._newest[row["delay"]] = max(before, (row["created_max"], row["time_max"]))


def columns_of(
    *,
    timestamps: Sequence[str],
    levels: Sequence[int | None],
    messages: Sequence[str | None],
    ids: Sequence[str],
    loggers: Sequence[str | None],
    task_run_ids: Sequence[str | None],
    flow_runs: Sequence[str | None] | None = None,
    zone: str = "",
) -> LogColumns:
    """Return lines as columns, sorted by time. Times are ISO 8601; `zone` is the offset that all of them lack.

    Raises:
        UnexpectedAnswer: a value is of another type, or a time is not one.
    """
    with _known_format():
        return LogColumns.from_lists(
            timestamps=_micros(timestamps, zone),
            levels=levels,
            messages=messages,
            ids=ids,
            loggers=loggers,
            task_run_ids=task_run_ids,
            tasks={},
            flow_runs=flow_runs,
        )


@contextmanager
def _known_format() -> Generator[None]:
    try:
        yield
    except (pa.ArrowInvalid, AttributeError, TypeError, ValueError) as error:
        raise UnexpectedAnswer(
            f"the server sent log lines in an unknown format: {error!r:.100}"
        ) from None


def _micros(texts: Sequence[str | None], zone: str = "") -> pa.Int64Array:
    times = pa.array(texts, pa.string())
    if zone:
        times = pc.binary_join_element_wise(times, zone, "")
    return times.cast(MICROS).cast(pa.int64())
