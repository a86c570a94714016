"""The token that a server with CSRF protection requires for every POST, even for reading."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING
from uuid import uuid4

from msgspec import Struct

from flowrun_widgets.forks import unlocked_in_child

if TYPE_CHECKING:
    from flowrun_widgets.backends.answer import Answer
    from flowrun_widgets.backends.transport import Transport

__all__ = ["CsrfToken"]


class _Token(Struct):
    token: str


class CsrfToken:
    """The CSRF token of one client. It is requested only after the server refuses a request without one."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._client = str(uuid4())
        self._lock = unlocked_in_child(threading.Lock())
        self.headers: dict[str, str] = {}

    def is_wanted(self, refusal: Answer) -> bool:
        """Whether a 403 is about a missing or expired token, and not about the permission to read."""
        return b"CSRF" in refusal.body[:1000]

    def renew(self, used: dict[str, str]) -> None:
        """Request a token, unless another thread did since `used` was sent."""
        with self._lock:
            if self.headers is not used:
                return
            answer = self._transport.get("/csrf-token", params={"client": self._client})
            token = answer.json(_Token).token
            self.headers = {"Prefect-Csrf-Token": token, "Prefect-Csrf-Client": self._client}
