"""Reads runs in many processes at once and prints what they found: `pools dask fork no-library URL`."""

from __future__ import annotations

import faulthandler
import json
import multiprocessing
import sys
from collections import Counter
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

import dask
from distributed import Client, LocalCluster

from tests.processes.reading import Parent, outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

PROCESSES = 3
ROUNDS = 4
HANG_SECONDS = 90


@contextmanager
def dask_workers(method: str) -> Iterator[Executor]:
    """Processes of Dask, each of which does two tasks at a time."""
    dask.config.set({"distributed.worker.multiprocessing-method": method})
    with (
        LocalCluster(
            n_workers=PROCESSES, threads_per_worker=2, processes=True, dashboard_address=None
        ) as cluster,
        Client(cluster) as client,
        client.get_executor(pure=False) as executor,
    ):
        yield executor


@contextmanager
def pool(method: str) -> Iterator[Executor]:
    """Processes of the standard library."""
    context = multiprocessing.get_context(method)
    with ProcessPoolExecutor(PROCESSES, mp_context=context) as executor:
        yield executor


def main(kind: str, method: str, library: str, address: str) -> None:
    faulthandler.dump_traceback_later(HANG_SECONDS, exit=True)
    parent = Parent(address, library=library == "library")
    with {"dask": dask_workers, "pool": pool}[kind](method) as executor:
        told = [
            executor.submit(outcome, asked, parent.facts[asked], given)
            for _ in range(ROUNDS)
            for asked in parent.ids
            for given in (parent.connection, parent.unread[asked], None)
            if given is not None or method == "fork"  # a new process inherits nothing
        ]
        children = Counter(future.result() for future in told)
    found = {"parent": parent.complaints, "children": children}
    print(json.dumps({"runs": len(parent.ids), "rounds": ROUNDS, "found": found}))


if __name__ == "__main__":
    main(*sys.argv[1:])
