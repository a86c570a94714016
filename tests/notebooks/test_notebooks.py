"""The notebooks beside the tour: they run, and what people read in them is what a run prints."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
NAMES = ["compare", "logs", "offline"]
CELL_SECONDS = 120
PLACES = ("/tmp/", "/home/", "/root/", "C:\\\\Users")


@pytest.fixture(params=NAMES)
def path(request) -> Path:
    return NOTEBOOKS / f"{request.param}.ipynb"


@pytest.fixture
def kept(path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


def code(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def said(cell: nbformat.NotebookNode) -> list[str]:
    """Return what a cell prints and shows as text; a line of progress that was emptied is none."""
    texts = [
        output.get("text") or output.get("data", {}).get("text/plain", "")
        for output in cell.outputs
    ]
    return [text for text in texts if text]


def test_running_it_prints_what_is_kept(kept, tmp_path):
    """It runs in a folder of its own, beside the archive that it opens."""
    shutil.copy(NOTEBOOKS / "ledger-close-2026-09.flowrun", tmp_path)
    again = nbformat.from_dict(kept)
    before = [said(cell) for cell in code(kept)]
    for cell in code(again):
        cell.outputs, cell.execution_count = [], None
    quiet = ["--IPKernelApp.log_level=ERROR"]
    NotebookClient(
        again,
        timeout=CELL_SECONDS,
        kernel_name="python3",
        extra_arguments=quiet,
        resources={"metadata": {"path": str(tmp_path)}},
    ).execute()
    assert [said(cell) for cell in code(again)] == before
    assert any(before)
    assert [path.name for path in tmp_path.iterdir()] == ["ledger-close-2026-09.flowrun"]


def test_it_has_the_outputs_of_a_run_from_top_to_bottom(kept):
    counts = [cell.execution_count for cell in code(kept)]
    assert counts == list(range(1, len(counts) + 1))


def test_it_is_small_and_names_no_folder_of_a_machine(path):
    text = path.read_text("utf-8")
    assert path.stat().st_size < 60_000
    assert not [place for place in PLACES if place in text]
    assert "execution" not in {
        key for cell in nbformat.reads(text, 4).cells for key in cell.metadata
    }


def test_the_comparison_is_readable_without_a_kernel():
    notebook = nbformat.read(NOTEBOOKS / "compare.ipynb", as_version=4)
    pages = [
        output.get("data", {}).get("text/html", "")
        for cell in code(notebook)
        for output in cell.outputs
    ]
    shown = next(page for page in pages if "compared with" in page)
    assert "journal of Österreich Handel GmbH" in shown
    assert "<script" not in shown


def test_the_archive_beside_them_names_no_folder_of_a_machine():
    content = (NOTEBOOKS / "ledger-close-2026-09.flowrun").read_bytes()
    assert len(content) < 150_000
    assert not [place for place in PLACES if place.encode() in content]
