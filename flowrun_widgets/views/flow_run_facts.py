"""`FlowRunFacts`: what a view of a flow run knows without a request."""

from __future__ import annotations

from typing import Any

from pendulum import DateTime

from flowrun_widgets.connection.connection import Connection
from flowrun_widgets.containers import FrozenDict, FrozenList
from flowrun_widgets.records import FlowRunRecord
from flowrun_widgets.states import State
from flowrun_widgets.times import now
from flowrun_widgets.views.fetched import FetchedParts
from flowrun_widgets.views.view import View

__all__ = ["FlowRunFacts"]


class FlowRunFacts(View[FlowRunRecord]):
    """A flow run at the moment it was fetched.

    Immutable: attributes and containers cannot be changed, equal snapshots compare equal and have the same hash, and
    views can be pickled and copied. Attributes are free; methods may fetch, and their docstrings say what that costs. A
    notebook displays it as a card.
    """

    __slots__ = ("_as_of", "_fetched")

    _as_of: DateTime
    _fetched: FetchedParts

    def __init__(
        self,
        record: FlowRunRecord,
        connection: Connection,
        *,
        as_of: DateTime | None = None,
        fetched: FetchedParts | None = None,
    ) -> None:
        super().__init__(record, connection)
        self._keep(_as_of=as_of or now(), _fetched=fetched or FetchedParts())

    def __reduce__(self) -> tuple[Any, ...]:
        return _unpickled, (type(self), self._record, self._connection, self._as_of)

    @property
    def flow_run_id(self) -> str:
        """The run's id."""
        return self._record.id

    @property
    def name(self) -> str | None:
        """The run's name, such as "amber-heron"."""
        return self._record.name

    @property
    def flow_id(self) -> str | None:
        """The id of the flow that ran."""
        return self._record.flow_id

    @property
    def flow_name(self) -> str | None:
        """The name of the flow that ran."""
        return self._record.flow_name

    @property
    def project_name(self) -> str | None:
        """The flow's project; Prefect 1 only."""
        return self._record.project_name

    @property
    def state(self) -> State:
        """The run's state when it was fetched."""
        return self._record.state

    @property
    def result_location(self) -> str | None:
        """Where the run's result is stored, in the notation of its storage; None if it is not stored."""
        return self._record.state.stored_result.location

    @property
    def states(self) -> tuple[State, ...]:
        """The run's history, oldest first, each state with `timestamp`."""
        return self._record.states

    @property
    def labels(self) -> FrozenList[str]:
        """Prefect 1's agent labels; empty on Prefect 3, which has tags."""
        return self._record.labels or FrozenList()

    @property
    def tags(self) -> FrozenList[str]:
        """Prefect 3's tags."""
        return self._record.tags

    @property
    def parameters(self) -> FrozenDict:
        """The parameters that the flow was called with."""
        return self._record.parameters

    @property
    def context(self) -> FrozenDict:
        """The context that the run was created with."""
        return self._record.context

    @property
    def run_config(self) -> FrozenDict | None:
        """The configuration it was started with."""
        return self._record.run_config

    @property
    def created_at(self) -> DateTime | None:
        """When it was created."""
        return self._record.created_at

    @property
    def updated_at(self) -> DateTime | None:
        """When the server last changed the run's row; log lines do not count."""
        return self._record.updated_at

    @property
    def scheduled_start_at(self) -> DateTime | None:
        """When it was scheduled to begin."""
        return self._record.scheduled_start_at

    @property
    def started_at(self) -> DateTime | None:
        """When it began."""
        return self._record.started_at

    @property
    def ended_at(self) -> DateTime | None:
        """When it ended."""
        return self._record.ended_at

    @property
    def as_of(self) -> DateTime:
        """When this snapshot was fetched, by this machine's clock."""
        return self._as_of

    @property
    def ui_url(self) -> str | None:
        """The address of the run in the server's own UI, if it is known."""
        return self._record.ui_url

    @property
    def missing(self) -> FrozenDict:
        """The parts that the server did not return, such as "history" or "flow name", and why; usually empty.

        `get_latest()` requests them again.
        """
        return self._record.missing

    @property
    def record(self) -> FlowRunRecord:
        """The record with everything that was fetched."""
        return self._record

    @property
    def connection(self) -> Connection:
        """The connection it was fetched over."""
        return self._connection

    @property
    def run_count(self) -> int:
        """How many times the run began: 1, and 1 more for each retry."""
        return self._record.attempts

    @property
    def deployment_id(self) -> str | None:
        """The deployment that started it; None on Prefect 1, and for runs started by calling the flow."""
        return self._record.deployment_id

    @property
    def work_pool(self) -> str | None:
        """The name of the run's work pool; Prefect 3 only."""
        return self._record.work_pool_name

    @property
    def work_queue(self) -> str | None:
        """The name of the run's work queue; Prefect 3 only."""
        return self._record.work_queue_name

    @property
    def key_value_labels(self) -> FrozenDict:
        """Prefect 3's labels, which are key-value pairs. Prefect 1's labels, which are words, are in `labels`."""
        return self._record.key_value_labels

    @property
    def trace_id(self) -> str | None:
        """The id of the run's OpenTelemetry trace, 32 hex digits; None if Prefect 3 did not note one.

        `FLOWRUN_TRACE_URL`, such as `https://jaeger.example.com/trace/{trace_id}`, makes it a link on the card.
        """
        return self._record.trace_id

    @property
    def parent_task_run_id(self) -> str | None:
        """The task run that represents this run in the run that called it as a sub-flow."""
        return self._record.parent_task_run_id

    @property
    def fetched(self) -> FetchedParts:
        """What was fetched besides the record. It is shared by everything that shows the run; do not change it."""
        return self._fetched


def _unpickled(
    cls: type[FlowRunFacts], record: FlowRunRecord, connection: Connection, as_of: DateTime
) -> FlowRunFacts:
    return cls(record, connection, as_of=as_of)
