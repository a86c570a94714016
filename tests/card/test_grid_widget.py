"""The live grid of runs × tasks, as Python sees it: what it sends, and what its page's messages do."""

from __future__ import annotations

import gzip
from itertools import islice

import msgspec
import pytest

import flowrun_widgets as fw
from flowrun_widgets.report.grid_columns import MAX_TASKS, grid_columns
from flowrun_widgets.report.run_grid import RunGrid
from flowrun_widgets.report.wire import GridPayload
from flowrun_widgets.runs.flow_run import FlowRunView
from flowrun_widgets.states import Failed
from flowrun_widgets.widget import registry
from flowrun_widgets.widget.grid_widget import GridWidget
from flowrun_widgets.widget.many_runs_widget import MAX_SENT
from tests.many_runs import AS_OF, many_columns, record, task_run

from .page import Page, question

SECRET = "hunter2hunter2"


@pytest.fixture
def show():
    """Return a function that shows a grid; widgets end with the test."""
    made = []

    def widget_of(grid: fw.FlowRunGrid) -> GridWidget:
        widget = GridWidget(grid, grid._lazy, grid._static_bundle, FlowRunView.card)
        made.append(widget)
        return widget

    yield widget_of
    for widget in made:
        widget.close()


def payload_of(widget: GridWidget) -> GridPayload:
    return msgspec.json.decode(gzip.decompress(widget.payload), type=GridPayload)


def test_the_payload_has_the_cells_run_by_run(recorded, show):
    newest, older = record(0), record(1)
    task_runs = {
        newest.id: [
            task_run(newest, "extract", 0, total_run_seconds=14.234),
            *[task_run(newest, "load", 2 + n, index=n) for n in range(10)],
            task_run(newest, "load", 20, Failed("", timestamp=AS_OF), index=10),
        ],
        older.id: [task_run(older, "load", 0, total_run_seconds=1943.21)],
    }
    grid = fw.FlowRunGrid(
        [FlowRunView(run, recorded, as_of=AS_OF) for run in (newest, older)], task_runs
    )
    sent = payload_of(show(grid))
    columns = sent.columns
    names = [state.name for state in columns.state_kinds]
    assert columns.tasks == grid.tasks == ("load", "extract") or columns.tasks == (
        "extract",
        "load",
    )
    order = [columns.tasks.index("extract"), columns.tasks.index("load")]
    cells = [None if state < 0 else names[state] for state in columns.states]
    assert [cells[at] for at in order] == ["Success", "Failed"]
    assert [cells[2 + at] for at in order] == [None, "Success"]
    assert [columns.ran[at] for at in order] == [14.2, 11.0]
    assert [columns.ran[2 + at] for at in order] == [None, 1943]
    assert columns.mapped == ((order[1], names.index("Failed"), 1, names.index("Success"), 10),)
    assert columns.runs.names == ("run-0", "run-1")
    assert (sent.held, sent.has_more, sent.can_load, sent.left_out) == (2, False, False, 0)


def test_fifty_columns_are_sent_first_and_what_was_read_is_compact(recorded, show):
    """A benchmark has the figures for 1,000 runs."""
    grid = many_columns(recorded, 200)
    widget = show(grid)
    assert len(payload_of(widget).columns.runs.ids) == 50
    assert len(widget.payload) < 15_000
    grid.to_pandas()
    widget.view_bundle()
    assert len(payload_of(widget).columns.states) == 10_000
    assert len(widget.payload) < 50_000


def test_no_more_than_a_thousand_columns_are_sent(recorded, show):
    views = [FlowRunView(record(n), recorded, as_of=AS_OF) for n in range(MAX_SENT + 1)]
    sent = payload_of(show(fw.FlowRunGrid(views)))
    assert (len(sent.columns.runs.ids), sent.held) == (MAX_SENT, MAX_SENT + 1)


def test_the_page_gets_older_columns_as_it_asks_for_them(recorded, show, monkeypatch):
    page = Page(monkeypatch)
    grid = many_columns(recorded, 120, 10)
    widget = show(grid)
    assert (payload_of(widget).held, payload_of(widget).can_load) == (50, True)
    page.ask(widget, question("runs", n=1, start=50, count=50))
    answer = page.wait_for("columns", n=1)
    columns = answer["columns"]
    assert (columns["runs"]["start"], len(columns["runs"]["ids"]), answer["held"]) == (50, 50, 100)
    assert (len(columns["states"]), answer["has_more"], answer["can_load"]) == (500, True, True)
    assert len(grid.runs) == 100
    page.ask(widget, question("runs", n=2, start=100, count=50))
    answer = page.wait_for("columns", n=2)
    assert (answer["held"], answer["has_more"], answer["can_load"]) == (120, False, False)
    assert page.kinds(1) == ["heard", "columns"]


def test_a_cell_opens_the_card_of_its_run_with_the_log_of_its_task(recorded, show, monkeypatch):
    page = Page(monkeypatch)
    found = fw.find_flow_runs(api=recorded, subflows=True)
    grid = found.grid()
    widget = show(grid)
    run = next(one for one in reversed(grid.runs) if len(one.get_all_task_runs()) > 1)
    cells = grid._lazy.grid.cells
    single = next(
        n
        for n, task in enumerate(grid.tasks)
        if (cell := cells.get((task, run.flow_run_id))) and cell.count == 1
    )
    page.ask(widget, question("open", n=1, id=run.flow_run_id, task=single))
    model = page.wait_for("opened", n=1)["model"]
    card = next(one for one in islice(registry.open_cards(), 20) if one.model_id == model)
    label = cells[grid.tasks[single], run.flow_run_id].label
    assert card.subject == run
    assert card.query == f'task="{label}"'
    page.ask(widget, question("open", n=2, id=run.flow_run_id, task=10_000))
    assert page.wait_for("opened", n=2)["model"] == model
    assert card.query == ""
    page.ask(widget, question("open", n=3, id=run.flow_run_id))
    assert page.wait_for("opened", n=3)["model"] != model
    page.ask(widget, question("open", n=4, id="unknown", task=0))
    assert "no run unknown" in page.wait_for("failed", n=4)["notice"]["text"]
    widget.close()
    assert card.comm is None


def test_a_mapped_task_filters_for_its_name(recorded, show):
    grid = many_columns(recorded, 3, 11)
    widget = show(grid)
    run = grid.runs[0]
    assert widget._filter(run, grid.tasks.index("task-10")) == "task:task-10"
    assert widget._filter(run, grid.tasks.index("task-1")) == 'task="task-1"'


def test_secrets_are_removed_and_counted(recorded, show):
    run = record(0, name=f"password={SECRET}")
    grid = fw.FlowRunGrid(
        [FlowRunView(run, recorded, as_of=AS_OF)], {run.id: [task_run(run, f"token={SECRET}", 0)]}
    )
    widget = show(grid)
    sent = payload_of(widget)
    assert SECRET not in gzip.decompress(widget.payload).decode()
    assert (sent.columns.redacted, sent.columns.runs.redacted) == (1, 1)
    assert SECRET not in widget._filter(grid.runs[0], 0)


def test_sizes_are_bounded_whatever_the_tasks_are_called(recorded, show):
    huge = "<&>" * 30_000
    run = record(0, name=huge)
    task_runs = [
        task_run(run, f"{n} {huge}", n, Failed(huge, name=huge, timestamp=AS_OF))
        for n in range(MAX_TASKS + 20)
    ]
    grid = fw.FlowRunGrid([FlowRunView(run, recorded, as_of=AS_OF)], {run.id: task_runs})
    sent = payload_of(show(grid))
    assert (len(sent.columns.tasks), sent.left_out) == (MAX_TASKS, 20)
    assert len(msgspec.json.encode(sent)) < 120 * 3 * MAX_TASKS


def test_no_runs_make_an_empty_grid():
    columns = grid_columns(RunGrid(), (), 0)
    assert (columns.tasks, columns.states, columns.runs.ids) == ((), (), ())


def test_a_grid_is_displayed_as_its_widget_and_its_twin(recorded):
    grid = many_columns(recorded, 3, 5)
    bundle, _ = grid._repr_mimebundle_()
    assert "5 tasks of 3 flow runs" in bundle["text/html"]
    assert bundle["text/plain"].startswith("FlowRunGrid of 5 tasks in 3 flow runs")


def test_a_closed_grid_is_shown_as_a_new_one(recorded, show):
    grid = many_columns(recorded, 3, 5)
    widget = show(grid)
    assert widget.open_again() is widget
    widget.close()
    again = widget.open_again()
    assert again is not widget
    assert again.shows(grid)
    again.close()


@pytest.mark.parametrize(
    "content", [None, {}, question("runs", start="x", count=1), question("open", id="x", task="y")]
)
def test_other_messages_are_ignored(recorded, show, content):
    widget = show(many_columns(recorded, 3, 5))
    widget._heard(content)
    assert "GridWidget of 3 flow runs" in repr(widget)
