"""Runs in a file of their own: saving them, and opening such a file (docs/decisions/archive.md)."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, overload
from uuid import UUID

from flowrun_widgets.connection import Connection
from flowrun_widgets.errors import (
    Ambiguous,
    ArchiveError,
    BackendError,
    FlowRunError,
    InvalidArgument,
    NotFound,
)
from flowrun_widgets.progress import part_of, report, shown_progress
from flowrun_widgets.redaction.shareable import RunContent, shareable
from flowrun_widgets.settings import chosen_redaction
from flowrun_widgets.store.archive import ArchiveStore, write
from flowrun_widgets.store.reader import Store
from flowrun_widgets.times import from_micros, now, to_micros
from flowrun_widgets.views.flow_run import FlowRunView
from flowrun_widgets.views.held import held_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from flowrun_widgets.records import TaskRunRecord
    from flowrun_widgets.redaction import Redaction
    from flowrun_widgets.store.archive import Listed

__all__ = [
    "Archive",
    "ArchivedRuns",
    "Saved",
    "content_of",
    "facts_of",
    "open_archive",
    "save",
]

MOST_HISTORIES = 200
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Saved:
    """What was written: how many runs, how many values in them are replaced (None: nobody looked), and the file's size."""

    path: Path
    runs: int
    redacted: int | None
    byte_count: int
    missing: tuple[str, ...] = ()
    """What the server did not give: "history", "artifacts", "flow", "histories of task runs"."""
    going: int = 0
    """How many of the runs had not ended yet: there will be more of them than was saved."""

    def __repr__(self) -> str:
        runs = "1 run" if self.runs == 1 else f"{self.runs:,} runs"
        values = "1 value" if self.redacted == 1 else f"{self.redacted or 0:,} values"
        redacted = "nothing redacted" if self.redacted is None else f"{values} redacted"
        size = f"{max(self.byte_count / 1_000, 1):,.0f} kB"
        if self.byte_count >= 1_000_000:
            size = f"{self.byte_count / 1_000_000:,.1f} MB"
        without = f", without {', '.join(self.missing)}" if self.missing else ""
        going = f", {self.going:,} still going" if self.going else ""
        return f"{self.path}: {runs}{going}, {redacted}, {size}{without}"


def save(
    runs: Iterable[FlowRunView],
    path: str | os.PathLike[str],
    *,
    redact: bool | Redaction | None = None,
    subflows: bool = False,
) -> Saved:
    """Save runs into an archive, each with its log, task runs, flow and artifacts.

    An archive that is there gets them added; a run that it holds already is replaced. Either all is written or nothing,
    and no other file is ever overwritten. What a view holds already is not read again; of task runs that began more
    than once, the histories are read. Costs what `get_logs()` and `get_all_task_runs()` cost, and two requests.

    Args:
        runs: the runs. Views that a generator makes are let go one by one, so that memory does not grow with them.
        path: the file, such as `night.flowrun`.
        redact: take secrets out, by these rules; None: by those of the run's connection.
        subflows: the runs below as well, each as a whole.

    Raises:
        ArchiveError: a file is there that is no archive, or nothing can be written.
        InvalidArgument: no file can be there.
        BackendError: the server did not do its part.
    """
    target = _target(path)
    if redact is not None:
        chosen_redaction(redact)
    missing: dict[str, None] = {}
    redacted: int | None = None
    going = 0

    def ready() -> Iterator[tuple[RunContent, dict[str, Any]]]:
        nonlocal redacted, going
        for number, run in enumerate(_all(runs, subflows), start=1):
            redaction = run.connection.redaction if redact is None else chosen_redaction(redact)
            with part_of(f"run {number:,}"):
                content, lacks = content_of(run)
            missing.update(dict.fromkeys(lacks))
            clean = shareable(content, redaction)
            if redaction is not None:
                redacted = (redacted or 0) + clean.count
            if not content.run.state.is_finished():
                going += 1
            yield (
                clean.value,
                {**facts_of(run), "redacted": None if redaction is None else clean.count},
            )
            report("runs", number)

    with shown_progress():
        count = write(target, ready(), to_micros(now()))
    return Saved(target, count, redacted, target.stat().st_size, tuple(missing), going)


def open_archive(
    path: str | os.PathLike[str], *, redact: bool | Redaction | None = None
) -> Archive:
    """Open an archive: `archive.runs` are views like any others, whose `get_latest()` says the same again.

    The file is never written, nothing in it is run, and its pages are checked once. `redact` is what is taken out when
    a run of it is displayed or exported, as in `fw.connect()`.

    Raises:
        NotFound: there is no such file.
        ArchiveError: it is no archive, damaged, or a newer version wrote it.
    """
    redaction = chosen_redaction(redact)
    place = _target(path)
    source = ArchiveStore(place)
    try:
        source.check()
        return Archive(source, Connection(source, "an archive", redaction=redaction))
    except BaseException:
        source.close()
        raise


class Archive:
    """An open archive. Use as a context manager, or `close()` it."""

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
        """Let the file go. Views keep what they hold; reading more raises."""
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
            NotFound: no run of that name or id is here.
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
                f"{len(found)} runs here are called {key!r:.80}: take one by its id.",
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
        lines = [f"  {one.name or '(no name)'!s:.60}  {one.id}" for one in self._listed[:SHOWN]]
        if len(self._listed) > SHOWN:
            lines.append(f"  … and {len(self._listed) - SHOWN:,} more")
        return "\n".join(lines) or "  no runs"


def _reopened(path: str, redaction: Redaction | None) -> Archive:
    return open_archive(path, redact=redaction or False)


def _target(path: object) -> Path:
    if not isinstance(path, str | os.PathLike):
        raise InvalidArgument(
            f"an archive's path has to be text, not {type(path).__name__}: 'night.flowrun'"
        )
    try:
        return Path(path).expanduser().resolve()  # pyright: ignore[reportArgumentType]
    except (OSError, ValueError, RuntimeError, TypeError) as error:
        raise InvalidArgument(f"{str(path)!r:.200} is no path: {error!s:.100}") from None


def _all(runs: Iterable[FlowRunView], subflows: bool) -> Iterator[FlowRunView]:
    """Yield the runs, each once, and with `subflows` those below them."""
    seen = set[str]()
    for top in runs:
        waiting = [top]
        while waiting:
            run = waiting.pop(0)
            if not isinstance(run, FlowRunView):
                raise InvalidArgument(f"only flow runs can be saved, not {type(run).__name__}")
            if run.flow_run_id in seen:
                continue
            seen.add(run.flow_run_id)
            yield run
            if subflows:
                waiting += run.get_subflow_runs()


def content_of(run: FlowRunView) -> tuple[RunContent, list[str]]:
    """Return all of a run, read as far as it was not, and the names of what the server did not give."""
    if not run.record.has_history:
        run = run.get_latest()
    run.get_all_task_runs()
    logs = run.get_logs().columns
    lacks = list(run.missing)
    try:
        run.get_flow_metadata()
    except NotFound:
        pass
    except BackendError:
        lacks.append("flow")
    artifacts = ()
    try:
        artifacts = tuple(run.connection.backend.artifacts(run.flow_run_id))
    except FlowRunError:
        lacks.append("artifacts")
    held = held_of(run)
    with held.lock:
        listed = () if held.task_runs is None else held.task_runs.records
        flow, finished = held.flow, dict(held.finished)
    task_runs = [_fuller(one, finished.get(one.id)) for one in listed]
    if not _read_histories(run, task_runs):
        lacks.append("histories of task runs")
    return RunContent(run.record, tuple(task_runs), logs, flow, artifacts), lacks


def _fuller(listed: TaskRunRecord, known: TaskRunRecord | None) -> TaskRunRecord:
    """Return the record that has its history, if one has."""
    is_newer = known is not None and known.has_history and known.state == listed.state
    return known if known is not None and is_newer and not listed.has_history else listed


def _read_histories(run: FlowRunView, task_runs: list[TaskRunRecord]) -> bool:
    """Put the histories of task runs that began more than once in their places; False: some could not be had."""
    wanted = [
        place
        for place, one in enumerate(task_runs)
        if not one.has_history and one.attempts > 1 and one.child_flow_run_id is None
    ]
    for number, place in enumerate(wanted[:MOST_HISTORIES]):
        try:
            task_runs[place] = run.connection.backend.task_run(task_runs[place].id)
        except NotFound:
            continue
        except BackendError:
            return False
        report("histories", number + 1)
    return len(wanted) <= MOST_HISTORIES


def facts_of(run: FlowRunView) -> dict[str, Any]:
    """Return where a run is from and of when; for one that is from an archive, what was noted there."""
    connection, moment = run.connection, to_micros(now())
    facts: dict[str, Any] = {
        "source_url": connection.url,
        "source_label": connection.label,
        "read_at": to_micros(run.as_of),
    }
    if isinstance(connection.backend, Store):
        with suppress(FlowRunError, ArchiveError):
            noted = connection.backend.kept(run.flow_run_id) or {}
            facts |= {name: noted[name] for name in facts if name in noted}
    return {**facts, "saved_at": moment, "opened_at": moment}
