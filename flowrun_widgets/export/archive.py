"""Saving runs into an archive file (docs/decisions/archive.md)."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from flowrun_widgets.backends.progress import part_of, report, shown_progress
from flowrun_widgets.errors import (
    BackendError,
    FlowRunError,
    InvalidArgument,
    NotFound,
)
from flowrun_widgets.export.saved import Saved
from flowrun_widgets.files import absolute_path
from flowrun_widgets.redaction.shareable import RunContent, shareable
from flowrun_widgets.settings import chosen_redaction
from flowrun_widgets.store.archive import write
from flowrun_widgets.times import now, to_micros
from flowrun_widgets.views.flow_run import FlowRunSnapshot

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator

    from flowrun_widgets.records import TaskRunRecord
    from flowrun_widgets.redaction import Redaction

__all__ = [
    "content_of",
    "facts_of",
    "save",
]

MAX_HISTORIES = 200


def save(
    runs: Iterable[FlowRunSnapshot],
    path: str | os.PathLike[str],
    *,
    redact: bool | Redaction | None = None,
    subflows: bool = False,
) -> Saved:
    """Save runs into an archive, each with its log, task runs, flow and artifacts.

    Runs are added to an existing archive, and replace the same runs in it. Either everything is written or nothing; a
    file that is not an archive is never overwritten. What a view has read is not read again. The histories of task runs
    that began more than once are read. Costs what `get_logs()` and `get_all_task_runs()` cost, and two requests.

    Args:
        runs: the runs. Views from a generator are released one by one, so that memory does not grow with their number.
        path: the file, such as `night.flowrun`.
        redact: the rules by which secrets are removed; None for the rules of the run's connection.
        subflows: save sub-flow runs as well, each as a whole run.

    Raises:
        ArchiveError: the existing file is not an archive, or writing fails.
        InvalidArgument: no file can be written at `path`.
        BackendError: the server failed to answer or refused the request.
    """
    target = absolute_path(path, "night.flowrun")
    if redact is not None:
        chosen_redaction(redact)
    missing: dict[str, None] = {}
    redacted: int | None = None
    going = 0

    def ready() -> Iterator[tuple[RunContent, dict[str, Any]]]:
        nonlocal redacted, going
        for number, run in enumerate(_all(runs, subflows), start=1):
            redaction = run.connection.redaction if redact is None else chosen_redaction(redact)
            with part_of(f"run {number:,}"):
                content, lacks = content_of(run)
            missing.update(dict.fromkeys(lacks))
            clean = shareable(content, redaction)
            if redaction is not None:
                redacted = (redacted or 0) + clean.count
            if not content.run.state.is_finished():
                going += 1
            yield (
                clean.value,
                {**facts_of(run), "redacted": None if redaction is None else clean.count},
            )
            report("runs", number)

    with shown_progress():
        count = write(target, ready(), to_micros(now()))
    return Saved(target, count, redacted, target.stat().st_size, tuple(missing), going)


def _all(runs: Iterable[FlowRunSnapshot], subflows: bool) -> Iterator[FlowRunSnapshot]:
    """Yield each run once and, with `subflows`, the runs below it."""
    seen = set[str]()
    for top in runs:
        waiting = [top]
        while waiting:
            run = waiting.pop(0)
            if not isinstance(run, FlowRunSnapshot):
                raise InvalidArgument(f"only flow runs can be saved, not {type(run).__name__}")
            if run.flow_run_id in seen:
                continue
            seen.add(run.flow_run_id)
            yield run
            if subflows:
                waiting += run.get_subflow_runs()


def content_of(run: FlowRunSnapshot) -> tuple[RunContent, list[str]]:
    """Read the rest of a run; return its whole content, and the names of parts that the server did not return."""
    if not run.record.has_history:
        run = run.get_latest()
    run.get_all_task_runs()
    logs = run.get_logs().columns
    lacks = list(run.missing)
    try:
        run.get_flow_metadata()
    except NotFound:
        pass
    except BackendError:
        lacks.append("flow")
    artifacts = ()
    try:
        artifacts = tuple(run.connection.backend.artifacts(run.flow_run_id))
    except FlowRunError:
        lacks.append("artifacts")
    fetched = run.fetched
    with fetched.lock:
        listed = () if fetched.task_runs is None else fetched.task_runs.records
        flow, finished = fetched.flow, dict(fetched.finished)
    task_runs = [_fuller(one, finished.get(one.id)) for one in listed]
    if not _read_histories(run, task_runs):
        lacks.append("histories of task runs")
    return RunContent(run.record, tuple(task_runs), logs, flow, artifacts), lacks


def _fuller(listed: TaskRunRecord, known: TaskRunRecord | None) -> TaskRunRecord:
    """Return the record that has a history, if one has."""
    is_newer = known is not None and known.has_history and known.state == listed.state
    return known if known is not None and is_newer and not listed.has_history else listed


def _read_histories(run: FlowRunSnapshot, task_runs: list[TaskRunRecord]) -> bool:
    """Read the histories of task runs that began more than once; return False if some could not be read."""
    wanted = [
        place
        for place, one in enumerate(task_runs)
        if not one.has_history and one.attempts > 1 and one.child_flow_run_id is None
    ]
    for number, place in enumerate(wanted[:MAX_HISTORIES]):
        try:
            task_runs[place] = run.connection.backend.task_run(task_runs[place].id)
        except NotFound:
            continue
        except BackendError:
            return False
        report("histories", number + 1)
    return len(wanted) <= MAX_HISTORIES


def facts_of(run: FlowRunSnapshot) -> dict[str, Any]:
    """Return where and when a run was fetched; for a run from an archive, what the archive says."""
    connection, moment = run.connection, to_micros(now())
    facts: dict[str, Any] = {
        "source_url": connection.url,
        "source_label": connection.label,
        "read_at": to_micros(run.as_of),
    }
    with suppress(FlowRunError):
        noted = connection.backend.kept(run.flow_run_id) or {}
        facts |= {name: noted[name] for name in facts if name in noted}
    return {**facts, "saved_at": moment, "opened_at": moment}
