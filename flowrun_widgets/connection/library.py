"""The local library of finished runs: finds kept runs, and keeps new ones in the background."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowrun_widgets.errors import FlowRunError
from flowrun_widgets.forks import unlocked_in_child
from flowrun_widgets.redaction import DEFAULT, Redaction
from flowrun_widgets.redaction.shareable import RunContent, shareable
from flowrun_widgets.store.kept import keep, opened
from flowrun_widgets.store.reader import Store
from flowrun_widgets.times import from_micros, now, to_micros

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from pendulum import DateTime

    from flowrun_widgets.backends.protocol import Extent
    from flowrun_widgets.log_columns import LogColumns
    from flowrun_widgets.records import FlowRecord, FlowRunRecord, TaskRunRecord

__all__ = ["CAP_BYTES", "Library", "LibraryEntry"]

CAP_BYTES = 500_000_000
SETTLED_SECONDS = 60.0
"""A copy that was read sooner after the run's end may lack late lines: it is used only if there is nothing else."""
TOUCH_SECONDS = 60.0
"""The resolution of the time at which a run was last opened."""

logger = logging.getLogger("flowrun_widgets")


@dataclass(frozen=True, slots=True)
class LibraryEntry:
    """A run of the library, with its secrets redacted."""

    record: FlowRunRecord
    source_url: str
    source_label: str
    read_at: DateTime
    """When the run was read from its server."""
    opened_at: DateTime
    extent: Extent

    @property
    def is_settled(self) -> bool:
        """Whether the run was read long enough after its end for all of its lines to have arrived."""
        ended = self.record.ended_at or self.record.state.timestamp
        return (
            ended is not None
            and to_micros(self.read_at) - to_micros(ended) >= SETTLED_SECONDS * 1_000_000
        )


class Library:
    """Keeps finished runs in a store of at most `cap_bytes`; the least recently opened runs are dropped.

    Runs are kept without secrets, by the rules of the connection, or by the default rules if it has none.

    Errors never reach the caller: what cannot be read counts as missing, and what cannot be written is a warning in the
    log `flowrun_widgets`.
    """

    def __init__(
        self, path: Path, cap_bytes: int = CAP_BYTES, redaction: Redaction | None = None
    ) -> None:
        self.path = path
        self.redaction = redaction or DEFAULT
        self.cap_bytes = cap_bytes
        self.store = Store(path)
        self._lock = unlocked_in_child(threading.Lock())
        self._threads: list[threading.Thread] = []
        self._warned = False

    def find(self, source_url: str, flow_run_id: str) -> LibraryEntry | None:
        """Return the copy of a run of this source. Costs no request."""
        if not self.path.is_file():
            return None
        try:
            noted = self.store.kept(flow_run_id)
            if noted is None or noted["source_url"] != source_url:
                return None
            return LibraryEntry(
                self.store.flow_run(flow_run_id),
                source_url,
                noted["source_label"],
                from_micros(int(noted["read_at"])),
                from_micros(int(noted["opened_at"])),
                self.store.extent(flow_run_id),
            )
        except (FlowRunError, KeyError, TypeError, ValueError) as error:
            self._warn(f"The local library cannot be read: {error!r:.300}")
            return None

    def keep(
        self,
        source_url: str,
        source_label: str,
        run: FlowRunRecord,
        task_runs: Sequence[TaskRunRecord],
        logs: LogColumns,
        flow: FlowRecord | None = None,
        *,
        read_at: DateTime | None = None,
    ) -> bool:
        """Keep a finished run without its secrets, replacing an older copy. Takes some seconds for a long log.

        Returns False if the run was not kept, because it is larger than the cap, the store has it from another origin,
        or the store cannot be written.
        """
        moment = to_micros(now())
        facts = {
            "source_url": source_url,
            "source_label": source_label,
            "read_at": moment if read_at is None else to_micros(read_at),
            "saved_at": moment,
            "opened_at": moment,
        }
        try:
            clean = shareable(RunContent(run, task_runs, logs, flow), self.redaction).value
            return keep(
                self.path,
                clean,
                facts,
                now=moment,
                cap_bytes=self.cap_bytes,
            )
        except (FlowRunError, TypeError, ValueError, KeyError, MemoryError) as error:
            self._warn(f"The local library could not keep flow run {run.id}: {error!s:.300}")
            return False

    def opened(self, kept: LibraryEntry) -> None:
        """Record in the background that a run was opened again."""
        moment = to_micros(now())
        if moment - to_micros(kept.opened_at) < TOUCH_SECONDS * 1_000_000:
            return

        def note() -> None:
            try:
                opened(self.path, kept.record.id, moment)
            except FlowRunError as error:
                self._warn(str(error))

        self.behind(note)

    def behind(self, work: Callable[[], object]) -> None:
        """Do this in a thread that the program waits for before it exits."""
        thread = threading.Thread(target=work, name="flowrun-library")
        with self._lock:
            self._threads = [other for other in self._threads if other.is_alive()]
            self._threads.append(thread)
            thread.start()

    def wait(self) -> None:
        """Wait until all runs in the queue are kept."""
        with self._lock:
            threads = list(self._threads)
        for thread in threads:
            thread.join()

    def close(self) -> None:
        """Wait for pending writes, and close the file."""
        self.wait()
        self.store.close()

    def _warn(self, words: str) -> None:
        with self._lock:
            first, self._warned = not self._warned, True
        logger.log(logging.WARNING if first else logging.DEBUG, "%s", words)
