"""What axe-core finds in the card: nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .card_page import CardPage
from .runs import DEMO

if TYPE_CHECKING:
    from .lab import Lab, Theme

TABS = ("Task runs", "Timeline", "Details", "Logs")


def test_axe_finds_nothing_in_any_tab_in_light_and_dark(standing: Lab, card: CardPage) -> None:
    themes: tuple[Theme, ...] = ("light", "dark")
    found = {}
    for theme in themes:
        standing.theme(theme)
        for tab in TABS:
            card.show(tab)
            found[theme, tab] = standing.axe(card.root)
        card.filter.fill("level>=warning tsk:load")
        card.root.get_by_text("Unknown key").wait_for()
        found[theme, "wrong term"] = standing.axe(card.root)
        card.filter.fill("needle")
        card.expect_hits(5)
        found[theme, "hits"] = standing.axe(card.root)
        card.filter.fill("")
    assert {where: what for where, what in found.items() if what} == {}


def test_axe_finds_nothing_on_cards_of_other_runs(lab: Lab) -> None:
    """Done, cancelled and not begun, on narrow cards."""
    names = ("succeeded", "cancelled", "live")
    cells = [f"fw.FlowRunView.from_flow_run_id(demo.{name})" for name in names]
    lab.write("others.ipynb", [DEMO, *cells])
    lab.open("others.ipynb")
    lab.width(700)
    lab.run_all()
    found = {}
    for at, name in enumerate(names, 1):
        card = CardPage(lab.cell(at)).wait()
        card.root.scroll_into_view_if_needed()
        found[name] = lab.axe(card.root)
    assert {where: what for where, what in found.items() if what} == {}
