"""What displaying needs of a card."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, Self

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowrun_widgets.report.content import Content
    from flowrun_widgets.report.wire import Annotations, Payload
    from flowrun_widgets.views.flow_run import FlowRunSnapshot
    from flowrun_widgets.widget.twins import Twin

__all__ = ["VIEW", "DisplayedCard"]

VIEW = "application/vnd.jupyter.widget-view+json"
"""The type of an output that is the view of a widget."""


class DisplayedCard(Protocol):
    """A card, as outputs, cells and twins know it."""

    static_twin: Twin | None
    is_made_for_display: bool
    twin: Any
    comm: Any

    @property
    def model_id(self) -> str | None: ...
    @property
    def flow_run(self) -> FlowRunSnapshot: ...
    @property
    def content(self) -> Content: ...
    @property
    def shown(self) -> Payload: ...
    @property
    def evidence(self) -> Annotations: ...
    @property
    def is_following(self) -> bool: ...
    @property
    def hit_count(self) -> int | None: ...
    def open_again(self) -> Self: ...
    def show(self, run: Any) -> None: ...
    def close(self) -> None: ...
    def on_change(self, listener: Callable[[Payload], None]) -> None: ...
    def wait_until_open(self, timeout: float | None = None) -> bool: ...
    def wait_until_loaded(self, timeout: float | None = None) -> bool: ...
    def view_bundle(self) -> tuple[dict[str, Any], dict[str, Any]]: ...
