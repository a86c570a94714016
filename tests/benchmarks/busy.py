"""The card while a cell runs, in JupyterLab: what refresh, filter, scroll and tab take in a run that goes on.

The run has 200,000 lines and gets 10 more a second from another process, so each refresh brings some. Every figure is
taken in the page, on the page's clock: from the click to the first task after the frame that shows the answer. The
first click is the first ever on that card. Milliseconds are printed; nothing fails on them. A C call that keeps Python's
lock stops every thread of the kernel and is no part of this.
`FLOWRUN_BENCH_LINES` and `FLOWRUN_BENCH_ROUNDS` choose other numbers than 200,000 lines and 6 rounds.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import sync_playwright

from tests.benchmarks._large_store import run_id
from tests.benchmarks.follow import write_running
from tests.browser.busy import BUSY, beginning, busy
from tests.browser.card_page import CardPage
from tests.browser.conftest import CHROMIUM_OPTIONS, SCREENSHOTS
from tests.browser.lab import PANEL, Lab
from tests.browser.server import ROOT, LabServer

if TYPE_CHECKING:
    from playwright.sync_api import Browser

LINES = int(os.environ.get("FLOWRUN_BENCH_LINES", "200000"))
ROUNDS = int(os.environ.get("FLOWRUN_BENCH_ROUNDS", "6"))
REPEATS = 3
FLOOR = 150
SHOW, IDLE = 1, 2
PLACES = (0.3, 0.5, 0.7)

REFRESH = """(async () => {
  const card = CARD;
  const button = () => [...card.querySelectorAll("button[aria-disabled]")].find(one => /^(Refresh|Queued)/.test(one.textContent.trim()));
  let hasBegun = false;
  const seen = new MutationObserver(() => { hasBegun ||= button().ariaDisabled === "true"; });
  seen.observe(card, { attributes: true, childList: true, subtree: true });
  const from = performance.now();
  button().click();
  const at = await probe.painted(() => hasBegun && button().ariaDisabled === "false");
  seen.disconnect();
  return at - from;
})()"""
FILTER = """(async () => {
  const card = CARD;
  probe.type(card, "");
  await probe.painted(() => !probe.allMatch(card, /PATTERN/));
  const from = performance.now();
  probe.type(card, '"PATTERN"');
  return await probe.painted(() => probe.allMatch(card, /PATTERN/)) - from;
})()"""
UNFILTER = """(async () => {
  const card = CARD;
  probe.type(card, "");
  await probe.painted(() => probe.visible(card).length > 3);
})()"""
SCROLL = """(async () => {
  const card = CARD, box = probe.scroller(probe.lines(card));
  const from = performance.now();
  box.scrollTop = (box.scrollHeight - box.clientHeight) * PLACE;
  return await probe.painted(() => probe.isAt(card, LOW, HIGH)) - from;
})()"""
TAB = """(async () => {
  const card = CARD;
  const tab = (name) => [...card.querySelectorAll("[role=tab]")].find(one => one.textContent.startsWith(name));
  const from = performance.now();
  tab("Task runs").click();
  const at = await probe.painted(() => card.querySelectorAll("[role=treegrid] [role=row]").length > 1);
  tab("Logs").click();
  await probe.painted(() => probe.lines(card));
  return at - from;
})()"""


def main() -> None:
    chromium = os.environ.get("FLOWRUN_CHROMIUM") or next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    with tempfile.TemporaryDirectory(prefix="flowrun-busy-bench-") as name:
        folder = Path(name)
        write_running(folder / "store.sqlite", LINES)
        server = LabServer(folder)
        try:
            server.start()
            with writing(folder / "store.sqlite"), sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path=chromium, args=[*CHROMIUM_OPTIONS]
                )
                Session(browser, server, folder).measure()
                browser.close()
        finally:
            server.stop()


def writing(store: Path) -> Writer:
    """Start a writer of 10 lines a second, which ends with the block."""
    command = [sys.executable, "-m", "tests.benchmarks._follow_writer"]
    arguments = [str(store), run_id(1), "36000", "10"]
    process = subprocess.Popen([*command, *arguments], cwd=ROOT, stdin=subprocess.PIPE, text=True)
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()
    return Writer(process)


class Writer:
    """A process that ends with a block."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()


class Session:
    """One notebook in one tab with one kernel."""

    def __init__(self, browser: Browser, server: LabServer, folder: Path) -> None:
        context = browser.new_context(viewport={"width": 1280, "height": 1200}, timezone_id="UTC")
        context.add_init_script(path=Path(__file__).with_name("_page.js"))
        self.lab = Lab(context.new_page(), server, "busy", SCREENSHOTS)
        self.stop = folder / "stop"
        setup = (
            "import flowrun_widgets as fw\nfrom IPython.display import display\n"
            f"fw.connect({str(folder / 'store.sqlite')!r})\n"
            f"run = fw.FlowRunView.from_flow_run_id({run_id(1)!r})\nrun.get_logs()\n"
        )
        show = "display(run.card())"
        cells = [setup + beginning(self.stop), show, *BUSY.values()]
        self.own = len(cells)
        cells += [f"{show}\n{cell}" for cell in BUSY.values()]
        self.lab.write("busy.ipynb", cells)

    def measure(self) -> None:
        """Print the table."""
        self.lab.open("busy.ipynb")
        self.lab.run(0)
        kinds = ("first refresh", "refresh", "filter", "scroll", "tab")
        print(f"{LINES:,} lines, 10 more a second; medians of {ROUNDS} first clicks and {ROUNDS * REPEATS} of the rest;"
              f" load {os.getloadavg()[0]:.1f}")  # fmt: skip
        print(f"{'milliseconds':36}" + "".join(f"{kind:>15}" for kind in kinds))
        situations = {"idle": (SHOW, None)}
        for number, name in enumerate(BUSY):
            situations[f"{name}, another cell"] = (SHOW, IDLE + number)
            situations[f"{name}, the cell that shows it"] = (self.own + number, None)
        for name, (shown, running) in situations.items():
            taken: dict[str, list[float]] = defaultdict(list)
            for turn in range(ROUNDS):
                self.turn(shown, running, taken, turn)
            medians = "".join(f"{statistics.median(taken[kind]):15.0f}" for kind in kinds)
            print(
                f"{name:36}{medians}   {' '.join(f'{one:.0f}' for one in sorted(taken['refresh']))}"
            )
        print(f"{'floor':36}{f'< {FLOOR}':>15}{f'< {FLOOR}':>15}")

    def turn(
        self, shown: int, running: int | None, taken: dict[str, list[float]], turn: int
    ) -> None:
        """Show a new card and use it while a cell runs."""
        if shown == SHOW:
            self.lab.run(shown)
            CardPage(self.lab.cell(shown)).wait()
        occupied = shown if shown != SHOW else running
        around = nullcontext() if occupied is None else busy(self.lab, occupied, self.stop)
        with around:
            CardPage(self.lab.cell(shown)).wait()
            self.card = f"{PANEL}.content.widgets[{shown}].node.querySelector('article')"
            self.evaluate(f"probe.painted(() => probe.visible({self.card}).length > 3)")
            taken["first refresh"].append(self.evaluate(REFRESH))
            for place in PLACES[:REPEATS]:
                taken["refresh"].append(self.evaluate(REFRESH))
                pattern = f"step {LINES // 2 + turn * 1000 + int(place * 1000)} of"
                taken["filter"].append(self.evaluate(FILTER.replace("PATTERN", pattern)))
                self.evaluate(UNFILTER)
                total = f"{LINES} * {place}"
                scroll = SCROLL.replace("PLACE", str(place))
                scroll = scroll.replace("LOW", f"{total} - 2000").replace("HIGH", f"{total} + 2000")
                taken["scroll"].append(self.evaluate(scroll))
                taken["tab"].append(self.evaluate(TAB))

    def evaluate(self, promise: str, seconds: int = 30) -> Any:
        """Return what a promise in the page comes to; it fails after some time."""
        return self.lab.page.evaluate(
            f"""() => Promise.race([{promise.replace("CARD", self.card)}, new Promise((_, fail) =>
                setTimeout(() => fail(new Error('not seen in {seconds} s')), {seconds * 1000}))])"""
        )


if __name__ == "__main__":
    main()
