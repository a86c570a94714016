"""A run of 10,000 task runs and 1,000,000 log lines that is completely in memory, the same each time."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import numpy as np
import pyarrow as pa

import flowrun_widgets as fw
from flowrun_widgets.backends.protocol import LogRead, TaskRunRead
from flowrun_widgets.containers import FrozenDict, FrozenList
from flowrun_widgets.log_columns import SCHEMA, LogColumns
from flowrun_widgets.records import FlowRecord, FlowRunRecord, TaskRunRecord
from flowrun_widgets.runs.flow_run import FlowRunView
from flowrun_widgets.states import Failed, Pending, Retrying, Running, Success, TriggerFailed
from flowrun_widgets.store.writer import StoreWriter
from flowrun_widgets.times import from_micros
from flowrun_widgets.views.fetched import FetchedParts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowrun_widgets.states import State

FLOW_RUN_ID = "5b1d1c6e-0f3a-4f55-9d39-000000000001"
FLOW_ID = "5b1d1c6e-0f3a-4f55-9d39-000000000002"
BEGIN = 1_795_305_600_000_000  # 2026-11-22T00:00:00Z
LENGTH = 2 * 3600 * 1_000_000
WIDTH = LENGTH // 400
"""How long a task run runs at first: about 25 of 10,000 at a time."""
EXTRACTED, HELD_UP = 50, 3
RETRIED_EVERY = 200
NEEDLE = "needle"
"""Stands in one line of 4,000."""
LOGGERS = ["prefect.TaskRunner", "prefect.load", "prefect.transform", "urllib3.connectionpool"]
MESSAGES = [
    "Task 'load[{task}]': Starting task run on worker ip-10-0-{task}.eu-central-1 in pool {small}",
    "Loaded {big} rows of partition day={small} into warehouse.orders in {span:.3f} s, next is due",
    "GET https://api.example.com/v2/items/{big}?page={small} answered 200 in {span:.3f} s",
    '{{"event": "batch", "rows": {big}, "partition": {small}, "seconds": {span:.3f}, "ok": true}}',
    "\x1b[32mCommitted\x1b[0m {big} rows to s3://lake/orders/day={small}/part-{big:05}.parquet",
    "Übertrage Zeile {big} für Kundennummer {task}: geprüft und abgelegt unter /daten/straße",
    "Cache key {big:08x} of partition {small} is kept for {span:.1f} h and read by {small} others",
    "Connection to replica-{small} is idle for {span:.3f} s, {big} bytes waiting to be flushed",
]
SLOW = "Partition day={small} took {span:.3f} s for {big} rows, more than the {small} s it may take"
BROKEN = "Connection reset by peer while reading block {big} of day={small}/part-{big:05}.parquet"
TRACEBACK = """Task 'load[{task}]': Exception encountered during task execution!
Traceback (most recent call last):
  File "/usr/lib/python3.11/site-packages/prefect/engine/task_runner.py", line 880, in get_task_run_state
    value = prefect.utilities.executors.run_task_with_timeout(
  File "/usr/lib/python3.11/site-packages/prefect/utilities/executors.py", line 468, in run_task_with_timeout
    return task.run(*args, **kwargs)
  File "/srv/flows/nightly_orders.py", line 212, in load
    rows = read_block(partition, number)
  File "/srv/flows/blocks.py", line 47, in read_block
    raise ConnectionResetError("Connection reset by peer")
ConnectionResetError: Connection reset by peer"""


def big_run(lines: int = 1_000_000, task_runs: int = 10_000) -> FlowRunView:
    """Return a failed run: `extract[…]`, then thousands of `load[…]`, one of which fails near the end.

    Nothing has to be fetched for its card. The ambient connection is left on an empty store.
    """
    records = tuple(_task_runs(task_runs))
    columns = _log(lines, records)
    empty = Path(tempfile.mkdtemp(prefix="flowrun-big-")) / "store.sqlite"
    StoreWriter(empty).close()
    return FlowRunView(
        _flow_run(),
        fw.connect(empty),
        as_of=from_micros(BEGIN + LENGTH + 60_000_000),
        fetched=FetchedParts(
            logs=LogRead(columns, None),
            task_runs=TaskRunRead(records, None),
            finished={record.id: record for record in records},
            task_run_ids=tuple(record.id for record in records),
            flow=FlowRecord(FLOW_ID, "nightly-orders", project_name="warehouse"),
        ),
    )


def _flow_run() -> FlowRunRecord:
    history = _history(
        (Pending(), BEGIN - 5_000_000),
        (Running("Running flow."), BEGIN),
        (Failed("Some reference tasks failed."), BEGIN + LENGTH),
    )
    return FlowRunRecord(
        id=FLOW_RUN_ID,
        name="amber-heron",
        flow_id=FLOW_ID,
        state=history[-1],
        states=history,
        flow_name="nightly-orders",
        project_name="warehouse",
        labels=FrozenList(["eu-central-1", "nightly"]),
        parameters=FrozenDict({"day": "2026-11-21", "partitions": 31, "dry_run": False}),
        created_at=from_micros(BEGIN - 5_000_000),
        started_at=from_micros(BEGIN),
        ended_at=from_micros(BEGIN + LENGTH),
    )


def _task_runs(count: int) -> Iterator[TaskRunRecord]:
    """Yield `extract[…]`, `load[…]` and what they hold up, each begun somewhat after the one before."""
    loads = count - EXTRACTED - HELD_UP
    failing = loads - loads // 20 - 1
    for number in range(EXTRACTED):
        yield _task_run(number, "extract", number, number, count)
    for number in range(loads):
        place = number + EXTRACTED
        yield _task_run(place, "load", number, place, count, fails=number == failing)
    for number, name in enumerate(["reconcile", "report", "notify"]):
        place = count - HELD_UP + number
        state = TriggerFailed('Trigger was "all_successful" but some upstream failed.')
        history = _history((Pending(), BEGIN), (state, BEGIN + LENGTH - 1_000_000))
        yield TaskRunRecord(
            id=_id(place),
            flow_run_id=FLOW_RUN_ID,
            state=history[-1],
            task_slug=f"{name}-1",
            task_name=name,
            states=history,
        )


def _task_run(
    place: int, task: str, index: int, order: int, count: int, *, fails: bool = False
) -> TaskRunRecord:
    start = BEGIN + order * (LENGTH - 2 * WIDTH) // count
    end = start + WIDTH
    history: list[tuple[State, int]] = [
        (Pending(), start - WIDTH // 4),
        (Running("Starting task run."), start),
    ]
    if fails or place % RETRIED_EVERY == 7:
        failed_at, again_at = start + WIDTH // 3, start + WIDTH // 2
        retry = Retrying("Retrying Task", start_time=from_micros(again_at))
        history += [(retry, failed_at), (Running("Starting task run."), again_at)]
    reason = "Unexpected error: ConnectionResetError('Connection reset by peer')"
    history.append((Failed(reason) if fails else Success("Task run succeeded."), end))
    states = _history(*history)
    return TaskRunRecord(
        id=_id(place),
        flow_run_id=FLOW_RUN_ID,
        state=states[-1],
        task_slug=f"{task}-1",
        task_name=task,
        map_index=index,
        states=states,
        started_at=from_micros(start),
        ended_at=from_micros(end),
    )


def _log(count: int, records: tuple[TaskRunRecord, ...]) -> LogColumns:
    """Return the lines of the task runs that began, as many of each, sorted by time."""
    began = [record for record in records if record.started_at is not None]
    owner = np.arange(count) % len(began)
    starts = np.array([record.started_at.timestamp() for record in began if record.started_at])
    share = np.arange(count) // len(began) / (count // len(began) + 1)
    times = (starts[owner] * 1e6 + share * (WIDTH - 1000) + 500).astype(np.int64)
    order = np.argsort(times, kind="stable")
    owner, times = owner[order], times[order]
    failing = next(n for n, record in enumerate(began) if record.state.is_failed())
    last = int(np.flatnonzero(owner == failing)[-1])
    messages, levels = _messages(owner.tolist())
    messages[last], levels[last] = TRACEBACK.format(task=began[failing].map_index), 40
    level = pa.array(levels, pa.int16())
    names = pa.array(["DEBUG", "INFO", "WARNING", "ERROR"], pa.string())
    logger = pa.array((owner % len(LOGGERS)).astype(np.int32))
    table = pa.Table.from_arrays(
        [
            pa.array(np.arange(count)),
            pa.array(times).cast(pa.timestamp("us", "UTC")),
            level,
            pa.DictionaryArray.from_arrays(pa.array(np.array(levels, np.int32) // 10 - 1), names),
            pa.DictionaryArray.from_arrays(owner.astype(np.int32), [r.id for r in began]),
            pa.DictionaryArray.from_arrays(owner.astype(np.int32), [r.label for r in began]),
            pa.DictionaryArray.from_arrays(logger, LOGGERS),
            pa.array(messages, pa.large_string()),
            pa.FixedSizeBinaryArray.from_buffers(
                pa.binary(16), count, [None, pa.py_buffer(random.Random(2).randbytes(16 * count))]
            ),
        ],
        schema=SCHEMA,
    )
    return LogColumns(table, count)


def _messages(owner: list[int]) -> tuple[list[str], list[int]]:
    chance = random.Random(7)
    messages: list[str] = []
    levels: list[int] = []
    for n, task in enumerate(owner):
        draw = int(chance.random() * 100_000)
        numbers = {"task": task, "big": draw, "small": n % 31, "span": draw / 11_000}
        if draw < 12:
            text, level = BROKEN, 40
        elif draw < 300:
            text, level = SLOW, 30
        else:
            text, level = MESSAGES[n * 7 % 8], 10 if n % 9 == 0 else 20
        text = text.format(**numbers)
        messages.append(f"{text} {NEEDLE}" if n % 4000 == 2222 else text)
        levels.append(level)
    return messages, levels


def _history(*states: tuple[State, int]) -> tuple[State, ...]:
    return tuple(state.at(from_micros(at)) for state, at in states)


def _id(number: int) -> str:
    return str(UUID(int=(0x5B1D1C6E0F3A4F559D39 << 48) + 0x100 + number))
