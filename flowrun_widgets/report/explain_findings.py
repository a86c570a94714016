"""What separates two groups of runs, as sentences and a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowrun_widgets.report.figures import count
from flowrun_widgets.report.findings import Column, Findings, Table, percent
from flowrun_widgets.report.html.state_look import BAR_COLOURS, proportion_bar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowrun_widgets.analysis.explain import RunFactor

__all__ = ["FACTOR_COLUMNS", "explain_findings"]

FACTOR_COLUMNS = {
    "what": "str",
    "fact": "str",
    "failed_count": "int64",
    "failed_total": "int64",
    "ok_count": "int64",
    "ok_total": "int64",
    "difference": "float64",
    "low": "float64",
    "high": "float64",
    "is_clear": "bool",
    "also": "str",
}
MAX_SHOWN = 12
"""How many factors are shown."""
MAX_ALSO = 3
COLUMNS = (
    Column("What", "code"),
    Column("Failed", "figure"),
    Column("", "bar", BAR_COLOURS["failed"]),
    Column("OK", "figure"),
    Column("", "bar", BAR_COLOURS["done"]),
    Column("Difference", "figure"),
    Column("95 % interval", "figure"),
    Column("Clear"),
)


def explain_findings(
    factors: Sequence[RunFactor], failed: int, ok: int, tries: int, read: tuple[int, int]
) -> Findings:
    """Return the factors as findings; `read` are the numbers of runs whose lines were read, in both groups."""
    clear = [one for one in factors if one.is_clear]
    title = f"{count(failed, 'failed run')} compared with {count(ok, 'other run')}"
    rows = [
        (
            _what(one),
            f"{count(one.failed_count)} of {count(one.failed_total)}, {percent(one.failed_share)}",
            proportion_bar(one.failed_share, 1),
            f"{count(one.ok_count)} of {count(one.ok_total)}, {percent(one.ok_share)}",
            proportion_bar(one.ok_share, 1),
            f"{round(100 * one.difference)} points",
            f"{round(100 * one.low)} to {round(100 * one.high)}",
            "yes" if one.is_clear else "no",
        )
        for one in factors[:MAX_SHOWN]
    ]
    return Findings(
        title,
        (_sentence(factors, clear, failed, ok),),
        (Table("", COLUMNS, rows, "The clearest difference first"),),
        _note(len(factors), tries, read),
    )


def _sentence(
    factors: Sequence[RunFactor], clear: Sequence[RunFactor], failed: int, ok: int
) -> str:
    if not failed or not ok:
        return "One of the groups is empty, so nothing can be compared."
    if not clear:
        more = " The table shows the largest differences, which may be chance." if factors else ""
        return f"Nothing separates the two groups clearly.{more}"
    one = clear[0]
    return (
        f"{count(len(clear), 'fact separates', 'facts separate')} them clearly. The clearest is {one.what}: "
        f"{percent(one.failed_share)} of the failed runs have it, and {percent(one.ok_share)} of the others."
    )


def _what(one: RunFactor) -> str:
    also = ", ".join(one.also[:MAX_ALSO])
    more = f" and {len(one.also) - MAX_ALSO} more" if len(one.also) > MAX_ALSO else ""
    return f"{one.what}, as well as {also}{more}" if also else one.what


def _note(number: int, tries: int, read: tuple[int, int]) -> str:
    parts = [
        f"{count(tries, 'value was', 'values and spans were')} tried. A difference is clear if its interval is above "
        "zero after it is widened for that number.",
        "A clear difference is a lead, and need not be the cause.",
    ]
    if any(read):
        parts.append(
            f"Warnings of {count(read[0])} and {count(read[1])} runs were read for patterns of lines."
        )
    if number > MAX_SHOWN:
        parts.append(f"{count(number - MAX_SHOWN, 'smaller difference')} left out.")
    return " ".join(parts)
