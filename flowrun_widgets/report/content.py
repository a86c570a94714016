"""A run as it may be shown, with what is known of its log and task runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowrun_widgets.analysis.background import NOTHING_MORE, Background
from flowrun_widgets.analysis.digest import digest
from flowrun_widgets.analysis.idle import idle_stretches
from flowrun_widgets.lazy import lazy
from flowrun_widgets.log_columns import LogColumns
from flowrun_widgets.report.digest_markdown import digest_markdown
from flowrun_widgets.report.log.lines import Lines
from flowrun_widgets.report.task_rows import TaskTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pendulum import DateTime

    from flowrun_widgets.analysis.digest import Digest
    from flowrun_widgets.records import FlowRunRecord, TaskRunRecord
    from flowrun_widgets.redaction import Redaction

__all__ = ["Content", "ShownRun"]

MAX_MARKDOWN = 4_000


@dataclass(frozen=True, slots=True)
class ShownRun:
    """The record of a run without its secrets, when it was fetched, and from where."""

    record: FlowRunRecord
    as_of: DateTime
    source: str
    source_url: str
    redaction: Redaction | None
    """The rules by which secrets were taken out."""


@dataclass(frozen=True, eq=False)
class Content:
    """A run as it may be shown, its log lines and task runs; None where nothing is known yet.

    Secrets are taken out of it already; `redacted` says how many. Lines that are not complete have
    holes between them, and their counts are lower bounds. What is worked out of it is worked out once, however many
    cards show it.
    """

    run: ShownRun
    logs: LogColumns | None = None
    task_runs: Sequence[TaskRunRecord] | None = None
    is_complete: bool = True
    has_task_runs: bool = True
    """Whether `task_runs` are what the server has, and not only what a timeline says of them."""
    redacted: int = 0
    numbered: int | None = None
    """How many of the lines are those that the log begins with; None: all are."""
    missing_before: tuple[int, ...] = ()
    """The positions of lines before which others are missing."""
    background: Background = NOTHING_MORE

    @lazy
    def idle(self) -> tuple[tuple[int, int], ...]:
        """The stretches in which nothing happened; none while lines are still on their way, which leaves holes."""
        if self.logs is None or self.task_runs is None or not self.is_complete:
            return ()
        return idle_stretches(self.run.record, self.task_runs, self.logs, self.run.as_of)

    @lazy
    def found(self) -> Digest | None:
        """Why the run failed, as far as it is known; None of one that did not."""
        logs = LogColumns() if self.logs is None else self.logs
        return digest(self.run.record, self.task_runs or (), logs, self.background)

    @lazy
    def markdown(self) -> str:
        """The digest as Markdown."""
        logs = LogColumns() if self.logs is None else self.logs
        return digest_markdown(self.run, self.found, self.task_runs or (), logs, MAX_MARKDOWN)

    @lazy
    def lines(self) -> Lines | None:
        """The log; None while nothing of it is known."""
        if self.logs is None:
            return None
        return Lines(
            self.logs,
            began_at=self.run.record.started_at,
            task_runs=self.task_runs,
            idle=self.idle,
            numbered=self.numbered,
            missing_before=self.missing_before,
        )

    @lazy
    def tasks(self) -> TaskTable | None:
        """The task runs; None while nothing of them is known."""
        return None if self.task_runs is None else TaskTable.of(self.task_runs)
