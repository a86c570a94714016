"""Saving a run as a trace in Chrome's format, which Perfetto and chrome://tracing open."""

from __future__ import annotations

import logging
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any

import msgspec

from flowrun_widgets.analysis.durations import ended_at, spans
from flowrun_widgets.containers import thaw
from flowrun_widgets.export.archive import content_of
from flowrun_widgets.export.saved import Saved
from flowrun_widgets.files import absolute_path, write_file
from flowrun_widgets.plain_text import shortened
from flowrun_widgets.redaction.shareable import shareable
from flowrun_widgets.settings import chosen_redaction
from flowrun_widgets.times import to_micros

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Sequence

    from pendulum import DateTime

    from flowrun_widgets.log_columns import LogColumns
    from flowrun_widgets.records import FlowRunRecord, TaskRunRecord
    from flowrun_widgets.redaction import Redaction
    from flowrun_widgets.views.flow_run import FlowRunSnapshot

__all__ = ["save_trace"]

Event = dict[str, Any]
PROCESS = 1
RUN = 0
"""The thread that stands for the run itself; task runs have the threads from 1."""
MAX_NAME_CHARS = 120
MAX_TEXT_CHARS = 2_000


def save_trace(
    run: FlowRunSnapshot, path: str | os.PathLike[str], *, redact: bool | Redaction | None = None
) -> Saved:
    """Write a run as a trace; see `FlowRunView.to_trace`."""
    place = absolute_path(path, "night.trace.json")
    redaction = run.connection.redaction if redact is None else chosen_redaction(redact)
    content, missing = content_of(run)
    clean = shareable(content, redaction)
    until = run.as_of
    record, task_runs = clean.value.run, clean.value.task_runs
    lanes = _lanes(task_runs, until)
    events = [
        *_names(record, lanes),
        *_run_events(record, until),
        *_task_events(task_runs, lanes, until),
        *_arrows(task_runs, lanes),
        *_line_events(clean.value.logs, lanes),
    ]
    trace = {
        "traceEvents": events,
        "displayTimeUnit": "ms",
        "otherData": {"flow_run_id": record.id},
    }
    size = write_file(place, lambda new: new.write_bytes(msgspec.json.encode(trace)))
    redacted = None if redaction is None else clean.count
    return Saved(place, 1, redacted, size, tuple(missing), int(not record.state.is_finished()))


def _lanes(task_runs: Sequence[TaskRunRecord], until: DateTime) -> dict[str, int]:
    """Return the thread of each task run that has begun, so that no two of one thread overlap."""
    lanes: dict[str, int] = {}
    free: list[int] = []
    busy: list[tuple[int, int]] = []
    for task_run, (begin, end) in _begun(task_runs, until):
        while busy and busy[0][0] <= begin:
            heappush(free, heappop(busy)[1])
        lane = heappop(free) if free else len(busy) + 1
        heappush(busy, (end, lane))
        lanes[task_run.id] = lane
    return lanes


def _begun(
    task_runs: Sequence[TaskRunRecord], until: DateTime
) -> list[tuple[TaskRunRecord, tuple[int, int]]]:
    """Return the task runs that have begun, in order, each with its begin and end in microseconds."""
    found: list[tuple[TaskRunRecord, tuple[int, int]]] = []
    for one in task_runs:
        stretches = spans(one)
        if stretches:
            begin = to_micros(min(stretch.start for stretch in stretches))
            end = max(to_micros(stretch.end or until) for stretch in stretches)
            found.append((one, (begin, max(begin, end))))
    return sorted(found, key=lambda each: (each[1], each[0].id))


def _names(record: FlowRunRecord, lanes: dict[str, int]) -> Iterator[Event]:
    name = " · ".join(filter(None, (record.flow_name, record.name))) or record.id
    yield _named("process_name", RUN, name)
    yield _named("thread_name", RUN, "flow run")
    for lane in range(1, max(lanes.values(), default=0) + 1):
        yield _named("thread_name", lane, f"task runs {lane}")
        yield {**_named("thread_sort_index", lane, ""), "args": {"sort_index": lane}}


def _named(what: str, thread: int, name: str) -> Event:
    return {"name": what, "ph": "M", "pid": PROCESS, "tid": thread, "args": {"name": name}}


def _run_events(record: FlowRunRecord, until: DateTime) -> Iterator[Event]:
    begin = record.started_at or record.created_at
    if begin is None:
        return
    about = {"flow_run_id": record.id, **_state(record), "parameters": thaw(record.parameters)}
    yield _slice(record.name or record.id, "flow run", RUN, begin, ended_at(record) or until, about)
    for stretch in spans(record):
        if stretch.start >= begin:
            end = stretch.end or until
            yield _slice(stretch.kind, "attempt", RUN, stretch.start, end, {})


def _task_events(
    task_runs: Sequence[TaskRunRecord], lanes: dict[str, int], until: DateTime
) -> Iterator[Event]:
    for one, (begin, end) in _begun(task_runs, until):
        about = {"task_run_id": one.id, **_state(one), "attempts": one.attempts}
        yield {
            "name": one.label, "cat": "task run", "ph": "X", "pid": PROCESS, "tid": lanes[one.id],
            "ts": begin, "dur": end - begin, "args": about,
        }  # fmt: skip
        stretches = spans(one)
        if len(stretches) > 1:
            for stretch in stretches:
                yield _slice(
                    stretch.kind, "attempt", lanes[one.id], stretch.start, stretch.end or until, {}
                )


def _arrows(task_runs: Sequence[TaskRunRecord], lanes: dict[str, int]) -> Iterator[Event]:
    """Yield an arrow from each task run to those that waited for its result."""
    begun = [one for one in task_runs if one.id in lanes]
    # A sub-flow run is named by itself or by the task run that stands for it.
    upstream = {name: one for one in begun for name in (one.id, one.child_flow_run_id)}
    number = 0
    for one in begun:
        for before in filter(None, map(upstream.get, one.upstream_ids)):
            end = ended_at(before)
            if end is None or one.started_at is None or end > one.started_at:
                continue
            number += 1
            arrow = {"name": "result", "cat": "result", "id": number, "pid": PROCESS}
            yield {**arrow, "ph": "s", "tid": lanes[before.id], "ts": to_micros(end)}
            yield {
                **arrow, "ph": "f", "bp": "e", "tid": lanes[one.id], "ts": to_micros(one.started_at),
            }  # fmt: skip


def _line_events(logs: LogColumns, lanes: dict[str, int]) -> Iterator[Event]:
    """Yield each warning and error as an instant."""
    table = logs.chosen(logging.WARNING).table
    times = table["timestamp"].cast("int64").to_pylist()
    columns = (table[name].to_pylist() for name in ("level_name", "task_run_id", "message"))
    for at, level, task_run_id, message in zip(times, *columns, strict=True):
        text = message or ""
        yield {
            "name": shortened(text.partition("\n")[0], MAX_NAME_CHARS), "cat": "log", "ph": "i", "s": "t",
            "pid": PROCESS, "tid": lanes.get(task_run_id, RUN), "ts": at,
            "args": {"level": level, "message": shortened(text, MAX_TEXT_CHARS)},
        }  # fmt: skip


def _state(record: FlowRunRecord | TaskRunRecord) -> Event:
    message = shortened(record.state.message, MAX_TEXT_CHARS)
    return {"state": record.state.name, **({"message": message} if message else {})}


def _slice(
    name: str, kind: str, thread: int, begin: DateTime, end: DateTime, about: Event
) -> Event:
    start = to_micros(begin)
    return {
        "name": name, "cat": kind, "ph": "X", "pid": PROCESS, "tid": thread, "ts": start,
        "dur": max(0, to_micros(end) - start), "args": about,
    }  # fmt: skip
