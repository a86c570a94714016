"""`flowrun serve` over a store and over a Prefect 1 database: a run by its id, and whole logs beside the 1.4.1 client.

A log is read several times over (by the official client a very long one once), each time by a process of its own, in
turn: ours to a DataFrame, 1.4.1's client to its list, and our question's bytes thrown away. Memory counts growth above
the level after imports. Milliseconds and ratios are printed beside their targets; nothing fails on them.
`--runs 100000` are 10 million lines, written in one to four minutes.
"""

from __future__ import annotations

import argparse
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
BY_ID = (
    "query($id:uuid!){flow_run(where:{id:{_eq:$id}}){id name flow_id labels parameters context created updated run_config "
    "serialized_state states{timestamp serialized_state} flow{name project{name}}}}"
)


def main() -> None:
    chosen = arguments()
    with tempfile.TemporaryDirectory(prefix="flowrun-bench-") as folder:
        long = {chosen.runs + 1 + number: lines for number, lines in enumerate(chosen.long)}
        for engine in chosen.engines:
            with source(engine, Path(folder), chosen, long) as given, serving(given) as url:
                total = chosen.runs * chosen.lines + sum(chosen.long)
                print(f"\n{engine}: {chosen.runs:,} runs, {total:,} log lines")
                by_id(url, chosen.runs)
                for run, lines in long.items():
                    logs(url, run_id(run), lines, Path(folder), chosen.rounds)


def arguments() -> argparse.Namespace:
    """Return what the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.gateway", description=__doc__)

    def option(name: str, default: int, text: str) -> None:
        parser.add_argument(name, type=int, default=default, help=f"{text} (default: %(default)s)")

    option("--runs", 10_000, "short runs")
    option("--lines", 100, "lines of each")
    option("--rounds", 3, "how often a long log is read")
    parser.add_argument(
        "--long",
        type=int,
        nargs="*",
        default=[200_000, 1_000_000],
        metavar="LINES",
        help="long logs, by their lines (default: 200000 1000000)",
    )
    parser.add_argument(
        "--engines",
        nargs="+",
        choices=["sqlite", "postgresql"],
        default=["sqlite", "postgresql"],
        help="what is served (default: both)",
    )
    return parser.parse_args()


@contextmanager
def source(
    engine: str, folder: Path, chosen: argparse.Namespace, long: dict[int, int]
) -> Iterator[list[str]]:
    """Write the rows; yield the arguments with which `flowrun serve` serves them."""
    started = time.perf_counter()
    if engine == "sqlite":
        path = folder / "large.db"
        write_store(path, chosen.runs, chosen.lines, long)
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
        write_database(address, chosen.runs, chosen.lines, long)
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


def by_id(url: str, runs: int) -> None:
    """Print how long a run takes by its id, from a client that keeps its connection."""
    chosen = random.Random(7)
    took: list[float] = []
    with httpx.Client(timeout=60) as client:
        for _ in range(330):
            variables = {"id": run_id(chosen.randint(1, runs))}
            started = time.perf_counter()
            answer = client.post(url, json={"query": BY_ID, "variables": variables})
            took.append(time.perf_counter() - started)
            assert len(answer.json()["data"]["flow_run"]) == 1
    took = sorted(took[30:])
    print(
        f"  a run by its id, median               {statistics.median(took) * 1000:8.1f} ms   target 10"
        f"\n  a run by its id, 95 of 100            {took[int(len(took) * 0.95)] * 1000:8.1f} ms"
    )


def logs(url: str, run: str, lines: int, folder: Path, rounds: int) -> None:
    """Print how long the log of one run takes, and in how much memory."""
    took: dict[str, list[dict[str, Any]]] = {"ours": [], "discard": [], "official": []}
    for number in range(rounds):
        for what, read in took.items():
            if what != "official" or number == 0 or lines <= 200_000:
                read.append(reading(what, url, run, folder))
    assert {one["count"] for what in ("ours", "official") for one in took[what]} == {lines}
    walls = {what: statistics.median(one["wall"] for one in read) for what, read in took.items()}
    growths = {
        what: statistics.median(one["growth"] for one in read) for what, read in took.items()
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
