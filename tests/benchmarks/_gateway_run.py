"""One measured reading of a run's log in a process of its own: `python _gateway_run.py WHAT URL ID FILE`; prints JSON.

`ours` writes the question that it asked to FILE, and `discard` asks the same and throws the bytes away.
Imports nothing of ours for the official client, which has its own environment, and the other way round.
"""

from __future__ import annotations

import json
import re
import sys
import time
from pathlib import Path
from typing import Any

Reading = Any


def official(url: str, run_id: str, _file: Path) -> Reading:
    from prefect.backend import FlowRunView

    def read() -> int:
        return len(FlowRunView.from_flow_run_id(run_id).get_logs())

    return read


def ours(url: str, run_id: str, file: Path) -> Reading:
    import httpx
    import pandas  # noqa: F401
    import pyarrow.compute  # noqa: F401

    import flowrun_widgets as fw
    from flowrun_widgets import FlowRunView

    class Noting(httpx.HTTPTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            if b"log(" in request.content:
                file.write_bytes(request.content)
            return super().handle_request(request)

    connection = fw.connect(url, transport=Noting(), library=False)

    def read() -> int:
        run = FlowRunView.from_flow_run_id(run_id, api=connection)
        return len(run.get_logs().to_pandas())

    return read


def discard(url: str, _run_id: str, file: Path) -> Reading:
    import httpx

    client = httpx.Client(timeout=600)

    def read() -> int:
        headers = {"Content-Type": "application/json"}
        with client.stream("POST", url, content=file.read_bytes(), headers=headers) as response:
            return sum(len(chunk) for chunk in response.iter_raw())

    return read


def memory_mb(which: str) -> float:
    found = re.search(rf"{which}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


def main() -> None:
    what, url, run_id, file = sys.argv[1:]
    read = {"official": official, "ours": ours, "discard": discard}[what](url, run_id, Path(file))
    before = memory_mb("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here
    started = time.perf_counter()
    count = read()
    wall = time.perf_counter() - started
    print(json.dumps({"count": count, "wall": wall, "growth": memory_mb("VmHWM") - before}))


if __name__ == "__main__":
    main()
