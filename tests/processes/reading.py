"""What a program has read before there are other processes, and what these find."""

from __future__ import annotations

import tempfile
import threading
import time
import traceback
from pathlib import Path
from typing import Any

import flowrun_widgets as fw

CARD_SECONDS = 60


class Parent:
    """A connection with open sockets, runs that were read, and a thread that goes on reading them."""

    def __init__(self, address: str, *, library: bool) -> None:
        self.connection = fw.connect(address, library=library)
        self.ids = [run.flow_run_id for run in fw.find_flow_runs()]
        self.facts = {asked: facts(fw.FlowRunView.from_flow_run_id(asked)) for asked in self.ids}
        self.unread = {asked: fw.FlowRunView.from_flow_run_id(asked) for asked in self.ids}
        """Views that have read neither their log nor their task runs."""
        self.complaints: list[str] = []
        threading.Thread(target=self._go_on, daemon=True).start()

    def _go_on(self) -> None:
        while True:
            for asked in self.ids:
                told = outcome(asked, self.facts[asked])
                if told != "right":
                    self.complaints.append(told)
                time.sleep(0.05)


def facts(run: fw.FlowRunView) -> list[Any]:
    """Return of a run what no other has."""
    logs = run.get_logs()
    tasks = sorted(task.task_run_id for task in run.get_all_task_runs())
    return [run.flow_run_id, run.name, str(run.state), [line.message for line in logs], tasks]


def outcome(
    asked: str, expected: list[Any], given: fw.Connection | fw.FlowRunView | None = None
) -> str:
    """Read a run, show it and save it; return "right", or what is wrong.

    `given` is a connection or a view of the run that was pickled; None: everything is inherited.
    """
    try:
        if isinstance(given, fw.FlowRunView):
            run = given
        else:
            run = fw.FlowRunView.from_flow_run_id(asked, api=given)
        for view in (run, run.get_latest()):
            if facts(view) != expected:
                return f"{asked} is read as {facts(view)}, not {expected}"
        card = run.card()
        if not card.wait_until_loaded(CARD_SECONDS):
            return f"the card of {asked} is not loaded"
        card.close()
        return "right" if run.name in page(run) else f"{run.name} is not in its page"
    except Exception:  # noqa: BLE001
        return traceback.format_exc()


def page(run: fw.FlowRunView) -> str:
    """Return a run as HTML."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.html"
        run.to_html(path)
        return path.read_text("utf-8")
