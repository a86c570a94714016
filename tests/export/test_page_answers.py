"""A page answers as the kernel does: random logs and random questions, asked of both."""

from __future__ import annotations

import json
import random
import subprocess
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from flowrun_widgets.backends.protocol import LogRead, TaskRunRead
from flowrun_widgets.export.line_blocks import LogInBlocks
from flowrun_widgets.log_columns import LogColumns
from flowrun_widgets.records import TaskRunRecord
from flowrun_widgets.runs.flow_run import FlowRunView
from flowrun_widgets.states import Failed, Looped, Retrying, Running, Success
from flowrun_widgets.times import from_micros, to_micros
from flowrun_widgets.views.content import known_content
from flowrun_widgets.views.fetched import FetchedParts
from flowrun_widgets.widget import protocol
from flowrun_widgets.widget.answers import answer
from flowrun_widgets.widget.downloads import file_name
from flowrun_widgets.widget.snapshot import CardSnapshot
from tests.export.runs import long_run

JS = Path(__file__).parents[2] / "js"
LOGS, QUESTIONS = 60, 40
BEGIN = 1_795_305_600_000_000
STEP = 97_000_003
"""Microseconds between two moments: some 97 s, so that most logs have stretches in which nothing happens."""
MESSAGES = [
    "reset", "Reset by peer", "rows=12 in 0.5 s", "rows=7 in 12 s", "rows=1,234,567 in .5 s", "", "Ü 😀",
    "GET https://api.example.com/v2/items/17?page=3 answered 200", "wrote /srv/data/größe/part-00012.parquet.",
    "id 0f8fad5b-d9cd-469f-a165-70867728950e is gone", "commit 1f3a9c27be of 2026-11-22T02:29:00.123Z",
    "\x1b[32mCommitted\x1b[0m 17 rows", "  two\nlines and 3", "tab\tand \x07 bell 4", "10.0.0.7 took 1.2345678e-05",
    "C:\\flows\\<int>\\run.py", "version 1.2.3 of 4.5.6.7.8", "x" * 2_500 + " 12", "a 7 " * 120, "ends with …",
    'says "quoted" 0xff', "'load[3]': done", "-5 and +7 and a-5", "state <module> \\<int>", "\u2028 odd \u200f",
    "price 12,5 or 1e5", "deadbeef1 of DEADBEEF2 of 12345678 of deadbeef",
]  # fmt: skip
TEXTS = [
    "", "", "reset", "-reset", "/r\\w+t/", "level>=warning", "level:info rows", "task:load", 'task="load"', "run:x",
    'task="" reset', "attempt:2", "attempt>1 level>=error", "nothing-has-it", "time:23:00..", "-attempt:1", "-run:x",
    "time:..2026-11-22T00:20Z", "reset time:2026-11-22T00:05Z..2026-11-22T01:00Z", "-time:..00:10", "task:laod",
    'task="lod[1]"', "logger:boto -level:debug", "logger:prefct", "time:2030-01-01T00:00Z..", 'task:"lo ad"', "attempt:0",
]  # fmt: skip
TYPED = ["", "l", "level", "level:", "level>=w", "-le", "task:", "task=l", 'task="lo', "logger:", "a", "reset ta", "-task:x", "run:", "LEVEL:E", "time:", '"x y" lev']  # fmt: skip
TASKS = {"t-load": "load", "t-load-1": "load[1]", "t-extract": "extract", "t-gone": "left out"}


def history(*states):
    return tuple(cls(timestamp=from_micros(BEGIN + step * STEP)) for cls, step in states)


def task_run(key, *states, **more):
    return TaskRunRecord(key, None, Success(), name=TASKS[key], states=history(*states), **more)


RECORDS = (
    task_run("t-load", (Running, 1), (Retrying, 3), (Running, 5), (Failed, 8), (Running, 14)),
    task_run("t-load-1", (Running, 2), (Looped, 4), (Running, 4), (Retrying, 9), (Running, 11)),
    task_run("t-extract", has_history=False),
)


def some_line(chance: random.Random):
    """Level, message, logger and task run."""
    return (
        chance.choice(["DEBUG", "INFO", "INFO", "WARNING", "ERROR", "CRITICAL", None]),
        chance.choice(MESSAGES),
        chance.choice(["boto3", "prefect", None]),
        chance.choice([*TASKS, None]),
    )


def some_log(chance: random.Random, count: int) -> LogColumns:
    steps = sorted(chance.randrange(20) for _ in range(count))
    said = [some_line(chance) for _ in steps]
    for before, place in enumerate(range(1, count)):
        if chance.random() < 0.4:
            said[place] = said[before]
    levels, messages, loggers, task_run_ids = zip(*said, strict=True) if said else ((), (), (), ())
    return LogColumns.from_lists(
        timestamps=[BEGIN + step * STEP + chance.randrange(3) for step in steps],
        levels=levels,
        messages=messages,
        ids=[None] * count,
        loggers=loggers,
        task_run_ids=task_run_ids,
        tasks=TASKS,
    )


def some_run(chance: random.Random) -> FlowRunView:
    whole = long_run()
    record = replace(whole.record, started_at=chance.choice([None, whole.record.started_at]))
    fetched = FetchedParts(
        logs=LogRead(some_log(chance, chance.choice([0, 1, 3, 30, 150])), None),
        task_runs=TaskRunRead(RECORDS, None),
        task_run_ids=tuple(one.id for one in RECORDS),
        flow=whole.fetched.flow,
    )
    return FlowRunView(record, whole.connection, as_of=whole.as_of, fetched=fetched)


def some_question(chance: random.Random, size: int):
    def line():
        return chance.choice([None, chance.randrange(size + 3)])

    query = {
        "text": chance.choice(TEXTS),
        "zone": chance.choice(["UTC", "Europe/Berlin", "Asia/Kathmandu"]),
        "lines": chance.choice(["all", "hits", "hits", "context", "context"]),
        "context": chance.choice([0, 2, 3]),
        "opened": [
            [chance.randrange(size + 2), chance.choice([-3, 0, 1, 20])]
            for _ in range(chance.choice([0, 0, 1, 2]))
        ],
        "folds_repeats": chance.random() < 0.4,
        "is_newest_first": chance.random() < 0.4,
    }
    kinds = ["query", "query", "rows", "find", "find", "templates", "suggest", "text", "download"]
    kind = chance.choice(kinds + ["line"] * (size > 0))
    first = chance.randrange(size + 3)
    more = {
        "query": {"near": line(), "count": chance.choice([0, 5, 60])},
        "rows": {"start": chance.randrange(-2, size + 5), "count": chance.choice([0, 7, 500])},
        "find": {
            "what": chance.choice(["hit", "error", "pin", "line", "time"]),
            "at": line(),
            "step": chance.choice([1, -1]),
        },
        "line": {"seq": chance.randrange(size or 1)},
        "templates": {},
        "suggest": {"text": chance.choice(TYPED), "caret": chance.randrange(9)},
        "text": {"selection": {"query": query, "from": first, "to": first + chance.randrange(9)}},
        "download": {"format": chance.choice(["csv", "jsonl", "txt"])},
    }[kind]
    if more.get("what") == "time" and more["at"] is not None:
        more["at"] = BEGIN + more["at"] * STEP
    if more.get("near") is not None and query["lines"] != "all":
        more["count"] = 0  # The page asks for the first items only where it goes to them.
    shown = {} if kind in {"line", "suggest", "text"} else {"query": query}
    if kind == "download" and chance.random() < 0.3:
        shown["query"] = None
    return {"kind": kind, **shown, **more}


def kernel_says(shown: CardSnapshot, question, pins):
    said = []

    def send(one, buffers=()):
        answered = msgspec.to_builtins(one)
        del answered["snapshot"]
        if buffers:
            answered["content"] = b"".join(buffers).decode()
        said.append(answered)

    asked = protocol.parse({"view": "v", "n": 1, "snapshot": 1, **question})
    assert asked is not None, question
    answer(asked, shown, send, pins=pins)
    return json.loads(json.dumps(said))


@pytest.fixture(scope="module")
def page_says(esbuild, tmp_path_factory):
    """Asks the page's own code, built for Node."""
    built = tmp_path_factory.mktemp("js") / "answers.mjs"
    subprocess.run(
        [esbuild, "test/page-answers.ts", "--bundle", "--platform=node", "--format=esm", f"--outfile={built}"],
        cwd=JS, check=True, capture_output=True,
    )  # fmt: skip

    def ask(logs):
        done = subprocess.run(
            ["node", built], input=json.dumps(logs), capture_output=True, text=True, check=True
        )
        return json.loads(done.stdout)

    return ask


def asked_of(run: FlowRunView, shown: CardSnapshot, pins, questions):
    log = LogInBlocks(run.get_logs().columns)
    return {
        "names": json.loads(log.names()),
        "blocks": [json.loads(block) for block in log.lines()],
        "begun": json.loads(log.attempts(RECORDS)),
        "idle": shown.content.idle,
        "startedAt": None if run.started_at is None else to_micros(run.started_at),
        "pins": pins,
        "fileName": file_name(shown.content.run.record.name, run.flow_run_id, "csv").removesuffix(
            ".csv"
        ),
        "questions": questions,
    }


def test_the_page_answers_as_the_kernel_does(page_says):
    chance = random.Random(2026)
    asked, expected = [], []
    for _ in range(LOGS):
        run = some_run(chance)
        size = len(run.get_logs())
        shown = CardSnapshot(1, run, known_content(run))
        pins = [chance.randrange(size + 1) for _ in range(3)]
        questions = [some_question(chance, size) for _ in range(QUESTIONS)]
        asked.append(asked_of(run, shown, pins, questions))
        expected.append([kernel_says(shown, question, pins) for question in questions])
    for log, answers, wanted in zip(asked, page_says(asked), expected, strict=True):
        for question, got, want in zip(log["questions"], answers, wanted, strict=True):
            if question["kind"] == "suggest":
                # Names that equally many lines have come in any order.
                for one in (*got, *want):
                    one["items"] = sorted(map(tuple, one["items"]))
            if question["kind"] == "query" and want[0].get("window", {"total": 0})["total"] is None:
                got[0]["window"]["total"] = None  # The kernel had not counted yet.
            assert got == want, question
