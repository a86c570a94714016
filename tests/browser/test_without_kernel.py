"""A notebook that another kernel executed, opened tomorrow: its card answers from what travelled with it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import httpx
import pytest
from nbclient import NotebookClient
from playwright.sync_api import expect

from .card_page import CardPage
from .lab import new_notebook
from .runs import LONG
from .server import ROOT

if TYPE_CHECKING:
    from .lab import Lab
    from .server import LabServer

NAME = "yesterday.ipynb"


@pytest.fixture
def yesterday(lab: Lab, lab_server: LabServer, monkeypatch: pytest.MonkeyPatch) -> CardPage:
    """The card of 20,000 lines in a trusted notebook whose kernel is a fresh one."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    notebook = new_notebook([LONG, "run"])
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(ROOT)}}).execute()
    lab.write(NAME, notebook)
    place = lab.path(NAME).relative_to(lab_server.root)
    httpx.post(
        f"{lab_server.url}/api/contents/{place}/trust",
        headers={"Authorization": f"token {lab_server.token}"},
    ).raise_for_status()
    lab.open(NAME)
    return CardPage(lab.cell(1)).wait()


def test_a_card_searches_what_travelled_with_it_and_says_so(yesterday: CardPage, lab: Lab) -> None:
    """The errors of the whole log are among it, wherever they are."""
    expect(yesterday.rows.first).to_be_visible()
    yesterday.filter.fill("level:error")
    said = re.compile(r"^3 hits in the \d\d loaded lines")
    expect(yesterday.status.filter(has_text=said).first).to_be_attached()
    expect(yesterday.rows).to_have_count(3)
    for text in ("Connection reset by peer while reading", "Exception encountered"):
        expect(yesterday.rows.filter(has_text=text).first).to_be_visible()
    yesterday.filter.fill("task:load[329]")
    expect(yesterday.rows.first).to_contain_text("load[329]")
    yesterday.filter.fill("nothing says this")
    none = re.compile(r"^0 hits in the \d\d loaded lines")
    expect(yesterday.status.filter(has_text=none).first).to_be_attached()
    lab.screenshot("without-kernel")
    assert lab.errors == []


def test_its_tabs_show_what_travelled(yesterday: CardPage, lab: Lab) -> None:
    yesterday.show("Task runs")
    expect(yesterday.tasks.get_by_text("extract").first).to_be_visible()
    yesterday.show("Timeline")
    expect(yesterday.root.get_by_role("tabpanel")).to_contain_text("extract")
    yesterday.show("Details")
    expect(yesterday.root.get_by_text("Some reference tasks failed.").first).to_be_visible()
    yesterday.show("Logs")
    expect(yesterday.rows.first).to_be_visible()
    expect(lab.cell(1).locator(".frw-fallback")).to_be_hidden()
    assert lab.errors == []
