"""`FailureSorter`: sorts failed runs by cause, from their state messages and the error lines of a few of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from flowrun_widgets.analysis.durations import ended_at
from flowrun_widgets.analysis.engine_words import is_of_end, is_of_engine, said_of
from flowrun_widgets.analysis.evidence import evidence_of
from flowrun_widgets.analysis.fingerprint import Fingerprint, fingerprints_of, merged, places_of
from flowrun_widgets.analysis.traceback_text import key_of, parse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pendulum import DateTime

    from flowrun_widgets.analysis.traceback_text import Frame, ParsedTraceback
    from flowrun_widgets.log_columns import LogColumns
    from flowrun_widgets.records import FlowRunRecord

__all__ = ["FailureCause", "FailureSorter", "failed_at"]

SAMPLES = 8
"""How many runs of a cluster are read; if they agree, the others are taken to have the same cause."""
MAX_READ = 200
"""How many runs are read in one round, of which there are two."""
MAX_LINES, MAX_MESSAGE_CHARS = 60, 50_000
"""How many of the last error lines of a run are examined, and how many characters at the end of each."""


@dataclass(frozen=True, slots=True)
class FailureCause:
    """Failed runs with one cause. The members are positions in the list of runs, in its order."""

    fingerprint: Fingerprint
    members: tuple[int, ...]
    read: tuple[int, ...]
    """The members whose error lines were read."""
    assumed: int
    """How many members were not read and are taken to be like those of their flow and message that were."""


class Cluster(NamedTuple):
    """Failed runs of one flow whose messages have one pattern that does not say enough."""

    flow: str
    fingerprint: Fingerprint
    members: list[int]


class Raised(NamedTuple):
    """The error of a run as its lines tell it, and the frames where it was raised."""

    error: str
    frames: tuple[Frame, ...]


class FailureSorter:
    """Sorts failed runs by cause. The records and the lines are those without secrets.

    `wanted` says which runs are to be read next; `learn` takes their error lines; `causes` is the result so far.
    """

    def __init__(self, records: Sequence[FlowRunRecord]) -> None:
        self._records = records
        self._said = [_without_name(said_of(one.state), one.name) for one in records]
        self._own = fingerprints_of(self._said)
        self._learnt: dict[int, Fingerprint | None] = {}
        clusters: dict[tuple[str, str], Cluster] = {}
        for place, fingerprint in enumerate(self._own):
            if not fingerprint.says_enough:
                flow = records[place].flow_name or ""
                cluster = clusters.setdefault(
                    (flow, fingerprint.id), Cluster(flow, fingerprint, [])
                )
                cluster.members.append(place)
        self._clusters = sorted(clusters.values(), key=lambda one: -len(one.members))

    @property
    def wanted(self) -> list[int]:
        """The positions of the runs whose error lines are needed next, at most 200; empty if no more are needed.

        First some runs of each cluster, spread over time; then the rest of the clusters in which these disagree.
        """
        lists = [
            [place for place in self._due(cluster) if place not in self._learnt]
            for cluster in self._clusters
        ]
        chosen: list[int] = []
        for turn in range(max(map(len, lists), default=0)):  # one of each cluster, then the next
            chosen += [one[turn] for one in lists if turn < len(one)]
        return sorted(chosen[:MAX_READ])

    def learn(self, lines: Mapping[int, LogColumns]) -> None:
        """Take the error lines of runs, by position."""
        found: dict[int, Raised] = {}
        for place, columns in lines.items():
            self._learnt[place] = None
            record, said = self._records[place], self._said[place]
            has_own = self._own[place].exception is not None
            raised = (_place_of if has_own else _first_failure)(record, said, columns)
            if raised is not None:
                found[place] = Raised(_without_name(raised.error, record.name), raised.frames)
        known = fingerprints_of([raised.error for raised in found.values()])
        for (place, raised), fingerprint in zip(found.items(), known, strict=True):
            if fingerprint.says_enough:
                self._learnt[place] = fingerprint
            elif fingerprint.exception is not None and (places := places_of(raised.frames)):
                self._learnt[place] = replace(fingerprint, places=places)

    def causes(self) -> list[FailureCause]:
        """Return the causes, the most frequent first, then the one that was seen last."""
        known = [*self._own]
        assumed: set[int] = set()
        for cluster in self._clusters:
            agreed, own = self._agreed(cluster), _of_flow(cluster.fingerprint, cluster.flow)
            for place in cluster.members:
                known[place] = self._learnt.get(place, agreed) or own
                if agreed is not None and place not in self._learnt:
                    assumed.add(place)
        common = merged(Counter(known))
        found: dict[str, tuple[Fingerprint, list[int]]] = {}
        for place, fingerprint in enumerate(known):
            under = common[fingerprint]
            found.setdefault(under.id, (under, []))[1].append(place)
        causes = [
            FailureCause(
                fingerprint,
                tuple(members),
                tuple(place for place in members if place in self._learnt),
                len(assumed & {*members}),
            )
            for fingerprint, members in found.values()
        ]
        last = {one: max(self._seen(place) for place in one.members) for one in causes}
        return sorted(causes, key=lambda one: (-len(one.members), -last[one]))

    def _due(self, cluster: Cluster) -> list[int]:
        read = [place for place in cluster.members if place in self._learnt]
        if not read:
            return _spread(cluster.members, SAMPLES)
        return [] if self._agreed(cluster) or not self._told(cluster) else cluster.members

    def _told(self, cluster: Cluster) -> set[str]:
        """Return the ids of the fingerprints that the lines of a cluster's runs told."""
        found = (self._learnt.get(place) for place in cluster.members)
        return {one.id for one in found if one is not None}

    def _agreed(self, cluster: Cluster) -> Fingerprint | None:
        """Return the fingerprint of all runs of a cluster that were read; None if they differ or tell nothing."""
        read = [self._learnt[place] for place in cluster.members if place in self._learnt]
        if not read or len({one and one.id for one in read}) > 1:
            return None
        return read[0]

    def _seen(self, place: int) -> float:
        moment = failed_at(self._records[place])
        return moment.timestamp() if moment is not None else 0.0


def failed_at(record: FlowRunRecord) -> DateTime | None:
    """Return when a run failed, or else when it began."""
    return ended_at(record) or record.state.timestamp or record.started_at


def _spread(members: list[int], number: int) -> list[int]:
    """Return so many members, evenly spread: the list is sorted by time."""
    if len(members) <= number:
        return members
    return [members[round(at)] for at in np.linspace(0, len(members) - 1, number)]


def _of_flow(fingerprint: Fingerprint, flow: str) -> Fingerprint:
    """Return the fingerprint of a message that says too little, which counts only within one flow."""
    return replace(fingerprint, places=(f"flow {flow}",)) if flow else fingerprint


def _without_name(said: str, name: str | None) -> str:
    """Return an error without the name of the run."""
    return said.replace(name, "…") if name and len(name) > 3 else said


def _place_of(record: FlowRunRecord, said: str, lines: LogColumns) -> Raised | None:
    """Return where the exception of the state's message was raised: by the flow, or by one of its task runs."""
    own = evidence_of(record.state, lines, None)
    if own.has_traceback:
        return Raised(said, own.frames or tuple(f for cause in own.causes for f in cause.frames))
    for _, _, traceback in reversed(_tracebacks(lines, said)):
        if key_of(traceback.error) == key_of(said):
            return Raised(said, traceback.own_frames())
    return None


def _first_failure(record: FlowRunRecord, said: str, lines: LogColumns) -> Raised | None:
    """Return the error of the first task run that failed in the end, or else of the last line that names one."""
    found = _tracebacks(lines, "")
    of_tasks: dict[str, tuple[int, ParsedTraceback]] = {
        task: (at, traceback) for at, task, traceback in found if task
    }
    own = [(at, traceback) for at, task, traceback in found if not task]
    if of_tasks or own:
        _, first = min(of_tasks.values() or own, key=lambda one: one[0])
        return Raised(first.error, first.own_frames())
    messages = [one or "" for one in lines.table["message"].to_pylist()[-MAX_LINES:]]
    told = [one for one in messages if one.strip() and not is_of_end(one)]
    return Raised(told[-1], ()) if told else None


def _tracebacks(lines: LogColumns, said: str) -> list[tuple[int, str, ParsedTraceback]]:
    """Return the tracebacks of a run's last error lines: time, task run, traceback; those of engines if there are any."""
    table = lines.table.select(["timestamp", "task_run_id", "message"])
    table = table.slice(max(0, len(table) - MAX_LINES))
    times = table["timestamp"].cast("int64").to_pylist()
    found: list[tuple[int, str, ParsedTraceback]] = []
    of_engine: list[tuple[int, str, ParsedTraceback]] = []
    for at, task, message in zip(
        times, table["task_run_id"].to_pylist(), table["message"].to_pylist(), strict=True
    ):
        text = (message or "")[-MAX_MESSAGE_CHARS:]
        if "Traceback (most recent" in text and (traceback := parse(text, said)) is not None:
            found.append((at, task or "", traceback))
            if is_of_engine(message):
                of_engine.append(found[-1])
    return of_engine or found
