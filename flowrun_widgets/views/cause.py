"""`cause_of()`: what explains the end of a run, read without the rest of its log and its task runs."""

from __future__ import annotations

from flowrun_widgets.analysis.background import NOTHING_MORE, without_secrets
from flowrun_widgets.redaction.shareable import RunContent, shareable
from flowrun_widgets.report.content import Content
from flowrun_widgets.views.background import background_of, read_background
from flowrun_widgets.views.content import known_content, shown_run
from flowrun_widgets.views.failure_content import failure_content
from flowrun_widgets.views.flow_run_facts import FlowRunFacts

__all__ = ["cause_of"]


def cause_of(run: FlowRunFacts) -> Content:
    """Return the part of a run's content that explains its failure, without secrets; all of it if it was read before.

    Costs the three requests of `failure_content`, however long the log is. Where a sub-flow run failed, each run on the
    way down costs six more, and on Prefect 1 the tasks of the flow may cost one. A run that neither failed nor waits
    for another attempt costs none, and its content has no lines and no task runs.
    """
    record, backend = run.record, run.connection.backend
    is_failed = record.state.is_failed() or record.state.is_retrying()
    if run.fetched.logs is not None and run.fetched.task_runs is not None:
        if is_failed:
            read_background(run)
        return known_content(run)
    redaction = run.connection.redaction
    found, background = RunContent(record), NOTHING_MORE
    if is_failed:
        found = failure_content(record, backend)
        background = background_of(found, backend, has_histories=False)
    clean = shareable(found, redaction)
    return Content(
        run=shown_run(run, clean.value.run, redaction),
        logs=clean.value.logs if is_failed else None,
        task_runs=clean.value.task_runs if is_failed else None,
        is_complete=False,
        has_task_runs=False,
        redacted=clean.count,
        numbered=0,
        missing_before=(0,) if len(found.logs) else (),
        background=without_secrets(background, redaction),
    )
