"""Record what a Prefect 1 API answers to the questions of our Prefect 1 source.

python tools/record_wire.py [--url URL FLOW_RUN_ID] [folder]

Without an address, the gateway answers, over the smallest of the package's recorded runs.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

import httpx

import flowrun_widgets as fw
from flowrun_widgets.gateway import Gateway
from flowrun_widgets.recordings.replay import recording
from flowrun_widgets.store.writer import StoreWriter

ANSWERS = Path(__file__).resolve().parents[1] / "tests" / "wire" / "answers"
SMALLEST = "cancelled-in-part"
KEPT_HEADERS = ("content-type",)


class Recorder(httpx.BaseTransport):
    """Passes questions on and keeps the last answer."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner = inner
        self.last = ""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self._inner.handle_request(request)
        body = response.read().decode()
        headers = [
            f"{name}: {response.headers[name]}\n"
            for name in KEPT_HEADERS
            if name in response.headers
        ]
        self.last = f"{response.status_code}\n{''.join(headers)}\n{body}\n"
        return httpx.Response(response.status_code, headers=response.headers, text=body)


def record(folder: Path, url: str, transport: httpx.BaseTransport, flow_run_id: str) -> None:
    """Ask each question once and write each answer into a file."""
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["PREFECT__CLOUD__API"] = url
    recorder = Recorder(transport)
    with fw.connect(url, transport=recorder):

        def keep(name: str) -> None:
            path = folder / f"{name}.http"
            path.write_text(recorder.last, encoding="utf-8")
            print(f"{path.name}: {path.stat().st_size:,} bytes")

        run = fw.FlowRunView.from_flow_run_id(flow_run_id)
        keep("flow-run")
        first = run.get_task_run_ids()[0]
        keep("task-run-ids")
        run.get_task_run(task_run_id=first)
        keep("task-run")
        run.get_flow_metadata()
        keep("flow")
        run.get_logs()
        keep("logs")
        run.get_all_task_runs()
        keep("task-runs")
        run.get_latest()
        keep("latest")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", nargs=2, metavar=("URL", "FLOW_RUN_ID"))
    parser.add_argument("folder", type=Path, nargs="?", default=ANSWERS)
    chosen = parser.parse_args()
    if chosen.url:
        record(chosen.folder, chosen.url[0], httpx.HTTPTransport(), chosen.url[1])
        return
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "store.sqlite"
        recorded = recording(SMALLEST)
        with StoreWriter(path) as writer:
            recorded.write(writer)
        gateway = Gateway(path)
        transport = httpx.WSGITransport(app=gateway.wsgi)
        record(chosen.folder, "http://prefect1.test", transport, recorded.flow_run_id)
        gateway.close()


if __name__ == "__main__":
    main()
