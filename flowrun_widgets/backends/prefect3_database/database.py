"""`Database`, what the SQL of this source needs of SQLite and of PostgreSQL, and `Reading`, one snapshot of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from datetime import datetime

__all__ = ["BATCH", "Database", "Reading"]

BATCH = 2_000
"""The number of rows that are handed over at once of a long answer; few enough for the processor's cache."""


class Reading(Protocol):
    """One transaction, which reads one snapshot. Values are written `:name` in the SQL, and are always bound."""

    @property
    def database(self) -> Database:
        """The database that is read."""
        ...

    def rows(self, sql: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Return every row."""
        ...

    def batches(self, sql: str, values: Mapping[str, Any]) -> Iterator[list[tuple[Any, ...]]]:
        """Yield the rows of a long answer, `BATCH` at a time."""
        ...


class Database(ABC):
    """A database that is read-only. Thread-safe: each reading has a connection of its own.

    Its expressions make both kinds of databases return the same values: text for ids, enums, JSON and times, a time as
    ISO 8601 with its offset.
    """

    kind: str
    """The folder of Prefect's migrations for it: "sqlite" or "postgresql"."""
    url: str
    """Its address, without the password."""
    zone: str
    """The offset that its stored times lack; "" if they have one."""
    arrival: str
    """The hidden column by which rows are in the order of their arrival, as far as the database tells."""

    @abstractmethod
    def reading(self) -> AbstractContextManager[Reading]:
        """Open a snapshot.

        Raises:
            BackendUnavailable: the database does not answer.
            BackendError: the database cannot be read.
            ConnectionClosed: this was closed.
        """

    @abstractmethod
    def columns(
        self, reading: Reading, tables: Iterable[str], *, only_readable: bool = True
    ) -> dict[str, set[str]]:
        """Return the columns of these tables, by default those that can be read; a view does not count as a table."""

    @abstractmethod
    def text(self, column: str) -> str:
        """Return the expression of a column with text, a UUID or an enum."""

    def time(self, column: str) -> str:
        """Return the expression of a column with a time."""
        return f"{self.text(column)} || '{self.zone}'" if self.zone else self.text(column)

    @abstractmethod
    def json(self, column: str) -> str:
        """Return the expression of a column with JSON."""

    @abstractmethod
    def span(self, column: str) -> str:
        """Return the expression of a column with a span of time."""

    @abstractmethod
    def seconds(self, span: Any) -> float | None:
        """Return the seconds of what `span` selects."""

    @abstractmethod
    def moment(self, moment: datetime) -> object:
        """Return a time as it is compared with a column."""

    @abstractmethod
    def close(self) -> None:
        """Let no more readings begin."""
