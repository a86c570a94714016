"""The runs that the documentation speaks of: yesterday's of the flow nightly-orders, the newest of which, amber-heron, failed."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from flowrun_widgets.store.writer import StoreWriter
from tests.nightly import GOOD, TASKS, rows_of
from tests.stores import identifier, made

if TYPE_CHECKING:
    from pathlib import Path

FLOW = identifier(0xD)
BROKEN = 8
LINES = [
    ("WARNING", "timeout after 30 s"),
    ("INFO", "Loaded 1,204 rows in 3.5 s"),
]
ERROR = ("ERROR", "connection reset: rows=7 in 0.2s")


def write(path: Path) -> str:
    """Write the store; return the id of amber-heron."""
    r = random.Random(4)
    with StoreWriter(path) as writer:
        writer.add({
            "flow": [{"id": FLOW, "name": "nightly-orders", "version": 1, **made(0)}],
            "task": [
                {"id": identifier(n + 1), "flow_id": FLOW, "name": name, "slug": f"{name}-1", **made(0)}
                for n, name in enumerate(TASKS)
            ],
        })  # fmt: skip
        for number in range(GOOD + 1):
            is_failed = number in (BROKEN, GOOD)
            lines = [*LINES, ERROR] if is_failed else LINES
            rows = rows_of(number, r, state="Failed" if is_failed else "Success", lines=lines)
            (run,) = rows["flow_run"]
            if number == GOOD:
                run["name"] = "amber-heron"
            writer.add(_yesterday(rows))
    return run["id"]


def _yesterday(rows: dict[str, list[Any]]) -> dict[str, list[Any]]:
    day = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
    return json.loads(json.dumps(rows).replace("2026-11-22T", f"{day}T"))
