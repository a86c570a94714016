"""Serves a gateway over HTTP, in the background or until Ctrl-C."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING, Any, Self

from waitress.server import create_server
from waitress.wasyncore import close_all

from flowrun_widgets.gateway.app import LARGEST_BODY

if TYPE_CHECKING:
    from types import TracebackType

    from flowrun_widgets.gateway.execute import Gateway

__all__ = ["Server"]

_THREADS = 16
_WAITING_BYTES = 256 * 1024
"""How much of an answer is buffered for a slow client; the rest is fetched when the client has read it."""
_STALLED_SECONDS = 300
"""A client that reads nothing for this long is disconnected, since it holds a thread and a database snapshot."""


class Server:
    """An HTTP server for a gateway. Port 0 takes any free port; `url` says which.

    The port is opened at once; requests are answered after `start()` or `run()`. Closing it leaves the gateway open.

    Raises:
        OSError: the port is in use, or the host is not an address of this machine.
    """

    def __init__(self, gateway: Gateway, host: str = "127.0.0.1", port: int = 4200) -> None:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        self._socket = socket.socket(family, kind)
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if hasattr(socket, "TCP_USER_TIMEOUT"):  # only Linux has it; connections inherit it
                stalled = _STALLED_SECONDS * 1000
                self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, stalled)
            self._socket.bind(address)
        except OSError:
            self._socket.close()
            raise
        self._host = host
        self._map: dict[int, Any] = {}
        self._server: Any = create_server(
            gateway.wsgi,
            map=self._map,
            sockets=[self._socket],
            threads=_THREADS,
            ident=None,
            max_request_body_size=LARGEST_BODY,
            channel_timeout=60,
            outbuf_high_watermark=_WAITING_BYTES,
            # A larger buffer would go to disk; no buffer grows this large.
            outbuf_overflow=64 * _WAITING_BYTES,
        )
        self._thread: threading.Thread | None = None
        self._is_closed = False

    @property
    def url(self) -> str:
        """The URL for clients."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._server.effective_port}"

    def start(self) -> Self:
        """Answer requests in the background."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._server.run, name="gateway", daemon=True)
            self._thread.start()
        return self

    def run(self) -> None:
        """Answer requests until Ctrl-C, then close."""
        try:
            self._server.run()
        finally:
            self.close()

    def close(self) -> None:
        """Stop answering and release the port. Calling this again does nothing."""
        if self._is_closed:
            return
        self._is_closed = True
        if self._thread is not None and self._thread.is_alive():
            # Only the thread that runs the loop may end it, and not before it was told in full: it closes the pipe.
            told = threading.Event()
            self._server.trigger.pull_trigger(lambda: told.wait() and self._end())
            told.set()
            self._thread.join(timeout=10)
        else:
            self._end()
        self._server.task_dispatcher.shutdown()
        self._socket.close()

    def _end(self) -> None:
        close_all(self._map, ignore_all=True)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
