"""Schedules of runs on a fake Prefect 3 server whose event stream is dropped and refused at random."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import flowrun_widgets as fw
from flowrun_widgets.live.watch import watch
from tests.stores import BEGIN
from tests.unit.following import Schedule, TurnedClock

from .fake import RUN, URL, FakePrefect, line, stamp, state
from .fake_events import FakeEvents

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

__all__ = ["AnnouncedClock", "Announcement", "followed"]

CONNECT_SECONDS = 0.5
RING_SECONDS = 5.0


class AnnouncedClock(TurnedClock):
    """A turned clock that lets a socket connect, and that waits until what was announced is heard."""

    events_of: FakeEvents
    rings = 0

    def wait(self, changed: threading.Condition, seconds: float) -> None:
        if self.events_of.status == 101 and not self.events_of.is_open() and len(self.waits) > 2:
            changed.wait(CONNECT_SECONDS / 100)
        self.waits.append(seconds)
        until = self.seconds + seconds
        while self.events and self.events[0][0] <= until:
            self.seconds, happen = self.events.pop(0)
            if happen() and changed.wait(RING_SECONDS):
                self.rings += 1
                return
        self.seconds = until


class Announcement(Schedule):
    """A schedule whose states are announced, if a socket is open: it is dropped and refused at random."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        chance = random.Random(seed + 1_000_000)
        self.fake = FakePrefect()
        self.fake.state = _state("RUNNING", "Running")
        self.events = FakeEvents()
        self.events.serve(self.fake)
        self.interruptions = [
            (
                chance.uniform(0, self.ends_at + 10),
                chance.choice(["drop", "drop", "refuse", "allow"]),
            )
            for _ in range(chance.randint(1, 12))
        ]
        self.announced_at = [chance.uniform(0, self.ends_at) for _ in range(chance.randint(0, 8))]

    def announced_clock(self) -> AnnouncedClock:
        """Return a clock by which lines arrive, states change and sockets are dropped."""
        events: list[tuple[float, Callable[[], Any]]] = [
            (at, self._arriving(at, rows)) for at, rows in self.batches
        ]
        events += [(at, self._interrupting(what)) for at, what in self.interruptions]
        events += [(at, lambda: self._entering("RUNNING", "Running")) for at in self.announced_at]
        events.append((self.ends_at, lambda: self._entering("COMPLETED", "Completed")))
        clock = AnnouncedClock(
            sorted(events, key=lambda event: event[0]), began_at=datetime.fromisoformat(BEGIN)
        )
        clock.events_of = self.events
        return clock

    def _arriving(self, at: float, rows: list[Any]) -> Callable[[], None]:
        arrived = stamp(datetime.fromisoformat(BEGIN).astimezone(UTC) + timedelta(seconds=at))
        lines = [
            {
                **line(0, datetime.fromisoformat(row["timestamp"]).astimezone(UTC)),
                "id": row["id"],
                "message": row["message"],
                "created": arrived,
            }
            for row in rows
        ]
        return lambda: self.fake.lines.extend(lines)

    def _interrupting(self, what: str) -> Callable[[], None]:
        def interrupt() -> None:
            self.events.status = 403 if what == "refuse" else 101
            if what != "allow":
                self.events.drop()

        return interrupt

    def _entering(self, kind: str, name: str) -> bool:
        self.fake.state = _state(kind, name)
        return self.events.announce(RUN, f"prefect.flow-run.{name}")


def _state(kind: str, name: str) -> dict[str, Any]:
    return state(kind, name, id=str(uuid4()))


def followed(schedule: Announcement) -> tuple[list[str], AnnouncedClock]:
    """Return the messages that came as new, in their order, and the clock; what is read anew has to be the same."""
    clock = schedule.announced_clock()
    seen: list[str] = []
    known = 0
    with fw.connect(URL, transport=schedule.fake, library=False):
        run = fw.FlowRunView.from_flow_run_id(RUN)
        for snapshot in watch(run, clock=clock, chance=lambda: 0.5):
            columns = snapshot.get_logs().columns
            table = columns.table.select(["seq", "message"]).to_pydict()
            rows = zip(table["seq"], table["message"], strict=True)
            seen += [message for seq, message in rows if seq >= known]
            known = columns.arrived
        assert not clock.events
        assert snapshot.state.is_successful()
        full = [one.message for one in fw.FlowRunView.from_flow_run_id(RUN).get_logs()]
        assert full == table["message"]
    return seen, clock
