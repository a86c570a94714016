"""HTTP answers as the sources read them, and the error message that an answer contains."""

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
"""How many characters of a server's message an error repeats."""
LONE_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Answer:
    """One complete answer: status, content type and body."""

    status: int
    content_type: str
    body: bytes = field(repr=False)
    url: str
    server_time: datetime | None = None
    """When the server answered, by its own clock, to the second; None if it did not say."""
    retry_after_seconds: float | None = None
    """How long the server asks to wait before the next request; None if it did not say."""

    def json(self, type: Any = Any) -> Any:
        """Return the decoded body.

        Raises:
            UnexpectedAnswer: the body is not JSON, or not of this type.
        """
        try:
            return _decoded(self.body, type)
        except (msgspec.DecodeError, ValueError, RecursionError):
            kind = self.content_type.partition(";")[0][:60] or "no content type"
            hint = (
                "The answer is a web page: use the address of the API, not of the UI or a sign-in page."
                if b"<html" in self.body[:2000].lower()
                else "Is this the address of the API?"
            )
            raise UnexpectedAnswer(
                f"{self.url} answered {self.status} with {kind} instead of JSON. {hint}"
            ) from None


@dataclass(frozen=True, slots=True)
class Incoming:
    """An answer that is still arriving: everything but the body, and an iterator over the decompressed body."""

    head: Answer
    pieces: Iterator[bytes] = field(repr=False)


def error_words(answer: Answer) -> str:
    """Return the server's error message: the message in a JSON body; "" for a web page."""
    try:
        body = _decoded(answer.body)
        if isinstance(body, dict):
            errors = body.get("errors")
            if isinstance(errors, list) and errors and isinstance(errors[0], dict):
                said = errors[0].get("message", errors[0])
                return "no message" if said is None else str(said)
            for key in ("exception_message", "detail", "message", "error"):
                if body.get(key):
                    return str(body[key])
        return str(body)
    except (msgspec.DecodeError, ValueError, RecursionError):
        text = answer.body.decode("utf-8", "replace")
        return "a web page" if "<" in text[: 4 * MAX_SHOWN_CHARS] else text or "no message"


def _decoded(body: bytes, type: Any = Any) -> Any:
    """Return decoded JSON; a byte order mark is skipped, an unpaired surrogate becomes U+FFFD."""
    try:
        return msgspec.json.decode(body, type=type)
    except msgspec.DecodeError as error:
        if isinstance(error, msgspec.ValidationError):
            raise
        plain = json.dumps(json.loads(body.decode("utf-8-sig")), ensure_ascii=False)
        return msgspec.json.decode(LONE_SURROGATE.sub("\ufffd", plain), type=type)
