"""Reading what the digest of a run needs in addition: sub-flow runs, the flow's tasks, the history of a task run."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flowrun_widgets.analysis.background import NOTHING_MORE, Background
from flowrun_widgets.analysis.digest import digest
from flowrun_widgets.errors import FlowRunError
from flowrun_widgets.redaction.shareable import RunContent
from flowrun_widgets.views.failure_content import failure_content

if TYPE_CHECKING:
    from flowrun_widgets.analysis.background import Question
    from flowrun_widgets.backends.protocol import Backend
    from flowrun_widgets.views.flow_run_facts import FlowRunFacts

__all__ = ["background_of", "read_background"]

MAX_QUESTIONS = 8


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
        content = RunContent(run.record, task_runs.records, logs.columns)
        found = background_of(content, run.connection.backend)
        with fetched.lock:
            fetched.background = found
        return found


def background_of(
    content: RunContent, backend: Backend, *, has_histories: bool = True
) -> Background:
    """Return what explains the failure of a run with this content; costs what `read_background` says.

    Without `has_histories` the history of a task run that was retried is not read.
    """
    found = NOTHING_MORE
    for _ in range(MAX_QUESTIONS):
        told = digest(content.run, content.task_runs, content.logs, found)
        if told is None or (question := told.question) is None:
            break
        if question.about == "task run" and not has_histories:
            found = _missing(question, found, "It was not asked for.")
            continue
        found = _answered(question, found, backend)
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
    return failure_content(record, backend) if record.state.is_failed() else RunContent(record)
