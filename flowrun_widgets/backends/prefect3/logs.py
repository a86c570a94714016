"""Reads the log of a run, completely or only what is new, without missing lines that arrive late."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from flowrun_widgets.backends.asked import check_ids
from flowrun_widgets.backends.prefect3 import wire
from flowrun_widgets.backends.prefect3.keyset import KeysetWalk
from flowrun_widgets.backends.prefect3.log_to_columns import LogChunks
from flowrun_widgets.backends.prefect3.missing_lines import MAX_PLACES, MissingLines
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

OVERLAP_MICROS = 16_000_000
"""How much is read again if lines are gone from the server, so that counting tells nothing."""
MAX_COUNTED = 20_000
"""The number of newest lines that the server usually counts; it counts all of a longer log less often."""
MAX_SEARCH_REQUESTS = 30
"""The most requests for late lines in one refresh of a running run. The next refresh goes on."""
SEARCH_EVERY = 10
"""Lines that the server counts, but did not return, are looked for again in every tenth refresh."""


@dataclass(frozen=True, slots=True)
class LogCursor:
    """How far a log was read.

    Neither the time of a line nor that of its arrival can serve as a cursor: workers' clocks differ, and the server
    cannot filter by `created`. The number of lines can: if the server has as many as are held, none is missing.
    """

    held: LogColumns = field(default_factory=LogColumns)
    """All lines that were read."""
    refreshes: int = 0
    places: tuple[int, ...] = ()
    """Where lines were found that were not the newest, in microseconds since 1970, the last place first."""
    not_found: int = 0
    """How many lines the server counts that it did not return."""
    labels: Mapping[str, str] = FrozenDict()
    """The labels of task runs by id, as far as they were needed so far."""

    @property
    def counts_all(self) -> bool:
        """Whether the next refresh compares the number of all lines, which takes the server longer in a long log.

        So that this takes as long in total as the other refreshes do, a log that is n times as long is counted n times
        less often.
        """
        return self.refreshes % max(1, len(self.held) // MAX_COUNTED) == 0

    @property
    def counted_from(self) -> int | None:
        """The time of the first of the newest lines that are counted; None: all lines are."""
        beyond = len(self.held) - MAX_COUNTED
        return self.held.table["timestamp"][beyond].value if beyond > 0 else None


@dataclass(frozen=True, slots=True)
class LogFilter:
    """The part of a choice of lines that the server can filter by."""

    flow_run_ids: tuple[str, ...]
    """The flow runs; without any, task runs outside flow runs."""
    after: str | None = None
    before: str | None = None
    min_level: int | None = None
    task_run_ids: tuple[str, ...] | None = None
    is_of_flow: bool = False
    """Whether only the flow's own lines are wanted, which older servers cannot choose."""

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
        if self.is_of_flow:
            wanted["task_run_id"] = {"is_null_": True}
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
        """Return the lines that are not in the cursor.

        Costs one request if none of them is late. For a run that had ended: no lines and the same cursor, in one
        request with an answer of at most one line, if the server has no more lines than were read.
        """
        if not had_ended:
            return self._missing(
                flow_run_id, cursor, MAX_SEARCH_REQUESTS, all_of_them=cursor.counts_all
            )
        if self.is_whole(flow_run_id, cursor):
            return LogRead(LogColumns(), cursor)
        return self._missing(flow_run_id, cursor, math.inf, all_of_them=True)

    def completed(self, flow_run_id: str, read: LogRead, cursor: LogCursor) -> LogRead:
        """Return what was read of an ended run, with the cursor of the read, and what was missing."""
        for is_last in (False, True):
            if self.is_whole(flow_run_id, cursor):
                break
            more = (
                self._read(LogFilter((flow_run_id,)), cursor)
                if is_last
                else self._missing(flow_run_id, cursor, math.inf, all_of_them=True)
            )
            assert isinstance(more.cursor, LogCursor)
            cursor = more.cursor
            read = LogRead(read.columns.with_new(more.columns), cursor)
        return read

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

    def _missing(
        self, flow_run_id: str, cursor: LogCursor, max_requests: float, *, all_of_them: bool
    ) -> LogRead:
        """Return the lines that are not in the cursor, as far as `max_requests` for late ones allow."""
        run = LogFilter((flow_run_id,))

        def page(
            after: str | None, before: str | None, offset: int, size: int | None = None
        ) -> list[wire.Line]:
            wanted = replace(run, after=after, before=before)
            body = {"logs": wanted.json(), "sort": "TIMESTAMP_ASC"}
            found = self._api.page("/logs/filter", body, wire.Line, offset=offset, size=size)
            return self._checked(wanted, found)

        search = MissingLines(
            cursor.held,
            cursor.places,
            page=page,
            rest=lambda after: self._walked(replace(run, after=after))[0],
            page_size=lambda: self._api.page_size,
            max_requests=max_requests,
            not_found=cursor.not_found if cursor.refreshes % SEARCH_EVERY else 0,
        )
        spans = [None, cursor.counted_from] if all_of_them else [cursor.counted_from]
        is_counted = any(search.since(span) for span in dict.fromkeys(spans))
        held = search.held
        if not is_counted:
            newest = held.table["timestamp"][-1].value
            again, _ = self._walked(replace(run, after=_text(newest - OVERLAP_MICROS)))
            held = held.with_new(again)
        return self._advanced(
            flow_run_id,
            replace(
                cursor,
                refreshes=cursor.refreshes + 1,
                places=tuple(search.places),
                not_found=search.not_found,
            ),
            held.arrived_since(cursor.held.arrived),
        )

    def end(self, wanted: LogFilter, count: int, *, is_newest: bool) -> LogColumns:
        """Return the newest or the oldest `count` lines, without labels; one request for each page."""
        body = {
            "logs": wanted.json(),
            "sort": "TIMESTAMP_DESC" if is_newest else "TIMESTAMP_ASC",
        }
        parts: list[LogColumns] = []
        read = 0
        while read < count:
            size = min(count - read, self._api.page_size)
            page = self._api.page("/logs/filter", body, wire.Line, offset=read, size=size)
            chunks = LogChunks()
            chunks.add(self._checked(wanted, page)[:: -1 if is_newest else 1])
            parts.append(chunks.columns())
            read += len(page)
            if len(page) < size:
                break
        # Lines that arrive meanwhile move others to the next page, where they appear again.
        return LogColumns.joined(parts[:: -1 if is_newest else 1]).end(count, is_newest=is_newest)

    def _read(
        self, wanted: LogFilter, cursor: LogCursor, flow_runs: Mapping[str, str] | None = None
    ) -> LogRead:
        run = next(iter(wanted.flow_run_ids), None)
        columns, places = self._walked(wanted, flow_runs)
        return self._advanced(run, replace(cursor, places=tuple(places[:MAX_PLACES])), columns)

    def _advanced(self, flow_run_id: str | None, cursor: LogCursor, columns: LogColumns) -> LogRead:
        """Return the lines with the labels of their task runs, and the cursor that holds them."""
        labels = self._labels(flow_run_id, cursor.labels, columns.task_run_ids())
        columns = columns.labelled(labels)
        return LogRead(columns, replace(cursor, held=cursor.held.with_new(columns), labels=labels))

    def _walked(
        self, wanted: LogFilter, flow_runs: Mapping[str, str] | None = None
    ) -> tuple[LogColumns, list[int]]:
        """Return all lines that match, and where other lines may follow; one request per page, from both ends at once."""
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
        return chunks.columns(), chunks.places()

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
    return isoformat(from_micros(micros))
