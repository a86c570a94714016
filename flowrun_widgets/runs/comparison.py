"""`RunComparison`: what differs between two runs, displayed as text in a terminal and as HTML in a notebook."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, overload

from flowrun_widgets.analysis.compare import Comparison, Difference, Side, compare_runs
from flowrun_widgets.analysis.compare_lines import TemplateDifference
from flowrun_widgets.analysis.compare_tasks import TaskComparison
from flowrun_widgets.backends.run_filter import RunFilter
from flowrun_widgets.errors import InvalidArgument, NotFound
from flowrun_widgets.lazy import LazyModule
from flowrun_widgets.plain_text import shortened
from flowrun_widgets.records import FlowRecord, TaskRunRecord
from flowrun_widgets.redaction.shareable import RunContent, shareable
from flowrun_widgets.report.html.state_look import MAX_TEXT
from flowrun_widgets.report.markup import MARKDOWN
from flowrun_widgets.report.texts import MARKDOWN_TYPE, PLAIN_TYPE, HasTexts
from flowrun_widgets.runs.baseline import BaselineComparison, compare_with_list
from flowrun_widgets.runs.flow_run import FlowRunView
from flowrun_widgets.runs.flow_runs import FlowRunList

if TYPE_CHECKING:
    import pandas as pd
else:
    pd = LazyModule("pandas")

__all__ = ["RunComparison", "compare"]

MAX_CANDIDATES = 20
"""How many of the newest successful runs are searched for a baseline; some belong to another project."""


@dataclass(frozen=True, slots=True)
class RunComparison(HasTexts):
    """What differs between a run and a baseline, without secrets. Immutable; nothing here costs a request.

    `run` and `baseline` are the views that were compared. As the last line of a cell it is displayed as tables;
    `print()` shows the same as text. `summary` is the short form.
    """

    run: FlowRunView
    baseline: FlowRunView
    found: Comparison = field(repr=False, compare=False)
    """The result of the comparison, from which everything else here is derived."""

    @property
    def is_same(self) -> bool:
        """Whether nothing differs at all, durations included."""
        return self.found.is_same

    @property
    def differences(self) -> tuple[Difference, ...]:
        """What differs in the runs themselves: `what`, `run`, `baseline`."""
        return self.found.differences

    @property
    def tasks(self) -> tuple[TaskComparison, ...]:
        """Every task of either run with its task runs in both, the most relevant first."""
        return self.found.tasks

    @property
    def templates(self) -> tuple[TemplateDifference, ...]:
        """Patterns of lines that are new, gone, or much more or less frequent, the most severe first."""
        return self.found.templates

    @property
    def summary(self) -> str:
        """What differs, in a few sentences."""
        from flowrun_widgets.report.html.comparison_html import comparison_summary

        return comparison_summary(self.found)

    def task_runs_frame(self) -> pd.DataFrame:
        """Return the task runs of both runs as a DataFrame, one row for a task run and its counterpart.

        Columns, in order: `task` str (the task's name) · `name` str (label) · `map_index` Int64 (-1: not mapped;
        missing on Prefect 3) · `found_in` str ("both", "run", "baseline") · `state`, `baseline_state` str (name) ·
        `attempts`, `baseline_attempts` Int64 · `waited_seconds`, `baseline_waited_seconds`, `ran_seconds`,
        `baseline_ran_seconds` float64 · `ran_difference_seconds` float64 (above 0: longer than in the baseline) ·
        `task_run_id`, `baseline_task_run_id` str. A value that one side does not have is missing.

        Waits between attempts count as waited. If one side has no histories, as when Prefect 3 lists task runs, they
        count as time that ran, on both sides.

        Order: by task. Task runs that failed in one of the two come first, then those that never ran because of
        another, different states, those that only one run has, different numbers of attempts, and then the largest
        difference in time. A task's position is that of its first task run.
        """
        from flowrun_widgets.report.frames import compared_task_runs_frame

        return compared_task_runs_frame(_task_run_rows(self.tasks))

    def templates_frame(self) -> pd.DataFrame:
        """Return the patterns that differ as a DataFrame, at most 1,000.

        Columns, in order: `change` str ("new", "gone", "more", "fewer") · `level` Int16 (the most severe in both) ·
        `pattern` str (as of `logs.templates()`) · `count`, `baseline_count` int64 · `first_at` datetime64[us, UTC] ·
        `example` str (time and message of the first line; for "gone", of the baseline's).

        Order: the most severe level first, within it "new", "gone", "more", "fewer", and then the largest difference.
        """
        from flowrun_widgets.report.frames import compared_templates_frame

        return compared_templates_frame(
            [
                (t.change, t.level, t.pattern, t.count, t.baseline_count, t.first_at, t.example)
                for t in self.templates
            ]
        )

    def __repr__(self) -> str:
        return f"<RunComparison: {self.summary}>"

    def __str__(self) -> str:
        from flowrun_widgets.report.html.comparison_html import comparison_text

        return comparison_text(self.found)

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:
        printer.text(str(self))

    def _repr_html_(self) -> str:
        from flowrun_widgets.report.html.comparison_html import comparison_html

        return comparison_html(self.found)

    def _repr_markdown_(self) -> str:
        return self._texts()[MARKDOWN_TYPE]

    def _texts(self) -> dict[str, str]:
        told = shortened(str(self), MAX_TEXT)
        return {PLAIN_TYPE: told, MARKDOWN_TYPE: MARKDOWN.block(told.split("\n"))}


@overload
def compare(run: FlowRunView, baseline: FlowRunView | None = None) -> RunComparison: ...
@overload
def compare(run: FlowRunView, baseline: FlowRunList) -> BaselineComparison: ...
def compare(
    run: FlowRunView, baseline: FlowRunView | FlowRunList | None = None
) -> RunComparison | BaselineComparison:
    """Return what differs between a run and a baseline, usually a good run of the same flow, or the last good runs.

    The two may come from different sources: a server, an archive, a page. Task runs are matched by task, name and map
    index, on Prefect 3 by task key, name and the order in which they were due. Lines are matched by their pattern.

    Args:
        run: the run that behaved badly.
        baseline: the run to compare it with; None for the newest earlier run of the same flow, at the same source, that
            succeeded. A list of runs, such as `fw.find_flow_runs(flow)`, means its last ten runs of this flow that
            succeeded before this one (if there are none, the last ten after it): then the result says which tasks were
            slower than the spread of theirs, which patterns of lines none of them has, and which parameters, versions
            and other facts differ from those of all of them.

    Costs what `get_logs()` and `get_all_task_runs()` of both cost, and nothing for what the views have already read.
    Two flows with different ids cost one request each for their versions. Finding a baseline costs what `fw.latest()`
    costs. With a list: the pages of the list that are needed, the logs of up to eleven runs, and their task runs, which
    on Prefect 3 are read together, one request for 200; progress is shown.

    Raises:
        InvalidArgument: an argument is not a flow run; or `baseline` is None and the run does not say which flow it
            belongs to or when it began.
        NotFound: no earlier run of the flow succeeded, or none of the list.
        BackendError: the server failed to answer or refused the request.
    """
    if isinstance(baseline, FlowRunList):
        return compare_with_list(run, baseline)
    for one in (run, run if baseline is None else baseline):
        if not isinstance(one, FlowRunView):
            raise InvalidArgument(
                f"compare() takes two flow runs (FlowRunView), not {type(one).__name__}."
            )
    other = _earlier_success(run) if baseline is None else baseline
    has_versions = None not in (run.flow_id, other.flow_id) and run.flow_id != other.flow_id
    mine, theirs = (_side(view, has_versions) for view in (run, other))
    return RunComparison(run, other, compare_runs(mine, theirs))


def _earlier_success(run: FlowRunView) -> FlowRunView:
    began = run.started_at or run.scheduled_start_at
    if run.flow_name is None or began is None:
        raise InvalidArgument(
            f"The flow run {run.flow_run_id} does not say which flow it belongs to, or when it began: "
            "pass the run to compare it with, as in fw.compare(run, baseline)."
        )
    connection = run.connection
    chosen = RunFilter(flow_name=run.flow_name, states=("success",), until=began)
    for record in connection.backend.flow_runs(chosen, MAX_CANDIDATES):
        is_of_project = record.project_name == run.project_name
        if is_of_project and record.started_at is not None and record.started_at < began:
            if record.has_history:
                return FlowRunView(record, connection)
            return FlowRunView.from_flow_run_id(record.id, api=connection)
    raise NotFound(
        f"No run of the flow {run.flow_name!r:.100} succeeded before {began} at {connection.url}: "
        "pass the run to compare it with, as in fw.compare(run, baseline)."
    )


def _side(view: FlowRunView, has_versions: bool) -> Side:
    content = RunContent(
        view.record,
        _task_runs(view),
        view.get_logs().columns,
        _flow(view) if has_versions else None,
    )
    clean = shareable(content, view.connection.redaction).value
    return Side(clean, view.record, view.as_of)


def _task_runs(view: FlowRunView) -> list[TaskRunRecord]:
    fetched = view.fetched
    with fetched.lock:
        read = fetched.task_runs
    return [*read.records] if read else [one.record for one in view.get_all_task_runs()]


def _flow(view: FlowRunView) -> FlowRecord | None:
    """Return the flow as it was registered; None if it was deleted."""
    try:
        view.get_flow_metadata()
    except NotFound:
        return None
    return view.fetched.flow


def _task_run_rows(tasks: tuple[TaskComparison, ...]) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    for task in tasks:
        for pair in task.pairs:
            mine, theirs = (side and side.record for side in (pair.run, pair.baseline))
            one = mine or theirs
            assert one is not None
            rows.append(
                (
                    task.task,
                    pair.label,
                    one.map_index,
                    "both" if mine and theirs else "run" if mine else "baseline",
                    mine and mine.state.name,
                    theirs and theirs.state.name,
                    mine and mine.attempts,
                    theirs and theirs.attempts,
                    pair.run and pair.run.waited_seconds,
                    pair.baseline and pair.baseline.waited_seconds,
                    pair.run and pair.run.ran_seconds,
                    pair.baseline and pair.baseline.ran_seconds,
                    pair.ran_difference_seconds,
                    mine and mine.id,
                    theirs and theirs.id,
                )
            )
    return rows
