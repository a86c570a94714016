"""How users call the package: checked by the type checker, and never run."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import assert_type

import pandas as pd

import flowrun_widgets as fw


def a_run_and_what_it_fetches(flow_run_id: str) -> None:
    run = fw.FlowRunView.from_flow_run_id(flow_run_id)
    assert_type(run, fw.FlowRunView)
    assert_type(run.get_latest(), fw.FlowRunView)
    assert_type(run.get_parent(), fw.FlowRunView | None)
    assert_type(run.get_subflow_runs(), list[fw.FlowRunView])
    assert_type(run.get_logs(level="warning").to_pandas(), pd.DataFrame)
    assert_type(run.get_all_task_runs(), list[fw.TaskRunView])
    assert_type(run.get_flow_metadata(), fw.FlowView)
    assert_type(run.get_timeline(), tuple[fw.TimelineBar, ...])
    assert_type(run.get_artifacts(), list[fw.Artifact])
    assert_type(run.changes_since(run), fw.Changes)
    assert_type(run.peek(), fw.Peek)
    assert_type(run.tags, fw.FrozenList[str])
    assert_type(run.state, fw.states.State)
    assert_type(run.digest(), str)


def a_card(run: fw.FlowRunView) -> None:
    card = run.card(follow=True)
    assert_type(card, fw.FlowRunCard)
    assert_type(card.flow_run, fw.FlowRunView)
    assert_type(card.filtered_logs, pd.DataFrame)
    assert_type(card.pins, tuple[fw.Pin, ...])
    assert_type(card.to_html("night.html"), fw.Saved)
    assert_type(fw.card("amber-heron"), fw.FlowRunCard)
    fw.show(run, card)


def runs_that_are_found(connection: fw.Connection) -> fw.FlowRunView:
    runs = fw.find_flow_runs("ledger", "failed", limit=20, api=connection)
    assert_type(runs, fw.FlowRunList)
    assert_type(runs[:3], fw.FlowRunList)
    assert_type(runs["amber-heron"], fw.FlowRunView)
    rest: Sequence[fw.FlowRunView] = runs
    comparison = fw.compare(fw.latest(), rest[0])
    assert_type(comparison.run, fw.FlowRunView)
    assert_type(comparison.tasks, tuple[fw.TaskComparison, ...])
    assert_type(comparison.templates, tuple[fw.TemplateDifference, ...])
    assert_type(comparison.differences, tuple[fw.Difference, ...])
    return comparison.baseline


def following(run: fw.FlowRunView) -> Iterator[fw.FlowRunView]:
    with run.watch(max_duration=timedelta(minutes=5)) as watch:
        assert_type(watch, fw.Watch[fw.FlowRunView])
        yield from watch


def files(run: fw.FlowRunView, path: Path) -> None:
    assert_type(run.save(path, subflows=True), fw.Saved)
    with fw.open_archive(path) as archive:
        assert_type(archive.runs, fw.ArchivedRuns)
        assert_type(archive.runs[0], fw.FlowRunView)


def harvests(path: Path) -> pd.DataFrame:
    assert_type(fw.find_flow_runs(limit=None).to_parquet(path), fw.Harvested)
    logs = assert_type(fw.read_logs(path), fw.HarvestedLogs)
    return assert_type(logs.where("level>=error", flow="nightly").templates(), pd.DataFrame)


def errors() -> str:
    try:
        with fw.connect("https://prefect.example/api") as connection:
            return assert_type(connection, fw.Connection).url
    except fw.errors.NotFound as error:
        return str(error)


def what_many_runs_say(run: fw.FlowRunView) -> None:
    runs = fw.find_flow_runs("nightly")
    failures = runs.failures()
    assert_type(failures, fw.FlowRunFailures)
    assert_type(failures[0], fw.FailureGroup)
    assert_type(failures[0].example, fw.FlowRunView)
    assert_type(failures[0].runs, fw.FlowRunList)
    assert_type(runs.explain(failures[0].runs)[0], fw.RunFactor)
    assert_type(runs.flaky()[0], fw.FlakyFlow)
    assert_type(runs.durations("day"), fw.RunDurations)
    assert_type(fw.compare(run, runs), fw.BaselineComparison)
    assert_type(fw.compare(run), fw.RunComparison)
    assert_type(fw.compare(run, runs).to_pandas(), pd.DataFrame)
