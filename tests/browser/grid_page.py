"""The grid of runs × tasks on a page, found by the roles and names that a screen reader says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from .lab import PATIENCE

if TYPE_CHECKING:
    from playwright.sync_api import Locator

expect.set_options(timeout=PATIENCE)

CURRENT = """grid => {
  const cell = grid.getRootNode().getElementById(grid.getAttribute('aria-activedescendant'));
  return cell?.ariaLabel ?? cell?.querySelector('.unseen')?.textContent ?? '';
}"""


class GridPage:
    """The grid within a part of the page."""

    def __init__(self, part: Locator) -> None:
        self.page = part.page
        self.root = part.get_by_role("article", name=re.compile("^Runs and tasks"))
        self.grid = self.root.get_by_role("grid", name="Runs and tasks")
        self.cells = self.grid.get_by_role("gridcell")
        self.names = self.grid.get_by_role("rowheader")
        self.readout = self.root.locator(".grid-readout")
        self.footer = self.root.locator("footer")
        self.opened = part.get_by_role("article", name=re.compile("^Flow run "))

    def wait(self) -> GridPage:
        expect(self.cells.first).to_be_attached()
        return self

    def cell(self, task: str, run: str) -> Locator:
        return self.grid.get_by_role(
            "gridcell", name=re.compile(rf"^{re.escape(task)}, {re.escape(run)}: ")
        )

    def head(self, run: str) -> Locator:
        return self.grid.get_by_role("columnheader", name=re.compile(rf"^{re.escape(run)}: "))

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def expect_current(self, words: str) -> None:
        """Wait until the cell with the focus has a name that begins with these words."""
        self.page.wait_for_function(
            f"([grid, words]) => ({CURRENT})(grid).startsWith(words)",
            arg=[self.grid.element_handle(), words],
        )

    def distance_from_right(self) -> float:
        return self.grid.evaluate("grid => grid.scrollWidth - grid.clientWidth - grid.scrollLeft")
