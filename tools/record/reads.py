"""Answers to the client's reads: filters, relationships and selected columns."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from tables import COLUMNS, Row, Tables

if TYPE_CHECKING:
    from document import Selection

_OBJECTS = {
    ("flow", "project"): "project_id",
    ("flow", "flow_group"): "flow_group_id",
    ("flow_run", "flow"): "flow_id",
    ("task_run", "flow_run"): "flow_run_id",
    ("task_run", "task"): "task_id",
}
_ARRAYS = {
    ("flow_run", "task_runs"): ("task_run", "flow_run_id"),
    ("flow_run", "states"): ("flow_run_state", "flow_run_id"),
    ("flow_run", "logs"): ("log", "flow_run_id"),
}


class Reads:
    """Queries over the tables, as far as registering and executing a run needs them."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def answer(self, selection: Selection) -> Any:
        """Return the value of one root field of a query."""
        name, arguments = selection.name, selection.arguments
        if name == "hello":
            return "👋"
        if name == "get_task_run_info":
            return self.select(
                "task_run", self._tables.get("task_run", arguments["task_run_id"]), selection
            )
        if name.endswith("_by_pk"):
            table = name.removesuffix("_by_pk")
            found = self._tables.where(table, id=arguments["id"])
            return self.select(table, found[0], selection) if found else None
        if name in COLUMNS:
            return self._rows(name, self._tables.rows[name], selection)
        raise LookupError(f'Cannot query field "{name}" on type "Query".')

    def select(self, table: str, row: Row, selection: Selection) -> Row:
        """Return what the selection asks of this row, relationships included."""
        answer: Row = {}
        for wanted in selection.fields:
            if (table, wanted.name) in _OBJECTS:
                related = self._tables.get(wanted.name, row[_OBJECTS[table, wanted.name]])
                answer[wanted.name] = self.select(wanted.name, related, wanted)
            elif (table, wanted.name) in _ARRAYS:
                other, rows = self._related(table, wanted.name, row)
                answer[wanted.name] = self._rows(other, rows, wanted)
            else:
                answer[wanted.name] = row[wanted.name]
        return answer

    def _rows(self, table: str, rows: list[Row], selection: Selection) -> list[Row]:
        arguments = selection.arguments
        found = [row for row in rows if self._matches(table, row, arguments.get("where") or {})]
        for column, direction in reversed((arguments.get("order_by") or {}).items()):
            found.sort(key=lambda row: row[column] or "", reverse=direction == "desc")
        return [self.select(table, row, selection) for row in found[: arguments.get("limit")]]

    def _related(self, table: str, name: str, row: Row) -> tuple[str, list[Row]]:
        other, column = _ARRAYS[table, name]
        return other, self._tables.where(other, **{column: row["id"]})

    def _matches(self, table: str, row: Row, where: dict[str, Any]) -> bool:
        return all(self._holds(table, row, name, wanted) for name, wanted in where.items())

    def _holds(self, table: str, row: Row, name: str, wanted: Any) -> bool:
        if name == "_and":
            return all(self._matches(table, row, part) for part in wanted)
        if name == "_or":
            return any(self._matches(table, row, part) for part in wanted)
        if (table, name) in _OBJECTS:
            return self._matches(name, self._tables.get(name, row[_OBJECTS[table, name]]), wanted)
        if (table, name) in _ARRAYS:
            other, rows = self._related(table, name, row)
            return any(self._matches(other, each, wanted) for each in rows)
        return all(_compare(row[name], operator, value) for operator, value in wanted.items())


def _compare(found: Any, operator: str, wanted: Any) -> bool:
    if operator == "_is_null":
        return (found is None) == wanted
    if found is None:
        return False
    if operator == "_eq":
        return bool(found == wanted)
    if operator == "_in":
        return found in wanted
    if operator == "_lte":
        return _moment(found) <= _moment(wanted)
    if operator == "_gte":
        return _moment(found) >= _moment(wanted)
    raise LookupError(f'Field "{operator}" is not defined.')


def _moment(value: str) -> datetime:
    moment = datetime.fromisoformat(value)
    return moment if moment.tzinfo else datetime.fromisoformat(value + "+00:00")
