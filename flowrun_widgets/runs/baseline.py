"""`BaselineComparison`: what is unusual about a run, compared with the last good runs of its flow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowrun_widgets.analysis.baseline import (
    NewPattern,
    TaskSpread,
    Unusual,
    UnusualFact,
    compare_with_runs,
)
from flowrun_widgets.backends.progress import part_of, report, shown_progress
from flowrun_widgets.errors import InvalidArgument, NotFound
from flowrun_widgets.lazy import LazyModule
from flowrun_widgets.redaction.shareable import RunContent, shareable
from flowrun_widgets.report.baseline_findings import (
    SPREAD_COLUMNS,
    UNUSUAL_COLUMNS,
    baseline_findings,
    unusual_rows,
)
from flowrun_widgets.report.findings import Findings
from flowrun_widgets.runs.durations import task_runs_of
from flowrun_widgets.runs.flow_run import FlowRunView
from flowrun_widgets.runs.flow_runs import FlowRunList
from flowrun_widgets.runs.shown import ShownFindings

if TYPE_CHECKING:
    import pandas as pd
else:
    pd = LazyModule("pandas")

__all__ = ["BaselineComparison", "compare_with_list"]

MAX_GOOD_RUNS = 10
"""How many of the last good runs a run is compared with."""


@dataclass(frozen=True, slots=True, repr=False)
class BaselineComparison(ShownFindings):
    """What is unusual about a run, compared with the last good runs of its flow. Immutable, without secrets.

    As the last line of a cell it is displayed as tables; `print()` shows the same as text. Nothing here costs a request.
    """

    run: FlowRunView
    baseline: FlowRunList
    """The good runs, newest first."""
    found: Unusual
    """The result of the comparison, from which everything else here is derived."""
    line_counts: tuple[int, int]
    """How many log lines the run and the good runs together have."""

    @property
    def whole(self) -> TaskSpread:
        """How long the run took, and the spread of the good runs."""
        return self.found.whole

    @property
    def tasks(self) -> tuple[TaskSpread, ...]:
        """Every task with the spread of its durations, the slow ones first."""
        return self.found.tasks

    @property
    def patterns(self) -> tuple[NewPattern, ...]:
        """Patterns of lines that no good run has, the most severe level first; at most 1,000."""
        return self.found.patterns

    @property
    def facts(self) -> tuple[UnusualFact, ...]:
        """Parameters, versions, tags, work pools and the like that no good run has."""
        return self.found.facts

    @property
    def summary(self) -> str:
        """What is unusual, in a few sentences."""
        return " ".join(self._findings().sentences)

    def to_pandas(self) -> pd.DataFrame:
        """Return what is unusual as a DataFrame, the most relevant first, index from 0.

        Columns, in order, all str: `kind` ("new error", "slow task", "different", "task did not run", "new task",
        "new warning", "new pattern") · `what` (pattern, task, or name of the fact) · `run`, `usual` (as displayed) ·
        `note`.
        """
        from flowrun_widgets.report.frames import frame_of

        return frame_of(unusual_rows(self.found, len(self.baseline)), UNUSUAL_COLUMNS)

    def tasks_frame(self) -> pd.DataFrame:
        """Return the durations of tasks as a DataFrame, the slow ones first, index from 0.

        Columns, in order: `task` str · `ran_seconds` float64 (of all its task runs in the run, without waits) ·
        `median_seconds`, `low_seconds`, `high_seconds` float64 (of the good runs: median, 10th and 90th percentile) ·
        `times` float64 (how many times the median) · `baseline_count` int64 (in how many good runs it ran) · `is_slow`
        bool. What is not known is missing.
        """
        from flowrun_widgets.report.frames import frame_of

        rows = [tuple(getattr(one, name) for name in SPREAD_COLUMNS) for one in self.tasks]
        return frame_of(rows, SPREAD_COLUMNS)

    def _findings(self) -> Findings:
        content = shareable(RunContent(self.run.record), self.run.connection.redaction).value
        return baseline_findings(content.run, self.found, len(self.baseline), self.line_counts)


def compare_with_list(run: FlowRunView, runs: FlowRunList) -> BaselineComparison:
    """Return what is unusual about a run, compared with the last good runs of a list; see `compare`."""
    if not isinstance(run, FlowRunView):
        raise InvalidArgument(
            f"compare() takes a flow run (FlowRunView) first, not {type(run).__name__}."
        )
    good = _last_good(run, runs)
    if not good:
        raise NotFound(
            f"No other run of the flow {run.flow_name or '?'!r:.100} in this list succeeded: pass a longer list, as in "
            "fw.compare(run, fw.find_flow_runs(flow, state='success'))."
        )
    with shown_progress():
        mine, *theirs = _contents([run, *good])
    found = compare_with_runs(mine, theirs, run.as_of)
    return BaselineComparison(
        run,
        FlowRunList(good, as_of=runs.as_of, place=runs.place),
        found,
        (len(mine.logs), sum(len(one.logs) for one in theirs)),
    )


def _last_good(run: FlowRunView, runs: FlowRunList) -> list[FlowRunView]:
    """Return the last good runs of the flow before this one, or, if there are none, the last ones of all."""
    began = run.started_at or run.scheduled_start_at
    later: list[FlowRunView] = []
    good: list[FlowRunView] = []
    for one in runs:
        is_same_flow = (one.flow_name, one.project_name) == (run.flow_name, run.project_name)
        if (
            one.flow_run_id == run.flow_run_id
            or not is_same_flow
            or not one.state.is_successful()
            or one.started_at is None
        ):
            continue
        is_earlier = began is None or one.started_at < began
        (good if is_earlier else later).append(one)
        if len(good) == MAX_GOOD_RUNS:
            break
    return good or later[:MAX_GOOD_RUNS]


def _contents(runs: list[FlowRunView]) -> list[RunContent]:
    """Return runs with task runs and logs, without secrets."""
    task_runs = task_runs_of(runs)
    found: list[RunContent] = []
    for number, run in enumerate(runs):
        with part_of(f"run {number + 1} of {len(runs)}"):
            logs = run.get_logs().columns
        content = RunContent(run.record, task_runs.get(run.flow_run_id, ()), logs)
        found.append(shareable(content, run.connection.redaction).value)
        report("runs", len(found))
    return found
