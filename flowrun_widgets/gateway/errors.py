"""The errors of the gateway, in the format that Prefect 1's Apollo service sends to clients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphql import GraphQLError, SourceLocation, get_location

from flowrun_widgets.gateway.wording import apollo_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graphql import FieldNode

__all__ = ["INVALID", "TOO_LARGE", "FieldError", "RequestError", "rejected", "too_deep"]

INVALID = "GRAPHQL_VALIDATION_FAILED"
TOO_LARGE = "One row of the answer is larger than 128 MB. Ask for its longest list with `limit`, or as a root field."


class RequestError(Exception):
    """The whole request is refused."""

    def __init__(self, status: int, answer: str | list[dict[str, Any]]) -> None:
        super().__init__(answer if isinstance(answer, str) else answer[0]["message"])
        self.status = status
        self.answer = answer
        """A plain text, or GraphQL errors."""


class FieldError(Exception):
    """One root field cannot be answered: a value is invalid for its type, or the database failed."""

    def __init__(self, message: str, code: str = "data-exception", path: str = "$") -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.path = path
        self.reason: str | None = None
        """The database's message, if it is not the message itself."""

    def as_json(self, key: str, nodes: Iterable[FieldNode]) -> dict[str, Any]:
        """Return the error as an entry of `errors` for the root field with the response key `key`."""
        places = [
            {"line": place.line, "column": place.column}
            for place in (_start(node) for node in nodes)
            if place is not None
        ]
        extensions = {
            "path": self.path,
            "code": self.code,
            "exception": {"message": self.reason or self.message},
        }
        return {
            "message": self.message,
            "locations": places,
            "path": [key],
            "extensions": extensions,
        }


def _start(node: FieldNode) -> SourceLocation | None:
    return get_location(node.loc.source, node.loc.start) if node.loc else None


def rejected(errors: Iterable[GraphQLError], code: str) -> RequestError:
    """Return graphql-core's errors as the single HTTP 400 answer that Apollo would send."""
    answer: list[dict[str, Any]] = []
    for error in errors:
        entry: dict[str, Any] = {"message": apollo_text(error.message)}
        if error.locations:
            entry["locations"] = [
                {"line": place.line, "column": place.column} for place in error.locations
            ]
        answer.append({**entry, "extensions": {"code": code}})
    return RequestError(400, answer)


def too_deep() -> RequestError:
    """Return the answer to a request that is nested too deeply to process."""
    return rejected([GraphQLError("The request is nested too deeply.")], INVALID)


def too_wide(most: int) -> RequestError:
    """Return the answer to a document with more root fields than one answer may have."""
    message = f"The request asks for more than {most} root fields. Ask in several requests."
    return rejected([GraphQLError(message)], INVALID)
