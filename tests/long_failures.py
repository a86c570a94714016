"""Recorded failures with long logs: the lines of the recording stand at a random place among lines that say nothing."""

from __future__ import annotations

import random
from bisect import bisect_left, bisect_right
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any
from uuid import UUID

import flowrun_widgets as fw
from flowrun_widgets.plain_text import plain
from tests.failures.case import case, names
from tests.failures.replay import URL, Replayed, is_wanted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.failures.case import Case

__all__ = ["LongFailure", "LongReplayed", "long_failures"]

NOISE = (
    (20, "Loaded {n} rows of partition day={small} into warehouse.orders in {span:.3f} s"),
    (20, "GET https://api.example.com/v2/items/{n}?page={small} answered 200 in {span:.3f} s"),
    (10, "Cache key {n:08x} of partition {small} is kept for {span:.1f} h"),
    (20, "Committed {n} rows to s3://lake/orders/day={small}/part-{n:05}.parquet"),
)
WARNING = (
    "Partition day={small} took {span:.3f} s for {n} rows, more than the {small} s it may take"
)
ERROR = (
    "Could not reach replica-{small} for batch {n}: refused after {span:.3f} s, will be tried again"
)
WARNINGS, ERRORS = 0.03, 0.01
"""The shares of warnings and errors among the lines that say nothing."""


class LongReplayed(Replayed):
    """Answers quickly about long logs, whose lines are sorted by time."""

    def __init__(self, runs: dict[str, Any]) -> None:
        super().__init__(runs)
        self._times = {
            key: [line["timestamp"].replace("Z", "+00:00") for line in run["logs"]]
            for key, run in runs.items()
        }

    def _page(self, rows: Any, body: Any) -> list[Any]:
        start = body.get("offset", 0)
        return list(islice(rows, start, start + body.get("limit", 200)))

    def _lines(self, body: Any) -> Any:
        wanted = body["logs"]
        [key] = wanted["flow_run_id"]["any_"]
        times, lines = self._times.get(key, []), self.runs[key]["logs"] if key in self.runs else []
        span = wanted.get("timestamp", {})
        first = bisect_left(times, span.get("after_", ""))
        end = bisect_right(times, span.get("before_", "~"))
        places = range(first, end)
        if body.get("sort") == "TIMESTAMP_DESC":
            places = reversed(places)
        return (lines[place] for place in places if is_wanted(lines[place], wanted))


@dataclass(frozen=True)
class LongFailure:
    """A recorded failure whose log is long. `evidence` is the line that reports the failure, as the server has it."""

    case: Case
    evidence: dict[str, Any]
    place: int
    """At which line of the log the recorded lines begin."""

    @contextmanager
    def opened(self) -> Iterator[fw.FlowRunView]:
        """Yield the run over a Prefect 3 server that answers from the case."""
        with fw.connect(URL, transport=LongReplayed(self.case.runs), library=False):
            yield fw.FlowRunView.from_flow_run_id(self.case.flow_run_id)

    def is_in(self, text: str) -> bool:
        """Whether the line is in a text: its time, and the beginning and the end of its message, in one line."""
        message = [part.strip() for part in plain(self.evidence["message"]).split("\n")]
        lines = [part.replace("\t", " ") for part in message if part]
        first, last = lines[0][:60], lines[-1][-60:]
        moment = f"{datetime.fromisoformat(self.evidence['timestamp']):%H:%M:%S.%f}"[:12]
        return any(moment in line and first in line and last in line for line in text.split("\n"))


def long_failures(
    number: int, lines: int, seed: int = 17, *, is_apart: bool = False
) -> Iterator[LongFailure]:
    """Yield so many recorded failures, each with this many lines in the log of the run where it failed.

    With `is_apart` the run fails at the end of its log, and the one line that reports the failure is at a random place.
    """
    chance = random.Random(seed)
    made = 0
    for name in names():
        one = case(name)
        found = _evidence(one)
        if found is None or made == number:
            continue
        run_id, evidence = found
        made += 1
        run = one.runs[run_id]
        place = last = lines - len(run["logs"])
        if not is_apart:
            place = chance.randrange(last)
        logs = _among(run["logs"], run_id, place, lines, chance)
        if is_apart:
            place = chance.randrange(last)
            evidence = {**evidence, "timestamp": logs[place]["timestamp"]}
            logs = [line for line in logs if not _tells(line, one)]
            logs.insert(place, evidence)
        runs = {**one.runs, run_id: {**run, "logs": logs}}
        yield LongFailure(replace(one, runs=runs), evidence, place)


def _evidence(one: Case) -> tuple[str, dict[str, Any]] | None:
    """Return the run in whose log a line reports the failure, and the last such line."""
    if not one.answer.error or one.answer.ended != "failed":
        return None
    for run_id, run in reversed(one.runs.items()):
        told = [line for line in run["logs"] if _tells(line, one)]
        if told and (run_id == one.flow_run_id) is not bool(one.answer.run):
            return run_id, told[-1]
    return None


def _tells(line: dict[str, Any], one: Case) -> bool:
    is_end = line["message"].startswith("Finished in state")
    return line["level"] >= 40 and one.answer.error in line["message"] and not is_end


def _among(
    recorded: list[Any], run_id: str, place: int, lines: int, chance: random.Random
) -> list[Any]:
    """Return the recorded lines with others before and after them, sorted by time."""
    times = sorted(datetime.fromisoformat(line["timestamp"]) for line in recorded)
    before = [times[0] - timedelta(milliseconds=place - n) for n in range(place)]
    rest = lines - place - len(recorded)
    after = [times[-1] + timedelta(milliseconds=n + 1) for n in range(rest)]
    return [
        *(_noise(at, run_id, chance) for at in before),
        *recorded,
        *(_noise(at, run_id, chance) for at in after),
    ]


def _noise(at: datetime, run_id: str, chance: random.Random) -> dict[str, Any]:
    draw = chance.random()
    level, text = NOISE[int(draw * 1000) % len(NOISE)]
    if draw < ERRORS:
        level, text = 40, ERROR
    elif draw < ERRORS + WARNINGS:
        level, text = 30, WARNING
    values = {"n": int(draw * 1e6), "small": int(draw * 1e4) % 31, "span": draw * 9}
    moment = at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return {
        "id": str(UUID(int=chance.getrandbits(128))), "created": moment, "timestamp": moment, "level": level,
        "name": "prefect.flow_runs", "message": text.format(**values), "flow_run_id": run_id, "task_run_id": None,
    }  # fmt: skip
