"""JupyterLab and Notebook 7 in each situation."""

from __future__ import annotations

import shutil
from functools import cached_property
from typing import TYPE_CHECKING

import nbformat
from nbformat.sign import NotebookNotary
from playwright.sync_api import expect

from .notebook import CELLS, RUNS
from .pages import without_state
from .screen import SECONDS, cards

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.browser.lab import Lab
    from tests.browser.server import LabServer

    from .executed import Executed

OPEN_WITHOUT_KERNEL = """path => window.jupyterapp.commands.execute('docmanager:open', {
  path, factory: 'Notebook', kernelPreference: { shouldStart: false, shouldReuse: false } })"""
ALONE = """path => {
  const panel = window.jupyterapp.shell.currentWidget;
  return panel?.context?.path === path && panel.context.isReady && !panel.sessionContext.session?.kernel;
}"""


class JupyterHost:
    """One browser tab with a notebook of JupyterLab or Notebook 7."""

    has_marks = True
    cards = len(RUNS)

    def __init__(self, lab: Lab, server: LabServer, executed: Executed) -> None:
        self.lab = lab
        self._server = server
        self._executed = executed

    def enter(self, situation: str) -> Page:
        getattr(self, situation.replace(" ", "_").replace("-", "_"))()
        return self.lab.page

    def live_kernel(self) -> None:
        assert self.saved.exists()

    def page_reload(self) -> None:
        assert self.saved.exists()
        self.lab.reload()

    def saved_and_re_opened(self) -> None:
        assert self.saved.exists()
        self.lab.reopen()

    def nbclient(self) -> None:
        self._open(self._executed.by_nbclient, is_trusted=True)

    def papermill(self) -> None:
        self._open(self._executed.by_papermill, is_trusted=True)

    def no_kernel(self) -> None:
        """Its kernel was shut down under the eyes of the reader; in the Lab also: opened without one."""
        self._open(self._executed.by_nbclient, is_trusted=True)
        shown = cards(self.lab.page).filter(visible=True)
        expect(shown).to_have_count(self.cards, timeout=SECONDS * 1_000)
        self.lab.shut_down_kernel()

    def kernel_restarted(self) -> None:
        self._run("restarted.ipynb")
        self.lab.restart_kernel()

    def untrusted(self) -> None:
        self._open(self._executed.by_nbclient, is_trusted=False)

    def trusted(self) -> None:
        """Somebody else's, saved without the state of its widgets, which its reader trusts."""
        self._open(without_state(self._executed.by_nbclient), is_trusted=True)

    def close(self) -> None:
        self._leave()
        self.lab.page.context.close()

    @cached_property
    def saved(self) -> Path:
        """The notebook, as it was saved from the menu after it ran."""
        self._run("runs.ipynb")
        self.lab.save()
        return self.lab.path("runs.ipynb")

    def _run(self, name: str) -> None:
        self._leave()
        self.lab.write(name, CELLS)
        self.lab.open(name)
        self.lab.run_all()

    def _copy(self, notebook: Path, *, is_trusted: bool) -> str:
        name = f"{notebook.stem}-{'trusted' if is_trusted else 'untrusted'}.ipynb"
        copy = self.lab.path(name)
        copy.parent.mkdir(exist_ok=True)
        shutil.copy(notebook, copy)
        notary = NotebookNotary(data_dir=str(self._server.data))
        (notary.sign if is_trusted else notary.unsign)(nbformat.read(copy, 4))
        return name

    def _open(self, notebook: Path, *, is_trusted: bool) -> None:
        name = self._copy(notebook, is_trusted=is_trusted)
        self._leave()
        self.lab.open(name)

    def _leave(self) -> None:
        if self.lab.page.url != "about:blank":
            self.lab.close()


class LabHost(JupyterHost):
    """JupyterLab, which can also open a notebook without a kernel."""

    def no_kernel(self) -> None:
        name = self._copy(self._executed.by_nbclient, is_trusted=True)
        path = f"{self.lab.path(name).parent.name}/{name}"
        assert self.saved.exists()
        self._leave()
        self.lab.open(self.saved.name)
        self.lab.page.evaluate(OPEN_WITHOUT_KERNEL, path)
        self.lab.page.wait_for_function(ALONE, arg=path)
