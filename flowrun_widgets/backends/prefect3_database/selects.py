"""SQL for the columns of Prefect 3's tables, and the same structs from its rows as from the server's JSON."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, get_type_hints

import msgspec

from flowrun_widgets.backends.prefect3 import wire
from flowrun_widgets.errors import UnexpectedAnswer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from flowrun_widgets.backends.prefect3_database.database import Database, Reading

__all__ = [
    "MAX_VALUES",
    "TABLES",
    "among",
    "any_of",
    "artifacts",
    "flow_run_states",
    "flow_runs",
    "flows",
    "task_run_states",
    "task_runs",
]

MAX_VALUES = 500
"""The number of values in one `in (…)`."""

STATE_COLUMNS = frozenset(wire.State.__struct_fields__) | {"result_artifact_id"}
TABLES: dict[str, frozenset[str]] = {
    "flow": frozenset(wire.Flow.__struct_fields__),
    "flow_run": frozenset(wire.FlowRun.__struct_fields__) - {"state", "work_pool_name"}
    | {"state_type", "state_name", "work_queue_id"},
    "flow_run_state": STATE_COLUMNS | {"flow_run_id"},
    "task_run": frozenset(wire.TaskRun.__struct_fields__) - {"state"} | {"state_id", "state_type"},
    "task_run_state": STATE_COLUMNS | {"task_run_id"},
    "artifact": frozenset(wire.Artifact.__struct_fields__),
    "log": frozenset(wire.Line.__struct_fields__) - {"created"},
    "deployment": frozenset({"id", "name"}),
    "work_queue": frozenset({"id", "name", "work_pool_id"}),
    "work_pool": frozenset({"id", "name"}),
}
"""The tables and columns that are read: the fields of the structs, and what joins the tables."""


class _Kind:
    """How one struct is selected, and made of a row."""

    def __init__(self, struct: type[Any], alias: str, **others: str) -> None:
        """`others` are the expressions of fields that are not columns of the table; "" leaves a field out."""
        self.struct = struct
        self._alias = alias
        self._others = others
        hints = get_type_hints(struct)
        self._types = {
            name: hints[name] for name in struct.__struct_fields__ if others.get(name) != ""
        }

    def __len__(self) -> int:
        return len(self._types)

    def columns(self, database: Database) -> str:
        """Return the list of what is selected."""
        return ", ".join(
            _selected(database, kind, self._others.get(name, f"{self._alias}.{name}"))
            for name, kind in self._types.items()
        )

    def fields(self, database: Database, values: Sequence[Any]) -> dict[str, Any]:
        """Return the struct's fields for the values of a row."""
        return {
            name: _value(database, kind, value)
            for (name, kind), value in zip(self._types.items(), values, strict=True)
        }


FLOW = _Kind(wire.Flow, "f")
FLOW_RUN = _Kind(
    wire.FlowRun,
    "r",
    state="",
    work_pool_name="p.name",
    work_queue_name="coalesce(q.name, r.work_queue_name)",
)
TASK_RUN = _Kind(wire.TaskRun, "r", state="")
STATE = _Kind(wire.State, "s")
ARTIFACT = _Kind(wire.Artifact, "a")
WITH_STATE = "left join {kind}_state s on s.id = r.state_id left join artifact a on a.id = s.result_artifact_id"
FLOW_RUNS = (
    f"flow_run r {WITH_STATE.format(kind='flow_run')} left join flow f on f.id = r.flow_id "
    "left join work_queue q on q.id = r.work_queue_id left join work_pool p on p.id = q.work_pool_id"
)
TASK_RUNS = f"task_run r {WITH_STATE.format(kind='task_run')}"


def flow_runs(
    reading: Reading, rest: str, values: Mapping[str, Any]
) -> list[tuple[wire.FlowRun, str | None]]:
    """Return flow runs `r`, each with the name of its flow; `rest` is the SQL after the tables."""
    database = reading.database
    sql = f"select f.name, {_with_state(database, FLOW_RUN)} from {FLOW_RUNS} {rest}"
    return [(_run(database, FLOW_RUN, row[1:]), row[0]) for row in reading.rows(sql, values)]


def task_runs(reading: Reading, rest: str, values: Mapping[str, Any]) -> Iterator[wire.TaskRun]:
    """Yield task runs `r`."""
    database = reading.database
    sql = f"select {_with_state(database, TASK_RUN)} from {TASK_RUNS} {rest}"
    for batch in reading.batches(sql, values):
        for row in batch:
            yield _run(database, TASK_RUN, row)


def flow_run_states(reading: Reading, flow_run_id: str) -> list[wire.State]:
    """Return the history of a flow run, in no order."""
    return _states(reading, "flow_run", flow_run_id)


def task_run_states(reading: Reading, task_run_id: str) -> list[wire.State]:
    """Return the history of a task run, in no order."""
    return _states(reading, "task_run", task_run_id)


def flows(reading: Reading, rest: str, values: Mapping[str, Any]) -> list[wire.Flow]:
    """Return flows `f`."""
    database = reading.database
    sql = f"select {FLOW.columns(database)} from flow f {rest}"
    return [_made(database, FLOW, FLOW.fields(database, row)) for row in reading.rows(sql, values)]


def artifacts(reading: Reading, flow_run_id: str) -> list[wire.Artifact]:
    """Return the artifacts of a flow run, in no order."""
    database = reading.database
    sql = f"select {ARTIFACT.columns(database)} from artifact a where a.flow_run_id = :run"
    rows = reading.rows(sql, {"run": flow_run_id})
    return [_made(database, ARTIFACT, ARTIFACT.fields(database, row)) for row in rows]


def among(column: str, wanted: Iterable[str], name: str = "any") -> tuple[str, dict[str, Any]]:
    """Return the condition that a column has one of these values, and the values, whose names begin with `name`."""
    values = {f"{name}{number}": value for number, value in enumerate(wanted)}
    listed = ", ".join(f":{key}" for key in values)
    return f"{column} in ({listed or 'null'})", values


def any_of(column: str, wanted: Iterable[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield conditions that together choose the rows with one of many values."""
    rest = list(wanted)
    while rest:
        part, rest = rest[:MAX_VALUES], rest[MAX_VALUES:]
        yield among(column, part)


def _states(reading: Reading, owner: str, key: str) -> list[wire.State]:
    database = reading.database
    sql = (
        f"select {_state_columns(database)} from {owner}_state s "
        f"left join artifact a on a.id = s.result_artifact_id where s.{owner}_id = :key"
    )
    found = [_state(database, row) for row in reading.rows(sql, {"key": key})]
    return [_made(database, STATE, state) for state in found if state is not None]


def _with_state(database: Database, kind: _Kind) -> str:
    return f"{kind.columns(database)}, {_state_columns(database)}"


def _state_columns(database: Database) -> str:
    return f"{STATE.columns(database)}, {database.json('a.data')}"


def _run(database: Database, kind: _Kind, row: Sequence[Any]) -> Any:
    fields = kind.fields(database, row[: len(kind)])
    return _made(database, kind, {**fields, "state": _state(database, row[len(kind) :])})


def _state(database: Database, row: Sequence[Any]) -> dict[str, Any] | None:
    """Return the fields of a state; older servers keep its data in an artifact."""
    fields = STATE.fields(database, row[:-1])
    if fields["id"] is None:
        return None
    fields["data"] = fields["data"] or _value(database, Any, row[-1])
    return fields


def _made(database: Database, kind: _Kind, fields: dict[str, Any]) -> Any:
    try:
        return msgspec.convert(fields, kind.struct)
    except msgspec.ValidationError as error:
        raise UnexpectedAnswer(
            f"{database.url} has a {kind.struct.__name__} of an unknown form: {error}."
        ) from None


def _selected(database: Database, kind: Any, column: str) -> str:
    if _is(kind, str):
        return database.text(column)
    if _is(kind, datetime):
        return database.time(column)
    if _is(kind, float):
        return database.span(column)
    return column if _is(kind, int) or _is(kind, bool) else database.json(column)


def _value(database: Database, kind: Any, value: Any) -> Any:
    if value is None or _is(kind, str) or _is(kind, int):
        return value
    try:
        if _is(kind, datetime):
            return datetime.fromisoformat(value)
        if _is(kind, float):
            return database.seconds(value)
        if _is(kind, bool):
            return bool(value)
        # SQLite stores JSON that is a number as a number.
        return value if isinstance(value, int | float) else msgspec.json.decode(value)
    except (TypeError, ValueError, RecursionError) as error:
        raise UnexpectedAnswer(
            f"{database.url} has a value of an unknown form: {str(error)[:200]}."
        ) from None


def _is(kind: Any, wanted: type) -> bool:
    return kind is wanted or kind == wanted | None
