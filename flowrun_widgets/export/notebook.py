"""`export_notebook()`: export a notebook as HTML or PDF."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowrun_widgets.errors import InvalidArgument, NotFound, SettingsError
from flowrun_widgets.export.page import put
from flowrun_widgets.export.pdf import chromium, print_page
from flowrun_widgets.export.saved import Saved
from flowrun_widgets.files import absolute_path

if TYPE_CHECKING:
    import os

__all__ = ["export_notebook"]


def export_notebook(
    notebook: str | os.PathLike[str],
    path: str | os.PathLike[str],
    *,
    redact: bool | None = None,
    as_pdf: bool = False,
) -> Saved:
    """Write a notebook as one HTML file that works offline, or as PDF. An existing file is replaced.

    Nothing is fetched: the cards show what the notebook has saved of them.

    Raises:
        NotFound: the notebook does not exist.
        InvalidArgument: the file is not a notebook, or the export cannot be written at `path`.
        SettingsError: nbconvert, or for a PDF Chromium, is not installed.
    """
    source, place = absolute_path(notebook, "night.ipynb"), absolute_path(path, "night.html")
    if as_pdf:
        chromium()
    page, facts = _converted(source, redact)
    if as_pdf:
        with tempfile.TemporaryDirectory(prefix="flowrun-page-") as folder:
            file = Path(folder) / "page.html"
            put(file, page)
            size = print_page(file, place)
    else:
        size = put(place, page)
    return Saved(place, facts["cards"], facts["redacted"], size)


def _converted(source: Path, redact: bool | None) -> tuple[str, dict[str, Any]]:
    try:
        import nbformat

        from flowrun_widgets.export.exporter import FlowRunHtmlExporter
    except ImportError as error:
        raise SettingsError(
            f"Exporting a notebook needs nbconvert ({error}): pip install 'flowrun-widgets[export]'"
        ) from None
    broken = (nbformat.ValidationError, ValueError, LookupError, TypeError, AttributeError)
    try:
        text = source.read_text("utf-8")
        notebook = nbformat.reads(text, as_version=4)
    except FileNotFoundError:
        raise NotFound(f"There is no notebook at {str(source)!r:.200}.") from None
    except OSError as error:
        raise InvalidArgument(f"{source} cannot be read: {error.strerror}.") from None
    except (*broken, RecursionError) as error:
        raise InvalidArgument(f"{source} is not a notebook: {error!s:.200}") from None
    exporter = FlowRunHtmlExporter(redact=redact)
    page, resources = exporter.from_notebook_node(
        notebook, {"metadata": {"name": source.stem, "path": str(source.parent)}}
    )
    return page, resources["flowrun"]
