"""Displaying a run without a widget, as its static twin alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowrun_widgets.errors import FlowRunError
from flowrun_widgets.report.html.run_html import twin_html, twin_text
from flowrun_widgets.report.notices import failure
from flowrun_widgets.report.payload import payload
from flowrun_widgets.views.background import read_background
from flowrun_widgets.views.content import known_content
from flowrun_widgets.widget.twins import told

if TYPE_CHECKING:
    from flowrun_widgets.report.content import Content
    from flowrun_widgets.report.wire import Notice
    from flowrun_widgets.views.flow_run import FlowRunSnapshot

__all__ = ["static_bundle"]

REMEDY = "`run.card()` at the end of a cell shows the interactive card."


def static_bundle(run: FlowRunSnapshot) -> dict[str, str]:
    """Return the twin of a run, from `peek()` if its log comes in pages. The twin says what could not be read."""
    content, notice = _read(run)
    shown = payload(content, notice=notice)
    log, rows = told(content)
    html = twin_html(shown, log, f"frw-{run.flow_run_id[:8]}", task_rows=rows, remedy=REMEDY)
    return {
        "text/html": html,
        "text/markdown": content.markdown,
        "text/plain": twin_text(shown),
    }


def _read(run: FlowRunSnapshot) -> tuple[Content, Notice | None]:
    peek = None
    try:
        if run.connection.backend.is_paged and run.fetched.logs is None:
            peek = run.peek()
        else:
            run.get_all_task_runs()
            run.get_logs()
            read_background(run)
    except FlowRunError as error:
        return known_content(run), failure(str(error))
    return known_content(run, peek), None
