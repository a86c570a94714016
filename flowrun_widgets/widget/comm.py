"""`hear_messages()`: receive the messages of a card's page, also while a cell runs."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    import anywidget

__all__ = ["hear_messages"]


def hear_messages(card: anywidget.AnyWidget, heard: Callable[[Any, Any], object]) -> None:
    """Call `heard(card, content)` with each message of the page while the card exists, also while a cell runs.

    ipykernel 7 handles the next message in the thread that last published on the comm, which can be that of a running
    cell. So the comm is set to reply in the subshell that the page named. The handler keeps no reference to the card.
    """
    known = weakref.ref(card)

    def hear(_widget: Any, content: Any, _buffers: Any) -> None:
        target = known()
        if target is not None:
            heard(target, content)

    card.on_msg(hear)
    usual = getattr(card.comm, "_reply_subshell_for", None)
    if usual is not None:

        def answer_in(*call: Any, **options: Any) -> Any:
            is_known = len(call) == 2 and not options
            return call[1] if is_known else usual(*call, **options)

        vars(card.comm)["_reply_subshell_for"] = answer_in
