"""The card in real JupyterLab, used as a person would use it."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import expect

from .lab import PATIENCE, Lab, Theme

TOUR = Path(__file__).parents[2] / "notebooks" / "tour.ipynb"
CARD = "article.frw"
expect.set_options(timeout=PATIENCE)

FAILED = [
    "import flowrun_widgets as fw\ndemo = fw.demo(pace=1e-9)",
    "fw.FlowRunView.from_flow_run_id(demo.failed)",
]
# At this pace the live run of the demo stands still until `finish()`.
LIVE = [
    "import flowrun_widgets as fw\ndemo = fw.demo(pace=1e-9)",
    "run = fw.FlowRunView.from_flow_run_id(demo.live)\nbefore = run\nrun",
    "demo.finish()",
    "print(before.state, before.ended_at, run is before)",
]
DEAD = ("Error displaying widget", "Loading widget", "object at 0x")


def test_the_tour_runs_and_its_cards_show_the_runs(lab: Lab) -> None:
    lab.write("tour.ipynb", nbformat.read(TOUR, as_version=4))
    lab.open("tour.ipynb")
    lab.run_all()
    failed, live = (
        next(
            i
            for i, cell in enumerate(lab.read("tour.ipynb").cells)
            if cell.source.endswith(f"\n{name}")
        )
        for name in ("run", "live")
    )
    card = lab.cell(failed).locator(CARD)
    card.scroll_into_view_if_needed()
    expect(card.locator(".badge")).to_have_text("Failed")
    expect(card).to_contain_text("ledger-close")
    expect(card).to_contain_text("IncompleteJournalError")
    expect(card.get_by_role("grid", name="Log lines")).to_contain_text("Exception encountered")
    card.get_by_role("tab", name="Task runs").click()
    expect(card.get_by_role("treegrid")).to_contain_text("reconcile")
    expect(lab.cell(live).locator(CARD)).to_be_attached()
    assert lab.errors == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pictures_of_the_card(lab: Lab, theme: Theme) -> None:
    """The picture is for people; what is asserted is that the card fits its cell at every width."""
    lab.write("failed.ipynb", FAILED)
    lab.open("failed.ipynb")
    lab.theme(theme)
    lab.run_all()
    card = lab.cell(1).locator(CARD)
    for width in (700, 1060, 1560):
        lab.width(width, 1100)
        for tab in ("Task runs", "Timeline", "Details", "Logs"):
            card.get_by_role("tab", name=tab).click()
            lab.screenshot(f"card-failed-{theme}-{width}-{tab.lower().replace(' ', '-')}", card)
        assert card.evaluate("card => card.scrollWidth <= card.clientWidth")


def test_refresh_shows_what_came_since_and_leaves_the_old_snapshot(lab: Lab) -> None:
    lab.write("live.ipynb", LIVE)
    lab.open("live.ipynb")
    lab.run(0)
    lab.run(1)
    card = lab.cell(1).locator(CARD)
    expect(card.locator(".badge")).to_contain_text("Pending")
    card.get_by_role("button", name="Refresh").click()
    expect(card.get_by_role("status").filter(has_text="Nothing new")).to_be_visible()
    lab.run(2)
    card.get_by_role("button", name="Refresh").click()
    expect(card.locator(".badge")).to_have_text("Success")
    expect(card).to_contain_text("95 lines")
    lab.screenshot("card-refreshed", card)
    lab.run(3)
    expect(lab.output(3)).to_contain_text(
        '<Pending: "A state for this flow run is not yet available."> None True'
    )
    assert lab.errors == []


def test_the_twin_follows_a_refresh_into_the_saved_notebook(lab: Lab) -> None:
    lab.write("live.ipynb", LIVE)
    lab.open("live.ipynb")
    lab.run(0)
    lab.run(1)
    lab.run(2)
    card = lab.cell(1).locator(CARD)
    card.get_by_role("button", name="Refresh").click()
    expect(card.locator(".badge")).to_have_text("Success")
    expect(lab.cell(1).locator(".frw-fallback")).to_contain_text("Success")
    lab.save()
    twin = lab.read("live.ipynb").cells[1].outputs[0]
    assert "✓ Success" in twin.data["text/plain"]
    assert "95 of 95" in twin.data["text/html"] or "95 lines" in twin.data["text/html"]


def test_a_saved_notebook_opened_with_a_fresh_kernel_shows_the_twin_and_no_error(lab: Lab) -> None:
    lab.write("failed.ipynb", FAILED)
    lab.open("failed.ipynb")
    lab.run_all()
    expect(lab.cell(1).locator(CARD)).to_be_visible()
    expect(lab.cell(1).locator(".frw-fallback")).to_be_hidden()
    lab.save()
    lab.reopen()
    twin = lab.cell(1).locator(".frw-fallback")
    expect(twin).to_be_visible()
    expect(twin).to_contain_text("ledger-close / stoic-marmot")
    expect(twin).to_contain_text("IncompleteJournalError")
    expect(twin).to_contain_text("reconcile")
    lab.screenshot("twin-reopened", lab.cell(1))
    seen = lab.cell(1).inner_text()
    assert [words for words in DEAD if words in seen] == []


def test_text_from_a_run_reaches_the_page_as_text(lab: Lab) -> None:
    """A run whose names, parameters and messages try to be markup does nothing but show them."""
    lab.write("hostile.ipynb", HOSTILE)
    lab.open("hostile.ipynb")
    lab.run_all()
    card = lab.cell(1).locator(CARD)
    expect(card).to_contain_text("<img src=x onerror=window.hit=1>")
    card.get_by_role("tab", name="Details").click()
    card.get_by_role("tab", name="Task runs").click()
    assert lab.page.evaluate("window.hit") is None
    assert lab.errors == []


HOSTILE = [
    """
import json, tempfile
from pathlib import Path
import flowrun_widgets as fw
from flowrun_widgets.recordings.replay import recording
from flowrun_widgets.store.writer import StoreWriter

bad = '<img src=x onerror=window.hit=1></script><!--<script>\\u2028\\u202e\\x1b[31mred'
tables = json.loads(json.dumps(recording("failed-with-retries").tables))
for row in tables["log"]:
    row["message"] = bad + (row["message"] or "")
for row in tables["flow"] + tables["flow_run"] + tables["task"] + tables["task_run"]:
    row["name"] = bad
tables["flow_run"][0]["parameters"] = {bad: bad}
path = Path(tempfile.mkdtemp()) / "store.sqlite"
with StoreWriter(path) as writer:
    writer.add(tables)
fw.connect(path)
flow_run_id = tables["flow_run"][0]["id"]
""",
    "fw.FlowRunView.from_flow_run_id(flow_run_id)",
]


def test_a_cell_that_shows_a_card_shows_it_again_when_it_runs_again(lab: Lab) -> None:
    """Also a card that was closed in between: it comes back as a new one."""
    lab.write("again.ipynb", [*FAILED[:1], CARD_OF_FAILED, "card", "card.close()"])
    lab.open("again.ipynb")
    lab.run(0)
    lab.run(1)
    for _ in range(2):
        lab.run(2)
        expect(lab.cell(2).locator(CARD).locator(".badge")).to_have_text("Failed")
    lab.run(3)
    lab.run(2)
    expect(lab.cell(2).locator(CARD).locator(".badge")).to_have_text("Failed")
    assert lab.errors == []


def test_a_cell_that_runs_again_ends_the_card_that_it_showed_before(lab: Lab) -> None:
    lab.write("stale.ipynb", [*FAILED, "import ipywidgets\nprint(len(ipywidgets.Widget.widgets))"])
    lab.open("stale.ipynb")
    counts = []
    lab.run(0)
    for _ in range(2):
        lab.run(1)
        expect(lab.cell(1).locator(CARD)).to_be_visible()
        lab.run(2)
        counts.append(lab.output(2).inner_text().strip())
    assert counts[0] == counts[1]


CARD_OF_FAILED = "card = fw.FlowRunView.from_flow_run_id(demo.failed).card()"
