"""`changes_between()`: what changed between two snapshots of one run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowrun_widgets.analysis.changes import Changes
from flowrun_widgets.errors import InvalidArgument

if TYPE_CHECKING:
    from flowrun_widgets.records import TaskRunRecord
    from flowrun_widgets.views.flow_run_facts import FlowRunFacts

__all__ = ["changes_between"]


def changes_between(old: FlowRunFacts, new: FlowRunFacts) -> Changes:
    """Return what is in `new` and not in `old`. Costs no request.

    Raises:
        InvalidArgument: snapshots of two different runs, or in the wrong order.
    """
    if old.flow_run_id != new.flow_run_id:
        raise InvalidArgument("These are snapshots of two different flow runs.")
    if new.as_of < old.as_of:
        raise InvalidArgument(
            "`earlier` is newer than this snapshot; call newer.changes_since(older)."
        )
    lines, first = _new_lines(old, new)
    started: list[str] = []
    finished: list[str] = []
    failed: list[str] = []
    changed: list[str] = []
    earlier_runs, later_runs = old.fetched.task_runs, new.fetched.task_runs
    if earlier_runs is not None and later_runs is not None:
        before = {record.id: record for record in earlier_runs.records}
        for record in later_runs.records:
            earlier = before.get(record.id)
            if earlier is record:
                continue
            if earlier is None or earlier.state.record() != record.state.record():
                changed.append(record.id)
            if _has_started(record) and not (earlier and _has_started(earlier)):
                started.append(record.label)
            if record.state.is_finished() and not (earlier and earlier.state.is_finished()):
                finished.append(record.label)
                if record.state.is_failed():
                    failed.append(record.label)
    return Changes(
        old.as_of,
        old.state,
        new.state,
        lines,
        first,
        tuple(started),
        tuple(finished),
        tuple(failed),
        tuple(changed),
    )


def _new_lines(old: FlowRunFacts, new: FlowRunFacts) -> tuple[int, int | None]:
    earlier, later = old.fetched.logs, new.fetched.logs
    if earlier is None or later is None:
        return 0, None
    before, after = earlier.columns.arrived, later.columns.arrived
    return max(0, after - before), before if after > before else None


def _has_started(record: TaskRunRecord) -> bool:
    return record.started_at is not None
