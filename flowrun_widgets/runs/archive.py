"""Opening an archive and reading its runs as ordinary views (docs/decisions/archive.md)."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, Self, overload
from uuid import UUID

from flowrun_widgets.connection.connection import Connection
from flowrun_widgets.errors import Ambiguous, NotFound
from flowrun_widgets.files import absolute_path
from flowrun_widgets.redaction import Redaction
from flowrun_widgets.runs.flow_run import FlowRunView
from flowrun_widgets.settings import chosen_redaction
from flowrun_widgets.store.archive import ArchiveStore, Listed
from flowrun_widgets.times import from_micros

__all__ = ["Archive", "ArchivedRuns", "open_archive"]

MAX_SHOWN = 20


def open_archive(
    path: str | os.PathLike[str], *, redact: bool | Redaction | None = None
) -> Archive:
    """Open an archive. `archive.runs` holds ordinary views, whose `get_latest()` returns the same run.

    The file is opened read-only, nothing in it is executed, and its pages are checked once. `redact` says what is
    removed when one of the runs is displayed or exported, as in `fw.connect()`.

    Raises:
        NotFound: the file does not exist.
        ArchiveError: the file is not an archive, is damaged, or was written by a newer version.
    """
    redaction = chosen_redaction(redact)
    place = absolute_path(path, "night.flowrun")
    source = ArchiveStore(place)
    try:
        source.check()
        return Archive(source, Connection(source, "an archive", redaction=redaction))
    except BaseException:
        source.close()
        raise


class Archive:
    """An open archive. Use it as a context manager, or call `close()`."""

    def __init__(self, source: ArchiveStore, connection: Connection) -> None:
        self.path = source.path
        self.connection = connection
        self.runs = ArchivedRuns(source, connection)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __reduce__(self) -> tuple[Any, ...]:
        return _reopened, (str(self.path), self.connection.redaction)

    def close(self) -> None:
        """Close the file. Views keep what they have read; reading more raises `ConnectionClosed`."""
        self.connection.close()

    def __repr__(self) -> str:
        return f"Archive({str(self.path)!r})\n{self.runs!r}"


class ArchivedRuns(Sequence[FlowRunView]):
    """The runs of an archive in the order in which they were saved: by position, by name or by id."""

    def __init__(self, source: ArchiveStore, connection: Connection) -> None:
        self._source = source
        self._connection = connection
        self._listed = source.listed()

    def __len__(self) -> int:
        return len(self._listed)

    @overload
    def __getitem__(self, key: int | str | UUID) -> FlowRunView: ...
    @overload
    def __getitem__(self, key: slice) -> list[FlowRunView]: ...
    def __getitem__(self, key: int | str | UUID | slice) -> FlowRunView | list[FlowRunView]:
        """Return one run, or those of a slice.

        Raises:
            NotFound: the archive has no run with that name or id.
            Ambiguous: several runs have that name.
        """
        if isinstance(key, slice):
            return [self._view(one) for one in self._listed[key]]
        if isinstance(key, str | UUID):
            return self._view(self._named(str(key)))
        return self._view(self._listed[key])

    def __iter__(self) -> Iterator[FlowRunView]:
        return (self._view(one) for one in self._listed)

    def __contains__(self, run: object) -> bool:
        if isinstance(run, FlowRunView):
            return any(one.id == run.flow_run_id for one in self._listed)
        return isinstance(run, str | UUID) and any(str(run) in one for one in self._listed)

    def _named(self, key: str) -> Listed:
        found = [one for one in self._listed if one.id == key.lower()]
        found = found or [one for one in self._listed if one.name == key]
        if not found:
            names = ", ".join(repr(one.name or one.id)[:60] for one in self._listed[:5])
            raise NotFound(
                f"No run {key!r:.80} in {self._source.path}. It holds {names or 'no run'}"
                f"{', …' if len(self._listed) > 5 else ''}."
            )
        if len(found) > 1:
            raise Ambiguous(
                f"{len(found)} runs here are called {key!r:.80}: use the id of one.",
                [one.id for one in found],
            )
        return found[0]

    def _view(self, one: Listed) -> FlowRunView:
        record = self._source.flow_run(one.id)
        as_of = None
        with suppress(TypeError, ValueError, OverflowError, KeyError):
            as_of = from_micros((self._source.kept(one.id) or {})["read_at"])
        return FlowRunView(record, self._connection, as_of=as_of)

    def _ipython_key_completions_(self) -> list[str]:
        return [one.name or one.id for one in self._listed]

    def __repr__(self) -> str:
        lines = [f"  {one.name or '(no name)'!s:.60}  {one.id}" for one in self._listed[:MAX_SHOWN]]
        if len(self._listed) > MAX_SHOWN:
            lines.append(f"  … and {len(self._listed) - MAX_SHOWN:,} more")
        return "\n".join(lines) or "  no runs"


def _reopened(path: str, redaction: Redaction | None) -> Archive:
    return open_archive(path, redact=redaction or False)
