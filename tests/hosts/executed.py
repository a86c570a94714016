"""The notebook, executed without a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Self

import nbformat

from tests.browser.lab import new_notebook

from .notebook import CELLS
from .programs import finish

if TYPE_CHECKING:
    from pathlib import Path

    from .programs import Programs

NBCLIENT = """
import sys, nbformat
from nbclient import NotebookClient
notebook = nbformat.read(sys.argv[1], 4)
NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
nbformat.write(notebook, sys.argv[2])
"""


class Executed(NamedTuple):
    """The notebook as its writer left it, and as each program left it after running every cell."""

    source: Path
    by_nbclient: Path
    by_papermill: Path

    @classmethod
    def by(cls, programs: Programs) -> Self:
        """Run both at once."""
        names = ("source", "by-nbclient", "by-papermill")
        made = cls(*(programs.folder / f"{name}.ipynb" for name in names))
        nbformat.write(new_notebook(CELLS), made.source)
        running = [
            programs.start("-c", NBCLIENT, made.source, made.by_nbclient),
            programs.start("-m", "papermill", made.source, made.by_papermill),
        ]
        for process in running:
            finish(process)
        return made
