"""Cards, views and browser tabs that share a kernel, a model, or both, and do not get in each other's way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from .card_page import CardPage
from .runs import DEMO, LONG

if TYPE_CHECKING:
    from .lab import Lab

HITS = 5


def test_two_cards_in_one_cell_answer_for_themselves(lab: Lab) -> None:
    two = "\n".join(
        f"display(fw.FlowRunView.from_flow_run_id(demo.{name}))" for name in ("failed", "succeeded")
    )
    lab.write("two.ipynb", [DEMO, two])
    lab.open("two.ipynb")
    lab.run_all()
    failed, done = (CardPage(lab.cell(1), nth).wait() for nth in range(2))
    assert failed.root.get_attribute("aria-label") != done.root.get_attribute("aria-label")
    done.show("Logs")
    failed.filter.fill("level>=error")
    failed.expect_hits(4)
    done.filter.fill("level>=error")
    done.expect_hits(1)
    failed.expect_hits(4)
    expect(failed.filter).to_have_value("level>=error")
    failed.show("Details")
    expect(done.tab("Logs")).to_have_attribute("aria-selected", "true")
    assert lab.cell(1).locator(".frw-fallback").filter(visible=True).count() == 0
    assert lab.errors == []


def test_two_views_of_one_card_look_at_what_they_like(lab: Lab) -> None:
    """What Python says, and what is pinned, holds for both."""
    lab.write("views.ipynb", [LONG, "card = run.card()\ncard", "card", "card.query = 'needle'"])
    lab.open("views.ipynb")
    for cell in range(3):
        lab.run(cell)
    upper, lower = CardPage(lab.cell(1)).wait(), CardPage(lab.cell(2)).wait()
    upper.filter.fill("level>=error")
    expect(lower.filter).to_have_value("")
    lower.show("Task runs")
    expect(upper.tab("Logs")).to_have_attribute("aria-selected", "true")
    lower.show("Logs")
    lab.run(3)
    for card in (upper, lower):
        expect(card.filter).to_have_value("needle")
        card.expect_hits(HITS)
    assert lab.errors == []


def test_two_browser_tabs_on_one_kernel_hear_only_their_own_answers(lab: Lab) -> None:
    lab.write("tabs.ipynb", [LONG, "card = run.card()\ncard"])
    lab.open("tabs.ipynb")
    lab.run_all()
    here = CardPage(lab.cell(1)).wait()
    lab.save()
    other = lab.second_tab()
    there = CardPage(other.cell(1)).wait()
    here.filter.fill("needle")
    here.expect_hits(HITS)
    expect(there.filter).to_have_value("")
    there.filter.fill("level>=error")
    expect(there.status.filter(has_text="hits").first).to_be_attached()
    expect(here.filter).to_have_value("needle")
    here.expect_hits(HITS)
    assert (lab.errors, other.errors) == ([], [])
    other.page.close()
