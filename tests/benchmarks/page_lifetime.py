"""Cards shown, refreshed, closed and shown again in one cell of JupyterLab: what is left in kernel and page.

Beside them a button of ipywidgets is shown as often: what JupyterLab itself keeps of every run of a cell. Figures are
those after all rounds less those after the first ten. `--rounds` chooses another number than 1,000; nothing fails on the
figures.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from tests.browser.conftest import CHROMIUM_OPTIONS, SCREENSHOTS
from tests.browser.lab import Lab
from tests.browser.server import LabServer
from tests.lifetime import WARM_UP

if TYPE_CHECKING:
    from collections.abc import Callable

SETUP = """
import json, gc, psutil, ipywidgets
import flowrun_widgets as fw
from ipywidgets.widgets.widget import _instances
demo = fw.demo(pace=1e-9)
run = fw.FlowRunView.from_flow_run_id(demo.failed)
"""
CARD = "card = run.card()\ndisplay(card)"
CLOSE = "card.close()"
BUTTON = "button = ipywidgets.Button(description='one')\ndisplay(button)"
CLOSE_BUTTON = "button.close()"
COUNT = """
gc.collect()
process = psutil.Process()
print(json.dumps([process.memory_info().rss / 1e6, process.num_fds(), len(_instances)]))
"""
# Playwright keeps every element that a locator found: here nothing is found that is not let go.
ROOT = "document.querySelector('.frw-place')?.shadowRoot"
REFRESH = f"""() => {{
  const buttons = [...{ROOT}.querySelectorAll('button')];
  buttons.find((button) => button.textContent.trim() === 'Refresh').click();
}}"""
COLUMNS = ("kernel MB", "descriptors", "models", "page MB", "nodes", "listeners")
FLOORS = {"kernel MB": 20, "descriptors": 0, "page MB": 10}


class Rounds:
    """A notebook in which one cell is run again and again."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        lab.write("rounds.ipynb", [SETUP, CARD, CLOSE, BUTTON, CLOSE_BUTTON, COUNT])
        lab.open("rounds.ipynb")
        lab.run(0)
        self.devtools = lab.page.context.new_cdp_session(lab.page)

    def card(self) -> None:
        self.lab.run(1)
        self.lab.wait_for(f"!!{ROOT}?.querySelector('.line')")
        self.lab.page.evaluate(REFRESH)
        self.lab.run(2)

    def button(self) -> None:
        self.lab.run(3)
        self.lab.wait_for("!!document.querySelector('.widget-button')")
        self.lab.run(4)

    def figures(self) -> list[float]:
        self.lab.run(5)
        text = self.lab.output(5).inner_text()
        for _ in range(2):
            self.devtools.send("HeapProfiler.collectGarbage")
        heap = self.devtools.send("Runtime.getHeapUsage")["usedSize"] / 1e6
        counters = self.devtools.send("Memory.getDOMCounters")
        return [*json.loads(text), heap, counters["nodes"], counters["jsEventListeners"]]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--rounds", type=int, default=1_000)
    rounds = arguments.parse_args().rounds
    with (
        tempfile.TemporaryDirectory(prefix="flowrun-bench-") as folder,
        sync_playwright() as driver,
    ):
        server = LabServer(Path(folder))
        server.start()
        browser = driver.chromium.launch(
            executable_path=shutil.which("chromium"), args=list(CHROMIUM_OPTIONS)
        )
        try:
            page = Rounds(Lab(browser.new_page(), server, "rounds", SCREENSHOTS))
            print(f"more after {rounds:,} rounds than after {WARM_UP}")
            print(f"{'':10}" + "".join(f"{name:>13}" for name in COLUMNS) + f"{'ms a round':>12}")
            for name, once in {"a button": page.button, "a card": page.card}.items():
                _row(name, once, page, rounds)
            floors = (FLOORS.get(name) for name in COLUMNS)
            print(
                f"{'floors':10}" + "".join(f"{'' if f is None else f'≤ {f}':>13}" for f in floors)
            )
        finally:
            browser.close()
            server.stop()


def _row(name: str, once: Callable[[], None], page: Rounds, rounds: int) -> None:
    for _ in range(WARM_UP):
        once()
    before = page.figures()
    began = time.perf_counter()
    for _ in range(rounds):
        once()
    took = (time.perf_counter() - began) / rounds * 1000
    more = (new - old for new, old in zip(page.figures(), before, strict=True))
    print(f"{name:10}" + "".join(f"{one:13.4g}" for one in more) + f"{took:12.0f}", flush=True)


if __name__ == "__main__":
    main()
