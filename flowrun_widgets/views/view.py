"""`View`: the base class of every view, an immutable record and the connection it came from."""

from __future__ import annotations

from typing import Any, ClassVar, Generic, NoReturn, Protocol, Self, TypeVar

from flowrun_widgets.connection.connection import Connection


class Record(Protocol):
    """One of `flowrun_widgets.records`."""

    def identity(self) -> tuple[object, ...]:
        """Return everything that was fetched."""
        ...


RecordT = TypeVar("RecordT", bound=Record)


class View(Generic[RecordT]):
    """An immutable view of one record. Two views are equal if their source, kind and fetched data are equal."""

    __slots__ = ("__weakref__", "_connection", "_record")

    _kind: ClassVar[str]
    _record: RecordT
    _connection: Connection

    def __init__(self, record: RecordT, connection: Connection) -> None:
        self._keep(_record=record, _connection=connection)

    def _keep(self, **values: Any) -> None:
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"a {type(self).__name__} is a snapshot: {name!r} cannot be set")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"a {type(self).__name__} is a snapshot: {name!r} cannot be deleted")

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return (
            self._connection.url == other._connection.url
            and self._record.identity() == other._record.identity()
        )

    def __hash__(self) -> int:
        return hash((type(self).__name__, self._connection.url, self._record.identity()))

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, _memo: object) -> Self:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._record, self._connection)
