"""Questions to Prefect 3's REST API: the token, the page size, and what its errors mean."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from flowrun_widgets.backends.prefect3.csrf import CsrfToken
from flowrun_widgets.errors import NotFound, QueryRejected
from flowrun_widgets.times import to_micros

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from flowrun_widgets.transport import Answer, Transport

__all__ = ["Api"]

T = TypeVar("T")

PAGE = 200
"""What `PREFECT_SERVER_API_DEFAULT_LIMIT` is unless an administrator changed it."""
NONE: Mapping[str, str] = {}
LIMIT = re.compile(r"Invalid limit: must be less than or equal to (\d+)")


class Api:
    """One server, or one workspace of Cloud. Safe for threads."""

    def __init__(self, transport: Transport) -> None:
        self.url = transport.url
        self.page_size = PAGE
        """How many rows a page has: the server's default until it says that it allows fewer."""
        self._transport = transport
        self._clock: tuple[int, float] | None = None
        self._uncompressed = {"Accept-Encoding": "identity"} if _is_near(transport.url) else NONE
        self._csrf = CsrfToken(transport)

    def get(
        self, path: str, kind: type[T], *, what: str, params: Mapping[str, Any] | None = None
    ) -> T:
        """Return the answer to GET. NotFound, about `what`, if the server has none."""
        answer = self._noting(self._transport.get(path, params=params, accept=(200, 404)))
        if answer.status == 404:
            raise self.nothing(what)
        return answer.json(kind)

    def get_unless(self, refused: Iterable[int], path: str, kind: type[T]) -> T | None:
        """Return the answer to GET, or None where its status is one of `refused`."""
        answer = self._noting(self._transport.get(path, accept=(200, *refused)))
        return answer.json(kind) if answer.status == 200 else None

    def post(self, path: str, body: Any, kind: type[T]) -> T:
        """Return the answer to a question that is put as POST."""
        return self._post(path, body).json(kind)

    def page(
        self,
        path: str,
        body: Mapping[str, Any],
        kind: type[T],
        *,
        offset: int = 0,
        is_one_of_many: bool = False,
    ) -> list[T]:
        """Return one page of rows. A full page has `page_size` rows, which the server may lower by this call.

        Pages that are one of many come from a server on this machine uncompressed: it spends its time on that.
        """
        headers = self._uncompressed if is_one_of_many else {}
        size = self.page_size
        try:
            answer = self._post(path, {**body, "limit": size, "offset": offset}, headers)
        except QueryRejected as error:
            allowed = LIMIT.search(str(error))
            if allowed is None or not 0 < int(allowed[1]) < size:
                raise
            self.page_size = int(allowed[1])
            answer = self._post(path, {**body, "limit": self.page_size, "offset": offset}, headers)
        return answer.json(list[kind])

    def nothing(self, what: str) -> NotFound:
        """Return the error of something that the server does not have."""
        return NotFound(
            f"No {what} at {self.url}. Was it deleted, or is it on another server or in another workspace?"
        )

    def server_now(self) -> int:
        """Return what the server's clock shows, in microseconds since 1970, or up to a second less; 0: unknown."""
        if self._clock is None:
            return 0
        told, at = self._clock
        return told + int((time.monotonic() - at) * 1_000_000)

    def close(self) -> None:
        """Close the sockets."""
        self._transport.close()

    def _post(self, path: str, body: Any, headers: Mapping[str, str] = NONE) -> Answer:
        used = self._csrf.headers
        answer = self._transport.post(path, body, headers={**headers, **used}, accept=(200, 403))
        if answer.status == 403:
            if self._csrf.is_wanted(answer):
                self._csrf.renew(used)
            answer = self._transport.post(path, body, headers={**headers, **self._csrf.headers})
        return self._noting(answer)

    def _noting(self, answer: Answer) -> Answer:
        if answer.server_time is not None:
            self._clock = to_micros(answer.server_time), time.monotonic()
        return answer


def _is_near(url: str) -> bool:
    return urlsplit(url).hostname in {"localhost", "127.0.0.1", "::1"}
