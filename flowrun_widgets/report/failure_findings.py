"""Failed runs by cause as sentences, a table and a DataFrame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowrun_widgets.report.figures import UNKNOWN, count, date_and_clock
from flowrun_widgets.report.findings import Column, Findings, Link, Table, percent, sparkline
from flowrun_widgets.report.html.state_look import BAR_COLOURS, UNBROKEN
from flowrun_widgets.times import to_micros

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pendulum import DateTime

__all__ = ["FAILURE_COLUMNS", "FailureRow", "failure_findings"]

TIME = "datetime64[us, UTC]"
FAILURE_COLUMNS = {
    "name": "str",
    "count": "int64",
    "share": "float64",
    "first_seen_at": TIME,
    "last_seen_at": TIME,
    "exception": "str",
    "pattern": "str",
    "places": "str",
    "flows": "str",
    "fingerprint": "str",
    "read_count": "int64",
    "assumed_count": "int64",
    "example_id": "str",
    "example_url": "str",
}
BINS = 16
MAX_NAMED = 2
"""How many flows of a group are named."""
COLUMNS = (
    Column("Runs", "figure"),
    Column("Share", "figure"),
    Column("Cause", "code"),
    Column("When", "bar", BAR_COLOURS["failed"]),
    Column("First seen"),
    Column("Last seen"),
    Column("Flow"),
    Column("Example"),
)


@dataclass(frozen=True, slots=True)
class FailureRow:
    """One cause."""

    name: str
    times: Sequence[DateTime]
    count: int
    share: float
    flows: Sequence[str]
    example: Link


def failure_findings(
    rows: Sequence[FailureRow],
    span: tuple[DateTime | None, DateTime | None],
    *,
    total: int,
    failed: int,
    read: int,
    assumed: int,
    version: int,
    has_more: bool,
) -> Findings:
    """Return the causes as findings. `span` is the time from the first run of the list to the last one."""
    title = f"{count(failed, 'failed run')} in {count(len(rows), 'group')}"
    sentences: list[str] = []
    if rows:
        sentences.append(f"{percent(failed / total)} of {count(total, 'run')} failed.")
        single = sum(row.count == 1 for row in rows)
        if len(rows) > 1 and rows[0].count > 1:
            sentences.append(f"The largest group has {count(rows[0].count, 'run')}.")
        if single and len(rows) > 1:
            sentences.append(f"{count(single, 'run')} failed as no other did.")
    else:
        sentences.append(
            f"None of {count(total, 'run')} failed." if total else "The list is empty."
        )
    table = Table(
        "",
        COLUMNS,
        [
            (
                count(row.count),
                percent(row.share),
                row.name,
                sparkline(_bins(row.times, span)),
                _moment(min(row.times, default=None)),
                _moment(max(row.times, default=None)),
                _listed(row.flows),
                row.example,
            )
            for row in rows
        ],
        "The most frequent first, times in UTC",
    )
    return Findings(title, tuple(sentences), (table,), _note(read, assumed, version, has_more))


def _note(read: int, assumed: int, version: int, has_more: bool) -> str:
    parts = [f"Error lines of {count(read, 'run')} were read."]
    if assumed:
        parts.append(
            f"{count(assumed, 'run was', 'runs were')} not read, and grouped like the runs of the same flow and "
            "message that were."
        )
    if has_more:
        parts.append("More runs match than the list has.")
    parts.append(f"Fingerprint version {version}. failures[0].example is a run of the first group.")
    return " ".join(parts)


def _bins(times: Sequence[DateTime], span: tuple[DateTime | None, DateTime | None]) -> list[int]:
    """Return how many times fall into each of 16 equal parts of a span."""
    start, end = span
    counts = [0] * BINS
    if start is not None and end is not None:
        begun, whole = to_micros(start), max(1, to_micros(end) - to_micros(start))
        for moment in times:
            place = (to_micros(moment) - begun) * BINS // whole
            counts[min(BINS - 1, max(0, place))] += 1
    return counts


def _moment(moment: DateTime | None) -> str:
    """Return date and time to the minute, which break only between them."""
    if moment is None:
        return UNKNOWN
    date, _, clock = date_and_clock(to_micros(moment)).rpartition(":")[0].partition(", ")
    return f"{date.replace(' ', UNBROKEN)}, {clock}"


def _listed(flows: Sequence[str]) -> str:
    more = f" and {len(flows) - MAX_NAMED} more" if len(flows) > MAX_NAMED else ""
    return ", ".join(flows[:MAX_NAMED]) + more
