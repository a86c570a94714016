"""A card as a guest of JupyterLab: keys, copying, find, widths, and styles that are not its own."""

from __future__ import annotations

import re
import string
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from .card_page import CardPage
from .lab import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator

    from .lab import Lab

LINES = 20_000
PANEL = "window.jupyterapp.shell.currentWidget"
HEARD = """() => {
  window.flowrunCommands = [];
  window.flowrunListener ??= (window.jupyterapp.commands.commandExecuted.connect(
    // JupyterLab itself asks for the kernel when its menus are renewed.
    (_, { id }) => id.endsWith(":get-kernel") || window.flowrunCommands.push(id)), true);
}"""
OVERFLOWING = """(card, width) => {
  card.getRootNode().host.parentElement.style.width = `${width}px`;
  return new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => {
    const edge = card.getBoundingClientRect().right;
    const scrolls = at => at && at !== card
      && (/auto|scroll/.test(getComputedStyle(at).overflowX) || scrolls(at.parentElement));
    const isCut = at => at && at !== card
      && (/hidden|clip/.test(getComputedStyle(at).overflowX) || isCut(at.parentElement));
    done([...card.querySelectorAll('*')].filter(at => at.checkVisibility()
      && at.getBoundingClientRect().width > 1 && at.getBoundingClientRect().right > edge + 1
      && !scrolls(at) && (at.matches('button, input, [role=tab]') || !isCut(at))).map(at => at.outerHTML.slice(0, 120)));
  })));
}"""
COPIED = """async patience => {
  for (const until = Date.now() + patience; Date.now() < until;) {
    const text = await navigator.clipboard.readText();
    if (text !== '-' && text !== '') return text;
    await new Promise(requestAnimationFrame);
  }
  throw new Error('Nothing was copied');
}"""
ROW = ".line[data-at='{}']"


def hear_commands(lab: Lab) -> Callable[[], list[str]]:
    """Return what tells the commands that JupyterLab has run from now on."""
    lab.page.evaluate(HEARD)
    return lambda: lab.page.evaluate("window.flowrunCommands")


def focus(part: Locator) -> None:
    part.evaluate("part => part.focus()")


def go_to_first_row(card: CardPage) -> None:
    card.rows.first.click()
    card.press("Home")
    card.expect_row(1)


def copy(lab: Lab, card: CardPage) -> list[str]:
    """Press Ctrl+C and return what is copied, once the card has said how many lines that is."""
    lab.page.evaluate("navigator.clipboard.writeText('-')")
    lab.page.keyboard.press("Control+c")
    text = lab.page.evaluate(COPIED, PATIENCE)
    lines = [line for line in text.splitlines() if re.match(r"\d{4}-\d\d-\d\d ", line)]
    number = f"{len(lines):,}".replace(",", "\u202f")
    said = card.root.locator(".footer").get_by_role("status").filter(has_text="Copied")
    expect(said).to_have_text(f"Copied {number} lines")
    card.press("Escape")
    return lines


def test_the_notebooks_shortcuts_work_while_a_row_has_the_focus(
    standing: Lab, card: CardPage
) -> None:
    page = standing.page
    row = card.rows.nth(2)
    row.click()
    heard = hear_commands(standing)
    for keys, command in (
        ("Control+s", "docmanager:save"),
        ("Control+b", "application:toggle-left-area"),
        ("Control+b", "application:toggle-left-area"),
        ("Control+Shift+c", "apputils:activate-command-palette"),
    ):
        before = heard().count(command)
        focus(row)
        page.keyboard.press(keys)
        standing.wait_for(
            f"window.flowrunCommands.filter(id => id === '{command}').length > {before}"
        )
    page.keyboard.press("Escape")
    ran = f"{PANEL}.content.widgets[1].model.executionCount"
    before = page.evaluate(ran)
    focus(row)
    page.keyboard.press("Shift+Enter")
    standing.wait_for(f"{ran} > {before}")
    standing.wait_until_idle()
    CardPage(standing.cell(1)).wait()


def test_no_key_on_the_card_runs_a_command_of_the_notebook(standing: Lab, card: CardPage) -> None:
    """In command mode `x`, `d d`, `a`, `b`, `z`, `m`, `Enter`, … are JupyterLab's keys for cells."""
    page = standing.page
    cells = page.evaluate(f"{PANEL}.content.widgets.length")
    card.rows.nth(2).click()
    heard = hear_commands(standing)
    keys = [*string.ascii_letters, *string.digits, "d", "d", "0", "0", "Space", "Enter", "Escape",
            "ArrowUp", "ArrowDown", "Shift+ArrowDown", "Shift+J", "Delete", "Control+a", "Control+c"]  # fmt: skip
    stop = "[role=row][tabindex='0'], .log-rows[tabindex='0']"
    places = {
        "row": lambda: card.root.locator(stop).first,
        "tab": lambda: card.tabs.locator("[aria-selected=true]"),
        "button": lambda: card.button("Refresh"),
    }
    for name, place in places.items():
        for key in keys:
            if name == "button" and key in {"Enter", "Space"}:
                continue
            focus(place())
            page.keyboard.press(key)
            if key in {"f", "F"}:
                card.filter.fill("")
        card.page.keyboard.press("Escape")
        assert (name, heard()) == (name, [])
    for tab, part in (("Task runs", "[role=treegrid] [role=row]"), ("Timeline", "[tabindex='0']")):
        card.show(tab)
        focus(card.root.get_by_role("tabpanel").locator(part).last)
        for key in ("x", "d", "d", "a", "b", "c", "v", "z", "m", "y", "r", "1"):
            page.keyboard.press(key)
        assert (tab, heard()) == (tab, [])
    assert page.evaluate(f"{PANEL}.content.widgets.length") == cells
    assert standing.errors == []


def test_a_selection_is_copied_whole_however_much_of_it_is_drawn(
    standing: Lab, card: CardPage
) -> None:
    go_to_first_row(card)
    card.lines.locator(ROW.format(3)).click()
    card.lines.evaluate("rows => { rows.scrollTop = 20 * 9_000; }")
    far = card.lines.locator(ROW.format(9_005))
    far.click(modifiers=["Shift"])
    assert 9_000 < len(copy(standing, card)) <= 9_003  # the rest are dividers

    card.press("Control+a")
    assert len(copy(standing, card)) == LINES

    card.press("Home")
    card.expect_row(1)
    card.lines.scroll_into_view_if_needed()
    box = card.lines.bounding_box()
    start = card.lines.locator(ROW.format(2)).bounding_box()
    assert box
    assert start
    mouse = standing.page.mouse
    mouse.move(start["x"] + 300, start["y"] + 10)
    mouse.down()
    mouse.move(start["x"] + 300, start["y"] + 60, steps=3)
    mouse.move(start["x"] + 300, box["y"] + box["height"] - 3, steps=3)
    card.lines.locator(ROW.format(60)).wait_for(state="attached")  # the edge scrolls
    mouse.up()
    expect(card.lines.locator("[role=row]:focus")).to_have_count(1)
    last = card.row()
    assert last > 40
    assert len(copy(standing, card)) == last - 2


def test_find_is_the_cards_own(standing: Lab, card: CardPage) -> None:
    card.rows.nth(2).click()
    card.press("Control+f")
    expect(card.filter).to_be_focused()
    expect(standing.page.locator(".jp-DocumentSearch-overlay")).to_have_count(0)


@pytest.mark.parametrize("width", [280, 320, 500, 727])
def test_nothing_leaves_a_narrow_card(card: CardPage, width: int) -> None:
    for tab in ("Logs", "Task runs", "Timeline", "Details"):
        card.show(tab)
        assert (tab, card.root.evaluate(OVERFLOWING, width)) == (tab, [])
    card.show("Logs")
    expect(card.button("Go to line")).to_have_text(re.compile(r"Go to line \d"))


def test_cards_side_by_side_share_the_width(standing: Lab) -> None:
    """In a row, in a grid, and in a row on a tab."""
    standing.wait_until_idle()
    standing.run(5)
    cell = standing.cell(5)
    whole = cell.locator(".jp-OutputArea").first.bounding_box()
    boxes = [CardPage(cell, nth).wait().root.bounding_box() for nth in range(6)]
    assert whole
    for box in boxes:
        assert box
        assert 0.4 * whole["width"] < box["width"] < 0.52 * whole["width"]


def test_selection_and_suggestion_show_in_forced_colours(standing: Lab, card: CardPage) -> None:
    standing.reduced_motion()
    standing.forced_colors()
    drawn = """part => { const { outlineStyle, outlineWidth, borderStyle, backgroundColor, color, borderWidth }
      = getComputedStyle(part);
      return [outlineStyle, outlineWidth, borderStyle, borderWidth, backgroundColor, color].join(); }"""
    go_to_first_row(card)
    card.press("ArrowDown", "ArrowDown", "Shift+ArrowDown", "Shift+ArrowDown")
    chosen, other = (card.lines.locator(ROW.format(at)) for at in (3, 8))
    expect(chosen).to_have_attribute("aria-selected", "true")
    assert chosen.evaluate(drawn) != other.evaluate(drawn)
    card.press("Escape")
    card.filter.click()
    card.type("lev")
    expect(card.root.get_by_role("listbox")).to_be_visible()
    card.press("ArrowDown")
    options = card.root.get_by_role("option")
    picked = card.root.locator("[role=option][aria-selected=true]")
    expect(picked).to_be_visible()
    shown = picked.evaluate(drawn)
    card.press("ArrowDown")
    expect(picked).to_have_count(0)
    assert shown != options.first.evaluate(drawn)


def test_rules_and_direction_of_the_page_stay_outside(standing: Lab, card: CardPage) -> None:
    page = standing.page
    before = card.root.inner_text()
    left = "part => part.getBoundingClientRect().left - part.closest('article').getBoundingClientRect().left"
    badge = card.root.locator(".badge").evaluate(left)
    page.evaluate(
        """() => {
          document.body.dir = 'rtl';
          const style = document.head.appendChild(document.createElement('style'));
          style.className = 'flowrun-test';
          style.textContent = `* { letter-spacing: 3px !important; text-transform: uppercase !important;
            word-spacing: 9px !important; text-align: right; } button { display: none }`;
        }"""
    )
    try:
        inside = card.root.evaluate(
            """card => [...new Set([card, ...card.querySelectorAll('*')].flatMap(part => {
              const { letterSpacing, wordSpacing, textTransform } = getComputedStyle(part);
              return [letterSpacing, wordSpacing, textTransform];
            }))].sort()"""
        )
        assert inside == ["0px", "none", "normal"]
        assert card.root.inner_text() == before
        assert card.root.locator(".badge").evaluate(left) == badge
        expect(card.button("Refresh")).to_be_visible()
        expect(card.rows.first.locator("[dir=auto]").first).to_be_attached()
    finally:
        page.evaluate(
            "() => { document.body.dir = ''; document.querySelector('style.flowrun-test').remove(); }"
        )
