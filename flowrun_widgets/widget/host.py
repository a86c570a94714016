"""The notebook that a card is displayed in, where that decides what is displayed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flowrun_widgets.widget.displayed import DisplayedCard

__all__ = ["append_to_marimo", "is_colab", "is_marimo", "marimo_output"]


def is_colab() -> bool:
    """Whether this is Google Colab. GitHub refuses notebooks saved there with a widget (googlecolab/colabtools#5288)."""
    return "google.colab" in sys.modules


def is_marimo() -> bool:
    """Whether this is a cell of a marimo notebook. What IPython displays is not seen there."""
    marimo = sys.modules.get("marimo")
    return marimo is not None and marimo.running_in_notebook()


def marimo_output(card: DisplayedCard, twin: str) -> Any:
    """Return what a cell of marimo shows: the twin's HTML, which marimo saves, and the live card, which hides it."""
    marimo = sys.modules["marimo"]
    return marimo.Html(twin + marimo.ui.anywidget(card).text)


def append_to_marimo(view: object) -> None:
    """Show something in the running cell of marimo, below what it shows already."""
    sys.modules["marimo"].output.append(view)
