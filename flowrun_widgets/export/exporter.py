"""The nbconvert exporter of notebooks to one page: `jupyter nbconvert --to flowrun-html night.ipynb`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bs4 import BeautifulSoup
from nbconvert.exporters.html import HTMLExporter
from traitlets import Bool

from flowrun_widgets.export.frame import STYLES, policy_element, script_element
from flowrun_widgets.export.notebook_redaction import NotebookRedaction
from flowrun_widgets.export.saved_cards import with_places
from flowrun_widgets.settings import chosen_redaction

if TYPE_CHECKING:
    from bs4.element import Tag

__all__ = ["FlowRunHtmlExporter"]

ACTIVE = "script, base, link, iframe, frame, object, embed, meta[http-equiv]"
"""Elements that load something, run something or navigate elsewhere."""


class FlowRunHtmlExporter(HTMLExporter):
    """Writes one file that loads nothing: Markdown and code as JupyterLab shows them, and the cards of flow runs.

    A card shows what the notebook has saved of it. Other scripts, and images that are not in the notebook, are removed.
    """

    export_from_notebook = "HTML that works offline, with flow runs"

    redact = Bool(
        None,
        allow_none=True,
        help="Remove keys, tokens and passwords; the default is FLOWRUN_REDACT, or yes if that is not set.",
    ).tag(config=True)

    def from_notebook_node(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, nb: Any, resources: Any = None, **options: Any
    ) -> tuple[str, Any]:
        """Return the page and, in `resources["flowrun"]`, the numbers of its cards and of redacted values.

        The values that were redacted when the cards were displayed are counted too.
        """
        copy, cards = with_places(nb)
        redaction, redacted = chosen_redaction(self.redact), None
        if redaction is not None:
            cleaning = NotebookRedaction(redaction)
            cleaning.cells(copy.cells)
            before = sum(card.redacted for card in cards)
            cards = [cleaning.card(card) for card in cards]
            redacted = before + cleaning.count
        page, resources = super().from_notebook_node(copy, resources, **options)
        data = "".join(card.blocks(number) for number, card in enumerate(cards))
        resources["flowrun"] = {"cards": len(cards), "redacted": redacted}
        return _offline(page, data + script_element()), resources


def _offline(page: str, rest: str) -> str:
    """Return a page that loads and runs nothing except `rest`, which is appended to it."""
    soup = BeautifulSoup(page, "html.parser")
    for element in soup.select(ACTIVE):
        element.decompose()
    for element in soup.find_all(True):
        _quiet(element)
    for place in soup.select(".frw-page-card"):
        # A card has its own styles, as in a live notebook.
        place.parent["class"] = "jp-OutputArea-output"  # pyright: ignore[reportOptionalSubscript]
    head = soup.head or soup
    style = soup.new_tag("style")
    style.string = STYLES
    head.append(style)
    head.insert(0, BeautifulSoup(policy_element(), "html.parser"))
    text = str(soup)
    before, end, after = text.rpartition("</body>")
    return f"{before}{rest}{end}{after}" if end else text + rest


def _quiet(element: Tag) -> None:
    """Remove the attributes that would run a script or load an image from elsewhere."""
    for name in [*element.attrs]:
        value = str(element.attrs[name]).strip().lower()
        is_away = name in {"src", "srcset", "poster", "background"} and not value.startswith(
            "data:"
        )
        if name.startswith("on") or is_away:
            del element.attrs[name]
