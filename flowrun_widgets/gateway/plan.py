"""The plan for a root field: which SQL statements run, and how their rows become JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sqlalchemy as sa

__all__ = ["Child", "Level", "Listed", "Members", "Plan", "Single", "Text", "Value"]


@dataclass(frozen=True)
class Text:
    """JSON that is known without the database."""

    json: str


@dataclass(frozen=True)
class Value:
    """One JSON value from one statement."""

    statement: sa.Select[Any]


@dataclass(frozen=True)
class Level:
    """A list that is fetched and written row by row.

    The columns of the statement are the id of the row's parent (below the first level), the row's own id (above the
    last level), and then the row's JSON; with a `child`, the JSON of the members before it and of the members after it.
    All levels have the same order, so that they can be read in parallel.
    """

    statement: sa.Select[Any]
    child: Child | None = None


@dataclass(frozen=True)
class Child:
    """The member of each row that is itself a streamed list."""

    key: str
    level: Level


@dataclass(frozen=True)
class Listed:
    """A list of rows."""

    level: Level


@dataclass(frozen=True)
class Single:
    """The first row, or null."""

    level: Level


@dataclass(frozen=True)
class Members:
    """An object whose members are answered one after another."""

    members: list[tuple[str, Plan]]


Plan = Text | Value | Listed | Single | Members
