"""Reads the task runs of a flow run: all of them, or those that may have changed."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING, Any

from flowrun_widgets.backends.asked import check_ids
from flowrun_widgets.backends.prefect3 import wire
from flowrun_widgets.backends.prefect3.keyset import KeysetWalk
from flowrun_widgets.backends.prefect3.mapping import task_run_record
from flowrun_widgets.backends.prefect3.paging import Progress, from_both_ends, offset_pages
from flowrun_widgets.backends.prefect3.refusals import either
from flowrun_widgets.backends.prefect3.states import (
    ENDED_TYPES,
    UNFINISHED_TYPES,
    UNSUCCESSFUL_TYPES,
)
from flowrun_widgets.backends.progress import report
from flowrun_widgets.backends.protocol import TaskRunRead
from flowrun_widgets.errors import BackendError
from flowrun_widgets.times import from_micros, isoformat, to_micros

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from flowrun_widgets.backends.prefect3.api import Api
    from flowrun_widgets.records import TaskRunRecord

__all__ = ["TaskRunCursor", "TaskRuns"]

OVERLAP = 16_000_000
"""How many microseconds are read again: task runs reach the server as events, some time after they happen."""
CLOCKS = 3_000_000
"""How many microseconds the clocks of a server's parts (API and database) may differ."""
RUNS_AT_ONCE = 100
"""The number of flow runs whose task runs are listed together, so that the offsets of their pages stay small."""
FIRST_LOOK = 20
"""The size of the first page where the server cannot filter by a time: few rows changed since the last look."""
ACTIVE = ["SCHEDULED", "RUNNING", "PAUSED", "CANCELLING"]
"""The state types that a task run can leave without changing any time that the server can filter by."""


@dataclass(frozen=True, slots=True)
class TaskRunCursor:
    """How far the task runs of a run were read."""

    held: Mapping[str, TaskRunRecord] = field(default_factory=dict)
    complete_at: int = 0
    """Everything that reached the server before then was read; microseconds since 1970 by its clock. 0: unknown."""
    skew: int = 0
    """The largest `created − expected_start_time`, in microseconds."""
    ended_in: str | None = None
    """The final state of the flow run when all task runs were read; None: it may still have been running."""
    asks_which: bool = False
    """Whether the next request asks which task runs have not ended; else it asks how many have ended."""

    @property
    def since(self) -> str | None:
        """The time from which changes must be read again."""
        moment = from_micros(self.complete_at - self.skew - OVERLAP) if self.complete_at else None
        return None if moment is None else isoformat(moment)

    @property
    def unfinished(self) -> list[str]:
        """The ids of task runs that had not ended."""
        return [record.id for record in self.held.values() if not record.state.is_finished()]

    @property
    def active(self) -> list[str]:
        """The ids of task runs that were running, paused or waiting for another attempt."""
        return [
            record.id
            for record in self.held.values()
            if record.started_at is not None and not record.state.is_finished()
        ]


class TaskRuns:
    """The task runs of the flow runs of one server."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def read(self, flow_run_id: str, ended_in: str | None = None) -> TaskRunRead:
        """Return every task run, sorted by when it was due; one request per page, and one to check for missing ones.

        `ended_in` is the final state of the flow run, if it is known to have ended.
        """

        def by_time() -> TaskRunRead:
            read = self._read(self._by_time(flow_run_id), TaskRunCursor())
            # The walk by time skips task runs that were never due.
            return by_id() if self._has_more(flow_run_id, len(read.records)) else read

        def by_id() -> TaskRunRead:
            return self._read(self._by_id({"flow_runs": _one(flow_run_id)}), TaskRunCursor())

        return _complete(either(by_time, by_id), ended_in)

    def latest(
        self, flow_run_id: str, cursor: TaskRunCursor, ended_in: str | None = None
    ) -> TaskRunRead:
        """Return the task runs that may have changed since the cursor.

        Costs one request if the server can filter by every time of a task run, and one more for each time that it can
        only sort by. `ended_in` is the final state of the flow run, if it was known to have ended; if the cursor is
        from after the end, the cost is one request as well.
        """
        if ended_in is not None and cursor.ended_in == ended_in:
            return self._since_the_end(flow_run_id, cursor)
        since = cursor.since
        if since is None:
            return self.read(flow_run_id)
        return either(
            lambda: self._changed(flow_run_id, cursor, since),
            lambda: self._changed(flow_run_id, cursor, since, "end_time"),
            lambda: self._changed(flow_run_id, cursor, since, "end_time", "expected_start_time"),
            lambda: self.read(flow_run_id),
        )

    def _changed(
        self, flow_run_id: str, cursor: TaskRunCursor, since: str, *sorted_by: str
    ) -> TaskRunRead:
        """Return the task runs that began, ended or were due since then, and those that are running.

        The server cannot filter by the times in `sorted_by`: the newest rows are read until an older one appears.
        """
        changed: dict[str, Any] = {"operator": "or_", "state": {"type": {"any_": ACTIVE}}}
        for name in ("end_time", "start_time", "expected_start_time"):
            if name not in sorted_by:
                changed[name] = {"after_": since}
        if cursor.active:
            changed["id"] = {"any_": cursor.active}
        pages = self._by_id({"flow_runs": _one(flow_run_id), "task_runs": changed})
        newest = (self._down_to(flow_run_id, name, since) for name in sorted_by)
        return self._read(chain(pages, *newest), cursor)

    def has_more(self, flow_run_id: str, known: int, ended: int) -> bool:
        """Whether a run has more task runs or ended ones than are known; one request, or two if some had not ended."""
        return self._has_more(flow_run_id, known) or (
            ended < known and self._has_more(flow_run_id, ended, ENDED_TYPES)
        )

    def completed(
        self, flow_run_id: str, read: TaskRunRead, cursor: TaskRunCursor, ended_in: str | None
    ) -> TaskRunRead:
        """Return what was read of an ended run, together with what was missing; one request if nothing was missing.

        No request if this was checked before.
        """
        if cursor.ended_in is not None and cursor.ended_in == ended_in:
            return read
        if self._has_more(flow_run_id, len(cursor.held)):
            return self.read(flow_run_id, ended_in)
        fresh = {record.id for record in read.records}
        waiting = [key for key in cursor.unfinished if key not in fresh]
        return _complete(self._with(read, waiting), ended_in)

    def _since_the_end(self, flow_run_id: str, cursor: TaskRunCursor) -> TaskRunRead:
        """Return the task runs that were added or changed since the flow run ended; one request if there are none.

        If all have ended, only a new one can appear, which their number shows. Otherwise requests alternate: one asks
        whether more have ended, the next asks which have not.
        """
        unfinished = cursor.unfinished
        if unfinished and cursor.asks_which:
            read = self._read(self._by_id(_of_types(flow_run_id, UNFINISHED_TYPES)), cursor)
            still = {record.id for record in read.records}
            read = self._with(read, [key for key in unfinished if key not in still])
        elif unfinished:
            read = TaskRunRead((), cursor)
            if self._has_more(flow_run_id, _number_ended(read), ENDED_TYPES):
                read = self._with(read, unfinished)
                if self._has_more(flow_run_id, _number_ended(read), ENDED_TYPES):
                    read = self.read(flow_run_id)
        elif self._has_more(flow_run_id, len(cursor.held)):
            read = self.read(flow_run_id)
        else:
            read = TaskRunRead((), cursor)
        return _complete(read, cursor.ended_in, asks_which=not cursor.asks_which)

    def _with(self, read: TaskRunRead, ids: list[str]) -> TaskRunRead:
        """Return a read extended by the task runs with these ids."""
        assert isinstance(read.cursor, TaskRunCursor)
        if not ids:
            return read
        more = self._read(self._by_id({"task_runs": {"id": {"any_": ids}}}), read.cursor)
        return TaskRunRead((*read.records, *more.records), more.cursor)

    def where(self, flow_run_id: str, **chosen: Any) -> Iterator[TaskRunRecord]:
        """Yield the task runs of a run that match a filter of the server."""
        body = {"flow_runs": _one(flow_run_id), "task_runs": chosen}
        for page in self._by_id(body):
            yield from map(task_run_record, page)

    def unsuccessful(self, flow_run_id: str, limit: int) -> list[TaskRunRecord]:
        """Return the newest task runs that failed or are pending, in one request; at most a page of them."""
        body = {**_of_types(flow_run_id, UNSUCCESSFUL_TYPES), "sort": "ID_DESC"}
        return [*map(task_run_record, self._ask(body, 0))][:limit]

    def of_ids(self, ids: Iterable[str]) -> list[wire.TaskRun]:
        """Return task runs by id; one request per page of ids."""
        wanted, found = list(ids), list[wire.TaskRun]()
        while wanted:
            size = self._api.page_size
            part, wanted = wanted[:size], wanted[size:]
            found += self._api.page(
                "/task_runs/filter", {"task_runs": {"id": {"any_": part}}}, wire.TaskRun
            )
        return found

    def of_runs(self, flow_run_ids: Sequence[str]) -> dict[str, list[TaskRunRecord]]:
        """Return the task runs of several runs by the ids of the runs, sorted by when they were due."""
        found: dict[str, dict[str, TaskRunRecord]] = {one: {} for one in flow_run_ids}
        for start in range(0, len(flow_run_ids), RUNS_AT_ONCE):
            asked = list(flow_run_ids[start : start + RUNS_AT_ONCE])
            for page in self._by_id({"flow_runs": {"id": {"any_": asked}}}):
                for row in page:
                    found[row.flow_run_id or ""][row.id] = task_run_record(row)
                report("task runs", sum(map(len, found.values())))
        return {
            one: sorted(records.values(), key=lambda record: record.place)
            for one, records in found.items()
        }

    def _has_more(self, flow_run_id: str, known: int, types: Sequence[str] | None = None) -> bool:
        """Return whether the run has more task runs than are known; one request, whose answer is one row at most."""
        body = {"flow_runs": _one(flow_run_id)} if types is None else _of_types(flow_run_id, types)
        return bool(self._ask({**body, "sort": "ID_DESC"}, known, size=1))

    def _read(self, pages: Iterable[list[wire.TaskRun]], cursor: TaskRunCursor) -> TaskRunRead:
        began, server_time = time.monotonic(), self._api.server_now()
        found: dict[str, TaskRunRecord] = {}
        newest, skew = 0, cursor.skew
        try:
            for page in pages:
                for row in page:
                    found[row.id] = task_run_record(row)
                    if row.updated is not None:
                        newest = max(newest, to_micros(row.updated))
                    if row.created is not None and row.expected_start_time is not None:
                        skew = max(
                            skew, to_micros(row.created) - to_micros(row.expected_start_time)
                        )
                report("task runs", len(found))
        except BackendError as error:
            error.args = (
                f"{error.args[0]} {len(found):,} task runs had been read.",
                *error.args[1:],
            )
            raise
        lasted = int((time.monotonic() - began) * 1_000_000)
        complete_at = max(
            cursor.complete_at, newest - lasted if newest else 0, server_time - CLOCKS
        )
        records = tuple(sorted(found.values(), key=lambda record: record.place))
        return TaskRunRead(records, TaskRunCursor({**cursor.held, **found}, complete_at, skew))

    def _by_time(self, flow_run_id: str) -> Iterator[list[wire.TaskRun]]:
        """Yield pages sorted by `expected_start_time`, from both ends, which is cheapest for the server."""
        upwards: KeysetWalk[wire.TaskRun] = KeysetWalk(_due)

        def ask(walk: KeysetWalk[wire.TaskRun]) -> list[wire.TaskRun]:
            chosen: dict[str, Any] = {"flow_run_id": {"any_": [flow_run_id]}}
            key, way = ("after_", "ASC") if walk is upwards else ("before_", "DESC")
            if walk.at is not None:
                chosen["expected_start_time"] = {key: walk.at}
            body = {"task_runs": chosen, "sort": f"EXPECTED_START_TIME_{way}"}
            return self._ask(body, walk.offset, is_one_of_many=True)

        pages = from_both_ends(upwards, KeysetWalk(_due), ask, lambda: self._api.page_size)
        return (page for _, page in pages)

    def _by_id(self, body: Mapping[str, Any]) -> Iterator[list[wire.TaskRun]]:
        """Yield pages, newest id first: the only sort with a total order, which needs no filter by time."""
        return offset_pages(
            lambda offset: self._ask({**body, "sort": "ID_DESC"}, offset),
            lambda: self._api.page_size,
        )

    def _down_to(self, flow_run_id: str, name: str, since: str) -> Iterator[list[wire.TaskRun]]:
        """Yield pages sorted by a time, newest first, up to a page with a row that is older than `since`."""
        oldest = datetime.fromisoformat(since)
        chosen = _of_types(flow_run_id, ENDED_TYPES) if name == "end_time" else {}
        body = {"flow_runs": _one(flow_run_id), **chosen, "sort": f"{name.upper()}_DESC"}
        progress, offset, size = Progress(), 0, FIRST_LOOK
        while True:
            page = self._ask(body, offset, size=size)
            yield page
            times = [moment for row in page if (moment := getattr(row, name)) is not None]
            if progress.is_last(page, min(size, self._api.page_size)) or any(
                moment < oldest for moment in times
            ):
                return
            offset, size = offset + len(page), self._api.page_size

    def _ask(
        self,
        body: Mapping[str, Any],
        offset: int,
        *,
        size: int | None = None,
        is_one_of_many: bool = False,
    ) -> list[wire.TaskRun]:
        page = self._api.page(
            "/task_runs/filter",
            body,
            wire.TaskRun,
            offset=offset,
            size=size,
            is_one_of_many=is_one_of_many,
        )
        wanted = body.get("task_runs", {})
        asked = body.get("flow_runs", {}).get("id") or wanted.get("flow_run_id")
        if asked is not None:
            named = {run.flow_run_id for run in page}
            check_ids(named, asked["any_"], "task runs of flow run", self._api.url)
        return page


def _due(run: wire.TaskRun) -> str | None:
    return None if run.expected_start_time is None else isoformat(run.expected_start_time)


def _one(flow_run_id: str) -> dict[str, Any]:
    return {"id": {"any_": [flow_run_id]}}


def _of_types(flow_run_id: str, types: Sequence[str]) -> dict[str, Any]:
    return {"flow_runs": _one(flow_run_id), "task_runs": {"state": {"type": {"any_": types}}}}


def _number_ended(read: TaskRunRead) -> int:
    assert isinstance(read.cursor, TaskRunCursor)
    return len(read.cursor.held) - len(read.cursor.unfinished)


def _complete(read: TaskRunRead, ended_in: str | None, *, asks_which: bool = False) -> TaskRunRead:
    """Return a read marked as complete for a run that has ended."""
    assert isinstance(read.cursor, TaskRunCursor)
    cursor = replace(read.cursor, ended_in=ended_in, asks_which=asks_which)
    return TaskRunRead(read.records, cursor)
