"""The card: what it shows (`wire`, `payload`), how the page asks (`protocol`), and the widget itself.

`fw.card("amber-heron")` is a call of this very module: `open_cards.card` says what it does.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flowrun_widgets.card.widget import FlowRunCard
    from flowrun_widgets.views.flow_run import FlowRunView


class Callable(ModuleType):
    """Importing the package `card` gives `flowrun_widgets` that attribute, where users look for a function."""

    def __call__(self, run: str | FlowRunView, *, follow: bool = False) -> FlowRunCard:
        """Return the card of a run, by its name or id: the newest open one, else a new one."""
        from flowrun_widgets.card.open_cards import card

        return card(run, follow=follow)


sys.modules[__name__].__class__ = Callable
