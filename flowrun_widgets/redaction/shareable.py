"""Redacts a whole run: everything that is displayed, saved or exported passes through `shareable`."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from flowrun_widgets.log_columns import LogColumns
from flowrun_widgets.redaction.columns import redacted_columns
from flowrun_widgets.redaction.records import Redacted, redacted_records

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowrun_widgets.records import ArtifactRecord, FlowRecord, FlowRunRecord, TaskRunRecord
    from flowrun_widgets.redaction.redaction import Redaction

__all__ = ["RunContent", "shareable"]


@dataclass(frozen=True, slots=True)
class RunContent:
    """The content of one run; unknown parts are None or empty."""

    run: FlowRunRecord
    task_runs: Sequence[TaskRunRecord] = ()
    logs: LogColumns = field(default_factory=LogColumns)
    flow: FlowRecord | None = None
    artifacts: Sequence[ArtifactRecord] = ()


def shareable(content: RunContent, redaction: Redaction | None) -> Redacted[RunContent]:
    """Return a run without its secrets, and how many values in it are replaced; unchanged if `redaction` is None.

    Applying it again changes nothing and counts the same. Parts without secrets stay the same objects. A million log
    lines without secrets cost some tenths of a second the first time, and nothing while the lines stay the same.
    """
    if redaction is None:
        return Redacted(content, 0)
    logs = redacted_columns(content.logs, redaction)
    flows = () if content.flow is None else (content.flow,)
    [run, *flow], count = _records((content.run, *flows), redaction)
    tasks, in_tasks = _records(content.task_runs, redaction)
    artifacts, in_artifacts = _records(content.artifacts, redaction)
    clean = replace(
        content,
        run=run,
        task_runs=tasks,
        logs=logs.value,
        flow=flow[0] if flow else None,
        artifacts=artifacts,
    )
    return Redacted(clean, logs.count + count + in_tasks + in_artifacts)


def _records(records: Sequence[object], redaction: Redaction) -> tuple[tuple, int]:
    found = redacted_records(records, redaction)
    return found.value, found.count
