"""What pages name exists: files, public names, columns; the SQL of a page runs."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import duckdb
import pytest

import flowrun_widgets as fw
from tools import build_docs

from . import world
from .blocks import ROOT, blocks, pages

if TYPE_CHECKING:
    from pathlib import Path

    from tests.postgresql import Cluster

SELECTS = [text for text in pages("sql")["harvest.md"] if "select" in text]
ROLES = [block.text for block in blocks("sql") if "create role" in block.text]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sql")
    world.write(folder / "orders.sqlite")
    with fw.connect(folder / "orders.sqlite"):
        fw.find_flow_runs(limit=None).to_parquet(folder / "lake" / "flowruns")
    return folder


@pytest.mark.parametrize("sql", SELECTS)
def test_a_query_over_a_harvest_finds_something(sql: str, lake: Path) -> None:
    found = duckdb.sql(sql.replace("'lake/", f"'{lake}/lake/")).fetchall()
    assert found


@pytest.mark.parametrize("sql", ROLES)
def test_the_role_that_a_page_makes_can_read_and_not_write(sql: str, postgresql: Cluster) -> None:
    import psycopg

    with psycopg.connect(postgresql.new_database(), autocommit=True) as owner:
        owner.execute("drop table if exists documented")
        owner.execute("create table documented (n int)")
        owner.execute(sql)
        try:
            owner.execute("set role reader")
            assert owner.execute("select count(*) from documented").fetchone() == (0,)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                owner.execute("insert into documented values (1)")
        finally:
            owner.execute("reset role")
            owner.execute("drop owned by reader; drop role reader; drop table documented")


def test_json_is_json() -> None:
    assert [json.loads(block.text) for block in blocks("json")]


def test_the_files_that_tell_how_a_card_gets_to_the_screen_are_there() -> None:
    text = (ROOT / "docs" / "how-a-card.md").read_text("utf-8")
    named = set(re.findall(r"`([\w./-]+(?:/|\.tsx?|\.py|\.md))`", text))
    assert len(named) > 15
    missing = [
        name for name in named if not any((ROOT / where / name).exists() for where in ("", "flowrun_widgets"))
    ]  # fmt: skip
    assert missing == []


def test_every_public_name_is_in_the_reference() -> None:
    told = {name for _, names in build_docs.GROUPS.values() for name in names}
    assert told | set(build_docs.MODULES) | {"__version__", "FlowRunError"} == set(fw.__all__)


def test_columns_in_the_reference_are_those_of_the_frames(tmp_path: Path) -> None:
    world.write(tmp_path / "orders.sqlite")
    stated = {name: build_docs.columns(text) for name, text in build_docs.framed()}
    with fw.connect(tmp_path / "orders.sqlite"):
        runs = fw.find_flow_runs(limit=None)
        run = runs[0]
        failures = runs.failures()
        comparison, usual = fw.compare(run, runs[1]), fw.compare(run, runs)
        frames = {
            "FlowRunView.task_runs_frame()": run.task_runs_frame(),
            "FlowRunView.states_frame()": run.states_frame(),
            "TaskRunView.states_frame()": run.get_all_task_runs()[0].states_frame(),
            "FlowRunLogs.to_pandas()": run.get_logs().to_pandas(),
            "FlowRunLogs.templates()": run.get_logs().templates(),
            "FlowRunList.to_pandas()": runs.to_pandas(),
            "FlowRunGrid.to_pandas()": runs.grid().to_pandas(),
            "FlowRunFailures.to_pandas()": failures.to_pandas(),
            "FlakyFlows.to_pandas()": runs.flaky().to_pandas(),
            "RunDurations.to_pandas()": runs.durations().to_pandas(),
            "RunExplanation.to_pandas()": runs.explain().to_pandas(),
            "RunComparison.task_runs_frame()": comparison.task_runs_frame(),
            "RunComparison.templates_frame()": comparison.templates_frame(),
            "BaselineComparison.to_pandas()": usual.to_pandas(),
            "BaselineComparison.tasks_frame()": usual.tasks_frame(),
        }
    for name, frame in frames.items():
        expected = [
            (column, dtype.split(" (")[0])
            for names, dtype in stated[name]
            for column in re.findall(r"`(\w+)`", names)
        ]
        found = [(column, str(dtype)) for column, dtype in frame.dtypes.items()]
        assert [column for column, _ in found] == [column for column, _ in expected], name
        assert [kind for _, kind in found] == [kind for _, kind in expected], name
