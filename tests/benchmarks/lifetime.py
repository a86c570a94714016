"""A thousand cards shown, used and released in one kernel, in each way: what is left in addition to the first ten.

The run is served by `flowrun serve` in another process. `--rounds` chooses another number than 1,000. Nothing fails on
the figures; the tests do the same a hundred times. Files are descriptors: of threads that ended, the kernel's queues give
theirs back late.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from flowrun_widgets.store.writer import StoreWriter
from tests.benchmarks.follow import served
from tests.kernel import Kernel
from tests.lifetime import ROUNDS, WARM_UP, Figures, counted, setup
from tests.stores import FLOW_RUN_ID, small_run

FLOORS = {"threads": 0, "sockets": 0, "models": 0, "logs": 0, "megabytes": 20}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--rounds", type=int, default=1_000)
    rounds = arguments.parse_args().rounds
    with tempfile.TemporaryDirectory(prefix="flowrun-bench-") as folder, ExitStack() as stack:
        path = Path(folder) / "store.sqlite"
        with StoreWriter(path) as writer:
            writer.add(small_run())
        url = served(path, stack)
        print(f"more after {rounds:,} rounds than after {WARM_UP}")
        print(
            f"{'':38}" + "".join(f"{name:>11}" for name in Figures._fields) + f"{'ms a round':>12}"
        )
        for once in ROUNDS:
            with Kernel() as kernel:
                setup(kernel, url, FLOW_RUN_ID)
                for _ in range(WARM_UP):
                    once(kernel)
                before = counted(kernel)
                began = time.perf_counter()
                for _ in range(rounds):
                    once(kernel)
                took = (time.perf_counter() - began) / rounds * 1000
                after = counted(kernel, most=before)
            more = (new - old for new, old in zip(after, before, strict=True))
            figures = "".join(f"{one:11.4g}" for one in more)
            print(f"{once.__name__.replace('_', ' '):38}{figures}{took:12.0f}", flush=True)
        floors = (FLOORS.get(name) for name in Figures._fields)
        print(f"{'floors':38}" + "".join(f"{'' if f is None else f'≤ {f}':>11}" for f in floors))


if __name__ == "__main__":
    main()
