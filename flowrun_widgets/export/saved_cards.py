"""Finding the saved cards of a notebook, and replacing them with places for cards of a page."""

from __future__ import annotations

import re
from copy import deepcopy
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from flowrun_widgets.errors import ArchiveError
from flowrun_widgets.export.blocks import ANNOTATIONS, PAYLOAD, Block, block, unpacked
from flowrun_widgets.export.page import card_place

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["SavedCard", "with_places"]

VIEW = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"
RUNS_CODE = ("application/javascript", "text/vnd.mermaid")
"""MIME types that a page without other scripts cannot show."""
TWIN = 'class="frw-fallback '


class SavedCard(NamedTuple):
    """The content of a card when its notebook was saved. `annotations` are its pins and filter text, as JSON."""

    payload: dict[str, Any]
    annotations: Any

    @property
    def redacted(self) -> int:
        """How many values were redacted before it was saved."""
        count = self.payload.get("redacted")
        return count if type(count) is int and count > 0 else 0

    def blocks(self, number: int) -> str:
        """Return the data blocks of the card with this number."""
        noted = self.annotations
        more = "" if noted is None else block(number, ANNOTATIONS, msgspec.json.encode(noted))
        return block(number, PAYLOAD, msgspec.json.encode(self.payload)) + more


def with_places(notebook: Any) -> tuple[Any, list[SavedCard]]:
    """Return a copy of a notebook with a place for each saved card, and the cards in their order.

    For a card without saved data, its twin is kept; for other widgets, the other types of the same output.
    """
    copy = deepcopy(notebook)
    widgets = copy.metadata.pop("widgets", {})
    states = widgets.get(STATE, {}).get("state", {}) if isinstance(widgets, dict) else {}
    cards: list[SavedCard] = []
    for cell in copy.cells:
        if cell.get("cell_type") == "code":
            cell.outputs = [
                output
                for output in cell.get("outputs", [])
                if _is_shown(output, cell.outputs, states, cards)
            ]
    return copy, cards


def _is_shown(
    output: Any, others: Sequence[Any], states: Mapping[str, Any], cards: list[SavedCard]
) -> bool:
    """Replace the view of a card with a place; return False if the output is to be dropped."""
    data = output.get("data")
    if not isinstance(data, dict):
        return True
    if len(data) > 1:
        for kind in RUNS_CODE:
            data.pop(kind, None)
    view = data.pop(VIEW, None)
    if view is None:
        return True
    model = states.get(str(view.get("model_id")), {}) if isinstance(view, dict) else {}
    card = _card(model)
    if card is None:
        return any(data.values())
    number = len(cards)
    cards.append(card)
    uid = f"frw-page-{number}"
    twin = _twin(others, str(model["state"].get("twin", "")))
    if twin is not None:
        twin["text/html"] = f'<div class="{uid}">{_text(twin["text/html"])}</div>'
    data.clear()
    data["text/html"] = card_place(number, "" if twin is None else uid)
    return True


def _card(model: Any) -> SavedCard | None:
    try:
        if "code_hash" not in model["state"]:
            return None
        buffers = {one["path"][0]: one["data"] for one in model["buffers"] if one["path"]}
        shown = msgspec.json.decode(unpacked(Block(0, PAYLOAD, buffers["payload"])))
        if not isinstance(shown, dict) or not isinstance(shown.get("header"), dict):
            return None
    except (ArchiveError, msgspec.MsgspecError, LookupError, TypeError, ValueError):
        return None
    return SavedCard(shown, _annotations(buffers.get("annotations")))


def _annotations(text: object) -> Any:
    try:
        return msgspec.json.decode(unpacked(Block(0, ANNOTATIONS, text)))  # pyright: ignore[reportArgumentType]
    except (ArchiveError, msgspec.MsgspecError, TypeError, ValueError):
        return None


def _twin(others: Sequence[Any], name: str) -> Any:
    """Return the data of the output with the twin of that class."""
    if not re.fullmatch(r"[A-Za-z][\w-]{0,80}", name):
        return None
    for output in others:
        data = output.get("data")
        if isinstance(data, dict) and f'{TWIN}{name}"' in _text(data.get("text/html", "")):
            return data
    return None


def _text(value: object) -> str:
    return "".join(map(str, value)) if isinstance(value, list) else str(value)
