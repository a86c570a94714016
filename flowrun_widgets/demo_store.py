"""The embedded default with recorded runs in it, one of which goes on while you look."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
import threading
import time
from pathlib import Path
from typing import Self

from flowrun_widgets.connection import Connection, connect, current, disconnect
from flowrun_widgets.errors import InvalidArgument
from flowrun_widgets.recorded import Replay, recording
from flowrun_widgets.store.writer import StoreWriter
from flowrun_widgets.times import now

__all__ = ["Demo", "demo"]


class Demo:
    """A store of recorded runs, and a thread that replays one of them.

    `succeeded`, `failed`, `cancelled` and `live` are flow run ids; `connection` is the store. `close()` stops the
    replay, and removes the store if it was made in a temporary folder. Also a context manager.
    """

    def __init__(self, path: Path | None = None, pace: float = 1.0) -> None:
        if pace <= 0:
            raise InvalidArgument(
                "pace says how many times faster than real the replay is: it is above 0"
            )
        self._folder = None if path is not None else Path(tempfile.mkdtemp(prefix="flowrun-demo-"))
        self.path = path if path is not None else self._folder_store()
        if os.path.lexists(self.path):
            raise InvalidArgument(f"{self.path} exists: a demo makes a store of its own")
        self._pace = pace
        self._stop = threading.Event()
        self._writer = StoreWriter(self.path)
        succeeded, failed, cancelled = map(
            recording, ("mapped-success", "failed-with-retries", "cancelled-in-part")
        )
        for recorded in (succeeded, failed, cancelled):
            recorded.write(self._writer)
        live = recording("live-demo")
        self.succeeded, self.failed = succeeded.flow_run_id, failed.flow_run_id
        self.cancelled, self.live = cancelled.flow_run_id, live.flow_run_id
        self._replay = Replay(live, self._writer, now())
        self._started = time.monotonic()
        self._replay.advance(0.0)
        self.connection: Connection = connect(self.path)
        self._thread = threading.Thread(target=self._run, name="flowrun demo", daemon=True)
        self._thread.start()
        atexit.register(self.close)

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
            f"  live       {self.live}  (goes on for about a minute)"
        )

    def finish(self) -> None:
        """Write the rest of the live run at once."""
        self._stop.set()
        self._thread.join()
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
        self._writer.close()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _folder_store(self) -> Path:
        assert self._folder is not None
        return self._folder / "store.sqlite"

    def _run(self) -> None:
        while (due := self._replay.next_at) is not None:
            elapsed = (time.monotonic() - self._started) * self._pace
            if due <= elapsed:
                self._replay.advance(elapsed)
            elif self._stop.wait((due - elapsed) / self._pace):
                return


def demo(path: str | Path | None = None, *, pace: float = 1.0) -> Demo:
    """Make a store of recorded runs, and make it the ambient connection.

    Four flow runs that really ran: one that succeeded with mapped tasks, one that failed after retries and took
    others down with it, one cancelled in part, and one that happens again while you look, shifted to now.

    Args:
        path: where the store goes; a temporary folder, removed by `close()`, if None.
        pace: how many times faster than real the live run goes.
    """
    return Demo(None if path is None else Path(path), pace)
