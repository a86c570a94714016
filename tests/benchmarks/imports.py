"""How long the import takes, and the first display in a fresh kernel, beside what they stand on."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from jupyter_client.manager import start_new_kernel

from flowrun_widgets.recordings.demo import Demo

RUNS = 7
PARTS = "import pandas, ipywidgets, anywidget, httpx"
PLAIN = f"""{PARTS}
class Plain(anywidget.AnyWidget):
    _esm = "export default {{ render() {{}} }}"
Plain()"""


def main() -> None:
    with Demo(pace=0.001) as demo:
        card = f"""import flowrun_widgets as fw
fw.connect({str(demo.path)!r})
fw.FlowRunView.from_flow_run_id({demo.failed!r})"""
        ours, parts = paired(lambda: imported("import flowrun_widgets"), lambda: imported(PARTS))
        row("import flowrun_widgets", ours, PARTS, parts, 0.5)
        ours, parts = paired(lambda: displayed(card), lambda: displayed(PLAIN))
        row("first card", ours, f"{PARTS.removeprefix('import ')} + a plain anywidget", parts, 1.5)


def paired(ours, theirs) -> tuple[list[float], list[float]]:
    ours(), theirs()
    pairs = [(ours(), theirs()) for _ in range(RUNS)]
    return [a for a, _ in pairs], [b for _, b in pairs]


def imported(statement: str) -> float:
    """Return the seconds that a fresh interpreter takes for a statement, its own start taken off."""
    code = f"import time; t = time.perf_counter(); {statement}; print(time.perf_counter() - t)"
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=folder
        )
    return float(done.stdout)


def displayed(source: str) -> float:
    """Return the seconds from sending a cell to a fresh kernel until its last output and its end."""
    manager, client = start_new_kernel(kernel_name="python3", cwd=str(Path.cwd()))
    try:
        started = time.perf_counter()
        reply = client.execute_interactive(source, timeout=60, output_hook=lambda _: None)
        seconds = time.perf_counter() - started
        if reply["content"]["status"] != "ok":
            raise RuntimeError(reply["content"]["evalue"])
        return seconds
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def row(name: str, ours: list[float], other: str, theirs: list[float], target: float) -> None:
    ratio = statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
    print(
        f"{name:24} {statistics.median(ours) * 1000:7.0f} ms   {other:60} "
        f"{statistics.median(theirs) * 1000:7.0f} ms   ratio {ratio:.2f} (target ≤ {target})"
    )


if __name__ == "__main__":
    main()
