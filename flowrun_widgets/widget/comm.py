"""How a card hears its page: a handler that keeps nothing alive, and a thread that is free."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    import anywidget

__all__ = ["hear_messages"]


def hear_messages(card: anywidget.AnyWidget, heard: Callable[[Any, Any], object]) -> None:
    """Call `heard(card, content)` with what the page sends, for as long as the card lives; also in a busy cell.

    ipykernel 7 sends the next message to the thread that last published on the comm, which a running cell is. So the
    comm is told to answer in the subshell that the page asked for.
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
