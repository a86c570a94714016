"""What a card shows, from what a view holds. Pure: no request is sent."""

from __future__ import annotations

import gzip
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec

from flowrun_widgets.analysis.attempts import (
    ended_at,
    ran_seconds,
    spans,
    waited_seconds,
)
from flowrun_widgets.analysis.digest import digest
from flowrun_widgets.card import wire
from flowrun_widgets.card.badges import shortened, wire_state
from flowrun_widgets.card.content import Content
from flowrun_widgets.card.log_rows import counts_by_task, logs_part
from flowrun_widgets.containers import thaw
from flowrun_widgets.times import to_micros

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pendulum import DateTime

    from flowrun_widgets.analysis.digest import Digest
    from flowrun_widgets.live.differences import Changes
    from flowrun_widgets.log_columns import LogColumns
    from flowrun_widgets.records import TaskRunRecord
    from flowrun_widgets.views.flow_run import FlowRunView

__all__ = ["TASK_RUNS", "packed", "payload", "task_run_rows"]

TASK_RUNS = 500
"""How many task runs travel with the card; the page asks for the rest."""
NAME = 300
"""How many characters of a name are shown."""
VALUE = 2_000
"""How many characters of one parameter are shown."""
ERROR = 4_000
"""How many characters of the first failure's error are shown."""
FRAMES = 40
"""How many calls of its traceback, those nearest to the error."""
FORMAT = 1


def payload(
    run: FlowRunView,
    content: Content | None = None,
    *,
    snapshot: int = 1,
    changes: Changes | None = None,
    notice: wire.Notice | None = None,
) -> wire.Payload:
    """Return what the card of this snapshot shows: of log and task runs what the view has read, or `content`."""
    content = content or Content.of(run)
    logs, records = content.logs, content.task_runs
    found = digest(run.record, records, logs) if records is not None and logs is not None else None
    if found is not None:
        found = replace(
            found, error=shortened(found.error, ERROR) or "", frames=found.frames[-FRAMES:]
        )
    return wire.Payload(
        format=FORMAT,
        snapshot=snapshot,
        header=_header(run),
        logs=None
        if logs is None
        else logs_part(
            logs,
            is_finished=run.state.is_finished(),
            is_failed=run.state.is_failed(),
            is_complete=content.is_complete,
        ),
        tasks=None
        if records is None
        else wire.TaskRuns(len(records), task_run_rows(records, logs, run.as_of, 0, TASK_RUNS)),
        states=tuple(map(wire_state, run.states)),
        digest=None if found is None else _digest(run, found),
        changes=None if changes is None else _changes(changes),
        notice=notice,
        expression=f'fw.FlowRunView.from_flow_run_id("{run.flow_run_id}")',
    )


def packed(value: wire.Payload) -> bytes:
    """Return the payload as it travels: JSON, compressed, the same bytes for the same payload."""
    return gzip.compress(msgspec.json.encode(value), compresslevel=6, mtime=0)


def task_run_rows(
    records: Sequence[TaskRunRecord],
    logs: LogColumns | None,
    until: DateTime,
    start: int,
    count: int,
) -> tuple[wire.TaskRun, ...]:
    """Return the rows of some task runs, in the order of `records`."""
    counts = counts_by_task(logs) if logs is not None else {}
    slugs = Counter(record.task_slug for record in records if record.map_index is None)
    begin = max(0, start)
    return tuple(
        _task_run(record, counts, until, has_siblings=slugs[record.task_slug] > 1)
        for record in records[begin : begin + max(0, count)]
    )


def _header(run: FlowRunView) -> wire.Header:
    ended = ended_at(run.state, run.states, run.ended_at)
    took = None
    if run.started_at is not None:
        until = ended if run.state.is_finished() else run.as_of
        took = None if until is None else max(0.0, (until - run.started_at).total_seconds())
    url = run.ui_url
    return wire.Header(
        id=run.flow_run_id,
        name=shortened(run.name, NAME),
        flow=shortened(run.flow_name, NAME),
        project=shortened(run.project_name, NAME),
        state=wire_state(run.state),
        is_finished=run.state.is_finished(),
        created_at=_micros(run.created_at),
        scheduled_at=_micros(run.scheduled_start_at),
        started_at=_micros(run.started_at),
        ended_at=_micros(ended),
        took=took,
        parameters=tuple((name, _json(value)) for name, value in run.parameters.items()),
        context=tuple((name, _json(value)) for name, value in run.context.items()),
        labels=tuple(map(str, (*run.labels, *run.tags))),
        as_of=to_micros(run.as_of),
        ui_url=url if url and url.startswith(("http://", "https://")) else None,
        source=run.connection.label,
        source_url=run.connection.url,
    )


def _task_run(
    record: TaskRunRecord,
    counts: dict[str, tuple[int, int, int]],
    until: DateTime,
    *,
    has_siblings: bool,
) -> wire.TaskRun:
    lines, warnings, errors = counts.get(record.id, (0, 0, 0))
    is_child = record.map_index is not None and record.map_index >= 0
    return wire.TaskRun(
        id=record.id,
        label=shortened(record.label, NAME) or "",
        group=(record.task_name or record.task_slug)
        if is_child or has_siblings or record.state.is_mapped()
        else None,
        map_index=record.map_index if is_child else None,
        state=wire_state(record.state),
        attempts=record.attempts,
        started_at=_micros(record.started_at),
        ended_at=_micros(ended_at(record.state, record.states, record.ended_at)),
        waited=waited_seconds(record, until),
        ran=ran_seconds(record, until),
        spans=tuple(
            (to_micros(span.start), _micros(span.end), span.kind) for span in spans(record)
        ),
        lines=lines,
        warnings=warnings,
        errors=errors,
    )


def _digest(run: FlowRunView, found: Digest) -> wire.Digest:
    return wire.Digest(
        task=found.task,
        attempt=found.attempts,
        attempts=found.attempts,
        at=_micros(found.at),
        error=found.error,
        detail=tuple(_indented(line for frame in found.frames for line in frame.lines())),
        row=found.position,
        held_up=found.held_up,
        more=found.more,
        markdown=_markdown(run, found),
    )


def _markdown(run: FlowRunView, found: Digest) -> str:
    title = " / ".join(part for part in (run.flow_name, run.name) if part)
    where = f"`{found.task}`" if found.task else "the flow itself"
    tried = f", attempt {found.attempts}" if found.attempts and found.attempts > 1 else ""
    frames = "\n".join(f"  {line}" for frame in found.frames for line in frame.lines())
    said = f"{found.error}\n{frames}".rstrip().replace("```", "'''")
    held = (
        f"\n\nHeld up: {', '.join(f'`{label}`' for label in found.held_up)}."
        if found.held_up
        else ""
    )
    more = f"\n\n{found.more} more failed." if found.more else ""
    return f"**{run.state.name}: {title}** ({run.flow_run_id})\n\nFirst failure: {where}{tried}.\n\n```\n{said}\n```{held}{more}"


def _indented(lines: Iterable[str]) -> Iterable[str]:
    return (f"  {line}" for line in lines)


def _changes(changes: Changes) -> wire.Changes:
    return wire.Changes(
        text=str(changes),
        since=to_micros(changes.since),
        new_lines=changes.new_lines,
        first_seq=changes.first_new_seq,
        is_empty=not changes,
    )


def _micros(moment: DateTime | None) -> int | None:
    return None if moment is None else to_micros(moment)


def _json(value: Any) -> str:
    return shortened(msgspec.json.encode(thaw(value)).decode(), VALUE) or ""
