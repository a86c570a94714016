"""The table of a list of runs in real JupyterLab, used as a person would use it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from .card_page import CardPage
from .runs_page import RunsPage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .lab import Lab, Theme

MADE = """
import flowrun_widgets as fw
from tests.many_runs import many_runs
demo = fw.demo(pace=1e-9)
failed = fw.FlowRunView.from_flow_run_id(demo.failed)
few = many_runs(failed.connection, 5, first=[failed])
"""
SHOW = "runs = many_runs(failed.connection, 450, first=[failed])\nruns"
SELECTION = "print([run.name for run in runs.selection])"


@pytest.fixture
def lab_of_runs(runs_lab: Lab) -> Iterator[Lab]:
    """A Lab with a notebook of runs: cell 1 is the table of 450, 2 prints the selection, 3 is a table of 5."""
    if not runs_lab.path("runs.ipynb").exists():
        runs_lab.write("runs.ipynb", [MADE, SHOW, SELECTION, "few"])
        runs_lab.open("runs.ipynb")
        runs_lab.run(0)
    runs_lab.errors.clear()
    runs_lab.page.bring_to_front()
    yield runs_lab
    runs_lab.theme("light")
    runs_lab.width(1280)


@pytest.fixture
def table(lab_of_runs: Lab) -> RunsPage:
    """A new table."""
    lab_of_runs.run(1)
    return RunsPage(lab_of_runs.cell(1)).wait()


def test_the_table_hides_its_twin_and_says_how_much_it_shows(
    lab_of_runs: Lab, table: RunsPage
) -> None:
    expect(table.footer).to_contain_text("200 flow runs loaded, more exist")
    expect(table.footer).to_contain_text("Python: runs")
    expect(lab_of_runs.cell(1).locator(".frw-fallback")).to_be_hidden()
    expect(table.root.get_by_role("img", name=re.compile("^Runs over time"))).to_be_visible()
    assert table.rows.count() < 60
    assert lab_of_runs.errors == []


def test_a_click_on_a_head_sorts(table: RunsPage) -> None:
    expect(table.head("Started")).to_have_attribute("aria-sort", "descending")
    table.sort("Ran")
    expect(table.head("Ran")).to_have_attribute("aria-sort", "descending")
    expect(table.row(1)).to_contain_text("run-199")
    table.sort("Ran")
    expect(table.head("Ran")).to_have_attribute("aria-sort", "ascending")
    table.sort("State")
    expect(table.row(1)).to_contain_text("Failed")
    expect(table.footer).to_contain_text("Only the loaded runs are searched and sorted")


def test_the_filter_line_the_states_and_the_strip_write_one_text(table: RunsPage) -> None:
    table.filter.fill("state:failed reset")
    expect(table.status.filter(has_text="19 of 200")).to_be_visible()
    table.filter.fill("tsk:x")
    expect(table.status.filter(has_text="Unknown key: tsk")).to_be_visible()
    table.filter.fill("")
    table.root.get_by_role("button", name=re.compile("^Failed, ")).click()
    expect(table.filter).to_have_value('state="Failed"')
    expect(table.row(20)).to_be_attached()
    expect(table.row(21)).not_to_be_attached()
    table.root.get_by_role("slider", name="From").press("ArrowRight")
    expect(table.filter).to_have_value(re.compile(r'^state="Failed" time:\S+'))
    table.root.get_by_role("button", name="Clear the filter").click()
    expect(table.filter).to_have_value("")


def test_a_brush_over_the_strip_filters_by_time(table: RunsPage) -> None:
    strip = table.root.get_by_role("img", name=re.compile("^Runs over time"))
    box = strip.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"], box["y"] + 20
    table.page.mouse.move(x - 120, y)
    table.page.mouse.down()
    table.page.mouse.move(x - 60, y)
    table.page.mouse.up()
    expect(table.filter).to_have_value(re.compile(r"^time:\S+\.\.\S+$"))
    expect(table.status.filter(has_text=re.compile(r"^\d+ of 200"))).to_be_visible()


def test_keys_move_select_and_reach_python(lab_of_runs: Lab, table: RunsPage) -> None:
    table.row(1).focus()
    table.press("ArrowDown", "ArrowDown")
    table.expect_focus(3)
    table.press(" ")
    expect(table.row(3)).to_have_attribute("aria-selected", "true")
    table.press("Shift+ArrowDown", "Shift+ArrowDown")
    table.expect_focus(5)
    expect(table.footer).to_contain_text("3 runs selected")
    expect(table.footer).to_contain_text("runs.selection")
    lab_of_runs.run(2)
    expect(lab_of_runs.output(2)).to_contain_text("['run-2', 'run-3', 'run-4']")
    table.row(5).focus()
    table.press("Escape")
    expect(table.footer).not_to_contain_text("selected")
    lab_of_runs.run(2)
    expect(lab_of_runs.output(2)).to_contain_text("[]")
    table.row(5).focus()
    table.press("Home")
    table.expect_focus(1)
    table.press("/")
    expect(table.filter).to_be_focused()
    table.press("Escape")
    table.expect_focus(1)


def test_enter_opens_the_card_of_a_run_below_the_table(lab_of_runs: Lab, table: RunsPage) -> None:
    expect(table.root.locator(".opens").first).to_be_visible()
    table.row(1).focus()
    table.press("Enter")
    card = CardPage(lab_of_runs.cell(1)).wait()
    expect(card.root).to_contain_text("IncompleteJournalError")
    expect(table.opened).to_have_count(1)
    lab_of_runs.screenshot("runs-opened", lab_of_runs.cell(1))
    lab_of_runs.cell(1).get_by_role("button", name="Close this card").click()
    expect(table.opened).to_have_count(0)
    table.named("stoic-marmot").get_by_text("stoic-marmot").click()
    expect(table.opened).to_have_count(1)
    assert lab_of_runs.errors == []


def test_further_runs_come_when_the_end_is_near_and_all_when_asked_for(table: RunsPage) -> None:
    table.row(1).focus()
    table.press("End")
    expect(table.footer).to_contain_text("400 flow runs loaded, more exist")
    table.root.get_by_role("button", name="Load all").click()
    expect(table.footer).to_contain_text("450 of 450 flow runs")
    table.row(200).focus()
    table.press("End")
    table.expect_focus(450)
    expect(table.row(450)).to_contain_text("run-449")


def test_axe_finds_nothing_and_nothing_is_cut_at_any_width(lab_of_runs: Lab) -> None:
    found = {}
    for cell in (1, 3):
        lab_of_runs.run(cell)
    themes: tuple[Theme, ...] = ("light", "dark")
    for theme in themes:
        lab_of_runs.theme(theme)
        for width in (1500, 1060, 520):
            lab_of_runs.width(width)
            for cell, name in ((1, "many"), (3, "few")):
                table = RunsPage(lab_of_runs.cell(cell)).wait()
                table.root.scroll_into_view_if_needed()
                lab_of_runs.screenshot(f"runs-{name}-{theme}-{width}", table.root)
                found[theme, width, name] = lab_of_runs.axe(table.root)
                assert table.grid.evaluate("grid => grid.scrollWidth <= grid.clientWidth")
        table = RunsPage(lab_of_runs.cell(1))
        table.filter.fill("tsk:x")
        found[theme, "wrong"] = lab_of_runs.axe(table.root)
        table.filter.fill("state:failed")
        table.row(1).focus()
        table.press(" ")
        found[theme, "selected"] = lab_of_runs.axe(table.root)
        table.filter.fill("")
        lab_of_runs.width(1280)
    assert {where: what for where, what in found.items() if what} == {}


def test_a_saved_notebook_shows_the_twin_without_a_kernel(lab: Lab) -> None:
    lab.write("saved.ipynb", [MADE, SHOW])
    lab.open("saved.ipynb")
    lab.run_all()
    RunsPage(lab.cell(1)).wait()
    lab.save()
    lab.reopen()
    twin = lab.cell(1).locator(".frw-fallback")
    expect(twin).to_be_visible()
    expect(twin).to_contain_text("ledger-close")
    expect(twin).to_contain_text("50 of 200 runs shown")
