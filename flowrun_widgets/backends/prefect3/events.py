"""`EventStream`: one socket for all followers of a server's runs, which says that something changed, but not what."""

from __future__ import annotations

import logging
import threading
import time
from datetime import timedelta
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct, field

from flowrun_widgets.backends.websocket import WebSocket, has_websockets
from flowrun_widgets.errors import AccessDenied, BackendUnavailable, FlowRunError
from flowrun_widgets.forks import in_child, unlocked_in_child
from flowrun_widgets.times import isoformat, now

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowrun_widgets.backends.transport import Transport

__all__ = ["EventStream"]

logger = logging.getLogger("flowrun_widgets")

PATH, SUBPROTOCOL = "/events/out", "prefect"
FLOW_RUN = "prefect.flow-run."
STATE_CHANGES = [FLOW_RUN, "prefect.task-run."]
HEARTBEAT = ".heartbeat"
"""How the names of events end that only say that a run is alive."""
AUTH_SECONDS = 10.0
GLANCE_SECONDS = 1.0
"""How often it is checked whether other runs are followed, or none."""
FIRST_PAUSE_SECONDS, LAST_PAUSE_SECONDS = 5.0, 600.0
"""How long to wait before the second attempt to connect, twice as long before each later one, and at most; a server that
refuses is asked again after the latter."""
STEADY_SECONDS = 60.0
"""A connection that lasted so long makes the next pause the first one again."""
CLOSE_SECONDS = 2.0


class _Resource(Struct):
    id: str | None = field(name="prefect.resource.id", default=None)


class _Event(Struct):
    event: str = ""
    resource: _Resource | None = None
    related: list[_Resource] = field(default_factory=list["_Resource"])


class _Message(Struct):
    type: str | None = None
    event: _Event | None = None


class _Listener:
    """A follower of one run. Closing it takes no lock, since the garbage collector may do it anywhere."""

    def __init__(self, stream: EventStream, flow_run_id: str, hear: Callable[[], None]) -> None:
        self.flow_run_id = flow_run_id
        self.hear = hear
        self._stream = stream

    @property
    def is_open(self) -> bool:
        """Whether the server announces the changes of this run now."""
        return self._stream.announces(self)

    def close(self) -> None:
        """Listen no longer."""
        self._stream.leave(self)


class EventStream:
    """Listens to the state changes of runs while somebody wants to hear of them, in a thread of its own. Thread-safe.

    What is heard is only a reason to poll: events can be lost with a connection, and log lines are not announced. A
    server without this stream costs an attempt every ten minutes.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._lock = unlocked_in_child(threading.Lock())
        self._listeners: dict[_Listener, None] = {}
        self._announced: frozenset[str] = frozenset()
        self._missed: frozenset[str] = frozenset()
        """The runs of which something may have happened since the connection was lost."""
        self._thread: threading.Thread | None = None
        self._socket: WebSocket | None = None
        self._wake: SimpleQueue[None] = SimpleQueue()
        self._is_closed = False
        self._next_attempt_at = 0.0
        self._pause_seconds = FIRST_PAUSE_SECONDS
        in_child(self, EventStream._forget)

    def listen(self, flow_run_id: str, hear: Callable[[], None]) -> _Listener | None:
        """Call `hear` soon after each change of a run.

        `hear` is called on the stream's thread, also when a connection was lost and when it is there again. Return None if the package websockets is not installed.
        """
        if not has_websockets():
            return None
        listener = _Listener(self, flow_run_id, hear)
        with self._lock:
            if self._is_closed:
                return None
            self._listeners[listener] = None
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._run, name="flowrun-events", daemon=True
                )
                self._thread.start()
        return listener

    def announces(self, listener: _Listener) -> bool:
        """Return whether the server announces the changes of the listener's run now."""
        return listener.flow_run_id in self._announced

    def leave(self, listener: _Listener) -> None:
        """Remove a listener; the connection ends within a second after the last one."""
        self._listeners.pop(listener, None)
        self._wake.put(None)  # the only call that wakes a thread and takes no lock

    def close(self) -> None:
        """End the connection and the thread."""
        with self._lock:
            self._is_closed = True
            self._listeners.clear()
            thread, socket = self._thread, self._socket
        self._wake.put(None)
        if socket is not None:
            socket.shut()
        if thread is not None and thread is not threading.current_thread():
            thread.join(CLOSE_SECONDS)

    def _forget(self) -> None:
        """Leave the connection to the parent process; its followers are not in this one."""
        self._listeners, self._announced, self._missed = {}, frozenset(), frozenset()
        self._thread = self._socket = None
        self._wake = SimpleQueue()

    def _wanted(self) -> frozenset[str]:
        return frozenset(one.flow_run_id for one in [*self._listeners])

    def _run(self) -> None:
        while True:
            self._await_next_attempt()
            with self._lock:
                if not self._listeners:
                    self._thread = None
                    return
            began = time.monotonic()
            try:
                self._follow()
            except BackendUnavailable:
                is_steady = time.monotonic() - began > STEADY_SECONDS
                self._try_again_after(FIRST_PAUSE_SECONDS if is_steady else self._pause_seconds)
            except Exception as error:  # noqa: BLE001  polling goes on without events, whatever is wrong with them
                if not isinstance(error, FlowRunError):
                    logger.debug("Listening to events ended with %s.", type(error).__name__)
                self._try_again_after(LAST_PAUSE_SECONDS)

    def _try_again_after(self, seconds: float) -> None:
        self._next_attempt_at = time.monotonic() + seconds
        self._pause_seconds = min(2 * seconds, LAST_PAUSE_SECONDS)

    def _await_next_attempt(self) -> None:
        """Wait until the server may be asked again, or nobody listens."""
        while self._listeners and (left := self._next_attempt_at - time.monotonic()) > 0:
            try:
                self._wake.get(timeout=left)
            except Empty:
                return

    def _follow(self) -> None:
        """Listen until nobody wants to hear anything, or the connection is lost."""
        socket: WebSocket | None = None
        try:
            while wanted := self._wanted():
                if socket is None or not wanted <= self._announced:
                    socket = self._changed_to(wanted, socket)
                self._hear(socket.receive(GLANCE_SECONDS))
        finally:
            self._missed |= self._announced & self._wanted()
            self._announced = frozenset()
            self._socket = None
            if socket is not None:
                socket.close()
            self._tell(self._missed)

    def _changed_to(self, wanted: frozenset[str], former: WebSocket | None) -> WebSocket:
        """Return a connection for these runs; nothing is missed between the former one and this one."""
        socket = self._connected(wanted)
        with self._lock:
            self._socket = socket
            missed, self._missed = self._missed, frozenset()
            self._announced = wanted
            if self._is_closed:
                socket.shut()
        if former is not None:
            try:
                while (message := former.receive(0.01)) is not None:
                    self._hear(message)
            except BackendUnavailable:
                missed = wanted
            former.close()
        self._tell(missed)
        return socket

    def _connected(self, wanted: frozenset[str]) -> WebSocket:
        socket = WebSocket(self._transport, PATH, SUBPROTOCOL)
        try:
            socket.send({"type": "auth", "token": self._transport.token()})
            answer = _decoded(socket.receive(AUTH_SECONDS))
            if answer is None or answer.type != "auth_success":
                raise AccessDenied(f"{self._transport.url} refuses to announce events.")
            socket.send(_filter(wanted))
        except BaseException:
            socket.close()
            raise
        return socket

    def _hear(self, message: bytes | None) -> None:
        event = None if (found := _decoded(message)) is None else found.event
        if event is None or event.event.endswith(HEARTBEAT):
            return
        resources = [event.resource, *event.related] if event.resource else event.related
        self._tell({(one.id or "").removeprefix(FLOW_RUN) for one in resources})

    def _tell(self, flow_run_ids: set[str] | frozenset[str]) -> None:
        for one in [*self._listeners]:
            if one.flow_run_id in flow_run_ids:
                one.hear()


def _filter(flow_run_ids: frozenset[str]) -> dict[str, Any]:
    """Return the message that asks for the state changes of these runs, whenever this machine thinks they happen."""
    present = now()
    return {
        "type": "filter",
        "backfill": False,
        "filter": {
            "occurred": {
                "since": isoformat(present - timedelta(days=1)),
                "until": isoformat(present + timedelta(days=365)),
            },
            "event": {"prefix": STATE_CHANGES},
            "any_resource": {"id": [f"{FLOW_RUN}{one}" for one in sorted(flow_run_ids)]},
        },
    }


def _decoded(message: bytes | None) -> _Message | None:
    if message is None:
        return None
    try:
        return msgspec.json.decode(message, type=_Message)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None
