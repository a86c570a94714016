"""Pages that are opened as files, without a network, in each situation."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, Page

    from .executed import Executed

WINDOW = {"width": 1280, "height": 4_000}


class FileHost:
    """Pages made of notebooks. `make` is told the notebook, and whether the page is for somebody who trusts nothing."""

    def __init__(
        self,
        browser: Browser,
        executed: Executed,
        saved: Callable[[], Path],
        make: Callable[[Path, bool], Path],
        *,
        has_marks: bool = True,
        cards: int = 0,
        runs_scripts: Callable[[str], bool] = lambda _: True,
    ) -> None:
        self.has_marks = has_marks
        self.cards = cards
        self._executed = executed
        self._saved = saved
        self._made = cache(make)
        self._runs_scripts = runs_scripts
        self._browser = browser
        self._contexts: list[BrowserContext] = []

    def enter(self, situation: str) -> Page:
        notebooks = {
            "saved and re-opened": self._saved,
            "papermill": lambda: self._executed.by_papermill,
        }
        notebook = notebooks.get(situation, lambda: self._executed.by_nbclient)()
        page = self._made(notebook, situation == "untrusted")
        self.close()
        context = self._browser.new_context(
            viewport=WINDOW,
            locale="en-GB",
            timezone_id="UTC",
            offline=True,
            java_script_enabled=self._runs_scripts(situation),
        )
        self._contexts.append(context)
        tab = context.new_page()
        tab.goto(page.as_uri())
        if situation == "page reload":
            tab.reload()
        return tab

    def close(self) -> None:
        while self._contexts:
            self._contexts.pop().close()
