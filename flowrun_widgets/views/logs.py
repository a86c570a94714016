"""`FlowRunLogs`: the log of a run, as a sequence of lines over Arrow columns."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple, overload

import pyarrow as pa
from pendulum import DateTime

from flowrun_widgets.arrow import true_positions
from flowrun_widgets.lazy import LazyModule
from flowrun_widgets.log_columns import LogColumns
from flowrun_widgets.redaction import DEFAULT, Redaction
from flowrun_widgets.redaction.columns import redacted_columns
from flowrun_widgets.redaction.records import redacted_text
from flowrun_widgets.report.texts import MARKDOWN_TYPE, PLAIN_TYPE, HasTexts
from flowrun_widgets.times import as_utc

if TYPE_CHECKING:
    import pandas as pd
else:
    pd = LazyModule("pandas")

__all__ = ["FlowRunLog", "FlowRunLogs"]

SHOWN_WHOLE = 1000
EDGE = 3
BATCH = 10_000
SHARED = ("timestamp", "level", "level_name", "task", "logger", "message", "task_run_id", "seq")
"""The columns of a log line in tables for other tools."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class FlowRunLog(NamedTuple):
    """One log line: time, level (20 is INFO; None if the server's name of the level has no number) and message."""

    timestamp: DateTime
    level: int | None
    message: str


if TYPE_CHECKING:
    _Lines = Sequence[FlowRunLog]
else:

    class _Lines:
        """The methods of a sequence, without registering as one: polars turns a registered one into three columns."""

        __slots__ = ()
        __contains__, __reversed__ = Sequence.__contains__, Sequence.__reversed__
        index, count = Sequence.index, Sequence.count


class FlowRunLogs(_Lines, HasTexts):
    """The log lines of a flow run, oldest first; lines of one timestamp keep the server's order.

    A read-only sequence that compares like a list of `FlowRunLog` and has the repr of one; a line becomes an object
    only when it is accessed. The repr of more than 1,000 lines shows the first and the last three. `print()` shows the
    lines as readable text, and a notebook shows the most relevant lines, with their numbers in the whole log. All other
    data of a line is in the columns of `to_pandas()`.
    """

    __slots__ = ("_began_at", "_columns", "_hint", "_numbers", "_redaction", "_running")

    def __init__(
        self,
        columns: LogColumns | None = None,
        *,
        began_at: datetime | None = None,
        running: Mapping[str, Sequence[int]] | None = None,
        redaction: Redaction | None = DEFAULT,
        numbers: Sequence[int] | None = None,
    ) -> None:
        """Hold lines, and what `where` needs in addition.

        `began_at` sets the run's first day; without it, the first line does. `running` holds the times, in
        microseconds, at which each task run began to run, by id; attempts are counted from it. `redaction` says what is
        removed before the lines are displayed. `numbers` are the positions of the lines in the log that they were
        selected from, counted from 0; None means that they are the whole log.
        """
        self._columns = columns if columns is not None else LogColumns()
        self._began_at = began_at
        self._running = running
        self._redaction = redaction
        self._numbers = numbers
        self._hint: str | None = None

    @property
    def columns(self) -> LogColumns:
        """The lines as Arrow columns, shared and immutable."""
        return self._columns

    @property
    def redaction(self) -> Redaction | None:
        """The rules by which secrets are removed before the lines are displayed; None removes nothing."""
        return self._redaction

    @property
    def numbers(self) -> Sequence[int] | None:
        """The positions of the lines in the log they were selected from, from 0; None if they are the whole log."""
        return self._numbers

    @property
    def hint(self) -> str | None:
        """If a `where` found nothing, a sentence about a name in its text that no line has; otherwise None."""
        return self._hint

    def __len__(self) -> int:
        return len(self._columns)

    @overload
    def __getitem__(self, index: int) -> FlowRunLog: ...
    @overload
    def __getitem__(self, index: slice) -> FlowRunLogs: ...
    def __getitem__(self, index: int | slice) -> FlowRunLog | FlowRunLogs:
        if isinstance(index, slice):
            start, stop, step = index.indices(len(self))
            chosen = range(start, max(start, stop) if step > 0 else stop, step)
            if step == 1:
                return self._of(self._columns.slice(start, len(chosen)), chosen)
            table = self._columns.table.take(list(chosen))
            return self._of(LogColumns(table, self._columns.arrived), chosen)
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

    def __str__(self) -> str:
        from flowrun_widgets.report.log_text import log_text

        if len(self) <= SHOWN_WHOLE:
            return "\n".join(log_text(self._columns))
        first, last = self[:EDGE], self[-EDGE:]
        left_out = f"… {len(self) - 2 * EDGE:,} lines left out …"
        return "\n".join([*log_text(first.columns), left_out, *log_text(last.columns)])

    def __reduce__(self) -> tuple[Any, ...]:
        return _unpickled, (
            self._columns, self._began_at, self._running, self._redaction, self._numbers,
        )  # fmt: skip

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        from flowrun_widgets.report.html.logs_html import logs_html

        columns, redacted = self._without_secrets()
        hint = self._hint
        if hint is not None and self._redaction is not None:
            hint = redacted_text(hint, self._redaction)
        return {
            "text/html": logs_html(columns, redacted, hint, self._numbers),
            **self._texts_of(columns),
        }

    def _texts(self) -> dict[str, str]:
        return self._texts_of(self._without_secrets()[0])

    def _texts_of(self, columns: LogColumns) -> dict[str, str]:
        from flowrun_widgets.report.markup import MARKDOWN
        from flowrun_widgets.report.telling import log_telling, log_text_or_repr

        whole = repr(self if columns is self._columns else FlowRunLogs(columns))
        return {
            PLAIN_TYPE: log_text_or_repr(columns, whole, self._numbers),
            MARKDOWN_TYPE: log_telling(columns, self._numbers, markup=MARKDOWN),
        }

    def _without_secrets(self) -> tuple[LogColumns, int]:
        """Return the lines as they may be shown, and how many values were removed."""
        if self._redaction is None:
            return self._columns, 0
        clean = redacted_columns(self._columns, self._redaction)
        return clean.value, clean.count

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
        """Return the lines that match a filter text, in the card's filter syntax. Costs no request.

        `level>=warning task:load -logger:boto "connection reset" /timeout \\d+/ time:02:29..02:33`: terms are ANDed,
        values of one key are alternatives, `-` excludes, case is ignored; `docs/decisions/filter-text.md` describes the
        whole syntax. A time without a zone is in `tz`, a time without a day is on the first day of these lines.
        `attempt` matches no line if attempts are not known.

        Raises:
            QuerySyntaxError: the text cannot be parsed; `position` says where.
            InvalidArgument: no such time zone.
        """
        from flowrun_widgets.query import parse, suggest

        table = self._columns.table
        began_at = self._first_moment()
        query = parse(text, tz, began_at or EPOCH)
        if not query:
            return self
        mask = query.mask(self._columns, attempts=self._running)
        chosen = true_positions(mask).to_pylist()
        found = self._of(LogColumns(table.filter(mask), self._columns.arrived), chosen)
        if not len(found):
            found._hint = suggest(query, self._columns)
        return found

    def _first_moment(self) -> datetime | None:
        if self._began_at is not None or not len(self):
            return self._began_at
        return self._columns.table["timestamp"][0].as_py()

    def _of(self, columns: LogColumns, chosen: Sequence[int]) -> FlowRunLogs:
        """Return the lines at these positions."""
        known = self._numbers
        return FlowRunLogs(
            columns,
            began_at=self._first_moment(),
            running=self._running,
            redaction=self._redaction,
            numbers=chosen if known is None else [known[place] for place in chosen],
        )

    def to_pandas(self) -> pd.DataFrame:
        """Return the lines as a DataFrame, one row per line, oldest first, index from 0. Costs no request.

        Columns, in order: `timestamp` datetime64[us, UTC] · `level` Int16 · `level_name` category · `task` category
        (label of the task run; missing for the flow's own lines) · `logger` category · `message` str · `task_run_id`
        category · `seq` int64 (arrival number, which identifies a line permanently).
        """
        from flowrun_widgets.report.frames import logs_frame

        return logs_frame(self._columns)

    def to_arrow(self) -> pa.Table:
        """Return the lines as an Arrow table with the columns of `to_pandas()`. Costs no request, and copies no text.

        Other tools accept a log directly, through Arrow's PyCapsule interface: `pa.table(logs)`,
        `polars.from_arrow(logs)`, `polars.DataFrame(logs)`, `duckdb.sql("from logs")`.
        """
        table = self._columns.table
        more = [name for name in ("flow_run",) if name in table.column_names]
        return table.select([*SHARED, *more]).unify_dictionaries()

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.to_arrow().__arrow_c_stream__(requested_schema)

    def templates(self, most: int = 1_000) -> pd.DataFrame:
        """Return the lines grouped by their pattern, one row per pattern, the most frequent first. Costs no request.

        Columns, in order: `pattern` str (`Loaded <int> rows in <float> s`) · `count` int64 · `first_at` and `last_at`
        datetime64[us, UTC] · `level` Int16 (the most severe) · `example` str (the first message, whole).

        A pattern describes a message's first line. Its slots are `<int>`, `<float>`, `<hex>`, `<uuid>`, `<ip>`,
        `<version>`, `<time>` (ISO 8601 with a clock time), `<path>` (absolute) and `<url>`. `<word>` is what varies
        otherwise: host names, ids with letters, and words of which at least 12 stand at the same place in these logs
        (20 at the start of a line, 3 after `=` or a word like "user"). Other words are kept, and so are states, levels,
        names of exceptions, and lines in which Prefect quotes a name. `\\<…>` stands for text that looks like a slot. A
        pattern is cut after 300 characters and then ends in `…`. `extract` accepts it.

        Only the `most` most frequent patterns are returned; `len(logs) - frame["count"].sum()` lines have other
        patterns.

        Raises:
            InvalidArgument: `most` is not a whole number above zero.
        """
        from flowrun_widgets.analysis.templates import templates
        from flowrun_widgets.report.frames import templates_frame

        found = templates(self._columns, most)
        return templates_frame(
            [(t.pattern, t.count, t.first_at, t.last_at, t.level, t.example) for t in found]
        )

    def extract(self, pattern: str) -> pd.DataFrame:
        """Return the values in the slots of a pattern, one row per matching line, index from 0. Costs no request.

        `logs.extract("rows=<int> in <float>s").plot(x="timestamp", y="rows")`

        Columns, in order: `timestamp` datetime64[us, UTC] · one for each slot · `task` category · `level` Int16 · `seq`
        int64 (identifies the line). A slot is `<kind>` or `<name:kind>`. The column of a slot without a name has
        the word before its `=` or `:` as its name, here `rows`; without such a word it is `int_1`, `float_1`, …

        `<int>` Int64: also `-5`, `1,234,567`; not a part of `1.5`. · `<float>` float64: an int, `.5`, `1e-05`, `inf`,
        `nan`. · `<time>` datetime64[us, UTC]: ISO 8601; without a zone it is in UTC, without a clock time it is
        midnight. · `<word>` str: anything but white space. · `<str>` str: the shortest text that matches; at the end,
        the rest of the line. · `<path>`, `<url>`, `<uuid>`, `<hex>`, `<ip>`, `<version>` str.

        The pattern is searched anywhere in the message, ignoring ANSI sequences, and the first match counts. Text
        between slots is literal and case-sensitive; a blank matches any number of blanks. `\\<int>` is text. A `…` at
        the end is ignored, so every pattern of `templates` can be passed.

        If no line matches the pattern, the frame has no rows and a warning says so.

        Raises:
            InvalidArgument: not a pattern, no slot, a slot of unknown kind, two slots of one name, or a whole number in
                the lines that does not fit in 64 bits.
        """
        from flowrun_widgets.analysis.extract import extract
        from flowrun_widgets.report.frames import extract_frame

        found = extract_frame(extract(self._columns, pattern))
        if len(self) and not len(found):
            warnings.warn(
                f"No line of {len(self):,} matches {pattern!r:.200}. templates() lists the patterns of the lines.",
                stacklevel=2,
            )
        return found


def _unpickled(
    columns: LogColumns,
    began_at: datetime | None,
    running: Mapping[str, Sequence[int]] | None,
    redaction: Redaction | None,
    numbers: Sequence[int] | None = None,
) -> FlowRunLogs:
    return FlowRunLogs(
        columns, began_at=began_at, running=running, redaction=redaction, numbers=numbers
    )
