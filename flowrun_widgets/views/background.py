"""Reading what the digest of a run needs in addition: sub-flow runs, the flow's tasks, the history of a task run."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flowrun_widgets.analysis.background import NOTHING_MORE, Background
from flowrun_widgets.analysis.digest import digest
from flowrun_widgets.errors import FlowRunError
from flowrun_widgets.redaction.shareable import RunContent
from flowrun_widgets.views.failure_lines import failure_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowrun_widgets.analysis.background import Question
    from flowrun_widgets.backends.protocol import Backend
    from flowrun_widgets.log_columns import LogColumns
    from flowrun_widgets.records import FlowRunRecord, TaskRunRecord
    from flowrun_widgets.views.flow_run_facts import FlowRunFacts

__all__ = ["background_of", "read_background"]

MAX_QUESTIONS = 8
MAX_TASK_RUNS = 200
"""The number of unsuccessful task runs that are read of a sub-flow run."""


def read_background(run: FlowRunFacts) -> Background:
    """Return what explains a run's failure. Reads nothing if it did not fail, or its log and task runs were not read.

    On Prefect 3 each sub-flow run costs five or six requests, and four more if its log is long; at most five of them
    are read. The history of a task run that was retried costs two. The tasks of a Prefect 1 flow cost one. What cannot be read is noted, and is
    requested only once.
    """
    fetched = run.fetched
    with fetched.reading_background:
        found = fetched.background
        with fetched.lock:
            logs, task_runs = fetched.logs, fetched.task_runs
        if found is not None or logs is None or task_runs is None:
            return found or NOTHING_MORE
        found = background_of(run.record, task_runs.records, logs.columns, run.connection.backend)
        with fetched.lock:
            fetched.background = found
        return found


def background_of(
    record: FlowRunRecord,
    task_runs: Sequence[TaskRunRecord],
    logs: LogColumns,
    backend: Backend,
) -> Background:
    """Return what explains the failure of a run of which these task runs and lines are known."""
    found = NOTHING_MORE
    for _ in range(MAX_QUESTIONS):
        told = digest(record, task_runs, logs, found)
        if told is None or told.question is None:
            break
        found = _answered(told.question, found, backend)
    return found


def _answered(question: Question, known: Background, backend: Backend) -> Background:
    try:
        if question.about == "run":
            return replace(known, runs={**known.runs, question.id: _content(question.id, backend)})
        if question.about == "task run":
            record = backend.task_run(question.id)
            return replace(known, task_runs={**known.task_runs, question.id: record})
        graph = backend.task_graph(question.id)
    except FlowRunError as error:
        return _missing(question, known, str(error))
    if graph is None:
        return _missing(
            question, known, "The source does not say which tasks decide the state of the run."
        )
    return replace(known, graph=graph)


def _missing(question: Question, known: Background, why: str) -> Background:
    return replace(known, missing={**known.missing, question: why})


def _content(flow_run_id: str, backend: Backend) -> RunContent:
    """Return the part of a run that explains why it failed, whatever its length.

    Costs six requests on Prefect 3, and four more if the log is long.
    """
    record = backend.flow_run(flow_run_id)
    if not record.state.is_failed():
        return RunContent(record)
    task_runs = backend.unsuccessful_task_runs(flow_run_id, MAX_TASK_RUNS)
    ends = backend.log_peek(flow_run_id, errors_first=True)
    lines = ends.last
    if not ends.is_whole:
        lines = failure_lines(backend, record, task_runs, ends).with_new(lines)
    if lines.table["task"].null_count == len(lines):
        lines = lines.labelled({one.id: one.label for one in task_runs})
    return RunContent(record, task_runs, lines)
