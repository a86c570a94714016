"""Every host once, started when the first test asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import pytest

from tests.browser.conftest import SCREENSHOTS, browser, firefox, lab_server, playwright
from tests.browser.lab import PATIENCE, Lab
from tests.browser.notebook7 import Notebook7

from .builders import built
from .executed import Executed
from .files import FileHost
from .jupyter import JupyterHost, LabHost
from .notebook import RUNS
from .pages import converted, exported, sanitised
from .programs import Programs
from .served import MarimoHost, VoilaHost, local_only
from .vscode import WINDOW as VSCODE_WINDOW
from .vscode import VSCodeHost

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, Frame, Page

    from tests.browser.server import LabServer

__all__ = ["browser", "firefox", "lab_server", "playwright"]

WINDOW = {"width": 1280, "height": 4_200}
TALL_WINDOW = {"width": 1280, "height": 8_400}
"""For Firefox: JupyterLab does not draw cells below the window, and nothing there scrolls."""


class Host(Protocol):
    """Somewhere a notebook is read."""

    has_marks: bool
    """Whether classes are left by which a card and a twin can be told."""
    cards: int
    """How many of the runs are cards where there are cards at all."""

    def enter(self, situation: str) -> Page | Frame:
        """Return a page on which the notebook is shown, or soon will be."""
        ...

    def close(self) -> None: ...


def patient(context: BrowserContext) -> BrowserContext:
    """Have its pages wait as long as those of JupyterLab do."""
    context.set_default_timeout(PATIENCE)
    context.set_default_navigation_timeout(PATIENCE)
    return context


class Hosts:
    """The hosts by name, each made when it is asked for first."""

    def __init__(
        self,
        browser: Browser,
        firefox: Browser,
        lab_server: LabServer,
        programs: Programs,
        vscode_packages: Path,
    ) -> None:
        self.executed = Executed.by(programs)
        self._browser = browser
        self._firefox = firefox
        self._vscode_packages = vscode_packages
        self._server = lab_server
        self._programs = programs
        self._made: dict[str, Host] = {}

    def __getitem__(self, name: str) -> Host:
        make: dict[str, Callable[[], Host]] = {
            "JupyterLab": lambda: self._jupyter(LabHost, Lab),
            "Notebook 7": lambda: self._jupyter(JupyterHost, Notebook7),
            "JupyterLab in Firefox": lambda: self._jupyter(LabHost, Lab, self._firefox),
            "VS Code": self._vscode,
            "Voilà": lambda: VoilaHost(self._context(), self._programs, self.executed),
            "marimo": lambda: MarimoHost(self._context(), self._programs),
            "MyST-NB": lambda: self._files(self._documented),
            "nbconvert HTML": lambda: self._files(self._converted),
            "sanitised HTML": lambda: self._files(self._sanitised, has_marks=False),
            "exported page": lambda: self._files(
                self._exported,
                cards=len(RUNS) - 1,  # what is in a container stays a twin
                runs_scripts=lambda situation: situation != "untrusted",
            ),
        }
        if name not in self._made:
            self._made[name] = make[name]()
        return self._made[name]

    def close(self) -> None:
        for host in self._made.values():
            host.close()

    def _context(self, browser: Browser | None = None) -> BrowserContext:
        window = WINDOW if browser is None else TALL_WINDOW
        browser = browser or self._browser
        return patient(browser.new_context(viewport=window, locale="en-GB", timezone_id="UTC"))

    def _jupyter(
        self, host: type[JupyterHost], kind: type[Lab], browser: Browser | None = None
    ) -> JupyterHost:
        context = self._context(browser)
        context.route("**/*", local_only)
        folder = f"{kind.__name__.lower()}-{len(self._made)}"
        lab = kind(context.new_page(), self._server, folder, SCREENSHOTS)
        return host(lab, self._server, self.executed)

    def _vscode(self) -> VSCodeHost:
        context = patient(
            self._browser.new_context(viewport=VSCODE_WINDOW, locale="en-GB", timezone_id="UTC")
        )
        context.route("**/*", local_only)
        return VSCodeHost(
            context, self._programs, self._vscode_packages, self.executed, self._saved
        )

    def _files(self, make: Callable[[Path, bool], Path], **options: object) -> FileHost:
        return FileHost(self._browser, self.executed, self._saved, make, **options)

    def _saved(self) -> Path:
        lab = self["JupyterLab"]
        assert isinstance(lab, LabHost)
        return lab.saved

    def _page(self, notebook: Path, kind: str) -> Path:
        return self.executed.source.with_name(f"{notebook.stem}-{kind}.html")

    def _documented(self, notebook: Path, _: bool) -> Path:
        return built("MyST-NB", notebook, self._programs)

    def _converted(self, notebook: Path, for_strangers: bool) -> Path:
        page = self._page(notebook, f"converted-{for_strangers}")
        return converted(notebook, page, sanitize=for_strangers)

    def _sanitised(self, notebook: Path, _: bool) -> Path:
        return sanitised(notebook, self._page(notebook, "sanitised"), self._programs)

    def _exported(self, notebook: Path, _: bool) -> Path:
        return exported(notebook, self._page(notebook, "exported"))


@pytest.fixture(scope="package")
def programs(hosts_python: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Programs]:
    programs = Programs(hosts_python, tmp_path_factory.mktemp("hosts"))
    yield programs
    programs.stop()


@pytest.fixture(scope="package")
def hosts(
    browser: Browser,
    firefox: Browser,
    lab_server: LabServer,
    programs: Programs,
    vscode_packages: Path,
    builders_python: Path,
) -> Iterator[Hosts]:
    assert builders_python.exists()
    hosts = Hosts(browser, firefox, lab_server, programs, vscode_packages)
    yield hosts
    hosts.close()
