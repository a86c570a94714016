"""`Lines`: the log of one snapshot for queries, with arrays that are built once, on first use."""

from __future__ import annotations

from collections import Counter, OrderedDict
from threading import RLock
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np
import pyarrow as pa

from flowrun_widgets.analysis.templates import template_ids
from flowrun_widgets.arrow import pc
from flowrun_widgets.forks import unlocked_in_child
from flowrun_widgets.lazy import lazy
from flowrun_widgets.query import running_times
from flowrun_widgets.query.match import COLUMNS
from flowrun_widgets.report.log.attempt_dividers import Retries
from flowrun_widgets.times import EPOCH

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from flowrun_widgets.analysis.templates import TemplateIds
    from flowrun_widgets.log_columns import LogColumns
    from flowrun_widgets.query.terms import NameKey
    from flowrun_widgets.records import TaskRunRecord
    from flowrun_widgets.report.wire import LogQuery

__all__ = ["Lines", "Recent"]

ERROR, WARNING = 40, 30
UNKNOWN = -1
K = TypeVar("K")
V = TypeVar("V")


class Recent(Generic[K, V]):
    """A cache of the `most` most recently used values."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = unlocked_in_child(RLock())
        self._values: OrderedDict[K, V] = OrderedDict()

    def get(self, key: K) -> V | None:
        """Return the value of a key, if it is still cached."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
            return self._values.get(key)

    def put(self, key: K, value: V) -> V:
        """Store a value and return it; the least recently used value is dropped."""
        with self._lock:
            self._values[key] = value
            self._values.move_to_end(key)
            if len(self._values) > self._most:
                self._values.popitem(last=False)
        return value

    def made(self, key: K, make: Callable[[], V]) -> V:
        """Return the value of a key; create it if it is not cached."""
        found = self.get(key)
        return self.put(key, make()) if found is None else found


def repeating(table: pa.Table, positions: NDArray[Any]) -> NDArray[Any]:
    """Return the positions, all above 0, whose line repeats the line before it."""
    message = table["message"]
    if message.null_count:
        message = pc.fill_null(message, "")
    is_every = len(positions) == len(table) - 1
    later = message[1:] if is_every else message.take(positions)
    earlier = message[:-1] if is_every else message.take(positions - 1)
    found = positions[pc.equal(later, earlier).to_numpy()]
    names = table.select(["level", "level_name", "task", "logger"]).unify_dictionaries()
    for name in names.column_names:
        if not len(found):
            break
        later, earlier = (
            _codes(names[name].take(at).combine_chunks()) for at in (found, found - 1)
        )
        found = found[later == earlier]
    return found


def _codes(column: pa.Array) -> NDArray[Any]:
    values = column.indices if isinstance(column, pa.DictionaryArray) else column
    return pc.fill_null(values.cast(pa.int64()), -(2**40)).to_numpy()


class Lines:
    """The lines of a snapshot by position, with the other data that filter texts need."""

    def __init__(
        self,
        columns: LogColumns,
        *,
        began_at: datetime | None = None,
        task_runs: Sequence[TaskRunRecord] | None = None,
        idle: Sequence[tuple[int, int]] = (),
        numbered: int | None = None,
        missing_before: Sequence[int] = (),
    ) -> None:
        """Hold columns; `idle` are the stretches of time, in microseconds, that the time axis folds.

        In an incomplete log, the first `numbered` lines are from the start of the log, and lines are missing before
        those at `missing_before`.
        """
        self.columns = columns
        self.numbered = len(columns) if numbered is None else numbered
        self.missing_before = tuple(missing_before)
        self.task_runs = task_runs
        self.idle = tuple(idle)
        self._began_at = began_at
        self.hits: Recent[str, Any] = Recent(8)
        """The lines that match a text, by the text's canonical form."""
        self.views: Recent[LogQuery, Any] = Recent(8)
        """The results of the most recent queries."""
        self._names: Recent[str, dict[str | None, int]] = Recent(3)

    def __len__(self) -> int:
        return len(self.columns)

    @property
    def first_day(self) -> datetime:
        """The moment whose day a clock time without a date means, as in `FlowRunLogs.where`."""
        if self._began_at is not None:
            return self._began_at
        return self.columns.table["timestamp"][0].as_py() if len(self) else EPOCH

    @lazy
    def running(self) -> Mapping[str, Sequence[int]] | None:
        """When each task run began to run; None if unknown."""
        return None if self.task_runs is None else running_times(self.task_runs)

    @lazy
    def retries(self) -> Retries:
        """Where attempts after the first begin."""
        return Retries.of(self.columns, self.task_runs or ())

    @lazy
    def times(self) -> NDArray[Any]:
        """Microseconds since 1970, ascending."""
        return pc.cast(self.columns.table["timestamp"], "int64").to_numpy()

    @lazy
    def levels(self) -> NDArray[Any]:
        """The levels; -1 if unknown."""
        return pc.fill_null(self.columns.table["level"], UNKNOWN).to_numpy()

    @lazy
    def seqs(self) -> NDArray[Any]:
        """The arrival numbers."""
        return self.columns.table["seq"].to_numpy()

    @lazy
    def errors(self) -> NDArray[Any]:
        """The positions of lines of level error and above."""
        return np.flatnonzero(self.levels >= ERROR)

    @lazy
    def warnings(self) -> NDArray[Any]:
        """The positions of lines from level warning to below error."""
        return np.flatnonzero((self.levels >= WARNING) & (self.levels < ERROR))

    @lazy
    def sent_twice(self) -> int:
        """How many lines repeat the line before them at the very same time."""
        same = np.flatnonzero(self.times[1:] == self.times[:-1]) + 1
        return len(repeating(self.columns.table, same)) if len(same) else 0

    @lazy
    def templates(self) -> TemplateIds:
        """The patterns of the log, and which of them each line has."""
        return template_ids(self.columns)

    def width(self, key: NameKey) -> int:
        """Return the length of the longest name, in characters."""
        return max((len(name) for name in self.names(key) or () if name), default=0)

    @lazy
    def level_counts(self) -> dict[int, int]:
        """The number of lines of each known level."""
        counts = np.bincount(self.levels[self.levels >= 0].astype(np.int64))
        return {level: int(counts[level]) for level in np.flatnonzero(counts).tolist()}

    def names(self, key: NameKey) -> dict[str | None, int] | None:
        """Return how many lines each task, logger or run has, most lines first; None is the key of those without one.

        Return None if these lines do not have the column.
        """
        if COLUMNS[key] not in self.columns.table.column_names:
            return None
        return self._names.made(key, lambda: self._counted(COLUMNS[key]))

    def _counted(self, column: str) -> dict[str | None, int]:
        counts: Counter[str | None] = Counter()
        for chunk in self.columns.table[column].chunks:
            names = [*chunk.dictionary.to_pylist(), None]
            index = pc.fill_null(chunk.indices, len(names) - 1).to_numpy(zero_copy_only=False)
            found = np.bincount(index, minlength=len(names))
            for place in np.flatnonzero(found).tolist():
                counts[names[place]] += int(found[place])
        return dict(counts.most_common())

    def position_of(self, seq: int) -> int | None:
        """Return the position of the line with this arrival number, or None if there is none."""
        if self._is_in_order:
            return seq if 0 <= seq < len(self) else None
        order = self._by_seq
        at = int(np.searchsorted(self.seqs, seq, sorter=order))
        return int(order[at]) if at < len(order) and self.seqs[order[at]] == seq else None

    def seq_of_same(self, other: Lines, seq: int) -> int | None:
        """Return the arrival number of the line that has `seq` in `other`, a separate read of the same log."""
        position = other.position_of(seq)
        if position is None:
            return None
        wanted = other.columns.table["id"][position]
        found = pc.index(self.columns.table["id"], wanted).as_py() if wanted.is_valid else -1
        return None if found < 0 else int(self.seqs[found])

    def seqs_of_same(self, other: Lines) -> tuple[tuple[int, int], ...]:
        """Return the arrival numbers, in `other` and here, of each line that both have."""
        ids, theirs = self.columns.table["id"], other.columns.table["id"]
        known = {
            one: seq
            for one, seq in zip(theirs.to_pylist(), other.seqs.tolist(), strict=True)
            if one
        }
        if not known:
            return ()
        found = np.flatnonzero(pc.is_in(ids, value_set=pa.array(known, ids.type)).to_numpy())
        same = zip(ids.take(found).to_pylist(), self.seqs[found].tolist(), strict=True)
        return tuple((known[one], seq) for one, seq in same)

    def first_from(self, micros: int) -> int:
        """Return the position of the first line at or after a time, else of the last line."""
        return max(0, min(int(np.searchsorted(self.times, micros)), len(self) - 1))

    @lazy
    def _is_in_order(self) -> bool:
        return bool(np.array_equal(self.seqs, np.arange(len(self))))

    @lazy
    def _by_seq(self) -> NDArray[Any]:
        return np.argsort(self.seqs, kind="stable")
