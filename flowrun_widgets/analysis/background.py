"""What a source says beside a run, where its digest needs it: the runs below, its flow's tasks, histories."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowrun_widgets.records import TaskGraph, TaskRunRecord
    from flowrun_widgets.redaction.shareable import RunContent

__all__ = ["NOTHING_MORE", "Background", "Question"]


@dataclass(frozen=True, slots=True)
class Question:
    """What a digest would have to know: a run below it, what its flow's tasks wait for, or a task run's history."""

    about: Literal["run", "task graph", "task run"]
    id: str


@dataclass(frozen=True, slots=True)
class Background:
    """The answers so far."""

    runs: Mapping[str, RunContent] = field(default_factory=dict)
    """Runs of sub-flows by id: their task runs that did not end well, and the lines at both ends of their logs."""
    graph: TaskGraph | None = None
    task_runs: Mapping[str, TaskRunRecord] = field(default_factory=dict)
    """Task runs by id, with their histories."""
    missing: Mapping[Question, str] = field(default_factory=dict)
    """What could not be had, and why."""


NOTHING_MORE = Background()
