"""Pages of documentation that were built from a notebook: by MyST-NB, nbsphinx and mkdocs-jupyter, each with a theme of its own."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

from .programs import ROOT, finish

if TYPE_CHECKING:
    from pathlib import Path

    from .programs import Programs

SPHINX = """
extensions = ["{}"]
html_theme = "{}"
nb_execution_mode = "off"
nbsphinx_execute = "never"
root_doc = "night"
exclude_patterns = ["_*", "jupyter_execute"]
"""
MKDOCS = {
    "site_name": "Runs",
    "theme": {"name": "material", "font": False, "palette": [{"scheme": "default"}]},
    "plugins": [{"mkdocs-jupyter": {"execute": False}}],
    "nav": ["night.ipynb"],
}
BUILDERS = ("MyST-NB", "nbsphinx", "mkdocs-jupyter")
DARK = {
    "MyST-NB": """() => { const root = document.documentElement; root.dataset.theme = root.dataset.mode = 'dark' }""",
    "mkdocs-jupyter": """() => { document.body.dataset.mdColorScheme = 'slate' }""",
}
DARK["nbsphinx"] = DARK["MyST-NB"]
"""How the reader's switch makes a page dark."""


def built(builder: str, notebook: Path, programs: Programs) -> Path:
    """Build a page of documentation from a notebook with the theme's own styles; return where it is."""
    folder = programs.folder / f"{builder}-{notebook.stem}"
    source = folder / "docs"
    source.mkdir(parents=True)
    shutil.copy(notebook, source / "night.ipynb")
    target = folder / "site"
    if builder == "mkdocs-jupyter":
        settings = MKDOCS | {"site_dir": str(target), "docs_dir": str(source)}
        (folder / "mkdocs.yml").write_text(json.dumps(settings))
        command = ["-m", "mkdocs", "build", "-q", "-f", folder / "mkdocs.yml"]
        page = target / "night" / "index.html"
    else:
        names = {
            "MyST-NB": ("myst_nb", "sphinx_book_theme"),
            "nbsphinx": ("nbsphinx", "pydata_sphinx_theme"),
        }
        (source / "conf.py").write_text(SPHINX.format(*names[builder]))
        command = ["-m", "sphinx", "-q", "-b", "html", source, target]
        page = target / "night.html"
    python = ROOT / ".cache" / "builders" / "bin" / "python"
    finish(programs.start(*command, program=python))
    # Opened as a file a page may not ask for the checksums of its own scripts.
    return page
