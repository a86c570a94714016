"""Every host once, started when the first test asks for it, and the matrix printed at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import pytest

from tests.browser.conftest import SCREENSHOTS, browser, lab_server
from tests.browser.lab import Lab
from tests.browser.notebook7 import Notebook7

from .executed import Executed
from .files import FileHost
from .jupyter import JupyterHost, LabHost
from .matrix import table
from .notebook import RUNS
from .pages import converted, exported, sanitised
from .programs import ROOT, Programs
from .served import MarimoHost, VoilaHost, local_only

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, Page

    from tests.browser.server import LabServer

__all__ = ["browser", "lab_server"]

WINDOW = {"width": 1280, "height": 4_200}
SHOWN = pytest.StashKey[dict[tuple[str, str], str]]()


class Host(Protocol):
    """Somewhere a notebook is read."""

    has_marks: bool
    """Whether classes are left by which a card and a twin can be told."""
    cards: int
    """How many of the runs are cards where there are cards at all."""

    def enter(self, situation: str) -> Page:
        """Return a page on which the notebook is shown, or soon will be."""
        ...

    def close(self) -> None: ...


class Hosts:
    """The hosts by name, each made when it is asked for first."""

    def __init__(self, browser: Browser, lab_server: LabServer, programs: Programs) -> None:
        self.executed = Executed.by(programs)
        self._browser = browser
        self._server = lab_server
        self._programs = programs
        self._made: dict[str, Host] = {}

    def __getitem__(self, name: str) -> Host:
        make: dict[str, Callable[[], Host]] = {
            "JupyterLab": lambda: self._jupyter(LabHost, Lab),
            "Notebook 7": lambda: self._jupyter(JupyterHost, Notebook7),
            "Voilà": lambda: VoilaHost(self._context(), self._programs, self.executed),
            "marimo": lambda: MarimoHost(self._context(), self._programs),
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

    def _context(self) -> BrowserContext:
        return self._browser.new_context(viewport=WINDOW, locale="en-GB", timezone_id="UTC")

    def _jupyter(self, host: type[JupyterHost], kind: type[Lab]) -> JupyterHost:
        context = self._context()
        context.route("**/*", local_only)
        lab = kind(context.new_page(), self._server, kind.__name__.lower(), SCREENSHOTS)
        return host(lab, self._server, self.executed)

    def _files(self, make: Callable[[Path, bool], Path], **options: object) -> FileHost:
        return FileHost(self._browser, self.executed, self._saved, make, **options)

    def _saved(self) -> Path:
        lab = self["JupyterLab"]
        assert isinstance(lab, LabHost)
        return lab.saved

    def _page(self, notebook: Path, kind: str) -> Path:
        return self.executed.source.with_name(f"{notebook.stem}-{kind}.html")

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
def hosts(browser: Browser, lab_server: LabServer, programs: Programs) -> Iterator[Hosts]:
    hosts = Hosts(browser, lab_server, programs)
    yield hosts
    hosts.close()


@pytest.fixture
def shown(pytestconfig: pytest.Config) -> dict[tuple[str, str], str]:
    """What was shown so far, by host and situation."""
    return pytestconfig.stash.setdefault(SHOWN, {})


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    shown = config.stash.get(SHOWN, {})
    if not shown:
        return
    text = table(shown)
    terminalreporter.section("how each host shows a run")
    terminalreporter.write_line(text)
    path = ROOT / "build" / "hosts" / "matrix.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
