"""How much cards add to a notebook that was executed without any browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import nbformat
from nbclient import NotebookClient

from .lab import new_notebook
from .runs import LONG
from .server import ROOT

if TYPE_CHECKING:
    import pytest

FIRST, FURTHER, TEN = 152_000, 50_000, 600_000


def executed_size(*sources: str) -> int:
    """Return the bytes of a notebook of a long run and these cells, executed."""
    notebook = new_notebook([LONG, *sources])
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(ROOT)}}).execute()
    return len(nbformat.writes(notebook).encode())


def test_an_executed_notebook_stays_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """The code is in it once, and a card of a long run is no larger than one of a short run."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    none, one, three = (executed_size(*["run"] * cards) for cards in (0, 1, 3))
    print(f"first card {one - none:,} bytes, each further one {(three - one) // 2:,}")
    assert one - none <= FIRST
    assert (three - one) / 2 <= FURTHER


def test_ten_cards_of_different_large_runs_stay_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """With their state, so that each is interactive where saved state is loaded."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    sources = [f"big_run({20_000 + 137 * n}, {400 + n})" for n in range(10)]
    size = executed_size(*sources)
    print(f"ten cards of large runs {size:,} bytes")
    assert size < TEN
