"""Reads log lines into columns, completely or only what is new."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from flowrun_widgets.backends.prefect3.log_to_columns import CHUNK, columns_of
from flowrun_widgets.backends.prefect3.mapping import task_run_record
from flowrun_widgets.backends.prefect3_database.selects import any_of, task_runs
from flowrun_widgets.backends.progress import report
from flowrun_widgets.backends.protocol import LogPeek, LogRead
from flowrun_widgets.containers import FrozenDict
from flowrun_widgets.log_columns import LogColumns

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from flowrun_widgets.backends.prefect3_database.database import Reading

__all__ = ["LogCursor", "count_lines", "latest_lines", "line_ends", "lines"]

ENDS = 200
"""The number of lines at each end of a log that are shown first."""
OF_RUN = "l.flow_run_id = :run"
ERRORS = 40
OVERLAPS = (16, 3600)
"""How many seconds before the newest line new lines are looked for, first and second."""
TEXTS = ("timestamp", "message", "id", "name", "task_run_id")


@dataclass(frozen=True, slots=True)
class LogCursor:
    """Which lines were read."""

    held: LogColumns = field(default_factory=LogColumns)
    labels: Mapping[str, str] = FrozenDict()
    """The labels of task runs by id, as far as they were needed so far."""


def lines(
    reading: Reading,
    where: str,
    values: Mapping[str, Any],
    cursor: LogCursor | None = None,
    *,
    flow_runs: Mapping[str, str] | None = None,
    is_descending: bool = False,
    limit: int | None = None,
) -> LogRead:
    """Return the lines `l` that match, with the labels of their task runs, and the cursor moved on.

    `flow_runs` maps run ids to labels, where several runs are read. With `is_descending` a limit chooses the newest.
    """
    database = reading.database
    cursor = LogCursor() if cursor is None else cursor
    way = "desc" if is_descending else "asc"
    names = [*TEXTS] if flow_runs is None else [*TEXTS, "flow_run_id"]
    sql = (
        f"select l.level, {', '.join(database.text(f'l.{name}') for name in names)} from log l where {where} "
        f"order by l.timestamp {way}, l.{database.arrival} {way}"
        f"{'' if limit is None else f' limit {limit:d}'}"
    )
    parts: list[LogColumns] = []
    read = 0
    batches = [reading.rows(sql, values)[::-1]] if is_descending else reading.batches(sql, values)
    for levels, timestamps, messages, ids, loggers, task_run_ids, *runs in _chunks(batches):
        part = columns_of(
            timestamps=timestamps,
            levels=levels,
            messages=messages,
            ids=ids,
            loggers=loggers,
            task_run_ids=task_run_ids,
            flow_runs=None if flow_runs is None else [flow_runs.get(key) for key in runs[0]],
            zone=database.zone,
        )
        parts.append(part)
        read += len(ids)
        report("lines", read)
    columns = LogColumns.stacked(parts)
    if not parts and flow_runs is not None:
        columns = columns.of_flow_run(None)
    labels = _labels(reading, cursor.labels, columns)
    columns = columns.labelled(labels)
    held = cursor.held.with_new(columns) if len(cursor.held) else columns
    return LogRead(columns, LogCursor(held, labels))


def latest_lines(reading: Reading, flow_run_id: str, cursor: LogCursor) -> LogRead:
    """Return the lines that are not in the cursor, some of them again.

    The number of lines in the database tells whether any are missing. They are looked for among the newest; those that
    were committed late, or that another machine wrote by another clock, further back, and in the end among all.
    """
    there, held = count_lines(reading, flow_run_id), cursor.held
    if there <= len(held):
        return LogRead(LogColumns(), cursor)
    values: dict[str, Any] = {"run": flow_run_id}
    for seconds in OVERLAPS if len(held) else ():
        since = held.table["timestamp"][-1].as_py() - timedelta(seconds=seconds)
        after = {**values, "since": reading.database.moment(since)}
        read = lines(reading, f"{OF_RUN} and l.timestamp >= :since", after, cursor)
        assert isinstance(read.cursor, LogCursor)
        if len(read.cursor.held) >= there:
            return read
    return lines(reading, OF_RUN, values, cursor)


def count_lines(reading: Reading, flow_run_id: str) -> int:
    """Return the number of lines of a flow run; the database answers from an index."""
    sql = f"select count(*) from log l where {OF_RUN}"
    return reading.rows(sql, {"run": flow_run_id})[0][0]


def line_ends(reading: Reading, flow_run_id: str, *, errors_first: bool) -> LogPeek:
    """Return the newest lines, and the oldest lines or the oldest errors."""
    values: dict[str, Any] = {"run": flow_run_id}
    chosen = f"{OF_RUN} and l.level >= {ERRORS}" if errors_first else OF_RUN
    first = lines(reading, chosen, values, limit=ENDS).columns
    last = lines(reading, OF_RUN, values, is_descending=True, limit=ENDS).columns
    return LogPeek(first, last, is_whole=len(last) < ENDS)


def _chunks(batches: Iterable[list[tuple[Any, ...]]]) -> Iterator[list[list[Any]]]:
    """Yield the values of each column, of some thousand rows at a time."""
    columns: list[list[Any]] = []
    for batch in filter(None, batches):
        new = [list(column) for column in zip(*batch, strict=True)]
        if not columns:
            columns = new
        else:
            for column, more in zip(columns, new, strict=True):
                column.extend(more)
        if len(columns[0]) >= CHUNK:
            yield columns
            columns = []
    if columns:
        yield columns


def _labels(reading: Reading, known: Mapping[str, str], columns: LogColumns) -> Mapping[str, str]:
    unknown = [key for key in columns.task_run_ids() if key not in known]
    if not unknown:
        return known
    found = {
        run.id: task_run_record(run).label
        for where, values in any_of("r.id", unknown)
        for run in task_runs(reading, f"where {where}", values)
    }
    return FrozenDict({**known, **found})
