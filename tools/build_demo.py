"""Run the tour against the embedded default; leave the executed notebook and an offline page in build/demo/.

`--keep` puts the outputs into notebooks/tour.ipynb as well, where people read them without running anything, and those
of the notebooks that are named after it into these: `--keep compare logs`.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from tqdm import tqdm

from flowrun_widgets.export.notebook import export_notebook

ROOT = Path(__file__).parents[1]
NOTEBOOKS = ROOT / "notebooks"
TOUR = NOTEBOOKS / "tour.ipynb"
DEMO = ROOT / "build" / "demo"
CELL_SECONDS = 120


def main(arguments: list[str]) -> None:
    shutil.rmtree(DEMO, ignore_errors=True)
    temporary = DEMO / "tmp"
    temporary.mkdir(parents=True)
    os.environ["TMPDIR"] = str(temporary)
    notebook = executed(nbformat.read(TOUR, as_version=4))
    nbformat.write(notebook, DEMO / "tour.ipynb")
    export_notebook(DEMO / "tour.ipynb", DEMO / "tour.html")
    shutil.rmtree(temporary, ignore_errors=True)
    if "--keep" in arguments:
        nbformat.write(kept(notebook), TOUR)
        for name in arguments[arguments.index("--keep") + 1 :]:
            path = NOTEBOOKS / f"{name}.ipynb"
            nbformat.write(kept(executed(nbformat.read(path, as_version=4))), path)
    print("The tour ran. Look at it:")
    for name, words in (
        ("tour.html", "a page that works offline, with its cards"),
        ("tour.ipynb", "the notebook; `make lab` opens a live one"),
    ):
        print(f"  {(DEMO / name).relative_to(ROOT)}  {words}")


def executed(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Return the notebook with the outputs of a fresh run, widget state included."""
    quiet = ["--IPKernelApp.log_level=ERROR"]
    client = NotebookClient(
        notebook,
        timeout=CELL_SECONDS,
        kernel_name="python3",
        extra_arguments=quiet,
        resources={"metadata": {"path": str(NOTEBOOKS)}},
    )
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    with tqdm(total=len(cells), desc="tour", unit="cell", disable=not sys.stderr.isatty()) as bar:
        client.on_cell_executed = lambda **_: bar.update()
        client.execute()
    return notebook


def kept(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Return the notebook without what only a running kernel, or this very run, is interested in: progress, times."""
    lasting = nbformat.from_dict(notebook)
    lasting.metadata.pop("widgets", None)
    for cell in lasting.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.outputs = [o for o in cell.outputs if o.get("data") != {"text/plain": ""}]
    return lasting


if __name__ == "__main__":
    main(sys.argv[1:])
