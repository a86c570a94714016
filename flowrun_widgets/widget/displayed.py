"""`DisplayedCard`: the protocol of a card that displaying needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, Self

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowrun_widgets.report.wire import Payload

__all__ = ["VIEW", "DisplayedCard", "DisplayedTwin"]

VIEW = "application/vnd.jupyter.widget-view+json"
"""The MIME type of an output that is the view of a widget."""


class DisplayedTwin(Protocol):
    """What stands beside a card in a notebook, as HTML without scripts."""

    def bundle(self) -> dict[str, str]: ...
    def text(self) -> str: ...
    def display(self, name: str | None = None, *, is_update: bool = False) -> None: ...
    def hear(self, _shown: Payload | None = None) -> None: ...


class DisplayedCard(Protocol):
    """The part of a card that outputs, cells and twins use. A list of runs has such a card, too."""

    static_twin: DisplayedTwin | None
    is_made_for_display: bool
    twin: Any
    comm: Any

    @property
    def model_id(self) -> str | None: ...
    @property
    def subject(self) -> object:
        """What the card shows: a run, or a list of runs."""
        ...

    @property
    def key(self) -> str:
        """A name of the subject, from which the class of its twin is made."""
        ...

    @property
    def is_following(self) -> bool: ...
    def shows(self, subject: object) -> bool:
        """Return whether `show(subject)` is possible."""
        ...

    def twin_bundle(self) -> dict[str, str]:
        """Return the twin as HTML, and as text and Markdown for those who see no HTML."""
        ...

    def twin_text(self) -> str:
        """Return the twin as text in full, for windows that do not show HTML."""
        ...

    def static_bundle(self) -> dict[str, str]:
        """Return the subject in every MIME type that needs no widget."""
        ...

    def open_again(self) -> Self: ...
    def show(self, subject: Any, /) -> None: ...
    def close(self) -> None: ...
    def on_change(self, listener: Callable[[Any], None]) -> None: ...
    def wait_until_open(self, timeout: float | None = None) -> bool: ...
    def wait_until_loaded(self, timeout: float | None = None) -> bool: ...
    def view_bundle(self) -> tuple[dict[str, Any], dict[str, Any]]: ...
