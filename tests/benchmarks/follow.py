"""A run of 200,000 lines that goes on, 10 new ones a second, followed from a store and through `flowrun serve`.

The writer, the server and each follower have a process of their own. The followers are measured from outside, once a
second, from `WARM_UP` on until the run ends. The growth of memory is the median of the slopes between any two
measurements (Theil and Sen), since an allocator that keeps or returns memory shifts single ones by megabytes; CPU is
user and system time. Requests and bytes count from when the log was there. `--seconds` and `--lines` choose others.
The only failure is a line that was not seen.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tests.benchmarks._large_store import run_id, write_store
from tests.gateway.stores import NOON
from tests.kernel import ROOT, Kernel

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

RATE = 10
WARM_UP = 0.4
"""The part of the time in which nothing is counted."""
TICKS, PAGE = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")


@dataclass
class Follower:
    """A follower, as seen from outside."""

    name: str
    pid: int
    result: Callable[[], dict[str, Any]]
    seconds: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def look(self) -> None:
        """Take one figure each."""
        self.seconds.append(time.monotonic())
        self.memory.append(int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * PAGE / 1e6)
        after_name = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        self.cpu.append((int(after_name[11]) + int(after_name[12])) / TICKS)

    def row(self, lines: int) -> str:
        """Return the figures beside what they should be."""
        skipped = int(len(self.seconds) * WARM_UP)
        seconds = np.array(self.seconds[skipped:])
        slope = median_slope(seconds, np.array(self.memory[skipped:])) * 60
        share = (self.cpu[-1] - self.cpu[skipped]) / (seconds[-1] - seconds[0]) * 100
        told = self.result()
        missing = lines - told["lines"]
        assert missing == 0, f"{self.name}: {missing} lines were not seen"
        return (
            f"{self.name:28}{slope:10.2f}{self.memory[-1]:8.0f}{share:8.2f}{told['snapshots']:11}"
            f"{told['requests'] or '':>10}{told['bytes'] / 1000 if told['bytes'] else '':>10.7}{told['lines']:9,}"
        )


def median_slope(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """Return the median of the slopes between any two points."""
    first, second = np.triu_indices(len(x), 1)
    return float(np.median((y[second] - y[first]) / (x[second] - x[first])))


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--seconds", type=int, default=300)
    arguments.add_argument("--lines", type=int, default=200_000)
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="flowrun-bench-") as folder, ExitStack() as stack:
        path = Path(folder) / "store.sqlite"
        write_running(path, chosen.lines)
        url = served(path, stack)
        writer = started(
            stack, "_follow_writer", str(path), run_id(1), str(chosen.seconds), str(RATE)
        )
        followers = [
            watching("watch, store", str(path), stack),
            watching("watch, served", url, stack),
            showing("card, store", str(path), stack),
            showing("card, served", url, stack),
        ]
        assert writer.stdin is not None
        assert writer.stdout is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
        while writer.poll() is None:
            for one in followers:
                one.look()
            time.sleep(1)
        lines = chosen.lines + int(writer.stdout.read())
        print(
            f"{chosen.lines:,} lines and {RATE} more a second for {chosen.seconds} s; load {os.getloadavg()[0]:.1f}"
        )
        print(f"{'':28}{'MB a min':>10}{'MB':>8}{'CPU %':>8}{'snapshots':>11}"
              f"{'requests':>10}{'kB':>10}{'lines':>9}")  # fmt: skip
        for one in followers:
            print(one.row(lines))
        print(f"{'floors':28}{'< 1.00':>10}{'':8}{'< 5.00':>8}{'':31}{lines:9,}")


def write_running(path: Path, lines: int) -> None:
    """Write a store with a run that goes on, with as many lines a second as it will get."""
    write_store(path, 0, 0, {1: lines})
    every = 1_000_000 // RATE
    began = int(time.time() * 1e6) - (lines + RATE) * every
    with sqlite3.connect(path) as connection:
        connection.execute(
            f"update log set timestamp = {began} + (timestamp - {NOON}) / 1000 * {every}"
        )
        connection.execute("update log set created = timestamp, updated = timestamp")
        for table in ("flow_run", "flow_run_state", "task_run"):
            connection.execute(
                f"update {table} set state = 'Running', serialized_state = json_set(serialized_state, '$.type', 'Running')"
            )
        for table in ("flow_run", "task_run"):
            connection.execute(f"update {table} set start_time = {began}, end_time = null")
    connection.close()


def served(path: Path, stack: ExitStack) -> str:
    """Serve a store; return the address."""
    server = started(stack, "flowrun_widgets.cli", "serve", "--port", "0", "--store", str(path))
    assert server.stdout is not None
    return server.stdout.readline().split()[0]


def watching(name: str, source: str, stack: ExitStack) -> Follower:
    """Start a process that follows with `watch()`, and wait until it has the log."""
    process = started(stack, "_follower", source, run_id(1))
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return Follower(name, process.pid, lambda: json.loads(process.communicate()[0]))


def showing(name: str, source: str, stack: ExitStack) -> Follower:
    """Start a kernel that shows a card which follows, and wait until the cell has ended."""
    kernel = stack.enter_context(Kernel())
    kernel.run(
        "from tests.benchmarks._follower import Following\n"
        f"following = Following({source!r}, {run_id(1)!r})\nfollowing.card"
    )
    return Follower(name, kernel.pid, lambda: json.loads(kernel.value("following.result()")))


def started(stack: ExitStack, module: str, *arguments: str) -> subprocess.Popen[str]:
    """Start a module of ours; it is ended with the stack."""
    name = f"tests.benchmarks.{module}" if module.startswith("_") else module
    process = stack.enter_context(
        subprocess.Popen(
            [sys.executable, "-m", name, *arguments],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
    )
    stack.callback(process.terminate)
    return process


if __name__ == "__main__":
    main()
