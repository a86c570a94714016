"""An answer over HTTP as the sources read it, and what a server says in it of its error."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from flowrun_widgets.errors import UnexpectedAnswer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

__all__ = ["MAX_SHOWN_CHARS", "Answer", "Incoming", "error_words"]

MAX_SHOWN_CHARS = 300
"""How many characters of a server's own words an error repeats."""
LONE_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, content type and body of one answer, read whole."""

    status: int
    content_type: str
    body: bytes = field(repr=False)
    url: str
    server_time: datetime | None = None
    """When the server answered, by its own clock and to the second, if it said so."""
    retry_after_seconds: float | None = None
    """When the server wants to be asked again, if it said so."""

    def json(self, type: Any = Any) -> Any:
        """Return the decoded body.

        Raises:
            UnexpectedAnswer: the body is not JSON, or not of that type.
        """
        try:
            return _decoded(self.body, type)
        except (msgspec.DecodeError, ValueError, RecursionError):
            kind = self.content_type.partition(";")[0][:60] or "no content type"
            hint = (
                "That is a web page: is this the address of the API, and not of the UI or of a sign-in page?"
                if b"<html" in self.body[:2000].lower()
                else "Is this the address of the API?"
            )
            raise UnexpectedAnswer(
                f"{self.url} answered {self.status} with {kind} instead of JSON. {hint}"
            ) from None


@dataclass(frozen=True, slots=True)
class Incoming:
    """An answer that still arrives: everything but its body, and the pieces of that, decompressed, once."""

    head: Answer
    pieces: Iterator[bytes] = field(repr=False)


def error_words(answer: Answer) -> str:
    """Return what a server says about its error: the message of a JSON body, or nothing of a web page."""
    try:
        body = _decoded(answer.body)
        if isinstance(body, dict):
            errors = body.get("errors")
            if isinstance(errors, list) and errors and isinstance(errors[0], dict):
                said = errors[0].get("message", errors[0])
                return "no more words" if said is None else str(said)
            for key in ("exception_message", "detail", "message", "error"):
                if body.get(key):
                    return str(body[key])
        return str(body)
    except (msgspec.DecodeError, ValueError, RecursionError):
        text = answer.body.decode("utf-8", "replace")
        return "a web page" if "<" in text[: 4 * MAX_SHOWN_CHARS] else text or "no more words"


def _decoded(body: bytes, type: Any = Any) -> Any:
    """Return decoded JSON; a byte order mark is passed over, half a character becomes U+FFFD."""
    try:
        return msgspec.json.decode(body, type=type)
    except msgspec.DecodeError as error:
        if isinstance(error, msgspec.ValidationError):
            raise
        plain = json.dumps(json.loads(body.decode("utf-8-sig")), ensure_ascii=False)
        return msgspec.json.decode(LONE_SURROGATE.sub("\ufffd", plain), type=type)
