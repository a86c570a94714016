"""How long a card takes to answer its page over a million lines in memory, from question to message, inside Python."""

from __future__ import annotations

import json
import queue
import statistics
import time
from typing import Any

from comm import DummyComm

from flowrun_widgets.runs.card import FlowRunCard
from tests.big_run import big_run

RUNS = 5
ROWS = 80
PLAIN = {
    "text": "",
    "zone": "UTC",
    "lines": "all",
    "context": 0,
    "opened": [],
    "folds_repeats": False,
    "is_newest_first": False,
}
QUERIES = [
    ("no text", {}, 5, 40),
    ("no text, newest first", {"is_newest_first": True}, 5, 40),
    ("literal, common", {"text": "partition"}, 15, 90),
    ("literal, one in 4,000", {"text": "needle"}, 90, 90),
    ("literal, none", {"text": "kubernetes"}, 90, 90),
    ("literal, all lines", {"text": "partition", "lines": "all"}, 15, 90),
    ("repeats folded", {"folds_repeats": True}, 5, 200),
    ("literal, in context", {"text": "partition", "lines": "context", "context": 2}, 15, 120),
    ("literal, newest first", {"text": "partition", "is_newest_first": True}, 15, 90),
    ("regex", {"text": r"/Loaded \d+ rows/"}, 15, 130),
    ("regex, none", {"text": r"/Loaded \d+ cows/"}, 130, 130),
    ("level", {"text": "level>=warning"}, 15, 60),
    ("task, exact", {"text": 'task="load[77]"'}, 60, 60),
    ("task and word", {"text": "task:load rows"}, 15, 90),
    ("attempt", {"text": "attempt:2"}, 60, 90),
    ("time", {"text": "time:2026-11-22T01:00Z..2026-11-22T01:10Z"}, 15, 60),
    ("time and word", {"text": "rows time:2026-11-22T01:00Z..2026-11-22T01:10Z"}, 15, 90),
]


class Page:
    """Asks one question after the other, each of a query that was not asked before."""

    def __init__(self, card: FlowRunCard) -> None:
        self._card, self._n = card, 0
        self._heard: queue.Queue[tuple[float, Any]] = queue.Queue()

        def publish(_comm: Any, msg_type: str, data: Any = None, **_: Any) -> None:
            if msg_type == "comm_msg" and data["method"] == "custom":
                json.dumps(data)
                self._heard.put((time.perf_counter(), data["content"]))

        DummyComm.publish_msg = publish

    def ask(self, kind: str, *until: str, **fields: Any) -> dict[str, tuple[float, Any]]:
        """Return the milliseconds to each kind of answer, and the answer, up to the first of `until`."""
        self._n += 1
        content = {"kind": kind, "view": "v", "n": self._n, "snapshot": 1, **fields}
        found: dict[str, tuple[float, Any]] = {}
        asked = time.perf_counter()
        message = {"content": {"data": {"method": "custom", "content": content}}, "buffers": []}
        self._card.comm.handle_msg(message)
        while not found.keys() & {*until, "failed"}:
            at, answer = self._heard.get(timeout=60)
            found.setdefault(answer["kind"], ((at - asked) * 1000, answer))
        return found


def main() -> None:
    run = big_run()
    opening(run)
    print(f"\n{len(run.get_logs()):,} lines; median of {RUNS} in ms, targets in brackets")
    print(f"{'query':26} {'first rows':>16} {'counted':>16} {'rows':>8} {'find':>8}  hits, items")
    for name, fields, first, counted in QUERIES:
        query = {**PLAIN, "lines": "hits" if fields.get("text") else "all", **fields}
        spent: list[tuple[float, float, float, float]] = []
        result: Any = None
        for _ in range(RUNS):
            card = FlowRunCard(run)
            page = Page(card)
            page.ask("line", "line", seq=0)
            page.ask("rows", "rows", query=PLAIN, start=0, count=1)
            found = page.ask("query", "result", query=query, near=None, count=ROWS)
            result = found["result"][1]
            middle = result["total"] // 2
            rows = page.ask("rows", "rows", query=query, start=middle, count=200)
            spot = page.ask("find", "found", query=query, what="error", at=None, step=1)
            spent.append((found["rows"][0], found["result"][0], rows["rows"][0], spot["found"][0]))
            card.close()
        told, total, rows_took, find_took = map(statistics.median, zip(*spent, strict=True))
        print(
            f"{name:26} {told:9.1f} (≤{first:4}) {total:9.1f} (≤{counted:4}) {rows_took:8.1f} {find_took:8.1f}"
            f"  {result['hits']:,}, {result['total']:,}"
        )
    others(run)


def opening(run: Any) -> None:
    """Print how long a card of a run in memory takes to be there, beside pandas' own repr of its log."""
    frame = run.get_logs().to_pandas()
    for name, make in (
        ("card", lambda: FlowRunCard(run)),
        ("pandas repr", lambda: (frame._repr_html_(), repr(frame))),
        ("to_pandas and repr", lambda: run.get_logs().to_pandas()._repr_html_()),
    ):
        print(f"{name:26} {_median(make):9.1f} ms")


def others(run: Any) -> None:
    """Print what else a page asks."""
    card = FlowRunCard(run)
    page = Page(card)
    for name, kind, fields in (
        ("tasks, 200 of 10,000", "tasks", {"start": 5_000, "count": 200}),
        ("suggest task:", "suggest", {"text": "task:", "caret": 5}),
        ("templates", "templates", {"query": {**PLAIN, "text": "level>=warning"}}),
        ("download, CSV", "download", {"query": None, "format": "csv"}),
    ):
        answer = {"suggest": "suggestions"}.get(kind, kind)
        first = page.ask(kind, answer, **fields)[answer][0]
        again = page.ask(kind, answer, **fields)[answer][0] if kind != "download" else 0.0
        print(f"{name:26} {first:9.1f} ms, again {again:.1f} ms")
    card.close()


def _median(make: Any) -> float:
    spent: list[float] = []
    for _ in range(RUNS):
        started = time.perf_counter()
        made = make()
        spent.append((time.perf_counter() - started) * 1000)
        if isinstance(made, FlowRunCard):
            made.close()
    return statistics.median(spent)


if __name__ == "__main__":
    main()
