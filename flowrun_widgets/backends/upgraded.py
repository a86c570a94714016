"""`Upgraded`: a connection on which another protocol follows HTTP."""

from __future__ import annotations

from contextlib import suppress
from socket import SHUT_RDWR
from typing import TYPE_CHECKING, Any

import httpcore

from flowrun_widgets.errors import BackendUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Upgraded"]

MAX_BYTES = 65_536
"""How much is read at once."""
WRITE_SECONDS = 10.0


class Upgraded:
    """Reads and writes bytes. One thread uses it and closes it; `shut` may be called on any thread."""

    def __init__(
        self,
        url: str,
        headers: Sequence[tuple[bytes, bytes]],
        stream: Any,
        close: Callable[[], None],
    ) -> None:
        """`headers` are those of the server's answer, `stream` is httpcore's network stream."""
        self.headers = headers
        self.close = close
        self._url = url
        self._stream = stream

    def read(self, seconds: float) -> bytes | None:
        """Return what arrives within some seconds; None if nothing does, b"" at the end of the connection."""
        try:
            return self._stream.read(MAX_BYTES, timeout=seconds)
        except httpcore.ReadTimeout:
            return None
        except (httpcore.NetworkError, OSError, ValueError):
            return b""

    def write(self, data: bytes) -> None:
        """Send bytes.

        Raises:
            BackendUnavailable: the connection is lost.
        """
        try:
            self._stream.write(data, timeout=WRITE_SECONDS)
        except (httpcore.NetworkError, httpcore.TimeoutException, OSError, ValueError):
            raise BackendUnavailable(f"The connection to {self._url} was lost.") from None

    def shut(self) -> None:
        """End the connection, so that a waiting `read` returns."""
        with suppress(Exception):
            self._stream.get_extra_info("socket").shutdown(SHUT_RDWR)
