"""The demo: a store of recorded runs, one of which is replayed live."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import IO, Self

from flowrun_widgets.connection.connection import Connection, connect, current, disconnect
from flowrun_widgets.errors import InvalidArgument
from flowrun_widgets.forks import in_child
from flowrun_widgets.recordings.replay import Replay, recording
from flowrun_widgets.store.writer import StoreWriter
from flowrun_widgets.times import now

__all__ = ["Demo", "demo"]

PREFIX = "flowrun-demo-"
HELD = "held"
"""The name of a file that stays locked while the demo that owns its folder is running."""


class TemporaryFolder:
    """A temporary folder that belongs to this process; folders of killed processes are removed."""

    def __init__(self) -> None:
        for stale in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
            _remove_unless_held(stale)
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX))
        unheld = self.path / "unheld"
        self._lock = unheld.open("wb")
        _hold(self._lock)
        unheld.rename(self.path / HELD)  # no other process sees the folder before it is locked

    def remove(self) -> None:
        """Remove the folder and everything in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        self._lock.close()


def _hold(file: IO[bytes]) -> bool:
    """Lock a file while it is open; False: another process holds the lock, or this system has no locks."""
    try:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (ImportError, OSError):
        return False
    return True


def _remove_unless_held(folder: Path) -> None:
    with suppress(OSError):
        if not _is_ours(folder):
            return
        with (folder / HELD).open("rb") as lock:
            if _hold(lock):
                shutil.rmtree(folder, ignore_errors=True)


def _is_ours(folder: Path) -> bool:
    """Whether this user made the folder and its lock file: everyone can write into the folder for temporary files."""
    outside, inside = folder.lstat(), (folder / HELD).lstat()
    is_made = S_ISDIR(outside.st_mode) and S_ISREG(inside.st_mode)
    return is_made and (os.name == "nt" or outside.st_uid == inside.st_uid == os.getuid())


_of_parents: list[object] = []
"""Writers of the parent process: SQLite forbids using or closing them in a fork."""


class Demo:
    """A store of recorded runs, and a thread that replays one of them.

    `succeeded`, `failed`, `cancelled` and `live` are flow run ids; `connection` is the store. `close()` stops the
    replay, and removes the store if it is in a temporary folder. Also a context manager.
    """

    def __init__(self, path: Path | None = None, pace: float = 1.0) -> None:
        if isinstance(pace, bool) or not isinstance(pace, int | float) or not pace > 0:
            raise InvalidArgument(
                "pace, the speed of the replay relative to real time, must be a number above 0, "
                f"not {pace!r:.80}"
            )
        self._folder = None
        if path is None:
            self._folder = TemporaryFolder()
            path = self._folder.path / "store.sqlite"
        self.path = path
        if os.path.lexists(self.path):
            raise InvalidArgument(
                f"{self.path} exists already: a demo needs a path for a new store"
            )
        self._pace = pace
        self._stop = threading.Event()
        writer = StoreWriter(self.path)
        self._writer: StoreWriter | None = writer
        succeeded, failed, cancelled = map(
            recording, ("mapped-success", "failed-with-retries", "cancelled-in-part")
        )
        for recorded in (succeeded, failed, cancelled):
            recorded.write(writer)
        live = recording("live-demo")
        self.succeeded, self.failed = succeeded.flow_run_id, failed.flow_run_id
        self.cancelled, self.live = cancelled.flow_run_id, live.flow_run_id
        self._replay = Replay(live, writer, now())
        self._started = time.monotonic()
        self._replay.advance(0.0)
        self.connection: Connection = connect(self.path)
        self._thread = threading.Thread(target=self._run, name="flowrun demo", daemon=True)
        self._thread.start()
        atexit.register(self.close)
        in_child(self, Demo._leave_to_parent)

    def _leave_to_parent(self) -> None:
        """Write nothing and remove nothing: the store belongs to the parent process."""
        atexit.unregister(self.close)
        _of_parents.append(self._writer)
        self._writer = self._folder = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        place = "" if self._folder is not None else f" in {self.path}"
        return (
            f"Demo of four recorded runs{place}\n"
            f"  succeeded  {self.succeeded}\n"
            f"  failed     {self.failed}\n"
            f"  cancelled  {self.cancelled}\n"
            f"  live       {self.live}  (runs for about a minute)"
        )

    def finish(self) -> None:
        """Write the rest of the live run at once."""
        self._stop.set()
        self._thread.join()
        if self._writer is not None:
            self._replay.advance(float("inf"))

    def wait(self) -> None:
        """Wait until the live run has ended."""
        self._thread.join()

    def close(self) -> None:
        """End the demo; calling it again does nothing."""
        atexit.unregister(self.close)
        self._stop.set()
        self._thread.join()
        if current() is self.connection:
            disconnect()
        self.connection.close()
        if self._writer is not None:
            self._writer.close()
        if self._folder is not None:
            self._folder.remove()

    def _run(self) -> None:
        while (due := self._replay.next_at) is not None:
            elapsed = (time.monotonic() - self._started) * self._pace
            if due <= elapsed:
                self._replay.advance(elapsed)
            elif self._stop.wait((due - elapsed) / self._pace):
                return


def demo(path: str | Path | None = None, *, pace: float = 1.0) -> Demo:
    """Make a store of recorded runs, and make it the ambient connection.

    The store has four flow runs that really ran. One succeeded, with mapped tasks. One failed: a task failed after its
    retries, and the tasks that depend on it never ran. One was cancelled part-way. One is replayed live, with its times
    shifted to now.

    Args:
        path: where to write the store; if None, a temporary folder, which `close()` removes.
        pace: the speed of the live run relative to real time.

    Raises:
        InvalidArgument: `path` or `pace` is invalid, or the file exists already.
    """
    if path is not None and not isinstance(path, str | Path):
        raise InvalidArgument(
            f"the path of a demo's store must be text or a Path, not {type(path).__name__}: fw.demo(path)"
        )
    return Demo(None if path is None else Path(path), pace)
