"""The tour in Voilà, whose kernel ends while the page is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.demo import ROOT, expect_lines

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from .programs import Programs


def test_every_card_shows_its_lines_once_its_kernel_has_gone(
    browser: Browser, programs: Programs
) -> None:
    notebook = ROOT / "notebooks" / "tour.ipynb"
    address = programs.serve(["-m", "voila", "--no-browser", "--Voila.ip=127.0.0.1", notebook])
    page = browser.new_page(viewport={"width": 1280, "height": 2000})
    page.goto(address)
    page.get_by_role("tablist").nth(1).wait_for()
    programs.end(address)
    expect_lines(page.locator("body"))
    page.close()
