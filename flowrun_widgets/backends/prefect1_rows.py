"""Converts rows of Prefect 1's tables to records, from GraphQL JSON or from SQLite.

JSON columns are already decoded; times are ISO 8601 text, or microseconds as in the store. A row that Prefect cannot
have written raises UnexpectedAnswer, which names the source and the field.
"""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

from flowrun_widgets.containers import FrozenDict, FrozenList, freeze
from flowrun_widgets.errors import UnexpectedAnswer
from flowrun_widgets.log_columns import LogColumns
from flowrun_widgets.records import (
    AgentRecord,
    ArtifactRecord,
    FlowRecord,
    FlowRunRecord,
    TaskGraph,
    TaskRunRecord,
    TenantRecord,
)
from flowrun_widgets.states import Pending, Scheduled, State, state_from_json
from flowrun_widgets.times import from_micros, parse_micros, parse_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from pendulum import DateTime

    Row = Mapping[str, Any]

__all__ = [
    "agent_record",
    "artifact_record",
    "flow_record",
    "flow_run_record",
    "log_columns",
    "log_row_columns",
    "newest_update",
    "task_graph",
    "task_run_record",
    "tenant_record",
]

R = TypeVar("R")

NEVER = from_micros(0)
NO_STATE_YET = "A state for this flow run is not yet available."
REFUSED = (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError)
MAX_INTEGER = 2**63 - 1
TEXT = frozenset({str})
LOG_TYPES = {
    "timestamp": frozenset({str, int}),
    "level": frozenset({str, int, type(None)}),
    "message": TEXT | {type(None)},
    "id": TEXT,
    "name": TEXT | {type(None)},
    "task_run_id": TEXT | {type(None)},
}
FIRST_LOG, LAST_LOG = (
    parse_micros("0001-01-02T00:00:00+00:00"),
    parse_micros("9999-12-30T23:59:59+00:00"),
)
"""The range of `datetime` less one day, so that every time has a local time."""


class _Fields:
    """A row that is read field by field; an error is about the field that was read last."""

    def __init__(self, row: Row, above: str = "", read: list[str] | None = None) -> None:
        self.read = [] if read is None else read
        self._row = row
        self._above = above

    def any(self, name: str) -> Any:
        self.read.append(f"{self._above}{name}")
        return self._row.get(name)

    def text(self, name: str) -> str | None:
        return self._one_of(name, str)

    def needed(self, name: str) -> str:
        text = self.text(name)
        if text is None:
            raise KeyError(name)
        return text

    def number(self, name: str) -> int | None:
        number = self._one_of(name, int)
        if number is not None and abs(number) > MAX_INTEGER:
            raise OverflowError(name)
        return number

    def time(self, name: str) -> DateTime | None:
        value = self._one_of(name, str, int)
        return from_micros(value) if isinstance(value, int) else parse_time(value)

    def mapping(self, name: str) -> FrozenDict | None:
        return freeze(self._one_of(name, dict))

    def texts(self, name: str) -> FrozenList[str] | None:
        values = self._one_of(name, list, tuple)
        if values is not None and not all(isinstance(value, str) for value in values):
            raise TypeError(name)
        return freeze(values)

    def state(self, name: str) -> State | None:
        serialized = self._one_of(name, dict)
        return None if serialized is None else state_from_json(serialized)

    def history(self, name: str) -> tuple[State, ...]:
        """Return the states of `timestamp` and `serialized_state`, oldest first."""
        rows = [
            _Fields(row, f"{name}.", self.read) for row in self._one_of(name, list, tuple) or ()
        ]
        timed = [(row.time("timestamp"), row.any("serialized_state")) for row in rows]
        timed.sort(key=lambda entry: entry[0] or NEVER)
        return tuple(state_from_json(serialized, moment) for moment, serialized in timed)

    def within(self, name: str) -> _Fields:
        """Return the fields of the object in a field; they are all empty if there is no object."""
        return _Fields(self._one_of(name, dict) or {}, f"{self._above}{name}.", self.read)

    def _one_of(self, name: str, *kinds: type) -> Any:
        value = self.any(name)
        if value is not None and (not isinstance(value, kinds) or isinstance(value, bool)):
            raise TypeError(name)
        return value


def _expected(build: Callable[[_Fields], R]) -> Callable[[Row, str], R]:
    what = build.__name__.removesuffix("_record").replace("_", " ")

    @wraps(build)
    def checked(row: Row, source: str) -> R:
        fields = _Fields(row)
        try:
            return build(fields)
        except REFUSED:
            raise _unexpected(source, what, fields.read[-1]) from None

    return checked


def _unexpected(source: str, what: str, field: str) -> UnexpectedAnswer:
    return UnexpectedAnswer(
        f"{source} has a {what} whose `{field}` is in a form that Prefect does not write. "
        "Check that Prefect 1 or this package wrote it; fw.graphql() shows the raw value."
    )


@_expected
def flow_run_record(row: _Fields) -> FlowRunRecord:
    """Return the record of a row of `flow_run`, in which `flow` and `states` are nested objects."""
    flow, extra = row.within("flow"), row.within("extra")
    return FlowRunRecord(
        id=row.needed("id"),
        name=row.text("name"),
        flow_id=row.text("flow_id"),
        state=row.state("serialized_state") or Pending(NO_STATE_YET),
        states=row.history("states"),
        flow_name=flow.text("name"),
        project_name=flow.within("project").text("name"),
        labels=row.texts("labels") or FrozenList(),
        tags=extra.texts("tags") or FrozenList(),
        parameters=row.mapping("parameters") or FrozenDict(),
        context=row.mapping("context") or FrozenDict(),
        run_config=row.mapping("run_config"),
        created_at=row.time("created"),
        updated_at=row.time("updated"),
        scheduled_start_at=row.time("scheduled_start_time"),
        started_at=row.time("start_time"),
        ended_at=row.time("end_time"),
        ui_url=extra.text("ui_url"),
        extra=row.mapping("extra") or FrozenDict(),
    )


@_expected
def task_run_record(row: _Fields) -> TaskRunRecord:
    """Return the record of a row of `task_run`, in which `task` and `states` are nested objects."""
    task = row.within("task")
    map_index = row.number("map_index")
    return TaskRunRecord(
        id=row.needed("id"),
        flow_run_id=row.needed("flow_run_id"),
        state=row.state("serialized_state") or Scheduled(),
        name=row.text("name"),
        task_id=task.text("id"),
        task_slug=task.text("slug"),
        task_name=task.text("name"),
        map_index=-1 if map_index is None else map_index,
        states=row.history("states"),
        created_at=row.time("created"),
        updated_at=row.time("updated"),
        started_at=row.time("start_time"),
        ended_at=row.time("end_time"),
        extra=row.mapping("extra") or FrozenDict(),
    )


@_expected
def flow_record(row: _Fields) -> FlowRecord:
    """Return the record of a row of `flow`, in which `project` and `flow_group` are nested objects."""
    return FlowRecord(
        id=row.needed("id"),
        name=row.needed("name"),
        project_name=row.within("project").text("name"),
        version=row.number("version"),
        archived=bool(row.any("archived")),
        core_version=row.text("core_version"),
        settings=row.mapping("settings"),
        run_config=row.mapping("run_config"),
        serialized_flow=row.mapping("serialized_flow"),
        storage=row.mapping("storage"),
        flow_group_id=row.text("flow_group_id"),
        flow_group_labels=row.within("flow_group").texts("labels"),
        created_at=row.time("created"),
        extra=row.mapping("extra") or FrozenDict(),
    )


@_expected
def artifact_record(row: _Fields) -> ArtifactRecord:
    """Return the record of a row of `task_run_artifact`, in which `data` is a decoded value."""
    kind, data = row.needed("kind"), row.any("data")
    only = data[kind] if isinstance(data, dict) and set(data) == {kind} else data
    return ArtifactRecord(
        id=row.needed("id"),
        kind=kind,
        data=freeze(only),
        task_run_id=row.text("task_run_id"),
        created_at=row.time("created"),
    )


@_expected
def tenant_record(row: _Fields) -> TenantRecord:
    """Return the record of a row of `tenant`."""
    return TenantRecord(id=row.needed("id"), name=row.text("name"), slug=row.text("slug"))


@_expected
def agent_record(row: _Fields) -> AgentRecord:
    """Return the record of a row of `agent`."""
    return AgentRecord(
        id=row.needed("id"),
        name=row.text("name"),
        labels=row.texts("labels") or FrozenList(),
        last_queried_at=row.time("last_queried"),
    )


def task_graph(rows: Iterable[Row], source: str) -> TaskGraph | None:
    """Return the graph of rows of `task` with their `upstream_edges`; None if no task decides the state of the run."""
    reference_ids: set[str] = set()
    upstream: dict[str, FrozenList[str]] = {}
    try:
        for row in rows:
            if row.get("is_reference_task"):
                reference_ids.add(row["id"])
            edges = row.get("upstream_edges") or ()
            upstream[row["id"]] = FrozenList(edge["upstream_task_id"] for edge in edges)
    except REFUSED:
        raise _unexpected(source, "task", "upstream_edges") from None
    return TaskGraph(frozenset(reference_ids), FrozenDict(upstream)) if reference_ids else None


def log_columns(
    source: str, fields: Mapping[str, Sequence[Any]], tasks: Mapping[str, str]
) -> LogColumns:
    """Return log lines as columns, from the columns of `log`; `tasks` maps task run ids to labels."""
    field = "timestamp"
    try:
        for field, types in LOG_TYPES.items():
            if not set(map(type, fields[field])) <= types:
                raise TypeError(field)
        field = "timestamp"
        timestamps = [parse_micros(t) if isinstance(t, str) else t for t in fields[field]]
        if timestamps and not (min(timestamps) >= FIRST_LOG and max(timestamps) <= LAST_LOG):
            raise OverflowError(field)
        field = "level"
        return LogColumns.from_lists(
            timestamps=timestamps,
            levels=fields["level"],
            messages=fields["message"],
            ids=fields["id"],
            loggers=fields["name"],
            task_run_ids=fields["task_run_id"],
            tasks=tasks,
        )
    except REFUSED:
        raise _unexpected(source, "log line", field) from None


def log_row_columns(source: str, rows: Sequence[Row], tasks: Mapping[str, str]) -> LogColumns:
    """Return log lines as columns, from rows of `log`; `tasks` maps task run ids to labels."""
    fields = {field: [row.get(field) for row in rows] for field in LOG_TYPES}
    return log_columns(source, fields, tasks)


def newest_update(source: str, what: str, rows: Iterable[Row]) -> DateTime | None:
    """Return the newest `updated` of rows, which is text in one format; None if no row has one."""
    try:
        return parse_time(
            max((u for row in rows if (u := row.get("updated")) is not None), default=None)
        )
    except REFUSED:
        raise _unexpected(source, what, "updated") from None
