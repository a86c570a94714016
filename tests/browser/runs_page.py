"""The table of a list of runs on a page, found by the roles and names that a screen reader says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from .lab import PATIENCE

if TYPE_CHECKING:
    from playwright.sync_api import Locator

expect.set_options(timeout=PATIENCE)


class RunsPage:
    """The table within a part of the page."""

    def __init__(self, part: Locator) -> None:
        self.page = part.page
        self.root = part.get_by_role("article", name=re.compile("^Flow runs"))
        self.grid = self.root.get_by_role("grid", name="Flow runs")
        self.rows = self.grid.locator("[role=row][aria-rowindex]:not([aria-rowindex='1'])")
        self.filter = self.root.get_by_label("Find a run")
        self.status = self.root.get_by_role("status")
        self.footer = self.root.locator("footer")
        self.opened = part.get_by_role("article", name=re.compile("^Flow run "))

    def wait(self) -> RunsPage:
        expect(self.rows.first).to_be_visible()
        return self

    def row(self, number: int) -> Locator:
        """Return the row with this number, from 1."""
        return self.grid.locator(f"[aria-rowindex='{number + 1}']")

    def named(self, name: str) -> Locator:
        return self.rows.filter(has=self.page.get_by_text(name, exact=True))

    def head(self, name: str) -> Locator:
        return self.grid.get_by_role("columnheader", name=name)

    def sort(self, name: str) -> None:
        self.head(name).get_by_role("button").click()

    def names(self) -> list[str]:
        """Return the names of the runs in the rows that are drawn, from the top."""
        rows = self.rows.evaluate_all(
            """rows => rows.map(row => [Number(row.ariaRowIndex), row.querySelector('[role=rowheader]').innerText])
              .sort(([a], [b]) => a - b).map(([, name]) => name)"""
        )
        return [str(name) for name in rows]

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def expect_focus(self, number: int) -> None:
        expect(self.row(number)).to_be_focused()
