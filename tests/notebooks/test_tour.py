"""The tour as it stands in the repository, which people read without running it."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

TOUR = Path(__file__).parents[2] / "notebooks" / "tour.ipynb"


@pytest.fixture(scope="module")
def tour() -> nbformat.NotebookNode:
    return nbformat.read(TOUR, as_version=4)


def test_it_has_the_outputs_of_a_run_from_top_to_bottom(tour: nbformat.NotebookNode) -> None:
    cells = [cell for cell in tour.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))


def test_its_cards_are_readable_without_a_kernel(tour: nbformat.NotebookNode) -> None:
    twins = [
        output.data["text/html"]
        for cell in tour.cells
        for output in cell.get("outputs", [])
        if "frw-fallback" in output.get("data", {}).get("text/html", "")
    ]
    assert len(twins) == 2
    assert "IncompleteJournalError" in twins[0]


def test_it_is_small_and_names_no_folder_of_a_machine(tour: nbformat.NotebookNode) -> None:
    text = TOUR.read_text("utf-8")
    assert TOUR.stat().st_size < 150_000
    assert not [words for words in ("/tmp/", "/home/", "/root/", "C:\\\\Users") if words in text]
