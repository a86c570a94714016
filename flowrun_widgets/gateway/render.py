"""Runs a plan and writes its answer in pieces: memory is bounded, however many rows there are."""

from __future__ import annotations

from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Any

from flowrun_widgets.gateway.errors import TOO_LARGE, FieldError
from flowrun_widgets.gateway.plan import Child, Level, Listed, Members, Plan, Single, Text, Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import sqlalchemy as sa

__all__ = ["LARGEST_ROW", "written"]

_MOST_ROWS = 500
_FIRST_ROWS = 4
_BATCH = 256 * 1024
LARGEST_ROW = 128 * 1024 * 1024
"""The maximum size of the JSON of one row, including lists that are not written row by row."""


def written(plan: Plan, connection: sa.Connection) -> Iterator[str]:
    """Yield the JSON of the answer to `plan`."""
    match plan:
        case Text():
            yield plan.json
        case Value():
            value = connection.execute(plan.statement).scalar()
            yield "null" if value is None else value
        case Listed():
            with closing(_Rows(plan.level, connection)) as rows:
                yield from _listed(rows)
        case Single():
            with closing(_Rows(plan.level, connection)) as rows:
                yield from _single(rows)
        case Members():
            for number, (key, member) in enumerate(plan.members):
                yield f'{"," if number else "{"}"{key}":'
                yield from written(member, connection)
            yield "}" if plan.members else "{}"


class _Rows:
    """The rows of a level, read in batches, with a look-ahead of one row."""

    def __init__(self, level: Level, connection: sa.Connection, is_below: bool = False) -> None:
        self.child = level.child
        self.below = _Rows(level.child.level, connection, True) if level.child else None
        self._is_below = is_below
        self._next = _FIRST_ROWS
        self._at = 0
        # SQLite returns one row at a time anyway; SQLAlchemy would add a buffer.
        has_cursors = connection.dialect.supports_server_side_cursors
        streaming = connection.execution_options(stream_results=has_cursors)
        with ExitStack() as opened:
            if self.below is not None:
                opened.callback(self.below.close)
            self._result = streaming.execute(level.statement)
            opened.callback(self._result.close)
            self._batch = self._fetched()
            opened.pop_all()  # no error: `close` is called later

    def close(self) -> None:
        """Stop reading: an open statement would hold its snapshot of the database."""
        self._result.close()
        if self.below is not None:
            self.below.close()

    @property
    def has_more(self) -> bool:
        """Whether there is a next row."""
        return bool(self._batch)

    def take(self) -> Any:
        """Return the next row."""
        row = self._batch[self._at]
        self._go_to(self._at + 1)
        return row

    def of(self, parent: Any) -> Iterator[Any]:
        """Yield the rows that belong to `parent`; on the first level, every row."""
        while self._batch and self._belongs(self._batch[self._at], parent):
            yield self.take()

    def joined_of(self, parent: Any) -> Iterator[str]:
        """Yield the JSON of the rows that belong to `parent`, many at a time, with commas between them."""
        while self._batch and self._belongs(self._batch[self._at], parent):
            end = len(self._batch)
            if not self._belongs(self._batch[-1], parent):
                end = next(
                    at for at in range(self._at, end) if not self._belongs(self._batch[at], parent)
                )
            text = ",".join([row[-1] for row in self._batch[self._at : end]])
            self._go_to(end)
            yield text

    def _belongs(self, row: Any, parent: Any) -> bool:
        return not self._is_below or row[0] == parent

    def _go_to(self, at: int) -> None:
        self._at = at
        if at == len(self._batch):
            self._batch = self._fetched()
            self._at = 0

    def _fetched(self) -> Sequence[Any]:
        """Return the next rows: many if they are small, few if they are large."""
        rows: Sequence[Any] = self._result.fetchmany(self._next)
        if rows:
            lengths = [len(row[-1]) for row in rows]
            if self.child:
                lengths = [length + len(row[-2]) for length, row in zip(lengths, rows, strict=True)]
            if max(lengths) > LARGEST_ROW:
                raise FieldError(TOO_LARGE, "unexpected")
            fitting = _BATCH * len(rows) // (sum(lengths) + 1)
            self._next = max(1, min(_MOST_ROWS, 2 * self._next, fitting))
        return rows


def _single(rows: _Rows) -> Iterator[str]:
    yield from _object(rows, rows.take()) if rows.has_more else ("null",)
    _check_end(rows)


def _listed(rows: _Rows) -> Iterator[str]:
    yield from _array(rows, None)
    _check_end(rows)


def _check_end(rows: _Rows) -> None:
    # Rows without a matching parent would be missing from the answer without any error.
    if rows.has_more or (rows.below and rows.below.has_more):
        raise RuntimeError("The levels of an answer are not in the same order.")


def _array(rows: _Rows, parent: Any) -> Iterator[str]:
    separator = "["
    if rows.child is None:
        for text in rows.joined_of(parent):
            yield separator + text
            separator = ","
    else:
        for row in rows.of(parent):
            yield separator
            yield from _object(rows, row)
            separator = ","
    yield "]" if separator == "," else "[]"


def _object(rows: _Rows, row: Any) -> Iterator[str]:
    child: Child | None = rows.child
    if child is None or rows.below is None:
        yield row[-1]
        return
    before, after = row[-2][1:-1], row[-1][1:-1]
    yield "{" + before + ("," if before else "") + f'"{child.key}":'
    yield from _array(rows.below, row[-3])
    yield ("," if after else "") + after + "}"
