"""A real Prefect 3 server, and flows that the real Prefect runs on it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from collections.abc import Iterator

FLOWS = Path(__file__).with_name("flows.py")
READY_SECONDS = 240


class PrefectServer:
    """`prefect server start` in a folder of its own, on SQLite or on the database that is named."""

    def __init__(
        self,
        python: Path,
        home: Path,
        *,
        database: str | None = None,
        flows: Path = FLOWS,
        has_ui: bool = False,
        **settings: str,
    ) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.python = python
        self.flows = flows
        self.has_ui = has_ui
        self.home = home
        self.url = f"http://127.0.0.1:{self.port}/api"
        self.database = home / "prefect.db"
        self.environ = {
            key: value for key, value in os.environ.items() if not key.startswith("PREFECT")
        }
        self.environ |= {
            "PREFECT_HOME": str(home),
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "PREFECT_LOGGING_TO_API_BATCH_INTERVAL": "0.2",
            **settings,
        }
        if database:
            self.environ["PREFECT_API_DATABASE_CONNECTION_URL"] = database
        self._process: subprocess.Popen[bytes] | None = None
        self._children: dict[str, subprocess.Popen[str]] = {}

    def start(self) -> None:
        """Start it, and wait until it is ready."""
        log = (self.home / "server.log").open("wb")
        self._process = subprocess.Popen(
            [
                self.python.with_name("prefect"),
                *("server", "start", "--ui" if self.has_ui else "--no-ui"),
                *("--port", str(self.port)),
            ],
            env=self.environ,
            cwd=self.home,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        log.close()
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            try:
                if httpx.get(f"{self.url}/health").json() is True:
                    return
            except (httpx.TransportError, ValueError):
                pass
            if self._process.poll() is not None:
                break
            time.sleep(0.2)
        self.stop()
        raise RuntimeError(f"no server: {(self.home / 'server.log').read_text()[-2000:]}")

    def stop(self) -> None:
        """End the server and every flow that still goes on."""
        for process in (*self._children.values(), self._process):
            if process is not None and process.poll() is None:
                process.terminate()
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
        for child in self._children.values():
            for pipe in (child.stdout, child.stdin):
                if pipe:
                    pipe.close()

    def run(self, *arguments: str) -> Any:
        """Run a command of flows.py to its end; return the JSON of its last line."""
        done = subprocess.run(
            [self.python, self.flows, *arguments],
            env=self._client(),
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=400,
        )
        if done.returncode:
            raise RuntimeError(done.stderr[-4000:])
        return json.loads(done.stdout.splitlines()[-1])

    def start_flow(self, *arguments: str) -> str:
        """Start a command of the flows that goes on; return the id that it prints first."""
        return self.flow_run_id(self.begin_flow(*arguments))

    def begin_flow(self, *arguments: str) -> subprocess.Popen[str]:
        """Start such a command without waiting for its id."""
        return subprocess.Popen(
            [self.python, self.flows, *arguments],
            env=self._client(),
            cwd=self.home,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def flow_run_id(self, child: subprocess.Popen[str]) -> str:
        """Return the id that a command prints first."""
        assert child.stdout is not None
        flow_run_id = json.loads(child.stdout.readline())
        self._children[flow_run_id] = child
        return flow_run_id

    def wait(self, flow_run_id: str) -> None:
        """Wait until a flow that was started has ended."""
        self._children[flow_run_id].wait(60)

    def official(self, *ids: str) -> dict[str, Any]:
        """Return what Prefect's own client says about runs."""
        return self.run("official", *ids)

    def _client(self) -> dict[str, str]:
        return {**self.environ, "PREFECT_API_URL": self.url}


def served(python: Path, **options: Any) -> Iterator[PrefectServer]:
    """Yield a server that is ready, and end it."""
    home = Path(tempfile.mkdtemp(prefix="prefect3-"))
    server = PrefectServer(python, home, **options)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)
