"""The HTTP connection between our Prefect 1 source and a server, as tests see it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from collections.abc import Callable

ANSWERS = Path(__file__).with_name("answers")
FLOW_RUN_ID = "422a87b1-d5d9-454d-a0bb-6cde2a8197e7"
"""The run in the recorded answers."""
URL = "http://prefect1.test"


def answer(name: str) -> httpx.Response:
    """Return a stored answer."""
    head, _, body = (ANSWERS / f"{name}.http").read_text("utf-8").partition("\n\n")
    status, *headers = head.splitlines()
    pairs = [tuple(header.split(": ", 1)) for header in headers]
    return httpx.Response(int(status), headers=pairs, content=body.removesuffix("\n").encode())


class Line(httpx.BaseTransport):
    """Keeps every request, and answers with what `then` gives for it or with stored answers in turn."""

    def __init__(
        self, *names: str, then: Callable[[httpx.Request], httpx.Response] | None = None
    ) -> None:
        self.requests: list[httpx.Request] = []
        self._names = iter(names)
        self._then = then

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self._then(request) if self._then else answer(next(self._names))

    @property
    def bodies(self) -> list[Any]:
        """The JSON bodies that were sent."""
        return [json.loads(request.content) for request in self.requests]

    def cost(self, call: Callable[[], Any]) -> int:
        """Return how many requests a call sends."""
        before = len(self.requests)
        call()
        return len(self.requests) - before
