"""A fake Prefect 3 server: the lines of one run, and any other answers that a test sets."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx

if TYPE_CHECKING:
    from collections.abc import Callable

    Answering = Callable[[httpx.Request], httpx.Response | None]

URL = "http://prefect3.test/api"
RUN = "4c0101af-c6bb-4b96-8661-63a5bbfb5596"
FLOW = "11111111-c6bb-4b96-8661-63a5bbfb5596"
EVER, NEVER = "1970-01-01T00:00:00Z", "2970-01-01T00:00:00Z"
START = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def stamp(moment: datetime) -> str:
    """Return a time as the server writes it."""
    return moment.isoformat().replace("+00:00", "Z")


def state(
    kind: str = "COMPLETED", name: str | None = "Completed", **changes: Any
) -> dict[str, Any]:
    """Return a state."""
    return {
        "id": RUN,
        "type": kind,
        "name": name,
        "timestamp": stamp(START),
        "message": None,
        **changes,
    }


def line(number: int, moment: datetime | None = None) -> dict[str, Any]:
    """Return a log line."""
    moment = moment or START + timedelta(milliseconds=number)
    return {
        "id": str(UUID(int=number + 1)), "created": stamp(moment + timedelta(seconds=1)), "name": "prefect.flow_runs",
        "level": 20, "message": f"line {number}", "timestamp": stamp(moment), "flow_run_id": RUN, "task_run_id": None,
    }  # fmt: skip


class FakePrefect(httpx.BaseTransport):
    """Answers about one run. `first` sees every request, and what it returns is the answer."""

    def __init__(
        self,
        *,
        lines: list[dict[str, Any]] | None = None,
        limit: int = 200,
        first: Answering | None = None,
    ) -> None:
        self.lines = lines or []
        self.limit = limit
        self.first = first
        self.state = state()
        self.task_runs: list[dict[str, Any]] = []
        self.requests: list[httpx.Request] = []

    def paths(self) -> list[str]:
        """Return the paths that were asked for."""
        return [request.url.path.removeprefix("/api") for request in self.requests]

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.first(request) if self.first else None
        return answer or self._answer(request)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/api")
        body = json.loads(request.content) if request.content else {}
        if path == "/health":
            return httpx.Response(200, json=True)
        if path == f"/flow_runs/{RUN}":
            return httpx.Response(200, json=self._run())
        if path == "/flow_run_states/":
            return httpx.Response(200, json=[self.state])
        if path == f"/flows/{FLOW}":
            return httpx.Response(200, json={"id": FLOW, "name": "nightly"})
        if path == "/flow_runs/filter":
            return self._page(
                [] if "parent_flow_run_id" in body["flow_runs"] else [self._run()], body
            )
        if path == "/flows/filter":
            return self._page([{"id": FLOW, "name": "nightly"}], body)
        if path == "/logs/filter":
            return self._logs(body)
        if path == "/task_runs/filter":
            return self._page(self._task_runs(body), body)
        return httpx.Response(404, json={"detail": "Not Found"})

    def _run(self) -> dict[str, Any]:
        run = {
            "id": RUN,
            "name": "amber-heron",
            "flow_id": FLOW,
            "state_id": RUN,
            "state": self.state,
        }
        return {**run, "a_field_of_tomorrow": 1}

    def _task_runs(self, body: dict[str, Any]) -> list[dict[str, Any]]:
        wanted = dict(body.get("task_runs", {}))
        combined = any if wanted.pop("operator", "and_") == "or_" else all

        def fits(row: dict[str, Any]) -> bool:
            told: list[bool] = []
            for name, chosen in wanted.items():
                if name == "id":
                    told.append(row["id"] in chosen["any_"])
                elif name == "state":
                    told.append(row["state"]["type"] in chosen["type"]["any_"])
                elif name.endswith("_time"):
                    span = chosen.get("after_", EVER), chosen.get("before_", NEVER)
                    moment = row.get(name)
                    told.append(moment is not None and _is_within(moment, *span))
            return combined(told) if told else True

        sort = body.get("sort", "ID_DESC")
        name = sort.removesuffix("_ASC").removesuffix("_DESC").lower()
        rows = [row for row in self.task_runs if fits(row)]
        rows.sort(key=lambda row: row.get(name) or "", reverse=sort.endswith("_DESC"))
        return rows

    def _logs(self, body: dict[str, Any]) -> httpx.Response:
        times = body["logs"].get("timestamp", {})
        rows = [
            row
            for row in sorted(self.lines, key=lambda row: _moment(row["timestamp"]))
            if _is_within(row["timestamp"], times.get("after_", EVER), times.get("before_", NEVER))
            and row["level"] >= body["logs"].get("level", {}).get("ge_", 0)
            and row["task_run_id"]
            in body["logs"].get("task_run_id", {}).get("any_", [row["task_run_id"]])
            and not (row["task_run_id"] and body["logs"].get("task_run_id", {}).get("is_null_"))
        ]
        if body["sort"] == "TIMESTAMP_DESC":
            rows.reverse()
        return self._page(rows, body)

    def _page(self, rows: list[dict[str, Any]], body: dict[str, Any]) -> httpx.Response:
        if body["limit"] > self.limit:
            words = f"Invalid limit: must be less than or equal to {self.limit}."
            return httpx.Response(422, json={"detail": words})
        return httpx.Response(200, json=rows[body["offset"] : body["offset"] + body["limit"]])


def _is_within(text: str, first: str, last: str) -> bool:
    return _moment(first) <= _moment(text) <= _moment(last)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
