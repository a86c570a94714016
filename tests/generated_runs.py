"""A source of many finished runs with log lines, made up by their number, the same each time."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import numpy as np
import pyarrow as pa

from flowrun_widgets.arrow import pc
from flowrun_widgets.backends.protocol import Backend, Latest, LogRead, TaskRunRead
from flowrun_widgets.connection.connection import Connection
from flowrun_widgets.errors import NotFound
from flowrun_widgets.log_columns import LogColumns
from flowrun_widgets.records import FlowRunRecord, TaskRunRecord
from flowrun_widgets.runs.find import find_flow_runs
from flowrun_widgets.states import Failed, Success
from flowrun_widgets.times import from_micros

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowrun_widgets.backends.run_filter import RunFilter
    from flowrun_widgets.runs.flow_runs import FlowRunList

BEGIN = 1_763_776_800_000_000  # 2025-11-22T02:00:00Z
HOUR = 3_600_000_000
RUNS_A_DAY = 10
LASTS = 1_800_000_000
FLOWS = ["nightly-orders", "ledger close", "a/b=c%20", "Überweisung", "2024"]
TASKS = 5
LEVELS = pa.array(["DEBUG", "INFO", "WARNING", "ERROR"])
LOGGERS = pa.array(["prefect.flow_runs", "prefect.task_runs", "urllib3"])
SENTENCES = [
    "Loaded {a} rows in {f} s",
    "connection to 10.0.{b}.{c}:5432 refused, try {b} of 9",
    "Wrote s3://bucket/day={b}/part-{a}.parquet",
    "Checkpoint {h} kept after {a} events",
    "Finished step {b} of the load: {a} rows read, none refused",
    "cache miss for key {h}",
    "GET /orders/{a} took {c} ms",
    "Skipped partition {b}: it is empty",
    "Retrying after {f} s: the warehouse is busy",
    "Memory at {b} %, {a} kB free",
    "schema 2.{b}.{c} is in use since 2025-11-22T02:{c}:00Z",
    'Traceback (most recent call last):\n  File "/srv/etl.py", line {b}, in load\nValueError: row {a}',
]


def run_id(number: int) -> str:
    """Return the id of a run."""
    return str(UUID(int=0xF10 << 96 | number))


class ManyRuns(Backend):
    """`runs` finished runs of `lines` lines each."""

    label = "made up"
    url = "made-up://runs"
    is_local = True

    def __init__(self, runs: int, lines: int) -> None:
        self.runs = runs
        self.lines = lines
        self.read: list[str] = []
        """The runs whose logs were read, in order."""

    def flow_run(self, flow_run_id: str) -> FlowRunRecord:
        return self.record(self._number(flow_run_id))

    def flow_runs(self, chosen: RunFilter, limit: int | None = None) -> Iterator[FlowRunRecord]:
        found = (self.record(number) for number in reversed(range(self.runs)))
        every = [one for one in found if chosen.has_time(one)]
        return iter(every[:limit])

    def record(self, number: int) -> FlowRunRecord:
        begin = BEGIN + number * (24 * HOUR // RUNS_A_DAY)
        ended = from_micros(begin + LASTS)
        state = (Failed if number % 7 == 0 else Success)(name="Done", timestamp=ended)
        return FlowRunRecord(
            run_id(number),
            f"run-{number}",
            run_id(10**6),
            state,
            (state,),
            flow_name=FLOWS[number % len(FLOWS)],
            started_at=from_micros(begin),
            ended_at=ended,
            run_count=1,
        )

    def latest(
        self, flow_run_id: str, logs_cursor: object | None, task_runs_cursor: object | None
    ) -> Latest:
        return Latest(self.flow_run(flow_run_id))

    def logs(self, flow_run_id: str, start: object, end: object, **_: object) -> LogRead:
        self.read.append(flow_run_id)
        return LogRead(self.columns(self._number(flow_run_id)), None)

    def columns(self, number: int) -> LogColumns:
        chance = np.random.default_rng(number)
        count = self.lines
        begin = BEGIN + number * (24 * HOUR // RUNS_A_DAY)
        times = np.sort(chance.integers(0, LASTS, count)) + begin
        tasks = [record.id for record in self._tasks(number)]
        return LogColumns.from_lists(
            timestamps=pa.array(times),
            levels=LEVELS.take(pa.array(chance.choice(4, count, p=[0.2, 0.7, 0.08, 0.02]))),
            messages=_messages(chance, count),
            ids=pa.nulls(count, pa.string()),
            loggers=LOGGERS.take(pa.array(chance.integers(0, 3, count))),
            task_run_ids=pa.array([*tasks, None]).take(pa.array(chance.integers(0, 6, count))),
            tasks={key: f"load-{place}" for place, key in enumerate(tasks)},
        )

    def task_runs(self, flow_run_id: str) -> TaskRunRead:
        return TaskRunRead(tuple(self._tasks(self._number(flow_run_id))), None)

    def task_run(self, task_run_id: str) -> TaskRunRecord:
        raise NotFound(task_run_id)

    def task_run_by_slug(self, flow_run_id: str, task_slug: str, map_index: int) -> TaskRunRecord:
        raise NotFound(task_slug)

    def close(self) -> None:
        pass

    def _number(self, flow_run_id: str) -> int:
        return UUID(flow_run_id).int & 0xFFFFFFFF

    def _tasks(self, number: int) -> list[TaskRunRecord]:
        state = Success(timestamp=self.record(number).ended_at)
        return [
            TaskRunRecord(
                str(UUID(int=0x7A5 << 96 | number << 16 | place)),
                run_id(number),
                state,
                f"load-{place}",
                run_count=1,
            )
            for place in range(TASKS)
        ]


def many_runs(backend: Backend) -> FlowRunList:
    """Return every run of a source."""
    connection = Connection(backend, "a test")
    return find_flow_runs(since="2000-01-01", limit=None, api=connection)


def _messages(chance: np.random.Generator, count: int) -> pa.LargeStringArray:
    values = {
        "a": chance.integers(1_000, 9_999_999, count).astype(str),
        "b": chance.integers(1, 60, count).astype(str),
        "c": chance.integers(10, 60, count).astype(str),
        "f": np.char.mod("%.3f", chance.random(count) * 90),
        "h": np.char.mod("%016x", chance.integers(1 << 60, 1 << 62, count)),
    }
    kinds = chance.integers(0, len(SENTENCES), count)
    order = np.argsort(kinds, kind="stable")
    parts = []
    for kind, sentence in enumerate(SENTENCES):
        chosen = np.flatnonzero(kinds == kind)
        pieces = sentence.replace("{", "}").split("}")
        texts = [
            pa.array(values[piece][chosen], pa.large_string())
            if place % 2
            else pa.repeat(pa.scalar(piece, pa.large_string()), len(chosen))
            for place, piece in enumerate(pieces)
        ]
        parts.append(pc.binary_join_element_wise(*texts, pa.scalar("", pa.large_string())))
    return pa.concat_arrays(parts).take(pa.array(np.argsort(order)))
