"""What a view of a flow run knows without asking: its record, when it was fetched, and what was fetched with it."""

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

    Immutable: attributes and containers refuse change, equal snapshots are `==` and hash alike, it pickles and copies.
    Attributes are free; calls may fetch, and say what they cost. In a notebook it shows itself as a card.
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
        """The state it was in."""
        return self._record.state

    @property
    def result_location(self) -> str | None:
        """Where the run's result is stored, in its storage's own words; None: nowhere."""
        return self._record.state.stored_result.location

    @property
    def states(self) -> tuple[State, ...]:
        """Its history, oldest first, each state with `timestamp`."""
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
        """What the flow was called with."""
        return self._record.parameters

    @property
    def context(self) -> FrozenDict:
        """The context it was created with."""
        return self._record.context

    @property
    def run_config(self) -> FrozenDict | None:
        """How it was started."""
        return self._record.run_config

    @property
    def created_at(self) -> DateTime | None:
        """When it was created."""
        return self._record.created_at

    @property
    def updated_at(self) -> DateTime | None:
        """When the server last changed its row; log lines do not count."""
        return self._record.updated_at

    @property
    def scheduled_start_at(self) -> DateTime | None:
        """When it was to begin."""
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
        """Where the server's own UI shows the run, if it is known."""
        return self._record.ui_url

    @property
    def missing(self) -> FrozenDict:
        """What the server did not give of this run, such as "history" or "flow name", and why; empty as a rule.

        `get_latest()` asks for it again.
        """
        return self._record.missing

    @property
    def record(self) -> FlowRunRecord:
        """Everything that was fetched."""
        return self._record

    @property
    def connection(self) -> Connection:
        """Where it came from."""
        return self._connection

    @property
    def run_count(self) -> int:
        """How often the run began: 1, and 1 more for each retry."""
        return self._record.attempts

    @property
    def deployment_id(self) -> str | None:
        """The deployment that started it; None on Prefect 1, and for runs that were simply called."""
        return self._record.deployment_id

    @property
    def work_pool(self) -> str | None:
        """The name of the work pool that it ran in; Prefect 3 only."""
        return self._record.work_pool_name

    @property
    def work_queue(self) -> str | None:
        """The name of the work queue that it came from; Prefect 3 only."""
        return self._record.work_queue_name

    @property
    def key_value_labels(self) -> FrozenDict:
        """Prefect 3's labels, which are pairs. Prefect 1's, which are words, are `labels`."""
        return self._record.key_value_labels

    @property
    def parent_task_run_id(self) -> str | None:
        """In the run that called this one as a sub-flow: the task run that stands for it."""
        return self._record.parent_task_run_id

    @property
    def fetched(self) -> FetchedParts:
        """What was fetched beside the record. It is shared by everything that shows the run; nobody changes it."""
        return self._fetched


def _unpickled(
    cls: type[FlowRunFacts], record: FlowRunRecord, connection: Connection, as_of: DateTime
) -> FlowRunFacts:
    return cls(record, connection, as_of=as_of)
