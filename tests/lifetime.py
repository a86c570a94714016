"""What a kernel holds, counted in the kernel: before and after many rounds of showing cards and letting them go."""

from __future__ import annotations

import gc
import threading
import time
from typing import TYPE_CHECKING, NamedTuple

import psutil

import flowrun_widgets as fw
from flowrun_widgets.log_columns import LogColumns

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowrun_widgets.runs.flow_run import FlowRunView
    from tests.kernel import Kernel

__all__ = ["ROUNDS", "WARM_UP", "Figures", "counted", "figures", "leave_half_way", "setup"]

SECONDS = 40
ZMQ_THREAD = "GarbageCollectorThread"
"""What pyzmq starts once for every message of more than 64 kB; it stays."""
CELL = "cell-of-the-card"
WARM_UP = 10


class Figures(NamedTuple):
    """What a process holds."""

    threads: int
    sockets: int
    files: int
    """Open descriptors; of threads that ended, the kernel's queues give theirs back late."""
    models: int
    logs: int
    """Log columns, however many lines they have."""
    megabytes: float

    def exceeds(self, most: Figures) -> list[str]:
        """Return what there is more of, files and memory aside."""
        counts = ("threads", "sockets", "models", "logs")
        return [name for name in counts if getattr(self, name) > getattr(most, name)]


def figures(most: tuple[float, ...] | None = None) -> Figures:
    """Return what this process holds, once nobody works; with `most`, once that is not more or 40 seconds are over."""
    deadline = time.monotonic() + SECONDS
    while True:
        found = _figures()
        is_over = time.monotonic() > deadline
        if is_over or (not _working() if most is None else not found.exceeds(Figures(*most))):
            return found
        time.sleep(0.1)


def _figures() -> Figures:
    from ipywidgets.widgets.widget import _instances

    gc.collect()
    process = psutil.Process()
    return Figures(
        threads=sum(type(one).__name__ != ZMQ_THREAD for one in threading.enumerate()),
        sockets=len(process.net_connections("tcp")),
        files=process.num_fds(),
        models=len(_instances),
        logs=sum(isinstance(one, LogColumns) for one in gc.get_objects()),
        megabytes=process.memory_info().rss / 1e6,
    )


def _working() -> list[str]:
    """Return the names of the threads of cards, but for those that follow runs."""
    names = [one.name for one in threading.enumerate()]
    return [name for name in names if name.startswith("flowrun card")]


def leave_half_way(run: FlowRunView) -> None:
    """Follow a run as snapshots and as lines, and stop in the middle of both."""
    for _ in run.watch():
        break
    lines = fw.watch_flow_run(run.flow_run_id)
    next(lines)


def setup(kernel: Kernel, source: str, run_id: str) -> None:
    """Have a kernel connect and open a run; threads without work and cards without a page rest sooner there."""
    kernel.run(
        "from IPython.display import clear_output, display\nimport flowrun_widgets as fw\n"
        "from flowrun_widgets.live import worker\nfrom flowrun_widgets.widget import loader\n"
        "from tests.lifetime import figures, leave_half_way\n"
        "worker.IDLE_SECONDS, loader.REST_SECONDS = 0.1, 0.2\n"
        f"fw.connect({source!r}, library=False)\nrun = fw.FlowRunView.from_flow_run_id({run_id!r})"
    )


def counted(kernel: Kernel, most: Figures | None = None) -> Figures:
    """Return what a kernel holds, as `figures` does."""
    wanted = None if most is None else tuple(most)
    return Figures(*kernel.value(f"tuple(figures({wanted}))"))


def close_it(kernel: Kernel) -> None:
    """Show a card, refresh it and close it."""
    kernel.run("card = run.card()\ndisplay(card)\ncard.refresh()\ncard.close()\ndel card", CELL)


def run_the_cell_again(kernel: Kernel) -> None:
    """Show a card in a cell that showed another one before, and refresh it."""
    kernel.run("card = run.card()\ndisplay(card)\ncard.refresh()\ndel card", CELL)


def use_it_in_a_page(kernel: Kernel) -> None:
    """Show a run; have a page ask, refresh and go away; run the cell again."""
    kernel.run("display(run)", CELL)
    model = kernel.model()
    query = {
        "text": "level:info",
        "zone": "UTC",
        "lines": "hits",
        "context": 0,
        "opened": [],
        "folds_repeats": False,
        "is_newest_first": False,
    }
    questions = [
        {"kind": "hello"},
        {"kind": "query", "query": query, "near": None, "count": 40},
        {"kind": "refresh"},
    ]
    for n, question in enumerate(questions, 1):
        kernel.ask(model, {**question, "view": "page", "n": n, "snapshot": 1})
    kernel.wait_for("refreshed")
    kernel.ask(model, {"kind": "bye", "view": "page", "n": 9, "snapshot": 1})


def follow_it(kernel: Kernel) -> None:
    """Show a card that follows its run, and close it while it does."""
    kernel.run(
        "card = run.card(follow=True)\ndisplay(card)\ncard.refresh()\ncard.close()\ndel card", CELL
    )


def follow_it_in_a_cell_that_runs_again(kernel: Kernel) -> None:
    """Show a card that follows its run in a cell that showed another such card before."""
    kernel.run("display(run.card(follow=True))", CELL)


def read_it_anew(kernel: Kernel) -> None:
    """Open the run, show it and clear the output."""
    kernel.run(
        "again = fw.FlowRunView.from_flow_run_id(run.flow_run_id)\ndisplay(again)\nclear_output()\ndel again",
        CELL,
    )


def stop_watching(kernel: Kernel) -> None:
    """Leave `watch()` and `watch_flow_run()` half-way."""
    kernel.run("leave_half_way(run)")


ROUNDS: tuple[Callable[[Kernel], None], ...] = (
    close_it,
    run_the_cell_again,
    use_it_in_a_page,
    follow_it,
    follow_it_in_a_cell_that_runs_again,
    read_it_anew,
    stop_watching,
)
