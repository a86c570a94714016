"""How long a filter text takes over a million lines in memory, from the text to the number of lines that fit."""

from __future__ import annotations

import random
import statistics
import time

import numpy as np
import pyarrow as pa

from flowrun_widgets.arrow import pc
from flowrun_widgets.log_columns import SCHEMA, LogColumns
from flowrun_widgets.query import parse

LINES = 1_000_000
RUNS = 7
BEGIN = 1_795_313_340_000_000  # 2026-11-22T02:29:00Z
TASKS = [f"load[{number}]" for number in range(1_000)] + ["extract", "transform", "report", "clean"]
LOGGERS = ["prefect.flow_runs", "prefect.task_runs", "boto3.session", "urllib3.connectionpool"]
MESSAGES = [
    "Loaded {0} rows of partition {1} into warehouse.orders in {2:.3f} s, next batch is due",
    "Retrying request {1} to https://api.example.com/v2/items/{0} after a timeout of {1} s",
    "Connection reset by peer while reading block {0} of s3://bucket/day={1}/part-{0}.parquet",
    "Übertrage Zeile {0} für Kundennummer {1}: geprüft und abgelegt unter /daten/straße/{0}",
    "Task finished in state Success with {1} warnings; cache key {0:08x} is kept for {2:.1f} hours",
]
QUERIES = [
    ("literal, common", '"rows of partition"', 150),
    ("literal, rare", "99999", 150),
    ("literal, none", "kubernetes", 150),
    ("case ignored", "ÜBERTRAGE", 150),
    ("two words", "timeout retrying", 150),
    ("negated", "-rows", 150),
    ("regex", r"/timeout of \d+/", 200),
    ("regex, alternatives", r"/(?:reset|timeout|finished).*\b\d{2}\b/", 200),
    ("regex, \\w in a class", r"/part-[\w.]+t$/", 200),
    ("level", "level>=warning", 150),
    ("task", "task:load", 150),
    ("task, exact", 'task="load[7]"', 150),
    ("time", "time:2026-11-22T02:40Z..02:50Z", 150),
    ("attempt", "attempt:2", 150),
    (
        "combined",
        "level>=warning task:load -logger:boto timeout time:2026-11-22T02:29Z..04:00Z",
        150,
    ),
    ("combined, regex", r"level>=warning -logger:boto /timeout of \d+/ -reset", 200),
]


def main() -> None:
    columns = lines(LINES)
    running = dict.fromkeys(TASKS, (BEGIN, BEGIN + 3600000000))
    print(
        f"{LINES:,} lines, {columns.table['message'].nbytes / 1e6:.0f} MB of messages; median of {RUNS}"
    )
    for name, text, target in QUERIES:
        spent, hits = [], 0
        for _ in range(RUNS):
            started = time.perf_counter()
            hits = parse(text).mask(columns, attempts=running).true_count
            spent.append((time.perf_counter() - started) * 1000)
        print(
            f"{name:24} {statistics.median(spent):7.1f} ms  (target ≤ {target})  {hits:9,} hits   {text}"
        )
    first_rows(columns)


def first_rows(columns: LogColumns) -> None:
    """Print how long the first 64 thousand lines take: the page shows their hits while the rest is counted."""
    part = columns.slice(0, 65_536)
    spent = []
    for _ in range(RUNS):
        started = time.perf_counter()
        part.table.filter(parse("timeout retrying").mask(part)).slice(0, 80)
        spent.append((time.perf_counter() - started) * 1000)
    print(f"{'first 65 536 lines':24} {statistics.median(spent):7.1f} ms  (target ≤ 60)")


def lines(count: int) -> LogColumns:
    """Return that many lines, the same each time."""
    chance = random.Random(7)
    made = [
        MESSAGES[n % 5].format(chance.randrange(100_000), chance.randrange(40), chance.random() * 9)
        for n in range(count)
    ]
    numbers = np.random.default_rng(7)
    level = numbers.choice(np.array([10, 20, 20, 20, 30, 40], np.int16), count)
    task = pa.DictionaryArray.from_arrays(
        pa.array(numbers.integers(0, len(TASKS), count, np.int32)), TASKS
    )
    logger = pa.DictionaryArray.from_arrays(
        pa.array(numbers.integers(0, len(LOGGERS), count, np.int32)), LOGGERS
    )
    table = pa.table(
        {
            "seq": pa.array(np.arange(count)),
            "timestamp": pa.array(BEGIN + np.arange(count) * 7_200).cast(pa.timestamp("us", "UTC")),
            "level": pa.array(level),
            "level_name": pc.cast(pa.array(level), pa.string()).dictionary_encode(),
            "task_run_id": task,
            "task": task,
            "logger": logger,
            "message": pa.array(made, pa.large_string()),
            "id": pa.nulls(count, pa.binary(16)),
        },
        schema=SCHEMA,
    )
    return LogColumns(table, count)


if __name__ == "__main__":
    main()
