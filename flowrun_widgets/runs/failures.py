"""`FlowRunFailures`: the failed runs of a list, grouped by cause."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, overload

from pendulum import DateTime

from flowrun_widgets.analysis.failures import FailureCause, FailureSorter, failed_at
from flowrun_widgets.analysis.fingerprint import VERSION
from flowrun_widgets.backends.progress import report, shown_progress
from flowrun_widgets.lazy import LazyModule
from flowrun_widgets.records import FlowRunRecord
from flowrun_widgets.report.failure_findings import (
    FAILURE_COLUMNS,
    FailureRow,
    failure_findings,
)
from flowrun_widgets.report.findings import Findings, Link
from flowrun_widgets.runs.clean import by_connection, clean_lines, clean_records
from flowrun_widgets.runs.flow_run import FlowRunView
from flowrun_widgets.runs.flow_runs import FlowRunList
from flowrun_widgets.runs.shown import ShownFindings

if TYPE_CHECKING:
    import pandas as pd

    from flowrun_widgets.log_columns import LogColumns
else:
    pd = LazyModule("pandas")

__all__ = ["FailureGroup", "FlowRunFailures", "failures_of"]

ERROR = 40
MAX_REQUESTS = 7
"""How many requests for error lines are sent to each source."""
RUNS_TOGETHER = 50
"""How many runs one request names: a failed run of Prefect 3 has some four error lines, and a page 200."""


@dataclass(frozen=True, slots=True, repr=False)
class FailureGroup:
    """Failed runs with one cause. Texts are without secrets. Immutable; nothing here costs a request."""

    name: str
    """The exception and the pattern of its message, in one line: `ValueError: bad row …`."""
    count: int
    share: float
    """The share of all runs of the list, from 0 to 1."""
    first_seen_at: DateTime | None
    """When the first of them failed."""
    last_seen_at: DateTime | None
    exception: str | None
    """The type of the exception, without its module; None if the message does not name one."""
    pattern: str
    """The first line of the message; `…` stands for numbers, ids, quoted data, paths and addresses."""
    places: tuple[str, ...]
    """Where it was raised, in the user's own code, the innermost last; empty where the message says enough."""
    fingerprint: str
    """The id of the cause, which is the same in other lists: `f1-9b2d04c1`. The number after `f` is the version."""
    flows: tuple[str, ...]
    """The names of the flows, the most frequent first."""
    runs: FlowRunList
    """The runs of the group, newest first."""
    example: FlowRunView
    """The newest run whose error lines were read, or else the newest; in a notebook it is displayed as a card."""
    read_count: int
    """How many of the runs had their error lines read."""
    assumed_count: int
    """How many were not read, and are here because all runs of their flow and message that were read have this cause."""

    def __repr__(self) -> str:
        return f"<FailureGroup: {self.count} × {self.name}>"


@dataclass(frozen=True, slots=True, repr=False)
class FlowRunFailures(ShownFindings, Sequence[FailureGroup]):
    """The failed runs of a list, grouped by cause, the most frequent cause first.

    A sequence of groups, immutable. As the last line of a cell it is displayed as a table; `print()` shows it as text.
    Nothing here costs a request.
    """

    groups: tuple[FailureGroup, ...]
    run_count: int
    """How many runs the list has."""
    failed_count: int
    """How many of them failed."""
    read_count: int
    """How many had their error lines read."""
    has_more: bool
    """Whether more runs match than the list has."""
    span: tuple[DateTime | None, DateTime | None]
    """When the first and the last run of the list began or failed."""

    def __len__(self) -> int:
        return len(self.groups)

    @overload
    def __getitem__(self, key: int) -> FailureGroup: ...
    @overload
    def __getitem__(self, key: slice) -> tuple[FailureGroup, ...]: ...
    def __getitem__(self, key: int | slice) -> FailureGroup | tuple[FailureGroup, ...]:
        return self.groups[key]

    def __iter__(self) -> Iterator[FailureGroup]:
        return iter(self.groups)

    def to_pandas(self) -> pd.DataFrame:
        """Return the groups as a DataFrame, one row per group, in their order, index from 0.

        Columns, in order: `name` str · `count` int64 · `share` float64 (of the runs of the list) · `first_seen_at`,
        `last_seen_at` datetime64[us, UTC] · `exception` str · `pattern` str · `places` str (separated by " > ", the
        innermost last) · `flows` str (separated by ", ") · `fingerprint` str · `read_count`, `assumed_count` int64 ·
        `example_id` str (flow run id) · `example_url` str.
        """
        from flowrun_widgets.report.frames import frame_of

        rows = [
            (
                one.name,
                one.count,
                one.share,
                one.first_seen_at,
                one.last_seen_at,
                one.exception,
                one.pattern,
                " > ".join(one.places),
                ", ".join(one.flows),
                one.fingerprint,
                one.read_count,
                one.assumed_count,
                one.example.flow_run_id,
                one.example.ui_url,
            )
            for one in self.groups
        ]
        return frame_of(rows, FAILURE_COLUMNS)

    def _findings(self) -> Findings:
        records = clean_records([one.example for one in self.groups])
        rows = [
            FailureRow(
                one.name,
                [moment for run in one.runs if (moment := failed_at(run.record)) is not None],
                one.count,
                one.share,
                one.flows,
                Link(record.name or record.id, record.ui_url),
            )
            for one, record in zip(self.groups, records, strict=True)
        ]
        return failure_findings(
            rows,
            self.span,
            total=self.run_count,
            failed=self.failed_count,
            read=self.read_count,
            assumed=sum(one.assumed_count for one in self.groups),
            version=VERSION,
            has_more=self.has_more,
        )


def failures_of(runs: FlowRunList) -> FlowRunFailures:
    """Return the failed runs of a list, grouped by cause; see `FlowRunList.failures`."""
    every = list(runs)
    views = [run for run in every if run.state.is_failed()]
    records = clean_records(views)
    sorter = FailureSorter(records)
    with shown_progress():
        for _ in range(MAX_REQUESTS):
            lines = _error_lines(views, sorter.wanted[:RUNS_TOGETHER])
            if not lines:
                break
            sorter.learn(lines)
    causes = sorter.causes()
    times = [moment for run in every if (moment := run.started_at or failed_at(run.record))]
    ends = [moment for record in records if (moment := failed_at(record)) is not None]
    return FlowRunFailures(
        tuple(_group(one, views, records, len(every), runs) for one in causes),
        run_count=len(every),
        failed_count=len(views),
        read_count=sum(len(one.read) for one in causes),
        has_more=runs.has_more,
        span=(min([*times, *ends], default=None), max([*times, *ends], default=None)),
    )


def _error_lines(views: Sequence[FlowRunView], wanted: Sequence[int]) -> dict[int, LogColumns]:
    """Return the error lines of runs, without secrets, by position."""
    found: dict[int, LogColumns] = {}
    for connection, own in by_connection([views[place] for place in wanted]):
        places = {views[wanted[number]].flow_run_id: wanted[number] for number in own}
        lines = connection.backend.lines_of_runs([*places], ERROR)
        clean = clean_lines(list(lines.values()), connection.redaction)
        found |= zip(map(places.__getitem__, lines), clean, strict=True)
        report("runs", len(found))
    return found


def _group(
    cause: FailureCause,
    views: Sequence[FlowRunView],
    records: Sequence[FlowRunRecord],
    total: int,
    runs: FlowRunList,
) -> FailureGroup:
    members = [records[place] for place in cause.members]
    times = [moment for one in members if (moment := failed_at(one)) is not None]
    flows = Counter(one.flow_name for one in members if one.flow_name)
    fingerprint = cause.fingerprint
    return FailureGroup(
        name=fingerprint.name,
        count=len(members),
        share=len(members) / total,
        first_seen_at=min(times, default=None),
        last_seen_at=max(times, default=None),
        exception=fingerprint.exception,
        pattern=fingerprint.pattern,
        places=fingerprint.places,
        fingerprint=fingerprint.id,
        flows=tuple(name for name, _ in flows.most_common()),
        runs=FlowRunList(
            [views[place] for place in cause.members], as_of=runs.as_of, place=runs.place
        ),
        example=views[cause.read[0] if cause.read else cause.members[0]],
        read_count=len(cause.read),
        assumed_count=cause.assumed,
    )
