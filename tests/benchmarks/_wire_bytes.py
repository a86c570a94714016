"""What comes over the kernel's socket, counted in the browser."""

from __future__ import annotations

import base64
import json
import time
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession, Page

QUIET_SECONDS = 0.3


class WireBytes:
    """Counts the bytes of every frame that the page receives, and of them the front end code of widgets.

    `kinds` says what they are: the bytes by type of message.
    """

    def __init__(self, session: CDPSession, page: Page) -> None:
        self.received = self.code = 0
        self.kinds: Counter[str] = Counter()
        self._page = page
        self._last = time.monotonic()
        session.on("Network.webSocketFrameReceived", self._hear)
        session.send("Network.enable")

    def reset(self) -> None:
        """Reset the counts."""
        self.received = self.code = 0
        self.kinds.clear()
        self._last = time.monotonic()

    def wait_for_quiet(self) -> None:
        """Wait until nothing has come for a moment."""
        while time.monotonic() - self._last < QUIET_SECONDS:
            self._page.wait_for_timeout(50)

    def _hear(self, event: dict[str, Any]) -> None:
        frame = event["response"]
        data = frame["payloadData"]
        self._last = time.monotonic()
        if frame["opcode"] != 2:
            self.received += len(data.encode())
            return
        binary = base64.b64decode(data)
        kind, code = _told(binary)
        self.received += len(binary)
        self.code += code
        self.kinds[kind] += len(binary) - code


def _told(frame: bytes) -> tuple[str, int]:
    """Return the type of a message, and how many bytes of it are the code and the styles of a widget that is made."""
    count = int.from_bytes(frame[:8], "little")
    offsets = [int.from_bytes(frame[8 * n : 8 * n + 8], "little") for n in range(1, count + 1)]
    # Channel, header, parent header, metadata, content, then one part for each buffer.
    parts = [frame[start:end] for start, end in pairwise(offsets)]
    kind = json.loads(parts[1])["msg_type"]
    if kind != "comm_open":
        return kind, 0
    data = json.loads(parts[4])["data"]
    text = sum(len(data["state"].get(name) or "") for name in ("_esm", "_css"))
    buffers = zip(data.get("buffer_paths", []), parts[5:], strict=False)
    return kind, text + sum(len(buffer) for path, buffer in buffers if path == ["code"])
