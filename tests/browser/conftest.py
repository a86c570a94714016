from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, sync_playwright

from .card_page import CardPage
from .lab import Lab
from .runs import HOLD, LONG, SHOW, SIDE_BY_SIDE
from .server import LabServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import BrowserContext, Playwright

SCREENSHOTS = Path(__file__).parents[2] / "build" / "screenshots"
CHROMIUM_OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
FAILED = pytest.StashKey[bool]()


# Of scope "package", since an open Playwright keeps an event loop running in the thread of the
# tests, and those that come after start loops of their own.


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="package")
def browser(playwright: Playwright, chromium_path: Path) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=chromium_path, args=list(CHROMIUM_OPTIONS))
    yield browser
    browser.close()


@pytest.fixture(scope="package")
def firefox(playwright: Playwright, firefox_path: Path) -> Iterator[Browser]:
    """Debian's Firefox, which is driven by WebDriver BiDi."""
    browser = playwright.firefox.launch(executable_path=firefox_path, channel="moz-firefox")
    yield browser
    browser.close()


@pytest.fixture(scope="package")
def lab_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    server = LabServer(tmp_path_factory.mktemp("lab"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def lab(browser: Browser, lab_server: LabServer, request: pytest.FixtureRequest) -> Iterator[Lab]:
    """A Lab in a new browser profile, with default settings and no kernel running."""
    shutil.rmtree(lab_server.settings, ignore_errors=True)
    name = re.sub(r"\W+", "-", request.node.name).strip("-")
    context = _profile(browser)
    lab = Lab(context.new_page(), lab_server, name, SCREENSHOTS)
    yield lab
    if request.node.stash.get(FAILED, False):
        lab.screenshot(f"failed-{name}")
    lab.close()
    context.close()


@pytest.fixture(scope="package")
def long_lab(browser: Browser, lab_server: LabServer) -> Iterator[Lab]:
    """A Lab that stays open, with a long failed run in its kernel."""
    context = _profile(browser)
    lab = Lab(context.new_page(), lab_server, "standing", SCREENSHOTS)
    selection, query = "print(len(card.selection))", "print(card.query)"
    lab.write("long.ipynb", [LONG, SHOW, selection, query, HOLD, SIDE_BY_SIDE])
    lab.open("long.ipynb")
    lab.run(0)
    yield lab
    lab.close()
    context.close()


@pytest.fixture(scope="package")
def runs_lab(browser: Browser, lab_server: LabServer) -> Iterator[Lab]:
    """A Lab that stays open, for lists of runs."""
    context = _profile(browser)
    lab = Lab(context.new_page(), lab_server, "runs", SCREENSHOTS)
    yield lab
    lab.close()
    context.close()


@pytest.fixture
def standing(long_lab: Lab, request: pytest.FixtureRequest) -> Iterator[Lab]:
    """The Lab of `card`. Cell 2 prints how many rows are selected, 3 the query; 4 holds the kernel; 5 shows two cards."""
    long_lab.errors.clear()
    long_lab.page.bring_to_front()  # behind others it would be drawn once a second
    yield long_lab
    if request.node.stash.get(FAILED, False):
        long_lab.screenshot("failed-" + re.sub(r"\W+", "-", request.node.name).strip("-"))
    long_lab.page.emulate_media(forced_colors="none", reduced_motion="no-preference")
    long_lab.theme("light")
    long_lab.width(1280)


@pytest.fixture
def card(standing: Lab) -> CardPage:
    """A new card of the long failed run, with the caret just before it."""
    standing.wait_until_idle()
    standing.run(1)
    card = CardPage(standing.cell(1)).wait()
    card.enter()
    return card


def _profile(browser: Browser) -> BrowserContext:
    return browser.new_context(
        viewport={"width": 1280, "height": 900},
        locale="en-GB",
        timezone_id="UTC",
        permissions=["clipboard-read", "clipboard-write"],
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report
