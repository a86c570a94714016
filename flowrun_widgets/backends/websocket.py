"""`WebSocket`: messages of a server over an HTTP connection, with the proxies, certificates and keys of its transport."""

from __future__ import annotations

import logging
import time
from collections import deque
from typing import TYPE_CHECKING, Any

import msgspec

from flowrun_widgets.errors import BackendUnavailable, UnexpectedAnswer

if TYPE_CHECKING:
    from flowrun_widgets.backends.transport import Transport

__all__ = ["WebSocket", "has_websockets"]

MAX_MESSAGE_BYTES = 8_000_000
PING_SECONDS, LOST_SECONDS = 30.0, 75.0
"""After how many silent seconds a ping is sent, and after how many the connection counts as lost."""
SILENT = logging.Logger("flowrun_widgets.websocket", logging.CRITICAL)
"""websockets logs every message, also the one with the key, to the logger that it is given."""


def has_websockets() -> bool:
    """Whether the package websockets is installed, in a version that can be used without its own sockets."""
    try:
        import websockets.client
    except ImportError:
        return False
    return hasattr(websockets.client, "ClientProtocol")


class WebSocket:
    """A socket for JSON messages. One thread uses and closes it; `shut` may be called on any thread.

    The package websockets speaks the protocol; httpx connects, so that no setting of HTTP has to be repeated.
    """

    def __init__(self, transport: Transport, path: str, subprotocol: str) -> None:
        """Connect; one request.

        Raises:
            BackendUnavailable: the server does not answer.
            BackendError: it does not speak the protocol, or refuses.
        """
        from websockets.client import ClientProtocol
        from websockets.typing import Subprotocol
        from websockets.uri import parse_uri

        self._url = transport.url
        self._protocol = ClientProtocol(
            parse_uri("ws://localhost/"),  # httpx has the address
            subprotocols=[Subprotocol(subprotocol)],
            max_size=MAX_MESSAGE_BYTES,
            logger=SILENT,
        )
        request = self._protocol.connect()
        headers = {name: value for name, value in request.headers.raw_items() if name != "Host"}
        self._connection = transport.upgraded(path, headers)
        self._messages: deque[bytes] = deque()
        self._part = b""
        self._heard_at = self._pinged_at = time.monotonic()
        lines = [b"HTTP/1.1 101 Switching Protocols", *map(b": ".join, self._connection.headers)]
        self._protocol.receive_data(b"\r\n".join([*lines, b"", b""]))
        if self._protocol.handshake_exc is not None or not self._protocol.events_received():
            self._connection.close()
            raise UnexpectedAnswer(f"{self._url} does not speak the WebSocket protocol.")

    def send(self, message: Any) -> None:
        """Send a message as JSON.

        Raises:
            BackendUnavailable: the connection is lost.
        """
        self._check_open()
        self._protocol.send_text(msgspec.json.encode(message))
        self._flush()

    def receive(self, seconds: float) -> bytes | None:
        """Return the next message; None if none arrives within some seconds.

        Raises:
            BackendUnavailable: the connection is lost, or the server closed it.
        """
        if not self._messages:
            self._check_open()
            data = self._connection.read(seconds)
            if data == b"":
                raise self._lost()
            if data is None:
                self._check_alive()
                return None
            self._heard_at = time.monotonic()
            self._protocol.receive_data(data)
            self._collect()
            self._flush()
        return self._messages.popleft() if self._messages else None

    def shut(self) -> None:
        """End the connection, so that a waiting `receive` raises."""
        self._connection.shut()

    def close(self) -> None:
        """Close the connection."""
        from websockets.protocol import State

        try:
            if self._protocol.state is State.OPEN:
                self._protocol.send_close(1000)
                self._flush()
        except BackendUnavailable:
            pass
        finally:
            self._connection.close()

    def _collect(self) -> None:
        from websockets.frames import Frame, Opcode

        for frame in self._protocol.events_received():
            if isinstance(frame, Frame) and frame.opcode in {
                Opcode.TEXT,
                Opcode.BINARY,
                Opcode.CONT,
            }:
                self._part += bytes(frame.data)
                if frame.fin:
                    self._messages.append(self._part)
                    self._part = b""

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                self._connection.write(data)

    def _check_open(self) -> None:
        from websockets.protocol import State

        if self._protocol.state is not State.OPEN:
            raise self._lost()

    def _check_alive(self) -> None:
        present = time.monotonic()
        if present - self._heard_at > LOST_SECONDS:
            raise self._lost()
        if present - max(self._heard_at, self._pinged_at) > PING_SECONDS:
            self._pinged_at = present
            self._protocol.send_ping(b"")
            self._flush()

    def _lost(self) -> BackendUnavailable:
        return BackendUnavailable(f"The connection to {self._url} was lost.")
