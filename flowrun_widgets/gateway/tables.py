"""Prefect 1's tracked tables and their relationships, from which the rest of the gateway is derived.

Columns and relationships are those of Prefect Server's newest schema and Hasura metadata; `!` means NOT NULL.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from flowrun_widgets.lazy import lazy

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "NUMERIC",
    "ORDERED",
    "TABLES",
    "TRAVERSAL",
    "ArrayRelation",
    "Column",
    "ObjectRelation",
    "Table",
    "has_columns",
    "narrowed",
]

NUMERIC = frozenset({"Int"})
"""Scalars that have avg, sum, stddev and similar aggregates."""
ORDERED = frozenset({"Int", "String", "uuid", "timestamptz", "interval"})
"""Scalars that have max and min."""

TRAVERSAL = "utility_traversal"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, its GraphQL scalar, and whether it may be null."""

    name: str
    scalar: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class ObjectRelation:
    """A field with the row of `table` whose id is in our `column`."""

    name: str
    table: str
    column: str


@dataclass(frozen=True, slots=True)
class ArrayRelation:
    """A field with the list of rows of `table` that have our id in their `column`."""

    name: str
    table: str
    column: str


@dataclass(frozen=True)
class Table:
    """A tracked table: its columns, its relationships, and the SQL table behind it."""

    name: str
    columns: Mapping[str, Column]
    objects: Mapping[str, ObjectRelation]
    arrays: Mapping[str, ArrayRelation]
    bulk: int = 0
    """Above zero if one parent may have very many rows of this table; the table with the highest value is streamed."""

    @property
    def has_id(self) -> bool:
        """Whether rows have a primary key, and therefore a `…_by_pk` root field."""
        return "id" in self.columns

    @lazy
    def sql(self) -> sa.TableClause:
        """The table for SQLAlchemy. `rowid` exists only in SQLite and is not part of the GraphQL schema."""
        names = [*self.columns, "rowid"] if self.has_id else list(self.columns)
        return sa.table(self.name, *(sa.column(name) for name in names))

    def source(self) -> sa.FromClause:
        """Return a new alias of the table to select from. Traversals exist only as results of functions."""
        if self.has_id:
            return self.sql.alias()
        nothing: list[sa.ColumnElement[Any]] = [sa.null().label(name) for name in self.columns]
        return sa.select(*nothing).where(sa.false()).subquery()

    def with_scalars(self, scalars: frozenset[str]) -> list[Column]:
        """Return the columns with one of these scalars."""
        return [column for column in self.columns.values() if column.scalar in scalars]


_HEAD = "id uuid!, tenant_id uuid, created timestamptz!, updated timestamptz!, "
_OWNED_HEAD = "id uuid!, tenant_id uuid!, created timestamptz!, updated timestamptz!, "
_LATEST_STATE = (
    "state String, state_timestamp timestamptz, state_message String, state_result jsonb, "
    "state_start_time timestamptz, serialized_state jsonb"
)
_STATE = (
    "timestamp timestamptz!, state String!, message String, result jsonb, start_time timestamptz, "
    "serialized_state jsonb!, version Int"
)

_COLUMNS = {
    "tenant": (
        "id uuid!, created timestamptz!, updated timestamptz!, name String!, slug String!, info jsonb, settings jsonb!"
    ),
    "project": _HEAD + "name String!, description String",
    "flow_group": (
        _HEAD + "name String, description String, labels jsonb, schedule jsonb, settings jsonb!, "
        "default_parameters jsonb!, run_config jsonb"
    ),
    "flow": (
        _HEAD
        + "version Int, name String!, description String, environment jsonb, parameters jsonb, project_id uuid!, "
        "flow_group_id uuid!, archived Boolean!, version_group_id String, storage jsonb, core_version String, "
        "settings jsonb!, serialized_flow jsonb, schedule jsonb, is_schedule_active Boolean!, run_config jsonb"
    ),
    "task": (
        _HEAD
        + "flow_id uuid!, name String, slug String, description String, type String, max_retries Int, "
        "retry_delay interval, trigger String, mapped Boolean!, auto_generated Boolean!, cache_key String, "
        "is_root_task Boolean!, is_terminal_task Boolean!, is_reference_task Boolean!, tags jsonb!"
    ),
    "edge": _HEAD
    + "flow_id uuid!, upstream_task_id uuid!, downstream_task_id uuid!, key String, mapped Boolean!",
    "flow_run": (
        _HEAD
        + "flow_id uuid!, agent_id uuid, name String, parameters jsonb, context jsonb, labels jsonb!, "
        "run_config jsonb, idempotency_key String, auto_scheduled Boolean!, scheduled_start_time timestamptz!, "
        "heartbeat timestamptz, start_time timestamptz, end_time timestamptz, times_resurrected Int, version Int!, "
        + _LATEST_STATE
    ),
    "flow_run_state": _HEAD + "flow_run_id uuid!, " + _STATE,
    "task_run": (
        _HEAD
        + "flow_run_id uuid!, task_id uuid!, map_index Int!, name String, version Int!, heartbeat timestamptz, "
        "start_time timestamptz, end_time timestamptz, cache_key String, " + _LATEST_STATE
    ),
    "task_run_state": _HEAD + "task_run_id uuid!, " + _STATE,
    "log": (
        _HEAD
        + "flow_run_id uuid, task_run_id uuid, timestamp timestamptz!, name String, level String, "
        "message String, info jsonb, is_loaded_from_archive Boolean"
    ),
    "agent": (
        _OWNED_HEAD
        + "agent_config_id uuid, name String, type String, core_version String, labels jsonb!, "
        "last_queried timestamptz"
    ),
    "agent_config": _OWNED_HEAD + "name String, settings jsonb!",
    "task_run_artifact": _OWNED_HEAD + "task_run_id uuid!, kind String!, data jsonb!",
    "message": _OWNED_HEAD + "read Boolean!, type String, text String, content jsonb!",
    "cloud_hook": (
        _HEAD
        + "name String, states jsonb, type String!, config jsonb!, active Boolean!, version_group_id String"
    ),
    TRAVERSAL: "tenant_id uuid, task_id uuid, depth Int",
}

_OBJECTS = {
    "project": "tenant tenant tenant_id",
    "flow_group": "tenant tenant tenant_id",
    "flow": "flow_group flow_group flow_group_id, project project project_id, tenant tenant tenant_id",
    "task": "flow flow flow_id",
    "edge": "flow flow flow_id, upstream_task task upstream_task_id, downstream_task task downstream_task_id",
    "flow_run": "agent agent agent_id, flow flow flow_id, tenant tenant tenant_id",
    "flow_run_state": "flow_run flow_run flow_run_id",
    "task_run": "flow_run flow_run flow_run_id, task task task_id, tenant tenant tenant_id",
    "task_run_state": "task_run task_run task_run_id",
    "task_run_artifact": "task_run task_run task_run_id",
    "agent": "agent_config agent_config agent_config_id",
    TRAVERSAL: "task task task_id",
}

_ARRAYS = {
    "tenant": "flow_groups flow_group tenant_id, flows flow tenant_id, projects project tenant_id",
    "project": "flows flow project_id",
    "flow_group": "flows flow flow_group_id",
    "flow": "edges edge flow_id, flow_runs flow_run flow_id, tasks task flow_id",
    "task": "downstream_edges edge upstream_task_id, upstream_edges edge downstream_task_id, task_runs task_run task_id",
    "flow_run": "logs log flow_run_id, states flow_run_state flow_run_id, task_runs task_run flow_run_id",
    "task_run": "logs log task_run_id, states task_run_state task_run_id",
    "agent": "flow_runs flow_run agent_id",
    "agent_config": "agents agent agent_config_id",
}

_BULK = {"log": 3, "task_run": 2, "flow_run": 1}


def _entries(text: str) -> list[list[str]]:
    return [entry.split() for entry in text.split(",") if entry.strip()]


def _table(name: str, columns: str) -> Table:
    return Table(
        name=name,
        columns=MappingProxyType(
            {
                column: Column(column, scalar.rstrip("!"), scalar.endswith("!"))
                for column, scalar in _entries(columns)
            }
        ),
        objects=MappingProxyType(
            {entry[0]: ObjectRelation(*entry) for entry in _entries(_OBJECTS.get(name, ""))}
        ),
        arrays=MappingProxyType(
            {entry[0]: ArrayRelation(*entry) for entry in _entries(_ARRAYS.get(name, ""))}
        ),
        bulk=_BULK.get(name, 0),
    )


TABLES: Mapping[str, Table] = MappingProxyType(
    {name: _table(name, columns) for name, columns in _COLUMNS.items()}
)
"""Every tracked table by name."""


def has_columns(tables: Mapping[str, Table], needed: Mapping[str, tuple[str, ...]]) -> bool:
    """Return whether these tables have all these columns."""
    return all(
        name in tables and set(columns) <= set(tables[name].columns)
        for name, columns in needed.items()
    )


def narrowed(there: Mapping[str, Mapping[str, tuple[str, bool]]]) -> Mapping[str, Table]:
    """Return the tracked tables with only the existing columns: `there` has scalar and NOT NULL by table and name.

    Tables without an id are left out, and so are relationships of which one end is missing.
    """
    columns = {
        name: {
            column.name: Column(column.name, *there[name][column.name])
            for column in table.columns.values()
            if column.name in there[name]
        }
        for name, table in TABLES.items()
        if there.get(name, {}).get("id", ("", False))[0] == "uuid"
    }
    if "task" in columns:
        columns[TRAVERSAL] = dict(TABLES[TRAVERSAL].columns)
    tables = MappingProxyType(
        {
            name: Table(
                name=name,
                columns=MappingProxyType(own),
                objects=MappingProxyType(
                    {
                        each.name: each
                        for each in TABLES[name].objects.values()
                        if each.table in columns and each.column in own
                    }
                ),
                arrays=MappingProxyType(
                    {
                        each.name: each
                        for each in TABLES[name].arrays.values()
                        if each.column in columns.get(each.table, {})
                    }
                ),
                bulk=TABLES[name].bulk,
            )
            for name, own in columns.items()
        }
    )
    return TABLES if tables == TABLES else tables
