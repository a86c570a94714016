"""The recorded runs of this package, and their replay into a store."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import resources
from itertools import groupby
from typing import TYPE_CHECKING, Any

from flowrun_widgets.times import isoformat, parse_time

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pendulum import DateTime

    from flowrun_widgets.store.writer import StoreWriter

__all__ = ["NAMES", "Recording", "Replay", "recording"]

NAMES = ("mapped-success", "failed-with-retries", "cancelled-in-part", "live-demo")
TIMES = frozenset(
    {
        "created", "updated", "timestamp", "start_time", "end_time", "heartbeat", "scheduled_start_time",
        "state_timestamp", "state_start_time",
    }
)  # fmt: skip
WRITTEN_FIRST = ("tenant", "project", "flow_group", "flow", "task", "edge")
REPLAYED = ("flow_run", "task_run", "flow_run_state", "task_run_state", "log")
FROM_STATES = frozenset(
    {
        "state", "serialized_state", "state_message", "state_result", "state_timestamp", "state_start_time",
        "start_time", "end_time", "heartbeat",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Recording:
    """One flow run that really ran: rows of Prefect 1's tables, as its server prints them."""

    flow_run_id: str
    description: str
    tables: dict[str, list[dict[str, Any]]]

    def write(self, writer: StoreWriter) -> None:
        """Write the whole run into a store."""
        writer.add(self.tables)


def recording(name: str) -> Recording:
    """Return the recorded run with this name, one of `NAMES`."""
    file = resources.files("flowrun_widgets.recordings").joinpath(f"{name}.json")
    content = json.loads(file.read_text("utf-8"))
    about = content["about"]
    return Recording(about["flow_run_id"], about["description"], content["tables"])


class Replay:
    """The replay of a recorded run: its rows are written in order, at their original pace, shifted to `start`.

    Nothing here waits: `advance` writes what is due that many seconds after the start.
    """

    def __init__(self, recorded: Recording, writer: StoreWriter, start: DateTime) -> None:
        self._writer = writer
        run = recorded.tables["flow_run"][0]
        self._origin = _moment(run["created"])
        self._shift = start - self._origin
        first = {
            table: [self._shifted(row) for row in recorded.tables[table]] for table in WRITTEN_FIRST
        }
        writer.add(first)
        events = sorted(
            (
                (_moment(row["created"]), REPLAYED.index(table), row)
                for table in REPLAYED
                for row in recorded.tables[table]
            ),
            key=lambda event: event[:2],
        )
        self._events: Iterator[tuple[float, list[tuple[int, dict[str, Any]]]]] = iter(
            [
                ((moment - self._origin).total_seconds(), [(table, row) for _, table, row in group])
                for moment, group in groupby(events, key=lambda event: event[0])
            ]
        )
        self._due = next(self._events, None)

    @property
    def next_at(self) -> float | None:
        """Seconds after the start at which the next rows are due; None when all are written."""
        return None if self._due is None else self._due[0]

    def advance(self, seconds: float) -> None:
        """Write everything that is due up to `seconds` after the start."""
        while self._due is not None and self._due[0] <= seconds:
            for table, row in self._due[1]:
                self._write(REPLAYED[table], row)
            self._due = next(self._events, None)

    def _write(self, table: str, row: dict[str, Any]) -> None:
        shifted = self._shifted(row)
        if table == "flow_run_state":
            self._writer.add_flow_run_state(shifted)
        elif table == "task_run_state":
            self._writer.add_task_run_state(shifted)
        elif table in {"flow_run", "task_run"}:
            fresh = {key: value for key, value in shifted.items() if key not in FROM_STATES}
            self._writer.add({table: [{**fresh, "version": 0, "updated": shifted["created"]}]})
        else:
            self._writer.add({table: [shifted]})

    def _shifted(self, row: dict[str, Any]) -> dict[str, Any]:
        return {key: self._shift_value(key, value) for key, value in row.items()}

    def _shift_value(self, key: str, value: Any) -> Any:
        if key in TIMES and isinstance(value, str):
            return isoformat(_moment(value) + self._shift)
        if key == "serialized_state" and isinstance(value, dict):
            return self._shifted(value)
        return value


def _moment(text: str) -> DateTime:
    moment = parse_time(text)
    assert moment is not None
    return moment
