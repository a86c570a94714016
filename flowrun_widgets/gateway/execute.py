"""`Gateway`, which answers GraphQL documents in the format of Prefect 1's server."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLNonNull,
    NameNode,
    OperationDefinitionNode,
    SelectionSetNode,
    execute_sync,
)
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from flowrun_widgets.forks import in_child
from flowrun_widgets.gateway import plan
from flowrun_widgets.gateway.app import GatewayApp
from flowrun_widgets.gateway.compile import Compiler
from flowrun_widgets.gateway.database import Database, open_database
from flowrun_widgets.gateway.documents import Document, Documents
from flowrun_widgets.gateway.errors import FieldError, RequestError, too_deep, too_wide
from flowrun_widgets.gateway.render import written
from flowrun_widgets.gateway.response import JSON_TYPE, Response, refusal
from flowrun_widgets.gateway.schema import build_schema
from flowrun_widgets.gateway.selection import Field, Selections
from flowrun_widgets.gateway.service import SERVICE_TYPES, Service

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection, Engine

    from flowrun_widgets.settings import Secret

__all__ = ["Gateway"]

MAX_ROOTS = 200
_CHUNK = 128 * 1024


@dataclass
class _Job:
    """The root fields of one operation, with the plan or the error for each."""

    plans: dict[str, plan.Plan] = field(default_factory=dict[str, plan.Plan])
    fields: dict[str, Field] = field(default_factory=dict[str, Field])
    failures: dict[str, FieldError] = field(default_factory=dict[str, FieldError])


class Gateway:
    """A read-only server of Prefect 1's GraphQL over a store or the PostgreSQL database of a Prefect 1 server.

    Thread-safe. Sees what other processes commit; each answer shows one snapshot.

    Args:
        address: the path of a store, or `postgresql://…`. Parts that such an address does not have come from libpq's
            environment (PGPASSWORD, PGSSLMODE, ~/.pgpass). Columns and tables that an older server lacks are not in the
            schema.
        timeout_seconds: how many seconds one statement of a PostgreSQL database may take, 60 by default.

    Raises:
        FileNotFoundError: there is no store at that path.
        InvalidArgument: the address is invalid, or the database is not Prefect 1's.
        BackendUnavailable: the database does not answer.
    """

    def __init__(self, address: Path | str | Secret, *, timeout_seconds: float = 60) -> None:
        self._database: Database = open_database(address, timeout_seconds)
        address = ""  # so that a traceback that shows local variables shows no password
        self._dialect = self._database.dialect
        self._schema = build_schema(self._dialect.tables)
        self._documents = Documents(self._schema)
        self.wsgi = GatewayApp(self.execute)
        """The WSGI application."""
        in_child(self, lambda gateway: gateway.engine.dispose(close=False))

    def __repr__(self) -> str:
        return f"Gateway({self.address!r})"

    @property
    def address(self) -> str:
        """The path or address of the store or database, without the password."""
        return self._database.address

    @property
    def engine(self) -> Engine:
        """The SQLAlchemy engine of the database."""
        return self._database.engine

    def close(self) -> None:
        """Close the store or the database."""
        self.engine.dispose()

    def query(
        self,
        document: str,
        variables: Mapping[str, Any] | None = None,
        operation_name: str | None = None,
    ) -> dict[str, Any]:
        """Return the answer to a document: `{"data": …}`, or `{"errors": […]}` with `data` if there is any."""
        try:
            chunks = list(self._answer(document, variables, operation_name))
        except RequestError as error:
            answer = error.answer
            return {"errors": [{"message": answer}] if isinstance(answer, str) else answer}
        return json.loads(b"".join(chunks))

    def execute(
        self, document: Any, variables: Any = None, operation_name: str | None = None
    ) -> Response:
        """Return the HTTP answer to a document. `variables` is an object, JSON text of one, or None."""
        try:
            body = self._answer(document, variables, operation_name)
        except RequestError as error:
            return refusal(error)
        headers = [("Content-Type", JSON_TYPE)]
        if isinstance(body, list):
            headers.append(("Content-Length", str(sum(map(len, body)))))
        return Response(200, headers, body)

    def _answer(self, document: Any, variables: Any, operation_name: Any) -> list[bytes] | _Body:
        if not isinstance(document, str) or not document:
            raise RequestError(400, "Must provide query string.")
        given = _variables(variables)
        parsed = self._documents.read(document)
        operation = parsed.operation(operation_name or None)
        try:
            values = self._documents.variables(operation, given)
            job = self._compile(parsed, operation, Selections(parsed.fragments, values), given)
            return self._started(job)
        except RecursionError:
            raise too_deep() from None

    def _compile(
        self,
        document: Document,
        operation: OperationDefinitionNode,
        selections: Selections,
        given: Mapping[str, Any],
    ) -> _Job:
        job = _Job()
        compiler = Compiler(self._dialect, self._schema, selections)
        service = Service(self._dialect, selections)
        roots = selections.fields([operation.selection_set])
        if len(roots) > MAX_ROOTS:
            raise too_wide(MAX_ROOTS)
        for root in roots:
            job.fields[root.key] = root
            try:
                if root.name.startswith("__"):
                    answer = self._introspect(document, operation, root, given)
                    job.plans[root.key] = plan.Text(json.dumps(answer))
                elif root.name in SERVICE_TYPES:
                    arguments = compiler.arguments(root)
                    job.plans[root.key] = service.compile(root, arguments)
                else:
                    job.plans[root.key] = compiler.compile(root)
            except FieldError as error:
                job.failures[root.key] = error
        return job

    def _introspect(
        self,
        document: Document,
        operation: OperationDefinitionNode,
        root: Field,
        given: Mapping[str, Any],
    ) -> Any:
        nodes = tuple(_plain(node, root.key) for node in root.nodes)
        alone = OperationDefinitionNode(
            operation=operation.operation,
            variable_definitions=operation.variable_definitions,
            directives=(),
            selection_set=SelectionSetNode(selections=nodes),
        )
        node = DocumentNode(definitions=(alone, *document.fragments.values()))
        result = execute_sync(self._schema, node, variable_values=dict(given))
        return (result.data or {}).get(root.key)

    def _started(self, job: _Job) -> list[bytes] | _Body:
        """Return the body: complete if small, else started, so that an early failure is still sent as an error."""
        while True:
            if any(self._is_required(job.fields[key]) for key in job.failures):
                return [_failed(job)]
            body = self._chunks(job)
            try:
                first = next(body)
            except _RootError as failure:
                job.failures[failure.key] = failure.error
                continue
            if len(first) >= _CHUNK:
                return _Body(first, body)
            return [first, *body]

    def _connected(self) -> Connection:
        try:
            return self.engine.connect()
        except (OperationalError, PoolTimeoutError):
            raise self._gone() from None

    def _gone(self) -> RequestError:
        # Clients try again after this status.
        return RequestError(
            503, f"The database at {self.address} does not answer. Try again later."
        )

    def _is_required(self, root: Field) -> bool:
        query = self._schema.query_type
        assert query is not None
        return isinstance(query.fields[root.name].type, GraphQLNonNull)

    def _chunks(self, job: _Job) -> Iterator[bytes]:
        pieces: list[str] = []
        size = 0
        for piece in self._pieces(job):
            pieces.append(piece)
            size += len(piece)
            if size >= _CHUNK:
                yield "".join(pieces).encode()
                pieces.clear()
                size = 0
        yield "".join(pieces).encode()

    def _pieces(self, job: _Job) -> Iterator[str]:
        connection: Connection | None = None
        with ExitStack() as opened:
            for number, key in enumerate(job.fields):
                yield f'{"," if number else """{"data":{"""}"{key}":'
                if key in job.failures:
                    yield "null"
                    continue
                answer = job.plans[key]
                if isinstance(answer, plan.Text):
                    yield answer.json
                    continue
                try:
                    if connection is None:
                        connection = opened.enter_context(self._connected())
                        opened.enter_context(connection.begin())
                    yield from written(answer, connection)
                except FieldError as error:
                    raise _RootError(key, error) from None
                except DBAPIError as error:
                    if error.connection_invalidated:
                        raise self._gone() from None
                    raise _RootError(key, self._dialect.failure(error)) from error
        yield "}" if job.fields else '{"data":{}'
        if job.failures:
            yield ',"errors":' + json.dumps(_errors(job))
        yield "}"


class _RootError(Exception):
    """The database failed during the answer to one root field."""

    def __init__(self, key: str, error: FieldError) -> None:
        super().__init__(error.message)
        self.key = key
        self.error = error


class _Body:
    """The chunks of an answer, of which the first is ready. Closing it returns the connection to the pool."""

    def __init__(self, first: bytes, rest: Iterator[bytes]) -> None:
        self._first: bytes | None = first
        self._rest: Any = rest

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self._first is not None:
            first, self._first = self._first, None
            return first
        return next(self._rest)

    def close(self) -> None:
        self._rest.close()


def _variables(given: Any) -> Mapping[str, Any]:
    if isinstance(given, str):
        try:
            given = json.loads(given) if given else None
        except (ValueError, RecursionError):
            raise RequestError(400, "Variables are invalid JSON.") from None
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise RequestError(400, "Variables are not an object.")
    return given


def _plain(node: FieldNode, key: str) -> FieldNode:
    """Return the field without the directives that were applied already."""
    return FieldNode(
        alias=NameNode(value=key),
        name=node.name,
        arguments=node.arguments,
        directives=(),
        selection_set=node.selection_set,
    )


def _errors(job: _Job) -> list[dict[str, Any]]:
    return [error.as_json(key, job.fields[key].nodes) for key, error in job.failures.items()]


def _failed(job: _Job) -> bytes:
    return f'{{"errors":{json.dumps(_errors(job))},"data":null}}'.encode()
