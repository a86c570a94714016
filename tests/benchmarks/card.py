"""The card of a million lines beside pandas' own repr, quak and itables, in JupyterLab and Notebook 7.

Every figure is taken in the page, on the page's clock. A display counts from the moment the page sends the cell to the
kernel, a question from the moment it is sent, a scroll from the moment the position is set; all end with the first task
after the frame that has the rows, so that they are on screen. Milliseconds are printed; nothing fails on them.
`FLOWRUN_BENCH_LINES` and `FLOWRUN_BENCH_ROUNDS` choose other numbers than 1,000,000 lines and 7 rounds;
`FLOWRUN_BENCH_CHECKOUTS` names checkouts of this project to measure in turn, their front ends built: `../before:.`.
"""

from __future__ import annotations

import os
import re
import shutil
import statistics
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import Browser, sync_playwright

from tests.benchmarks._wire_bytes import WireBytes
from tests.browser.conftest import CHROMIUM_OPTIONS, SCREENSHOTS
from tests.browser.lab import PANEL, Lab
from tests.browser.notebook7 import Notebook7
from tests.browser.server import LabServer

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
PEERS = next((ROOT / ".cache" / "peers" / "lib").glob("python3*/site-packages"), None)
LINES = int(os.environ.get("FLOWRUN_BENCH_LINES", "1000000"))
ROUNDS = int(os.environ.get("FLOWRUN_BENCH_ROUNDS", "7"))

CHECKOUTS = [
    Path(one).resolve()
    for one in os.environ.get("FLOWRUN_BENCH_CHECKOUTS", str(ROOT)).split(os.pathsep)
]
SETUP = f"""
sys.path.append({str(PEERS)!r})
import anywidget, itables, quak
from tests.big_run import big_run

class Least(anywidget.AnyWidget):
    _esm = "export default {{ render({{ el }}) {{ el.innerHTML = '<table><tr><td>00:00:00</td></tr></table>'; }} }};"

class Echo(anywidget.AnyWidget):
    _esm = "export default {{ render({{ model }}) {{ globalThis.echo = model; }} }};"

itables.init_notebook_mode(all_interactive=False, connected=False)
run = big_run({LINES})
logs = run.get_logs()
frame = logs.to_pandas()[["timestamp", "level_name", "task", "message"]]
frame = frame.astype({{"level_name": "str", "task": "str"}})
"""
TOOLS = {
    "pandas": "frame",
    "card": "run",
    "quak": "quak.Widget(frame)",
    "itables": "itables.show(frame)",
    "a widget of one line": "Least()",
}
ECHO = """
echo = Echo()
echo.on_msg(lambda widget, content, buffers: widget.send(content))
echo
"""
QUESTIONS = {
    "one line in 4,000": ("needle", "needle"),
    "one line in eight": ('"rows of partition"', "rows of partition"),
    "two terms": ("level>=warning took", "took"),
    "regular expression": (r"/took 0\.0\d\d s for 2\d+ rows/", r"took 0\.0\d\d s for 2\d+ rows"),
}
COUNT = "print([len(logs.where(text)) for text in {texts!r}])"
CELLS = [*TOOLS.values(), ECHO, COUNT.format(texts=[text for text, _ in QUESTIONS.values()])]
FIRST_TOOL, ECHO_CELL, COUNT_CELL = 1, 1 + len(TOOLS), 2 + len(TOOLS)

CARD = f"probe.card({PANEL}.content.widgets[{FIRST_TOOL + list(TOOLS).index('card')}].node)"
PLACES = (0.5, 0.47, 0.53, 0.45, 0.55, 0.49, 0.51)


@dataclass
class Display:
    """What displaying with one tool took, once a round."""

    milliseconds: list[float] = field(default_factory=list)
    cell: list[float] = field(default_factory=list)
    """Until the kernel said that the cell has ended."""
    bytes: list[int] = field(default_factory=list)
    code: list[int] = field(default_factory=list)
    megabytes: list[float] = field(default_factory=list)
    kinds: dict[str, int] = field(default_factory=dict)


def main() -> None:
    if PEERS is None:
        sys.exit("quak and itables are missing: run `make .cache/peers/.ready`")
    chromium = os.environ.get("FLOWRUN_CHROMIUM") or next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    folder = Path(tempfile.mkdtemp(prefix="flowrun-card-bench-"))
    server = LabServer(folder)
    try:
        server.start()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=[*CHROMIUM_OPTIONS])
            for kind in (Lab, Notebook7):
                for checkout in CHECKOUTS:
                    Session(kind, browser, server, checkout).measure()
            browser.close()
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


class Session:
    """One notebook in one tab with one kernel, in which everything is measured in turn."""

    def __init__(
        self, kind: type[Lab], browser: Browser, server: LabServer, checkout: Path
    ) -> None:
        self.checkout = checkout
        context = browser.new_context(viewport={"width": 1280, "height": 1700}, timezone_id="UTC")
        context.add_init_script(path=Path(__file__).with_name("_page.js"))
        self.name = kind.__name__
        self.lab = kind(context.new_page(), server, self.name.lower(), SCREENSHOTS)
        self.page = self.lab.page
        self.devtools = context.new_cdp_session(self.page)
        self.wire = WireBytes(self.devtools, self.page)

    def measure(self) -> None:
        self.lab.write(
            "bench.ipynb", [f"import sys\nsys.path[:0] = [{str(self.checkout)!r}]\n{SETUP}", *CELLS]
        )
        self.lab.open("bench.ipynb")
        self.lab.run(0)
        where = f" in {self.checkout}" if len(CHECKOUTS) > 1 else ""
        print(
            f"\n{self.name}{where}: {LINES:,} lines and 10,000 task runs in memory, medians of {ROUNDS}"
        )
        self.displays()
        self.lab.run(ECHO_CELL)
        self.lab.run(COUNT_CELL)
        hits = [int(n) for n in re.findall(r"\d+", self.lab.output(COUNT_CELL).inner_text())]
        self.run_tool("card")
        self.wire.wait_for_quiet()
        report("round trip of an empty message", self.repeated(self.echo))
        report(
            "frame without work",
            self.repeated(self.empty_frame),
        )
        self.guarded("scroll to the middle", 60, self.scroll)
        for (name, (text, pattern)), count in zip(QUESTIONS.items(), hits, strict=True):
            self.question(name, text, pattern, count)
        self.scrolling()
        self.lab.close()
        self.page.context.close()

    # Displays

    def displays(self) -> None:
        taken = {tool: Display() for tool in TOOLS}
        for turn in range(ROUNDS + 1):
            names = list(TOOLS)
            for tool in names[turn % 5 :] + names[: turn % 5]:
                self.display(tool, taken[tool])
        pandas = statistics.median(taken["pandas"].milliseconds[1:])
        print(f"{'display':22}{'first ms':>10}{'median ms':>11}{'of pandas':>11}{'cell ms':>9}"
              f"{'first kB':>10}{'code kB':>9}{'kB':>9}{'heap MB':>9}{'first MB':>10}")  # fmt: skip
        for tool, one in taken.items():
            median = statistics.median(one.milliseconds[1:])
            beside = [a - b for a, b in zip(one.bytes, one.code, strict=True)]
            print(f"{tool:22}{one.milliseconds[0]:10.0f}{median:11.0f}{median / pandas:11.2f}{statistics.median(one.cell[1:]):9.0f}"
                  f"{one.bytes[0] / 1000:10.1f}{one.code[0] / 1000:9.1f}{statistics.median(beside[1:]) / 1000:9.1f}"
                  f"{statistics.median(one.megabytes[1:]):9.1f}{one.megabytes[0]:10.1f}")  # fmt: skip
        kinds = ", ".join(f"{kind} {size / 1000:.1f}" for kind, size in taken["card"].kinds.items())
        print(f"the card's kB are {kinds}")
        print("targets for the card: of pandas ≤ 1.00, kB (without code) ≤ 40, heap MB ≤ 6")

    def display(self, tool: str, taken: Display) -> None:
        self.clear()
        before = self.heap()
        self.wire.reset()
        taken.milliseconds.append(self.run_tool(tool))
        self.wire.wait_for_quiet()
        self.lab.wait_until_idle()
        taken.cell.append(self.page.evaluate("probe.replied - probe.executed"))
        taken.bytes.append(self.wire.received)
        taken.code.append(self.wire.code)
        taken.kinds = dict(self.wire.kinds.most_common(4))
        taken.megabytes.append(self.heap() - before)

    def run_tool(self, tool: str) -> float:
        """Run the cell of a tool and return how long it took to the first row on screen."""
        cell = FIRST_TOOL + list(TOOLS).index(tool)
        return self.evaluate(
            f"""(async () => {{
              const panel = {PANEL};
              panel.content.activeCellIndex = {cell};
              const node = panel.content.widgets[{cell}].node;
              probe.executed = null;
              const shown = probe.painted(() => probe.executed !== null && probe.hasRows(node, '{tool}'));
              window.jupyterapp.commands.execute('notebook:run-cell');
              return await shown - probe.executed;
            }})()"""
        )

    def clear(self) -> None:
        self.page.evaluate(
            f"""() => {{
              for (const at of [{", ".join(str(FIRST_TOOL + n) for n in range(len(TOOLS)))}])
                {PANEL}.content.widgets[at].outputArea.model.clear();
            }}"""
        )
        self.wire.wait_for_quiet()

    def heap(self) -> float:
        """Return the megabytes of the page's JavaScript heap after garbage collection."""
        for _ in range(3):
            self.devtools.send("HeapProfiler.collectGarbage")
        return self.devtools.send("Runtime.getHeapUsage")["usedSize"] / 1e6

    # The card

    def echo(self, turn: int) -> float:
        return self.evaluate(
            f"""new Promise(done => {{
              const sent = performance.now();
              echo.off('msg:custom');
              echo.on('msg:custom', () => done(performance.now() - sent));
              echo.send({{ kind: 'echo', turn: {turn} }});
            }})"""
        )

    def empty_frame(self, _turn: int) -> float:
        return self.evaluate(
            "(async () => { const from = performance.now(); return await probe.painted(() => true) - from; })()"
        )

    def scroll(self, turn: int) -> float:
        place = PLACES[turn % len(PLACES)]
        low, high = (place - 0.005) * LINES, (place + 0.005) * LINES
        self.evaluate(
            f"(probe.scroller(probe.lines({CARD})).scrollTop = 0, probe.painted(() => probe.isAt({CARD}, 0, 1000)))"
        )
        return self.evaluate(
            f"""(async () => {{
              const card = {CARD}, box = probe.scroller(probe.lines(card));
              const from = performance.now();
              box.scrollTop = (box.scrollHeight - box.clientHeight) * {place};
              return await probe.painted(() => probe.isAt(card, {low}, {high})) - from;
            }})()"""
        )

    def question(self, name: str, text: str, pattern: str, count: int) -> None:
        first: list[float] = []
        total: list[float] = []

        def ask(_: int) -> float:
            self.evaluate(
                f"""(async () => {{
                  probe.type({CARD}, '');
                  await probe.painted(() => !probe.allMatch({CARD}, /{pattern}/i) && !probe.says({CARD}, {count}));
                }})()"""
            )
            rows, whole = self.evaluate(
                f"""(async () => {{
                  const card = {CARD};
                  probe.asked = {{}};
                  const asked = () => probe.asked.query ?? probe.asked.look;
                  const rows = probe.painted(() => asked() && probe.allMatch(card, /{pattern}/i));
                  const whole = probe.painted(() => asked() && probe.says(card, {count}));
                  probe.type(card, {text!r});
                  return [await rows - asked(), await whole - asked()];
                }})()"""
            )
            first.append(rows)
            total.append(whole)
            return whole

        try:
            self.repeated(ask)
        except Exception as error:  # noqa: BLE001
            print(f"{name:34} not measured: {str(error).splitlines()[0]}")
            self.lab.screenshot("card-bench-" + name.replace(" ", "-"))
            return
        limit = 200 if text.startswith("/") else 150
        report(f"{name}, first rows", first[1:], 60)
        report(f"{name}, all {count:,}", total[1:], limit)

    def scrolling(self) -> None:
        """Turn the wheel over both tables, and say which tasks of the page took long."""
        card = self.page.locator("article").first
        lines = card.get_by_role("grid").or_(card.get_by_role("table"))
        tables = {"Logs": lines, "Task runs": card.get_by_role("treegrid")}
        for tab, tables_of_role in tables.items():
            card.get_by_role("tab", name=tab).click()
            table = tables_of_role.first
            table.wait_for()
            table.scroll_into_view_if_needed()
            box = table.bounding_box() or {"x": 0, "y": 0, "width": 0, "height": 0}
            self.page.mouse.move(
                box["x"] + box["width"] / 2, box["y"] + min(box["height"], 300) / 2
            )
            self.page.evaluate("probe.watch()")
            for step in range(80):
                self.page.mouse.wheel(0, (120, 700, 4000)[step % 3])
            found = self.page.evaluate("(probe.isWatching = false, probe)")
            longest = max(found["tasks"], default=0)
            print(
                f"scrolling {tab.lower():24} {len(found['tasks'])} tasks over 50 ms, the longest {longest:.0f} ms (target 0); "
                f"{len(found['gaps'])} frames, the longest {max(found['gaps']):.0f} ms"
            )

    def repeated(self, once: Callable[[int], float]) -> list[float]:
        return [once(turn) for turn in range(ROUNDS + 1)][1:]

    def guarded(self, name: str, target: float, once: Callable[[int], float]) -> None:
        try:
            report(name, self.repeated(once), target)
        except Exception as error:  # noqa: BLE001
            print(f"{name:34} not measured: {str(error).splitlines()[0]}")

    def evaluate(self, promise: str, seconds: int = 30) -> Any:
        """Return what a promise in the page comes to; it fails after some time."""
        return self.page.evaluate(
            f"""() => Promise.race([{promise}, new Promise((_, fail) =>
                setTimeout(() => fail(new Error('not seen in {seconds} s')), {seconds * 1000}))])"""
        )


def report(name: str, taken: list[float], target: float | None = None) -> None:
    aim = "" if target is None else f"  (target ≤ {target})"
    spread = " ".join(f"{one:.0f}" for one in taken)
    print(f"{name:34} {statistics.median(taken):7.1f} ms{aim:17} {spread}")


if __name__ == "__main__":
    main()
