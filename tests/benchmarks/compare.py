"""How long two runs of 200,000 lines and 10,000 task runs each take to be compared, their secrets taken out.

The first time is what a user waits for when both runs are read. The second is all but the search for secrets, which is
kept with the lines.
"""

from __future__ import annotations

import time
from dataclasses import replace
from uuid import UUID

from flowrun_widgets import states
from flowrun_widgets.analysis.compare import Side, compare_runs
from flowrun_widgets.records import TaskRunRecord
from flowrun_widgets.redaction.redaction import DEFAULT
from flowrun_widgets.redaction.shareable import RunContent, shareable
from flowrun_widgets.report.html.comparison_html import comparison_html
from flowrun_widgets.times import from_micros
from tests.benchmarks.templates import message, with_messages
from tests.runs import small

LINES, TASK_RUNS = 200_000, 10_000
START = 1_700_000_000_000_000
TARGET_SECONDS = 5


def main() -> None:
    record, columns = small(), with_messages(message)
    runs = [
        RunContent(record, task_runs(offset), columns.slice(offset * LINES, LINES))
        for offset in (0, 1)
    ]
    print(f"two runs of {LINES:,} lines and {TASK_RUNS:,} task runs, target {TARGET_SECONDS} s")
    for name in ("compared", "again"):
        began = time.perf_counter()
        sides = [
            Side(shareable(run, DEFAULT).value, record, from_micros(START * 2)) for run in runs
        ]
        found = compare_runs(*sides)
        size = len(comparison_html(found))
        taken = time.perf_counter() - began
        print(f"{name:10} {taken:6.2f} s, {len(found.templates)} patterns differ, {size:,} bytes")


def task_runs(offset: int) -> list[TaskRunRecord]:
    """Return mapped children of one task that ran for some time."""
    first = TaskRunRecord("", None, states.Success(""), task_slug="load-1", task_name="load")
    return [
        replace(
            first,
            id=str(UUID(int=offset * TASK_RUNS + n)),
            map_index=n,
            started_at=from_micros(START + n),
            ended_at=from_micros(START + n * 100 * (1 + offset)),
        )
        for n in range(TASK_RUNS)
    ]


if __name__ == "__main__":
    main()
