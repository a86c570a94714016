"""A card on a page, found by the roles and names that a screen reader says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from .lab import PATIENCE

if TYPE_CHECKING:
    from playwright.sync_api import Locator

expect.set_options(timeout=PATIENCE)

ACTIVE = """card => {
  const root = card.getRootNode();
  const active = root.activeElement;
  if (!card.contains(active)) return null;
  const pointed = root.getElementById(active.getAttribute('aria-activedescendant') ?? '');
  const at = pointed ?? active;
  return { role: at.getAttribute('role') ?? at.localName, row: at.closest('[data-at]')?.dataset.at ?? null,
           name: at.ariaLabel ?? at.textContent, tag: active.localName };
}"""


class CardPage:
    """The card within a part of the page; `nth` is which of several."""

    def __init__(self, part: Locator, nth: int = 0) -> None:
        self.root = part.get_by_role("article", name=re.compile("^Flow run ")).nth(nth)
        self.page = part.page
        self.tabs = self.root.get_by_role("tablist", name="Parts of the run")
        self.filter = self.root.get_by_role("combobox", name="Filter lines")
        self.lines = self.root.get_by_role("grid", name="Log lines")
        self.rows = self.lines.locator("[role=row][data-at]")
        self.tasks = self.root.get_by_role("treegrid")
        self.status = self.root.get_by_role("status")

    def wait(self) -> CardPage:
        """Wait until the card is there, live, with its tabs."""
        expect(self.tabs).to_be_visible()
        return self

    def tab(self, name: str) -> Locator:
        return self.tabs.get_by_role("tab", name=re.compile(f"^{name}"))

    def button(self, name: str) -> Locator:
        return self.root.get_by_role("button", name=re.compile(name))

    def show(self, tab: str) -> None:
        """Go to one of the tabs with the mouse."""
        self.tab(tab).click()
        expect(self.tab(tab)).to_have_attribute("aria-selected", "true")

    def expect_hits(self, count: int) -> None:
        """Wait until a status says how many lines fit; thousands are set apart by narrow spaces."""
        number = f"{count:,}".replace(",", r"\s")
        words = re.compile(rf"(^|\D){number} hits?\b")
        expect(self.status.filter(has_text=words).first).to_be_attached()

    # The keyboard

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)

    def enter(self) -> None:
        """Put the caret before the card, so that the next Tab goes to its first stop."""
        self.root.evaluate(
            "card => { card.getRootNode().activeElement?.blur(); getSelection().collapse(card, 0); }"
        )

    def active(self) -> dict[str, str | None]:
        """Return role, name and row number of what has the focus; empty if that is not in the card."""
        return self.root.evaluate(ACTIVE) or {}

    def tab_to(self, role: str, name: str = "", most: int = 60) -> None:
        """Press Tab until something of that role and name has the focus."""
        passed = []
        for _ in range(most):
            self.press("Tab")
            active = self.active()
            if active.get("role") == role and name in (active.get("name") or ""):
                return
            passed.append((active.get("role"), (active.get("name") or "")[:30]))
        raise AssertionError(f"Tab does not reach a {role} {name!r}; it passes {passed}")

    def row(self) -> int:
        """Return the number of the row that has the focus, from 1."""
        number = self.active().get("row")
        assert number is not None, f"no row has the focus, but {self.active()}"
        return int(number) + 1

    def expect_row(self, number: int) -> None:
        """Wait until the row of that number has the focus."""
        expect(self.lines.locator(f"[data-at='{number - 1}']")).to_be_focused()
