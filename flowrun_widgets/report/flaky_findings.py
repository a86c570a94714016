"""Flaky flows, as sentences and a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowrun_widgets.report.figures import UNKNOWN, count, date_and_clock
from flowrun_widgets.report.findings import Column, Findings, Table, percent
from flowrun_widgets.report.html.state_look import BAR_COLOURS, proportion_bar
from flowrun_widgets.times import to_micros

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowrun_widgets.analysis.flaky import FlakyFlow

__all__ = ["FLAKY_COLUMNS", "flaky_findings"]

FLAKY_COLUMNS = {
    "flow": "str",
    "version": "str",
    "deployment_id": "str",
    "count": "int64",
    "failed_count": "int64",
    "retried_count": "int64",
    "share": "float64",
    "low": "float64",
    "high": "float64",
    "flip_count": "int64",
    "same_parameters_count": "int64",
    "last_failed_at": "datetime64[us, UTC]",
}
COLUMNS = (
    Column("Flow"),
    Column("Version"),
    Column("Runs", "figure"),
    Column("Failed", "figure"),
    Column("Retried", "figure"),
    Column("Not at once", "figure"),
    Column("", "bar", BAR_COLOURS["failed"]),
    Column("95 % interval", "figure"),
    Column("How"),
    Column("Last failed"),
)


def flaky_findings(flows: Sequence[FlakyFlow], total: int) -> Findings:
    """Return the flaky flows as findings; `total` is the number of runs that were examined."""
    rows = [
        (
            one.flow,
            one.version or UNKNOWN,
            count(one.count),
            count(one.failed_count),
            count(one.retried_count),
            percent(one.share),
            proportion_bar(one.share, 1),
            f"{percent(one.low)} to {percent(one.high)}",
            _how(one),
            UNKNOWN
            if one.last_failed_at is None
            else date_and_clock(to_micros(one.last_failed_at)).rpartition(":")[0],
        )
        for one in flows
    ]
    return Findings(
        f"{count(len(flows), 'flaky flow')} in {count(total, 'run')}",
        ()
        if flows
        else ("No flow of one version both failed and succeeded, or needed a retry to succeed.",),
        (Table("", COLUMNS, rows, "One row for each flow, version and deployment; times in UTC"),),
        "“Not at once” are the runs that failed, or succeeded only after they were started again."
        if flows
        else "",
    )


def _how(one: FlakyFlow) -> str:
    parts: list[str] = []
    if one.flip_count == 1:
        parts.append("changed once: broken or repaired")
    elif one.flip_count:
        parts.append(f"changed {count(one.flip_count, 'time')}")
    if one.same_parameters_count:
        parts.append(f"{count(one.same_parameters_count)} with parameters that worked")
    return ", ".join(parts) or "succeeded after retries"
