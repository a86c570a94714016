"""`payload()`: the data that a card shows, from the content of a view. No request is sent."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import msgspec

from flowrun_widgets.analysis.durations import (
    ended_at,
    ran_seconds,
    spans,
    took_seconds,
    wait_of,
)
from flowrun_widgets.containers import FrozenDict, thaw
from flowrun_widgets.lazy import once_per_object
from flowrun_widgets.plain_text import shortened
from flowrun_widgets.redaction.records import redacted_text
from flowrun_widgets.report import wire
from flowrun_widgets.report.badges import wire_state
from flowrun_widgets.report.digest_markdown import digest_markdown, expression, remark_words
from flowrun_widgets.report.log.rows import log_rows, logs_part
from flowrun_widgets.report.task_rows import flat_spans, task_runs_part
from flowrun_widgets.times import local_zone, to_micros

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pendulum import DateTime

    from flowrun_widgets.analysis.changes import Changes
    from flowrun_widgets.analysis.digest import Digest
    from flowrun_widgets.analysis.traceback_text import Frame
    from flowrun_widgets.log_columns import LogColumns
    from flowrun_widgets.records import FlowRunRecord
    from flowrun_widgets.redaction import Redaction
    from flowrun_widgets.report.content import Content, ShownRun

__all__ = ["packed", "payload"]

MAX_NAME_CHARS = 300
"""How many characters of a name are shown."""
MAX_VALUE_CHARS, MIN_VALUE_CHARS, MAX_VALUES_CHARS = 2_000, 40, 60_000
"""How many characters of one parameter are shown: at most, at least, and of all together, approximately."""
MAX_LABELS = 100
MAX_ERROR_CHARS = 4_000
"""How many characters of the first failure's error are shown."""
MAX_CAUSE_CHARS = 1_000
"""How many characters of its cause are shown."""
MAX_CAUSES = 12
MAX_FRAMES = 40
"""How many frames of a traceback are shown, those nearest to the error."""
MAX_TAIL_CHARS = 400
"""How many characters of each of the last lines before it are shown."""
MESSAGE, LENGTH = 6, 7
"""The positions of message and length in a row of a log."""
MAX_CHANGED = 500
"""How many task runs that changed are marked."""


def payload(
    content: Content,
    *,
    snapshot: int = 1,
    changes: Changes | None = None,
    notice: wire.Notice | None = None,
    renumbered: tuple[tuple[int, int], ...] = (),
    is_following: bool = False,
) -> wire.Payload:
    """Return the data that a card shows of a run.

    `renumbered` maps arrival numbers of lines in the previous snapshot to the new ones.
    """
    return msgspec.structs.replace(
        _payload(content),
        snapshot=snapshot,
        changes=None if changes is None else _changes(changes, content.run.redaction),
        notice=notice,
        renumbered=renumbered,
        is_following=is_following,
    )


@once_per_object
def _payload(content: Content) -> wire.Payload:
    run, logs, records = content.run, content.logs, content.task_runs
    state = run.record.state
    lines, table = content.lines, content.tasks
    digested = found = None
    if logs is not None and records is not None:
        found = content.found
        if found is not None and state.is_failed():
            digested = _digest(run, found, content)
    return wire.Payload(
        format=wire.FORMAT,
        snapshot=1,
        header=_header(run),
        logs=None
        if lines is None
        else logs_part(
            lines,
            is_finished=state.is_finished(),
            is_failed=state.is_failed(),
            is_complete=content.is_complete,
            telling=None if found is None else found.position,
        ),
        tasks=None
        if table is None
        else task_runs_part(table, logs, run.as_of, is_complete=content.has_task_runs),
        states=tuple(map(wire_state, run.record.states)),
        idle=content.idle,
        digest=digested,
        changes=None,
        notice=None,
        renumbered=(),
        is_following=False,
        redacted=content.redacted,
        expression=expression(run.record),
        kernel_zone=local_zone(),
    )


def packed(value: msgspec.Struct) -> bytes:
    """Return the value of a trait: compressed JSON, the same bytes for the same value."""
    return gzip.compress(msgspec.json.encode(value), compresslevel=6, mtime=0)


def _header(run: ShownRun) -> wire.Header:
    record = run.record
    wait = wait_of(record)
    return wire.Header(
        id=record.id,
        name=shortened(record.name, MAX_NAME_CHARS),
        flow=shortened(record.flow_name, MAX_NAME_CHARS),
        project=shortened(record.project_name, MAX_NAME_CHARS),
        state=wire_state(record.state),
        is_finished=record.state.is_finished(),
        created_at=_micros(record.created_at),
        scheduled_at=_micros(record.scheduled_start_at),
        started_at=_micros(record.started_at),
        ended_at=_micros(ended_at(record)),
        took=took_seconds(record, run.as_of),
        parameters=_values(record.parameters),
        context=_values(record.context),
        labels=tuple(
            shortened(str(label), MAX_NAME_CHARS) or ""
            for label in (*(record.labels or ()), *record.tags)[:MAX_LABELS]
        ),
        facts=_facts(record),
        job_variables=_values(record.extra.get("job_variables") or FrozenDict()),
        is_subflow=record.parent_task_run_id is not None,
        as_of=to_micros(run.as_of),
        ui_url=_web_address(record.ui_url),
        source=run.source,
        source_url=run.source_url,
        ran=_rounded(ran_seconds(record, run.as_of)),
        attempts=record.attempts,
        wait=None
        if wait is None
        else wire.Wait(wait.what, _micros(wait.since), _micros(wait.until)),
        trace=None if record.trace_id is None else (record.trace_id, run.trace_url),
    )


def _facts(record: FlowRunRecord) -> tuple[tuple[str, str], ...]:
    """Return where the run came from and where it ran, as far as the source knows."""
    creator = record.extra.get("created_by") or {}
    made_by = str(creator.get("display_value") or "")
    is_deployed = record.deployment_id is not None
    facts = (
        ("Deployment", (made_by or record.deployment_id) if is_deployed else None),
        ("Work pool", record.work_pool_name),
        ("Work queue", record.work_queue_name),
    )
    return tuple(
        (name, shortened(str(value), MAX_NAME_CHARS) or "") for name, value in facts if value
    )


def _digest(run: ShownRun, found: Digest, content: Content) -> wire.Digest:
    logs = content.logs
    assert logs is not None
    numbered = None if content.lines is None else content.lines.numbered
    said = None
    if found.position is not None:
        said = log_rows(logs, [found.position], most=0, numbered=numbered)[0]
    return wire.Digest(
        task=shortened(found.task, MAX_NAME_CHARS),
        attempt=found.attempt,
        attempts=found.attempts,
        at=_micros(found.at),
        error=shortened(found.error, MAX_ERROR_CHARS) or "",
        detail=_detail(found.frames),
        line=None if said is None else (said[0], said[8]),
        # Lines of a sub-flow run are not lines of this run.
        tail=_tail(logs, found.tail, numbered) if found.logs is None else (),
        spans=() if found.task_run is None else flat_spans(spans(found.task_run)),
        held_up=tuple(shortened(label, MAX_NAME_CHARS) or "" for label in found.held_up),
        more=found.more,
        markdown=digest_markdown(run, found, content.task_runs or (), logs),
        causes=tuple(
            wire.Cause(
                cause.how,
                shortened(cause.error, MAX_CAUSE_CHARS) or "",
                _detail(cause.own_frames()),
            )
            for cause in found.causes[:MAX_CAUSES]
        ),
        ended_with=shortened(found.ended_with, MAX_ERROR_CHARS),
        runs=tuple(
            wire.RunBelow(
                below.id,
                shortened(below.name, MAX_NAME_CHARS),
                shortened(below.flow_name, MAX_NAME_CHARS),
                _web_address(below.ui_url),
            )
            for below in found.runs
        ),
        remarks=tuple(
            remark_words(one, lambda text: shortened(text, MAX_NAME_CHARS) or "")
            for one in found.remarks
        ),
        doubt=found.doubt,
    )


def _tail(
    logs: LogColumns, positions: Sequence[int], numbered: int | None
) -> tuple[wire.LogRow, ...]:
    """Return the rows of lines; a long message is cut at the end of a word and marked."""
    rows: list[wire.LogRow] = []
    for row in log_rows(logs, positions, most=MAX_TAIL_CHARS, numbered=numbered):
        message = row[MESSAGE]
        if row[LENGTH] > len(message):
            message = f"{message[: message.rstrip().rfind(' ', MAX_TAIL_CHARS // 2) + 1 or MAX_TAIL_CHARS].rstrip()} …"
        rows.append((*row[:MESSAGE], message, *row[LENGTH:]))
    return tuple(rows)


def _detail(frames: Sequence[Frame]) -> tuple[str, ...]:
    lines = [line for frame in frames[-MAX_FRAMES:] for line in frame.lines()]
    return tuple(f"  {shortened(line, MAX_NAME_CHARS)}" for line in lines)


def _web_address(url: str | None) -> str | None:
    return url if url and url.startswith(("http://", "https://")) else None


def _changes(changes: Changes, redaction: Redaction | None) -> wire.Changes:
    text = str(changes)
    return wire.Changes(
        text=text if redaction is None else redacted_text(text, redaction),
        since=to_micros(changes.since),
        new_lines=changes.new_lines,
        first_seq=changes.first_new_seq,
        is_empty=not changes,
        tasks=changes.changed_ids[:MAX_CHANGED],
    )


def _micros(moment: DateTime | None) -> int | None:
    return None if moment is None else to_micros(moment)


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 6)


def _values(named: FrozenDict) -> tuple[tuple[str, str], ...]:
    """Return names with values as JSON; if they are long together, each value is cut."""
    texts = {name: msgspec.json.encode(thaw(value)).decode() for name, value in named.items()}
    most = MAX_VALUE_CHARS
    if sum(min(len(text), MAX_VALUE_CHARS) for text in texts.values()) > MAX_VALUES_CHARS:
        most = max(MIN_VALUE_CHARS, min(MAX_VALUE_CHARS, MAX_VALUES_CHARS // len(texts)))
    return tuple(
        (shortened(name, MAX_NAME_CHARS) or "", shortened(text, most) or "")
        for name, text in texts.items()
    )
