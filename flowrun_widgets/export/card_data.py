"""`PageRun`: one run in a page: its twin, and the data blocks of its card."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from flowrun_widgets.analysis.background import without_secrets
from flowrun_widgets.export.archive import content_of, facts_of
from flowrun_widgets.export.blocks import (
    ANNOTATIONS,
    ATTEMPTS,
    LINES,
    NAMES,
    PAYLOAD,
    TASKS,
    block,
)
from flowrun_widgets.export.line_blocks import LogInBlocks
from flowrun_widgets.redaction.records import redacted_json
from flowrun_widgets.redaction.shareable import RunContent, shareable
from flowrun_widgets.report.content import Content
from flowrun_widgets.report.html.excerpt import excerpt
from flowrun_widgets.report.html.run_html import twin_html
from flowrun_widgets.report.log.matches import find_hits, read
from flowrun_widgets.report.payload import payload
from flowrun_widgets.report.task_rows import TASK_RUNS, telling_task_rows
from flowrun_widgets.report.wire import Annotations, Pin
from flowrun_widgets.views.background import read_background
from flowrun_widgets.views.content import shown_run
from flowrun_widgets.widget.widget import CardWidget

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from flowrun_widgets.redaction import Redaction
    from flowrun_widgets.report.wire import Payload
    from flowrun_widgets.views.flow_run import FlowRunSnapshot

__all__ = ["PageRun"]

REMEDY = "In a browser with scripts enabled this page is interactive and shows every line."


@dataclass(frozen=True, slots=True)
class PageRun:
    """A whole run without its secrets: `content` is what `fw.open_page()` reads back, `told` what the page shows."""

    content: RunContent
    facts: Mapping[str, Any]
    told: Content
    shown: Payload
    annotations: Annotations
    zone: str
    redacted: int | None
    missing: tuple[str, ...]

    @classmethod
    def of(
        cls, shown: FlowRunSnapshot | CardWidget, redaction: Redaction | None, file_name: str
    ) -> PageRun:
        """Return a run without secrets, for a file of that name; what its view has not read yet is read.

        The pins, notes and filter text of a card are included.

        Raises:
            BackendError: the server failed to answer or refused the request.
        """
        is_card = isinstance(shown, CardWidget)
        run = shown.flow_run if is_card else shown
        if not run.record.has_history:
            run = run.get_latest()
        annotations, zone = (shown.evidence, shown.timezone) if is_card else (Annotations(), "UTC")
        content, missing = content_of(run)
        clean = shareable(content, redaction)
        background = without_secrets(read_background(run), redaction)
        told = Content(
            shown_run(run, clean.value.run, redaction),
            clean.value.logs,
            clean.value.task_runs,
            redacted=clean.count,
            background=background,
        )
        redacted = None if redaction is None else clean.count
        facts = {**facts_of(run), "redacted": redacted}
        if redaction is not None:
            annotations = _clean(annotations, redaction)
        payload = _shown(told, file_name)
        return cls(clean.value, facts, told, payload, annotations, zone, redacted, tuple(missing))

    @property
    def title(self) -> str:
        """The names of flow and run."""
        header = self.shown.header
        return " / ".join(name for name in (header.flow, header.name or header.id) if name)

    def twin(self, uid: str) -> str:
        """Return the run as HTML without scripts."""
        told = self.told
        assert told.logs is not None
        assert told.tasks is not None
        assert told.lines is not None
        rows = telling_task_rows(told.tasks, told.logs, told.run.as_of)
        log = excerpt(told.logs)
        annotations, hits = self.annotations, None
        if annotations.text:
            hits = find_hits(told.lines, read(told.lines, annotations.text, self.zone)).count
        return twin_html(
            self.shown,
            log,
            uid,
            annotations=annotations,
            hits=hits,
            task_rows=rows,
            remedy=REMEDY,
        )

    def blocks(self, number: int) -> Iterator[str]:
        """Yield the data blocks of the card with this number."""
        told = self.told
        assert told.tasks is not None
        yield block(number, PAYLOAD, msgspec.json.encode(self.shown))
        if self.annotations != Annotations():
            yield block(number, ANNOTATIONS, msgspec.json.encode(self.annotations))
        count = len(told.tasks.records)
        if count > TASK_RUNS:
            rows = told.tasks.rows(told.logs, told.run.as_of, 0, count)
            yield block(number, TASKS, msgspec.json.encode(rows))
        assert told.lines is not None
        log = LogInBlocks(self.content.logs, told.lines.templates)
        yield block(number, NAMES, log.names())
        for part in log.lines():
            yield block(number, LINES, part)
        yield block(number, ATTEMPTS, log.attempts(told.tasks.records))


def _clean(annotations: Annotations, redaction: Redaction) -> Annotations:
    """Return pins and notes without secrets; a filter text that contained one is removed.

    The result of the filter text is removed too, since the page holds every line.
    """
    text, pins = redacted_json(msgspec.to_builtins((annotations.text, annotations.pins)), redaction)
    return Annotations(
        text=text if text == annotations.text else "",
        turn=annotations.turn,
        pins=msgspec.convert(pins, tuple[Pin, ...]),
    )


def _shown(told: Content, file_name: str) -> Payload:
    """Return the payload that the card shows first, with the expression that opens the run from the page."""
    opened = f"fw.open_page({json.dumps(file_name)})"
    expression = f'{opened}.runs["{told.run.record.id}"].card()'
    return msgspec.structs.replace(payload(told), expression=expression)
