"""A page that shows a card, as Python sees it: the messages on the card's comm."""

from __future__ import annotations

import queue
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flowrun_widgets.runs.card import FlowRunCard

SECONDS = 20


class Page:
    """Asks as a view of a card, and keeps what the card sends."""

    def __init__(self, monkeypatch: Any) -> None:
        from comm import DummyComm

        self.heard: list[Any] = []
        """Every message so far, oldest first: the content of answers, the names of pushed traits."""
        self._new: queue.Queue[Any] = queue.Queue()

        def publish(
            _comm: Any, msg_type: str, data: Any = None, buffers: Any = None, **_: Any
        ) -> None:
            data = data or {}
            if msg_type == "comm_msg" and data.get("method") == "custom":
                self._keep(data["content"] | ({"buffers": buffers} if buffers else {}))
            elif msg_type == "comm_msg" and data.get("method") == "update":
                binary = [path[0] for path in data.get("buffer_paths", [])]
                self._keep({"kind": "pushed", "traits": sorted([*data["state"], *binary])})

        monkeypatch.setattr(DummyComm, "publish_msg", publish)

    def ask(self, card: FlowRunCard, content: Any) -> None:
        """Send a message as the page does."""
        data = {"method": "custom", "content": content}
        card.comm.handle_msg({"content": {"data": data}, "buffers": []})

    def wait_for(self, kind: str, **fields: Any) -> Any:
        """Return the next message of that kind with those fields."""
        while True:
            content = self._new.get(timeout=SECONDS)
            if content["kind"] == kind and fields.items() <= content.items():
                return content

    def kinds(self, n: int) -> list[str]:
        """Return the kinds of the answers to one question, in order."""
        return [content["kind"] for content in self.heard if content.get("n") == n]

    def _keep(self, content: Any) -> None:
        self.heard.append(content)
        self._new.put(content)


def question(kind: str, n: int = 1, view: str = "left", **more: Any) -> dict[str, Any]:
    """Return a question of a view."""
    return {"kind": kind, "view": view, "n": n, "snapshot": 1, **more}


def log_query(text: str = "", **more: Any) -> dict[str, Any]:
    """Return a log query as a page sends it: only hits, oldest first."""
    plain = {"zone": "UTC", "lines": "hits", "context": 2, "opened": []}
    return {"text": text, **plain, "folds_repeats": False, "is_newest_first": False, **more}
