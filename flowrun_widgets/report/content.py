"""`Content`: a run without its secrets, with its log and task runs as far as they are known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowrun_widgets.analysis.background import NOTHING_MORE, Background
from flowrun_widgets.analysis.digest import digest
from flowrun_widgets.analysis.idle import idle_stretches
from flowrun_widgets.lazy import lazy
from flowrun_widgets.log_columns import LogColumns
from flowrun_widgets.report.log.lines import Lines
from flowrun_widgets.report.markup import MARKDOWN, PLAIN
from flowrun_widgets.report.task_rows import TaskTable
from flowrun_widgets.report.telling import telling

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pendulum import DateTime

    from flowrun_widgets.analysis.digest import Digest
    from flowrun_widgets.records import FlowRunRecord, TaskRunRecord
    from flowrun_widgets.redaction import Redaction

__all__ = ["Content", "ShownRun"]

MAX_TEXT = 5_000
"""How many characters a run tells as plain text."""
NO_HEAD = ""
"""The head of what stands under a heading that names the run."""


@dataclass(frozen=True, slots=True)
class ShownRun:
    """The record of a run without its secrets, when it was fetched, from where, and where its trace is shown."""

    record: FlowRunRecord
    as_of: DateTime
    source: str
    source_url: str
    redaction: Redaction | None
    """The rules by which secrets were removed."""
    trace_url: str | None = None
    """Where the trace of the run is shown, if `FLOWRUN_TRACE_URL` says so."""


@dataclass(frozen=True, eq=False)
class Content:
    """A run without its secrets, its log lines and task runs; None if nothing was read yet.

    Secrets are already removed; `redacted` says how many. Incomplete lines have gaps between them, and their counts are
    lower bounds. Derived values are computed once, however many cards show the content.
    """

    run: ShownRun
    logs: LogColumns | None = None
    task_runs: Sequence[TaskRunRecord] | None = None
    is_complete: bool = True
    has_task_runs: bool = True
    """Whether `task_runs` are the server's task runs, and not only made from a timeline."""
    redacted: int = 0
    numbered: int | None = None
    """How many of the lines are from the start of the log; None if all are."""
    missing_before: tuple[int, ...] = ()
    """The positions of lines before which others are missing."""
    background: Background = NOTHING_MORE

    @lazy
    def idle(self) -> tuple[tuple[int, int], ...]:
        """The stretches in which nothing happened; empty until all lines are read, since missing lines leave gaps."""
        if self.logs is None or self.task_runs is None or not self.is_complete:
            return ()
        return idle_stretches(self.run.record, self.task_runs, self.logs, self.run.as_of)

    @lazy
    def found(self) -> Digest | None:
        """Why the run failed, as far as it is known; None if it did not fail."""
        logs = LogColumns() if self.logs is None else self.logs
        return digest(self.run.record, self.task_runs or (), logs, self.background)

    @lazy
    def markdown(self) -> str:
        """What the run tells, as Markdown: the digest, the counts and the telling lines."""
        return telling(self, markup=MARKDOWN)

    @lazy
    def text(self) -> str:
        """The same as plain text, without the line that names the run."""
        return telling(self, MAX_TEXT, markup=PLAIN, head=NO_HEAD)

    @lazy
    def lines(self) -> Lines | None:
        """The log; None until some of it was read."""
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
        """The task runs; None until some of them were read."""
        return None if self.task_runs is None else TaskTable.of(self.task_runs)
