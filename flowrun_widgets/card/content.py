"""What is known of a run's log and task runs: what its view has read, or else what a first look brought."""

from __future__ import annotations

from dataclasses import dataclass
from operator import is_not
from typing import TYPE_CHECKING

from flowrun_widgets.analysis.background import NOTHING_MORE, Background
from flowrun_widgets.analysis.digest import digest
from flowrun_widgets.analysis.idle import idle_stretches
from flowrun_widgets.analysis.markdown import digest_markdown
from flowrun_widgets.card.lines import Lines
from flowrun_widgets.card.task_rows import TaskTable
from flowrun_widgets.lazy import lazy
from flowrun_widgets.log_columns import LogColumns
from flowrun_widgets.records import TaskRunRecord
from flowrun_widgets.states import Unknown
from flowrun_widgets.views.background import without_secrets
from flowrun_widgets.views.held import held_of
from flowrun_widgets.views.shown import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowrun_widgets.analysis.digest import Digest
    from flowrun_widgets.backends.protocol import LogRead, TaskRunRead
    from flowrun_widgets.records import TimelineBar
    from flowrun_widgets.views.flow_run import FlowRunView
    from flowrun_widgets.views.peek import Peek

__all__ = ["Content"]

MOST_MARKDOWN = 4_000


@dataclass(frozen=True, eq=False)
class Content:
    """A run as it may be shown, its log lines and task runs; None where nothing is known yet.

    Secrets are taken out here, before anything is shown, and counted in `redacted`. Lines that are not complete have
    holes between them, and their counts are lower bounds. What is worked out of it is worked out once, however many
    cards show it.
    """

    run: FlowRunView
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

    @classmethod
    def of(cls, run: FlowRunView, peek: Peek | None = None) -> Content:
        """Return what the view has read, and from a first look what it has not; the same as long as that is the same."""
        held = held_of(run)
        with held.lock:
            parts = (
                peek, held.logs, held.task_runs, held.background, run.record, run.connection.redaction,
            )  # fmt: skip
            before, content = held.told or (parts, None)
        if content is None or any(map(is_not, parts, before)):
            content = cls._made(run, *parts[:4])
            with held.lock:
                held.told = parts, content
        return content

    @classmethod
    def _made(
        cls,
        run: FlowRunView,
        peek: Peek | None,
        log: LogRead | None,
        read: TaskRunRead | None,
        background: Background | None,
    ) -> Content:
        logs = None if log is None else log.columns
        records = None if read is None else read.records
        is_complete, numbered = True, None
        missing: tuple[int, ...] = ()
        has_task_runs = records is not None
        if peek is not None:
            is_complete = logs is not None or peek.is_whole
            if logs is None:
                logs = peek.first.columns.with_new(peek.last.columns)
                if not peek.is_whole:
                    numbered, missing = _known_parts(peek, len(logs), run.state.is_failed())
            if records is None:
                records = [_record(run, bar) for bar in peek.timeline]
        known = shown(run, records or (), LogColumns() if logs is None else logs)
        return cls(
            run=known.run,
            logs=None if logs is None else known.logs,
            task_runs=None if records is None else known.task_runs,
            is_complete=is_complete,
            has_task_runs=has_task_runs,
            redacted=known.redacted,
            numbered=numbered,
            missing_before=missing,
            background=without_secrets(background or NOTHING_MORE, run.connection.redaction),
        )

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
        return digest_markdown(self.run, self.found, self.task_runs or (), logs, MOST_MARKDOWN)

    @lazy
    def lines(self) -> Lines | None:
        """The log; None while nothing of it is known."""
        if self.logs is None:
            return None
        return Lines(
            self.logs,
            began_at=self.run.started_at,
            task_runs=self.task_runs,
            idle=self.idle,
            numbered=self.numbered,
            missing_before=self.missing_before,
        )

    @lazy
    def tasks(self) -> TaskTable | None:
        """The task runs; None while nothing of them is known."""
        return None if self.task_runs is None else TaskTable.of(self.task_runs)


def _known_parts(peek: Peek, lines: int, has_errors_first: bool) -> tuple[int, tuple[int, ...]]:
    """Return how many lines the log begins with, and before which lines others are missing.

    Of a failed run the first part are its oldest errors, of which it is not known where they stand.
    """
    first = lines - len(peek.last)
    if has_errors_first:
        return 0, (0, first) if first else (0,)
    return first, (first,)


def _record(run: FlowRunView, bar: TimelineBar) -> TaskRunRecord:
    return TaskRunRecord(
        id=bar.id,
        flow_run_id=run.flow_run_id,
        state=bar.state or Unknown(),
        name=bar.label,
        map_index=None,
        started_at=bar.started_at,
        ended_at=bar.ended_at,
        has_history=False,
        child_flow_run_id=bar.id if bar.kind == "flow run" else None,
        upstream_ids=bar.upstream_ids,
    )
