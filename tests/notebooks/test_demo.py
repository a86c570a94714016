"""What `make demo` leaves."""

from __future__ import annotations

import re

import nbformat
import pytest

from tests.demo import DEMO

pytestmark = pytest.mark.usefixtures("demo")

FETCHED = re.compile(r"""<(?:script|link|img|iframe)[^>]*(?:src|href)=["']https?:""", re.IGNORECASE)


def test_it_says_where_notebook_and_page_are(demo: str) -> None:
    assert "build/demo/tour.html" in demo
    assert "build/demo/tour.ipynb" in demo


def test_it_leaves_nothing_else() -> None:
    """The store of the demo is gone with it."""
    assert sorted(path.name for path in DEMO.iterdir()) == ["tour.html", "tour.ipynb"]


def test_the_page_shows_the_run_and_fetches_nothing() -> None:
    page = (DEMO / "tour.html").read_text("utf-8")
    assert "IncompleteJournalError" in page
    assert "frw-fallback" in page
    assert FETCHED.search(page) is None


def test_the_notebook_ran_without_an_error_and_stays_small() -> None:
    """The code of the card is in it once, so two cards stay far below two copies of it."""
    notebook = nbformat.read(DEMO / "tour.ipynb", as_version=4)
    kinds = [output.output_type for cell in notebook.cells for output in cell.get("outputs", [])]
    assert "error" not in kinds
    states = notebook.metadata.widgets["application/vnd.jupyter.widget-state+json"][
        "state"
    ].values()
    assert sum(state["model_name"] == "AnyModel" for state in states) == 3
    assert (DEMO / "tour.ipynb").stat().st_size < 225_000
