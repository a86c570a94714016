"""Runs × tasks: how task runs are arranged, what a notebook shows of them, and how they are read."""

from __future__ import annotations

from dataclasses import replace

import pytest

import flowrun_widgets as fw
from flowrun_widgets.runs.flow_run import FlowRunView
from flowrun_widgets.runs.lazy_grid import LazyGrid
from flowrun_widgets.runs.lazy_runs import LazyRuns
from flowrun_widgets.states import Failed, Mapped, Running, TriggerFailed
from tests.many_runs import AS_OF, listed, many_columns, record, task_run
from tests.markup import Reader

SECRET = "hunter2hunter2"


@pytest.fixture
def grid(recorded) -> fw.FlowRunGrid:
    """Three runs: in the newest one of four mapped task runs failed and `report` did not begin."""
    runs = [record(n) for n in range(3)]
    newest, middle, oldest = runs
    task_runs = {
        newest.id: [
            task_run(newest, "extract", 0),
            task_run(newest, "load", 2, Mapped()),
            *[task_run(newest, "load", 2 + n, index=n) for n in range(3)],
            task_run(newest, "load", 6, Failed("it broke", timestamp=AS_OF), index=3),
            replace(task_run(newest, "report", 9, TriggerFailed()), started_at=None, ended_at=None),
        ],
        middle.id: [task_run(middle, "report", 8), task_run(middle, "extract", 0), task_run(middle, "load", 3, index=0)],
        oldest.id: [task_run(oldest, "extract", 0, Running(timestamp=AS_OF))],
    }  # fmt: skip
    return fw.FlowRunGrid([FlowRunView(run, recorded, as_of=AS_OF) for run in runs], task_runs)


def test_tasks_are_in_the_order_in_which_they_begin_and_the_newest_run_is_last(grid):
    assert grid.tasks == ("extract", "load", "report")
    assert [run.name for run in grid.runs] == ["run-2", "run-1", "run-0"]


def test_mapped_task_runs_share_a_cell_with_the_most_urgent_state(grid):
    frame = grid.to_pandas()
    assert [*frame.columns] == [
        "task", "flow_run_id", "flow_run", "started_at", "state", "state_name", "task_runs", "in_state", "ran_seconds",
    ]  # fmt: skip
    load = frame[(frame["task"] == "load") & (frame["flow_run"] == "run-0")].iloc[0]
    assert (load["state"], load["task_runs"], load["in_state"], load["ran_seconds"]) == (
        "Failed",
        4,
        1,
        4.0,
    )
    assert len(frame) == 7
    assert str(frame["started_at"].dtype) == "datetime64[us, UTC]"


def test_the_repr_is_the_picture_in_characters(grid):
    assert repr(grid).splitlines() == [
        "FlowRunGrid of 3 tasks in 3 flow runs",
        "  extract  ◐✓✓",
        "  load     ·✓✕",
        "  report   ·✓⊘",
    ]


def test_the_html_has_words_for_every_colour(grid):
    page = grid._repr_mimebundle_()[0]["text/html"]
    text = Reader(page).text
    assert "3 tasks of 3 flow runs" in text
    assert "✕1/4" in text
    assert "1 of 2" in text
    assert "1 Failed, 3 Success, ran 4.0 s" in page
    assert "✕\u00a0Failed" in text
    assert "run-0" in text


def test_a_grid_cannot_be_changed(grid):
    with pytest.raises(AttributeError, match="snapshot"):
        grid.tasks = ()
    with pytest.raises(AttributeError, match="snapshot"):
        del grid.runs


def test_a_thousand_runs_of_fifty_tasks_are_bounded(recorded):
    runs = [record(n, name="<&>" * 300) for n in range(1_000)]
    task_runs = {
        run.id: [task_run(run, f"task {n} {'<&>' * 300}", n) for n in range(50)] for run in runs
    }
    grid = fw.FlowRunGrid([FlowRunView(run, recorded, as_of=AS_OF) for run in runs], task_runs)
    page = grid._repr_mimebundle_()[0]
    assert len(page["text/html"]) < 350_000
    assert len(page["text/plain"]) < 10_000
    assert "The newest 30 of 1\u202f000 runs are shown." in Reader(page["text/html"]).text
    assert len(grid.to_pandas()) == 50_000


@pytest.mark.parametrize("hostile", ["</td><script>alert(1)</script>", "\" onmouseover='alert(1)'"])
def test_hostile_names_stay_text(recorded, hostile):
    run = record(0, name=hostile, ui_url="javascript:alert(1)")
    view = FlowRunView(run, recorded, as_of=AS_OF)
    page = fw.FlowRunGrid([view], {run.id: [task_run(run, hostile, 0)]})._repr_mimebundle_()[0]
    reader = Reader(page["text/html"])
    assert not reader.tags & {"script", "img"}
    assert {name for name, _ in reader.attributes} <= {
        "class",
        "style",
        "scope",
        "title",
        "cellpadding",
        "role",
        "aria-label",
        "tabindex",
    }


def test_secrets_are_left_out_of_what_is_displayed(recorded):
    run = record(0, name=f"password={SECRET}")
    view = FlowRunView(run, recorded, as_of=AS_OF)
    grid = fw.FlowRunGrid([view], {run.id: [task_run(run, f"token={SECRET}", 0)]})
    page = grid._repr_mimebundle_()[0]
    assert SECRET not in "".join(page.values())
    assert "redacted" in page["text/html"]
    assert grid.tasks == (f"token={SECRET}",)


def test_the_grid_of_a_store_has_every_task_run_of_every_run(recorded):
    runs = fw.find_flow_runs(api=recorded, subflows=True)
    grid = runs.grid()
    assert [run.flow_run_id for run in grid.runs] == [run.flow_run_id for run in reversed(runs)]
    frame = grid.to_pandas()
    for run in runs:
        own = [one for one in run.get_all_task_runs() if not one.state.is_mapped()]
        alone = {one.task_slug for one in run.get_all_task_runs()} - {one.task_slug for one in own}
        counted = frame[frame["flow_run_id"] == run.flow_run_id]["task_runs"].sum()
        assert counted == len(own) + len(alone)
    assert runs[:0].grid().tasks == ()
    assert "No run." in runs[:0].grid()._repr_mimebundle_()[0]["text/html"]


def test_a_source_that_reads_one_run_after_another_gives_the_same(recorded):
    from flowrun_widgets.backends.protocol import Backend

    ids = [run.flow_run_id for run in fw.find_flow_runs(api=recorded, subflows=True)]
    one_by_one = Backend.task_runs_of(recorded.backend, ids)
    together = recorded.backend.task_runs_of(ids)
    assert {key: [*rows] for key, rows in together.items()} == {
        key: [*rows] for key, rows in one_by_one.items()
    }


def test_task_runs_are_read_for_fifty_runs_at_a_time_and_all_for_a_dataframe(recorded):
    read = []

    def task_runs(views):
        read.append([run.name for run in views])
        return {run.flow_run_id: [task_run(run.record, "extract", 0)] for run in views}

    runs, lazy = listed(recorded, map(record, range(120)))
    columns = LazyGrid(runs._lazy, task_runs)
    columns.first(50)
    grid = fw.FlowRunGrid(columns, as_of=AS_OF)
    assert [len(part) for part in read] == [50]
    assert (len(grid.runs), grid.runs[-1].name, grid.has_more) == (50, "run-0", True)
    told = Reader(grid._repr_mimebundle_()[0]["text/html"]).text
    assert "There are older runs. grid.to_pandas() has all." in told
    assert len(read) == 1
    assert len(grid.to_pandas()) == 120
    assert [len(part) for part in read] == [50, 50, 20]
    assert (len(grid.runs), grid.has_more, lazy.can_load) == (120, False, False)
    grid.to_pandas()
    assert len(read) == 3


def test_tasks_that_only_older_runs_have_come_last(recorded):
    def task_runs(views):
        return {
            run.flow_run_id: [
                task_run(run.record, name, second) for second, name in enumerate(names(run))
            ]
            for run in views
        }

    def names(run):
        return ("extract", "load") if int(run.name[4:]) < 50 else ("before", "extract", "load")

    columns = LazyGrid(
        LazyRuns.of(FlowRunView(record(n), recorded, as_of=AS_OF) for n in range(60)), task_runs
    )
    assert columns.first(50).tasks == ("extract", "load")
    assert columns.first(51).tasks == ("extract", "load", "before")


def test_a_server_that_fails_later_leaves_what_was_read(recorded):
    def task_runs(views):
        if len(read) == 1:
            raise fw.errors.BackendError("http://prefect.example.com refused the connection.")
        read.append(views)
        return {}

    read = []
    grid = fw.FlowRunGrid(
        LazyGrid(
            LazyRuns.of(FlowRunView(record(n), recorded, as_of=AS_OF) for n in range(60)), task_runs
        )
    )
    grid._lazy.first(50)
    with pytest.raises(fw.errors.BackendError, match="refused"):
        grid.to_pandas()
    assert len(grid.runs) == 50
    read.clear()
    grid.to_pandas()
    assert len(grid.runs) == 60


def test_mapped_task_runs_of_many_runs_share_their_cells(recorded):
    frame = many_columns(recorded, 60, 20).to_pandas()
    assert len(frame) == 60 * 20
    assert sorted({*frame["task_runs"]}) == [1, 12]
