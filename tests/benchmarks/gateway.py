"""`flowrun serve` over a store and over a Prefect 1 database: a run by its id, and whole logs beside the 1.4.1 client.

A log is read three times over (a very long one once), each time by a process of its own, in turn: ours to a DataFrame,
1.4.1's client to its list, and our question's bytes thrown away. Memory counts growth above the level after imports.
Milliseconds are printed; nothing fails on them. `FLOWRUN_BENCH_RUNS` and `FLOWRUN_BENCH_LINES` (of one run) choose other
sizes than 10,000 and 100; 100000 and 100 are 10 million lines, written in one to four minutes. `FLOWRUN_BENCH_LONG` names
the long logs, `FLOWRUN_BENCH_ENGINES` the databases.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from tests.benchmarks._large_store import run_id, write_database, write_store
from tests.postgresql import Cluster

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
ORACLE = ROOT / ".cache" / "oracle" / "bin" / "python"
READING = Path(__file__).with_name("_gateway_run.py")
RUNS = int(os.environ.get("FLOWRUN_BENCH_RUNS", "10000"))
LINES = int(os.environ.get("FLOWRUN_BENCH_LINES", "100"))
LONG = [int(n) for n in os.environ.get("FLOWRUN_BENCH_LONG", "200000,1000000").split(",") if n]
ENGINES = os.environ.get("FLOWRUN_BENCH_ENGINES", "sqlite,postgresql").split(",")
ROUNDS = int(os.environ.get("FLOWRUN_BENCH_ROUNDS", "3"))
BY_ID = (
    "query($id:uuid!){flow_run(where:{id:{_eq:$id}}){id name flow_id labels parameters context created updated run_config "
    "serialized_state states{timestamp serialized_state} flow{name project{name}}}}"
)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="flowrun-bench-") as folder:
        long = {RUNS + 1 + number: lines for number, lines in enumerate(LONG)}
        for engine in ENGINES:
            with source(engine, Path(folder), long) as given, serving(given) as url:
                print(f"\n{engine}: {RUNS:,} runs, {RUNS * LINES + sum(LONG):,} log lines")
                by_id(url)
                for run, lines in long.items():
                    logs(url, run_id(run), lines, Path(folder))


@contextmanager
def source(engine: str, folder: Path, long: dict[int, int]) -> Iterator[list[str]]:
    """Write the rows; yield the arguments with which `flowrun serve` serves them."""
    started = time.perf_counter()
    if engine == "sqlite":
        path = folder / "large.db"
        write_store(path, RUNS, LINES, long)
        print(
            f"written in {time.perf_counter() - started:.0f} s, {path.stat().st_size / 1e9:.1f} GB"
        )
        yield ["--store", str(path)]
        path.unlink()
        return
    initdb = shutil.which("initdb") or max(
        map(str, Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    )
    cluster = Cluster(Path(initdb).resolve().parent)
    cluster.start()
    try:
        address = cluster.new_database()
        write_database(address, RUNS, LINES, long)
        print(f"written in {time.perf_counter() - started:.0f} s")
        yield ["--database", address]
    finally:
        cluster.stop()


@contextmanager
def serving(given: list[str]) -> Iterator[str]:
    """Run `flowrun serve`; yield its address, and print how much memory it took in the end."""
    command = [sys.executable, "-m", "flowrun_widgets.cli", "serve", "--port", "0", *given]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().split()[0]
            status = Path(f"/proc/{process.pid}/status").read_text()
            peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
            print(f"  the server's memory at its peak       {int(peak.split()[1]) / 1024:8.0f} MB")
        finally:
            process.terminate()


def by_id(url: str) -> None:
    """Print how long a run takes by its id, from a client that keeps its connection."""
    chosen = random.Random(7)
    took: list[float] = []
    with httpx.Client(timeout=60) as client:
        for _ in range(330):
            variables = {"id": run_id(chosen.randint(1, RUNS))}
            started = time.perf_counter()
            answer = client.post(url, json={"query": BY_ID, "variables": variables})
            took.append(time.perf_counter() - started)
            assert len(answer.json()["data"]["flow_run"]) == 1
    took = sorted(took[30:])
    print(
        f"  a run by its id, median               {statistics.median(took) * 1000:8.1f} ms   target 10"
        f"\n  a run by its id, 95 of 100            {took[int(len(took) * 0.95)] * 1000:8.1f} ms"
    )


def logs(url: str, run: str, lines: int, folder: Path) -> None:
    """Print how long the log of one run takes, and in how much memory."""
    took: dict[str, list[dict[str, Any]]] = {"ours": [], "discard": [], "official": []}
    for _ in range(ROUNDS if lines <= 200_000 else 1):
        for what, rounds in took.items():
            rounds.append(reading(what, url, run, folder))
    assert {one["count"] for what in ("ours", "official") for one in took[what]} == {lines}
    walls = {
        what: statistics.median(one["wall"] for one in rounds) for what, rounds in took.items()
    }
    growths = {
        what: statistics.median(one["growth"] for one in rounds) for what, rounds in took.items()
    }
    print(f"  {lines:,} lines, {took['discard'][0]['count'] / 1e6:,.0f} MB of JSON")
    for what in took:
        print(f"    {what:20} {walls[what]:8.2f} s   growth {growths[what]:7.0f} MB")
    for name, value, target in (
        ("official / ours, time", walls["official"] / walls["ours"], "≥ 8"),
        ("ours / official, memory", growths["ours"] / growths["official"], "≤ 0.25"),
        ("ours / thrown away, time", walls["ours"] / walls["discard"], "≤ 1.3"),
    ):
        print(f"    {name:30} {value:8.2f}   target {target}")


def reading(what: str, url: str, run: str, folder: Path) -> dict[str, Any]:
    """Return what one reading took, in a process of its own."""
    environment = {
        "PATH": os.defpath,
        "HOME": str(folder),
        "PREFECT__BACKEND": "server",
        "PREFECT__CLOUD__API": url,
        "PREFECT__CLOUD__REQUEST_TIMEOUT": "600",
        "PYTHONWARNINGS": "ignore",
    }
    if what != "official":
        environment["PYTHONPATH"] = str(ROOT)
    done = subprocess.run(
        [
            ORACLE if what == "official" else sys.executable,
            READING,
            what,
            url,
            run,
            folder / "question.json",
        ],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-3000:])
    return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    main()
