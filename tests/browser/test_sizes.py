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

FIRST, FURTHER = 110_000, 50_000


def executed_size(cards: int) -> int:
    """Return the bytes of an executed notebook with that many cards of a long run."""
    notebook = new_notebook([LONG, *["run"] * cards])
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(ROOT)}}).execute()
    return len(nbformat.writes(notebook).encode())


def test_an_executed_notebook_stays_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """The code is in it once, and a card of a long run is no larger than one of a short run."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    none, one, three = map(executed_size, (0, 1, 3))
    print(f"first card {one - none:,} bytes, each further one {(three - one) // 2:,}")
    assert one - none <= FIRST
    assert (three - one) / 2 <= FURTHER
