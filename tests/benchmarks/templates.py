"""How long a million lines take to be grouped by pattern, and their numbers to become columns.

For comparison, what a user would write: pandas' `str.replace` and `value_counts`, and Python's `re` line by line.
Memory is how far the process grew meanwhile.
"""

from __future__ import annotations

import gc
import random
import re
import resource
import statistics
import threading
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from flowrun_widgets.analysis.templates import CLEAN, MASKS, templates
from flowrun_widgets.report.frames import logs_frame
from flowrun_widgets.views.logs import FlowRunLogs
from tests.benchmarks.filter import LINES, lines

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from flowrun_widgets.log_columns import LogColumns

RUNS = 5
SAMPLE = 100_000
KINDS = 200
VERBS = ["loaded", "retrying", "reading", "wrote", "skipped", "merged", "checked", "dropped", "sent", "kept"]  # fmt: skip
NOUNS = ["rows", "partitions", "blocks", "orders", "files", "keys", "requests", "customers", "pages", "events"]  # fmt: skip
ENDS = [
    lambda c: f"in {c.random() * 9:.3f} s after {c.randrange(9)} tries",
    lambda c: f"of s3://bucket/day={c.randrange(40)}/part-{c.randrange(9999):05}.parquet",
]
VALUES = [
    lambda c: f"{c.randrange(1_000_000)} (batch {c.randrange(999)})",
    lambda c: f"{c.randrange(1_000_000):,} (key {c.getrandbits(64):016x})",
    lambda c: f"{c.randrange(999)} from 10.0.{c.randrange(256)}.{c.randrange(256)}:5432",
]


def main() -> None:
    columns = with_messages(message)
    count = len(templates(columns))
    size = columns.table["message"].nbytes / LINES
    print(f"{LINES:,} lines, {size:.0f} bytes each, {count} templates; median of {RUNS}")
    part = columns.slice(0, 50_000)
    ours = row("templates, 1,000,000 lines", LINES, lambda: templates(columns), 3000)
    row("templates, 50,000 lines", 50_000, lambda: templates(part), 150)
    logs = FlowRunLogs(columns)
    found = len(logs.extract("<int> (batch <int>) in <float> s"))
    named = f"extract, {found:,} lines fit"
    row(named, LINES, lambda: logs.extract("<int> (batch <int>) in <float> s"), 2500)
    found = len(logs.extract("(key <hex>)"))
    row(f"extract, {found:,} lines fit", LINES, lambda: logs.extract("(key <hex>)"), 2500)

    frame = logs_frame(columns)
    row("pandas: digits alone", LINES, lambda: digits_by_pandas(frame), runs=1)
    sample, messages = frame[:SAMPLE], frame["message"][:SAMPLE].tolist()
    in_pandas = row("pandas: the same masks", SAMPLE, lambda: by_pandas(sample), runs=1)
    in_python = row("Python: the same masks, re", SAMPLE, lambda: by_python(messages), runs=1)
    print(
        f"lines a second, ours / pandas {ours / in_pandas:.1f}, ours / Python {ours / in_python:.1f}"
    )

    hostile = with_messages(words)
    row("templates, every line other words", LINES, lambda: templates(hostile), runs=1)


def row(
    name: str, count: int, run: Callable[[], object], target: int = 0, runs: int = RUNS
) -> float:
    """Print a row of the table, and return how many lines a second were read."""
    spent, grown = [], []
    for _ in range(runs):
        with Growth() as growth:
            started = time.perf_counter()
            run()
            spent.append(time.perf_counter() - started)
        grown.append(growth.most_mb)
    took = statistics.median(spent)
    print(
        f"{name:38} {took * 1000:8.0f} ms {count / took:12,.0f} lines/s   + {max(grown):4.0f} MB"
        + (f"   (target ≤ {target:,} ms)" if target else "")
    )
    return count / took


class Growth:
    """How far this process's memory grows meanwhile, looked at every 5 ms (Linux)."""

    most_mb = 0.0

    def __enter__(self) -> Growth:
        gc.collect()
        self.before = resident_mb()
        self.done = threading.Event()
        self.thread = threading.Thread(target=self.look)
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.done.set()
        self.thread.join()

    def look(self) -> None:
        while not self.done.wait(0.005):
            self.most_mb = max(self.most_mb, resident_mb() - self.before)


def resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


def digits_by_pandas(frame: pd.DataFrame) -> pd.Series:
    """Mask numbers alone: the least that one would do."""
    return frame["message"].str.replace(r"[0-9]+", "0", regex=True).value_counts()


def by_pandas(frame: pd.DataFrame) -> pd.Series:
    """Mask as the templates do, and count."""
    messages = frame["message"]
    for pattern, mark in MASKS:
        messages = messages.str.replace(pattern, mark, regex=True)
    return messages.value_counts()


def by_python(messages: list[str]) -> Counter[str]:
    """Mask as the templates do."""
    special = re.compile("[\0-\x08\n-\x1f\x7f]")
    clean, masks = ([(re.compile(a, re.ASCII), b) for a, b in part] for part in (CLEAN, MASKS))
    counts: Counter[str] = Counter()
    for text in messages:
        for pattern, instead in [*clean, *masks] if special.search(text) else masks:
            text = pattern.sub(instead, text)
        counts[text] += 1
    return counts


def with_messages(make: Callable[[random.Random, int], str]) -> LogColumns:
    """Return a million lines with these messages."""
    chance = random.Random(7)
    made = [make(chance, n) for n in range(LINES)]
    return lines(LINES).with_messages(pa.chunked_array([pa.array(made, pa.large_string())]))


def message(chance: random.Random, number: int) -> str:
    kind = chance.randrange(KINDS)
    verb, noun = VERBS[kind % 10], NOUNS[kind // 10 % 10]
    value = VALUES[kind % 3](chance)
    return f"{noun.capitalize()} of the nightly load: {verb} {value} {ENDS[kind // 100](chance)}"


def words(chance: random.Random, number: int) -> str:
    return " ".join("".join(chance.choices("etaoinshrdlu", k=7)) for _ in range(10))


if __name__ == "__main__":
    main()
