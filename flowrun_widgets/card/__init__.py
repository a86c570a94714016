"""The card: what it shows (`wire`, `payload`), how the page asks (`protocol`), and the widget itself.

`fw.card("amber-heron")` is a call of this very module: it returns the newest card of that run that is open in this
kernel, else a new one; `follow=True` has it follow the run.
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

    def __call__(
        self, run: str | FlowRunView | None = None, *, follow: bool = False
    ) -> FlowRunCard:
        """Return the card of a run: the newest one that is open in this kernel, else a new one.

        Args:
            run: the run's name or id, or the run itself; None: the card that was opened last.
            follow: have it follow the run from now on, as `card.follow = True` does.

        Free if such a card is open; else it costs what `FlowRunView.from_flow_run_id` costs, and by name one more
        request, which looks among the newest 200 runs. Raises NotFound, Ambiguous or InvalidArgument.
        """
        from flowrun_widgets.card.open_cards import card

        return card(run, follow=follow)


sys.modules[__name__].__class__ = Callable
