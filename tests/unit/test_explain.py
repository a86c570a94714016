"""What separates two groups of runs: planted differences are found, and chance is not taken for one."""

from __future__ import annotations

import random
from datetime import timedelta

import numpy as np
import pytest

from flowrun_widgets.analysis.explain import explain
from flowrun_widgets.analysis.intervals import difference_interval, quantile, wilson
from flowrun_widgets.containers import FrozenDict, FrozenList
from flowrun_widgets.times import from_micros
from tests.runs import small

BEGIN = from_micros(1_700_000_000_000_000)
REGIONS = ["eu", "us", "asia", "africa", "oceania"]
KINDS = ["parameter", "number", "date", "tag", "version", "pool", "hour", "image", "nested"]


def facts(r):
    return {
        "parameter": r.choice(REGIONS), "number": r.randint(1, 5000), "date": f"2026-11-{r.randint(1, 28):02}",
        "tag": r.random() < 0.2, "version": r.choice(["1.0", "1.1", "1.2", "1.3"]),
        "pool": r.choice(["small", "big", "gpu"]), "hour": r.randint(0, 23), "image": r.choice(["a:1", "a:2", "a:3"]),
        "nested": r.choice([True, False, None, False]),
    }  # fmt: skip


PLANTED = {
    "parameter": "asia", "number": 4700, "date": "2026-11-27", "tag": True, "version": "1.3", "pool": "gpu",
    "hour": 3, "image": "a:3", "nested": True,
}  # fmt: skip
NAMES = {
    "parameter": "parameters.region", "number": "parameters.rows", "date": "parameters.day", "tag": "tag nightly",
    "version": "flow version", "pool": "work pool", "hour": "hour", "image": "job_variables.image",
    "nested": "parameters.options.strict",
}  # fmt: skip


def record(r, number, values):
    began = BEGIN + timedelta(days=r.randint(0, 30))
    return small(
        number,
        flow_name="load",
        labels=None,
        started_at=began.replace(hour=values["hour"], minute=r.randint(0, 59)),
        tags=FrozenList(
            ["daily"] * (r.random() < 0.5) + ["nightly"] * values["tag"] + [f"team-{r.randint(1, 9)}"]
        ),
        parameters=FrozenDict({
            "region": values["parameter"], "rows": values["number"], "day": values["date"], "seed": r.random(),
            "options": FrozenDict({"strict": values["nested"], "mode": r.choice(["x", "y", "z"])}),
            "id": str(r.getrandbits(64)), "stores": FrozenList(r.sample(range(4), 2)),
        }),
        work_pool_name=values["pool"],
        extra=FrozenDict({"flow_version": values["version"], "job_variables": FrozenDict({"image": values["image"]})}),
    )  # fmt: skip


def groups(r, kind=None, share=0.6):
    failed, ok = [], []
    for number in range(260):
        values = facts(r)
        if number < 60:
            if kind is not None and r.random() < share:
                values[kind] = PLANTED[kind]
            failed.append(record(r, number, values))
        else:
            ok.append(record(r, number, values))
    return failed, ok


def test_a_planted_difference_is_among_the_first_three():
    found = 0
    for trial in range(100):
        r = random.Random(trial)
        kind = KINDS[trial % len(KINDS)]
        factors, _ = explain(*groups(r, kind))
        first = [one.fact for one in factors[:3]] + [a for one in factors[:3] for a in one.also]
        found += NAMES[kind] in first
    print(f"found in {found} of 100 trials")
    assert found >= 95


def test_chance_is_not_called_clear():
    clear = sum(
        any(one.is_clear for one in explain(*groups(random.Random(1000 + trial)))[0])
        for trial in range(30)
    )
    print(f"clear in {clear} of 30 trials without a difference")
    assert clear <= 4


def test_counts_and_intervals_are_those_of_the_groups():
    failed, ok = groups(random.Random(5), "pool", share=1.0)
    factors, tries = explain(failed, ok)
    [pool] = [one for one in factors if one.fact == "work pool"]
    assert factors[0] is pool
    assert pool.what == 'work pool = "gpu"'
    assert (pool.failed_count, pool.failed_total, pool.ok_total) == (60, 60, 200)
    assert pool.ok_count == sum(one.work_pool_name == "gpu" for one in ok)
    assert pool.low < pool.difference < pool.high
    assert pool.is_clear
    assert tries > 50


def test_a_value_that_the_failed_runs_lack_is_named_as_such():
    failed, ok = groups(random.Random(6))
    failed = [one for one in failed if one.parameters["region"] != "us"]
    ok = [one for one in ok if one.parameters["region"] in {"us", "eu"}]
    first = explain(failed, ok)[0][0]
    assert first.what in {'parameters.region ≠ "us"', 'parameters.region = "asia"'}


def test_what_holds_for_the_same_runs_is_told_together():
    failed, ok = groups(random.Random(7), "pool", share=1.0)
    twins = [
        [small(int(one.id[-12:], 16), work_pool_name=one.work_pool_name, tags=FrozenList([one.work_pool_name]))
         for one in part]
        for part in (failed, ok)
    ]  # fmt: skip
    first = explain(*twins)[0][0]
    assert {first.what, *first.also} == {'work pool = "gpu"', "tag gpu"}


def test_patterns_count_only_for_the_runs_that_were_read():
    failed, ok = groups(random.Random(8))
    read = {one.id: {"disk is … full"} for one in failed[:8]} | {one.id: set() for one in ok[:8]}
    factors, _ = explain(failed, ok, read)
    [pattern] = [one for one in factors if one.fact == "pattern disk is … full"]
    assert (pattern.failed_count, pattern.failed_total, pattern.ok_count, pattern.ok_total) == (8, 8, 0, 8)  # fmt: skip


def test_without_two_groups_there_is_nothing_to_explain():
    failed, ok = groups(random.Random(9))
    assert explain(failed, []) == ([], 0)
    assert explain([], ok) == ([], 0)


@pytest.mark.parametrize(
    ("successes", "total", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (5, 10, 0.2366, 0.7634), (81, 263, 0.2553, 0.3662)],
)  # fmt: skip
def test_wilsons_interval_is_that_of_the_literature(successes, total, low, high):
    found = wilson(successes, total, quantile())
    assert np.allclose(found, (low, high), atol=1e-4)


def test_newcombes_interval_is_that_of_the_literature():
    """Newcombe 1998, table II: 56/70 − 48/80, method 10."""
    assert np.allclose(difference_interval(56, 70, 48, 80, quantile()), (0.0524, 0.3339), atol=1e-4)
