"""`Background`: what a digest needs in addition to the run: sub-flow runs, the flow's tasks, histories of task runs."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from flowrun_widgets.redaction.records import redacted_records
from flowrun_widgets.redaction.shareable import RunContent, shareable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowrun_widgets.records import TaskGraph, TaskRunRecord
    from flowrun_widgets.redaction import Redaction

__all__ = ["NOTHING_MORE", "Background", "Question", "without_secrets"]


@dataclass(frozen=True, slots=True)
class Question:
    """What a digest needs to know: a sub-flow run, the dependencies of the flow's tasks, or a task run's history."""

    about: Literal["run", "task graph", "task run"]
    id: str


@dataclass(frozen=True, slots=True)
class Background:
    """The answers that were read so far."""

    runs: Mapping[str, RunContent] = field(default_factory=dict)
    """Sub-flow runs by id: their unsuccessful task runs, and the lines at both ends of their logs."""
    graph: TaskGraph | None = None
    task_runs: Mapping[str, TaskRunRecord] = field(default_factory=dict)
    """Task runs by id, with their histories."""
    missing: Mapping[Question, str] = field(default_factory=dict)
    """What could not be read, and why."""


NOTHING_MORE = Background()


def without_secrets(found: Background, redaction: Redaction | None) -> Background:
    """Return the background without secrets."""
    if redaction is None or not (found.runs or found.task_runs):
        return found
    runs = {key: shareable(content, redaction).value for key, content in found.runs.items()}
    clean = redacted_records(found.task_runs.values(), redaction).value
    return replace(found, runs=runs, task_runs={record.id: record for record in clean})
