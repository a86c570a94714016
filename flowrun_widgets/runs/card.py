"""The public card: the widget of a `FlowRunView`."""

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

    `flow_run` is the snapshot that the card shows; its refresh button calls `get_latest()` and puts the new snapshot
    there. With `follow` it does so by itself until the run is over. What the reader filters, selects and pins is
    `query`, `filtered_logs`, `selection` and `pins`. One thread of the card's own reads log and task runs, another
    answers the page meanwhile. `close()` ends it.
    """

    @property
    def flow_run(self) -> FlowRunView:
        """The snapshot that the card shows."""
        return cast("FlowRunView", super().flow_run)

    def to_html(
        self, path: str | os.PathLike[str], *, redact: bool | Redaction | None = None
    ) -> Saved:
        """Write what `flow_run.to_html()` writes, with the card's pins, notes and filter text."""
        from flowrun_widgets.export.page import save_page

        return save_page([self], path, redact=redact)
