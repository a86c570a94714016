"""Checkouts of this project side by side: import, first card, a long log of a Prefect 3 server, and one that is served.

`FLOWRUN_BENCH_CHECKOUTS` names them, each with its `.venv`: `../before:.`. Each reading runs in a process of its own,
in turn; medians of its processor time and wall time are printed. `FLOWRUN_BENCH_LINES` chooses another number of lines
than 200,000, `FLOWRUN_BENCH_ROUNDS` another number of rounds than 7.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import tempfile
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks._large_store import run_id, write_store
from tests.prefect3 import seed
from tests.prefect3.server import PrefectServer

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
LINES = int(os.environ.get("FLOWRUN_BENCH_LINES", "200000"))
ROUNDS = int(os.environ.get("FLOWRUN_BENCH_ROUNDS", "7"))

MEASURED = """
import json, time
def measured(act):
    wall, cpu = time.perf_counter(), time.process_time()
    act()
    print(json.dumps([time.process_time() - cpu, time.perf_counter() - wall]))
"""
IMPORT = "measured(lambda: __import__('flowrun_widgets'))"
CARD = """
def act():
    import flowrun_widgets as fw
    fw.connect({path!r})
    fw.FlowRunView.from_flow_run_id({run!r}).card()._repr_mimebundle_()
measured(act)
"""
LOG = """
import pandas, pyarrow.compute
import flowrun_widgets as fw
fw.connect({url!r}, library=False)
measured(lambda: fw.FlowRunView.from_flow_run_id({run!r}).get_logs().to_pandas())
"""


def main() -> None:
    given = os.environ.get("FLOWRUN_BENCH_CHECKOUTS", str(ROOT)).split(os.pathsep)
    checkouts = [Path(one).resolve() for one in given]
    for one in checkouts:
        compiled = [python(one), "-m", "compileall", "-q", "flowrun_widgets", ".venv/lib"]
        subprocess.run(compiled, cwd=one, check=False, stderr=subprocess.DEVNULL)
    with tempfile.TemporaryDirectory(prefix="flowrun-bench-") as folder, ExitStack() as stack:
        store = Path(folder) / "store.sqlite"
        write_store(store, 1, 100, {2: LINES})
        home = Path(folder) / "prefect"
        home.mkdir()
        server = PrefectServer(ROOT / ".cache" / "prefect3" / "bin" / "python", home)
        stack.callback(server.stop)
        run = long_run(server)
        card = CARD.format(path=str(store), run=run_id(1))
        row("import", dict.fromkeys(checkouts, IMPORT), folder)
        row("first card", dict.fromkeys(checkouts, card), folder)
        log = LOG.format(url=server.url, run=run)
        row(f"Prefect 3, {LINES:,} lines", dict.fromkeys(checkouts, log), folder)
        served = {
            one: LOG.format(url=stack.enter_context(serving(one, store)), run=run_id(2))
            for one in checkouts
        }
        row(f"served, {LINES:,} lines", served, folder)


def long_run(server: PrefectServer) -> str:
    """Start the server, and return the id of a run with many lines."""
    server.start()
    run = seed.copy_flow_run(server.database, server.run("some")["success"])
    start = datetime.now(UTC) - timedelta(hours=2)
    every = timedelta(milliseconds=20)
    seed.add_lines(server.database, seed.lines(run, LINES, start, every=every))
    return run


@contextmanager
def serving(checkout: Path, store: Path) -> Iterator[str]:
    """Run `flowrun serve` of a checkout; yield its address."""
    command = [python(checkout), "-m", "flowrun_widgets.cli", "serve", "--port", "0"]
    command += ["--store", str(store)]
    with subprocess.Popen(command, cwd=checkout, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().split()[0]
        finally:
            process.terminate()


def row(name: str, code: dict[Path, str], folder: str) -> None:
    """Print what some code takes in each checkout: medians, and the median ratio to the first checkout."""
    took: dict[Path, list[tuple[float, float]]] = {one: [] for one in code}
    for _ in range(ROUNDS):
        for one, source in code.items():
            command = [python(one), "-c", MEASURED + source]
            done = subprocess.run(
                command, cwd=folder, env={**os.environ, "PYTHONPATH": str(one)},
                capture_output=True, text=True, check=True,
            )  # fmt: skip
            took[one].append(tuple(json.loads(done.stdout)))
    first, *_ = took.values()
    print(f"{name}, medians of {ROUNDS}")
    for one, all_ in took.items():
        cpu, wall = (statistics.median(values) * 1000 for values in zip(*all_, strict=True))
        ratio = statistics.median(a[0] / b[0] for a, b in zip(all_, first, strict=True))
        print(f"  {one.name:12} {cpu:8.0f} ms processor {wall:8.0f} ms wall   ratio {ratio:.2f}")


def python(checkout: Path) -> str:
    """Return the Python of a checkout."""
    return str(checkout / ".venv" / "bin" / "python")


if __name__ == "__main__":
    main()
