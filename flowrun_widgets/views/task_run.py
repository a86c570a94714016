"""`TaskRunView`: one task run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from pendulum import DateTime

from flowrun_widgets.backends.progress import shown_progress
from flowrun_widgets.connection.connection import Connection, source
from flowrun_widgets.containers import FrozenList
from flowrun_widgets.errors import InvalidArgument, UnexpectedAnswer
from flowrun_widgets.lazy import LazyModule
from flowrun_widgets.log_columns import LogColumns
from flowrun_widgets.plain_text import one_line, shortened
from flowrun_widgets.records import TaskRunRecord
from flowrun_widgets.redaction.columns import redacted_columns
from flowrun_widgets.redaction.records import redacted_records
from flowrun_widgets.report.texts import MARKDOWN_TYPE, PLAIN_TYPE, HasTexts
from flowrun_widgets.states import State
from flowrun_widgets.times import now
from flowrun_widgets.views.fetched import FetchedParts
from flowrun_widgets.views.identifier import checked_id, checked_map_index, checked_text
from flowrun_widgets.views.logs import FlowRunLogs
from flowrun_widgets.views.result import NOT_LOADED, mapped_result, result_of, shown_value
from flowrun_widgets.views.view import View

if TYPE_CHECKING:
    import pandas as pd
else:
    pd = LazyModule("pandas")

__all__ = ["TaskRunView"]

CHILDREN_AT_ONCE = 200
MAX_REPR_CHARS = 1_000
"""How many characters of its repr begin the text of a task run."""


class TaskRunView(View[TaskRunRecord], HasTexts):
    """One task run at the moment it was fetched. Immutable; `get_latest()` returns a new one.

    A notebook displays it with its attempts, and with its log lines if its flow run's log was read.
    """

    __slots__ = ("_as_of", "_fetched", "_lines", "_result")

    _as_of: DateTime
    _fetched: FetchedParts | None
    _lines: LogColumns | None
    _result: Any

    def __init__(
        self,
        record: TaskRunRecord,
        connection: Connection,
        *,
        as_of: DateTime | None = None,
        fetched: FetchedParts | None = None,
        result: Any = NOT_LOADED,
    ) -> None:
        """Hold a record. `fetched` is what the view of its flow run has fetched, `result` the loaded result."""
        super().__init__(record, connection)
        self._keep(_as_of=as_of or now(), _fetched=fetched, _lines=None, _result=result)

    def __reduce__(self) -> tuple[Any, ...]:
        return _unpickled, (self._record, self._connection, self._as_of)

    @classmethod
    def from_task_run_id(
        cls, task_run_id: str | None = None, *, api: Connection | None = None
    ) -> TaskRunView:
        """Fetch a task run with its history. Costs one request; on Prefect 3, two at once.

        Raises:
            InvalidArgument: not an id.
            NotFound: no such task run.
        """
        connection = source(api)
        return cls(connection.backend.task_run(checked_id(task_run_id, "task_run_id")), connection)

    @classmethod
    def from_task_slug(
        cls, task_slug: str, flow_run_id: str, map_index: int = -1, *, api: Connection | None = None
    ) -> TaskRunView:
        """Fetch the task run of a task in a flow run; `map_index` names a mapped child. Costs one request.

        Raises:
            InvalidArgument: not an id, a slug or a number.
            NotFound: no such task run.
            Ambiguous: several task runs match; the error lists them.
        """
        connection = source(api)
        run_id = checked_id(flow_run_id, "flow_run_id")
        slug, index = checked_text(task_slug, "task_slug"), checked_map_index(map_index)
        return cls(connection.backend.task_run_by_slug(run_id, slug, index), connection)

    @property
    def task_run_id(self) -> str:
        """The task run's id."""
        return self._record.id

    @property
    def flow_run_id(self) -> str | None:
        """The flow run that it belongs to; None for a Prefect 3 task that ran outside any flow run."""
        return self._record.flow_run_id

    @property
    def task_id(self) -> str | None:
        """The task's id; None on Prefect 3."""
        return self._record.task_id

    @property
    def task_slug(self) -> str | None:
        """The task's name within the flow; Prefect 3's task key."""
        return self._record.task_slug

    @property
    def name(self) -> str | None:
        """The task run's own name, if it was given one."""
        return self._record.name

    @property
    def label(self) -> str:
        """The label for display: its name, else the task's name with the map index, such as `load[7]`."""
        return self._record.label

    @property
    def map_index(self) -> int | None:
        """The number of a mapped child, from 0; -1 if it is not a mapped child; None on Prefect 3."""
        return self._record.map_index

    @property
    def state(self) -> State:
        """The task run's state when it was fetched."""
        return self._record.state

    @property
    def result_location(self) -> str | None:
        """Where the result is stored, in the notation of its storage; None if it is not. Servers never send values."""
        return self._record.state.stored_result.location

    @property
    def states(self) -> tuple[State, ...]:
        """The task run's history, oldest first, each state with `timestamp`.

        Empty if `get_all_task_runs()` listed it on Prefect 3; `get_latest()` fetches it.
        """
        return self._record.states

    @property
    def run_count(self) -> int:
        """How many times it began to run: 1, and 1 more for each retry."""
        return self._record.attempts

    @property
    def tags(self) -> FrozenList[str]:
        """Prefect 3's tags."""
        return self._record.tags

    @property
    def dynamic_key(self) -> str | None:
        """The key that distinguishes it from other runs of its task in its flow run; Prefect 3 only."""
        return self._record.dynamic_key

    @property
    def child_flow_run_id(self) -> str | None:
        """The sub-flow run that this task run represents in its parent; Prefect 3 only."""
        return self._record.child_flow_run_id

    @property
    def upstream_ids(self) -> FrozenList[str]:
        """The ids of the task runs and sub-flow runs whose results it received; Prefect 3 only."""
        return self._record.upstream_ids

    @property
    def started_at(self) -> DateTime | None:
        """When it first ran."""
        return self._record.started_at

    @property
    def ended_at(self) -> DateTime | None:
        """When it ended; Prefect 1 has no end time for some final states, such as TriggerFailed."""
        return self._record.ended_at

    @property
    def as_of(self) -> DateTime:
        """When this snapshot was fetched, by this machine's clock."""
        return self._as_of

    @property
    def record(self) -> TaskRunRecord:
        """The record with everything that was fetched."""
        return self._record

    @property
    def connection(self) -> Connection:
        """The connection it was fetched over."""
        return self._connection

    def get_logs(self) -> FlowRunLogs:
        """Return this task run's log lines, oldest first, also for a task that ran outside any flow run.

        Costs what `FlowRunView.get_logs(task=…)` costs the first time, and nothing if the log of its flow run was read.

        Raises:
            BackendError: the server failed to answer or refused the request.
        """
        columns = self._known_lines()
        if columns is None:
            with shown_progress():
                backend, run_id = self._connection.backend, self.flow_run_id
                columns = (
                    backend.task_run_logs(self.task_run_id)
                    if run_id is None
                    else backend.logs(run_id, None, None, task_run_ids=[self.task_run_id]).columns
                )
            self._keep(_lines=columns)
        return FlowRunLogs(columns, began_at=self.started_at, redaction=self._connection.redaction)

    def _known_lines(self) -> LogColumns | None:
        """Return its log lines if they or the log of its flow run were read, else None. Costs no request."""
        fetched = self._fetched
        logs = None if fetched is None else fetched.logs
        return self._lines if logs is None else logs.columns.chosen(None, [self.task_run_id])

    def get_latest(self) -> TaskRunView:
        """Return the task run as it is now, with its history. Costs one request; on Prefect 3, two at once.

        A loaded result is kept, unless the task ran again.
        """
        record = self._connection.backend.task_run(self.task_run_id)
        is_same = record.states == self._record.states and record.state == self.state
        result = self._result if is_same else NOT_LOADED
        return TaskRunView(record, self._connection, fetched=self._fetched, result=result)

    def iter_mapped(self) -> Iterator[TaskRunView]:
        """Yield the mapped children of this task run by map index, up to the first index that is missing.

        Costs one request for each 200 children, made as the iteration reaches them. Prefect 3 does not number mapped
        children.

        Raises:
            InvalidArgument: this is not the parent of mapped task runs; also a TypeError, as in Prefect 1.
            UnexpectedAnswer: the server returns the same children for every page.
        """
        backend, run_id, slug = self._connection.backend, self.flow_run_id, self.task_slug
        if not self.state.is_mapped() or run_id is None or slug is None:
            raise InvalidArgument(
                f"Task run {self.task_run_id!r} ({self.task_slug}) is not a mapped task."
            )
        first = 0
        while True:
            children = backend.mapped_children(run_id, slug, first, CHILDREN_AT_ONCE)
            for index, record in enumerate(children, first):
                if first and record.map_index is not None and record.map_index < first:
                    raise UnexpectedAnswer(
                        f"{self._connection.url} sends the same mapped children for every page."
                    )
                if record.map_index != index:
                    return
                yield TaskRunView(record, self._connection, fetched=self._fetched)
            if len(children) < CHILDREN_AT_ONCE:
                return
            first += CHILDREN_AT_ONCE

    def get_result(
        self, *, allow_pickle: bool = False, deserialize: Callable[[bytes], Any] | None = None
    ) -> Any:
        """Return the task's result from where Prefect 1 stored it; for a mapped task, a list of its children's results.

        The server knows where a result is stored but not its value, except for a `PrefectResult`. A `LocalResult` is
        read from this machine's disk, an `S3Result` or `GCSResult` with the credentials of this machine. JSON is loaded
        without further arguments. Loaded values are kept with the view; they are redacted only in its repr.

        Args:
            allow_pickle: load a pickle, the format of most results. Loading a pickle runs any code that the writer of
                the file, or of the server's answer, put into it; allow this only for places that you trust.
            deserialize: a function that returns the value from the stored bytes, for results that are neither JSON nor
                a pickle: `lambda data: pd.read_csv(BytesIO(data))`.

        Costs no request; for a mapped task, one.

        Raises:
            ResultUnavailable: the task run is not finished, or its result is not stored, of a kind that cannot be read
                from here (Prefect 3's, Azure's, secrets, user-defined classes), or a pickle that was not allowed; also
                a ValueError and a TypeError.
            ResultMissing: the file does not exist on this machine; also a FileNotFoundError.
        """
        if self._result is not NOT_LOADED and deserialize is None:
            return self._result
        if self.state.is_mapped() and self.flow_run_id is not None and self.task_slug is not None:
            children = self._connection.backend.mapped_children(
                self.flow_run_id, self.task_slug, 0, None
            )
            value = mapped_result(self._record, children, allow_pickle, deserialize)
        else:
            value = result_of(self._record.state, allow_pickle, deserialize)
        self._keep(_result=value)
        return value

    def states_frame(self) -> pd.DataFrame:
        """Return the history as a DataFrame, oldest first. Costs no request.

        Columns: `timestamp` datetime64[us, UTC] · `state` str (type) · `name` str · `message` str ·
        `duration_seconds` float64 (until the next state; missing for the last).
        """
        from flowrun_widgets.report.frames import states_frame

        return states_frame(self.states)

    def __repr__(self) -> str:
        return (
            f"TaskRunView(task_run_id={self.task_run_id!r}, task_id={self.task_id!r}, task_slug={self.task_slug!r}, "
            f"state={self.state!r}, result={shown_value(self._result, self._connection.redaction)})"
        )

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        from flowrun_widgets.report.html.task_run_html import task_run_html

        record, columns, redacted = self._without_secrets()
        return {
            "text/html": task_run_html(record, columns, self._as_of, redacted),
            **self._texts_of(record, columns),
        }

    def _texts(self) -> dict[str, str]:
        record, columns, _ = self._without_secrets()
        return self._texts_of(record, columns)

    def _texts_of(self, record: TaskRunRecord, columns: LogColumns | None) -> dict[str, str]:
        from flowrun_widgets.report.markup import MARKDOWN
        from flowrun_widgets.report.telling import task_run_telling

        shown = TaskRunView(
            record, self._connection, as_of=self._as_of, fetched=self._fetched, result=self._result
        )
        head = shortened(one_line(repr(shown)), MAX_REPR_CHARS)
        told = task_run_telling(record, columns, self._as_of)
        return {
            PLAIN_TYPE: f"{head}\n{told}",
            MARKDOWN_TYPE: task_run_telling(record, columns, self._as_of, markup=MARKDOWN),
        }

    def _without_secrets(self) -> tuple[TaskRunRecord, LogColumns | None, int]:
        """Return the record and the known lines as they may be shown, and how many values were removed."""
        record, columns, redacted = self._record, self._known_lines(), 0
        if (redaction := self._connection.redaction) is not None:
            told = redacted_records([record], redaction)
            [record], redacted = told.value, told.count
            if columns is not None:
                clean = redacted_columns(columns, redaction)
                columns, redacted = clean.value, redacted + clean.count
        return record, columns, redacted

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:
        printer.text(repr(self))


def _unpickled(record: TaskRunRecord, connection: Connection, as_of: DateTime) -> TaskRunView:
    return TaskRunView(record, connection, as_of=as_of)
