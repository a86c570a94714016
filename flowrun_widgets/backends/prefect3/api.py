"""Sends requests to Prefect 3's REST API: the CSRF token, the page size, and the meaning of errors."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any, TypeVar

from flowrun_widgets.backends.prefect3.csrf import CsrfToken
from flowrun_widgets.backends.prefect3.refusals import Refusals
from flowrun_widgets.errors import NotFound
from flowrun_widgets.settings.addresses import api_root
from flowrun_widgets.settings.urls import is_loopback
from flowrun_widgets.times import to_micros

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowrun_widgets.backends.answer import Answer
    from flowrun_widgets.backends.transport import Transport

__all__ = ["Api"]

T = TypeVar("T")

PAGE = 200
"""The default of `PREFECT_SERVER_API_DEFAULT_LIMIT`, which an administrator can change."""
NONE: Mapping[str, str] = {}
ANSWERED = (200, 403, 404, 405, 422)
"""With 403 a server may require its CSRF token; with the last three it may name what it does not know."""
LIMIT = re.compile(r"Invalid limit: must be less than or equal to (\d+)")


class Api:
    """The API of one server or one workspace of Cloud. Thread-safe."""

    def __init__(self, transport: Transport) -> None:
        self.url = transport.url
        self.page_size = PAGE
        """The number of rows per page: the server's default, until it says that it allows fewer."""
        self._transport = transport
        self._clock: tuple[int, float] | None = None
        near = is_loopback(transport.url)
        self._uncompressed = {"Accept-Encoding": "identity"} if near else NONE
        self._csrf = CsrfToken(transport)
        self._refusals = Refusals(transport.url)

    def get(
        self, path: str, kind: type[T], *, what: str, params: Mapping[str, Any] | None = None
    ) -> T:
        """Return the answer to GET. Raises NotFound, which names `what`, if the server does not have it."""
        answer = self._noting(self._transport.get(path, params=params, accept=(200, 404)))
        if answer.status == 404:
            raise self.nothing(what)
        return answer.json(kind)

    def beside(self, path: str, kind: type[T]) -> T:
        """Return the answer to GET for a path next to the API on the same server."""
        return self._transport.get(path, root=api_root(self.url)).json(kind)

    def page(
        self,
        path: str,
        body: Mapping[str, Any],
        kind: type[T],
        *,
        offset: int = 0,
        size: int | None = None,
        is_one_of_many: bool = False,
    ) -> list[T]:
        """Return one page of rows: `page_size` rows, which the server may reduce in this call, or `size` if fewer.

        A server on this machine sends the pages of a long list uncompressed, because compressing them would take its
        time.

        Raises:
            NotKnown: the server does not know a field, the sort or the route. It is not asked again after it said so.
        """
        self._refusals.check(path, body)
        headers = self._uncompressed if is_one_of_many else NONE
        while True:
            limit = self.page_size if size is None else min(size, self.page_size)
            asked = {**body, "limit": limit, "offset": offset}
            answer = self._post(path, asked, headers)
            if answer.status == 200:
                return answer.json(list[kind])
            self._refusals.learn(path, body, answer)
            allowed = LIMIT.search(answer.body.decode("utf-8", "replace"))
            if allowed is None or not 0 < int(allowed[1]) < limit:
                self._transport.refuse(answer)
            self.page_size = int(allowed[1])

    def nothing(self, what: str) -> NotFound:
        """Return the error for something that the server does not have."""
        return NotFound(
            f"No {what} at {self.url}. Was it deleted, or is it on another server or in another workspace?"
        )

    def server_now(self) -> int:
        """Return the server's time in microseconds since 1970, at most one second behind; 0: unknown."""
        if self._clock is None:
            return 0
        told, at = self._clock
        return told + int((time.monotonic() - at) * 1_000_000)

    def close(self) -> None:
        """Close the sockets."""
        self._transport.close()

    def _post(self, path: str, body: Any, headers: Mapping[str, str]) -> Answer:
        """Return the answer to a POST request, also if it is an error that says what is wrong with the request."""
        used = self._csrf.headers
        answer = self._transport.post(path, body, headers={**headers, **used}, accept=ANSWERED)
        if answer.status == 403 and self._csrf.is_wanted(answer):
            self._csrf.renew(used)
            headers = {**headers, **self._csrf.headers}
            answer = self._transport.post(path, body, headers=headers, accept=ANSWERED)
        if answer.status == 403:
            self._transport.refuse(answer)
        return self._noting(answer)

    def _noting(self, answer: Answer) -> Answer:
        if answer.server_time is not None:
            self._clock = to_micros(answer.server_time), time.monotonic()
        return answer
