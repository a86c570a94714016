"""Voilà and marimo in each situation: programs that run a notebook themselves."""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from .notebook import MARIMO, RUNS

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page, Route

    from .executed import Executed
    from .programs import Programs

LOCAL = re.compile(r"^(https?|wss?)://(127\.0\.0\.1|localhost)[:/]|^(file|data|blob):")
MARIMO_CDN = re.compile(r"^https://cdn\.jsdelivr\.net/npm/@marimo-team/frontend@[^/]+/dist/(.+)$")
MARIMO_FILES = "import marimo, pathlib; print(pathlib.Path(marimo.__file__).parent / '_static')"


class VoilaHost:
    """A page of Voilà. Without a kernel: the server was ended, and its kernels with it, while the page was open."""

    has_marks = True
    cards = len(RUNS)

    def __init__(self, context: BrowserContext, programs: Programs, executed: Executed) -> None:
        context.route("**/*", local_only)
        self._page = context.new_page()
        self._programs = programs
        self._notebook = executed.source

    @cached_property
    def _address(self) -> str:
        options = ("--no-browser", "--Voila.ip=127.0.0.1", self._notebook)
        return self._programs.serve(["-m", "voila", *options])

    def enter(self, situation: str) -> Page:
        page = self._page
        if situation == "live kernel" or not page.url.startswith(self._address):
            page.goto(self._address)
            page.get_by_role("tablist").nth(2).wait_for()
        if situation == "page reload":
            page.reload()
        elif situation == "no kernel":
            self._programs.end(self._address)
        return page

    def close(self) -> None:
        self._page.context.close()


class MarimoHost:
    """A notebook of marimo: run as an app, exported as a page, and opened to be edited."""

    has_marks = True
    cards = len(RUNS)

    def __init__(self, context: BrowserContext, programs: Programs) -> None:
        context.route("**/*", self._with_front_end)
        self._page = context.new_page()
        self._programs = programs
        self._notebook = programs.folder / "runs.py"
        self._notebook.write_text(MARIMO, "utf-8")

    def enter(self, situation: str) -> Page:
        page = self._page
        if situation in ("live kernel", "page reload"):
            page.goto(self._app)
            if situation == "page reload":
                page.get_by_role("tablist").first.wait_for()
                page.reload()
        elif situation == "no kernel":
            page.goto(self._exported.as_uri())
        elif situation == "saved and re-opened":
            assert self._exported.exists()  # the session is saved with it
            page.goto(self._editor)
        elif situation == "kernel restarted":
            page.goto(self._editor)
            run_buttons = page.get_by_test_id("run-button")
            run_buttons.nth(1).wait_for(state="attached")  # the first is there before any cell is
            run_buttons.last.click()
            page.get_by_role("tablist").first.wait_for()
            page.get_by_test_id("notebook-menu-dropdown").click()
            page.get_by_text("Restart kernel").click()
            page.get_by_role("button", name="Restart").click()
            page.get_by_role("tablist").first.wait_for(state="detached")
        return page

    def close(self) -> None:
        self._page.context.close()

    @cached_property
    def _app(self) -> str:
        return self._programs.serve(
            ["-m", "marimo", "run", self._notebook, "--headless", "--no-token", "--no-check"]
        )

    @cached_property
    def _editor(self) -> str:
        return self._programs.serve(
            ["-m", "marimo", "edit", self._notebook, "--headless", "--no-token"]
        )

    @cached_property
    def _exported(self) -> Path:
        path = self._notebook.with_suffix(".html")
        self._programs.run("-m", "marimo", "export", "html", self._notebook, "-o", path)
        return path

    @cached_property
    def _front_end(self) -> Path:
        return Path(self._programs.run("-c", MARIMO_FILES).strip())

    def _with_front_end(self, route: Route) -> None:
        """Give an exported page marimo's own scripts, which it looks for at a CDN."""
        if asked := MARIMO_CDN.match(route.request.url):
            path = self._front_end / asked[1]
            route.fulfill(path=path, headers={"Access-Control-Allow-Origin": "*"})
        else:
            local_only(route)


def local_only(route: Route) -> None:
    """Let nothing leave this machine."""
    if LOCAL.match(route.request.url):
        route.continue_()
    else:
        route.abort()
