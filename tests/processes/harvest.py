"""Counts a harvest through two workers of Dask with 1 GiB each, also when one is killed: `harvest FOLDER`.

Prints whether each way gives what this process counts, and how long it took.
"""

from __future__ import annotations

import faulthandler
import json
import os
import signal
import sys
import time
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from distributed import Client, LocalCluster

import flowrun_widgets as fw

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future

    import pandas as pd

HANG_SECONDS = 300
KILL_AT = 20
"""When so many parts were handed out, a worker is killed."""


class Killing(Executor):
    """Passes work on to another executor, and kills a worker on the way."""

    def __init__(self, executor: Executor, kill: Callable[[], None]) -> None:
        self._executor = executor
        self._kill = kill
        self._count = 0

    def submit(self, ask: Callable[..., Any], /, *given: Any, **more: Any) -> Future[Any]:
        future = self._executor.submit(ask, *given, **more)
        self._count += 1
        if self._count == KILL_AT:
            self._kill()
        return future


def main(folder: str) -> None:
    faulthandler.dump_traceback_later(HANG_SECONDS, exit=True)
    logs = fw.read_logs(folder)
    templates, levels = logs.templates(), _by_name(logs.level_counts())
    told: dict[str, Any] = {"lines": logs.count(), "killed": []}

    def timed(name: str, same: Callable[[], bool]) -> None:
        began = time.monotonic()
        told[name] = same()
        told[f"{name}, seconds"] = round(time.monotonic() - began, 1)

    def kill(client: Client) -> None:
        worker = next(iter(client.run(os.getpid).values()))
        told["killed"].append(worker)
        os.kill(worker, signal.SIGKILL)

    with two_workers() as client, client.get_executor(pure=False) as executor:
        killing = Killing(executor, lambda: kill(client))
        timed("templates", lambda: logs.templates(executor=executor).equals(templates))
        timed("levels", lambda: _by_name(logs.level_counts(executor=executor)) == levels)
        timed(
            "templates with a killed worker",
            lambda: logs.templates(executor=killing).equals(templates),
        )
    with two_workers() as client:
        # One result in one place: without `split_out`, Dask moves lines between its workers.
        sizes = logs.to_dask().groupby("level_name").size(split_out=1)
        timed("to_dask", lambda: sizes.compute().to_dict() == levels)

        def with_a_kill() -> bool:
            future = client.compute(sizes)
            kill(client)
            return future.result(timeout=HANG_SECONDS).to_dict() == levels

        timed("to_dask with a killed worker", with_a_kill)
    print(json.dumps(told))


@contextmanager
def two_workers() -> Iterator[Client]:
    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, memory_limit="1GiB", dashboard_address=None
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client


def _by_name(frame: pd.DataFrame) -> dict[str, int]:
    return dict(zip(frame["level_name"], frame["count"], strict=True))


if __name__ == "__main__":
    main(*sys.argv[1:])
