"""On Colab a run is shown without a widget, unless its card is asked for.

Colab itself is not there: what makes it Colab to a program is its module, which a cell of the notebook puts in place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import nbformat
import pytest

from flowrun_widgets.widget.display import ONLY_VSCODE
from tests.browser.lab import new_notebook

from .executed import NBCLIENT
from .notebook import CELLS, FAILED

if TYPE_CHECKING:
    from .programs import Programs

VIEW = "application/vnd.jupyter.widget-view+json"
COLAB = """
import sys, types
google, colab, output = (types.ModuleType(name) for name in ("google", "google.colab", "google.colab.output"))
google.colab, colab.output = colab, output
output.enable_custom_widget_manager = lambda: None
output._widgets = types.SimpleNamespace(_installed_url="https://example.invalid/manager.js")
sys.modules |= {"google": google, "google.colab": colab, "google.colab.output": output}
"""


def executed_on_colab(programs: Programs, *cells: str) -> nbformat.NotebookNode:
    source, result = (programs.folder / f"colab-{name}.ipynb" for name in ("source", "result"))
    nbformat.write(new_notebook([COLAB, CELLS[0], *cells]), source)
    programs.run("-c", NBCLIENT, source, result)
    return nbformat.read(result, 4)


@pytest.fixture(scope="module")
def notebook(programs: Programs) -> nbformat.NotebookNode:
    return executed_on_colab(programs, "run", "fw.show(run)")


def test_a_run_leaves_its_twin_and_nothing_of_a_widget(notebook: nbformat.NotebookNode) -> None:
    """GitHub refuses notebooks that Colab saved with widgets."""
    assert "widgets" not in notebook.metadata
    for cell in notebook.cells[2:]:
        (output,) = cell.outputs
        assert set(output.data) == {"text/html", "text/markdown", "text/plain"}
        for words in FAILED.said:
            assert words in output.data["text/html"]
        assert "run.card()" in output.data["text/html"]
        assert FAILED.failure in output.data["text/plain"]


def test_a_card_that_is_asked_for_is_live(programs: Programs) -> None:
    """And says to Colab where the program is that shows it."""
    notebook = executed_on_colab(programs, "run.card()")
    twin, card = notebook.cells[2].outputs
    assert FAILED.failure in twin.data["text/html"]
    assert set(card.data) == {VIEW, ONLY_VSCODE, "text/plain"}
    assert card.metadata[VIEW]["colab"]["custom_widget_manager"]["url"].startswith("https://")
    assert notebook.metadata.widgets
