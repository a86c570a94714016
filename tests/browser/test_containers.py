"""Cards beside each other, in containers and in copied cells: live ones and twins, and nobody else's output hidden."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from .card_page import CardPage
from .lab import PATIENCE
from .runs import RUNNING

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from .lab import Lab

expect.set_options(timeout=PATIENCE)

RUNS = """
import ipywidgets
from IPython.display import clear_output, display
import flowrun_widgets as fw
demo = fw.demo()
runs = fw.find_flow_runs()
failed, other = fw.FlowRunView.from_flow_run_id(demo.failed), runs["amber-heron"]
"""
NAMES = ("stoic-marmot", "amber-heron")
DEAD = ("Error displaying widget", "model not found", "Loading widget", "object at 0x")

SIDE_BY_SIDE = """
print("before")
fw.show(failed)
print("between")
display(other.card())
print("after")
"""
IN_A_TAB = """
fw.show(ipywidgets.Tab([failed.card(), ipywidgets.HBox([other.card()])]))
print("after")
"""
IN_A_BOX = """
fw.show(ipywidgets.VBox([ipywidgets.Label("two runs"), failed.card(), other.card()]))
print("after")
"""
IN_AN_ACCORDION = """
fw.show(ipywidgets.Accordion([failed.card(), other.card()], selected_index=0))
print("after")
"""
CELLS = {
    SIDE_BY_SIDE: ("before", "between", "after"),
    IN_A_TAB: ("after",),
    IN_A_BOX: ("after",),
    IN_AN_ACCORDION: ("after",),
}
"""Cells with two cards each, and what else is to be read there."""


def twins(part: Locator) -> Locator:
    return part.locator(".frw-fallback")


def expect_only_twins(cell: Locator, *words: str) -> None:
    """Wait until a cell without a kernel shows both runs as twins, these words, and nothing that is dead."""
    cell.scroll_into_view_if_needed()
    for name in NAMES:
        expect(twins(cell).filter(has_text=name).first).to_be_visible()
    for word in words:
        expect(cell.get_by_text(word, exact=True)).to_be_visible()
    shown = cell.inner_text()
    assert [dead for dead in DEAD if dead in shown] == []


def expect_only_cards(cell: Locator, *words: str) -> None:
    """Wait until a cell shows two live cards, these words, and no twin."""
    cell.scroll_into_view_if_needed()
    expect(cell.locator(".frw-live")).to_have_count(2)
    for twin in twins(cell).all():
        expect(twin).to_be_hidden()
    for word in words:
        expect(cell.get_by_text(word, exact=True)).to_be_visible()


def test_cards_are_live_and_later_twins(lab: Lab) -> None:
    """Two cards in one cell with prints between them, and in containers; on paper twins."""
    lab.write("cards.ipynb", [RUNS, *CELLS])
    lab.open("cards.ipynb")
    lab.run_all()
    for number, words in enumerate(CELLS.values(), 1):
        expect_only_cards(lab.cell(number), *words)
    lab.page.emulate_media(media="print")
    expect(lab.cell(1).locator(".frw-live").first).to_be_hidden()
    expect(twins(lab.cell(1)).first).to_be_visible()
    lab.page.emulate_media(media="screen")
    expect_only_cards(lab.cell(1))
    lab.save()
    lab.reopen()
    for number, words in enumerate(CELLS.values(), 1):
        expect_only_twins(lab.cell(number), *words)
        lab.screenshot(f"twins-in-cell-{number}")
    assert lab.errors == []


def test_an_output_widget_has_its_twin_beside_it(lab: Lab) -> None:
    """In the cell of the card its neighbours stay; another cell shows the widget again, with the twin."""
    fill = """
out = ipywidgets.Output()
display(out)
with out:
    print("inner before")
    display(failed)
    print("inner after")
print("outer after")
"""
    lab.write("output.ipynb", [RUNS, fill, "fw.show(out)\nprint('last')"])
    lab.open("output.ipynb")
    lab.run(0)
    lab.run(1)
    CardPage(lab.cell(1)).wait()
    expect(twins(lab.cell(1))).to_be_hidden()
    for words in ("inner before", "inner after", "outer after"):
        expect(lab.cell(1).get_by_text(words, exact=True)).to_be_visible()
    lab.run(2)
    CardPage(lab.cell(2)).wait()
    for words in ("inner before", "inner after", "last"):
        expect(lab.cell(2).get_by_text(words, exact=True)).to_be_visible()
    for twin in twins(lab.cell(2)).all():
        expect(twin).to_be_hidden()
    lab.save()
    lab.reopen()
    expect(twins(lab.cell(2)).filter(has_text="stoic-marmot")).to_be_visible()
    shown = lab.cell(2).inner_text()
    assert [dead for dead in DEAD if dead in shown] == []
    assert "last" in shown


def test_a_cell_that_is_cleared_and_run_again_has_one_twin(lab: Lab) -> None:
    lab.write("cleared.ipynb", [RUNS, "display(other)\nclear_output()\ndisplay(failed)"])
    lab.open("cleared.ipynb")
    lab.run(0)
    for _ in range(2):
        lab.run(1)
        CardPage(lab.cell(1)).wait()
        expect(lab.cell(1).locator(".frw-live")).to_have_count(1)
    lab.save()
    lab.reopen()
    expect(twins(lab.cell(1))).to_have_count(1)
    expect(twins(lab.cell(1))).to_be_visible()


def test_a_card_hides_no_twin_of_another_cell(lab: Lab) -> None:
    """A copied cell has the twin of its model; so has, by chance, a cell that ran in another kernel."""
    lab.write("copied.ipynb", [RUNS, "failed", "failed"])
    lab.open("copied.ipynb")
    lab.run_all()
    lab.page.evaluate(
        """async () => {
          const { commands, shell } = window.jupyterapp;
          shell.currentWidget.content.activeCellIndex = 1;
          await commands.execute('notebook:copy-cell');
          await commands.execute('notebook:paste-cell-below');
        }"""
    )
    expect(lab.page.locator(".jp-Notebook .jp-CodeCell")).to_have_count(4)
    lab.save()
    lab.reopen()
    for cell in (1, 2, 3):
        expect(twins(lab.cell(cell))).to_be_visible()
    lab.run(0)
    lab.run(3)
    CardPage(lab.cell(3)).wait()
    expect(twins(lab.cell(3))).to_be_hidden()
    expect(twins(lab.cell(1))).to_be_visible()
    expect(twins(lab.cell(2))).to_be_visible()
    lab.run(1)
    CardPage(lab.cell(1)).wait()
    expect(twins(lab.cell(1))).to_be_hidden()
    expect(twins(lab.cell(2))).to_be_visible()


def test_a_reloaded_page_says_of_when_the_saved_copy_is(lab: Lab) -> None:
    """What is republished after a reload does not reach the file; running the cell again does."""
    lab.write("saved.ipynb", [RUNNING, "run", "replay.advance(20)"])
    lab.open("saved.ipynb")
    lab.run(0)
    lab.run(1)
    lab.save()
    lab.reload()
    card = CardPage(lab.cell(1)).wait()
    made = re.search(
        r"As of ([\d:]+ UTC)", lab.read("saved.ipynb").cells[1].outputs[0].data["text/plain"]
    )
    assert made
    lab.run(2)
    card.button("^Refresh").click()
    words = card.root.get_by_text(f"Saved copy: {made[1]}")
    expect(words).to_be_visible()
    lab.save()
    assert made[0] in lab.read("saved.ipynb").cells[1].outputs[0].data["text/plain"]
    lab.run(1)
    CardPage(lab.cell(1)).wait()
    expect(words).to_have_count(0)


def test_a_live_container_stays_when_its_cards_are_closed(lab: Lab) -> None:
    show = "cards = [failed.card(), other.card()]\nfw.show(ipywidgets.VBox([ipywidgets.Label('two runs'), *cards]))"
    lab.write("closed.ipynb", [RUNS, show, "for card in cards:\n    card.close()"])
    lab.open("closed.ipynb")
    lab.run(0)
    lab.run(1)
    expect_only_cards(lab.cell(1), "two runs")
    lab.run(2)
    expect(lab.cell(1).locator(".frw-live")).to_have_count(0)
    expect_only_twins(lab.cell(1), "two runs")
