"""Prefect 3's database beside its REST API: one long log to a DataFrame, opening it, and refreshing it.

A million lines of one run, on SQLite and on PostgreSQL, or as many as `FLOWRUN_BENCH_LINES` says. The database is read
three times, and the median counts. Seconds are printed; the ratio to REST and the number of lines assert.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

import flowrun_widgets as fw
from tests.postgresql import Cluster
from tests.prefect3 import seed
from tests.prefect3.server import PrefectServer

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

ROOT = Path(__file__).parents[2]
LINES = int(os.environ.get("FLOWRUN_BENCH_LINES", "1000000"))
WANTED = 20.0
NAMES = (
    "id", "created", "updated", "name", "level", "flow_run_id", "task_run_id", "message", "timestamp",
)  # fmt: skip


def main() -> None:
    if sys.argv[1:]:
        print(json.dumps(read(*sys.argv[1:])))
        return
    failed = [words for place in (sqlite, postgresql) for words in measured(place)]
    if failed:
        raise SystemExit("missed: " + "; ".join(failed))


def measured(place: Any) -> Iterable[str]:
    with place() as (server, address, run_id):
        ours = [apart(address, run_id) for _ in range(3)]
        rest = apart(server.url, run_id)
        ratio = rest["all"] / statistics.median(one["all"] for one in ours)
        print(f"\n{LINES:,} lines of one run, {place.__name__}, in seconds\n")
        print(f"{'':24}{'open':>8}{'ends':>8}{'all':>8}{'refresh':>9}{'memory':>9}")
        for name, one in (("REST", rest), *(("the database", one) for one in ours)):
            print(
                f"{name:24}{one['open']:8.2f}{one['ends']:8.2f}{one['all']:8.1f}"
                f"{one['refresh']:9.2f}{one['memory']:7.0f} MB"
            )
        print(f"{'the whole log':24}{ratio:8.1f} times as fast as over REST (wanted {WANTED:.0f})")
        if {one["lines"] for one in (rest, *ours)} != {LINES}:
            yield f"every line on {place.__name__}"
        if ratio < WANTED:
            yield f"{ratio:.1f} times on {place.__name__}"


def apart(address: str, run_id: str) -> dict[str, Any]:
    """Return what a process of its own measures."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.prefect3_database", address, run_id],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    return json.loads(done.stdout)


def read(address: str, run_id: str) -> dict[str, Any]:
    """Measure reading a run in this process, in seconds and megabytes."""
    import resource

    import pyarrow.compute  # noqa: F401  not what is measured

    found: dict[str, Any] = {}

    @contextmanager
    def clock(name: str) -> Generator[None]:
        begin = time.perf_counter()
        yield
        found[name] = time.perf_counter() - begin

    with fw.connect(address, library=False):
        with clock("open"):
            run = fw.FlowRunView.from_flow_run_id(run_id)
        with clock("ends"):
            run.peek()
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        with clock("all"):
            found["lines"] = len(run.get_logs().to_pandas())
        found["memory"] = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        with clock("refresh"):
            run.get_latest()
    return found


@contextmanager
def sqlite() -> Generator[tuple[PrefectServer, str, str]]:
    with running() as server:
        run_id = seed.copy_flow_run(server.database, server.run("some")["success"])
        seed.add_lines(server.database, lines(run_id))
        yield server, f"sqlite:///{server.database}", run_id


@contextmanager
def postgresql() -> Generator[tuple[PrefectServer, str, str]]:
    binaries = Path(shutil.which("initdb") or max(Path("/usr/lib/postgresql").glob("*/bin/initdb")))
    cluster = Cluster(binaries.resolve().parent)
    cluster.start()
    try:
        address = cluster.new_database()
        with running(database=address.replace("://", "+asyncpg://", 1)) as server:
            run_id = server.run("some")["success"]
            with closing(psycopg.connect(address)) as connection:
                connection.execute("delete from log where flow_run_id = %s", (run_id,))
                copy = f"copy log ({', '.join(NAMES)}) from stdin"
                with connection.cursor() as cursor, cursor.copy(copy) as rows:
                    for line in lines(run_id):
                        rows.write_row([line[name] for name in NAMES])
                connection.commit()
                connection.autocommit = True
                connection.execute("vacuum analyze log")
            yield server, address, run_id
    finally:
        cluster.stop()


@contextmanager
def running(**options: Any) -> Generator[PrefectServer]:
    home = Path(tempfile.mkdtemp(prefix="prefect3-bench-"))
    server = PrefectServer(ROOT / ".cache" / "prefect3" / "bin" / "python", home, **options)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)


def lines(run_id: str) -> Iterable[dict[str, Any]]:
    start = datetime.now(UTC) - timedelta(hours=8)
    return seed.lines(run_id, LINES, start, every=timedelta(milliseconds=20), burst_at=LINES // 3)


if __name__ == "__main__":
    main()
