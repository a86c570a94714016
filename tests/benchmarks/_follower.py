"""Follows a run to its end with `watch()` in a process of its own: `python -m tests.benchmarks._follower SOURCE RUN`.

Prints a line when it has the log, and JSON at the end: lines, looks, requests and bytes. A kernel calls `show` instead.
"""

from __future__ import annotations

import json
import sys
import threading
from typing import TYPE_CHECKING

import httpx

import flowrun_widgets as fw

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowrun_widgets.connection.connection import Connection
    from flowrun_widgets.report.wire import Payload
    from flowrun_widgets.runs.card import FlowRunCard

__all__ = ["Counting", "Following", "connected"]


class Counting(httpx.HTTPTransport):
    """Counts requests, and the bytes of answers as they come over the wire."""

    def __init__(self) -> None:
        super().__init__()
        self.requests = self.bytes = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.requests += 1
        response = super().handle_request(request)
        assert isinstance(response.stream, httpx.SyncByteStream)
        response.stream = _Counted(response.stream, self)
        return response


class _Counted(httpx.SyncByteStream):
    def __init__(self, stream: httpx.SyncByteStream, counting: Counting) -> None:
        self._stream, self._counting = stream, counting

    def __iter__(self) -> Iterator[bytes]:
        for part in self._stream:
            self._counting.bytes += len(part)
            yield part

    def close(self) -> None:
        self._stream.close()


def connected(source: str) -> tuple[Connection, Counting]:
    """Connect to a store or a server, without a library."""
    counting = Counting()
    transport = counting if source.startswith("http") else None
    return fw.connect(source, transport=transport, library=False), counting


class Following:
    """A card that follows a run, as a kernel has it."""

    def __init__(self, source: str, run_id: str) -> None:
        connection, self._counting = connected(source)
        run = fw.FlowRunView.from_flow_run_id(run_id, api=connection)
        run.get_logs()
        run.get_all_task_runs()
        self.card: FlowRunCard = run.card(follow=True)
        self._ended = threading.Event()
        self._shown = 0
        self.card.on_change(self._hear)
        self._counting.requests = self._counting.bytes = 0

    def result(self) -> str:
        """Wait until the card has stopped following by itself; return the figures."""
        self._ended.wait()
        lines = len(self.card.flow_run.get_logs())
        return told(lines, self._shown, self._counting)

    def _hear(self, shown: Payload) -> None:
        self._shown += 1
        if shown.header.is_finished and not shown.is_following:
            self._ended.set()


def told(lines: int, snapshots: int, counting: Counting) -> str:
    """Return the figures as JSON."""
    return json.dumps(
        {
            "lines": lines,
            "snapshots": snapshots,
            "requests": counting.requests,
            "bytes": counting.bytes,
        }
    )


def main() -> None:
    source, run_id = sys.argv[1:]
    connection, counting = connected(source)
    run = fw.FlowRunView.from_flow_run_id(run_id, api=connection)
    snapshots = lines = 0
    for snapshot in run.watch():
        snapshots += 1
        lines = len(snapshot.get_logs())
        if snapshots == 1:
            counting.requests = counting.bytes = 0
            print("ready", flush=True)
    print(told(lines, snapshots, counting))


if __name__ == "__main__":
    main()
