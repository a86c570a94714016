"""How long 20 million lines of 1,000 runs take to be harvested and counted, and in how much memory.

`python -m tests.benchmarks.harvest [RUNS [LINES [KILLS]]]`: by default 1,000 runs of 20,000 lines, harvested once undisturbed
and once killed at 50 random moments. Templates and levels are compared with what DuckDB counts in the same files.
Each step is a process of its own, so that its memory is its own. With the environment of `make setup`, Dask counts as
well.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import flowrun_widgets as fw
from tests.generated_runs import ManyRuns, many_runs
from tests.harvests import (
    ROOT,
    killed_and_resumed,
    levels_of_duckdb,
    names_of,
    templates_of_duckdb,
)

DASK = ROOT / ".cache" / "processes" / "bin" / "python"


def main(runs: int = 1_000, lines: int = 20_000, kills: int = 50) -> None:
    with tempfile.TemporaryDirectory() as kept:
        whole, again = Path(kept, "whole"), Path(kept, "again")
        step("harvest", whole, runs, lines)
        size = sum(path.stat().st_size for path in whole.rglob("*.parquet")) / 1e6
        print(f"{runs:,} runs of {lines:,} lines: {size:,.0f} MB", flush=True)
        step("harvest", whole, runs, lines)
        step("count", whole)
        step("compare", whole)
        began = time.monotonic()
        killed = killed_and_resumed(again, whole, runs, lines, kills, seed=1)
        same = names_of(again) == names_of(whole)
        print(
            f"killed {killed} times and resumed: the same files {same}, {time.monotonic() - began:.0f} s",
            flush=True,
        )
        if DASK.exists():
            subprocess.run(
                [DASK, "-Wignore", "-m", "tests.processes.harvest", whole], check=True, cwd=ROOT
            )


def step(name: str, *given: object) -> None:
    """Run a step in a process of its own."""
    subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.harvest", name, *map(str, given)],
        check=True,
        cwd=ROOT,
    )


def timed(name: str, began: float, told: object = "") -> None:
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{name:28} {time.monotonic() - began:7.1f} s   {most:6.0f} MiB   {told}", flush=True)


def harvest(folder: str, runs: str, lines: str) -> None:
    began = time.monotonic()
    done = many_runs(ManyRuns(int(runs), int(lines))).to_parquet(folder)
    timed("harvest (with making it up)", began, f"{done.written:,} runs written")


def count(folder: str) -> None:
    """Templates and levels, in the memory of one process; the targets are 3 minutes and 1 GiB."""
    began = time.monotonic()
    logs = fw.read_logs(folder)
    templates = logs.templates()
    timed("templates", began, f"{len(templates)} of {templates['count'].sum():,} lines")
    counted = time.monotonic()
    logs.level_counts()
    timed("levels", counted)
    timed("both", began)
    counted = time.monotonic()
    found = logs.where("level>=error retrying").count()
    timed("where, level and a word", counted, f"{found:,} lines")


def compare(folder: str) -> None:
    began = time.monotonic()
    logs, path = fw.read_logs(folder), Path(folder)
    frame = logs.templates()
    ours = Counter(dict(zip(frame["pattern"], frame["count"], strict=True)))
    levels = logs.level_counts()
    names = dict(zip(levels["level_name"], levels["count"], strict=True))
    same = ours == templates_of_duckdb(path), names == levels_of_duckdb(path)
    timed("equal to DuckDB", began, f"templates {same[0]}, levels {same[1]}")


if __name__ == "__main__":
    match sys.argv[1:]:
        case [("harvest" | "count" | "compare") as name, *given]:
            {"harvest": harvest, "count": count, "compare": compare}[name](*given)
        case numbers:
            main(*map(int, numbers))
