"""`HarvestedLogs`: the log lines of a harvest, read part by part, in memory that does not grow with their number."""

from __future__ import annotations

import warnings
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from os import PathLike
from typing import TYPE_CHECKING, Any, TypeVar

import pyarrow as pa

from flowrun_widgets.analysis.extract import extract
from flowrun_widgets.analysis.template_counts import TemplateCounts, counted
from flowrun_widgets.errors import InvalidArgument, NotFound
from flowrun_widgets.harvest.choice import Choice
from flowrun_widgets.harvest.folder import Folder
from flowrun_widgets.harvest.frames import dask_frame, harvested_frame
from flowrun_widgets.harvest.layout import LOGS, flow_value
from flowrun_widgets.harvest.parts import Part, Reader, found_parts
from flowrun_widgets.lazy import LazyModule, lazy
from flowrun_widgets.log_columns import LogColumns
from flowrun_widgets.plain_text import one_line, shortened
from flowrun_widgets.query import parse
from flowrun_widgets.report.figures import count, date_and_clock

if TYPE_CHECKING:
    import dask.dataframe as dd
    import pandas as pd
else:
    dd = LazyModule("dask.dataframe")
    pd = LazyModule("pandas")

__all__ = ["HarvestedLogs", "read_logs"]

T = TypeVar("T")
MAX_SHOWN_CHARS = 200
AHEAD_HERE, AHEAD_ELSEWHERE = 4, 64
"""How many parts are read before their results are wanted: by threads of this process, by other processes."""
TEMPLATES = ("timestamp", "level", "message")
LEVELS = ("level", "level_name")
EXTRACTED = ("timestamp", "level", "task", "message", "seq", "flow_run_id")
PLAIN = pa.schema([*LOGS, pa.field("flow", pa.string())])
"""The columns of batches, with plain strings."""


def read_logs(path: str | PathLike[str]) -> HarvestedLogs:
    """Return the log lines of a folder that `FlowRunList.to_parquet` has written; a folder or a URL.

    Nothing is read yet but the names of the files.

    Raises:
        NotFound: there is no harvest.
        InvalidArgument: it is not a path, or a URL with a key in it.
        MissingExtra: it is a URL, and fsspec is not installed.
    """
    folder = Folder.of(path)
    if not folder.files("logs"):
        raise NotFound(
            f"There is no harvest at {folder.url:.300}: runs.to_parquet(path) of a list of runs writes one."
        )
    return HarvestedLogs(folder)


class HarvestedLogs:
    """Log lines of many runs in Parquet files. Immutable; `where` returns a part of them.

    The files are listed, and their footers read, when they are first needed. The methods read the files part by part
    and hold a few parts of at most 65,536 lines at a time; only what they return may be large. Lines are in the order of
    flow, day, run and time. It pickles as its address and its conditions.
    """

    def __init__(self, folder: Folder, choice: Choice | None = None) -> None:
        self._reader = Reader(folder, choice or Choice())

    def __reduce__(self) -> tuple[Any, ...]:
        return HarvestedLogs, (self._reader.folder, self._reader.choice)

    @lazy
    def _parts(self) -> tuple[Part, ...]:
        return found_parts(self._reader.folder, self._reader.choice)

    def where(
        self,
        text: str = "",
        tz: str = "UTC",
        *,
        flow: str | Sequence[str] | None = None,
        since: date | str | None = None,
        until: date | str | None = None,
    ) -> HarvestedLogs:
        """Return the lines that match a filter text, of these runs. Reads nothing yet.

        Args:
            text: a filter text, as of `FlowRunLogs.where`. `run:` is the name of a flow run. Times need a date. Attempts
                are not known here, so `attempt` matches no line.
            tz: the zone of the times in it.
            flow: the name of a flow, or several names.
            since: only runs that began on this day, in UTC, or later: a date or a text such as "2026-11-22".
            until: only runs that began on this day or earlier.

        Other folders than those of `flow`, `since`, `until` and the end of `time:` are not opened, and of a file only
        row groups are read that can have lines of such times and levels.

        Raises:
            QuerySyntaxError: the text cannot be parsed; `position` says where.
            InvalidArgument: a name is not text, a day is not a day, or there is no such time zone.
        """
        choice = self._reader.choice
        query = parse(text, tz)
        flows = (flow,) if isinstance(flow, str) else () if flow is None else flow
        if not isinstance(flows, Sequence) or not all(
            isinstance(name, str) and name for name in flows
        ):
            raise InvalidArgument(f"`flow` has to be a name or several names, not {flow!r:.100}.")
        values = tuple(map(flow_value, flows))
        changed = replace(
            choice,
            queries=(*choice.queries, query) if query else choice.queries,
            flows=tuple(one for one in values if not choice.flows or one in choice.flows),
            since=max(filter(None, (choice.since, _day(since, "since"))), default=None),
            until=min(filter(None, (choice.until, _day(until, "until"))), default=None),
        )
        if not values:
            changed = replace(changed, flows=choice.flows)
        elif not changed.flows:
            changed = replace(changed, flows=("",))
        return HarvestedLogs(self._reader.folder, changed)

    def count(self) -> int:
        """Return the number of lines. Lines are read only if a filter text has to be compared with them."""
        if not self._reader.choice.queries:
            return sum(part.line_count for part in self._parts)
        return sum(self._each(_length))

    def level_counts(self, *, executor: Executor | None = None) -> pd.DataFrame:
        """Return how many lines each level has, the most severe first.

        Columns: `level` Int16 (missing if the name has no number) · `level_name` str · `count` int64. `executor` is as
        in `templates`.
        """
        sums: Counter[tuple[int | None, str | None]] = Counter()
        for found in self._each(_levels, executor):
            sums.update(found)
        rows = sorted(
            sums.items(), key=lambda one: (-1 if one[0][0] is None else one[0][0], str(one[0][1]))
        )
        rows.reverse()
        return pd.DataFrame(
            {
                "level": pd.Series([level for (level, _), _ in rows], dtype="Int16"),
                "level_name": pd.Series([name for (_, name), _ in rows], dtype="str"),
                "count": pd.Series([number for _, number in rows], dtype="int64"),
            }
        )

    def templates(self, most: int = 1_000, *, executor: Executor | None = None) -> pd.DataFrame:
        """Return the lines grouped by their pattern, with the columns of `FlowRunLogs.templates`.

        An `example` is cut after 10,000 characters. Up to 100,000 different patterns are counted exactly. With more,
        the rarest are left out on the way, and a warning says by how many lines counts may be too small.

        Args:
            most: how many patterns to return.
            executor: where the parts are counted, such as `client.get_executor()` of Dask; None: threads of this
                process. Workers of a cluster read the files themselves, at the same path or URL.

        Raises:
            InvalidArgument: `most` is not a whole number above zero.
            ArchiveError: a file is not one of a harvest.
        """
        from flowrun_widgets.report.frames import templates_frame

        if isinstance(most, bool) or not isinstance(most, int) or most < 1:
            raise InvalidArgument(f"most has to be a whole number above zero, not {most!r:.80}.")
        counts = TemplateCounts()
        for found in self._each(_counted, executor):
            counts.add(found)
        frame = templates_frame(
            [
                (t.pattern, t.count, t.first_at, t.last_at, t.level, t.example)
                for t in counts.templates(most)
            ]
        )
        if counts.left_out:
            warnings.warn(
                f"There are too many patterns: {counts.left_out:,} lines with rare ones were left out while reading, "
                "so the counts may be too small by as many.",
                stacklevel=2,
            )
        return frame

    def extract(self, pattern: str, *, executor: Executor | None = None) -> pd.DataFrame:
        """Return the values in the slots of a pattern, with the columns of `FlowRunLogs.extract` and `flow_run_id`.

        One row per matching line, all of them in memory. `executor` is as in `templates`. A warning says if no line
        matches.

        Raises:
            InvalidArgument: as `FlowRunLogs.extract`; or a slot is called `flow_run_id`.
            ArchiveError: a file is not one of a harvest.
        """
        from flowrun_widgets.report.frames import extract_frame

        nothing = _extracted(self._reader.nothing(), pattern)
        found = pa.concat_tables(
            [nothing, *self._each(partial(_extracted_part, pattern=pattern), executor)]
        )
        if not len(found):
            warnings.warn(
                f"No line matches {pattern!r:.200}. templates() lists the patterns of the lines.",
                stacklevel=2,
            )
        return extract_frame(found)

    def to_batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the lines as record batches of at most 65,536 lines.

        Columns, in order: `timestamp` timestamp[us, UTC] · `level` int16 · `level_name`, `task`, `logger`, `message`,
        `task_run_id` string · `seq` int64 · `flow_run` (its name), `flow_run_id`, `flow` string.
        """
        for columns in self._each(_lines):
            yield from columns.table.cast(PLAIN).combine_chunks().to_batches()

    def to_pandas(self, limit: int | None = None) -> pd.DataFrame:
        """Return the lines as a DataFrame, at most `limit` of them; None for all, in memory.

        Columns: those of `FlowRunLogs.to_pandas()`, then `flow_run` (its name), `flow_run_id` and `flow`, categories.

        Raises:
            InvalidArgument: `limit` is not a whole number, or negative.
        """
        if limit is not None and (
            isinstance(limit, bool) or not isinstance(limit, int) or limit < 0
        ):
            raise InvalidArgument(f"limit has to be a whole number or None, not {limit!r:.80}.")
        tables, held = [self._reader.nothing().table], 0
        for columns in self._each(_lines) if limit != 0 else ():
            tables.append(columns.table)
            held += len(columns)
            if limit is not None and held >= limit:
                break
        return harvested_frame(pa.concat_tables(tables).slice(0, limit))

    def to_dask(self) -> dd.DataFrame:
        """Return the lines as a Dask DataFrame, for which the extra `dask` is needed; a partition is part of a run.

        Columns: those of `to_pandas()`, with texts instead of categories. Workers read the files themselves, at the
        same path or URL, and filter them. The graph contains the names of files and the conditions, no credential.

        Raises:
            MissingExtra: Dask is not installed.
        """
        return dask_frame(self._reader, self._parts)

    def _each(
        self, ask: Callable[[Reader, Part], T], executor: Executor | None = None
    ) -> Iterator[T]:
        """Yield a result for each part, in their order; only a few are read ahead."""
        own = ThreadPoolExecutor(pa.cpu_count()) if executor is None else nullcontext(executor)
        ahead = AHEAD_HERE if executor is None else AHEAD_ELSEWHERE
        waiting: deque[Future[T]] = deque()
        with own as threads:
            try:
                for part in self._parts:
                    waiting.append(threads.submit(ask, self._reader, part))
                    if len(waiting) >= ahead:
                        yield waiting.popleft().result()
                while waiting:
                    yield waiting.popleft().result()
            finally:
                for future in waiting:
                    future.cancel()

    def __repr__(self) -> str:
        parts, choice = self._parts, self._reader.choice
        files = len({part.name for part in parts})
        lines = sum(part.line_count for part in parts)
        firsts = [part.first_at for part in parts if part.first_at is not None]
        lasts = [part.last_at for part in parts if part.last_at is not None]
        span = ""
        if firsts and lasts:
            span = f", {date_and_clock(min(firsts))} to {date_and_clock(max(lasts))} UTC"
        text = " and ".join(f"({query})" for query in choice.queries)
        condition = f", where {shortened(one_line(text), MAX_SHOWN_CHARS)}" if text else ""
        at_most = "at most " if text else ""
        return (
            f"HarvestedLogs({self._reader.folder.url!r:.300}: {count(files, 'run')}, "
            f"{at_most}{count(lines, 'line')}{span}{condition})"
        )


def _day(day: date | str | None, what: str) -> str | None:
    if day is None:
        return None
    try:
        if isinstance(day, str):
            day = date.fromisoformat(day)
        if isinstance(day, date) and not isinstance(day, datetime):
            return day.isoformat()
    except ValueError:
        pass
    raise InvalidArgument(
        f"`{what}` has to be a date or a text such as '2026-11-22', not {day!r:.80}."
    )


def _length(reader: Reader, part: Part) -> int:
    return len(reader.read(part, ()))


def _lines(reader: Reader, part: Part) -> LogColumns:
    return reader.read(part)


def _levels(reader: Reader, part: Part) -> dict[tuple[int | None, str | None], int]:
    table = reader.read(part, LEVELS).table
    names = table["level_name"].cast(pa.string())
    groups = pa.table({"level": table["level"], "name": names}).group_by(["level", "name"])
    found = groups.aggregate([([], "count_all")])
    keys = zip(found["level"].to_pylist(), found["name"].to_pylist(), strict=True)
    return dict(zip(keys, found["count_all"].to_pylist(), strict=True))


def _counted(reader: Reader, part: Part) -> pa.Table:
    return counted(reader.read(part, TEMPLATES), part.number)


def _extracted_part(reader: Reader, part: Part, pattern: str) -> pa.Table:
    return _extracted(reader.read(part, EXTRACTED), pattern)


def _extracted(columns: LogColumns, pattern: str) -> pa.Table:
    found = extract(columns, pattern)
    if "flow_run_id" in found.column_names:
        raise InvalidArgument(
            "A slot cannot be called flow_run_id, which is a column. Give it another name."
        )
    # All lines of a part are of one run.
    run = columns.table["flow_run_id"][0].as_py() if len(found) else None
    ids = pa.repeat(pa.scalar(run, pa.string()), len(found)).dictionary_encode()
    return found.append_column("flow_run_id", pa.chunked_array([ids]))
