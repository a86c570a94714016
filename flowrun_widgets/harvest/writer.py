"""Writing runs as Parquet files, each run once (docs/decisions/harvest.md)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pyarrow as pa
from pyarrow.parquet import ParquetWriter

from flowrun_widgets.arrow import pc
from flowrun_widgets.backends.pace import Pace
from flowrun_widgets.backends.progress import part_of, report, shown_progress
from flowrun_widgets.backends.transport import paced
from flowrun_widgets.errors import (
    AccessDenied,
    BackendUnavailable,
    ConnectionClosed,
    FlowRunError,
    InvalidArgument,
    RateLimited,
    UnexpectedAnswer,
)
from flowrun_widgets.harvest.folder import Folder
from flowrun_widgets.harvest.harvested import Harvested
from flowrun_widgets.harvest.layout import (
    FLOW_RUNS,
    LOGS,
    TASK_RUNS,
    Facts,
    folder_of,
    is_final,
    rules_text,
    state_of,
)
from flowrun_widgets.plain_text import one_line, shortened
from flowrun_widgets.redaction.shareable import RunContent, shareable
from flowrun_widgets.report.frames import flow_runs_frame, task_runs_frame
from flowrun_widgets.settings import chosen_redaction
from flowrun_widgets.times import now, to_micros

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from flowrun_widgets.connection.connection import Connection
    from flowrun_widgets.redaction import Redaction
    from flowrun_widgets.views.flow_run_facts import FlowRunFacts

__all__ = ["harvest", "pace_of"]

SHARE = 10
"""A harvest sends one of so many requests that the server allows."""
ASSUMED_REQUESTS_PER_MINUTE = 2_000
"""What one process of a Prefect 3 server answers in a minute, pages of 200 log lines; used where no limit is known."""
MAX_GROUP_LINES = 65_536
MAX_GROUP_BYTES = 16 * 2**20
"""How many bytes of messages are in one row group, which a reader holds as a whole."""
OF_THE_SERVER = (AccessDenied, BackendUnavailable, ConnectionClosed, RateLimited)
"""Errors after which no other run can be read either."""
MAX_ID_CHARS = 40
REPEATED = frozenset(
    {
        "level", "level_name", "task", "logger", "task_run_id", "flow_run", "flow_run_id", "flow_name", "state",
        "state_name", "task_slug",
    }
)  # fmt: skip
"""Columns in which the same values stand again and again."""
KINDS = ("logs", "task_runs", "runs")
"""The files of a run, in the order in which they are written: the last one says that the others are there."""


def harvest(
    runs: Iterable[FlowRunFacts],
    place: object,
    *,
    redact: bool | Redaction | None = None,
    max_requests_per_minute: int | None = None,
    pace: Pace | None = None,
) -> Harvested:
    """Write runs into a folder; see `FlowRunList.to_parquet`.

    `pace` is the pace at which the first of the runs were listed; None: each connection gets one.
    """
    folder = Folder.of(place)
    if redact is not None:
        chosen_redaction(redact)
    paces = _Paces(max_requests_per_minute, pace)
    listed = iter(runs)
    with folder.alone(), shown_progress():
        writer = _Writer(folder, redact)
        number = 0
        while True:
            with paced(pace):
                run = next(listed, None)
            if run is None:
                return writer.result()
            number += 1
            pace = paces.of(run.connection)
            with paced(pace), part_of(f"run {number:,}"):
                writer.take(run)
            report("runs", number)


def pace_of(connection: Connection, max_requests_per_minute: int | None = None) -> Pace | None:
    """Return the pace of a harvest: this number, or a tenth of what the server allows; None for a file.

    Raises:
        InvalidArgument: the number is not a whole number above zero.
    """
    number = _checked_number(max_requests_per_minute)
    if connection.is_local:
        return None
    allowed = connection.backend.requests_per_minute or ASSUMED_REQUESTS_PER_MINUTE
    return Pace(number or max(1, allowed // SHARE))


def _checked_number(number: int | None) -> int | None:
    if number is None or (isinstance(number, int) and not isinstance(number, bool) and number > 0):
        return number
    raise InvalidArgument(
        f"max_requests_per_minute has to be a whole number above zero, not {number!r:.80}."
    )


class _Paces:
    """The pace of each connection."""

    def __init__(self, max_requests_per_minute: int | None, given: Pace | None) -> None:
        self._number = _checked_number(max_requests_per_minute)
        self._given = given
        self._known: dict[str, Pace | None] = {}

    def of(self, connection: Connection) -> Pace | None:
        if self._given is None and connection.url not in self._known:
            self._known[connection.url] = pace_of(connection, self._number)
        return self._given or self._known[connection.url]


@dataclass(slots=True)
class _Totals:
    runs: int = 0
    written: int = 0
    lines: int = 0
    redacted: int | None = None
    byte_count: int = 0
    going: int = 0


class _Writer:
    def __init__(self, folder: Folder, redact: bool | Redaction | None) -> None:
        self._folder = folder
        self._redact = redact
        self._known = {kind: _by_run(folder.files(kind)) for kind in KINDS}
        self._seen: set[str] = set()
        self._failed: list[tuple[str, str]] = []
        self._totals = _Totals()

    def result(self) -> Harvested:
        totals = self._totals
        return Harvested(
            self._folder.url,
            totals.runs,
            totals.written,
            totals.lines,
            totals.redacted,
            totals.byte_count,
            totals.going,
            tuple(self._failed),
        )

    def take(self, run: FlowRunFacts) -> None:
        """Write a run, unless it is there and has not changed, or was taken before."""
        if run.flow_run_id in self._seen:
            return
        self._seen.add(run.flow_run_id)
        self._totals.runs += 1
        redact = self._redact
        redaction = run.connection.redaction if redact is None else chosen_redaction(redact)
        try:
            _check_id(run.flow_run_id)
            if not self._is_there(run, rules_text(redaction)):
                self._write(run, redaction)
        except (*OF_THE_SERVER, InvalidArgument):
            raise
        except FlowRunError as error:
            self._failed.append((shortened(one_line(run.flow_run_id), MAX_ID_CHARS), str(error)))

    def _is_there(self, run: FlowRunFacts, rules: str | None) -> bool:
        names = [self._known[kind].get(run.flow_run_id) for kind in KINDS]
        last = names[-1]
        if last is None or None in names:
            return False
        facts = _facts(self._folder, last)
        return facts is not None and facts.is_still_true(run.record, rules)

    def _write(self, run: FlowRunFacts, redaction: Redaction | None) -> None:
        backend, read_at = run.connection.backend, now()
        logs = backend.logs(run.flow_run_id, None, None).columns
        task_runs = backend.task_runs(run.flow_run_id).records
        clean = shareable(RunContent(run.record, task_runs, logs), redaction)
        content = clean.value
        facts = Facts(
            flow_run_id=run.flow_run_id,
            state=state_of(run.record),
            is_final=is_final(run.record, read_at),
            line_count=len(logs),
            task_run_count=len(task_runs),
            read_at=to_micros(read_at),
            source=run.connection.url,
            rules=rules_text(redaction),
            redacted=None if redaction is None else clean.count,
        )
        tables = (
            (_lines(content), LOGS), (_task_runs(content), TASK_RUNS), (_flow_run(content), FLOW_RUNS),
        )  # fmt: skip
        folder = folder_of(content.run)
        names = [f"{kind}/{folder}/{run.flow_run_id}.parquet" for kind in KINDS]
        for kind, name in reversed([*zip(KINDS, names, strict=True)]):
            before = self._known[kind].get(run.flow_run_id)
            # A run that began on another day than it was due, or whose flow had no name.
            if before is not None and before != name:
                self._folder.remove(before)
        totals = self._totals
        for (table, schema), name in zip(tables, names, strict=True):
            totals.byte_count += self._folder.write(name, _filling(table, schema, facts))
        totals.written += 1
        totals.lines += len(logs)
        totals.going += not facts.is_final
        if redaction is not None:
            totals.redacted = (totals.redacted or 0) + clean.count


def _by_run(names: list[str]) -> dict[str, str]:
    return {name.rpartition("/")[2].removesuffix(".parquet"): name for name in names}


def _check_id(flow_run_id: str) -> None:
    """Check the id of a run, which becomes the name of files."""
    try:
        is_id = str(UUID(flow_run_id)) == flow_run_id
    except ValueError:
        is_id = False
    if not is_id:
        raise UnexpectedAnswer(f"{flow_run_id!r:.80} is not the id of a flow run.")


def _facts(folder: Folder, name: str) -> Facts | None:
    """Return what a file says about its run; None: it cannot be read, so the run is written again."""
    try:
        with folder.opened(name) as file:
            return Facts.of(file.metadata.metadata)
    except (FlowRunError, OSError):
        return None


def _lines(content: RunContent) -> pa.Table:
    run, table = content.run, content.logs.table
    for name, value in (("flow_run", run.name), ("flow_run_id", run.id)):
        table = table.append_column(name, pa.repeat(pa.scalar(value, pa.string()), len(table)))
    return table


def _task_runs(content: RunContent) -> pa.Table:
    frame = task_runs_frame(content.task_runs).assign(flow_run_id=content.run.id)
    return pa.Table.from_pandas(frame, TASK_RUNS, preserve_index=False)


def _flow_run(content: RunContent) -> pa.Table:
    frame = flow_runs_frame([content.run]).assign(line_count=len(content.logs))
    return pa.Table.from_pandas(frame, FLOW_RUNS, preserve_index=False)


def _filling(table: pa.Table, schema: pa.Schema, facts: Facts) -> Callable[[Any], None]:
    """Return a function that writes the columns of a schema into a file."""

    options: Any = {
        "compression": "zstd",
        "use_dictionary": [name for name in schema.names if name in REPEATED],
        "write_statistics": [name for name in schema.names if name != "message"],
    }

    def fill(file: Any) -> None:
        with ParquetWriter(file, schema.with_metadata(facts.metadata()), **options) as writer:
            for group in _groups(table):
                columns = [group[field.name].cast(field.type) for field in schema]
                writer.write_table(pa.table(columns, schema=schema), row_group_size=len(group))

    return fill


def _groups(table: pa.Table) -> Iterator[pa.Table]:
    """Yield the rows in parts that a reader can hold."""
    for start in range(0, len(table), MAX_GROUP_LINES):
        waiting = [table.slice(start, MAX_GROUP_LINES)]
        while waiting:
            group = waiting.pop()
            if len(group) == 1 or _message_bytes(group) <= MAX_GROUP_BYTES:
                yield group
            else:
                half = len(group) // 2
                waiting += [group.slice(half), group.slice(0, half)]


def _message_bytes(table: pa.Table) -> int:
    if "message" not in table.column_names:
        return 0
    return pc.sum(pc.binary_length(table["message"])).as_py() or 0
