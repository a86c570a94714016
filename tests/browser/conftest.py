from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, sync_playwright

from .lab import Lab
from .server import LabServer

if TYPE_CHECKING:
    from collections.abc import Iterator

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
def browser(chromium_path: Path) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path, args=list(CHROMIUM_OPTIONS)
        )
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
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, locale="en-GB", timezone_id="UTC"
    )
    lab = Lab(context.new_page(), lab_server, name, SCREENSHOTS)
    yield lab
    if request.node.stash.get(FAILED, False):
        lab.screenshot(f"failed-{name}")
    lab.close()
    context.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report
