"""The event stream of a fake Prefect 3 server: the server's side of the protocol, on bytes in memory."""

from __future__ import annotations

import json
import logging
import threading
from collections import deque
from typing import TYPE_CHECKING, Any

import httpcore
import httpx
from websockets.server import ServerProtocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .fake import FakePrefect

__all__ = ["FakeEvents"]

PATH = "/events/out"


class FakeEvents:
    """Answers requests for the stream; `first` of a `FakePrefect` can be its `answer`."""

    def __init__(self, token: str | None = None) -> None:
        self.token = token
        self.status = 101
        """What requests for the stream are answered with."""
        self.attempts = 0
        self.drops = 0
        self.filters: list[dict[str, Any]] = []
        self.pipes: list[Pipe] = []
        self.changed = threading.Condition()

    def serve(self, fake: FakePrefect) -> None:
        """Answer for a fake server from now on."""
        fake.first = self.answer

    def answer(self, request: httpx.Request) -> httpx.Response | None:
        """Return the answer to a request for the stream; None to any other."""
        if not request.url.path.endswith(PATH):
            return None
        self.attempts += 1
        if self.status != 101:
            return httpx.Response(self.status, json={"detail": "no"})
        pipe = Pipe(self)
        response = pipe.opened(request)
        self.pipes.append(pipe)
        return response

    def is_open(self) -> bool:
        """Whether somebody listens."""
        return any(pipe.wanted for pipe in self.pipes)

    def announce(self, flow_run_id: str, name: str = "prefect.flow-run.Running") -> bool:
        """Send an event about a run to all who listen to it; return whether anybody does."""
        resource = f"prefect.flow-run.{flow_run_id}"
        event = {
            "event": name,
            "id": flow_run_id,
            "resource": {"prefect.resource.id": resource},
            "related": [],
        }
        told = [pipe for pipe in self.pipes if resource in pipe.wanted]
        for pipe in told:
            pipe.send({"type": "event", "event": event})
        return bool(told)

    def drop(self) -> bool:
        """End all connections without a word; return whether there were any."""
        was_open = self.is_open()
        self.drops += was_open
        for pipe in self.pipes:
            pipe.drop()
        self.pipes.clear()
        return was_open


class Pipe(httpx.SyncByteStream):
    """One connection, as a network stream of httpcore, and as the body of the answer, whose end closes it."""

    def __init__(self, events: FakeEvents) -> None:
        self._events = events
        self._protocol = ServerProtocol(subprotocols=["prefect"], logger=logging.Logger("fake"))
        self._changed = events.changed
        self._outgoing: deque[bytes] = deque()
        self._is_dropped = False
        self.wanted: set[str] = set()

    def opened(self, request: httpx.Request) -> httpx.Response:
        """Return the answer that changes the protocol."""
        head = [
            f"GET {request.url.path} HTTP/1.1".encode(),
            *map(b": ".join, request.headers.raw),
            b"",
            b"",
        ]
        self._protocol.receive_data(b"\r\n".join(head))
        [asked] = self._protocol.events_received()
        answer = self._protocol.accept(asked)
        self._protocol.send_response(answer)
        self._protocol.data_to_send()
        return httpx.Response(
            answer.status_code,
            headers=[*answer.headers.raw_items()],
            stream=self,
            extensions={"network_stream": self},
        )

    def send(self, message: Any) -> None:
        """Send a message."""
        with self._changed:
            self._protocol.send_text(json.dumps(message).encode())
            self._outgoing += self._protocol.data_to_send()
            self._changed.notify_all()

    def drop(self) -> None:
        """End the connection."""
        with self._changed:
            self._is_dropped = True
            self.wanted = set()
            self._changed.notify_all()

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        with self._changed:
            if not self._changed.wait_for(lambda: self._outgoing or self._is_dropped, timeout):
                raise httpcore.ReadTimeout
            return b"" if self._is_dropped else self._outgoing.popleft()

    def write(self, data: bytes, timeout: float | None = None) -> None:
        with self._changed:
            if self._is_dropped:
                raise httpcore.WriteError
            self._protocol.receive_data(data)
            for frame in self._protocol.events_received():
                if frame.opcode == 1:
                    self._heard(json.loads(bytes(frame.data)))
            self._outgoing += self._protocol.data_to_send()
            self._changed.notify_all()

    def __iter__(self) -> Iterator[bytes]:
        return iter(())

    def get_extra_info(self, name: str) -> Pipe:
        """Return what stands for the socket."""
        return self

    def shutdown(self, how: int) -> None:
        self.drop()

    def close(self) -> None:
        self.drop()

    def _heard(self, message: dict[str, Any]) -> None:
        if message["type"] == "auth":
            is_right = message["token"] == self._events.token
            self.send({"type": "auth_success"}) if is_right else self._protocol.send_close(1008)
        else:
            self._events.filters.append(message["filter"])
            self.wanted = set(message["filter"]["any_resource"]["id"])
