"""A store with the runs of a flow that runs every hour: good ones, and one that a test describes."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import flowrun_widgets as fw
from flowrun_widgets.store.writer import StoreWriter
from tests.stores import at, identifier, made, serialized

if TYPE_CHECKING:
    from pathlib import Path

TASKS = {"extract": 20.0, "transform": 5.0, "load": 40.0}
GOOD = 14


def times(r, slow=()):
    return {
        name: seconds * r.uniform(0.85, 1.15) * (3 if name in slow else 1)
        for name, seconds in TASKS.items()
    }


def rows_of(number, r, *, slow=(), lines=(), state="Success", **parameters):
    """Return the rows of one run; run number 0 is the oldest."""
    begin, base = 3600.0 * number, 0x10000 * (number + 1)
    durations = times(r, slow)
    end = begin + sum(durations.values())
    run, flow = identifier(base), identifier(0xD)
    tables = {
        name: [] for name in ("flow_run", "flow_run_state", "task_run", "task_run_state", "log")
    }
    tables["flow_run"].append({
        "id": run, "flow_id": flow, "name": f"run-{number}", "parameters": {"day": f"2026-11-{number + 1:02}", "region": "eu", **parameters},
        "context": {}, "labels": [], "version": 2, "state": state, "serialized_state": serialized(state, "done"),
        "start_time": at(begin), "end_time": at(end), **made(begin),
    })  # fmt: skip
    for place, (kind, moment) in enumerate((("Running", begin), (state, end))):
        tables["flow_run_state"].append({
            "id": identifier(base + 1 + place), "flow_run_id": run, "timestamp": at(moment), "state": kind,
            "message": None, "serialized_state": serialized(kind), "version": place, **made(moment),
        })  # fmt: skip
    moment = begin
    for place, seconds in enumerate(durations.values()):
        task_run = identifier(base + 0x100 + place)
        tables["task_run"].append({
            "id": task_run, "flow_run_id": run, "task_id": identifier(place + 1), "map_index": -1, "state": "Success",
            "serialized_state": serialized("Success"), "start_time": at(moment), "end_time": at(moment + seconds),
            "version": 1, **made(moment),
        })  # fmt: skip
        for step, (kind, when) in enumerate((("Running", moment), ("Success", moment + seconds))):
            tables["task_run_state"].append({
                "id": identifier(base + 0x200 + 2 * place + step), "task_run_id": task_run, "timestamp": at(when),
                "state": kind, "message": None, "serialized_state": serialized(kind), "version": step, **made(when),
            })  # fmt: skip
        moment += seconds
    usual = [
        ("INFO", f"run-{number} read {r.randint(1, 999)} rows from /data/{number}.csv"),
        ("WARNING", "no rate for day 3"),
    ]
    tables["log"] = [
        {
            "id": identifier(base + 0x300 + place), "flow_run_id": run, "timestamp": at(begin + place), "level": level,
            "name": "prefect.flow", "message": message, **made(begin + place),
        }
        for place, (level, message) in enumerate([*usual, *lines])
    ]  # fmt: skip
    return tables


def nightly(path: Path, *, failed=(), **planted) -> fw.FlowRunList:
    """Write 14 good runs, of which those with the numbers in `failed` failed, and the described one; return all."""
    r = random.Random(4)
    shared = {
        "flow": [{"id": identifier(0xD), "name": "nightly", "version": 1, **made(0)}],
        "task": [
            {"id": identifier(n + 1), "flow_id": identifier(0xD), "name": name, "slug": f"{name}-1", **made(0)}
            for n, name in enumerate(TASKS)
        ],
    }  # fmt: skip
    broke = {"state": "Failed", "lines": [("ERROR", "OSError: disk 7 is full")]}
    with StoreWriter(path) as writer:
        writer.add(shared)
        for number in range(GOOD):
            writer.add(rows_of(number, r, **(broke if number in failed else {})))
        writer.add(rows_of(GOOD, r, **planted))
    fw.connect(path)
    return fw.find_flow_runs("nightly")
