"""`DisplayedWidget`: the base class of the widgets of this package, which load their front end and have a static twin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import anywidget
import traitlets

from flowrun_widgets.forks import in_child
from flowrun_widgets.report.scripts import script
from flowrun_widgets.report.texts import HasTexts
from flowrun_widgets.widget import registry
from flowrun_widgets.widget.code import LOADER, code_hash, code_model, compressed
from flowrun_widgets.widget.comm import hear_messages
from flowrun_widgets.widget.display import card_bundle, output_of_card, texts_of_card
from flowrun_widgets.widget.displayed import VIEW, DisplayedTwin
from flowrun_widgets.widget.host import is_marimo

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["DisplayedWidget"]

_of_parents: list[Any] = []
"""Comms of the parent process of a fork, kept because deleting them would close them in the page."""


class DisplayedWidget(anywidget.AnyWidget, HasTexts):
    """A widget that is displayed as two outputs: its static twin, and its view, which hides the twin."""

    _esm = LOADER
    SCRIPT: ClassVar[str]
    """The name of the front end's script that draws it."""

    payload = traitlets.Bytes().tag(sync=True)
    """What it shows, as gzipped JSON. It is bytes, since text in a trait can break nbconvert's pages."""
    twin = traitlets.Unicode().tag(sync=True)
    """The class of its static twin."""
    code = traitlets.Unicode().tag(sync=True)
    """The id of the model that holds the front end's code."""
    code_hash = traitlets.Unicode().tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        self.static_twin: DisplayedTwin | None = None
        """The static twin, once the widget was displayed in a notebook."""
        self.is_made_for_display = False
        """Whether it was made to display an object, and no user code holds it."""
        # marimo stores equal code once, and shows a model only in the session that made it.
        if brings_code := is_marimo():
            self._esm = script(self.SCRIPT).decode()
        super().__init__(
            code="" if brings_code else code_model(self.SCRIPT).model_id or "",
            code_hash=code_hash(self.SCRIPT),
            twin="",
            **traits,
        )
        hear_messages(self, type(self)._heard)
        registry.opened(self)  # pyright: ignore[reportArgumentType] - subclasses complete the protocol
        in_child(self, DisplayedWidget._leave_page)

    def _leave_page(self) -> None:
        """Leave the page to the parent process; a forked child cannot show anything there."""
        _of_parents.append(self.comm)
        self.comm = None

    def close(self) -> None:
        """End the widget and its model."""
        self.static_twin = None
        layout = self.layout  # ipywidgets does not close it with its widget
        super().close()
        # ipywidgets also calls this for a closed widget; a closed card is displayed as a new one.
        vars(self).pop("_repr_mimebundle_", None)
        layout.close()

    def _repr_mimebundle_(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, **_: Any
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        return card_bundle(self)  # pyright: ignore[reportArgumentType]

    def _texts(self) -> dict[str, str]:
        return texts_of_card(self)  # pyright: ignore[reportArgumentType]

    def view_bundle(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the widget's view alone, with the metadata that tells Colab where to load its front end from."""
        bundle: Any = super()._repr_mimebundle_()
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        return {VIEW: data[VIEW]}, metadata

    def _display_(self) -> Any:
        """Return marimo's output for the widget."""
        return output_of_card(self)  # pyright: ignore[reportArgumentType]

    def _heard(self, content: Any) -> None:
        """Handle a message of the page."""
        if isinstance(content, dict) and content.get("kind") == "code":
            self.send({"kind": "code"}, [compressed(self.SCRIPT)])

    def _publish(self, content: dict[str, Any], buffers: Sequence[bytes]) -> None:
        if self.comm is not None:
            self.send(content, [*buffers] or None)
