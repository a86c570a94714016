"""Pictures of the card in the states that its drawing names, for people to look at: `build/screenshots/card/`.

What is asserted is what the picture is of, and that nothing in it is wider than the card.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from .card_page import CardPage
from .runs import DEMO, PENDING, RUNNING, SERVED

if TYPE_CHECKING:
    from .lab import Lab


class Pictures:
    """Takes a card in its states, in a window that makes it as wide as wanted."""

    def __init__(self, lab: Lab, card: CardPage) -> None:
        self.lab = lab
        self.card = card
        (lab.screenshots / "card").mkdir(parents=True, exist_ok=True)
        self.width(960)

    def width(self, pixels: int) -> None:
        """Make the card that wide."""
        window = self.lab.page.viewport_size
        box = self.card.root.bounding_box()
        assert window
        assert box
        self.lab.width(window["width"] + pixels - round(box["width"]), 1400)

    def take(self, name: str) -> None:
        root = self.card.root
        root.scroll_into_view_if_needed()
        assert root.evaluate("card => card.scrollWidth <= card.clientWidth"), name
        self.lab.screenshot(f"card/{name}", root)


@pytest.fixture
def pictures(standing: Lab, card: CardPage) -> Pictures:
    """Of a long failed run."""
    return Pictures(standing, card)


def test_a_failed_run(pictures: Pictures) -> None:
    lab, card = pictures.lab, pictures.card
    expect(card.root.get_by_role("region", name="First failure")).to_be_visible()
    pictures.take("failed-light")
    card.filter.fill('task="load[329]"')
    card.status.filter(has_text="hits").first.wait_for(state="attached")
    pictures.take("failed-light-filtered")
    card.filter.fill("")
    for width in (600, 900, 1400):
        pictures.width(width)
        pictures.take(f"failed-{width}")
    pictures.width(960)
    lab.theme("dark")
    pictures.take("failed-dark")
    lab.forced_colors()
    pictures.take("failed-forced")
    lab.forced_colors(is_on=False)
    lab.theme("contrast")
    pictures.take("failed-contrast")


def test_finding(pictures: Pictures) -> None:
    card = pictures.card
    card.filter.click()
    card.type("level:")
    expect(card.root.get_by_role("listbox")).to_be_visible()
    pictures.take("suggestions")
    card.press("Escape")
    card.filter.fill("level>=warning tsk:load")
    card.root.get_by_text("Unknown key").wait_for()
    pictures.take("filter-error")
    card.filter.fill("task:laod")
    card.root.get_by_text("Did you mean").first.wait_for()
    pictures.take("no-hit")
    card.filter.fill("needle")
    card.expect_hits(5)
    pictures.take("only-hits")
    card.root.get_by_role("radio", name=re.compile("context", re.IGNORECASE)).click()
    card.root.get_by_text(re.compile(r"lines\shidden")).first.wait_for()
    pictures.take("in-context")


def test_reading(pictures: Pictures) -> None:
    card = pictures.card
    card.button("Wrap").click()
    pictures.take("wrapped")
    card.button("Wrap").click()
    card.button("First error").click()
    card.rows.filter(has_text="reset by peer").first.click()
    pictures.take("first-error")
    card.root.get_by_role("radio", name="Patterns").click()
    card.root.get_by_text("<int>").first.wait_for()
    pictures.take("patterns")
    card.root.get_by_role("radio", name="Lines").click()
    card.rows.first.click()
    card.press("p")
    card.type("look here first")
    card.press("Enter")
    card.root.get_by_text("look here first").first.wait_for()
    pictures.take("pins")
    card.rows.nth(2).click()
    card.press("?")
    card.root.get_by_role("region", name="Keys").wait_for()
    pictures.take("keys")


def test_task_runs_timeline_and_details(pictures: Pictures) -> None:
    card = pictures.card
    for tab in ("Task runs", "Timeline", "Details"):
        card.show(tab)
        pictures.take(f"failed-{tab.lower().replace(' ', '-')}")


def test_a_kernel_that_is_busy(pictures: Pictures) -> None:
    lab, card = pictures.lab, pictures.card
    lab.start(4)
    card.button("Refresh").click()
    expect(card.button("Queued")).to_have_attribute("aria-disabled", "true")
    pictures.take("kernel-busy")


def test_other_ends(lab: Lab) -> None:
    """Done, failed after retries, cancelled, and not begun."""
    ends = {"done": "succeeded", "retry": "failed", "cancelled": "cancelled", "pending": "live"}
    cells = [f"fw.FlowRunView.from_flow_run_id(demo.{name})" for name in ends.values()]
    lab.write("ends.ipynb", [DEMO, *cells])
    lab.open("ends.ipynb")
    lab.run_all()
    for at, name in enumerate(ends, 1):
        pictures = Pictures(lab, CardPage(lab.cell(at)).wait())
        pictures.take(name)
        for tab in ("Timeline", "Task runs", "Logs"):
            pictures.card.show(tab)
            pictures.take(f"{name}-{tab.lower().replace(' ', '-')}")


def test_a_run_that_goes_on_and_a_server_that_does_not(lab: Lab) -> None:
    lab.write(
        "on.ipynb", [RUNNING, "run", "replay.advance(40)", SERVED, "run", "server.is_down = True"]
    )
    lab.open("on.ipynb")
    for cell in (0, 1):
        lab.run(cell)
    pictures = Pictures(lab, CardPage(lab.cell(1)).wait())
    card = pictures.card
    expect(card.root).to_have_attribute("aria-label", re.compile("running", re.IGNORECASE))
    pictures.take("running")
    lab.run(2)
    card.button("Refresh").click()
    card.status.filter(has_text="lines").first.wait_for(state="attached")
    pictures.take("refreshed")
    card.show("Timeline")
    pictures.take("running-timeline")
    for cell in (3, 4, 5):
        lab.run(cell)
    pictures = Pictures(lab, CardPage(lab.cell(4)).wait())
    pictures.card.button("Refresh").click()
    expect(pictures.card.root.get_by_role("alert")).to_contain_text("has not answered since")
    expect(pictures.card.root).to_contain_text("Trying again in")
    pictures.take("unreachable")
    pictures.width(600)
    pictures.take("unreachable-600")


def test_following(lab: Lab) -> None:
    """A run that is followed, in each look; to its end; and once its kernel has gone."""
    quick = "from flowrun_widgets.live import poller\npoller.QUIET_SECONDS = 1"
    cells = [
        f"{RUNNING}\n{quick}", "card = run.card(follow=True)\ncard", "replay.advance(40)",
        "replay.advance(46)", "replay.advance(3600)", PENDING, "run.card(follow=True)",
    ]  # fmt: skip
    lab.write("following.ipynb", cells)
    lab.open("following.ipynb")
    for cell in (0, 1, 2):
        lab.run(cell)
    pictures = Pictures(lab, CardPage(lab.cell(1)).wait())
    card = pictures.card
    expect(card.lines.locator(".new").last).to_be_visible()
    pictures.take("following-light")
    lab.theme("dark")
    pictures.take("following-dark")
    lab.forced_colors()
    pictures.take("following-forced")
    lab.forced_colors(is_on=False)
    lab.theme("light")
    pictures.width(700)
    pictures.take("following-700")
    pictures.width(480)
    pictures.take("following-480")
    pictures.width(960)
    card.show("Task runs")
    pictures.take("following-task-runs")
    card.show("Logs")
    card.lines.hover()
    lab.page.mouse.wheel(0, -300)
    lab.run(3)
    expect(card.button("Paused")).to_be_visible()
    pictures.take("following-paused")
    lab.run(4)
    expect(card.root).to_contain_text("Following stopped: the run has ended.")
    pictures.take("followed")
    for cell in (5, 6):
        lab.run(cell)
    Pictures(lab, CardPage(lab.cell(6)).wait()).take("following-pending")
    lab.restart_kernel()
    expect(card.root).to_contain_text("Kernel disconnected")
    pictures.take("kernel-gone")
