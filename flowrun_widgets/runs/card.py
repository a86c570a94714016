"""`FlowRunCard`: the public widget of a `FlowRunView`."""

from __future__ import annotations

import os
from typing import cast

from flowrun_widgets.export.saved import Saved
from flowrun_widgets.redaction import Redaction
from flowrun_widgets.runs.flow_run import FlowRunView
from flowrun_widgets.widget.widget import CardWidget

__all__ = ["FlowRunCard"]


class FlowRunCard(CardWidget):
    """A flow run as an interactive card.

    `flow_run` is the snapshot that the card shows; its refresh button calls `get_latest()` and stores the new snapshot
    there. With `follow`, the card does so by itself until the run has ended. `query`, `filtered_logs`, `selection` and
    `pins` hold what the reader filters, selects and pins. One thread of the card reads log and task runs while another
    answers the page. `close()` ends it.
    """

    @property
    def flow_run(self) -> FlowRunView:
        """The snapshot that the card shows."""
        return cast("FlowRunView", super().flow_run)

    def to_html(
        self, path: str | os.PathLike[str], *, redact: bool | Redaction | None = None
    ) -> Saved:
        """Write the same page as `flow_run.to_html()`, with the card's pins, notes and filter text."""
        from flowrun_widgets.export.page import save_page

        return save_page([self], path, redact=redact)
