"""Prefect 3: long logs and many task runs, beside the official client on the same server in the same minutes.

`FLOWRUN_BENCH_LINES` chooses another number of lines than 200,000. Milliseconds are printed; ratios and counts assert.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import httpx
import pandas as pd

import flowrun_widgets as fw
from flowrun_widgets.connection import library
from tests.prefect3 import seed
from tests.prefect3.server import PrefectServer

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
OFFICIAL = ROOT / ".cache" / "prefect3" / "bin" / "python"
READING = Path(__file__).with_name("_prefect3_run.py")
LINES = int(os.environ.get("FLOWRUN_BENCH_LINES", "200000"))
TASK_RUNS = 10_000
REFRESHED_LINES = 20_000


class Counting(httpx.BaseTransport):
    """Counts what comes over the wire, as the server sent it."""

    def __init__(self) -> None:
        self._inner = httpx.HTTPTransport()
        self.requests = self.received = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._inner.handle_request(request)
        raw = b"".join(answer.stream)  # pyright: ignore
        answer.close()
        self.requests += 1
        self.received += len(raw)
        return httpx.Response(
            answer.status_code, headers=answer.headers, stream=httpx.ByteStream(raw)
        )

    def close(self) -> None:
        self._inner.close()


def main() -> None:
    home = Path(tempfile.mkdtemp(prefix="prefect3-bench-"))
    server = PrefectServer(OFFICIAL, home)
    failed: list[str] = []
    try:
        server.start()
        source = server.run("some")["success"]
        for report in (logs, while_written, task_runs, refresh, cold, again):
            failed += list(report(server, source))
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)
    if failed:
        raise SystemExit("missed: " + "; ".join(failed))


def logs(server: PrefectServer, source: str) -> Iterator[str]:
    run_id = seed.copy_flow_run(server.database, source)
    start = datetime.now(UTC) - timedelta(hours=2)
    tasks = seed.add_task_runs(server.database, source, run_id, 100, start)
    seed.add_lines(
        server.database,
        seed.lines(
            run_id,
            LINES,
            start,
            every=timedelta(milliseconds=20),
            burst_at=LINES // 3,
            task_run_ids=tasks,
        ),
    )
    print(f"\n{LINES:,} lines to a DataFrame, 450 of them of one timestamp")
    # The server is the floor, and not equally quick at all times: ours lies between two floors.
    floors = [read("thrown_away", server, run_id)]
    ours = read("our_logs", server, run_id)
    floors.append(read("thrown_away", server, run_id))
    theirs = read("official_logs", server, run_id)
    floor = {key: sum(one[key] for one in floors) / 2 for key in ("wall", "cpu", "growth")}
    table(("official client", theirs), ("same pages, thrown away", floor), ("ours", ours))
    yield from check("every line", LINES / ours["count"], 1.0)
    yield from check("wall, of the official client's", ours["wall"] / theirs["wall"], 0.5)
    yield from check("growth, of the official client's", ours["growth"] / theirs["growth"], 0.35)
    yield from check("wall, of the same pages thrown away", ours["wall"] / floor["wall"], 1.05)


def while_written(server: PrefectServer, source: str) -> Iterator[str]:
    """Read a long log with a burst of one timestamp while more lines are written, and once more for the rest."""
    run_id = seed.copy_flow_run(
        server.database, source, state_type="RUNNING", state_name="Running", end_time=None
    )
    start = datetime.now(UTC) - timedelta(hours=2)
    every = timedelta(milliseconds=20)
    old = list(seed.lines(run_id, LINES, start, every=every, burst_at=LINES // 3))
    seed.add_lines(server.database, old)
    enough, written = Event(), 0

    def write() -> None:
        nonlocal written
        while not enough.wait(0.1):
            rows = list(seed.lines(run_id, 20, datetime.now(UTC), every=timedelta(milliseconds=1)))
            seed.add_lines(server.database, rows)
            written += len(rows)

    writer = Thread(target=write)
    writer.start()
    with fw.connect(server.url, library=False):
        run = fw.FlowRunView.from_flow_run_id(run_id)
        first = len(run.get_logs())
        enough.set()
        writer.join()
        ids = run.get_latest().get_logs().columns.table["id"].to_pylist()
    print(f"\n{LINES:,} lines while {written:,} more are written: {first:,}, then {len(ids):,}")
    yield from check("every line", (LINES + written) / len(set(ids)), 1.0)
    yield from check("no line twice", len(ids) / len(set(ids)), 1.0)


def task_runs(server: PrefectServer, source: str) -> Iterator[str]:
    run_id = seed.copy_flow_run(server.database, source)
    seed.add_task_runs(
        server.database, source, run_id, TASK_RUNS, datetime.now(UTC) - timedelta(hours=2)
    )
    print(f"\n{TASK_RUNS:,} task runs")
    theirs = read("official_task_runs", server, run_id)
    ours, timeline = read("our_task_runs", server, run_id), read("our_timeline", server, run_id)
    table(("official client", theirs), ("ours, all rows", ours), ("ours, the timeline", timeline))
    yield from check("every task run", TASK_RUNS / min(ours["count"], timeline["count"]), 1.0)
    yield from check("all rows, of the official client's wall", ours["wall"] / theirs["wall"], 0.55)
    yield from check(
        "the timeline, of the official client's wall", timeline["wall"] / theirs["wall"], 0.2
    )


def refresh(server: PrefectServer, source: str) -> Iterator[str]:
    database = server.database
    run_id = seed.copy_flow_run(
        database, source, state_type="RUNNING", state_name="Running", end_time=None
    )
    with_state(database, run_id)
    every = timedelta(seconds=1 / 3)
    start = datetime.now(UTC) - REFRESHED_LINES * every
    tasks = seed.add_task_runs(database, source, run_id, 1000, start, unfinished=3)
    seed.add_lines(
        database, seed.lines(run_id, REFRESHED_LINES, start, every=every, task_run_ids=tasks)
    )
    wire = Counting()
    with fw.connect(server.url, transport=wire, library=False):
        run = fw.FlowRunView.from_flow_run_id(run_id)
        run.get_logs()
        run.get_all_task_runs()
        newest = run.get_logs()[-1].timestamp
        seed.add_lines(database, seed.lines(run_id, 12, newest, every=every, task_run_ids=tasks))
        seed.finish(database, tasks[-3:], datetime.now(UTC))
        requests, received = wire.requests, wire.received
        wall = time.perf_counter()
        latest = run.get_latest()
        wall = time.perf_counter() - wall
        requests, received = wire.requests - requests, wire.received - received
        changes = latest.changes_since(run)
    theirs = read("official_refresh", server, run_id)
    print(f"\nrefreshing {REFRESHED_LINES:,} lines and 1,000 task runs: {changes}")
    print(f"  everything again, official client  {theirs['wall'] * 1000:8.0f} ms")
    print(f"  ours  {wall * 1000:8.0f} ms   {requests} requests   {received:,} bytes")
    yield from check("what is new", 12 / changes.new_lines * 3 / len(changes.finished), 1.0)
    yield from check("requests", requests, 4)
    yield from check("bytes", received, 30_000)
    yield from check("wall, of everything again", wall / theirs["wall"], 0.02)


def cold(server: PrefectServer, source: str) -> Iterator[str]:
    run_id = seed.copy_flow_run(server.database, source)
    start = datetime.now(UTC) - timedelta(hours=2)
    seed.add_lines(
        server.database, seed.lines(run_id, LINES, start, every=timedelta(milliseconds=20))
    )
    wire = Counting()
    with fw.connect(server.url, transport=wire, library=False) as connection:
        assert connection.backend
        requests = wire.requests
        wall = time.perf_counter()
        fw.FlowRunView.from_flow_run_id(run_id).peek()
        wall = time.perf_counter() - wall
        requests = wire.requests - requests
    print(
        f"\nopening {LINES:,} lines cold  {wall * 1000:8.0f} ms (target 1000)   {requests} requests"
    )
    yield from check("requests", requests, 6)


def again(server: PrefectServer, source: str) -> Iterator[str]:
    """Read a long run once, and open it again: from the library, beside one request to the server."""
    os.environ["FLOWRUN_STORE"] = str(server.home / "library.sqlite")
    library.SETTLED_SECONDS = 0.0
    run_id = seed.copy_flow_run(server.database, source)
    start = datetime.now(UTC) - timedelta(hours=2)
    seed.add_lines(
        server.database, seed.lines(run_id, LINES, start, every=timedelta(milliseconds=20))
    )
    with fw.connect(server.url):
        run = fw.FlowRunView.from_flow_run_id(run_id)
        run.get_all_task_runs()
        lines = len(run.get_logs())
    wire = Counting()
    with fw.connect(server.url, transport=wire):
        wall = time.perf_counter()
        kept = fw.FlowRunView.from_flow_run_id(run_id)
        kept.peek()
        opened = time.perf_counter() - wall
        again = len(kept.get_logs())
        wall = time.perf_counter() - wall
    print(
        f"\nopening {LINES:,} lines again  {opened * 1000:8.0f} ms (target 500), "
        f"every line in memory  {wall * 1000:8.0f} ms   {wire.requests} requests"
    )
    yield from check("every line", lines / max(again, 1), 1.0)
    yield from check("requests, the probe included", wire.requests, 2)


def with_state(database: Path, run_id: str) -> None:
    """Make the newest state of a copied run that of a running one."""
    import sqlite3

    connection = sqlite3.connect(database, timeout=60)
    with connection:
        connection.execute(
            "update flow_run_state set type = 'RUNNING', name = 'Running' "
            "where id = (select state_id from flow_run where id = ?)",
            (run_id,),
        )
    connection.close()


def read(what: str, server: PrefectServer, run_id: str) -> dict[str, Any]:
    """Return what one reading took, in a process of its own."""
    python = OFFICIAL if what.startswith("official") else sys.executable
    environ = {
        **server.environ,
        "PREFECT_API_URL": server.url,
        "PYTHONPATH": str(ROOT),
        "BENCH_PANDAS": str(Path(pd.__file__).parents[1]),
    }
    done = subprocess.run(
        [python, READING, what, server.url, run_id],
        env=environ,
        cwd=server.home,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-3000:])
    return json.loads(done.stdout.splitlines()[-1])


def table(*rows: tuple[str, dict[str, Any]]) -> None:
    for name, one in rows:
        print(
            f"  {name:26} {one['wall']:7.1f} s   own CPU {one['cpu']:6.1f} s   growth {one['growth']:6.0f} MB"
        )


def check(name: str, value: float, target: float) -> Iterator[str]:
    """Print a ratio or a count beside its target; yield it if it missed."""
    missed = value > target
    print(f"  {name:45} {value:8.2f}   target ≤ {target}{'   MISSED' if missed else ''}")
    if missed:
        yield f"{name} {value:.2f} > {target}"


if __name__ == "__main__":
    main()
