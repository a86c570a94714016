"""A run compared with the last good runs of its flow, which a store holds: what is planted is named first."""

from __future__ import annotations

import random

import pytest

import flowrun_widgets as fw
from flowrun_widgets.errors import InvalidArgument, NotFound
from flowrun_widgets.store.writer import StoreWriter
from tests.stores import at, identifier, made, serialized

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


@pytest.fixture
def connected(tmp_path):
    """Return a connection to a store of good runs and the run that is described."""

    def connect(**planted):
        r = random.Random(4)
        path = tmp_path / "night.sqlite"
        shared = {
            "flow": [{"id": identifier(0xD), "name": "nightly", "version": 1, **made(0)}],
            "task": [
                {"id": identifier(n + 1), "flow_id": identifier(0xD), "name": name, "slug": f"{name}-1", **made(0)}
                for n, name in enumerate(TASKS)
            ],
        }  # fmt: skip
        with StoreWriter(path) as writer:
            writer.add(shared)
            for number in range(GOOD):
                writer.add(rows_of(number, r))
            writer.add(rows_of(GOOD, r, **planted))
        fw.connect(path)
        return fw.find_flow_runs("nightly")

    return connect


def test_a_slow_task_a_new_error_and_a_changed_parameter_are_named_first(connected):
    runs = connected(
        slow=("transform",),
        lines=[("ERROR", "OSError: disk 7 is full"), ("INFO", "cleaning 3 files")],
        region="asia",
        state="Failed",
    )
    found = fw.compare(runs[0], runs)
    assert isinstance(found, fw.BaselineComparison)
    rows = found.to_pandas()
    assert rows["kind"].tolist() == ["new error", "slow task", "different", "new pattern"]
    assert rows["what"].tolist() == [
        "OSError: disk <int> is full",
        "transform",
        "parameters.region",
        "cleaning <int> files",
    ]
    assert [one.task for one in found.tasks if one.is_slow] == ["transform"]
    assert (found.facts[0].run, found.facts[0].usual, found.facts[0].usual_count) == ('"asia"', '"eu"', 10)  # fmt: skip
    assert all(word in found.summary for word in ("disk <int> is full", "transform", "parameters.region"))  # fmt: skip
    assert "<script" not in found._repr_mimebundle_()["text/html"]
    assert "transform" in found.to_markdown()


def test_ten_good_runs_before_it_are_the_baseline(connected):
    runs = connected()
    found = fw.compare(runs[0], runs)
    assert [run.name for run in found.baseline] == [f"run-{GOOD - 1 - n}" for n in range(10)]
    middle = fw.compare(runs[8], runs)
    assert [run.name for run in middle.baseline] == [f"run-{n}" for n in range(5, -1, -1)]


def test_nothing_is_unusual_about_a_usual_run(connected):
    runs = connected()
    found = fw.compare(runs[0], runs)
    assert not len(found.to_pandas())
    assert "Nothing about it is unusual." in found.summary
    assert found.tasks_frame()["is_slow"].tolist() == [False] * 3
    spread = found.tasks_frame().set_index("task").loc["load"]
    assert spread["low_seconds"] < spread["median_seconds"] < spread["high_seconds"]
    assert spread["baseline_count"] == 10


def test_without_a_good_run_it_is_said_what_to_pass(connected):
    runs = connected(state="Failed")
    with pytest.raises(NotFound, match="succeeded"):
        fw.compare(runs[0], runs.where(state="failed"))
    with pytest.raises(InvalidArgument, match="flow run"):
        fw.compare("run-3", runs)


def test_two_runs_are_still_compared_as_before(connected):
    runs = connected()
    assert isinstance(fw.compare(runs[0], runs[1]), fw.RunComparison)
