"""Reading the log of a run, whole or what is new, without losing a line that arrives late."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from flowrun_widgets.backends.asked import check_ids
from flowrun_widgets.backends.prefect3 import wire
from flowrun_widgets.backends.prefect3.keyset import KeysetWalk
from flowrun_widgets.backends.prefect3.log_to_columns import LogChunks
from flowrun_widgets.backends.prefect3.paging import from_both_ends
from flowrun_widgets.backends.progress import report
from flowrun_widgets.backends.protocol import LogRead
from flowrun_widgets.containers import FrozenDict
from flowrun_widgets.errors import BackendError
from flowrun_widgets.log_columns import LogColumns
from flowrun_widgets.times import from_micros, isoformat

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flowrun_widgets.backends.prefect3.api import Api

    Labels = Callable[[str | None, Mapping[str, str], list[str]], Mapping[str, str]]

__all__ = ["LogCursor", "LogFilter", "Logs"]

OVERLAP = 16_000_000
"""Microseconds before the last arrival that are read again: a line may arrive 15 s after its timestamp."""

CLOCKS = 3_000_000
"""Microseconds by which the clocks of a server's parts (who answers, who stores) may differ."""


@dataclass(frozen=True, slots=True)
class LogCursor:
    """How far a log was read.

    A worker's clock says nothing of the server's: what orders arrivals is `created`, which the server sets and which
    it cannot be asked by. Whoever has seen everything that was created by a moment misses only lines that were
    created later, and these are later than that moment less the time a line takes to arrive.
    """

    held: LogColumns = field(default_factory=LogColumns)
    """Every line that was read."""
    complete_at: int = 0
    """Everything that arrived before was read; microseconds since 1970 by the server's clock. 0: unknown."""
    skew: int = 0
    """The largest `created − timestamp` of this run, in microseconds."""
    labels: Mapping[str, str] = FrozenDict()
    """The labels of task runs by id, as far as they were needed."""

    @property
    def since(self) -> str | None:
        """The time from which lines are to be read again."""
        if not self.complete_at:
            return None
        return _text(self.complete_at - max(OVERLAP, 2 * self.skew))


@dataclass(frozen=True, slots=True)
class LogFilter:
    """Which lines are wanted, as far as the server can choose."""

    flow_run_ids: tuple[str, ...]
    """Without any: of task runs outside flow runs."""
    after: str | None = None
    before: str | None = None
    min_level: int | None = None
    task_run_ids: tuple[str, ...] | None = None

    def json(self) -> dict[str, Any]:
        """Return the filter's JSON."""
        runs = list(self.flow_run_ids)
        wanted: dict[str, Any] = {"flow_run_id": {"any_": runs}} if runs else {}
        times = {
            key: value
            for key, value in (("after_", self.after), ("before_", self.before))
            if value is not None
        }
        if times:
            wanted["timestamp"] = times
        if self.min_level is not None:
            wanted["level"] = {"ge_": self.min_level}
        if self.task_run_ids is not None:
            wanted["task_run_id"] = {"any_": list(self.task_run_ids)}
        return wanted


class Logs:
    """The logs of one server. `labels` finds the labels of task runs that are not known yet."""

    def __init__(self, api: Api, labels: Labels) -> None:
        self._api = api
        self._labels = labels

    def read(self, wanted: LogFilter) -> LogRead:
        """Return every line that the filter lets through; one request a page, and one for the labels of task runs."""
        return self._read(wanted, LogCursor())

    def together(self, wanted: LogFilter, flow_runs: Mapping[str, str]) -> LogColumns:
        """Return the lines of several runs in one stream; `flow_runs` gives each run's id its label."""
        return self._read(wanted, LogCursor(), flow_runs).columns

    def latest(self, flow_run_id: str, cursor: LogCursor, *, had_ended: bool = False) -> LogRead:
        """Return the lines that may have arrived since the cursor, some of them once more.

        Of a run that had ended nothing, and the cursor itself, in one request with an answer of a line at most, if the
        server has no more lines than were read.
        """
        if had_ended and self.is_whole(flow_run_id, cursor):
            return LogRead(LogColumns(), cursor)
        return self._read(LogFilter((flow_run_id,), after=cursor.since), cursor)

    def again(self, flow_run_id: str, cursor: LogCursor) -> LogRead:
        """Return every line of the run, those of the cursor included."""
        return self._read(LogFilter((flow_run_id,)), cursor)

    def is_whole(self, flow_run_id: str, cursor: LogCursor) -> bool:
        """Whether the server has no more lines of the run than were read; one request, and an answer of a line at most."""
        return not self.has_more(flow_run_id, len(cursor.held))

    def has_more(self, flow_run_id: str, known: int) -> bool:
        """Whether the server has more lines of the run than are known.

        There is no count of logs; a line beyond as many as are known tells the same.
        """
        body = {"logs": LogFilter((flow_run_id,)).json(), "sort": "TIMESTAMP_ASC"}
        return bool(self._api.page("/logs/filter", body, wire.Line, offset=known, size=1))

    def edge(self, wanted: LogFilter, *, newest: bool) -> tuple[LogColumns, bool]:
        """Return the first page of lines or the last, and whether it is all there is; one request."""
        sort = "TIMESTAMP_DESC" if newest else "TIMESTAMP_ASC"
        body = {"logs": wanted.json(), "sort": sort}
        page = self._checked(wanted, self._api.page("/logs/filter", body, wire.Line))
        chunks = LogChunks()
        chunks.add(page[::-1] if newest else page)
        return chunks.columns(), len(page) < self._api.page_size

    def _read(
        self, wanted: LogFilter, cursor: LogCursor, flow_runs: Mapping[str, str] | None = None
    ) -> LogRead:
        began, server_time = time.monotonic(), self._api.server_now()
        chunks = LogChunks(flow_runs)
        upwards = KeysetWalk(_timestamp, wanted.after)
        downwards = KeysetWalk(_timestamp, wanted.before)
        pages = from_both_ends(
            upwards,
            downwards,
            lambda walk: self._page(wanted, walk, is_upwards=walk is upwards),
            lambda: self._api.page_size,
        )
        try:
            for is_descending, lines in pages:
                (chunks.add_descending if is_descending else chunks.add)(lines)
                report("lines", chunks.read)
        except BackendError as error:
            told = _so_far(chunks.read, upwards.at, downwards.at)
            error.args = (f"{error.args[0]} {told}", *error.args[1:])
            raise
        columns = chunks.columns()
        run = next(iter(wanted.flow_run_ids), None)
        labels = self._labels(run, cursor.labels, columns.task_run_ids())
        columns = columns.labelled(labels)
        # What arrived while the walk was under way may lie behind where it had come by then.
        lasted = int((time.monotonic() - began) * 1_000_000)
        seen = chunks.newest_created - lasted if chunks.newest_created else 0
        complete_at = max(cursor.complete_at, seen, server_time - CLOCKS)
        held = cursor.held.with_new(columns) if len(cursor.held) else columns
        return LogRead(
            columns,
            replace(
                cursor,
                held=held,
                complete_at=complete_at,
                skew=max(cursor.skew, chunks.skew),
                labels=labels,
            ),
        )

    def _page(
        self, wanted: LogFilter, walk: KeysetWalk[wire.Line], *, is_upwards: bool
    ) -> list[wire.Line]:
        chosen = replace(wanted, after=walk.at) if is_upwards else replace(wanted, before=walk.at)
        body = {
            "logs": chosen.json(),
            "sort": "TIMESTAMP_ASC" if is_upwards else "TIMESTAMP_DESC",
        }
        page = self._api.page(
            "/logs/filter",
            body,
            wire.Line,
            offset=walk.offset,
            is_one_of_many=wanted.after is None,
        )
        return self._checked(wanted, page)

    def _checked(self, wanted: LogFilter, page: list[wire.Line]) -> list[wire.Line]:
        if wanted.flow_run_ids:
            named = {line.flow_run_id for line in page}
            check_ids(named, wanted.flow_run_ids, "lines of flow run", self._api.url)
        return page


def _timestamp(line: wire.Line) -> str:
    return line.timestamp


def _so_far(read: int, low: str | None, high: str | None) -> str:
    if not read:
        return "Not one line had been read."
    return f"{read:,} lines had been read, up to {low}{f' and from {high} on' if high else ''}."


def _text(micros: int) -> str:
    moment = from_micros(micros)
    assert moment is not None
    return isoformat(moment)
