"""The archive: a store of a few runs that travels alone. Written whole or not at all, and read as if a stranger wrote it."""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
from contextlib import ExitStack, closing, contextmanager, suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import uuid4

from flowrun_widgets.errors import ArchiveError, FlowRunError, InvalidArgument, NotFound
from flowrun_widgets.forks import unlocked_in_child
from flowrun_widgets.log_columns import LogColumns
from flowrun_widgets.store.file import StoreFile, check, create, schema
from flowrun_widgets.store.kept import KEPT, add, drop
from flowrun_widgets.store.reader import Store
from flowrun_widgets.store.writer import TABLES

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping, Sequence
    from pathlib import Path

    from pendulum import DateTime

    from flowrun_widgets.records import FlowRunRecord
    from flowrun_widgets.redaction.shareable import RunContent

__all__ = ["SUFFIX", "ArchiveFile", "ArchiveStore", "Listed", "write"]

SUFFIX = ".flowrun"
MAGIC = b"SQLite format 3\0"
LONGEST_VALUE = 256_000_000
MAX_RUNS = 100_000
REWRITES = 5
LEFT_OUT = ("by_log_flow_run_id_timestamp", "by_log_flow_run_id_seq", "by_log_task_run_id")
"""Indexes that a few runs do well without: they would take half of the file."""
SHARED = ("flow", "task")
"""Rows that several runs may bring."""
PAGE_SIZE = 1024
"""Most tables of an archive are empty, and each of their indexes takes a page."""

_writing = unlocked_in_child(threading.Lock())


class Listed(NamedTuple):
    """A run of an archive, as a list names it."""

    id: str
    name: str | None


class ArchiveFile(StoreFile):
    """Read-only connections to a file that nobody changes and that anybody may have made.

    SQLite neither writes nor locks; the schema has to be ours, word for word, so that nothing in it is ever run; and the
    pages are checked, so that no page is read twice and no value is larger than the file.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._checked: tuple[int, ...] | None = None

    def absent(self) -> Exception:
        """Return what is raised where there is no file."""
        return NotFound(f"There is no archive at {str(self.path)!r:.200}.")

    def refused(self, error: Exception) -> Exception:
        """Return what is raised for something that no archive holds."""
        return ArchiveError(f"{self.path} is damaged, or no archive of ours: {error!s:.200}")

    def _connected(self) -> sqlite3.Connection:
        self.look()
        connection = sqlite3.connect(
            f"{self.path.resolve().as_uri()}?mode=ro&immutable=1",
            uri=True,
            isolation_level=None,
            check_same_thread=False,
        )
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST_VALUE)
        for pragma in ("trusted_schema = off", "cell_size_check = on", "mmap_size = 0"):
            connection.execute(f"pragma {pragma}")
        return connection

    def _check(self, connection: sqlite3.Connection) -> None:
        found = self.path.stat()
        identity = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)
        if self._checked == identity:
            return
        check(connection, self.path, "an archive of flow runs")
        if _schema_of(connection) != _our_schema():
            raise ArchiveError(f"{self.path} is no archive of ours: it has other tables, or more.")
        [[said]] = connection.execute("pragma quick_check(1)").fetchall()
        if said != "ok":
            raise ArchiveError(f"{self.path} is damaged: {said!s:.200}")
        self._checked = identity

    def look(self) -> None:
        """Raise ArchiveError unless the first bytes are those of an archive."""
        try:
            with self.path.open("rb") as file:
                head = file.read(20)
        except OSError as error:
            raise ArchiveError(f"{self.path} cannot be read: {error.strerror}.") from None
        if not head.startswith(MAGIC):
            raise ArchiveError(f"{self.path} is no archive of flow runs.")
        if head[18:20] != b"\1\1":
            raise ArchiveError(
                f"{self.path} is no archive but a store in use: fw.connect(path) reads one."
            )


class ArchiveStore(Store):
    """An archive as a source. What it holds was so when it was saved, and stays so."""

    label = "archive"

    def __init__(self, path: Path) -> None:
        super().__init__(path.absolute())
        self._file = ArchiveFile(self.path)

    def check(self) -> None:
        """Raise unless the file is an archive.

        Raises:
            NotFound: there is no such file.
            ArchiveError: it is something else, damaged, or a newer version wrote it.
        """
        self._file.check()

    def gateway_file(self) -> Path:
        """Return the archive's file, once it is known to be an archive."""
        self.check()
        return self.path

    def _nothing(self, wanted: str) -> NotFound:
        return NotFound(
            f"No {wanted} in the archive {self.path}. Its runs are those that were saved."
        )

    def listed(self) -> list[Listed]:
        """Return the runs in the order in which they were saved."""
        with self._reading() as read:
            rows = read.execute(f"select id, name from flow_run order by rowid limit {MAX_RUNS}")
            return [Listed(row["id"], row["name"]) for row in rows]

    def subflow_runs(self, flow_run_id: str) -> Sequence[FlowRunRecord]:
        """Return the runs in this archive that the run called as sub-flows, oldest first."""
        sql = (
            "select r.id from task_run t join flow_run r "
            "on json_extract(r.extra, '$.kept.record.parent_task_run_id') = t.id "
            "where t.flow_run_id = ? order by r.start_time, r.id"
        )
        with self._reading() as read:
            ids = [row["id"] for row in read.execute(sql, (flow_run_id,))]
        return [self.flow_run(key) for key in ids]

    def logs_with_subflows(
        self,
        run: FlowRunRecord,
        start: DateTime | None,
        end: DateTime | None,
        *,
        min_level: int | None = None,
    ) -> LogColumns:
        """Return the lines of a run and of the runs below it that are in this archive."""
        runs, waiting = {run.id: run}, [run]
        while waiting:
            below = [child for one in waiting for child in self.subflow_runs(one.id)]
            waiting = [child for child in below if child.id not in runs]
            runs |= {child.id: child for child in waiting}
        parts = [
            self.logs(one.id, start, end, min_level=min_level).columns.of_flow_run(
                one.name or one.id
            )
            for one in runs.values()
        ]
        return LogColumns.joined(parts)


def write(path: Path, runs: Iterable[tuple[RunContent, Mapping[str, Any]]], now: int) -> int:
    """Put runs into the archive at `path`, each in the place of what it holds of that run; return how many there were.

    Runs are written as they come, and not kept. The new file is written beside the old one and then takes its place.
    Nothing of a run that was replaced is left in it.

    Raises:
        ArchiveError: the file there is no archive, or nothing can be written.
        InvalidArgument: nobody can have a file there.
    """
    if _identity(path) is not None:
        ArchiveFile(path).look()
    with _beside(path) as added:
        count, flows = _fill(added, runs, now)
        with _alone(path.parent):
            for _ in range(REWRITES):
                before = _identity(path)
                if before is None:
                    _put(added, path)
                    return count
                with _beside(path) as new:
                    _copy(path, new)
                    _merge(new, added, flows)
                    if _identity(path) != before:
                        continue
                    _put(new, path)
                return count
    raise ArchiveError(f"{path} is written by somebody else all the time. Nothing was saved.")


def _fill(
    new: Path, runs: Iterable[tuple[RunContent, Mapping[str, Any]]], now: int
) -> tuple[int, set[str]]:
    """Make an archive of these runs alone; return how many they are, and the ids of the flows that they bring."""
    ids, flows = set[str](), set[str]()
    with _nothing_by_half():
        create(new, journal="delete", page_size=PAGE_SIZE)
        with _filling(new) as store:
            for index in LEFT_OUT:
                store.execute(f"drop index if exists {index}")
            for content, facts in runs:
                drop(store, content.run.id)
                add(store, content, facts, now)
                ids.add(content.run.id)
                if content.flow is not None:
                    flows.add(content.flow.id)
    return len(ids), flows


def _merge(new: Path, added: Path, flows: set[str]) -> None:
    """Put the runs of one archive into another. What it says of `flows` is newer; of other rows, the first holds."""
    with _nothing_by_half(), _filling(new, added) as store:
        for (flow_run_id,) in store.execute("select id from added.flow_run").fetchall():
            drop(store, flow_run_id)
        for flow in flows:
            store.execute(f"delete from flow where id = ? and {KEPT}", (flow,))
        for table in TABLES:
            about = store.execute(f"pragma added.table_info({table})")
            # `seq` is the place in the file, and given anew.
            names = ", ".join(row[1] for row in about if row[1] != "seq")
            store.execute(
                f"insert {'or ignore' if table in SHARED else ''} into main.{table} ({names}) "
                f"select {names} from added.{table} order by rowid"
            )


@contextmanager
def _filling(path: Path, other: Path | None = None) -> Generator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, isolation_level=None)) as store:
        for pragma in ("journal_mode = off", "synchronous = off", "secure_delete = on"):
            store.execute(f"pragma {pragma}")
        if other is not None:
            store.execute("attach ? as added", (str(other),))
        store.execute("begin")
        yield store
        store.execute("commit")
        if other is not None:
            store.execute("detach added")
            store.execute("vacuum")


@contextmanager
def _alone(folder: Path) -> Generator[None]:
    """Keep out others who save in this folder; where that cannot be locked, the file's identity tells."""
    with _writing, ExitStack() as stack:
        with suppress(ImportError, OSError):
            import fcntl

            opened = os.open(folder, os.O_RDONLY)
            stack.callback(os.close, opened)
            fcntl.flock(opened, fcntl.LOCK_EX)
            # Closing alone would leave it to a process that was forked meanwhile.
            stack.callback(fcntl.flock, opened, fcntl.LOCK_UN)
        yield


@contextmanager
def _nothing_by_half() -> Generator[None]:
    try:
        yield
    except FlowRunError:
        raise  # BackendUnavailable is an OSError too
    except (sqlite3.Error, OSError, OverflowError) as error:
        raise ArchiveError(f"cannot write the archive: {error}. Nothing was saved.") from None


def _copy(old: Path, new: Path) -> None:
    """Copy an archive, and check the copy, which nobody else can change meanwhile."""
    ArchiveFile(old).look()
    shutil.copyfile(old, new)
    copy = ArchiveFile(new)
    try:
        copy.check()
    except ArchiveError as error:
        raise ArchiveError(str(error).replace(str(new), str(old))) from None
    finally:
        copy.close()


@contextmanager
def _beside(path: Path) -> Generator[Path]:
    """Make an empty file in the same folder, and remove it unless it was put elsewhere."""
    new = path.with_name(f".{path.name[:100]}.{uuid4().hex[:8]}.tmp")
    try:
        os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise InvalidArgument(f"No archive can be made at {str(path)!r:.200}: {why}.") from None
    try:
        yield new
    finally:
        for rest in (new, new.with_name(f"{new.name}-journal")):
            with suppress(OSError):
                rest.unlink()


def _put(new: Path, path: Path) -> None:
    try:
        with suppress(FileNotFoundError):
            shutil.copymode(path, new)
        with new.open("rb+") as file:
            os.fsync(file.fileno())
        new.replace(path)
    except OSError as error:
        raise ArchiveError(f"cannot write {path}: {error.strerror}. Nothing was saved.") from None


def _identity(path: Path) -> tuple[int, ...] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise InvalidArgument(f"No archive can be made at {str(path)!r:.200}: {why}.") from None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _schema_of(connection: sqlite3.Connection) -> set[tuple[Any, ...]]:
    rows = connection.execute("select type, name, tbl_name, sql from sqlite_master limit 1000")
    return {tuple(row) for row in rows}


@lru_cache(1)
def _our_schema() -> set[tuple[Any, ...]]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        for statement in schema():
            connection.execute(statement)
        for index in LEFT_OUT:
            connection.execute(f"drop index {index}")
        return _schema_of(connection)
