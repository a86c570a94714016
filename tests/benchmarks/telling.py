"""What is told of 20 recorded failures with 200,000 lines each: is the line that reports the failure in it?

The recorded lines are at a random place among others, of which 3 % are warnings and 1 % errors; in the second table
the one line that reports the failure is, long before the run fails. `why_failed` and the text of a notebook's output
read parts of the log; then the whole log is read.
"""

from __future__ import annotations

import statistics
import sys
import time
from typing import TYPE_CHECKING

from flowrun_widgets.cli.digest_lines import digest_lines
from flowrun_widgets.mcp.tools import Tools
from flowrun_widgets.views.cause import cause_of
from flowrun_widgets.views.content import known_content
from flowrun_widgets.widget.static_display import static_bundle
from tests.long_failures import long_failures

if TYPE_CHECKING:
    from collections.abc import Iterator

    import flowrun_widgets as fw

FAILURES, LINES = 20, 200_000


def main(lines: int = LINES) -> None:
    for is_apart in (False, True):
        print("\nThe evidence apart" if is_apart else "\nThe recorded lines together")
        measure(lines, is_apart=is_apart)


def measure(lines: int, *, is_apart: bool) -> None:
    found: dict[str, list[tuple[bool, int, float]]] = {}
    missed: list[str] = []
    for one in long_failures(FAILURES, lines, is_apart=is_apart):
        with one.opened() as run:
            for what, text, seconds in told(run):
                is_in = one.is_in(text)
                found.setdefault(what, []).append((is_in, len(text), seconds))
                if not is_in:
                    missed.append(f"{one.case.name}: {what}")
    print(f"{'':34} {'found':>7} {'characters':>11} {'most':>7} {'seconds':>8} {'most':>6}")
    for what, rows in found.items():
        hits, sizes, spans = zip(*rows, strict=True)
        print(
            f"{what:34} {sum(hits):>4}/{len(rows)} {statistics.median(sizes):>11.0f} {max(sizes):>7} "
            f"{statistics.median(spans):>8.2f} {max(spans):>6.2f}"
        )
    for what in missed:
        print("not found in", what)


def told(run: fw.FlowRunView) -> Iterator[tuple[str, str, float]]:
    """Yield what is told of a run: the place, the text, and how many seconds it took."""
    begun = time.perf_counter()
    text = "\n".join(line.text for line in digest_lines(cause_of(run)))
    yield "flowrun why, parts of the log", text, time.perf_counter() - begun
    begun = time.perf_counter()
    text = Tools(run.connection).why_failed(run.flow_run_id)
    yield "why_failed, parts of the log", text, time.perf_counter() - begun
    begun = time.perf_counter()
    bundle = static_bundle(run)
    seconds = time.perf_counter() - begun
    yield "text/plain, parts of the log", bundle["text/plain"], seconds
    yield "text/markdown, parts of the log", bundle["text/markdown"], seconds
    run.get_all_task_runs()
    run.get_logs()
    content = known_content(run)
    begun = time.perf_counter()
    text = content.text
    yield "text/plain, the whole log", text, time.perf_counter() - begun
    yield "text/markdown, the whole log", content.markdown, 0.0


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
