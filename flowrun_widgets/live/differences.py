"""What changed between two snapshots of one run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flowrun_widgets.errors import InvalidArgument
from flowrun_widgets.views.held import held_of

if TYPE_CHECKING:
    from pendulum import DateTime

    from flowrun_widgets.records import TaskRunRecord
    from flowrun_widgets.states import State
    from flowrun_widgets.views.flow_run import FlowRunView

__all__ = ["Changes", "changes_between"]


@dataclass(frozen=True, slots=True)
class Changes:
    """What a newer snapshot has that an older one had not. `str()` says it in one line.

    Lines and task runs count only where both snapshots had read them. `started`, `finished` and `failed` are labels
    of task runs; who failed is in `finished` as well.
    """

    since: DateTime
    old_state: State
    new_state: State
    new_lines: int = 0
    first_new_seq: int | None = None
    started: tuple[str, ...] = ()
    finished: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    changed_ids: tuple[str, ...] = ()
    """The ids of task runs that are new or in another state."""

    @property
    def is_state_changed(self) -> bool:
        """Whether the run itself entered another state."""
        return self.old_state.record() != self.new_state.record()

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:
        printer.text(str(self))

    def __bool__(self) -> bool:
        return self.is_state_changed or bool(self.new_lines or self.started or self.finished)

    def __str__(self) -> str:
        parts: list[str] = []
        if self.is_state_changed:
            parts.append(f"{self.old_state.name} → {self.new_state.name}")
        if self.new_lines:
            parts.append(f"+{self.new_lines} {'line' if self.new_lines == 1 else 'lines'}")
        for labels, word in (
            (self.started, "started"),
            (self.finished, "finished"),
            (self.failed, "failed"),
        ):
            if labels:
                parts.append(
                    f"{len(labels)} {'task run' if len(labels) == 1 else 'task runs'} {word}"
                )
        return ", ".join(parts) or "Nothing new"


def changes_between(old: FlowRunView, new: FlowRunView) -> Changes:
    """Return what `new` has that `old` had not. Costs no request.

    Raises:
        InvalidArgument: snapshots of two different runs, or in the wrong order.
    """
    if old.flow_run_id != new.flow_run_id:
        raise InvalidArgument("These are snapshots of two different flow runs.")
    if new.as_of < old.as_of:
        raise InvalidArgument("That snapshot is the newer one: newer.changes_since(older) it is.")
    lines, first = _new_lines(old, new)
    started: list[str] = []
    finished: list[str] = []
    failed: list[str] = []
    changed: list[str] = []
    earlier_runs, later_runs = held_of(old).task_runs, held_of(new).task_runs
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


def _new_lines(old: FlowRunView, new: FlowRunView) -> tuple[int, int | None]:
    earlier, later = held_of(old).logs, held_of(new).logs
    if earlier is None or later is None:
        return 0, None
    before, after = earlier.columns.arrived, later.columns.arrived
    return max(0, after - before), before if after > before else None


def _has_started(record: TaskRunRecord) -> bool:
    return record.started_at is not None
