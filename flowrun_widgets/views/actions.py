"""What a flow run offers from the rooms above: the one file where views reach upwards, inside methods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flowrun_widgets.card.widget import FlowRunCard
    from flowrun_widgets.live.differences import Changes
    from flowrun_widgets.views.flow_run import FlowRunView

__all__ = ["FlowRunActions"]


class FlowRunActions:
    """Display, the card, and the difference to an earlier snapshot."""

    __slots__ = ()

    def card(self: FlowRunView, **options: Any) -> FlowRunCard:  # pyright: ignore[reportGeneralTypeIssues]
        """Return the interactive card of this run as a widget; unknown options are refused by name."""
        from flowrun_widgets.card.widget import FlowRunCard

        return FlowRunCard(self, **options)

    def changes_since(self: FlowRunView, earlier: FlowRunView) -> Changes:  # pyright: ignore[reportGeneralTypeIssues]
        """Return what this snapshot has that `earlier`, one of the same run, had not. Costs no request."""
        from flowrun_widgets.live.differences import changes_between

        return changes_between(earlier, self)

    def _ipython_display_(self: FlowRunView) -> None:  # pyright: ignore[reportGeneralTypeIssues]
        from flowrun_widgets.card.display import display_flow_run

        display_flow_run(self)
