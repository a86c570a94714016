"""Runs × tasks, and the results about many runs, in real JupyterLab: used, looked at, and searched by axe."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from .card_page import CardPage
from .grid_page import GridPage

if TYPE_CHECKING:
    from .lab import Lab, Theme

MADE = """
import flowrun_widgets as fw
from tests.many_runs import many_columns
demo = fw.demo(pace=1e-9)
failed = fw.FlowRunView.from_flow_run_id(demo.failed)
"""
MANY = "grid = many_columns(failed.connection, 180)\ngrid"
FEW = "few = fw.find_flow_runs(subflows=True).grid()\nfew"
FINDINGS = {
    "failures": "runs.failures()",
    "explain": "runs.explain()",
    "flaky": "runs.flaky()",
    "durations": "runs.durations()",
    "compare": "fw.compare(runs[0], runs)",
    "compare-two": "fw.compare(runs[0], runs[1])",
    "grid": "print(); display(HTML(runs.grid()._static_bundle()['text/html']))",
}
NIGHTLY = """
import tempfile
from pathlib import Path
from IPython.display import HTML, display
import flowrun_widgets as fw
from tests.nightly import nightly
runs = nightly(
    Path(tempfile.mkdtemp()) / "night.sqlite", failed=(3, 7, 9), slow=("transform",), region="asia", state="Failed",
    lines=[("ERROR", "OSError: disk 7 is full"), ("INFO", "cleaning 3 files")],
)
"""
THEMES: tuple[Theme, ...] = ("light", "dark")
WIDTHS = {1280: "wide", 520: "narrow"}
"""Widths of the window; in the narrow one an output has about 400 pixels."""


def test_a_grid_is_scrolled_opened_and_walked_through(lab: Lab) -> None:
    lab.write("grid.ipynb", [MADE, MANY, FEW])
    lab.open("grid.ipynb")
    for cell in (0, 1):
        lab.run(cell)
    grid = GridPage(lab.cell(1)).wait()
    expect(lab.cell(1).locator(".frw-fallback")).to_be_hidden()
    expect(grid.footer).to_contain_text("more exist")
    expect(grid.footer).to_contain_text("Python: grid")
    assert grid.distance_from_right() < 2
    assert grid.cells.count() < 3_500

    grid.grid.focus()
    grid.expect_current("run-1: ")
    grid.press("ArrowDown", "ArrowDown", "ArrowLeft")
    grid.expect_current("task-1, run-2")
    expect(grid.readout).to_contain_text("task-1 / run-2")
    grid.press("PageDown", "PageDown", "PageDown")
    grid.expect_current("task-49, run-2")
    expect(grid.names.filter(has_text="task-49")).to_be_in_viewport()
    while "180 of 180" not in grid.footer.inner_text():
        grid.press("Home")
        expect(grid.footer).not_to_contain_text("Loading")
    grid.press("Home")
    grid.expect_current("task-49, run-180")
    assert grid.grid.evaluate("grid => grid.scrollLeft") < 2
    grid.press("Control+End")
    assert grid.distance_from_right() < 2
    assert lab.errors == []

    lab.run(2)
    few = GridPage(lab.cell(2)).wait()
    task = few.grid.get_by_role("gridcell", name=re.compile("Failed")).first
    name = (task.get_attribute("aria-label") or "").split(",")[0]
    task.hover()
    expect(few.readout).to_contain_text(f"{name} / ")
    task.click()
    card = CardPage(lab.cell(2)).wait()
    expect(card.filter).to_have_value(re.compile(rf"^task[=:]\"?{re.escape(name)}"))
    expect(card.tab("Logs")).to_have_attribute("aria-selected", "true")
    card.status.filter(has_text="hit").first.wait_for(state="attached")
    lab.screenshot("grid-opened", lab.cell(2))
    lab.cell(2).get_by_role("button", name="Close this card").click()
    expect(few.opened).to_have_count(0)
    few.grid.focus()
    few.press("Control+Home", "End", "Enter")
    expect(few.opened).to_have_count(1)
    expect(CardPage(lab.cell(2)).wait().filter).to_have_value("")
    assert lab.errors == []


def test_axe_finds_nothing_in_grids_of_any_width_and_theme(lab: Lab) -> None:
    lab.write("looks.ipynb", [MADE, MANY, FEW])
    lab.open("looks.ipynb")
    lab.run_all()
    found = {}
    for theme in THEMES:
        lab.theme(theme)
        for width, size in WIDTHS.items():
            lab.width(width)
            for cell, name in ((1, "many"), (2, "few")):
                grid = GridPage(lab.cell(cell)).wait()
                grid.root.scroll_into_view_if_needed()
                if cell == 1:
                    # axe scrolls to what it looks at.
                    grid.grid.focus()
                    grid.press("Control+Home", "End")
                    grid.cell("task-10", "run-5").hover()
                lab.screenshot(f"grid-{name}-{theme}-{size}", grid.root)
                found[theme, size, name] = lab.axe(grid.root)
                assert grid.root.evaluate("card => card.scrollWidth <= card.clientWidth")
    lab.width(1280)
    lab.theme("light")
    lab.forced_colors()
    grid = GridPage(lab.cell(1)).wait()
    grid.grid.focus()
    grid.press("ArrowDown", "ArrowDown", "ArrowLeft")
    lab.screenshot("grid-many-forced", grid.root)
    found["forced"] = lab.axe(grid.root)
    assert {where: what for where, what in found.items() if what} == {}


def test_axe_finds_nothing_in_results_about_many_runs(lab: Lab) -> None:
    lab.write("findings.ipynb", [NIGHTLY, *FINDINGS.values()])
    lab.open("findings.ipynb")
    lab.run_all()
    found = {}
    for theme in THEMES:
        lab.theme(theme)
        for width, size in WIDTHS.items():
            lab.width(width)
            for cell, name in enumerate(FINDINGS, 1):
                html = lab.cell(cell).locator(".frw-fallback")
                html.scroll_into_view_if_needed()
                lab.screenshot(f"findings-{name}-{theme}-{size}", html)
                found[theme, size, name] = lab.axe(html)
                assert html.evaluate("part => part.getBoundingClientRect().right <= innerWidth"), (
                    name
                )
    assert {where: what for where, what in found.items() if what} == {}


def test_a_saved_notebook_shows_the_twin_without_a_kernel(lab: Lab) -> None:
    lab.write("saved-grid.ipynb", [MADE, MANY])
    lab.open("saved-grid.ipynb")
    lab.run_all()
    GridPage(lab.cell(1)).wait()
    lab.save()
    lab.reopen()
    twin = lab.cell(1).locator(".frw-fallback")
    expect(twin).to_be_visible()
    expect(twin).to_contain_text("The newest 30 of")
    expect(twin).to_contain_text("task-49")
