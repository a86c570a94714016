"""Runs × tasks in JupyterLab: how large a grid is, when its first picture stands, and how it scrolls.

1,000 runs of 50 tasks are made up and in memory; every tenth task has twelve mapped task runs. "50 read" is what
`runs.grid()` shows first, "all read" after `grid.to_pandas()`. Milliseconds count from the moment the page sends the cell
to the kernel to the first task after the frame that has the cells. Nothing fails on the figures.
`FLOWRUN_BENCH_RUNS` and `FLOWRUN_BENCH_ROUNDS` choose other numbers than 1,000 runs and 5 rounds.
"""

from __future__ import annotations

import gzip
import os
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import sync_playwright

import flowrun_widgets as fw
from flowrun_widgets.runs.flow_run import FlowRunView
from flowrun_widgets.widget.grid_widget import GridWidget
from tests.browser.conftest import CHROMIUM_OPTIONS, SCREENSHOTS
from tests.browser.lab import PANEL, Lab
from tests.browser.server import LabServer
from tests.many_runs import many_columns

if TYPE_CHECKING:
    from playwright.sync_api import Page

RUNS = int(os.environ.get("FLOWRUN_BENCH_RUNS", "1000"))
ROUNDS = int(os.environ.get("FLOWRUN_BENCH_ROUNDS", "5"))
TASKS = 50
MADE = f"""
import flowrun_widgets as fw
from tests.many_runs import many_columns
demo = fw.demo(pace=1e-9)
connection = fw.FlowRunView.from_flow_run_id(demo.failed).connection
first, whole = (many_columns(connection, {RUNS}, {TASKS}) for _ in range(2))
frame = whole.to_pandas()
"""
KINDS = {"50 read": (1, "first"), "all read": (2, "whole")}
SHOW = """async ([cell, panel]) => {
  const node = cell.node;
  probe.executed = null;
  panel.content.activeCellIndex = panel.content.widgets.indexOf(cell);
  const shown = probe.painted(() => probe.executed !== null && probe.gridCells(node) > 100);
  window.jupyterapp.commands.execute('notebook:run-cell');
  return await shown - probe.executed;
}"""
GRID = """
window.probe.grid = (node) => {
  for (const place of node.querySelectorAll('.frw-place')) {
    const grid = place.shadowRoot?.querySelector('[role=grid]');
    if (grid) return grid;
  }
  return null;
};
window.probe.gridCells = (node) => window.probe.grid(node)?.querySelectorAll('[role=gridcell]').length ?? 0;
"""


def main() -> None:
    in_python()
    chromium = os.environ.get("FLOWRUN_CHROMIUM") or next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    folder = Path(tempfile.mkdtemp(prefix="flowrun-grid-bench-"))
    server = LabServer(folder)
    try:
        server.start()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=[*CHROMIUM_OPTIONS])
            context = browser.new_context(viewport={"width": 1280, "height": 1000})
            context.add_init_script(path=Path(__file__).with_name("_page.js"))
            lab = Lab(context.new_page(), server, "grid", SCREENSHOTS)
            lab.write("grid.ipynb", [MADE, *(name for _, name in KINDS.values())])
            lab.open("grid.ipynb")
            lab.run(0)
            lab.page.evaluate(f"() => {{ {GRID} }}")
            in_page(lab)
            lab.close()
            browser.close()
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def in_python() -> None:
    """Print how large what is sent is, and how long making it takes."""
    demo = fw.demo(pace=1e-9)
    connection = FlowRunView.from_flow_run_id(demo.failed).connection
    grid = many_columns(connection, RUNS, TASKS)
    print(f"{RUNS:,} runs × {TASKS} tasks\n")
    print(f"{'':10}{'columns':>9}{'cells':>9}{'JSON kB':>9}{'sent kB':>9}{'bytes a cell':>14}{'made in ms':>12}{'twin kB':>9}")  # fmt: skip
    for name in KINDS:
        if name == "all read":
            grid.to_pandas()
        begun = time.perf_counter()
        widget = GridWidget(grid, grid._lazy, grid._static_bundle, FlowRunView.card)
        took = time.perf_counter() - begun
        columns = len(grid.runs)
        sent, twin = widget.payload, grid._static_bundle()["text/html"]
        widget.close()
        cells = columns * TASKS
        print(f"{name:10}{columns:9,}{cells:9,}{len(gzip.decompress(sent)) / 1000:9.1f}{len(sent) / 1000:9.1f}"
              f"{len(sent) / cells:14.2f}{took * 1000:12.0f}{len(twin.encode()) / 1000:9.1f}")  # fmt: skip


def in_page(lab: Lab) -> None:
    """Print when the first picture stands, and what scrolling from the newest run to the oldest takes."""
    page = lab.page
    print(f"\n{'':10}{'first ms':>10}{'median ms':>11}{'elements':>10}{'scroll frame ms':>17}{'longest ms':>12}")  # fmt: skip
    for name, (cell, _) in KINDS.items():
        taken: list[float] = []
        for _ in range(ROUNDS + 1):
            evaluate(page, f"{PANEL}.content.widgets[{cell}].outputArea.model.clear()")
            taken.append(evaluate(page, f"({SHOW})([{PANEL}.content.widgets[{cell}], {PANEL}])"))
            lab.wait_until_idle()
        node = f"{PANEL}.content.widgets[{cell}].node"
        elements = evaluate(page, f"probe.grid({node}).querySelectorAll('*').length")
        gaps = evaluate(page, SCROLL.replace("NODE", node))
        print(f"{name:10}{taken[0]:10.0f}{statistics.median(taken[1:]):11.0f}{elements:10,}"
              f"{statistics.median(gaps):17.1f}{max(gaps):12.0f}")  # fmt: skip


SCROLL = """(async () => {
  const grid = probe.grid(NODE), gaps = [];
  const frame = () => new Promise(requestAnimationFrame);
  let last = await frame();
  for (let i = 0; i < 120; i++) {
    grid.scrollLeft -= 160;
    grid.scrollTop += i % 2 ? 44 : -22;
    const now = await frame();
    gaps.push(now - last);
    last = now;
  }
  return gaps;
})()"""


def evaluate(page: Page, expression: str) -> Any:
    return page.evaluate(f"() => {expression}")


if __name__ == "__main__":
    main()
