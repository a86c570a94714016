"""Many flow runs on a real server: one is made over its API, the others are copies of its rows in the server's SQLite."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx

from tests.prefect3 import seed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.causes import Failure
    from tests.prefect3.server import PrefectServer

__all__ = ["TAG", "Planted", "add_failures", "add_runs"]

TAG = "planted"
"""The tag of all of these runs."""


@dataclass(frozen=True)
class Planted:
    """A run to make. `changes` are other columns of its row."""

    flow: str
    kind: str
    message: str | None
    lines: list[str] = field(default_factory=list)
    changes: dict[str, Any] = field(default_factory=dict)


def add_failures(server: PrefectServer, chosen: Sequence[Failure]) -> list[str]:
    """Make a failed run of each, with its error lines; return their ids."""
    return add_runs(server, [Planted(one.flow, one.kind, one.message, one.lines) for one in chosen])


def add_runs(server: PrefectServer, planted: Sequence[Planted]) -> list[str]:
    """Make runs that ended, a minute apart, the first one newest, each of which ran for 30 s; return their ids."""
    begin = datetime.now(UTC) - timedelta(hours=1)
    with httpx.Client(base_url=server.url, timeout=60) as client:
        flows = {
            name: _posted(client, "/flows/", {"name": name})["id"]
            for name in sorted({one.flow for one in planted})
        }
        template = _posted(
            client,
            "/flow_runs/",
            {"flow_id": next(iter(flows.values())), "tags": [TAG], "state": {"type": "RUNNING"}},
        )["id"]
        _posted(
            client, f"/flow_runs/{template}/set_state", {"state": {"type": "FAILED"}, "force": True}
        )
    ids: list[str] = []
    with sqlite3.connect(server.database, timeout=60) as connection:
        [run] = seed.rows(connection, "select * from flow_run where id = ?", template)
        [state] = seed.rows(
            connection, "select * from flow_run_state where id = ?", run["state_id"]
        )
        for number, one in enumerate(planted):
            ended = begin - timedelta(minutes=number)
            new, new_state = str(uuid4()), str(uuid4())
            at = {
                "start_time": ended - timedelta(seconds=30),
                "end_time": ended,
                "state_timestamp": ended,
            }
            seed.add(connection, "flow_run", {
                **run, "id": new, "state_id": new_state, "name": f"planted-{number}", "flow_id": flows[one.flow],
                "state_type": one.kind, "state_name": one.kind.title(), "idempotency_key": None,
                "expected_start_time": seed.text(at["start_time"]),
                **{name: seed.text(moment) for name, moment in at.items()}, **one.changes,
            })  # fmt: skip
            seed.add(connection, "flow_run_state", {
                **state, "id": new_state, "flow_run_id": new, "type": one.kind, "name": one.kind.title(),
                "message": one.message, "timestamp": seed.text(ended),
            })  # fmt: skip
            ids.append(new)
        connection.execute("delete from flow_run where id = ?", (template,))
    connection.close()
    seed.add_lines(server.database, (
        _line(ids[number], message, begin - timedelta(minutes=number, milliseconds=10 - place))
        for number, one in enumerate(planted)
        for place, message in enumerate(one.lines)
    ))  # fmt: skip
    return ids


def _line(flow_run_id: str, message: str, moment: datetime) -> dict[str, Any]:
    at = seed.text(moment)
    return {
        "id": str(uuid4()), "created": at, "updated": at, "name": "prefect.flow_runs", "level": 40,
        "flow_run_id": flow_run_id, "task_run_id": None, "message": message, "timestamp": at,
    }  # fmt: skip


def _posted(client: httpx.Client, path: str, body: dict[str, Any]) -> dict[str, Any]:
    # A server whose database is busy refuses for a moment.
    for _ in range(50):
        answer = client.post(path, json=body)
        if answer.is_success:
            return answer.json()
        Event().wait(0.2)
    raise AssertionError(answer.text)
