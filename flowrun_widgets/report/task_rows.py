"""`TaskTable`: task runs as the rows that the page shows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowrun_widgets.analysis.critical import critical_path
from flowrun_widgets.analysis.durations import ended_at, ran_seconds, spans, waited_seconds
from flowrun_widgets.plain_text import shortened
from flowrun_widgets.report import wire
from flowrun_widgets.report.badges import badge
from flowrun_widgets.report.log.rows import counts_by_task
from flowrun_widgets.times import to_micros

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pendulum import DateTime

    from flowrun_widgets.analysis.durations import Span
    from flowrun_widgets.log_columns import LogColumns
    from flowrun_widgets.records import TaskRunRecord
    from flowrun_widgets.states import State

__all__ = [
    "TASK_RUNS",
    "TELLING",
    "URGENCY",
    "WHOLE",
    "TaskTable",
    "dullness",
    "flat_spans",
    "task_runs_part",
    "telling_task_rows",
]

TASK_RUNS = 100
"""How many task runs are sent with the card; the page requests the rest."""
WHOLE, TELLING = 40, 12
"""Up to this many task runs are all shown where no kernel can answer; of more, this many are shown."""
MAX_STATES = 48
"""How many different states are listed."""
MAX_SPANS = 60
"""How many spans of one task run are drawn; if there are more, the first and the last of them."""
MAX_PATH = 1_000
"""How many task runs of the critical path are named, the last ones."""
MAX_NAME_CHARS = 300
"""How many characters of a label are shown."""
URGENCY = (
    "failed", "heldup", "running", "retry", "waiting", "paused", "unknown", "cached", "ended", "done",
)  # fmt: skip
OTHERS = wire.State("", "other states", "unknown", "question", None, None)
KINDS = {kind: number for number, kind in enumerate(wire.SPAN_KINDS)}

StateKey = tuple[type["State"], str]


@dataclass(frozen=True, slots=True)
class TaskTable:
    """Task runs in the order of the table, by start, those that never began last; and their states.

    It depends on the records alone: the same records give the same order and the same numbers of states.
    """

    records: tuple[TaskRunRecord, ...]
    states: tuple[tuple[wire.State, int], ...]
    """The states without message and time, the most urgent first, with the number of task runs in each."""
    numbers: dict[StateKey, int]
    repeated: frozenset[str | None]
    """The slugs that several unmapped task runs share."""

    @classmethod
    def of(cls, records: Iterable[TaskRunRecord]) -> TaskTable:
        """Return the table of these task runs."""
        known = [record for record in records if record.started_at is not None]
        known.sort(key=_started)
        ordered = (*known, *(record for record in records if record.started_at is None))
        keys = [(record.state.__class__, record.state.name) for record in ordered]
        examples = dict(zip(keys, ordered, strict=True))
        found = sorted(
            ((_bare(examples[key].state), number, key) for key, number in Counter(keys).items()),
            key=_by_urgency,
        )
        states = [(state, number) for state, number, _ in found[:MAX_STATES]]
        if rest := found[MAX_STATES:]:
            states.append((OTHERS, sum(number for _, number, _ in rest)))
        slugs = Counter([record.task_slug for record in ordered if record.map_index is None])
        return cls(
            ordered,
            tuple(states),
            {key: min(place, MAX_STATES) for place, (_, _, key) in enumerate(found)},
            frozenset(slug for slug, number in slugs.items() if number > 1),
        )

    def number(self, record: TaskRunRecord) -> int:
        """Return the index in `states` of a task run's state."""
        return self.numbers[record.state.__class__, record.state.name]

    def rows(
        self, logs: LogColumns | None, until: DateTime, start: int, count: int
    ) -> tuple[wire.TaskRow, ...]:
        """Return some rows from index `start`; unfinished spans count up to `until`."""
        begin = max(0, start)
        return self.rows_of(self.records[begin : begin + max(0, count)], logs, until)

    def rows_of(
        self, records: Sequence[TaskRunRecord], logs: LogColumns | None, until: DateTime
    ) -> tuple[wire.TaskRow, ...]:
        """Return the rows of some of its task runs."""
        counts = counts_by_task(logs) if logs is not None and records else {}
        return tuple(self._row(r, counts.get(r.id, (0, 0, 0)), until) for r in records)

    def _row(
        self, record: TaskRunRecord, lines: tuple[int, int, int], until: DateTime
    ) -> wire.TaskRow:
        found = spans(record)
        is_child = record.map_index is not None and record.map_index >= 0
        is_grouped = is_child or record.state.is_mapped() or record.task_slug in self.repeated
        return (
            record.id,
            shortened(record.label, MAX_NAME_CHARS) or "",
            shortened(record.task_name or record.task_slug, MAX_NAME_CHARS) if is_grouped else None,
            record.map_index if is_child else None,
            self.number(record),
            record.attempts,
            _micros(record.started_at),
            _micros(ended_at(record)),
            _rounded(waited_seconds(record, until, found)),
            _rounded(ran_seconds(record, until, found)),
            flat_spans(found),
            *lines,
            record.child_flow_run_id,
        )


def task_runs_part(
    table: TaskTable, logs: LogColumns | None, until: DateTime, *, is_complete: bool = True
) -> wire.TaskRuns:
    """Return the part about task runs that is sent with the card."""
    rows = table.rows(logs, until, 0, TASK_RUNS)
    return wire.TaskRuns(len(table.records), is_complete, table.states, rows, _critical(table))


def telling_task_rows(
    table: TaskTable, logs: LogColumns | None, until: DateTime
) -> tuple[wire.TaskRow, ...]:
    """Return the rows to show without a kernel; of more than 40, 12 that failed, were retried or are running."""
    chosen: Sequence[TaskRunRecord] = table.records
    if len(chosen) > WHOLE:
        families = [state.family for state, _ in table.states]
        ranks = [
            dullness(families[table.number(record)], record.attempts) for record in table.records
        ]
        places = sorted(range(len(ranks)), key=ranks.__getitem__)[:TELLING]
        chosen = [table.records[place] for place in sorted(places)]
    return table.rows_of(chosen, logs, until)


def dullness(family: str, attempts: int) -> int:
    """Return a rank: failed task runs come before retried, held-up and running ones, and the rest."""
    if family in {"failed", "retry"}:
        return 0
    return 1 if attempts > 1 else 2 if family in {"heldup", "running"} else 3


def flat_spans(found: Sequence[Span]) -> tuple[int, ...]:
    """Return spans in their wire form: from, to or 0, number of the kind."""
    if len(found) > MAX_SPANS:
        found = (*found[: MAX_SPANS // 2], *found[-MAX_SPANS // 2 :])
    return tuple(
        number
        for span in found
        for number in (to_micros(span.start), _micros(span.end) or 0, KINDS[span.kind])
    )


def _critical(table: TaskTable) -> wire.Critical | None:
    found = critical_path(table.records)
    if found is None:
        return None
    wanted = set(found.path[-MAX_PATH:])
    places = {r.id: place for place, r in enumerate(table.records) if r.id in wanted}
    return wire.Critical(
        tuple(places[key] for key in found.path[-MAX_PATH:]), found.seconds, found.waited_seconds
    )


def _started(record: TaskRunRecord) -> DateTime:
    assert record.started_at is not None
    return record.started_at


def _bare(state: State) -> wire.State:
    """Return a state without message and time."""
    family, icon, _ = badge(state)
    kind, name = shortened(state.type, MAX_NAME_CHARS), shortened(state.name, MAX_NAME_CHARS)
    return wire.State(kind or "", name or "", family, icon, None, None)


def _by_urgency(found: tuple[wire.State, int, StateKey]) -> tuple[int, int, str, str]:
    state, number, _ = found
    return URGENCY.index(state.family), -number, state.type, state.name


def _micros(moment: DateTime | None) -> int | None:
    return None if moment is None else to_micros(moment)


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 6)
