"""What is unusual about a run, compared with several good runs, as sentences and tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowrun_widgets.report.badges import badge
from flowrun_widgets.report.figures import UNKNOWN, count, duration
from flowrun_widgets.report.findings import BLUE, Column, Findings, Table
from flowrun_widgets.report.html.run_html import LEVELS
from flowrun_widgets.report.html.state_look import OTHER_BAR, proportion_bar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowrun_widgets.analysis.baseline import TaskSpread, Unusual
    from flowrun_widgets.records import FlowRunRecord

__all__ = ["SPREAD_COLUMNS", "UNUSUAL_COLUMNS", "baseline_findings", "unusual_rows"]

UNUSUAL_COLUMNS = {"kind": "str", "what": "str", "run": "str", "usual": "str", "note": "str"}
SPREAD_COLUMNS = {
    "task": "str",
    "ran_seconds": "float64",
    "median_seconds": "float64",
    "low_seconds": "float64",
    "high_seconds": "float64",
    "times": "float64",
    "baseline_count": "int64",
    "is_slow": "bool",
}
ERROR, WARNING = 40, 30
MAX_NAMED = 3
"""How many things of one kind the sentences name."""
MAX_TASKS = 20
"""How many tasks are shown."""
FOUND = (
    Column("Kind"),
    Column("What", "code"),
    Column("This run"),
    Column("Good runs"),
    Column("Note"),
)
TASKS = (
    Column("Task"),
    Column("This run", "figure"),
    Column("", "bar", BLUE),
    Column("Median", "figure"),
    Column("", "bar", OTHER_BAR),
    Column("10 % to 90 %", "figure"),
    Column("Times", "figure"),
    Column("Slow"),
)


def baseline_findings(
    run: FlowRunRecord, found: Unusual, good: int, lines: tuple[int, int]
) -> Findings:
    """Return what is unusual as findings; `lines` are the numbers of lines of the run and of the good runs."""
    name = run.name or run.id
    rows = unusual_rows(found, good)
    whole = found.whole
    took = (
        ""
        if whole.ran_seconds is None or whole.median_seconds is None
        else f"It took {duration(whole.ran_seconds)}; the good runs took {duration(whole.median_seconds)} "
        f"({_span(whole)})."
    )
    state = f"{badge(run.state).character} {run.state.name}."
    title = f"{name}, compared with {count(good, 'good run')}"
    longest = max(
        (one or 0.0 for spread in found.tasks for one in (spread.ran_seconds, spread.median_seconds)),
        default=0.0,
    )  # fmt: skip
    tasks = [
        (
            one.task or "",
            duration(one.ran_seconds),
            proportion_bar(one.ran_seconds or 0.0, longest),
            duration(one.median_seconds),
            proportion_bar(one.median_seconds or 0.0, longest),
            _span(one),
            UNKNOWN if one.times is None else f"{one.times:.1f}",
            "yes" if one.is_slow else "no",
        )
        for one in found.tasks[:MAX_TASKS]
    ]
    left = len(found.tasks) - len(tasks)
    more = f" {count(left, 'more task')} left out." if left > 0 else ""
    return Findings(
        title,
        tuple(filter(None, (state, took, *_sentences(rows)))),
        (
            Table("Unusual", FOUND, [row for row in rows if row[0] != "new pattern"]),
            Table("New patterns of lines", FOUND, [row for row in rows if row[0] == "new pattern"]),
            Table("Tasks", TASKS, tasks),
        ),
        f"Compared {count(lines[0], 'line')} with {count(lines[1], 'line')} of the good runs.{more}",
    )


def unusual_rows(found: Unusual, good: int) -> list[tuple[str, str, str, str, str]]:
    """Return what is unusual, as texts: new errors, slow tasks, facts, missing and new tasks, other new patterns."""
    patterns = [
        (
            "new error"
            if (one.level or 0) >= ERROR
            else "new warning"
            if (one.level or 0) >= WARNING
            else "new pattern",
            one.pattern,
            count(one.count, "line"),
            "never",
            next((word for least, word in LEVELS if (one.level or 0) >= least), ""),
        )
        for one in found.patterns
    ]
    slow = [
        (
            "slow task",
            one.task or "",
            duration(one.ran_seconds),
            f"{duration(one.median_seconds)} ({_span(one)})",
            f"{one.times:.1f} times as long" if one.times else "",
        )
        for one in found.tasks
        if one.is_slow
    ]
    facts = [
        (
            "different",
            one.what,
            one.run,
            one.usual,
            f"in {one.usual_count} of {good} good runs"
            + (f", {one.value_count} values" if one.value_count > 1 else ""),
        )
        for one in found.facts
    ]
    absent = [
        ("task did not run", one.task or "", "did not run", duration(one.median_seconds), "")
        for one in found.tasks
        if one.ran_seconds is None and one.baseline_count == good
    ]
    new = [
        ("new task", one.task or "", duration(one.ran_seconds), "never", "")
        for one in found.tasks
        if one.baseline_count == 0
    ]
    errors, warnings, others = (
        [row for row in patterns if row[0] == kind]
        for kind in ("new error", "new warning", "new pattern")
    )
    return [*errors, *slow, *facts, *absent, *new, *warnings, *others]


def _sentences(rows: Sequence[tuple[str, str, str, str, str]]) -> list[str]:
    parts: list[str] = []
    for kind, words in (
        ("new error", "Errors never seen in them: "),
        ("slow task", "Slow tasks: "),
        ("different", "Different: "),
    ):
        own = [row for row in rows if row[0] == kind]
        named = [
            f"{what} ({run}, usually {usual})" if kind != "new error" else what
            for _, what, run, usual, _ in own[:MAX_NAMED]
        ]
        more = f" and {len(own) - MAX_NAMED} more" if len(own) > MAX_NAMED else ""
        if named:
            parts.append(f"{words}{', '.join(named)}{more}.")
    return parts or ["Nothing about it is unusual."]


def _span(one: TaskSpread) -> str:
    if one.low_seconds is None or one.high_seconds is None:
        return UNKNOWN
    low, high = duration(one.low_seconds), duration(one.high_seconds)
    return low if low == high else f"{low} to {high}"
