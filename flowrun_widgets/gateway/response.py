"""The HTTP answers of the gateway, including refusals."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flowrun_widgets.gateway.errors import RequestError

__all__ = ["JSON_TYPE", "Response", "refusal"]

JSON_TYPE = "application/json; charset=utf-8"
TEXT_TYPE = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Response:
    """An HTTP answer. The body can be read only once; close it if it is not read to its end."""

    status: int
    headers: list[tuple[str, str]]
    body: Iterable[bytes]


def refusal(error: RequestError) -> Response:
    """Return the HTTP answer to a request that was refused."""
    if isinstance(error.answer, str):
        return Response(error.status, [("Content-Type", TEXT_TYPE)], [error.answer.encode()])
    body = json.dumps({"errors": error.answer}).encode()
    return Response(error.status, [("Content-Type", JSON_TYPE)], [body])
