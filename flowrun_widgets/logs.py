"""The log of a run as users hold it: a sequence of lines over columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple, overload

from flowrun_widgets.log_columns import LogColumns
from flowrun_widgets.times import as_utc

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from pendulum import DateTime

__all__ = ["FlowRunLog", "FlowRunLogs"]

SHOWN_WHOLE = 1000
EDGE = 3
BATCH = 10_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class FlowRunLog(NamedTuple):
    """One log line: when, how grave (20 is INFO; None where the server's word has no number), and what."""

    timestamp: DateTime
    level: int | None
    message: str


class FlowRunLogs(Sequence[FlowRunLog]):
    """The log lines of a flow run, oldest first; lines of one timestamp keep the server's order.

    A read-only sequence that prints and compares like a list of `FlowRunLog`; a line becomes an object when it is
    looked at. A repr of more than 1,000 lines shows the first and the last three. Everything else about a line is a
    column: `to_pandas()`.
    """

    __slots__ = ("_began_at", "_columns", "_running")

    def __init__(
        self,
        columns: LogColumns | None = None,
        *,
        began_at: datetime | None = None,
        running: Mapping[str, Sequence[int]] | None = None,
    ) -> None:
        """Hold lines, and what `where` has to know beyond them.

        `began_at` is in the run's first day, else the first line is; `running` are the microseconds at which each
        task run began to run, by id: attempts are counted from it.
        """
        self._columns = columns if columns is not None else LogColumns()
        self._began_at = began_at
        self._running = running

    @property
    def columns(self) -> LogColumns:
        """The lines as arrow columns, shared and immutable."""
        return self._columns

    def __len__(self) -> int:
        return len(self._columns)

    @overload
    def __getitem__(self, index: int) -> FlowRunLog: ...
    @overload
    def __getitem__(self, index: slice) -> FlowRunLogs: ...
    def __getitem__(self, index: int | slice) -> FlowRunLog | FlowRunLogs:
        if isinstance(index, slice):
            start, stop, step = index.indices(len(self))
            if step == 1:
                return self._of(self._columns.slice(start, max(0, stop - start)))
            table = self._columns.table.take(list(range(start, stop, step)))
            return self._of(LogColumns(table, self._columns.arrived))
        position = range(len(self))[index]
        return next(self._lines(position, 1))

    def __iter__(self) -> Iterator[FlowRunLog]:
        for start in range(0, len(self), BATCH):
            yield from self._lines(start, BATCH)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, FlowRunLogs):
            shown = ["timestamp", "level", "message"]
            return self._columns.table.select(shown).equals(other.columns.table.select(shown))
        if isinstance(other, list | tuple):
            return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))
        return NotImplemented

    def __hash__(self) -> int:
        return hash((len(self), self[0] if len(self) else None, self[-1] if len(self) else None))

    def __repr__(self) -> str:
        if len(self) <= SHOWN_WHOLE:
            shown = [*map(repr, self)]
        else:
            shown = [*map(repr, self[:EDGE]), "…", *map(repr, self[-EDGE:])]
        return "[" + ",\n ".join(shown) + "]"

    def __reduce__(self) -> tuple[Any, ...]:
        return _unpickled, (self._columns, self._began_at, self._running)

    def _lines(self, start: int, count: int) -> Iterator[FlowRunLog]:
        part = self._columns.table.slice(start, count)
        rows = zip(
            part["timestamp"].to_pylist(),
            part["level"].to_pylist(),
            part["message"].to_pylist(),
            strict=True,
        )
        for timestamp, level, message in rows:
            yield FlowRunLog(as_utc(timestamp), level, message)

    def where(self, text: str, tz: str = "UTC") -> FlowRunLogs:
        """Return the lines that fit a filter text, the one that the card takes. Costs no request.

        `level>=warning task:load -logger:boto "connection reset" /timeout \\d+/ time:02:29..02:33`: terms are ANDed,
        values of one key are alternatives, `-` leaves out, case is ignored; `docs/decisions/filter-text.md` has it
        all. A time without a zone is in `tz`, one without a day on the first day of these lines. `attempt` fits no
        line where attempts are not known.

        Raises:
            QuerySyntaxError: the text cannot be read; `position` says where.
            InvalidArgument: no such time zone.
        """
        from flowrun_widgets.query import parse

        table = self._columns.table
        began_at = self._first_moment()
        query = parse(text, tz, began_at or EPOCH)
        if not query:
            return self
        mask = query.mask(self._columns, attempts=self._running)
        columns = LogColumns(table.filter(mask), self._columns.arrived)
        return FlowRunLogs(columns, began_at=began_at, running=self._running)

    def _first_moment(self) -> datetime | None:
        if self._began_at is not None or not len(self):
            return self._began_at
        return self._columns.table["timestamp"][0].as_py()

    def _of(self, columns: LogColumns) -> FlowRunLogs:
        return FlowRunLogs(columns, began_at=self._first_moment(), running=self._running)

    def to_pandas(self) -> pd.DataFrame:
        """Return the lines as a DataFrame, one row a line, oldest first, index from 0. Costs no request.

        Columns, in order: `timestamp` datetime64[us, UTC] · `level` Int16 · `level_name` category ·
        `task` category (label of the task run; missing for the flow's own lines) · `logger` category ·
        `message` str · `task_run_id` category · `seq` int64 (arrival number, names a line for good).
        """
        from flowrun_widgets.frames import logs_frame

        return logs_frame(self._columns)


def _unpickled(
    columns: LogColumns, began_at: datetime | None, running: Mapping[str, Sequence[int]] | None
) -> FlowRunLogs:
    return FlowRunLogs(columns, began_at=began_at, running=running)
