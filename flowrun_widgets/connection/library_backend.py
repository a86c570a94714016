"""A server with the local library in front of it: a finished run that did not change is not read again."""

from __future__ import annotations

import logging
import threading
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from flowrun_widgets.backends.protocol import (
    Backend,
    Latest,
    LogPeek,
    LogRead,
    TaskRunRead,
    timeline_of,
)
from flowrun_widgets.containers import FrozenDict
from flowrun_widgets.errors import FlowRunError
from flowrun_widgets.forks import unlocked_in_child
from flowrun_widgets.log_columns import LogColumns
from flowrun_widgets.redaction.records import redacted_record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from pendulum import DateTime

    from flowrun_widgets.backends.protocol import Extent, Listening, Reopened
    from flowrun_widgets.backends.run_filter import RunFilter
    from flowrun_widgets.connection.library import Library, LibraryEntry
    from flowrun_widgets.records import (
        AgentRecord,
        ArtifactRecord,
        FlowRecord,
        FlowRunRecord,
        TaskGraph,
        TaskRunRecord,
        TenantRecord,
        TimelineBar,
    )

__all__ = ["LibraryBackend"]

PEEKED = 200


@dataclass(frozen=True, slots=True)
class LibraryCursor:
    """The cursor of a read from the library: complete, unless the run changes on the server."""


class LibraryBackend(Backend):
    """A backend with the library in front of it.

    `flow_run` always asks the server. If the answer equals the library's copy and the copy is complete, the log, task
    runs and timeline come from the library until a later answer differs; everything else comes from the server.
    """

    def __init__(self, backend: Backend, library: Library) -> None:
        self.label, self.url = backend.label, backend.url
        self.is_paged, self.has_agents = backend.is_paged, backend.has_agents
        self.is_local = backend.is_local
        self.requests_per_minute = backend.requests_per_minute
        self._backend = backend
        self._library = library
        self._lock = unlocked_in_child(threading.Lock())
        self._same: set[str] = set()
        self._offered: dict[str, tuple[object, ...]] = {}
        self._lines: WeakValueDictionary[str, LogColumns] = WeakValueDictionary()

    @property
    def server(self) -> Backend:
        """The backend of the server."""
        return self._backend

    def note_page_root(self, root: str) -> None:
        """Tell the server's backend."""
        self._backend.note_page_root(root)

    def offer(
        self,
        run: FlowRunRecord,
        task_runs: TaskRunRead,
        logs: LogRead,
        flow: FlowRecord | None,
        read_at: DateTime,
    ) -> None:
        """Keep a finished run in the background, unless it is kept already, or the server did not deliver all of it."""
        if run.missing:
            return
        if isinstance(logs.cursor, LibraryCursor) and isinstance(task_runs.cursor, LibraryCursor):
            return
        facts = (run.updated_at, run.state.timestamp, len(logs.columns), len(task_runs.records))
        with self._lock:
            if self._offered.get(run.id) == facts:
                known = True
            else:
                known, self._offered[run.id] = False, facts
        if known:
            return
        self._library.behind(
            lambda: self._library.keep(
                self.url,
                self.label,
                run,
                task_runs.records,
                logs.columns,
                flow,
                read_at=read_at,
            )
        )

    def flow_run(self, flow_run_id: str) -> FlowRunRecord:
        """Return the server's run; the answers are small if the library has the same run."""
        kept = self._library.find(self.url, flow_run_id)
        if kept is None or not kept.is_settled:
            self._differs(flow_run_id)
            return self._backend.flow_run(flow_run_id)
        return self._compared(kept)

    def listen(self, flow_run_id: str, hear: Callable[[], None]) -> Listening | None:
        """Listen to the server."""
        return self._backend.listen(flow_run_id, hear)

    def reopened(self, known: FlowRunRecord, copied: Extent) -> Reopened:
        """Return the server's answer."""
        return self._backend.reopened(known, copied)

    def latest(
        self, flow_run_id: str, logs_cursor: object | None, task_runs_cursor: object | None
    ) -> Latest:
        """Return the run and what is new; the answers are small if the library has the same run."""
        kept_logs = isinstance(logs_cursor, LibraryCursor)
        kept_tasks = isinstance(task_runs_cursor, LibraryCursor)
        others = [
            c for c in (logs_cursor, task_runs_cursor) if c and not isinstance(c, LibraryCursor)
        ]
        if not kept_logs and not kept_tasks and (others or not self._is_same(flow_run_id)):
            return self._backend.latest(flow_run_id, logs_cursor, task_runs_cursor)
        kept = self._library.find(self.url, flow_run_id)
        if kept is None or others:
            latest = self._backend.latest(
                flow_run_id,
                None if kept_logs else logs_cursor,
                None if kept_tasks else task_runs_cursor,
            )
        else:
            latest = Latest(self._compared(kept))
        if self._is_same(flow_run_id) and kept is not None and not others:
            return Latest(
                latest.record,
                LogRead(LogColumns(), LibraryCursor()) if kept_logs else None,
                TaskRunRead((), LibraryCursor()) if kept_tasks else None,
            )
        return Latest(
            latest.record,
            self._backend.logs(flow_run_id, None, None) if kept_logs else latest.logs,
            self._backend.task_runs(flow_run_id) if kept_tasks else latest.task_runs,
        )

    def flow_runs(self, chosen: RunFilter, limit: int | None = None) -> Iterator[FlowRunRecord]:
        """Yield the server's answer."""
        return self._backend.flow_runs(chosen, limit)

    def subflow_runs(self, flow_run_id: str) -> Sequence[FlowRunRecord]:
        """Return the server's answer."""
        return self._backend.subflow_runs(flow_run_id)

    def artifacts(self, flow_run_id: str) -> Sequence[ArtifactRecord]:
        """Return the server's answer."""
        return self._backend.artifacts(flow_run_id)

    def timeline(self, flow_run_id: str) -> Sequence[TimelineBar]:
        """Return the timeline of the library's task runs, else the server's answer."""
        read = self._task_runs(flow_run_id)
        return self._backend.timeline(flow_run_id) if read is None else timeline_of(read.records)

    def logs(
        self,
        flow_run_id: str,
        start: DateTime | None,
        end: DateTime | None,
        *,
        min_level: int | None = None,
        task_run_ids: Sequence[str] | None = None,
    ) -> LogRead:
        """Return the library's data, else the server's answer."""
        columns = self._columns(flow_run_id)
        if columns is None:
            return self._backend.logs(
                flow_run_id, start, end, min_level=min_level, task_run_ids=task_run_ids
            )
        if start is not None or end is not None:
            columns = columns.between(start, end)
        return LogRead(columns.chosen(min_level, task_run_ids), LibraryCursor())

    def log_peek(self, flow_run_id: str, *, errors_first: bool) -> LogPeek:
        """Return the first and last lines of the library, else the server's answer."""
        source = self._source(flow_run_id)
        if source is self._backend:
            return source.log_peek(flow_run_id, errors_first=errors_first)
        first = source.log_end(
            flow_run_id,
            PEEKED,
            is_newest=False,
            min_level=logging.ERROR if errors_first else None,
        )
        last = source.log_end(flow_run_id, PEEKED)
        return LogPeek(first, last, len(last) < PEEKED)

    def log_end(
        self,
        flow_run_id: str,
        count: int,
        *,
        is_newest: bool = True,
        until: DateTime | None = None,
        min_level: int | None = None,
        task_run_ids: Sequence[str] | None = None,
        has_labels: bool = True,
    ) -> LogColumns:
        """Return the lines at one end of the library's log, else the server's answer."""
        source = self._source(flow_run_id)
        return source.log_end(
            flow_run_id,
            count,
            is_newest=is_newest,
            until=until,
            min_level=min_level,
            task_run_ids=task_run_ids,
            has_labels=has_labels,
        )

    def logs_with_subflows(
        self,
        run: FlowRunRecord,
        start: DateTime | None,
        end: DateTime | None,
        *,
        min_level: int | None = None,
    ) -> LogColumns:
        """Return the server's answer."""
        return self._backend.logs_with_subflows(run, start, end, min_level=min_level)

    def task_run_logs(self, task_run_id: str) -> LogColumns:
        """Return the server's answer."""
        return self._backend.task_run_logs(task_run_id)

    def task_runs(self, flow_run_id: str) -> TaskRunRead:
        """Return the library's data, else the server's answer."""
        return self._task_runs(flow_run_id) or self._backend.task_runs(flow_run_id)

    def task_runs_of(self, flow_run_ids: Sequence[str]) -> Mapping[str, Sequence[TaskRunRecord]]:
        """Return the server's answer."""
        return self._backend.task_runs_of(flow_run_ids)

    def static_task_runs(self, flow_run_id: str) -> Sequence[TaskRunRecord] | None:
        """Return the library's data, else the server's answer."""
        read = self._task_runs(flow_run_id)
        if read is None:
            return self._backend.static_task_runs(flow_run_id)
        return [record for record in read.records if record.map_index in (None, -1)]

    def unsuccessful_task_runs(self, flow_run_id: str, limit: int) -> Sequence[TaskRunRecord]:
        """Return the library's data, else the server's answer."""
        return self._source(flow_run_id).unsuccessful_task_runs(flow_run_id, limit)

    def task_graph(self, flow_run_id: str) -> TaskGraph | None:
        """Return the server's answer."""
        return self._backend.task_graph(flow_run_id)

    def mapped_children(
        self, flow_run_id: str, task_slug: str, first: int, limit: int | None
    ) -> Sequence[TaskRunRecord]:
        """Return the server's answer, which includes histories."""
        return self._backend.mapped_children(flow_run_id, task_slug, first, limit)

    def lines_of_runs(
        self, flow_run_ids: Sequence[str], min_level: int
    ) -> Mapping[str, LogColumns]:
        """Return the server's answer."""
        return self._backend.lines_of_runs(flow_run_ids, min_level)

    def task_run_ids(self, flow_run_id: str) -> Sequence[str]:
        """Return the library's data, else the server's answer."""
        read = self._task_runs(flow_run_id)
        if read is None:
            return self._backend.task_run_ids(flow_run_id)
        return [record.id for record in read.records]

    def task_run(self, task_run_id: str) -> TaskRunRecord:
        """Return the server's answer, which includes the history."""
        return self._backend.task_run(task_run_id)

    def task_run_by_slug(self, flow_run_id: str, task_slug: str, map_index: int) -> TaskRunRecord:
        """Return the server's answer, which includes the history."""
        return self._backend.task_run_by_slug(flow_run_id, task_slug, map_index)

    def flow(self, flow_id: str) -> FlowRecord:
        """Return the server's answer."""
        return self._backend.flow(flow_id)

    def flow_of_group(self, flow_group_id: str) -> FlowRecord:
        """Return the server's answer."""
        return self._backend.flow_of_group(flow_group_id)

    def flows_named(self, flow_name: str, project_name: str | None) -> Sequence[FlowRecord]:
        """Return the server's answer."""
        return self._backend.flows_named(flow_name, project_name)

    def tenants(self, tenant_id: str | None) -> Sequence[TenantRecord]:
        """Return the server's answer."""
        return self._backend.tenants(tenant_id)

    def agents(self) -> Sequence[AgentRecord]:
        """Return the server's answer."""
        return self._backend.agents()

    def graphql(self, document: str, variables: Mapping[str, Any] | None) -> dict[str, Any]:
        """Return the server's answer."""
        return self._backend.graphql(document, variables)

    def gateway_file(self) -> Path | None:
        """Return the server's answer."""
        return self._backend.gateway_file()

    def kept(self, flow_run_id: str) -> Mapping[str, Any] | None:
        """Return the server's answer."""
        return self._backend.kept(flow_run_id)

    def close(self) -> None:
        """Close the server and the library, after the library has kept pending runs."""
        self._library.close()
        self._backend.close()

    def _compared(self, kept: LibraryEntry) -> FlowRunRecord:
        again = self._backend.reopened(kept.record, kept.extent)
        now = again.record
        clean = replace(redacted_record(now, self._library.redaction), missing=FrozenDict())
        if again.is_whole and clean.identity() == kept.record.identity():
            with self._lock:
                self._same.add(now.id)
            self._library.opened(kept)
        else:
            self._differs(now.id)
        return now

    def _differs(self, flow_run_id: str) -> None:
        with self._lock:
            self._same.discard(flow_run_id)
            self._lines.pop(flow_run_id, None)

    def _is_same(self, flow_run_id: str) -> bool:
        with self._lock:
            return flow_run_id in self._same

    def _source(self, flow_run_id: str) -> Backend:
        """Return the library's store if it has the same run as the server, else the server."""
        if self._is_same(flow_run_id):
            with suppress(FlowRunError):
                if self._library.store.kept(flow_run_id) is not None:
                    return self._library.store
        return self._backend

    def _columns(self, flow_run_id: str) -> LogColumns | None:
        if not self._is_same(flow_run_id):
            return None
        with self._lock:
            columns = self._lines.get(flow_run_id)
        if columns is None:
            try:
                if self._library.store.kept(flow_run_id) is None:
                    return None
                columns = self._library.store.logs(flow_run_id, None, None).columns
            except FlowRunError:
                self._differs(flow_run_id)
                return None
            with self._lock:
                self._lines[flow_run_id] = columns
        return columns

    def _task_runs(self, flow_run_id: str) -> TaskRunRead | None:
        if not self._is_same(flow_run_id):
            return None
        try:
            if self._library.store.kept(flow_run_id) is None:
                return None
            return TaskRunRead(self._library.store.task_runs(flow_run_id).records, LibraryCursor())
        except FlowRunError:
            self._differs(flow_run_id)
            return None
