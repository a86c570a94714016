"""`FetchedParts`: what a flow run's view has fetched in addition to its record, passed on by `get_latest()`."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flowrun_widgets.forks import in_child

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flowrun_widgets.analysis.background import Background
    from flowrun_widgets.backends.protocol import Latest, LogRead, TaskRunRead
    from flowrun_widgets.records import FlowRecord, TaskRunRecord

__all__ = ["FetchedParts"]


@dataclass(eq=False)
class FetchedParts:
    """Lines, task runs and the flow of one view. Everything in it is immutable.

    `lock` guards the attributes and is held only briefly. A thread that fetches a part holds that part's `reading_…`
    lock meanwhile, so that it is fetched once; a thread that only looks never waits for a server.
    """

    lock: threading.Lock = field(default_factory=threading.Lock)
    reading_logs: threading.RLock = field(default_factory=threading.RLock)
    reading_task_runs: threading.RLock = field(default_factory=threading.RLock)
    reading_flow: threading.RLock = field(default_factory=threading.RLock)
    reading_background: threading.RLock = field(default_factory=threading.RLock)
    logs: LogRead | None = None
    task_runs: TaskRunRead | None = None
    """All of them, once they were fetched together."""
    finished: dict[str, TaskRunRecord] = field(default_factory=dict)
    """Finished task runs by id, which are not fetched again."""
    task_run_ids: tuple[str, ...] | None = None
    flow: FlowRecord | None = None
    background: Background | None = None
    """What the digest needs in addition to log and task runs, once it was read."""
    told: tuple[tuple[object, ...], Any] | None = None
    """The content that a card made from these parts, and the parts it was made from."""

    def __post_init__(self) -> None:
        in_child(self, FetchedParts._unlock)

    def _unlock(self) -> None:
        self.lock = threading.Lock()
        self.reading_logs, self.reading_task_runs = threading.RLock(), threading.RLock()
        self.reading_flow, self.reading_background = threading.RLock(), threading.RLock()

    def keep(self, records: Iterable[TaskRunRecord]) -> None:
        """Keep the records that are finished."""
        for record in records:
            known = self.finished.get(record.id)
            if record.state.is_finished() and (
                record.has_history or known is None or not known.has_history
            ):
                self.finished[record.id] = record

    def after(self, latest: Latest) -> FetchedParts:
        """Return the parts for the next view: these, and what the refresh fetched."""
        with self.lock:
            fetched = FetchedParts(
                logs=self.logs,
                task_runs=self.task_runs,
                finished=dict(self.finished),
                task_run_ids=self.task_run_ids if latest.task_runs is None else None,
                flow=self.flow,
            )
        if fetched.logs is not None and latest.logs is not None:
            columns = fetched.logs.columns.with_new(latest.logs.columns)
            fetched.logs = type(fetched.logs)(columns, latest.logs.cursor)
        if fetched.task_runs is not None and latest.task_runs is not None:
            fetched.task_runs = _merged(fetched.task_runs, latest.task_runs)
            fetched.keep(fetched.task_runs.records)
        return fetched


def _merged(old: TaskRunRead, new: TaskRunRead) -> TaskRunRead:
    """Return the old records with changed ones replaced and new ones in their places; equal ones stay the same object."""
    changed = {record.id: record for record in new.records}
    kept = tuple(
        record
        if changed.get(record.id, record).identity() == record.identity()
        else changed[record.id]
        for record in old.records
    )
    known = {record.id for record in old.records}
    added = [record for record in new.records if record.id not in known]
    if not added:
        records = (
            old.records if all(a is b for a, b in zip(kept, old.records, strict=True)) else kept
        )
    else:
        records = tuple(sorted((*kept, *added), key=lambda record: record.place))
    return type(old)(records, new.cursor)
