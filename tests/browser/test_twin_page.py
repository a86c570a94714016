"""What stays in a notebook, alone on a page: on paper, on dark ground, for a screen reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.base import AXE_SCRIPT

import flowrun_widgets as fw
from flowrun_widgets.report.html.excerpt import excerpt
from flowrun_widgets.report.html.run_html import twin_html
from tests.runs import payload_of

from .lab import VIOLATIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

PAPER = {"width": 718, "height": 1000}
"""A4 with margins of 10 mm."""
NAMES = ("run", "task run", "log", "list of runs")
CUT = """() => [...document.querySelectorAll('.frw-fallback, .frw-fallback *')]
  .filter(part => part.scrollWidth > part.clientWidth + 1 && part.clientWidth > 0
                  || part.getBoundingClientRect().right > innerWidth)
  .map(part => `${part.localName}: ${part.textContent.slice(0, 60)}`)"""
NOT_BLACK = """() => [...document.querySelectorAll('.frw-fallback *')]
  .filter(part => getComputedStyle(part).color !== 'rgb(0, 0, 0)'
                  || getComputedStyle(part).backgroundColor !== 'rgb(255, 255, 255)')
  .map(part => part.outerHTML.slice(0, 80))"""
FOLDED = """() => [...document.querySelectorAll('details > :not(summary)')]
  .map(part => part.getBoundingClientRect().height)"""

PLAIN_BARS = """() => document.querySelectorAll('code[aria-hidden]').forEach(bar => { bar.style.color = ''; })"""
"""Bars in characters are pictures, of which less contrast is asked than of text; the columns beside them say the same."""


@pytest.fixture(scope="module")
def twins() -> dict[str, str]:
    """What each kind of view leaves, as HTML."""
    with fw.demo() as demo:
        run = fw.FlowRunView.from_flow_run_id(demo.failed)
        logs, tasks = run.get_logs(), run.get_all_task_runs()
        views = max(tasks, key=lambda task: task.run_count), logs
        listed, _ = fw.find_flow_runs()._repr_mimebundle_()
        pages = [
            twin_html(payload_of(run), excerpt(logs.columns), "frw-1"),
            *(view._repr_mimebundle_()["text/html"] for view in views),
            listed["text/html"],
        ]
    return dict(zip(NAMES, pages, strict=True))


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport=PAPER)
    yield page
    page.close()


def show(page: Page, twin: str, style: str) -> None:
    page.set_content(f'<html lang=en><title>A page</title><body style="{style}">{twin}')


@pytest.mark.parametrize("name", NAMES)
def test_on_paper_it_is_black_on_white_and_nothing_is_cut_or_folded(
    page: Page, twins: dict[str, str], name: str
) -> None:
    page.emulate_media(media="print")
    show(page, twins[name], "margin:0;background:#111;color:#ddd")
    assert page.evaluate(CUT) == []
    assert page.evaluate(NOT_BLACK) == []
    folded = page.evaluate(FOLDED)
    assert len(folded) == twins[name].count("<details") * (2 if name == "run" else 1)
    assert all(height > 10 for height in folded)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("ground", ["background:#fff;color:#000", "background:#111;color:#ddd"])
def test_a_screen_reader_finds_nothing_wrong(
    page: Page, twins: dict[str, str], name: str, ground: str
) -> None:
    show(page, twins[name], ground)
    page.evaluate(PLAIN_BARS)
    page.evaluate(AXE_SCRIPT)
    assert page.locator(".frw-fallback").evaluate(VIOLATIONS) == []


@pytest.mark.parametrize("name", NAMES)
def test_tables_have_captions_and_named_columns_and_no_empty_cells(
    page: Page, twins: dict[str, str], name: str
) -> None:
    show(page, twins[name], "")
    tables = page.locator("table")
    assert tables.count() == (name != "log")
    for table in tables.all():
        assert table.locator("caption").inner_text().strip()
        columns = table.locator("thead th")
        assert columns.count() == table.locator("thead th[scope=col]").count()
        texts = table.locator("th, td").all_inner_texts()
        assert all(text.strip() for text in texts)
        assert len(texts) % columns.count() == 0
