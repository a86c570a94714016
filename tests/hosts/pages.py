"""Pages of a notebook that were made once: by nbconvert, by a sanitiser, and by our own export."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
from nbconvert.exporters import HTMLExporter

from flowrun_widgets.export.notebook import export_notebook

if TYPE_CHECKING:
    from .programs import Programs

ALLOWED = Path(__file__).with_name("allowed.json")
SANITISE = """
import json, sys, nh3
allowed = json.load(open(sys.argv[1]))
sys.stdout.reconfigure(encoding="utf-8")
print(nh3.clean(
    sys.stdin.buffer.read().decode(),
    tags=set(allowed["tags"]),
    attributes={tag: set(names) for tag, names in allowed["attributes"].items()},
    clean_content_tags=set(allowed["dropped_with_content"]),
))
"""
AROUND = "<!doctype html><meta charset=utf-8><title>notebook</title><body style='font-family:sans-serif'>"


def converted(notebook: Path, page: Path, *, sanitize: bool = False) -> Path:
    """Write what `jupyter nbconvert --to html` makes of a notebook."""
    text, _ = HTMLExporter(sanitize_html=sanitize).from_filename(str(notebook))
    page.write_text(text, "utf-8")
    return page


def sanitised(notebook: Path, page: Path, programs: Programs) -> Path:
    """Write what is left of a notebook where only the elements and attributes of `allowed.json` are let through.

    No class, no style, no id: what GitHub shows, as far as one can know it from outside.
    """
    text, _ = HTMLExporter(template_name="basic").from_filename(str(notebook))
    page.write_text(AROUND + programs.run("-c", SANITISE, ALLOWED, given=text), "utf-8")
    return page


def exported(notebook: Path, page: Path) -> Path:
    """Write what `flowrun export` makes of a notebook."""
    export_notebook(notebook, page)
    return page


def without_state(notebook: Path) -> Path:
    """Write the notebook again without the state of its widgets, as most programs save it."""
    path = notebook.with_name(f"{notebook.stem}-bare.ipynb")
    content = nbformat.read(notebook, 4)
    content.metadata.pop("widgets", None)
    nbformat.write(content, path)
    return path
