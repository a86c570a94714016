"""The root fields of Prefect's own service, next to Hasura's, and those from which a Cloud client learns its tenant."""

from __future__ import annotations

import json
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from flowrun_widgets.gateway import plan
from flowrun_widgets.states import State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowrun_widgets.gateway.dialects import Dialect, Value
    from flowrun_widgets.gateway.selection import Field, Selections

__all__ = ["SERVICE_TYPES", "Service"]

SERVICE_TYPES = {
    "hello": "String",
    "reference_data": "reference_data",
    "api": "api_info",
    "mapped_children": "mapped_children_payload",
    "get_task_run_info": "task_run_info_payload",
    "auth_info": "auth_info",
}
"""These root fields and the types of their answers."""


class Service:
    """Answers the root fields that are not tables."""

    def __init__(self, dialect: Dialect, selections: Selections) -> None:
        self._dialect = dialect
        self._selections = selections

    def compile(self, field: Field, arguments: Mapping[str, Any]) -> plan.Plan:
        """Return the plan for `field`.

        Raises:
            FieldError: an id is malformed.
        """
        match field.name:
            case "hello":
                return plan.Text(json.dumps("👋"))
            case "reference_data":
                return self._known(field, _reference_data())
            case "api":
                return self._known(field, _api())
            case "auth_info":
                return self._auth_info(field)
            case "mapped_children":
                return self._mapped_children(field, arguments["task_run_id"])
            case _:
                return self._task_run_info(field, arguments["task_run_id"])

    def _known(self, field: Field, values: Mapping[str, Any]) -> plan.Plan:
        names = {**values, "__typename": SERVICE_TYPES[field.name]}
        children = self._selections.children(field)
        return plan.Members(
            [(child.key, plan.Text(json.dumps(names[child.name]))) for child in children]
        )

    def _found(
        self, field: Field, values: Mapping[str, Value], statement: sa.Select[Any]
    ) -> plan.Plan:
        names = {
            **values,
            "__typename": sa.literal_column(f"'{SERVICE_TYPES[field.name]}'", sa.Text()),
        }
        children = self._selections.children(field)
        record = self._dialect.record([(child.key, names[child.name]) for child in children])
        return plan.Value(statement.with_only_columns(self._dialect.text(record)))

    def _auth_info(self, field: Field) -> plan.Plan:
        tenant = self._dialect.tables["tenant"].source()
        first = sa.select(tenant.c.id).order_by(tenant.c.created).limit(1).scalar_subquery()
        return self._found(field, {"tenant_id": first}, sa.select(first))

    def _task_run_info(self, field: Field, task_run_id: Any) -> plan.Plan:
        run, task = self._dialect.tables["task_run"].source(), self._dialect.tables["task"].source()
        joined = run.outerjoin(task, task.c.id == run.c.task_id)
        wanted = run.c.id == self._dialect.literal("uuid", task_run_id)
        names = ("id", "flow_run_id", "task_id", "version", "state")
        values: dict[str, Value] = {name: run.c[name] for name in names}
        values["task_slug"] = task.c.slug
        values["serialized_state"] = self._dialect.shown("jsonb", run.c.serialized_state)
        return self._found(field, values, sa.select(run.c.id).select_from(joined).where(wanted))

    def _mapped_children(self, field: Field, task_run_id: Any) -> plan.Plan:
        parent, child = (
            self._dialect.tables["task_run"].source(),
            self._dialect.tables["task_run"].source(),
        )
        same = sa.and_(
            child.c.flow_run_id == parent.c.flow_run_id, child.c.task_id == parent.c.task_id
        )
        wanted = (
            parent.c.id == self._dialect.literal("uuid", task_run_id),
            child.c.map_index > sa.literal_column("-1"),
        )

        def over_children(*columns: Value) -> sa.Select[Any]:
            return sa.select(*columns).select_from(parent.join(child, same)).where(*wanted)

        states = (
            over_children(child.c.state.label("state"), sa.func.count().label("runs"))
            .where(child.c.state.is_not(None))
            .group_by(child.c.state)
            .subquery()
        )
        counts = sa.select(self._dialect.object_of(states.c.state, states.c.runs))
        start = self._dialect.shown("timestamptz", sa.func.min(child.c.start_time))
        end = self._dialect.shown("timestamptz", sa.func.max(child.c.end_time))
        values: dict[str, Value] = {
            "min_start_time": over_children(start).scalar_subquery(),
            "max_end_time": over_children(end).scalar_subquery(),
            "state_counts": counts.scalar_subquery(),
        }
        return self._found(field, values, sa.select(sa.literal_column("1")))


def _api() -> dict[str, Any]:
    try:
        own = version("flowrun-widgets")
    except PackageNotFoundError:
        own = None
    return {
        "backend": "SERVER",
        "mode": "normal",
        "version": own,
        "core_version": None,
        "release_timestamp": None,
    }


@cache
def _reference_data() -> dict[str, Any]:
    classes: list[type[State]] = [State, *State.children()]
    hierarchy = {each.__name__: each.children(names_only=True) for each in classes}
    colors = {each.__name__: {"color": each.color} for each in classes}
    return {"state_hierarchy": hierarchy, "state_info": colors}
