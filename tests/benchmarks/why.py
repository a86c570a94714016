"""From the link of an alert to the cause: `flowrun why` on runs of 200,000 lines, its requests and its time.

The failure is somewhere in the log, among errors of other task runs: in a store, behind `flowrun serve` as a Prefect 1
server, and on a real Prefect 3 server. Requests are counted on the wire by a proxy; the time is that of the whole
process less that of `python -c pass`. `FLOWRUN_BENCH_LINES` chooses another number of lines.
"""

from __future__ import annotations

import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from flowrun_widgets.store.writer import StoreWriter
from tests.prefect3 import seed
from tests.prefect3.server import PrefectServer
from tests.stores import (
    FLOW_RUN_ID,
    at,
    identifier,
    log_row,
    serialized,
    small_run,
    state_row,
    task_run_row,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
PREFECT = ROOT / ".cache" / "prefect3" / "bin" / "python"
LINES = int(os.environ.get("FLOWRUN_BENCH_LINES", "200000"))
ROUNDS = 5
ERROR = "ValueError: no rows for 2026-11-21"
TRACEBACK = f"""Task 'load': Exception encountered during task execution!
Traceback (most recent call last):
  File "/srv/flows/orders.py", line 41, in load
    raise ValueError("no rows for 2026-11-21")
{ERROR}"""
MAX_REQUESTS, MAX_SECONDS = 6, 1.0


class Proxy(ThreadingHTTPServer):
    """Passes requests on to a server, and counts them."""

    daemon_threads = True

    def __init__(self, target: str) -> None:
        super().__init__(("127.0.0.1", 0), Passing)
        self.target = target
        self.client = httpx.Client(timeout=60)
        self.requests: list[str] = []
        self.seconds = 0.0

    @property
    def url(self) -> str:
        """The address of the proxy."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class Passing(BaseHTTPRequestHandler):
    """One connection of a `Proxy`."""

    protocol_version = "HTTP/1.1"
    server: Proxy

    def do_GET(self) -> None:
        self._pass_on()

    def do_POST(self) -> None:
        self._pass_on()

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.requests.append(f"{self.command} {self.path}")
        kept = {"content-type", "accept", "x-prefect-api-version"}
        headers = {key: value for key, value in self.headers.items() if key.lower() in kept}
        began = time.perf_counter()
        answer = self.server.client.request(
            self.command, f"{self.server.target}{self.path}", content=body, headers=headers
        )
        self.server.seconds += time.perf_counter() - began
        self.send_response(answer.status_code)
        self.send_header("Content-Type", answer.headers.get("content-type", "text/plain"))
        self.send_header("Content-Length", str(len(answer.content)))
        self.end_headers()
        self.wfile.write(answer.content)

    def log_message(self, *_: Any) -> None:
        """Write no log."""


@contextmanager
def counted(target: str) -> Iterator[Proxy]:
    """Yield a proxy for a server."""
    proxy = Proxy(target)
    thread = threading.Thread(target=proxy.serve_forever, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.shutdown()
        proxy.server_close()


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="flowrun-why-"))
    missed: list[str] = []
    print(f"`flowrun why` on a run of {LINES:,} lines")
    try:
        store = folder / "store.sqlite"
        write_store(store)
        missed += measured("store", [FLOW_RUN_ID, "--api", str(store)], None, {})
        with serving(store) as url, counted(url) as proxy:
            environ = {"PREFECT__CLOUD__API": proxy.url, "PREFECT__BACKEND": "server"}
            link = f"http://prefect.intern:8080/default/flow-run/{FLOW_RUN_ID}"
            missed += measured("Prefect 1, by a link", [link], proxy, environ)
        if PREFECT.exists():
            missed += on_prefect3(folder)
        else:
            print("  Prefect 3: make .cache/prefect3/.ready")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if missed:
        raise SystemExit("missed: " + "; ".join(missed))


def on_prefect3(folder: Path) -> Iterator[str]:
    """Measure on a real server, by a link that no configuration knows, and by an id."""
    home = folder / "prefect"
    home.mkdir()
    server = PrefectServer(PREFECT, home)
    try:
        server.start()
        ids = server.run("some")
        run_id = lengthened(server, ids["failure"], ids["success"])
        with counted(server.url.removesuffix("/api")) as proxy:
            link = f"{proxy.url}/runs/flow-run/{run_id}"
            error = "ZeroDivisionError: division by zero"
            yield from measured("Prefect 3, by a link", [link], proxy, {}, error)
            environ = {"PREFECT_API_URL": f"{proxy.url}/api"}
            yield from measured("Prefect 3, by a link, configured", [link], proxy, environ, error)
            given = [run_id]
            for _ in measured("Prefect 3, by its id", given, proxy, environ, error):
                pass  # an id needs what a link says: only the link has a target
    finally:
        server.stop()


def measured(
    name: str,
    arguments: list[str],
    proxy: Proxy | None,
    environ: dict[str, str],
    error: str = ERROR,
) -> Iterator[str]:
    """Print requests and time of the command; yield what misses its target."""
    took: list[float] = []
    worked: list[float] = []
    served: list[float] = []
    requests = 0
    for _ in range(ROUNDS):
        if proxy is not None:
            proxy.requests.clear()
            proxy.seconds = 0.0
        start, _, _ = timed([sys.executable, "-c", "pass"], {})
        seconds, processor, said = timed(
            [sys.executable, "-m", "flowrun_widgets", "why", *arguments],
            {"FLOWRUN_LIBRARY": "off", **environ},
        )
        took.append(seconds - start)
        worked.append(processor)
        served.append(0.0 if proxy is None else proxy.seconds)
        requests = 0 if proxy is None else len(proxy.requests)
        if error not in said:
            raise SystemExit(f"{name}: the cause is not in the answer:\n{said}")
    seconds = statistics.median(took)
    print(
        f"  {name:34} {requests:2} requests (target {MAX_REQUESTS})   {seconds:5.2f} s beyond Python's start "
        f"(target {MAX_SECONDS:.0f} s), at best {min(took):.2f} s; {statistics.median(worked):.2f} s of "
        f"processor time; {statistics.median(served):.2f} s in the server, all requests together"
    )
    if requests > MAX_REQUESTS:
        yield f"{name}: {requests} requests: {', '.join(proxy.requests if proxy else [])}"
    if seconds > MAX_SECONDS:
        yield f"{name}: {seconds:.2f} s"


def timed(command: list[str], environ: dict[str, str]) -> tuple[float, float, str]:
    """Return the seconds of a command from its start to its end, those of the processor, and what it printed."""
    ours = {key: value for key, value in os.environ.items() if not key.startswith("PREFECT")}
    before, began = os.times(), time.perf_counter()
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, cwd=ROOT, env={**ours, **environ}
    )
    seconds, after = time.perf_counter() - began, os.times()
    processor = after.children_user - before.children_user
    processor += after.children_system - before.children_system
    return seconds, processor, done.stdout


def write_store(path: Path) -> None:
    """Write a failed run: one of a hundred task runs failed somewhere in the middle, others only logged errors."""
    place = random.Random(17).randrange(LINES // 10, LINES - LINES // 10)
    step, failed = 0.01, identifier(0x101)
    end = LINES * step
    state = serialized("Failed", "Some reference tasks failed.")
    tables = small_run(logs=[], state="Failed", serialized_state=state, end_time=at(end))
    message = f"Error during execution of task: {ERROR}"
    tables["flow_run_state"] += [state_row(0x1003, {"flow_run_id": FLOW_RUN_ID}, "Failed", end)]
    tables["task_run"] = [
        task_run_row(1, 1, "Failed", message=message, end_time=at(place * step + 0.5)),
        *(task_run_row(n, 2, "Success", map_index=n, end_time=at(end)) for n in range(2, 101)),
    ]
    tables["task_run_state"] = [
        state_row(0x2001, {"task_run_id": failed}, "Running", 1),
        state_row(0x2002, {"task_run_id": failed}, "Failed", place * step + 0.5, message=message),
    ]
    with StoreWriter(path) as writer:
        writer.add(tables)
        for first in range(0, LINES, 20_000):
            numbers = range(first, min(first + 20_000, LINES))
            writer.add({"log": [_line(n, n * step, place) for n in numbers]})


def _line(number: int, seconds: float, place: int) -> Any:
    task = {
        "task_run_id": identifier(
            0x101 + (0 if number % 50 == 0 and number < place else number % 99 + 1)
        )
    }
    if number == place:
        return log_row(number, seconds, TRACEBACK, "ERROR", task_run_id=identifier(0x101))
    if number % 97 == 0:
        return log_row(number, seconds, f"Batch {number} is refused, tried again", "ERROR", **task)
    return log_row(number, seconds, f"Read batch {number} of orders in 0.02 s", "INFO", **task)


def lengthened(server: PrefectServer, failed: str, source: str) -> str:
    """Add lines of other task runs to a real run that failed, before and after its failure."""
    every = timedelta(milliseconds=10)
    before = random.Random(17).randrange(LINES)
    start = datetime.now(UTC) - before * every
    others = seed.add_task_runs(server.database, source, failed, 100, start)
    rows = seed.lines(failed, LINES, start, every=every, task_run_ids=others)
    seed.add_lines(server.database, rows)
    return failed


@contextmanager
def serving(store: Path) -> Iterator[str]:
    """Run `flowrun serve`; yield its address."""
    command = [sys.executable, "-m", "flowrun_widgets", "serve", "--port", "0", "--store"]
    with subprocess.Popen(
        [*command, str(store)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().split()[0]
        finally:
            process.terminate()


if __name__ == "__main__":
    main()
