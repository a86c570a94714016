"""Displaying a run without a widget, as its static twin alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowrun_widgets.errors import FlowRunError
from flowrun_widgets.report.html.run_html import twin_html, twin_text
from flowrun_widgets.report.notices import failure
from flowrun_widgets.report.payload import payload
from flowrun_widgets.report.texts import MARKDOWN_TYPE, PLAIN_TYPE
from flowrun_widgets.views.brief import brief_content
from flowrun_widgets.views.content import known_content
from flowrun_widgets.widget.twins import told

if TYPE_CHECKING:
    from flowrun_widgets.report.content import Content
    from flowrun_widgets.report.wire import Notice
    from flowrun_widgets.views.flow_run import FlowRunSnapshot

__all__ = ["static_bundle", "static_texts"]

REMEDY = "`run.card()` at the end of a cell shows the interactive card."


def static_bundle(run: FlowRunSnapshot) -> dict[str, str]:
    """Return the twin of a run, which says what was not read: of a log in pages only the parts that tell most."""
    content, notice = _read(run)
    shown = payload(content, notice=notice)
    log, rows = told(content)
    html = twin_html(shown, log, f"frw-{run.flow_run_id[:8]}", task_rows=rows, remedy=REMEDY)
    return {"text/html": html, **_texts_of(content, notice)}


def static_texts(run: FlowRunSnapshot) -> dict[str, str]:
    """Return the texts of `static_bundle`, at the same cost."""
    return _texts_of(*_read(run))


def _texts_of(content: Content, notice: Notice | None) -> dict[str, str]:
    shown = payload(content, notice=notice)
    return {
        PLAIN_TYPE: twin_text(shown, told=content.text),
        MARKDOWN_TYPE: content.markdown,
    }


def _read(run: FlowRunSnapshot) -> tuple[Content, Notice | None]:
    try:
        return brief_content(run), None
    except FlowRunError as error:
        return known_content(run), failure(str(error))
