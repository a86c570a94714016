"""One run as a page shows it: its twin, and what its card is answered from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from flowrun_widgets.archive import content_of, facts_of
from flowrun_widgets.card.content import Content
from flowrun_widgets.card.log_rows import logs_part
from flowrun_widgets.card.payload import payload
from flowrun_widgets.card.task_rows import TASK_RUNS, telling_task_rows
from flowrun_widgets.redaction.shareable import RunContent, shareable
from flowrun_widgets.sharing.excerpt import excerpt
from flowrun_widgets.sharing.export.blocks import LINES, NAMES, PAYLOAD, TASKS, block
from flowrun_widgets.sharing.export.line_blocks import line_blocks
from flowrun_widgets.sharing.twin import twin_html

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from flowrun_widgets.card.wire import Payload
    from flowrun_widgets.redaction import Redaction
    from flowrun_widgets.views.flow_run import FlowRunView

__all__ = ["PageRun"]

REMEDY = "In a browser that runs scripts this page is interactive and has every line."


@dataclass(frozen=True, slots=True)
class PageRun:
    """A run without its secrets, whole: `content` is what is read back, `told` what is shown."""

    content: RunContent
    facts: Mapping[str, Any]
    told: Content
    shown: Payload
    redacted: int | None
    missing: tuple[str, ...]

    @classmethod
    def of(cls, run: FlowRunView, redaction: Redaction | None, file_name: str) -> PageRun:
        """Return a run as it may leave in a file of that name; what its view has not read yet is read.

        Raises:
            BackendError: the server did not do its part.
        """
        content, missing = content_of(run)
        clean = shareable(content, redaction)
        view = type(run)(clean.value.run, run.connection, as_of=run.as_of)
        told = Content(view, clean.value.logs, clean.value.task_runs, redacted=clean.count)
        redacted = None if redaction is None else clean.count
        facts = {**facts_of(run), "redacted": redacted}
        return cls(clean.value, facts, told, _shown(told, file_name), redacted, tuple(missing))

    @property
    def title(self) -> str:
        """Names of flow and run."""
        header = self.shown.header
        return " / ".join(name for name in (header.flow, header.name or header.id) if name)

    def twin(self, uid: str) -> str:
        """Return the run as HTML without scripts."""
        told = self.told
        assert told.logs is not None
        assert told.tasks is not None
        rows = telling_task_rows(told.tasks, told.logs, told.run.as_of)
        log = excerpt(told.logs)
        return twin_html(self.shown, log, uid, task_rows=rows, remedy=REMEDY)

    def blocks(self, number: int) -> Iterator[str]:
        """Yield what the card with this number is answered from."""
        told = self.told
        assert told.tasks is not None
        yield block(number, PAYLOAD, msgspec.json.encode(self.shown))
        count = len(told.tasks.records)
        if count > TASK_RUNS:
            rows = told.tasks.rows(told.logs, told.run.as_of, 0, count)
            yield block(number, TASKS, msgspec.json.encode(rows))
        names, *lines = line_blocks(self.content.logs)
        yield block(number, NAMES, names)
        for part in lines:
            yield block(number, LINES, part)


def _shown(told: Content, file_name: str) -> Payload:
    """Return what the card shows first; without dividers between attempts, which the page cannot place."""
    shown = payload(told.run, told)
    assert told.logs is not None
    line = None if shown.digest is None else shown.digest.line
    logs = logs_part(
        told.logs,
        is_finished=told.run.state.is_finished(),
        is_failed=told.run.state.is_failed(),
        telling=None if line is None else line[1],
    )
    opened = f"fw.open_page({json.dumps(file_name)})"
    expression = f'{opened}.runs["{told.run.flow_run_id}"].card().flow_run'
    return msgspec.structs.replace(shown, logs=logs, expression=expression)
