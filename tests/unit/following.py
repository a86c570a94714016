"""A clock that tests turn, and writers that write by it."""

from __future__ import annotations

import gc
import random
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

import httpx

from flowrun_widgets.gateway import Gateway
from flowrun_widgets.live.poller import LOCK, follow
from flowrun_widgets.live.watch import watch
from flowrun_widgets.store.writer import StoreWriter
from tests.stores import BEGIN, FLOW_RUN_ID, log_row, state_row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from flowrun_widgets.runs.flow_run import FlowRunView

__all__ = ["Both", "Schedule", "TurnedClock", "Wire", "end", "followers", "no_followers", "writing"]

JOIN_SECONDS = 20


class Wire(httpx.BaseTransport):
    """A gateway behind a wire that counts, and that can fail: `answer` returns what comes instead, or None."""

    def __init__(self, store: Path) -> None:
        self.gateway = Gateway(store)
        self._inside = httpx.WSGITransport(app=self.gateway.wsgi)
        self.requests = self.bytes = 0
        self.answer: Callable[[], httpx.Response | None] = lambda: None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.requests += 1
        answer = self.answer() or self._inside.handle_request(request)
        body = b"".join(cast("httpx.SyncByteStream", answer.stream))
        self.bytes += len(body)
        stream = httpx.ByteStream(body)
        return httpx.Response(answer.status_code, headers=answer.headers, stream=stream)


@dataclass
class TurnedClock:
    """Waits pass at once, and what is to happen meanwhile happens: `events` are moments and what is done at each."""

    events: list[tuple[float, Callable[[], None]]] = field(default_factory=list)
    seconds: float = 0.0
    waits: list[float] = field(default_factory=list)
    began_at: datetime = field(default_factory=lambda: datetime.fromisoformat(BEGIN))

    def now(self) -> float:
        return self.seconds

    def today(self) -> datetime:
        return self.began_at.astimezone(UTC) + timedelta(seconds=self.seconds)

    def wait(self, changed: threading.Condition, seconds: float) -> None:
        self.waits.append(seconds)
        until = self.seconds + seconds
        while self.events and self.events[0][0] <= until:
            self.seconds, happen = self.events.pop(0)
            happen()
        self.seconds = until


class Both:
    """A watch and a card that follow one run by one clock; nobody looks before both do."""

    def __init__(self, run: FlowRunView, clock: TurnedClock) -> None:
        run.get_logs()
        run.get_all_task_runs()
        self.card = run.card()
        self._run = run
        self._clock = clock
        self._over = threading.Event()

    def snapshots(self) -> Iterator[FlowRunView]:
        """Yield what the watch yields, then wait until the card has seen the end as well."""
        gc.collect()  # what a thread that starts collects may wait for the lock
        with LOCK:  # waiting for the first snapshot lets it go
            first = follow(self._run, lambda told: None, clock=self._clock, chance=lambda: 0.5)
            self.card.follow = True
            self.card.on_change(lambda shown: shown.is_following or self._over.set())
            watching = watch(self._run, clock=self._clock, chance=lambda: 0.5)
            earliest = next(watching)
        yield earliest
        yield from watching
        assert self._over.wait(JOIN_SECONDS)
        first.close()


class Schedule:
    """Batches of log lines that arrive late, out of order, at one microsecond, from workers whose clocks are off.

    A batch arrives up to 14 s after the newest of its lines was written; some arrive after the run has ended.
    """

    def __init__(self, seed: int) -> None:
        chance = random.Random(seed)
        self.ends_at = chance.uniform(5, 90)
        skews = [0.0, chance.uniform(-300, 300), chance.choice([-300.0, 300.0])]
        self.batches: list[tuple[float, list[Any]]] = []
        number = 100
        for _ in range(chance.randint(1, 25)):
            written = chance.uniform(0, self.ends_at)
            skew = chance.choice(skews)
            rows: list[Any] = []
            for _ in range(chance.choice([1, 1, 2, 5, 20])):
                number += 1
                stamp = max(0.0, 400 + skew + written - chance.choice([0, 0, 0.5, 3]))
                if chance.random() < 0.5:
                    stamp = float(round(stamp / 10) * 10)  # the same microsecond in many batches
                rows.append(log_row(number, stamp, f"line {number}"))
            chance.shuffle(rows)
            self.batches.append((written + chance.choice([0.1, 2, 5, chance.uniform(0, 14)]), rows))
        self.batches.sort(key=lambda batch: batch[0])

    @property
    def messages(self) -> list[str]:
        """Every line that is written, in no order."""
        return [row["message"] for _, rows in self.batches for row in rows]

    def clock(self, writer: StoreWriter) -> TurnedClock:
        """Return a clock by which the batches and the end of the run are written."""
        events = [(at, self._adding(writer, at, rows)) for at, rows in self.batches]
        events.append((self.ends_at, lambda: end(writer, self.ends_at)))
        return TurnedClock(sorted(events, key=lambda event: event[0]))

    def _adding(self, writer: StoreWriter, at: float, rows: list[Any]) -> Callable[[], None]:
        # The server sets these by its own clock, whatever the worker's says.
        arrived = (datetime.fromisoformat(BEGIN) + timedelta(seconds=at)).isoformat()
        made = {"created": arrived, "updated": arrived}
        return lambda: writer.add({"log": [{**row, **made} for row in rows]})


def end(writer: StoreWriter, seconds: float, kind: str = "Success") -> None:
    """Have the run of `tests.stores` end."""
    row = state_row(0x1009, {"flow_run_id": FLOW_RUN_ID}, kind, seconds, message="It is over")
    writer.add_flow_run_state(row)


def writing(path: Path) -> StoreWriter:
    """Return a writer that does not wait for the disk."""
    writer = StoreWriter(path)
    writer._connection.execute("pragma synchronous = off")
    return writer


def followers() -> list[threading.Thread]:
    """Return the threads that follow runs."""
    return [one for one in threading.enumerate() if one.name.startswith("flowrun-follow")]


def no_followers() -> bool:
    """Whether there are no such threads, after they had time to end."""
    for thread in followers():
        thread.join(JOIN_SECONDS)
    return not followers()
