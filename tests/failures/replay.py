"""Reads a case with the real Prefect 3 source, over a transport that answers from the case's file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx

CASES = Path(__file__).with_name("cases")
URL = "http://prefect3.test/api"


class Replayed(httpx.BaseTransport):
    """Answers Prefect 3's REST about the runs of one case. `requests` are those that were asked."""

    def __init__(self, runs: dict[str, Any]) -> None:
        self.runs = runs
        self.requests: list[httpx.Request] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        body = json.loads(request.content) if request.content else {}
        path = request.url.path.removeprefix("/api")
        found = self._answer(path, request.url.params, body)
        if found is None:
            return httpx.Response(404, json={"detail": "Not Found"})
        return httpx.Response(200, json=found)

    def _answer(self, path: str, params: Any, body: Any) -> Any:
        if path == "/health":
            return True
        match path.strip("/").split("/"):
            case ["flow_runs", "filter"]:
                parents = body["flow_runs"]["parent_flow_run_id"]["any_"]
                return self._page(self._below(parents), body)
            case ["flow_runs", key] if key in self.runs:
                return self.runs[key]["run"]
            case ["flow_run_states"]:
                run = self.runs.get(params["flow_run_id"])
                return run["states"] if run else []
            case ["flows", "filter"]:
                return self._page([run["flow"] for run in self.runs.values()], body)
            case ["flows", key]:
                return next(r["flow"] for r in self.runs.values() if r["flow"]["id"] == key)
            case ["task_runs", "filter"]:
                return self._page(self._task_runs(body), body)
            case ["task_runs", "count"]:
                return len(self._task_runs(body))
            case ["task_runs", key]:
                return next(
                    (t for run in self.runs.values() for t in run["task_runs"] if t["id"] == key),
                    None,
                )
            case ["task_run_states"]:
                kept = [run["task_run_states"] for run in self.runs.values()]
                return next((one[key] for one in kept if (key := params["task_run_id"]) in one), [])
            case ["logs", "filter"]:
                return self._page(self._lines(body), body)
        return None

    def _below(self, parents: list[str]) -> list[Any]:
        tasks = {
            task["id"]
            for key in parents
            if key in self.runs
            for task in self.runs[key]["task_runs"]
        }
        return [r["run"] for r in self.runs.values() if r["run"].get("parent_task_run_id") in tasks]

    def _task_runs(self, body: Any) -> list[Any]:
        chosen = body.get("task_runs", {})
        of = (
            chosen.get("flow_run_id")
            or body.get("flow_runs", {}).get("id")
            or {"any_": list(self.runs)}
        )
        rows = [
            task for key in of["any_"] if key in self.runs for task in self.runs[key]["task_runs"]
        ]
        ids, types = chosen.get("id"), chosen.get("state", {}).get("type")
        return [
            row
            for row in rows
            if (not ids or row["id"] in ids["any_"])
            and (not types or row["state"]["type"] in types["any_"])
        ]

    def _lines(self, body: Any) -> list[Any]:
        wanted = body["logs"]
        rows = [
            line
            for key in wanted["flow_run_id"]["any_"]
            if key in self.runs
            for line in self.runs[key]["logs"]
            if is_wanted(line, wanted)
        ]
        times = wanted.get("timestamp", {})
        rows = [
            row
            for row in rows
            if times.get("after_", "")
            <= row["timestamp"].replace("Z", "+00:00")
            <= times.get("before_", "~")
        ]
        return sorted(
            rows, key=lambda row: row["timestamp"], reverse=body.get("sort") == "TIMESTAMP_DESC"
        )

    def _page(self, rows: list[Any], body: Any) -> list[Any]:
        start = body.get("offset", 0)
        return rows[start : start + body.get("limit", 200)]


def is_wanted(line: dict[str, Any], wanted: dict[str, Any]) -> bool:
    """Whether a line has the level, the task run and the text that a filter asks for."""
    tasks, text = wanted.get("task_run_id", {}), wanted.get("text", {}).get("query", "")
    words = text[1:-1].replace('\\"', '"').replace("\\\\", "\\").lower()
    return (
        line["level"] >= wanted.get("level", {}).get("ge_", -1)
        and ("any_" not in tasks or line.get("task_run_id") in tasks["any_"])
        and (not tasks.get("is_null_") or line.get("task_run_id") is None)
        and words in line["message"].lower()
    )
