"""Exported pages in real browsers, opened as files, without a network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.card_page import CardPage
from tests.stores import nothing_configured, recorded, recorded_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import BrowserContext, ConsoleMessage, Page

__all__ = ["nothing_configured", "recorded", "recorded_store"]

OPTIONS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")

only_chromium = pytest.mark.parametrize("browser", ["chromium"], indirect=True)
"""For what WebDriver BiDi has no means for in Firefox: a page without scripts, downloads, and paper."""


class OpenPage:
    """A page in a browser, what it has asked the network for, and what its console complained about."""

    def __init__(self, context: BrowserContext, path: Path, fragment: str) -> None:
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self._address = path.as_uri()
        context.route("**/*", self._route)
        self.page: Page = context.new_page()
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(self._address + fragment)

    def card(self, nth: int = 0) -> CardPage:
        return CardPage(self.page.locator("body"), nth).wait()

    def _route(self, route) -> None:
        address = route.request.url.partition("#")[0]
        if address == self._address:
            route.continue_()
        else:
            self.requests.append(address)
            route.abort()

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)


@pytest.fixture(scope="package", params=["chromium", "firefox"])
def browser(request: pytest.FixtureRequest) -> Iterator[Browser]:
    """Chromium, and Debian's Firefox, which is driven by WebDriver BiDi."""
    path = request.getfixturevalue(f"{request.param}_path")
    with sync_playwright() as playwright:
        browser = (
            playwright.chromium.launch(executable_path=path, args=list(OPTIONS))
            if request.param == "chromium"
            else playwright.firefox.launch(executable_path=path, channel="moz-firefox")
        )
        yield browser
        browser.close()


@pytest.fixture
def opened(browser: Browser) -> Iterator[Callable[..., OpenPage]]:
    """Opens a page: `opened(path, "#line=3", scripts=False)`. Afterwards nothing may have been asked for."""
    contexts: list[BrowserContext] = []
    pages: list[OpenPage] = []

    def open_page(path: Path, fragment: str = "", *, scripts: bool = True) -> OpenPage:
        context = browser.new_context(
            viewport={"width": 1280, "height": 900},
            locale="en-GB",
            timezone_id="UTC",
            offline=True,
            java_script_enabled=scripts,
        )
        contexts.append(context)
        pages.append(OpenPage(context, path, fragment))
        return pages[-1]

    yield open_page
    requests = [address for page in pages for address in page.requests]
    for context in contexts:
        context.close()
    assert requests == []
