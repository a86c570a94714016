"""Everything that the card does, done without a mouse."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from .card_page import CardPage
from .runs import PENDING

if TYPE_CHECKING:
    from .lab import Lab

LINES = 20_000


def test_the_tabs_are_one_stop_in_which_arrows_go_on(card: CardPage) -> None:
    card.tab_to("tab", "Logs")
    for name in ("Task runs", "Timeline", "Details"):
        card.press("ArrowRight")
        expect(card.tab(name)).to_be_focused()
        expect(card.tab(name)).to_have_attribute("aria-selected", "true")
        expect(card.root.get_by_role("tabpanel", name=re.compile(name))).to_be_visible()
    card.press("Home")
    expect(card.tab("Logs")).to_have_attribute("aria-selected", "true")
    card.press("Tab")
    assert card.active().get("role") != "tab"


def test_lines_are_found_from_the_filter_line(standing: Lab, card: CardPage) -> None:
    """With suggestions, a wrong term, hits one after the other, and Esc that never takes the text away."""
    card.tab_to("combobox", "Filter lines")
    card.type("lev")
    suggestions = card.root.get_by_role("listbox")
    expect(suggestions).to_be_visible()
    expect(card.filter).to_have_attribute("aria-expanded", "true")
    card.press("ArrowDown")
    chosen = card.filter.get_attribute("aria-activedescendant")
    assert chosen
    expect(card.root.locator(f"[id='{chosen}']")).to_have_attribute("aria-selected", "true")
    card.press("Escape")
    expect(suggestions).to_be_hidden()
    expect(card.filter).to_have_value("lev")

    card.press("Control+a")
    card.type("needle")
    card.expect_hits(LINES // 4000)
    first = card.rows.filter(has_text="needle").first
    expect(first).to_be_visible()
    nth = card.root.get_by_role("search")
    expect(nth).to_contain_text(re.compile(r"1\sof\s5"))
    for key, number in (("Enter", 2), ("Enter", 3), ("Shift+Enter", 2)):
        card.press(key)
        expect(nth).to_contain_text(re.compile(rf"{number}\sof\s5"))

    card.page.keyboard.insert_text(" tsk:load")
    wrong = card.filter.get_attribute("aria-describedby")
    expect(card.root.get_by_text(re.compile("Unknown key: tsk"))).to_be_visible()
    assert wrong is None or card.root.locator(f"[id='{wrong}']").count() == 1
    expect(first).to_be_visible()

    card.press("Control+Backspace")
    expect(card.filter).to_have_value(re.compile(r"^needle tsk:?$"))
    card.press("Control+a", "Delete")
    expect(card.filter).to_have_value("")
    for _ in range(20):  # what was typed reaches Python beside the cell that asks for it
        standing.run(3)
        if (query := standing.output(3).inner_text().strip()) == "":
            break
    assert query == ""


def test_rows_are_walked_through_read_and_taken_out(standing: Lab, card: CardPage) -> None:
    card.tab_to("row")
    card.press("Home")
    card.expect_row(1)
    card.press("ArrowDown", "ArrowDown", "ArrowUp")
    card.expect_row(2)
    card.press("PageDown")
    assert card.row() > 10
    last_row = int(card.lines.get_attribute("aria-rowcount") or 0) - 1  # one is the head
    assert last_row >= LINES
    card.press("End")
    card.expect_row(last_row)
    card.press("Home")
    card.expect_row(1)

    focused = card.lines.locator("[role=row]:focus")
    card.press("e")
    expect(focused).to_contain_text("ERROR")
    error = card.row()
    card.press("End")
    card.expect_row(last_row)
    card.press("Shift+E")
    expect(focused).to_contain_text("Exception encountered")
    last = card.row()
    assert last > error

    card.press("Enter")
    expect(
        card.root.get_by_text('raise ConnectionResetError("Connection reset by peer")').last
    ).to_be_visible()
    card.press("ArrowLeft")

    card.press("c")
    copied = standing.page.evaluate("navigator.clipboard.readText()")
    assert "Exception encountered" in copied
    assert "raise ConnectionResetError" in copied
    card.press("Home", "Shift+ArrowDown", "Shift+ArrowDown", "c")
    copied = standing.page.evaluate("navigator.clipboard.readText()")
    assert len(copied.strip().splitlines()) == 3

    card.press("Home", "Space", "ArrowDown", "ArrowDown", "Space")
    expect(card.root).to_contain_text(re.compile(r"2\srows selected"))
    for _ in range(20):  # what was selected reaches Python beside the cell that asks for it
        standing.run(2)
        if (selected := standing.output(2).inner_text().strip()) == "2":
            break
    assert selected == "2"


def test_rows_wrap_and_filter_by_their_task(card: CardPage) -> None:
    card.tab_to("row")
    card.press("Home")
    card.expect_row(1)
    card.press("w")
    expect(card.button("Wrap")).to_have_attribute("aria-pressed", "true")
    card.press("w")
    expect(card.button("Wrap")).to_have_attribute("aria-pressed", "false")
    card.press("f")
    expect(card.filter).to_have_value(re.compile(r'^task="?extract\[\d+\]"?$'))
    card.press("/")
    expect(card.filter).to_be_focused()
    card.press("Control+a", "Delete")
    card.tab_to("row")
    card.press("Home")
    card.expect_row(1)
    card.press("Shift+F")
    expect(card.filter).to_have_value(re.compile(r'^-task="?extract\[\d+\]"?$'))


def test_a_line_is_pinned_with_a_note(card: CardPage) -> None:
    card.tab_to("row")
    card.press("Home")
    card.expect_row(1)
    card.press("p")
    note = card.root.get_by_role("textbox", name=re.compile("Note"))
    expect(note).to_be_focused()
    card.type("where it begins")
    card.press("Enter")
    pins = card.root.get_by_role("list", name=re.compile("pinned"))
    expect(pins).to_contain_text("where it begins")
    card.expect_row(1)
    card.press("p")
    expect(pins).to_be_hidden()


def test_task_runs_are_sorted_opened_and_followed_to_their_lines(card: CardPage) -> None:
    card.tab_to("tab", "Logs")
    card.press("ArrowRight")
    expect(card.tasks).to_be_visible()
    card.tab_to("row")
    group = card.tasks.locator("[role=row][aria-expanded]").first
    expect(group).to_be_visible()
    card.press("Home")
    focused = card.tasks.locator("[role=row]:focus")
    for _ in range(10):
        if focused.get_attribute("aria-expanded") is not None:
            break
        card.press("ArrowDown")
    was = focused.get_attribute("aria-expanded")
    card.press("ArrowLeft" if was == "true" else "ArrowRight")
    expect(focused).to_have_attribute("aria-expanded", "false" if was == "true" else "true")

    card.enter()
    card.tab_to("button", "Started")
    card.press("ArrowRight")
    while card.active().get("name") != "Ran":
        card.press("ArrowRight")
    card.press("Enter")
    head = card.tasks.get_by_role("columnheader", name="Ran")
    expect(head).to_have_attribute("aria-sort", re.compile("ascending|descending"))
    first = head.get_attribute("aria-sort")
    card.press("Enter")
    expect(head).not_to_have_attribute("aria-sort", first or "")

    card.tab_to("row")
    card.press("End", "Enter")
    expect(card.tab("Logs")).to_have_attribute("aria-selected", "true")
    expect(card.filter).to_have_value(re.compile("^task"))


def test_the_list_of_keys_opens_and_closes(card: CardPage) -> None:
    card.tab_to("row")
    card.press("?")
    keys = card.root.get_by_role("region", name="Keys")
    expect(keys).to_be_visible()
    for words in ("next, previous error", "wrap lines", "copy the row", "next, previous hit"):
        expect(keys).to_contain_text(re.compile(words, re.IGNORECASE))
    card.press("Escape")
    expect(keys).to_be_hidden()
    assert card.active().get("role") == "row"


def test_keys_that_the_card_handles_do_not_reach_the_notebook(
    standing: Lab, card: CardPage
) -> None:
    """`c`, `x`, `d d` and `a` are JupyterLab's keys for cells."""
    before = standing.page.evaluate("window.jupyterapp.shell.currentWidget.content.widgets.length")
    card.tab_to("row")
    card.press("c", "w", "w", "e", "n", "f", "Enter", "Escape")
    assert (
        standing.page.evaluate("window.jupyterapp.shell.currentWidget.content.widgets.length")
        == before
    )
    assert standing.errors == []


def test_the_histogram_and_the_height_are_set_with_arrows(card: CardPage) -> None:
    card.tab_to("slider", "From")
    card.press("ArrowRight", "Shift+ArrowRight")
    expect(card.filter).to_have_value(re.compile(r"time:\d{4}-\d\d-\d\dT[\d:.]+Z"))
    card.tab_to("separator", "Height")
    height = card.lines.bounding_box()
    card.press("ArrowDown", "ArrowDown")
    assert height
    grown = card.lines.bounding_box()
    assert grown
    assert grown["height"] > height["height"]


def test_refresh_is_a_button_like_any_other(lab: Lab) -> None:
    lab.write("live.ipynb", [PENDING, "run", "demo.finish()"])
    lab.open("live.ipynb")
    lab.run(0)
    lab.run(1)
    lab.run(2)
    card = CardPage(lab.cell(1)).wait()
    card.enter()
    card.tab_to("button", "Refresh")
    card.press("Enter")
    expect(card.root).to_have_attribute("aria-label", re.compile("success", re.IGNORECASE))
    expect(card.status.filter(has_text="95 lines").first).to_be_attached()
    expect(card.button("Refresh")).to_be_focused()
