"""A Jupyter server, with JupyterLab and Notebook 7, and with nothing of the user's in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parents[2]
START_SECONDS = 60
SETTINGS = {
    "@jupyterlab/apputils-extension:notification": {
        "checkForUpdates": False,
        "fetchNews": "false",
    },
    "@jupyterlab/docmanager-extension:plugin": {"autosave": False},
}


class LabServer:
    """`jupyter lab` on a free port, with its settings, data and home below one folder.

    Its kernels can import from `tests`.

    Attributes:
        root: where its notebooks are.
        settings: the user's settings of the Lab; a test may empty it.
        data: where it keeps which notebooks are trusted.
        url: the address, known once it was started.
        token: what opens it.
    """

    def __init__(self, folder: Path) -> None:
        self.root = folder / "notebooks"
        self.settings = folder / "settings"
        self.data = folder / "data"
        self.log = folder / "server.log"
        self.url = ""
        self.token = ""
        self._runtime = folder / "runtime"
        self._config = folder / "config"
        self._environment = without_jupyter_and_prefect(os.environ) | {
            "HOME": str(folder / "home"),
            "IPYTHONDIR": str(folder / "ipython"),
            "JUPYTER_CONFIG_DIR": str(self._config),
            "JUPYTER_DATA_DIR": str(self.data),
            "JUPYTER_RUNTIME_DIR": str(self._runtime),
            "JUPYTERLAB_SETTINGS_DIR": str(self.settings),
            "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
            "PYTHONPATH": str(ROOT),
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        overrides = self._config / "labconfig" / "default_setting_overrides.json"
        for made in (self.root, overrides.parent, Path(self._environment["HOME"])):
            made.mkdir(parents=True)
        overrides.write_text(json.dumps(SETTINGS))
        options = (
            "--no-browser",
            "--allow-root",
            "--ServerApp.port=0",
            f"--ServerApp.root_dir={self.root}",
            "--LabApp.expose_app_in_browser=True",
            "--JupyterNotebookApp.expose_app_in_browser=True",
        )
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "jupyterlab", *options],
                cwd=self.root,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        address = self._address()
        self.url, self.token = address["url"].rstrip("/"), address["token"]

    def stop(self) -> None:
        """End the server and, with it, its kernels."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _address(self) -> dict[str, str]:
        assert self._process is not None
        written = self._runtime / f"jpserver-{self._process.pid}.json"
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                return json.loads(written.read_text())
            except (FileNotFoundError, json.JSONDecodeError):
                time.sleep(0.05)
        self.stop()
        raise RuntimeError(f"JupyterLab did not start:\n{self.log.read_text()}")


def without_jupyter_and_prefect(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment in which nothing of the user's notebooks and servers is set up."""
    foreign = ("JUPYTER", "IPYTHON", "PREFECT", "XDG_", "PYTEST")
    return {name: value for name, value in environment.items() if not name.startswith(foreign)}
