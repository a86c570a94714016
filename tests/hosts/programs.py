"""Programs of an environment in `.cache`, in a home of their own."""

from __future__ import annotations

import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

from tests.browser.server import without_jupyter_and_prefect

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parents[2]
START_SECONDS = 60


class Programs:
    """What runs below one folder; they can import this package and `tests`."""

    def __init__(self, python: Path, folder: Path) -> None:
        self.folder = folder
        self._python = python
        self._servers: dict[str, subprocess.Popen[bytes]] = {}
        home = folder / "home"
        home.mkdir()
        self._environment = without_jupyter_and_prefect(os.environ) | {
            "HOME": str(home),
            "IPYTHONDIR": str(folder / "ipython"),
            "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
            "PYTHONPATH": str(ROOT),
        }
        marimo = home / ".config" / "marimo" / "marimo.toml"
        marimo.parent.mkdir(parents=True)
        marimo.write_text("[runtime]\nauto_instantiate = false\n")

    def start(
        self, *arguments: object, given: str | None = None, program: Path | None = None
    ) -> subprocess.Popen[str]:
        """Start `python …` with a text as its input; `finish` waits for it."""
        process = subprocess.Popen(
            [program or self._python, *map(str, arguments)],
            cwd=self.folder,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        if given is not None and process.stdin is not None:
            process.stdin.write(given)
        return process

    def run(self, *arguments: object, given: str | None = None) -> str:
        """Run `python …` and return what it wrote."""
        return finish(self.start(*arguments, given=given))

    def serve(
        self, arguments: Sequence[object], program: Path | None = None, place: str = "--port {}"
    ) -> str:
        """Start a server on a free port, which it is told as `place` says, and return its address once it answers.

        `program` is run instead of Python.
        """
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            port = found.getsockname()[1]
        address = f"http://127.0.0.1:{port}"
        command = [program or self._python, *map(str, arguments), *place.format(port).split()]
        log = self.log(address)
        with log.open("wb") as written:
            server = subprocess.Popen(
                command,
                cwd=self.folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=written,
                stderr=subprocess.STDOUT,
            )
        self._servers[address] = server
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and server.poll() is None:
            try:
                urllib.request.urlopen(f"{address}/favicon.ico", timeout=5).close()
            except urllib.error.HTTPError:
                return address
            except OSError:
                time.sleep(0.05)
            else:
                return address
        raise RuntimeError(f"It did not start:\n{log.read_text()}")

    def log(self, address: str) -> Path:
        """Return the file into which the server at an address writes."""
        return self.folder / f"server-{address.rpartition(':')[2]}.log"

    def end(self, address: str) -> None:
        """End the server at an address, with its kernels."""
        server = self._servers.pop(address)
        server.terminate()
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()

    def stop(self) -> None:
        for address in [*self._servers]:
            self.end(address)


def finish(process: subprocess.Popen[str]) -> str:
    """Wait for a program and return what it wrote; one that fails fails the test."""
    written, complaints = process.communicate(timeout=120)
    assert process.returncode == 0, complaints
    return written
