"""Forks in the middle of reads, follows and cards, and prints what the children found: `python forking.py STORE 20`."""

import multiprocessing
import os
import signal
import sys
import threading
import time
import traceback
from collections import Counter
from typing import TYPE_CHECKING

import flowrun_widgets as fw
from flowrun_widgets.gateway import Gateway
from flowrun_widgets.gateway.server import Server

if TYPE_CHECKING:
    from multiprocessing.queues import SimpleQueue

HANG_SECONDS = 60


class Parent:
    """What goes on in the parent, of which each child has a copy."""

    def __init__(self, ids: list[str]) -> None:
        self.ids = ids
        self.run = self.watched = fw.FlowRunView.from_flow_run_id(ids[0])
        self.card = self.run.card()

    def read(self) -> None:
        for asked in self.ids:
            self.run = fw.FlowRunView.from_flow_run_id(asked)
            self.run.digest()
            self.run.get_latest()

    def follow(self) -> None:
        for _ in self.watched.watch(interval=0.1):
            pass

    def show(self) -> None:
        before, self.card = self.card, self.watched.card(follow=True)
        before.close()
        self.card.query = "level:error"

    def found(self, number: int) -> str:
        """Return what a child finds: "right", or what is wrong."""
        for place in (number, number + 1):
            asked = self.ids[place % len(self.ids)]
            run = fw.FlowRunView.from_flow_run_id(asked)
            if run.flow_run_id != asked or run.get_latest().flow_run_id != asked:
                return "another run"
        self.run.digest()  # the parent may be in the middle of it
        self.follow()
        if not self.card.wait_until_loaded(HANG_SECONDS) or self.card.hit_count is None:
            return "a card that is not loaded"
        self.card.refresh()
        own = fw.FlowRunView.from_flow_run_id(asked).card()
        return "right" if own.wait_until_loaded(HANG_SECONDS) else "no card"


def repeat(work, errors: list[str]) -> None:
    def run() -> None:
        while True:
            try:
                work()
            except Exception:  # noqa: BLE001
                errors.append(traceback.format_exc())
            time.sleep(0.05)

    threading.Thread(target=run, daemon=True).start()


def tell(parent: Parent, number: int, told: "SimpleQueue[str]") -> None:
    try:
        told.put(parent.found(number))
    except BaseException:  # noqa: BLE001
        told.put(traceback.format_exc())


def main(path: str, forks: int) -> None:
    with Server(Gateway(path), port=0).start() as server:
        fw.connect(server.url, library=False)
        parent = Parent([run.flow_run_id for run in fw.find_flow_runs()])
        errors: list[str] = []
        for work in (parent.read, parent.follow, parent.show):
            repeat(work, errors)
        context = multiprocessing.get_context("fork")
        told: Counter[str] = Counter()
        for number in range(forks):
            queue = context.SimpleQueue()
            child = context.Process(target=tell, args=(parent, number, queue))
            child.start()
            child.join(HANG_SECONDS)
            if child.is_alive():
                os.kill(child.pid or 0, signal.SIGABRT)
            told["hangs" if child.is_alive() else "died" if queue.empty() else queue.get()] += 1
        print(*errors[:1], dict(told))
        sys.stdout.flush()
        os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
