"""The archive: a self-contained store of a few runs. Writing is atomic, and reading does not trust the content."""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
from contextlib import ExitStack, closing, contextmanager, suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from flowrun_widgets.errors import ArchiveError, FlowRunError, NotFound
from flowrun_widgets.files import beside, move, unwritable
from flowrun_widgets.forks import unlocked_in_child
from flowrun_widgets.log_columns import LogColumns
from flowrun_widgets.sqlite import open_sqlite
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
"""Indexes that a few runs do not need: they would take half of the file."""
SHARED = ("flow", "task")
"""Tables whose rows may belong to several runs."""
PAGE_SIZE = 1024
"""The page size: most tables of an archive are empty, and each of their indexes takes a page."""

_writing = unlocked_in_child(threading.Lock())


class Listed(NamedTuple):
    """A run in the list of an archive."""

    id: str
    name: str | None


class ArchiveFile(StoreFile):
    """Read-only connections to a file that does not change and that anyone may have written.

    SQLite neither writes nor locks. The schema must be ours, word for word, so that no code in it ever runs. The pages
    are checked, so that no page is read twice and no value is larger than the file.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._checked: tuple[int, ...] | None = None

    def absent(self) -> Exception:
        """Return the error for a missing file."""
        return NotFound(f"There is no archive at {str(self.path)!r:.200}.")

    def refused(self, error: Exception) -> Exception:
        """Return the error for content that an archive cannot have."""
        return ArchiveError(
            f"{self.path} is damaged, or not an archive of this package: {error!s:.200}"
        )

    def _connected(self) -> sqlite3.Connection:
        self.look()
        connection = open_sqlite(
            f"{self.path.resolve().as_uri()}?mode=ro&immutable=1",
            uri=True,
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
            raise ArchiveError(f"{self.path} is not an archive of this package: its tables differ.")
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
            raise ArchiveError(f"{self.path} is not an archive of flow runs.")
        if head[18:20] != b"\1\1":
            raise ArchiveError(
                f"{self.path} is not an archive but a store in use: read it with fw.connect(path)."
            )


class ArchiveStore(Store):
    """An archive as a source. Its content never changes after it was saved."""

    label = "archive"

    def __init__(self, path: Path) -> None:
        super().__init__(path.absolute())
        self._file = ArchiveFile(self.path)

    def check(self) -> None:
        """Raise unless the file is an archive.

        Raises:
            NotFound: there is no such file.
            ArchiveError: the file is something else, is damaged, or was written by a newer version.
        """
        self._file.check()

    def gateway_file(self) -> Path:
        """Return the archive's file, after checking that it is an archive."""
        self.check()
        return self.path

    def _nothing(self, wanted: str) -> NotFound:
        return NotFound(
            f"No {wanted} in the archive {self.path}. It contains only the runs that were saved."
        )

    def listed(self) -> list[Listed]:
        """Return the runs in the order in which they were saved."""
        with self._reading() as read:
            rows = read.execute(f"select id, name from flow_run order by rowid limit {MAX_RUNS}")
            return [Listed(row["id"], row["name"]) for row in rows]

    def subflow_runs(self, flow_run_id: str) -> Sequence[FlowRunRecord]:
        """Return the sub-flow runs in this archive that the run called, oldest first."""
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
        """Return the lines of a run and of its sub-flow runs in this archive."""
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
    """Write runs into the archive at `path`, replacing runs that it already has; return the number of runs written.

    Runs are written one by one and not kept in memory. The new file is written next to the old one and then replaces
    it. Nothing of a replaced run is left in it.

    Raises:
        ArchiveError: the existing file is not an archive, or writing failed.
        InvalidArgument: `path` cannot be the path of a file.
    """
    if _identity(path) is not None:
        ArchiveFile(path).look()
    with beside(path) as added:
        count, flows = _fill(added, runs, now)
        with _alone(path.parent):
            for _ in range(REWRITES):
                before = _identity(path)
                if before is None:
                    _move(added, path)
                    return count
                with beside(path) as new:
                    _copy(path, new)
                    _merge(new, added, flows)
                    if _identity(path) != before:
                        continue
                    _move(new, path)
                return count
    raise ArchiveError(
        f"another program keeps changing {path}. Nothing was saved; try again later."
    )


def _fill(
    new: Path, runs: Iterable[tuple[RunContent, Mapping[str, Any]]], now: int
) -> tuple[int, set[str]]:
    """Make an archive of only these runs; return their number, and the ids of their flows."""
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
    """Copy the runs of one archive into another. Its rows of `flows` are newer; other existing rows stay."""
    with _nothing_by_half(), _filling(new, added) as store:
        for (flow_run_id,) in store.execute("select id from added.flow_run").fetchall():
            drop(store, flow_run_id)
        for flow in flows:
            store.execute(f"delete from flow where id = ? and {KEPT}", (flow,))
        for table in TABLES:
            about = store.execute(f"pragma added.table_info({table})")
            # `seq` is the position in the file and is assigned again.
            names = ", ".join(row[1] for row in about if row[1] != "seq")
            store.execute(
                f"insert {'or ignore' if table in SHARED else ''} into main.{table} ({names}) "
                f"select {names} from added.{table} order by rowid"
            )


@contextmanager
def _filling(path: Path, other: Path | None = None) -> Generator[sqlite3.Connection]:
    with closing(open_sqlite(path)) as store:
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
    """Lock the folder against other writers; where locks are not available, the file's identity shows changes."""
    with _writing, ExitStack() as stack:
        with suppress(ImportError, OSError):
            import fcntl

            opened = os.open(folder, os.O_RDONLY)
            stack.callback(os.close, opened)
            fcntl.flock(opened, fcntl.LOCK_EX)
            # Closing the file alone would leave the lock with a process that was forked meanwhile.
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
    """Copy an archive and check the copy, which no other process can change."""
    ArchiveFile(old).look()
    shutil.copyfile(old, new)
    copy = ArchiveFile(new)
    try:
        copy.check()
    except ArchiveError as error:
        raise ArchiveError(str(error).replace(str(new), str(old))) from None
    finally:
        copy.close()


def _move(new: Path, path: Path) -> None:
    with _nothing_by_half():
        move(new, path)


def _identity(path: Path) -> tuple[int, ...] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise unwritable(path, error) from None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _schema_of(connection: sqlite3.Connection) -> set[tuple[Any, ...]]:
    rows = connection.execute("select type, name, tbl_name, sql from sqlite_master limit 1000")
    return {tuple(row) for row in rows}


@lru_cache(1)
def _our_schema() -> set[tuple[Any, ...]]:
    with closing(open_sqlite(":memory:")) as connection:
        for statement in schema():
            connection.execute(statement)
        for index in LEFT_OUT:
            connection.execute(f"drop index {index}")
        return _schema_of(connection)
