"""The card while a cell runs: what is asked then is answered before the cell ends."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import expect

from .busy import BUSY, beginning, busy
from .card_page import CardPage
from .runs import SHOW

BIG = """
import tempfile
from pathlib import Path
import flowrun_widgets as fw
from tests.benchmarks.follow import write_running
from tests.benchmarks._large_store import run_id

path = Path(tempfile.mkdtemp()) / "store.sqlite"
write_running(path, 20_000)
fw.connect(path)
run = fw.FlowRunView.from_flow_run_id(run_id(1))
"""

HALF_WAY = """table => {
  let box = table;
  while (box.scrollHeight < box.clientHeight + 1000) box = box.parentElement;
  box.scrollTop = box.scrollHeight / 2;
}"""


@pytest.fixture
def stop(tmp_path):
    """The file that ends a busy cell."""
    return tmp_path / "stop"


@pytest.fixture(params=BUSY)
def cell(request):
    """The source of a cell that is busy."""
    return BUSY[request.param]


def refreshed(card):
    """Click on refresh and wait for what it brings."""
    card.button("Refresh").click()
    expect(card.status.filter(has_text=re.compile("Nothing new")).first).to_be_visible()


def used(card):
    """Filter, scroll and switch tabs, and wait for what the kernel alone knows."""
    card.filter.fill("19999")
    card.expect_hits(1)
    card.filter.fill("")
    expect(card.rows.last).to_contain_text("step 20000 ")
    card.lines.evaluate(HALF_WAY)
    expect(card.rows.filter(has_text=re.compile(r"step (9|10)\d{3} ")).first).to_be_visible()
    card.show("Task runs")
    expect(card.tasks.get_by_role("row").nth(1)).to_be_visible()
    card.show("Logs")


def test_a_card_answers_while_another_cell_runs_from_the_first_click_on(lab, stop, cell):
    lab.write("busy.ipynb", [BIG + beginning(stop), SHOW, cell])
    lab.open("busy.ipynb")
    lab.run(0)
    lab.run(1)
    card = CardPage(lab.cell(1)).wait()
    with busy(lab, 2, stop):
        refreshed(card)
        used(card)
    assert lab.errors == []


def test_a_card_answers_in_the_very_cell_that_shows_it_and_runs_on(lab, stop, cell):
    shown = f"card = run.card()\nfw_display(card)\n{cell}"
    begin = BIG + "from IPython.display import display as fw_display\n" + beginning(stop)
    lab.write("own.ipynb", [begin, shown])
    lab.open("own.ipynb")
    lab.run(0)
    with busy(lab, 1, stop):
        card = CardPage(lab.cell(1)).wait()
        refreshed(card)
        used(card)
    assert lab.errors == []


SAYS_SOON = """card => {
  window.isSaidSoon = new Promise(resolve => {
    card.addEventListener("click", () => setTimeout(() => resolve(false), 500), { capture: true, once: true });
    new MutationObserver(() => {
      if (card.textContent.includes("Waiting for the kernel")) resolve(true);
    }).observe(card, { subtree: true, childList: true, characterData: true });
  });
}"""
"""Has the page note whether the card says that it waits for the kernel before half a second after a click has passed for it."""


@pytest.fixture
def without_subshells(lab, lab_server):
    """A Lab as older hosts are: what the page says waits until the cell ends."""
    settings = lab_server.settings / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    (settings / "kernels-settings.jupyterlab-settings").write_text(
        json.dumps({"commsOverSubshells": "disabled"})
    )
    return lab


def test_a_host_without_subshells_shows_that_it_waits_goes_on_with_what_it_holds_and_catches_up(
    without_subshells, stop
):
    lab = without_subshells
    change = """
from flowrun_widgets.store.writer import StoreWriter
from tests.benchmarks._follow_writer import line
with StoreWriter(path) as writer:
    writer.add({"log": [line(run_id(1), 77)]})
"""
    lab.write("older.ipynb", [BIG + beginning(stop), SHOW, change + BUSY["time.sleep"]])
    lab.open("older.ipynb")
    lab.run(0)
    lab.run(1)
    card = CardPage(lab.cell(1)).wait()
    expect(card.rows.last).to_contain_text("step 20000 ")
    with busy(lab, 2, stop):
        card.root.evaluate(SAYS_SOON)
        card.button("Refresh").click()
        assert lab.page.evaluate("window.isSaidSoon")
        card.filter.fill("step 20000")
        expect(card.rows.last.locator("mark").first).to_be_visible()
        card.root.get_by_role("radio", name="Only hits").click()
        expect(card.rows).to_have_count(1)
        expect(card.rows).to_contain_text("step 20000 ")
        card.filter.fill("")
        expect(card.rows.last).to_contain_text("step 20000 ")
    expect(card.status.filter(has_text="Waiting")).to_have_count(0)
    expect(card.rows.last).to_contain_text("step 77 while followed")
    expect(card.status.filter(has_text="+1 line").first).to_be_visible()
    card.filter.fill("19999")
    card.expect_hits(1)
    assert lab.errors == []
