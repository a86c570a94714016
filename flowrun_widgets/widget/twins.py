"""`Twin`: the static twin of a card in a notebook, published again when the card changes; the twin of a run's card."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, Protocol

from flowrun_widgets.forks import unlocked_in_child
from flowrun_widgets.lazy import once_per_object
from flowrun_widgets.live.worker import Worker
from flowrun_widgets.report.html.excerpt import excerpt
from flowrun_widgets.report.html.run_html import twin_block, twin_html, twin_text
from flowrun_widgets.report.task_rows import telling_task_rows
from flowrun_widgets.report.texts import MARKDOWN_TYPE, PLAIN_TYPE
from flowrun_widgets.widget.cells import card_at
from flowrun_widgets.widget.outputs import TwinData

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowrun_widgets.report.content import Content
    from flowrun_widgets.report.html.excerpt import Excerpt
    from flowrun_widgets.report.wire import Annotations, Payload, TaskRow
    from flowrun_widgets.widget.displayed import DisplayedCard

__all__ = ["Twin", "run_twin", "run_twin_text", "told"]

FOLLOWED_SECONDS = 30.0
"""The shortest time, in seconds, between two publications of the twin of a card that follows its run."""

_later = Worker("flowrun twins")


class Twin:
    """The twin of one card. `card.twin` is its class name, and its display id as an output."""

    def __init__(self, card: DisplayedCard) -> None:
        self._card = card
        self._lock = unlocked_in_child(threading.Lock())
        self._published_at = time.monotonic()
        self._is_behind = False
        self._names: set[str] = set()
        """The display ids of the twin."""

    def bundle(self) -> dict[str, str]:
        """Return the twin as HTML, and as text for hosts that show only text."""
        return self._card.twin_bundle()

    def text(self) -> str:
        """Return the twin as text, for windows that do not show HTML."""
        return self._card.twin_text()

    def display(self, name: str | None = None, *, is_update: bool = False) -> None:
        """Display the twin in the output of the running cell. Changes made meanwhile are published afterwards.

        `name` is a display id chosen by the user; with `is_update`, the twin replaces the output with that id.
        """
        from IPython.display import display

        with self._lock:
            self._names.add(name or self._card.twin)
            display(
                TwinData(self.bundle()),
                raw=True,
                display_id=name or self._card.twin,
                update=is_update,
            )

    def hear(self, _shown: Payload | None = None) -> None:
        """Handle a change of the card: publish the twin again, at most every 30 seconds if the card follows its run."""
        with self._lock:
            self._is_behind = True
            wait = self._published_at + FOLLOWED_SECONDS - time.monotonic()
        if self._card.is_following and wait > 0:
            _later.put_later(wait, self, self._publish)
        else:
            _later.put(self, self._publish)

    def _publish(self) -> None:
        from IPython.display import update_display

        with self._lock:
            if self._is_behind and self._card.comm is not None:
                self._is_behind, self._published_at = False, time.monotonic()
                bundle = TwinData(self.bundle())
                for name in sorted(self._names or {self._card.twin}):
                    if name == self._card.twin or card_at(name) is self._card:
                        update_display(bundle, raw=True, display_id=name)


class RunTwin(Protocol):
    """The part of a run's card that its twin shows."""

    twin: Any

    @property
    def content(self) -> Content: ...
    @property
    def shown(self) -> Payload: ...
    @property
    def evidence(self) -> Annotations: ...
    @property
    def hit_count(self) -> int | None: ...


def run_twin(card: RunTwin) -> dict[str, str]:
    """Return the twin of a run's card as HTML, and as text and Markdown for those who see no HTML."""
    annotations, shown = card.evidence, card.shown
    log, rows = told(card.content)
    hits = card.hit_count if annotations.text else None
    html = twin_html(shown, log, card.twin, annotations=annotations, hits=hits, task_rows=rows)
    text = twin_text(shown, annotations=annotations, hits=hits, told=card.content.text)
    return {"text/html": html, PLAIN_TYPE: text, MARKDOWN_TYPE: card.content.markdown}


def run_twin_text(card: RunTwin) -> str:
    """Return the twin of a run's card as text with its task runs."""
    annotations, shown = card.evidence, card.shown
    _, rows = told(card.content)
    hits = card.hit_count if annotations.text else None
    text = card.content.text
    return twin_block(shown, annotations=annotations, hits=hits, task_rows=rows, told=text)


@once_per_object
def told(content: Content) -> tuple[Excerpt | None, Sequence[TaskRow]]:
    """Return the most relevant lines and task runs, computed once for each content."""
    log = None if content.logs is None else excerpt(content.logs)
    table, until = content.tasks, content.run.as_of
    rows = () if table is None else telling_task_rows(table, content.logs, until)
    return log, rows
