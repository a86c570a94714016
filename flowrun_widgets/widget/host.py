"""Detecting Google Colab and marimo, where cards are displayed differently."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flowrun_widgets.widget.displayed import DisplayedCard

__all__ = ["append_to_marimo", "is_colab", "is_marimo", "marimo_output"]


def is_colab() -> bool:
    """Return whether this is Google Colab. GitHub cannot show notebooks saved there with a widget (colabtools#5288)."""
    return "google.colab" in sys.modules


def is_marimo() -> bool:
    """Return whether this is a cell of a marimo notebook, which does not show what IPython displays."""
    marimo = sys.modules.get("marimo")
    return marimo is not None and marimo.running_in_notebook()


def marimo_output(card: DisplayedCard, twin: str) -> Any:
    """Return the output for a marimo cell: the twin's HTML, which marimo saves, and the live card, which hides it."""
    marimo = sys.modules["marimo"]
    return marimo.Html(twin + marimo.ui.anywidget(card).text)


def append_to_marimo(view: object) -> None:
    """Append an object to the output of the running marimo cell."""
    sys.modules["marimo"].output.append(view)
