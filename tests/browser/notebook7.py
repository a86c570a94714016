"""Notebook 7 in a real browser."""

from __future__ import annotations

from typing import ClassVar

from .lab import Lab


class Notebook7(Lab):
    """One browser tab with a notebook of Notebook 7 in it, used as `Lab` is."""

    ADDRESS: ClassVar[str] = "notebooks/{}?token={}"

    def _make_room(self) -> None:
        """Do nothing: a notebook has the page to itself."""
