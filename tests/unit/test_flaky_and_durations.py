"""Flaky flows and durations over time, of records and of a store of recorded runs."""

from __future__ import annotations

from datetime import timedelta

import pytest

import flowrun_widgets as fw
from flowrun_widgets import states
from flowrun_widgets.analysis.flaky import flaky
from flowrun_widgets.analysis.task_durations import period_of, task_durations
from flowrun_widgets.containers import FrozenDict
from flowrun_widgets.errors import InvalidArgument
from flowrun_widgets.records import TaskRunRecord
from flowrun_widgets.times import from_micros
from tests.runs import small

BEGIN = from_micros(1_700_000_000_000_000)


def run(number, outcome="ok", *, flow="load", version="1", day=None, seconds=10):
    began = BEGIN + timedelta(hours=number)
    ended = began + timedelta(seconds=seconds)
    state = states.Failed if outcome == "failed" else states.Success
    return small(
        number, flow_name=flow, labels=None, state=state(name=outcome, timestamp=ended), started_at=began, ended_at=ended,
        run_count=2 if outcome == "retried" else 1, parameters=FrozenDict({"day": day or number}),
        extra=FrozenDict({"flow_version": version}), total_run_seconds=float(seconds),
    )  # fmt: skip


def test_what_failed_and_succeeded_at_one_version_is_flaky():
    outcomes = ["ok", "failed", "ok", "ok", "failed", "ok"]
    [one] = flaky([run(number, outcome) for number, outcome in enumerate(outcomes)])
    assert (one.flow, one.version, one.count, one.failed_count) == ("load", "1", 6, 2)
    assert one.flip_count == 4
    assert one.low < one.share == 2 / 6 < one.high
    assert (round(one.low, 3), round(one.high, 3)) == (0.097, 0.7)


def test_what_always_failed_or_succeeded_is_not_flaky():
    failed = [run(number, "failed", version="2") for number in range(5)]
    assert flaky([*failed, *(run(number) for number in range(5, 9))]) == []


def test_what_succeeded_only_after_retries_is_flaky():
    [one] = flaky([run(1), run(2, "retried"), run(3)])
    assert (one.retried_count, one.failed_count, one.flip_count) == (1, 0, 0)


def test_what_broke_once_comes_after_what_flips():
    broke = [run(n, "failed" if n > 3 else "ok", flow="broke") for n in range(9)]
    flips = [run(n, "failed" if n % 4 == 0 else "ok", flow="flips") for n in range(9)]
    assert [(one.flow, one.flip_count) for one in flaky([*broke, *flips])] == [("flips", 4), ("broke", 1)]  # fmt: skip


def test_runs_that_failed_with_parameters_that_worked_are_counted():
    [one] = flaky([run(1, "failed", day=7), run(2, day=7), run(3, "failed", day=8)])
    assert one.same_parameters_count == 1


def test_durations_are_percentiles_per_task_and_period():
    runs = [run(24 * day, seconds=100) for day in range(5)]
    tasks = {
        one.id: [
            TaskRunRecord(
                f"{one.id}-{n}", one.id, states.Success(timestamp=one.ended_at), task_name="load",
                started_at=one.started_at, ended_at=one.started_at + timedelta(seconds=n + 10 * day),
            )
            for n in range(1, 12)
        ]
        for day, one in enumerate(runs)
    }  # fmt: skip
    assert period_of(runs) == "day"
    rows = task_durations(runs, tasks, "day")
    assert [row.task for row in rows] == [None] * 6 + ["load"] * 6
    assert [row.count for row in rows] == [5, 1, 1, 1, 1, 1, 55, 11, 11, 11, 11, 11]
    assert [row.p50_seconds for row in rows[7:]] == [6, 16, 26, 36, 46]
    assert rows[7].max_seconds == 11
    assert rows[0].p50_seconds == 100
    assert rows[7].period_at.hour == 0
    assert rows[6].period_at is None


def test_what_failed_has_no_duration_but_is_counted():
    [whole, _] = task_durations([run(1, "failed")], {}, "day")
    assert (whole.count, whole.failed_count, whole.p50_seconds) == (1, 1, None)


@pytest.fixture
def runs(recorded):
    return fw.find_flow_runs()


@pytest.mark.parametrize("kind", ["failures", "explain", "flaky", "durations"])
def test_every_result_is_text_markdown_html_and_a_frame(runs, kind):
    found = getattr(runs, kind)()
    bundle = found._repr_mimebundle_()
    assert set(bundle) == {"text/html", "text/markdown", "text/plain"}
    assert bundle["text/markdown"] == found.to_markdown()
    assert bundle["text/plain"] == str(found)
    assert "<script" not in bundle["text/html"]
    assert len(found.to_pandas()) == len(found)
    empty = getattr(runs[:0], kind)()
    assert [*empty.to_pandas()] == [*found.to_pandas()]
    assert empty.to_pandas().dtypes.to_dict() == found.to_pandas().dtypes.to_dict()
    assert empty._repr_mimebundle_()["text/html"]
    assert repr(found).startswith(f"<{type(found).__name__}: ")


def test_durations_of_recorded_runs_name_their_tasks(runs):
    found = runs.durations("day")
    tasks = {one.task for one in found}
    assert None in tasks
    assert len(tasks) > 5
    assert all(one.task in str(found) for one in found[:20] if one.task and one.period_at is None)
    with pytest.raises(InvalidArgument, match="hour, day, week, month"):
        runs.durations("year")
    with pytest.raises(InvalidArgument, match="limit"):
        runs.durations(limit=0)


def test_the_example_of_a_recorded_failure_is_a_view(runs):
    [group] = runs.failures()
    assert isinstance(group.example, fw.FlowRunView)
    assert group.example.name == "stoic-marmot"
    assert group.runs == [group.example]
    assert group.share == 1 / len(runs)


def test_texts_of_servers_cannot_leave_their_cells(recorded):
    nasty = "ValueError: <b>x</b> | `y` [z](http://evil) \n\n# head"
    bad = [
        fw.FlowRunView(
            small(number, flow_name="<i>|`f", state=states.Failed(nasty, name="Failed")), recorded
        )
        for number in (1, 2)
    ]
    found = fw.FlowRunList(bad).failures()
    page, text = found._repr_mimebundle_()["text/html"], found.to_markdown()
    assert "<b>x" not in page
    assert "<i>|" not in page
    assert all(line.count(" | ") == 7 for line in text.splitlines() if line.startswith("| "))
    assert "\n# head" not in text


def test_secrets_are_removed_before_grouping(recorded):
    said = "ValueError: login with password=hunter2{} failed on the server"
    bad = [
        fw.FlowRunView(small(n, state=states.Failed(said.format(n), name="Failed")), recorded)
        for n in (1, 2)
    ]
    found = fw.FlowRunList(bad).failures()
    assert len(found) == 1
    assert "hunter2" not in str(found) + found.to_markdown() + found._repr_mimebundle_()["text/html"]  # fmt: skip
