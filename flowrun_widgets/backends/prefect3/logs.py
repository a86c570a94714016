"""Reads the log of a run, completely or only what is new, without missing lines that arrive late."""

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
"""How many microseconds before the last arrival are read again: a line may arrive 15 s after its timestamp."""

CLOCKS = 3_000_000
"""How many microseconds the clocks of a server's parts (API and database) may differ."""


@dataclass(frozen=True, slots=True)
class LogCursor:
    """How far a log was read.

    A worker's clock says nothing about the server's. The order of arrival is `created`, which the server sets but
    cannot filter by. A reader that has seen everything created up to a moment misses only lines that were created
    later, and their timestamps are later than that moment minus the time that a line takes to arrive.
    """

    held: LogColumns = field(default_factory=LogColumns)
    """All lines that were read."""
    complete_at: int = 0
    """Everything that arrived before this time was read; microseconds since 1970 by the server's clock. 0: unknown."""
    skew: int = 0
    """The largest `created − timestamp` of this run, in microseconds."""
    labels: Mapping[str, str] = FrozenDict()
    """The labels of task runs by id, as far as they were needed so far."""

    @property
    def since(self) -> str | None:
        """The time from which lines must be read again."""
        if not self.complete_at:
            return None
        return _text(self.complete_at - max(OVERLAP, 2 * self.skew))


@dataclass(frozen=True, slots=True)
class LogFilter:
    """The part of a choice of lines that the server can filter by."""

    flow_run_ids: tuple[str, ...]
    """The flow runs; without any, task runs outside flow runs."""
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
    """The logs of one server. `labels` looks up the labels of task runs that are not known yet."""

    def __init__(self, api: Api, labels: Labels) -> None:
        self._api = api
        self._labels = labels

    def read(self, wanted: LogFilter) -> LogRead:
        """Return every line that matches the filter; one request per page, and one for the labels of task runs."""
        return self._read(wanted, LogCursor())

    def together(self, wanted: LogFilter, flow_runs: Mapping[str, str]) -> LogColumns:
        """Return the lines of several runs, read together; `flow_runs` maps run ids to labels."""
        return self._read(wanted, LogCursor(), flow_runs).columns

    def of_runs(self, wanted: LogFilter) -> dict[str, LogColumns]:
        """Return the lines of several runs, by run, without the labels of task runs; one request.

        A page holds the newest lines. If there are more, runs of which older lines may be missing are left out: those
        without a line, and that of the oldest one unless it is alone.
        """
        body = {"logs": wanted.json(), "sort": "TIMESTAMP_DESC"}
        page = self._checked(wanted, self._api.page("/logs/filter", body, wire.Line))
        of_run: dict[str, list[wire.Line]] = {run: [] for run in wanted.flow_run_ids}
        for line in reversed(page):
            of_run[line.flow_run_id or ""].append(line)
        if len(page) >= self._api.page_size:
            of_run = {run: lines for run, lines in of_run.items() if lines}
            if len(of_run) > 1:
                del of_run[page[-1].flow_run_id or ""]
        found: dict[str, LogColumns] = {}
        for run, lines in of_run.items():
            chunks = LogChunks()
            chunks.add(lines)
            found[run] = chunks.columns()
        return found

    def latest(self, flow_run_id: str, cursor: LogCursor, *, had_ended: bool = False) -> LogRead:
        """Return the lines that may have arrived since the cursor, some of them again.

        For a run that had ended: no lines and the same cursor, in one request with an answer of at most one line, if
        the server has no more lines than were read.
        """
        if had_ended and self.is_whole(flow_run_id, cursor):
            return LogRead(LogColumns(), cursor)
        return self._read(LogFilter((flow_run_id,), after=cursor.since), cursor)

    def again(self, flow_run_id: str, cursor: LogCursor) -> LogRead:
        """Return every line of the run, including those of the cursor."""
        return self._read(LogFilter((flow_run_id,)), cursor)

    def is_whole(self, flow_run_id: str, cursor: LogCursor) -> bool:
        """Whether the server has no more lines than were read; one request, whose answer is one line at most."""
        return not self.has_more(flow_run_id, len(cursor.held))

    def has_more(self, flow_run_id: str, known: int) -> bool:
        """Whether the server has more lines of the run than are known.

        The API cannot count log lines; requesting one line beyond the known number tells the same.
        """
        body = {"logs": LogFilter((flow_run_id,)).json(), "sort": "TIMESTAMP_ASC"}
        return bool(self._api.page("/logs/filter", body, wire.Line, offset=known, size=1))

    def edge(self, wanted: LogFilter, *, newest: bool) -> tuple[LogColumns, bool]:
        """Return the first or the last page of lines, and whether it is the whole log; one request."""
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
        # Lines that arrived during the walk may be in a part that it had already passed.
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
        return "No line had been read."
    return (
        f"{read:,} lines had been read, up to {low}{f' and from {high} onwards' if high else ''}."
    )


def _text(micros: int) -> str:
    moment = from_micros(micros)
    assert moment is not None
    return isoformat(moment)
