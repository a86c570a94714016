"""Cards in the rows and tabs of marimo have the width that they are given, and are usable where that is 320 pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.card_page import CardPage

from .conftest import patient
from .programs import ROOT
from .served import local_only

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Locator, Page

    from .programs import Programs

NOTEBOOK = """
import marimo

app = marimo.App()


@app.cell
def _():
    import marimo as mo
    import flowrun_widgets as fw

    demo = fw.demo(pace=1e-9)
    one, other = (fw.FlowRunView.from_flow_run_id(id) for id in (demo.failed, demo.cancelled))
    return mo, one, other


@app.cell
def _(mo, one, other):
    mo.hstack([one.card(), other.card()])
    return


@app.cell
def _(mo, one, other):
    mo.ui.tabs({"one": one.card(), "other": other.card()})
    return
"""
WINDOW_OF_320 = 840
"""In a window of this width the column of a notebook has room for two cards of 320 pixels."""
CUT = """card => {
  const { left, right } = card.getBoundingClientRect();
  return [...card.querySelectorAll('button, input')]
    .filter((one) => one.checkVisibility() && one.getBoundingClientRect().width)
    .filter((one) => one.getBoundingClientRect().left < left || one.getBoundingClientRect().right > right)
    .map((one) => one.ariaLabel ?? one.textContent);
}"""
"""The controls of a card that reach beyond it."""
PICTURES = ROOT / "build" / "hosts"


@pytest.fixture(scope="module")
def page(browser: Browser, programs: Programs) -> Iterator[Page]:
    notebook = programs.folder / "widths.py"
    notebook.write_text(NOTEBOOK, "utf-8")
    options = ("--headless", "--no-token", "--no-check")
    address = programs.serve(["-m", "marimo", "run", notebook, *options])
    context = patient(browser.new_context(viewport={"width": 1280, "height": 3_600}))
    context.route("**/*", local_only)
    page = context.new_page()
    page.goto(address)
    yield page
    context.close()
    programs.end(address)


@pytest.mark.parametrize("window", [1280, WINDOW_OF_320])
def test_cards_in_a_row_share_its_width(page: Page, window: int) -> None:
    page.set_viewport_size({"width": window, "height": 3_600})
    row = page.locator(".output-area").nth(0)
    one, other = (CardPage(row, nth).wait() for nth in range(2))
    room = width(row.locator(".output"))
    expect_widths([one, other], (room - gap(one, other)) / 2)
    assert gap(one, other) < 16
    assert page.evaluate("document.documentElement.scrollWidth") == window


def test_a_card_in_a_tab_is_as_wide_as_the_tab(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 3_600})
    tabs = page.locator(".output-area").nth(1)
    room = width(tabs.get_by_role("tabpanel").first)
    for name, run in (("one", "stoic-marmot"), ("other", "brisk-otter")):
        tabs.get_by_role("tab", name=name, exact=True).click()
        card = CardPage(tabs).wait()
        expect(card.root).to_contain_text(run)
        expect_widths([card], room)


def test_a_card_of_320_pixels_is_usable(page: Page) -> None:
    """Its log, filter, task runs and timeline are drawn within it and answer."""
    page.set_viewport_size({"width": WINDOW_OF_320, "height": 3_600})
    row = page.locator(".output-area").nth(0)
    for nth, (hits, task) in enumerate([(4, "post_balances"), (1, "rebuild_search")]):
        card = CardPage(row, nth).wait()
        assert width(card.root) <= 320
        expect(card.root.get_by_role("img", name="Lines over time")).to_be_visible()
        card.filter.fill("level>=warning" if nth else "level:error")
        card.expect_hits(hits)
        expect(card.rows.first).to_be_visible()
        assert card.root.evaluate(CUT) == []
        message = card.rows.first.locator(".message")
        assert width(message) >= width(message.locator("..")) * 0.4
        card.show("Task runs")
        expect(card.tasks.get_by_text(task).first).to_be_visible()
        card.show("Timeline")
        assert card.root.evaluate("card => card.scrollWidth - card.clientWidth") == 0
        card.show("Logs")
    page.screenshot(path=PICTURES / "marimo-320.png", clip={"x": 0, "y": 0, "width": WINDOW_OF_320, "height": 1_700})  # fmt: skip


def width(part: Locator) -> float:
    box = part.bounding_box()
    assert box
    return box["width"]


def gap(one: CardPage, other: CardPage) -> float:
    left, right = one.root.bounding_box(), other.root.bounding_box()
    assert left
    assert right
    assert left["y"] == right["y"]
    return right["x"] - left["x"] - left["width"]


def expect_widths(cards: list[CardPage], expected: float) -> None:
    assert [width(card.root) for card in cards] == pytest.approx([expected] * len(cards), abs=1)
