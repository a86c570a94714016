"""JupyterLab in a real browser, driven as a person drives it.

Nothing here sleeps: every step waits for what a person would wait for.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, ClassVar, Literal, Self
from urllib.parse import quote

import nbformat
from axe_playwright_python.base import AXE_SCRIPT
from nbformat import NotebookNode

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from playwright.sync_api import Locator, Page

    from .server import LabServer

PATIENCE = 60_000  # milliseconds; the slowest machine that runs these has two cores
THEMES = {
    "light": "JupyterLab Light",
    "dark": "JupyterLab Dark",
    "contrast": "JupyterLab Dark High Contrast",
}
Theme = Literal["light", "dark", "contrast"]

PANEL = "window.jupyterapp.shell.currentWidget"
READY = """path => {
  const panel = window.jupyterapp?.shell?.currentWidget;
  const session = panel?.sessionContext;
  return panel?.context?.path === path && panel.context.isReady && session.isReady
    && session.kernelDisplayStatus === 'idle' && !document.querySelector('#jupyterlab-splash');
}"""
IDLE = f"""() => {PANEL}.sessionContext.kernelDisplayStatus === 'idle'
  && {PANEL}.content.widgets.every(cell => cell.model.executionState !== 'running')"""
RAISED = f"""() => {PANEL}.content.widgets.flatMap((cell, at) =>
  (cell.model.toJSON().outputs ?? [])
    .filter(output => output.output_type === 'error')
    .map(output => [at, `${{output.ename}}: ${{output.evalue}}`]))"""
VIOLATIONS = """async part => (await axe.run(part, { resultTypes: ['violations'] })).violations.flatMap(
  ({ id, help, nodes }) => nodes.map(node => `${id}: ${help}: ${node.html.slice(0, 200)}`))"""


class Lab:
    """One browser tab with JupyterLab in it.

    Cells are counted from 0, Markdown cells included. `page` is Playwright's, for all
    that is not here; `errors` are the uncaught errors of the page, `screenshots` the folder of its pictures.
    """

    ADDRESS: ClassVar[str] = "lab/tree/{}?reset&token={}"

    def __init__(self, page: Page, server: LabServer, folder: str, screenshots: Path) -> None:
        self.page = page
        self.errors: list[str] = []
        self._server = server
        self._folder = folder
        self.screenshots = screenshots
        self._name = ""
        page.set_default_timeout(PATIENCE)
        page.set_default_navigation_timeout(PATIENCE)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    # Files

    def path(self, name: str) -> Path:
        """Return where the notebook `name` is on disk."""
        return self._server.root / self._folder / name

    def write(self, name: str, notebook: NotebookNode | list[str]) -> None:
        """Write a notebook, or one of code cells with these sources, for `open`."""
        if isinstance(notebook, list):
            notebook = new_notebook(notebook)
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, path)

    def read(self, name: str) -> NotebookNode:
        """Return the notebook as it is saved on disk."""
        return nbformat.read(self.path(name), as_version=4)

    # Opening and closing

    def open(self, name: str) -> None:
        """Open a notebook in a Lab without other tabs, and wait until its kernel is idle."""
        self._name = name
        path = f"{self._folder}/{name}"
        address = self.ADDRESS.format(quote(path), self._server.token)
        self.page.goto(f"{self._server.url}/{address}")
        self.page.wait_for_function(READY, arg=path)
        self._make_room()

    def second_tab(self) -> Self:
        """Open the notebook, as it is saved, in one more tab of this browser; both share its kernel."""
        tab = type(self)(self.page.context.new_page(), self._server, self._folder, self.screenshots)
        tab.open(self._name)
        return tab

    def reload(self) -> None:
        """Load the page again; the kernel goes on."""
        self.open(self._name)

    def shut_down_kernel(self) -> None:
        """Shut the kernel down and leave the notebook open."""
        self._evaluate_to_its_end(f"{PANEL}.sessionContext.shutdown()")

    def close(self) -> None:
        """Leave the notebook and shut its kernel down; what is not saved is lost."""
        self._evaluate_to_its_end(f"{PANEL}?.sessionContext?.shutdown()")
        self.page.goto("about:blank")

    def reopen(self) -> None:
        """Close the notebook and open it again, with a new kernel."""
        self.close()
        self.open(self._name)

    def restart_kernel(self) -> None:
        """Give the open notebook a fresh kernel."""
        self._evaluate_to_its_end(f"{PANEL}.sessionContext.restartKernel()")
        self.wait_until_idle()

    # Running

    def run_all(self) -> None:
        """Run every cell and wait for the last; a cell that raises fails the test."""
        self.start_all()
        self._finish()

    def run(self, cell: int) -> None:
        """Run one cell and wait for its end; it fails the test if it raises."""
        self.start(cell)
        self._finish(cell)

    def start_all(self) -> None:
        """Run every cell without waiting."""
        self._start("notebook:run-all-cells")

    def start(self, cell: int) -> None:
        """Run one cell without waiting."""
        self.page.evaluate(f"index => {{ {PANEL}.content.activeCellIndex = index; }}", cell)
        self._start("notebook:run-cell")

    def wait_until_idle(self) -> None:
        self.page.wait_for_function(IDLE)

    def wait_for(self, condition: str) -> None:
        """Wait until a JavaScript expression is true."""
        self.page.wait_for_function(condition)

    # Looking

    def cell(self, cell: int) -> Locator:
        return self.page.locator(".jp-Notebook .jp-Cell").nth(cell)

    def outputs(self, cell: int) -> Locator:
        """All outputs of a cell, hidden ones included; `.nth(i)` takes one."""
        return self.cell(cell).locator(".jp-OutputArea-child")

    def output(self, cell: int, position: int = 0) -> Locator:
        return self.outputs(cell).nth(position)

    def screenshot(self, name: str, part: Locator | None = None) -> Path:
        """Take a picture of the page, or of a part, into build/screenshots/."""
        path = self.screenshots / f"{name}.png"
        (part or self.page).screenshot(path=path)
        return path

    def axe(self, part: Locator) -> list[str]:
        """Return what axe finds wrong with a part of the page for people who cannot see or point."""
        if not self.page.evaluate("typeof window.axe === 'object'"):
            self.page.evaluate(AXE_SCRIPT)
        return part.evaluate(VIOLATIONS)

    # A person's menus and settings

    def save(self) -> None:
        """Save the notebook from the Lab's File menu."""
        self.page.evaluate(
            f"""() => {{
              window.flowrunSaved = false;
              {PANEL}.context.saveState.connect((_, state) => {{
                if (state.startsWith('completed')) window.flowrunSaved = true;
              }});
            }}"""
        )
        self.page.locator(".lm-MenuBar-itemLabel", has_text="File").click()
        self.page.locator('.lm-Menu-item[data-command="docmanager:save"]').click()
        self.wait_for("window.flowrunSaved")

    def theme(self, theme: Theme) -> None:
        """Switch to the light, the dark or the dark high-contrast theme."""
        self._command("apputils:change-theme", theme=THEMES[theme])
        self.wait_for(
            f"document.body.dataset.jpThemeName === '{THEMES[theme]}'"
            " && !document.querySelector('#jupyterlab-splash')"
        )

    def width(self, pixels: int, height: int = 900) -> None:
        """Give the browser's window another size."""
        self.page.set_viewport_size({"width": pixels, "height": height})

    def forced_colors(self, is_on: bool = True) -> None:
        """Let the browser draw everything in a few colours of the reader's, as high contrast does."""
        self.page.emulate_media(forced_colors="active" if is_on else "none")

    def reduced_motion(self, is_on: bool = True) -> None:
        """Let the browser say that its reader wants nothing to move."""
        self.page.emulate_media(reduced_motion="reduce" if is_on else "no-preference")

    @contextlib.contextmanager
    def offline(self) -> Generator[None]:
        """Cut the tab off from everything, its kernel included."""
        self.page.context.set_offline(True)
        try:
            yield
        finally:
            self.page.context.set_offline(False)

    def _make_room(self) -> None:
        if self.page.evaluate("!window.jupyterapp.shell.leftCollapsed"):
            self._command("application:toggle-left-area")

    def _command(self, name: str, **arguments: object) -> None:
        self.page.evaluate(
            "([name, given]) => { window.jupyterapp.commands.execute(name, given); }",
            [name, arguments],
        )

    def _start(self, command: str) -> None:
        self.page.evaluate(
            """name => {
              window.flowrunRan = false;
              window.jupyterapp.commands.execute(name).finally(() => { window.flowrunRan = true; });
            }""",
            command,
        )

    def _finish(self, cell: int | None = None) -> None:
        self.wait_for("window.flowrunRan")
        self.wait_until_idle()
        raised = self.page.evaluate(RAISED)
        mine = {at: error for at, error in raised if cell is None or at == cell}
        assert not mine, f"cells that raised: {mine}"

    def _evaluate_to_its_end(self, promise: str) -> None:
        # Waited for by polling, since evaluate() itself knows no time-out.
        self.page.evaluate(
            f"""() => {{
              window.flowrunDone = false;
              Promise.resolve({promise}).finally(() => {{ window.flowrunDone = true; }});
            }}"""
        )
        self.wait_for("window.flowrunDone")


def new_notebook(sources: list[str]) -> NotebookNode:
    """Return a notebook of code cells for the `python3` kernel."""
    notebook = nbformat.v4.new_notebook()
    notebook.metadata.kernelspec = {
        "name": "python3",
        "display_name": "Python 3",
        "language": "python",
    }
    notebook.cells = [nbformat.v4.new_code_cell(source) for source in sources]
    return notebook
