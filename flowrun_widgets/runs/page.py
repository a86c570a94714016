"""Reading runs back from an exported page. The page is treated as untrusted: nothing in it is executed."""

from __future__ import annotations

import os
import tempfile
import weakref
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from flowrun_widgets.errors import ArchiveError, FlowRunError, NotFound
from flowrun_widgets.export.archive import content_of, facts_of
from flowrun_widgets.export.blocks import (
    ARCHIVE,
    LINES,
    NAMES,
    PAYLOAD,
    Block,
    blocks_of,
    unpacked,
)
from flowrun_widgets.export.line_blocks import columns_of
from flowrun_widgets.files import absolute_path
from flowrun_widgets.forks import is_forked_since, moment
from flowrun_widgets.log_columns import LogColumns
from flowrun_widgets.redaction import Redaction
from flowrun_widgets.redaction.shareable import RunContent
from flowrun_widgets.runs.archive import Archive, open_archive
from flowrun_widgets.store.archive import write
from flowrun_widgets.times import now, to_micros

__all__ = ["open_page"]

MAX_BYTES = 512_000_000
MAX_CARDS = 10_000


class _Header(msgspec.Struct):
    id: str


class _Shown(msgspec.Struct):
    header: _Header


def open_page(path: str | os.PathLike[str], *, redact: bool | Redaction | None = None) -> Archive:
    """Open a page that `run.to_html()` wrote. `opened.runs` holds ordinary views, each with its whole log.

    The runs are as they were saved, after redaction, but without the server's ids of log lines, which a page does not
    store. `redact` says what is removed when one of the runs is displayed or exported, as in `fw.connect()`. The data
    is kept in a temporary file for as long as one of the views exists.

    Raises:
        NotFound: the file does not exist.
        ArchiveError: the file is not such a page, or is damaged. A page exported from a notebook holds only what its
            cards show, not the runs.
    """
    place = absolute_path(path, "night.html")
    cards = _cards(_text(place))
    archive = cards.get(0, {}).get(ARCHIVE)
    if not archive:
        raise ArchiveError(f"{place} is not a page of runs that run.to_html() wrote.")
    file = _new_file()
    try:
        logs = {_run_id(parts): _log(parts) for parts in cards.values() if PAYLOAD in parts}
        contents = _contents(unpacked(archive[0]), logs)
        write(file, contents, to_micros(now()))
        opened = open_archive(file, redact=redact)
    except FlowRunError as error:
        _remove(file)
        raise ArchiveError(f"{place} cannot be read back: {error!s:.300}") from None
    except BaseException:
        _remove(file)
        raise
    weakref.finalize(opened.connection, _remove_own, file, moment())
    return opened


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ArchiveError(
                f"{path} is larger than {MAX_BYTES // 1_000_000} MB, so it is not a page written by run.to_html()."
            )
        return path.read_bytes().decode("utf-8", "replace")
    except FileNotFoundError:
        raise NotFound(f"There is no page at {str(path)!r:.200}.") from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise ArchiveError(f"{str(path)!r:.200} cannot be read: {why}.") from None


def _cards(page: str) -> dict[int, dict[str, list[Block]]]:
    """Return the blocks of each card, by the kind of part they hold."""
    cards: dict[int, dict[str, list[Block]]] = {}
    for found in blocks_of(page):
        cards.setdefault(found.card, {}).setdefault(found.part, []).append(found)
        if len(cards) > MAX_CARDS:
            raise ArchiveError(
                f"the page has more than {MAX_CARDS:,} cards, the most that can be opened."
            )
    return cards


def _run_id(parts: dict[str, list[Block]]) -> str:
    try:
        return msgspec.json.decode(unpacked(parts[PAYLOAD][0]), type=_Shown).header.id
    except msgspec.MsgspecError as error:
        raise ArchiveError(f"a card of the page is damaged: {error!s:.100}") from None


def _log(parts: dict[str, list[Block]]) -> LogColumns:
    if NAMES not in parts:
        raise ArchiveError("a card of the page has no log.")
    return columns_of(unpacked(parts[NAMES][0]), map(unpacked, parts.get(LINES, ())))


def _contents(
    records: bytes, logs: dict[str, LogColumns]
) -> list[tuple[RunContent, dict[str, Any]]]:
    """Return the runs of the records, each with its log added; the records themselves have no lines."""
    file = _new_file()
    found: list[tuple[RunContent, dict[str, Any]]] = []
    try:
        file.write_bytes(records)
        with open_archive(file, redact=False) as archive:
            for run in archive.runs:
                if run.flow_run_id not in logs:
                    raise ArchiveError(f"the page has no log of the run {run.flow_run_id}.")
                content, _ = content_of(run)
                noted = archive.connection.backend.kept(run.flow_run_id)
                facts = {**facts_of(run), "redacted": (noted or {}).get("redacted")}
                found.append((replace(content, logs=logs[run.flow_run_id]), facts))
    finally:
        _remove(file)
    return found


def _new_file() -> Path:
    return Path(tempfile.mkdtemp(prefix="flowrun-page-")) / "page.flowrun"


def _remove_own(file: Path, made_at: int) -> None:
    if not is_forked_since(made_at):
        _remove(file)


def _remove(file: Path) -> None:
    with suppress(OSError):
        file.unlink(missing_ok=True)
        file.parent.rmdir()
