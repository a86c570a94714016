"""`CardState`: what a card shows: a snapshot of the run, what the last poll read, and notices."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from flowrun_widgets.forks import unlocked_in_child
from flowrun_widgets.report.payload import payload
from flowrun_widgets.views.content import known_content
from flowrun_widgets.widget import registry
from flowrun_widgets.widget.snapshot import CardSnapshot

if TYPE_CHECKING:
    from flowrun_widgets.analysis.changes import Changes
    from flowrun_widgets.log_columns import LogColumns
    from flowrun_widgets.report.content import Content
    from flowrun_widgets.report.wire import Notice, Payload
    from flowrun_widgets.views.flow_run import FlowRunSnapshot
    from flowrun_widgets.views.log_ends import Peek

__all__ = ["CardState"]

ORIGIN = object()
"""The key under which log columns keep a mark that says whether other columns continue them."""


class CardState:
    """The state of one card. Each of its parts is replaced as a whole, under `lock`."""

    def __init__(self, run: FlowRunSnapshot, *, is_following: bool = False) -> None:
        self.lock = unlocked_in_child(threading.RLock())
        self.number = 1
        self.peek: Peek | None = None
        self.notice: Notice | None = None
        self.is_following = is_following
        self._run = run
        self._changes: Changes | None = None
        self._asked: tuple[tuple[object, ...], CardSnapshot] | None = None
        self._renumbered: tuple[tuple[int, int], ...] = ()
        self.is_closed = False
        self.shown = self.publish()
        """The payload that was sent to the page last."""

    @property
    def run(self) -> FlowRunSnapshot:
        """The snapshot of the run that the card shows."""
        with self.lock:
            return self._run

    def snapshot(self) -> CardSnapshot:
        """Return the snapshot that questions are answered from; the same object until something new is read."""
        with self.lock:
            run, peek, fetched = self._run, self.peek, self._run.fetched
            parts = (run, peek, fetched.logs, fetched.task_runs, fetched.background)
            before, asked = self._asked or ((), None)
            if asked is None or any(a is not b for a, b in zip(before, parts, strict=True)):
                content = known_content(run, peek)
                if asked is not None:
                    self._fill(asked.content, content)
                asked = CardSnapshot(self.number, run, content)
                self._asked = None if self.is_closed else (parts, asked)
            return asked

    def _fill(self, before: Content, after: Content) -> None:
        """Start a new snapshot when content completes the one before; its lines may have other arrival numbers."""
        self.number += 1
        self._renumbered = ()
        if before.is_complete or before.lines is None or after.lines is None:
            return
        self._renumbered = after.lines.seqs_of_same(before.lines)

    def publish(self) -> Payload:
        """Build the payload that the card shows now, and keep it as `shown`."""
        with self.lock:
            changes, notice, is_on = self._changes, self.notice, self.is_following
            asked = self.snapshot()
            number, renumbered = self.number, self._renumbered
        shown = payload(
            asked.content,
            snapshot=number,
            changes=changes,
            notice=notice,
            renumbered=renumbered,
            is_following=is_on,
        )
        if not registry.is_only_name(asked.run):
            name = f'fw.card("{asked.run.flow_run_id}")'
            shown = msgspec.structs.replace(shown, expression=name)
        with self.lock:
            self.shown = shown
        return shown

    def move_on(self, latest: FlowRunSnapshot) -> bool:
        """Show a newer snapshot; return whether its lines kept their arrival numbers.

        They have others if another owner of the view has read them; then no line is marked as the first new one.
        """
        with self.lock:
            before = self._run
            goes_on = _goes_on(_columns(before), _columns(latest))
            # This machine's clock may have been set back in between.
            changes = None if latest.as_of < before.as_of else latest.changes_since(before)
            if changes is not None and not goes_on:
                changes = replace(changes, first_new_seq=None)
            self._run, self.peek, self._changes = latest, None, changes
            self._renumbered, self._asked = (), None
            self.number += 1
        _let_go(before)
        return goes_on

    def complete(self, run: FlowRunSnapshot) -> None:
        """Replace the run from a list, which has no history, with the same run with its history."""
        with self.lock:
            self._run = run

    def mark(self) -> None:
        """Mark the lines that were read as the origin of their arrival numbers, before more lines are read."""
        columns = _columns(self.run)
        if columns is not None:
            columns.derived.setdefault(ORIGIN, object())

    def rest(self) -> None:
        """Drop the caches for answering questions; the next question builds them again."""
        with self.lock:
            self._asked = None
        _let_go(self.run)

    def close(self) -> None:
        """Drop everything except the run."""
        with self.lock:
            self.is_closed, self._asked = True, None


def _let_go(run: FlowRunSnapshot) -> None:
    """Drop the content that a card made of a snapshot: the two form a reference cycle."""
    fetched = run.fetched
    with fetched.lock:
        fetched.told = None


def _columns(run: FlowRunSnapshot) -> LogColumns | None:
    read = run.fetched.logs
    return None if read is None else read.columns


def _goes_on(before: LogColumns | None, after: LogColumns | None) -> bool:
    if before is None or after is None or not len(before):
        return True
    return before is after or before.derived.get(ORIGIN) is after.derived.get(ORIGIN)
