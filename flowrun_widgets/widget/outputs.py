"""Intercepting what a kernel publishes: a run's bundle becomes two outputs, and cleared outputs are noticed."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from flowrun_widgets.forks import unlocked_in_child
from flowrun_widgets.notebook import kernel
from flowrun_widgets.widget import cells
from flowrun_widgets.widget.displayed import VIEW
from flowrun_widgets.widget.registry import in_output

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flowrun_widgets.widget.displayed import DisplayedCard

    Show = Callable[[DisplayedCard, str | None, bool], None]
    """Shows a card as two outputs: under the user's display id, if any, and, on an update, in place of its output."""

__all__ = ["TwinData", "listen", "widget_id"]

EMPTY = {"text/plain": ""}

_lock = unlocked_in_child(threading.Lock())
_heard: list[Any] = []
"""The shells whose publishers were wrapped."""


class TwinData(dict[str, str]):
    """The data of a twin that is published again; its widget is not replaced."""


def listen(show: Show) -> None:
    """From now on, publish the bundles of runs in this kernel with `show`.

    The shell's publisher has no hook for clearing an output, in ipykernel 6 none for the result of a cell, and its
    hooks are per thread. So its methods are replaced, once.
    """
    running = kernel()
    if running is None:
        return
    shell = running.shell
    with _lock:
        if shell in _heard:
            return
        _heard.append(shell)
    publisher = _Publisher(shell.display_pub, show)
    result = _Result(shell.displayhook, publisher)
    shell.display_pub.publish = publisher.publish
    shell.display_pub.clear_output = publisher.clear_output
    shell.displayhook.write_format_data = result.write


class _Publisher:
    """Wraps the methods of a kernel's display publisher."""

    def __init__(self, real: Any, show: Show) -> None:
        self._publish, self._clear_output = real.publish, real.clear_output
        self._show = show

    def publish(self, data: Any, *args: Any, **options: Any) -> None:
        """Publish an output, or two for the bundle of a run."""
        name: str | None = (options.get("transient") or {}).get("display_id")
        is_update = bool(options.get("update"))
        card = _card_of(data)
        if card is not None and (not is_update or cells.card_at(name) is not None):
            self._show(card, name, is_update)
            return
        self._publish(data, *args, **options)
        if name is None or not is_update or isinstance(data, TwinData):
            return
        if cells.card_at(name) is not None:
            # Another object replaces a card.
            cells.leave(name)
            self._publish(EMPTY, transient={"display_id": widget_id(name)}, update=True)

    def clear_output(self, *args: Any, **options: Any) -> None:
        """Clear the output of the running cell, and forget the cards in it."""
        self._clear_output(*args, **options)
        cells.cleared()


class _Result:
    """Wraps the method that receives the result of a cell."""

    def __init__(self, real: Any, publisher: _Publisher) -> None:
        self._write = real.write_format_data
        self._publisher = publisher

    def write(self, format_dict: Any, md_dict: Any = None) -> None:
        """Write a result; that of a run is published at once, and removed from the result."""
        if _card_of(format_dict) is None:
            self._write(format_dict, md_dict)
            return
        self._publisher.publish(dict(format_dict), md_dict)
        format_dict.clear()  # IPython keeps this dict


def widget_id(name: str) -> str:
    """Return the display id of the widget whose twin has the user's display id `name`."""
    return f"{name}-card"


def _card_of(data: Mapping[str, Any]) -> DisplayedCard | None:
    """Return the open card that this bundle displays."""
    if VIEW not in data or "text/html" not in data:
        return None
    return next(iter(in_output({"data": data})), None)
