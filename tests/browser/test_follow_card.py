"""A card that follows its run, in JupyterLab: it goes on, ends, and gets over failures without a click."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from .card_page import CardPage
from .runs import PENDING, RUNNING, SERVED

if TYPE_CHECKING:
    from .lab import Lab

QUICK = "from flowrun_widgets.live import poller\npoller.QUIET_SECONDS = 1"
"""So that the end of a run is believed after one second."""
WHO = "import threading\nprint([t.name for t in threading.enumerate() if 'follow' in t.name])"


@pytest.fixture
def card(lab: Lab) -> CardPage:
    """A running run, followed. Cell 2 has it go on, 3 has it end, 4 prints who looks at it."""
    lab.write(
        "follow.ipynb",
        [
            f"{RUNNING}\n{QUICK}",
            "card = run.card(follow=True)\ncard",
            "replay.advance(45)",
            "replay.advance(3600)",
            WHO,
        ],
    )
    lab.open("follow.ipynb")
    lab.run(0)
    lab.run(1)
    return CardPage(lab.cell(1)).wait()


def lines_of(card: CardPage) -> int:
    words = card.root.locator("footer").inner_text()
    return int(re.sub(r"\D", "", words.split(" of ")[0]))


def toggle(card: CardPage):
    return card.root.get_by_role("switch", name="Follow this run")


def test_new_lines_appear_by_themselves_until_the_run_is_over(lab: Lab, card: CardPage) -> None:
    expect(toggle(card)).to_be_checked()
    before = lines_of(card)
    lab.run(2)
    expect(card.root.locator("footer")).not_to_contain_text(f"{before} of")
    assert lines_of(card) > before
    expect(card.root.get_by_text("Following", exact=False).first).to_be_visible()
    shown = card.root.get_by_role("grid", name="Log lines")
    expect(shown.locator(".new").last).to_contain_text("New")
    last = int(shown.locator(".cell-line").last.inner_text())
    assert last == lines_of(card)
    lab.run(3)
    expect(card.root).to_contain_text("Following stopped: the run has ended.")
    expect(card.root.locator(".badge")).to_have_text("Success")
    expect(toggle(card)).to_have_count(0)
    expect(card.root.locator("footer")).to_contain_text("run finished")
    lab.run(4)
    expect(lab.output(4)).to_contain_text("[]")
    assert lab.errors == []


def test_who_reads_elsewhere_stays_there_and_is_told(lab: Lab, card: CardPage) -> None:
    scroller = card.root.get_by_role("grid", name="Log lines")
    scroller.hover()
    lab.page.mouse.wheel(0, -5000)
    expect(card.rows.first.locator(".cell-line")).to_have_text("1")
    top = scroller.evaluate("it => it.scrollTop")
    lab.run(2)
    pill = card.root.get_by_role("button", name=re.compile(r"Paused · \d+ new line"))
    expect(pill).to_be_visible()
    assert scroller.evaluate("it => it.scrollTop") == top
    expect(card.rows.first.locator(".cell-line")).to_have_text("1")
    pill.click()
    expect(card.root.locator("p.log-pill")).to_contain_text("Following")
    assert lab.errors == []


def test_the_switch_stops_all_requests_and_begins_again(lab: Lab, card: CardPage) -> None:
    toggle(card).click()
    expect(toggle(card)).not_to_be_checked()
    lab.run(4)
    expect(lab.output(4)).to_have_text("[]\n")
    before = lines_of(card)
    lab.run(2)
    toggle(card).press("Enter")
    expect(toggle(card)).to_be_checked()
    expect(card.root.locator("footer")).not_to_contain_text(f"{before} of")
    lab.run(4)
    expect(lab.output(4)).to_contain_text("flowrun-follow")
    card.rows.last.click()
    card.press("l")
    expect(toggle(card)).not_to_be_checked()
    assert lab.errors == []


def test_it_goes_on_while_a_cell_runs(lab: Lab) -> None:
    """Also while the very cell that displays the card runs on."""
    show = "from IPython.display import display\ncard = run.card(follow=True)\ndisplay(card)\n"
    busy = "import time\nreplay.advance(45)\nwhile not done.exists(): time.sleep(0.1)"
    lab.write("busy.ipynb", [f"{RUNNING}\ndone = path.with_name('done')", show + busy])
    lab.open("busy.ipynb")
    lab.run(0)
    lab.start(1)
    card = CardPage(lab.cell(1)).wait()
    before = lines_of(card)
    assert before > 0
    expect(toggle(card)).to_be_checked()
    toggle(card).click()
    expect(toggle(card)).not_to_be_checked()
    lab.page.evaluate(
        "() => jupyterapp.shell.currentWidget.sessionContext.session.kernel.interrupt()"
    )
    lab.wait_until_idle()


def test_a_pending_run_offers_to_be_followed(lab: Lab) -> None:
    lab.write("pending.ipynb", [PENDING, "run", "demo.finish()"])
    lab.open("pending.ipynb")
    lab.run(0)
    lab.run(1)
    card = CardPage(lab.cell(1)).wait()
    card.root.get_by_role("button", name="Follow this run").click()
    expect(toggle(card)).to_be_checked()
    lab.run(2)
    expect(card.root.locator(".badge")).to_have_text("Success")
    expect(card.root.get_by_role("grid", name="Log lines")).to_be_visible()
    assert lab.errors == []


def test_a_server_that_comes_back_is_noticed_without_a_click(lab: Lab) -> None:
    """A card that does not follow, whose refresh failed."""
    cells = [SERVED, "run", "server.is_down = True", "server.is_down = False", WHO]
    lab.write("away.ipynb", cells)
    lab.open("away.ipynb")
    for cell in (0, 1, 2):
        lab.run(cell)
    card = CardPage(lab.cell(1)).wait()
    card.button("Refresh").click()
    expect(card.root.get_by_role("alert")).to_contain_text("has not answered since")
    expect(card.root).to_contain_text(re.compile(r"Trying again in \d"))
    expect(card.root.get_by_role("grid", name="Log lines")).to_be_visible()
    lab.run(3)
    expect(card.root.get_by_role("alert")).to_have_count(0)
    lab.run(4)
    expect(lab.output(4)).to_have_text("[]\n")
    assert lab.errors == []


def test_a_restarted_kernel_is_said_to_have_gone(lab: Lab, card: CardPage) -> None:
    lab.restart_kernel()
    expect(card.root).to_contain_text("Kernel disconnected. Rerun this cell.")
    expect(toggle(card)).to_have_count(0)
    card.filter.fill("info")
    expect(card.root.get_by_role("grid", name="Log lines")).to_be_visible()
    lab.run(0)
    lab.run(1)
    again = CardPage(lab.cell(1)).wait()
    expect(again.root).not_to_contain_text("Kernel disconnected")
    expect(toggle(again)).to_be_checked()
    assert lab.errors == []
