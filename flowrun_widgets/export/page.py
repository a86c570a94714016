"""Exporting runs as one HTML file that needs no server, network or Python (docs/decisions/exported-page.md)."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from flowrun_widgets.backends.progress import report, shown_progress
from flowrun_widgets.errors import ArchiveError, InvalidArgument
from flowrun_widgets.export.blocks import ARCHIVE, block
from flowrun_widgets.export.card_data import PageRun
from flowrun_widgets.export.frame import STYLES, policy_element, script_element
from flowrun_widgets.export.saved import Saved
from flowrun_widgets.files import absolute_path, write_file
from flowrun_widgets.log_columns import LogColumns
from flowrun_widgets.report.html.template import template
from flowrun_widgets.settings import chosen_redaction
from flowrun_widgets.store.archive import write
from flowrun_widgets.times import now, to_micros
from flowrun_widgets.views.flow_run import FlowRunSnapshot
from flowrun_widgets.widget.widget import CardWidget

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Sequence

    from flowrun_widgets.redaction import Redaction

__all__ = ["card_place", "page_of", "put", "save_page"]


def save_page(
    runs: Iterable[FlowRunSnapshot | CardWidget],
    path: str | os.PathLike[str],
    *,
    redact: bool | Redaction | None = None,
) -> Saved:
    """Write one HTML file with a card and a twin of each run, in their order. An existing file is replaced.

    Data that the views have read is not read again; the rest costs what `get_logs()` and `get_all_task_runs()` cost,
    and two requests per run.

    Args:
        runs: the runs, or cards, whose pins, notes and filter text are included.
        path: the file, such as `night.html`.
        redact: the rules by which secrets are removed; None for the rules of the run's connection.

    Raises:
        InvalidArgument: no file can be written at `path`. BackendError: the server failed to answer or refused the request.
    """
    place = absolute_path(path, "night.html")
    if redact is not None:
        chosen_redaction(redact)
    ready: list[PageRun] = []
    with shown_progress():
        for number, run in enumerate(runs):
            if not isinstance(run, FlowRunSnapshot | CardWidget):
                raise InvalidArgument(f"a page can hold only flow runs, not {type(run).__name__}")
            view = run.flow_run if isinstance(run, CardWidget) else run
            redaction = view.connection.redaction if redact is None else chosen_redaction(redact)
            ready.append(PageRun.of(run, redaction, place.name))
            report("runs", number + 1)
    if not ready:
        raise InvalidArgument("A page needs at least one run.")
    size = put(place, page_of(ready))
    counts = [one.redacted for one in ready if one.redacted is not None]
    missing = dict.fromkeys(name for one in ready for name in one.missing)
    redacted = sum(counts) if counts else None
    going = sum(not one.content.run.state.is_finished() for one in ready)
    return Saved(place, len(ready), redacted, size, tuple(missing), going)


def page_of(runs: Sequence[PageRun]) -> str:
    """Return the page as text."""
    from markupsafe import Markup

    parts: list[str] = []
    data: list[str] = []
    for number, run in enumerate(runs):
        uid = f"frw-page-{number}"
        parts.append(Markup(run.twin(uid) + card_place(number, uid)))  # noqa: S704
        data += run.blocks(number)
    data.append(block(0, ARCHIVE, _records(runs)))
    title = runs[0].title if len(runs) == 1 else f"{len(runs)} flow runs"
    return template("page.html.j2").render(
        policy=Markup(policy_element()),  # noqa: S704
        styles=Markup(STYLES),  # noqa: S704
        title=title,
        parts=parts,
        data=Markup("".join(data)),  # noqa: S704
        script=Markup(script_element()),  # noqa: S704
    )


def card_place(number: int, twin: str) -> str:
    """Return the element that becomes a card; `twin` is the class of the twin that it replaces."""
    return f'<div class="frw-page-card" data-card="{number}" data-twin="{twin}"></div>'


def put(path: Path, page: str) -> int:
    """Write a page; return its size in bytes.

    Raises:
        InvalidArgument: no file can be written at `path`.
    """
    # An unpaired surrogate, which a notebook's JSON can hold, cannot be encoded as UTF-8.
    return write_file(path, lambda new: new.write_bytes(page.encode("utf-8", "replace")))


def _records(runs: Sequence[PageRun]) -> bytes:
    """Return an archive of the runs without their lines, which the page holds separately."""
    ready = [(replace(run.content, logs=LogColumns()), run.facts) for run in runs]
    with tempfile.TemporaryDirectory(prefix="flowrun-page-") as folder:
        file = Path(folder) / "page.flowrun"
        try:
            write(file, ready, to_micros(now()))
            return file.read_bytes()
        except OSError as error:
            raise ArchiveError(f"cannot write the page's records: {error}.") from None
