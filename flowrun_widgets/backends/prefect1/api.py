"""Sends queries to Prefect 1's GraphQL API and converts the answers to rows or errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from flowrun_widgets.backends.prefect1.documents import ENDED, LABELS, MORE
from flowrun_widgets.backends.prefect1.known_fields import (
    INTROSPECTION,
    NAMES_A_MISSING_FIELD,
    KnownFields,
)
from flowrun_widgets.backends.transport import Retryable
from flowrun_widgets.errors import (
    AccessDenied,
    Ambiguous,
    BackendError,
    BackendUnavailable,
    NotFound,
    QueryRejected,
    UnexpectedAnswer,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flowrun_widgets.backends.answer import Answer, Incoming
    from flowrun_widgets.backends.prefect1.documents import Document
    from flowrun_widgets.backends.transport import Transport

__all__ = ["GraphQLApi"]

T = TypeVar("T")

ALIASES = {LABELS: "task_run", MORE: "task_run", ENDED: "task_run"}
"""The table that an alias refers to."""


class GraphQLApi:
    """The GraphQL API of one server. Fields that it lacks are found out once and left out from then on."""

    def __init__(self, transport: Transport) -> None:
        self.url = transport.url
        self._transport = transport
        self._known = KnownFields()

    @property
    def has_key(self) -> bool:
        """Whether requests carry an API key."""
        return self._transport.has_key

    def graphql(self, document: str, variables: Mapping[str, Any] | None) -> dict[str, Any]:
        """Return the server's `{"data": …}`."""
        question = {"query": document, "variables": dict(variables or {})}
        return {
            "data": self._transport.retried(lambda: self.data(self._transport.post("", question)))
        }

    def ask(self, document: Document, **variables: Any) -> dict[str, Any]:
        """Return the data for a document by table, without what the server lacks."""
        return self._answered(lambda known: self.graphql(document(known), variables)["data"])

    def streamed(
        self, document: Document, variables: Mapping[str, Any], read: Callable[[Incoming], T]
    ) -> T:
        """Pass the answer to `read` while it arrives, and return the result."""

        def once(known: KnownFields) -> T:
            question = {"query": document(known), "variables": variables}
            with self._transport.streaming("", question) as incoming:
                return read(incoming)

        return self._answered(lambda known: self._transport.retried(lambda: once(known)))

    def data(self, answer: Answer) -> dict[str, Any]:
        """Return the data of an answer.

        Raises:
            QueryRejected, AccessDenied: the server refuses the query.
            UnexpectedAnswer: the answer is not GraphQL.
        """
        body = answer.json()
        if not isinstance(body, dict):
            raise UnexpectedAnswer(
                f"{self.url} answered with JSON that is not GraphQL. Is this the address of the API?"
            )
        if body.get("errors"):
            self._refused(body["errors"])
        if not isinstance(body.get("data"), dict):
            raise UnexpectedAnswer(
                f"{self.url} answered without data. Is this the address of Prefect 1's API?"
            )
        return body["data"]

    def rows(self, data: Mapping[str, Any], table: str) -> list[dict[str, Any]]:
        """Return the rows of a table; empty if the server has no such table."""
        rows = data.get(table)
        if rows is None and not self._known.has_table(ALIASES.get(table, table)):
            return []
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise UnexpectedAnswer(
                f"{self.url} answered without rows of {table}. Is this Prefect 1's API?"
            )
        return rows

    def one(self, data: Mapping[str, Any], table: str, wanted: str) -> dict[str, Any]:
        """Return the one row of a table.

        Raises:
            NotFound, Ambiguous: there is no row, or several; the error names what is `wanted`.
        """
        rows = self.rows(data, table)
        if not rows:
            raise self.nothing(wanted)
        if len(rows) > 1:
            ids = [self._transport.masked(str(row.get("id"))) for row in rows]
            raise Ambiguous(
                f"{len(rows)} results for {wanted} at {self.url}: {', '.join(ids[:5])}.", ids
            )
        return rows[0]

    def nothing(self, wanted: str) -> NotFound:
        """Return the error for an object that does not exist."""
        return NotFound(
            f"No {wanted} at {self.url}. Was it deleted, or is it on another server or tenant?"
        )

    def close(self) -> None:
        """Close the sockets."""
        self._transport.close()

    def _answered(self, ask: Callable[[KnownFields], T]) -> T:
        """Send a query; if fields are missing, find out once which exist, and ask again without the missing ones."""
        try:
            return ask(self._known)
        except QueryRejected as rejected:
            if self._known.is_learned or not NAMES_A_MISSING_FIELD.search(str(rejected)):
                raise
            try:
                known = KnownFields.of(self.graphql(INTROSPECTION, None)["data"])
            except (BackendError, KeyError, TypeError, AttributeError):
                raise rejected from None
            if not known.has_table("flow_run"):  # not Prefect 1
                raise
            self._known = known
        return ask(self._known)

    def _refused(self, errors: Any) -> None:
        first = errors[0] if isinstance(errors, list) and errors else errors
        said = first.get("message") if isinstance(first, dict) else first
        words = self._transport.masked("" if said is None else str(said)) or "no message"
        everything = str(errors)
        if "UNAUTHENTICATED" in everything or "Malformed Authorization header" in everything:
            raise AccessDenied(
                f"{self.url} does not accept the API key ({words}). Check it, or sign in again."
            )
        if "API_ERROR" in everything:
            raise Retryable(
                BackendUnavailable(f"{self.url} had an internal error ({words}). Try again later.")
            )
        raise QueryRejected(f"{self.url} rejects the query: {words}")
