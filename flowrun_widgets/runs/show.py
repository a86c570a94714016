"""`fw.show()`: display several views, or containers of cards, each card with its static twin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowrun_widgets.notebook import kernel
from flowrun_widgets.widget import registry
from flowrun_widgets.widget.display import display_container
from flowrun_widgets.widget.host import append_to_marimo, is_marimo
from flowrun_widgets.widget.widget import CardWidget

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ipywidgets import Widget

    from flowrun_widgets.widget.displayed import DisplayedCard

__all__ = ["show"]


def show(*views: object) -> None:
    """Show views one after another, each with its static twin. In a terminal, print their reprs.

    Args:
        views: flow runs, cards, task runs, logs and lists of runs; containers such as `Tab`, `VBox`, `Accordion` or
            `Output`; and anything else that a notebook displays.

    The twins of all cards in a container are displayed before it. They are hidden while the container is live. In a
    notebook without a kernel only the twins are shown, because the content of a container is not saved:
    `display(VBox([card]))` would show nothing. The cards in an `Output` are found only in a later cell than the one
    that fills it. Costs what displaying each of the views costs.
    """
    from ipywidgets import Widget

    for view in views:
        if is_marimo():
            append_to_marimo(view)
        elif kernel() is None:
            print(repr(view))  # noqa: T201
        elif isinstance(view, Widget) and not isinstance(view, CardWidget):
            _show_container(view)
        else:
            _display(view)


def _display(view: Any) -> None:
    from IPython.display import display

    display(view)


def _show_container(container: Widget) -> None:
    cards = [*dict.fromkeys(_cards_in(container, set()))]
    if cards:
        display_container(container, cards)
    else:
        _display(container)


def _cards_in(widget: Any, seen: set[int]) -> Iterator[DisplayedCard]:
    """Yield the cards in a widget, in their order; a widget that contains itself is visited once."""
    if isinstance(widget, CardWidget):
        yield widget
    elif id(widget) not in seen:
        seen.add(id(widget))
        for child in getattr(widget, "children", ()):
            yield from _cards_in(child, seen)
        for output in getattr(widget, "outputs", ()):
            yield from registry.in_output(output)
