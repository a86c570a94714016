"""Run flows.py on a real Prefect 3 server and keep what the server says about each run, as JSON in `cases/`.

python -m tests.failures.record [NAME …]

Those of remote.py are recorded only where FAILURES_PYTHON names a Python that has Prefect 3.8.8, prefect-dask, Ray,
PySpark and dbt-duckdb.

The answers in the files stay as they are: a person writes them, never this program.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx

from tests.prefect3.server import PrefectServer

HERE = Path(__file__).parent
CASES = HERE / "cases"
PYTHON = HERE.parents[1] / ".cache" / "prefect3" / "bin" / "python"
OTHER_PYTHON = os.environ.get("FAILURES_PYTHON")
FOLDER = "/srv/flows"
LIBRARIES = "/usr/lib/python3.11"
QUIET_SECONDS = 1.5


def main(*names: str) -> None:
    home = Path(tempfile.mkdtemp(prefix="failures-"))
    scratch = home / "flows"
    scratch.mkdir()
    for file in ("flows.py", "remote.py"):
        shutil.copy(HERE / file, scratch)
    flows = dict.fromkeys(flows_of("flows.py"), (PYTHON, "flows.py"))
    if OTHER_PYTHON:
        flows |= dict.fromkeys(flows_of("remote.py"), (Path(OTHER_PYTHON), "remote.py"))
    server = PrefectServer(PYTHON, home)
    server.start()
    try:
        for name in names or flows:
            found = record(server, scratch, name, *flows[name])
            write(CASES / f"{name}.json", name, found, scratch)
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)


def flows_of(file: str) -> list[str]:
    text = (HERE / file).read_text("utf-8")
    return re.findall(r"^(?:async )?def (\w+)\([^)]*\):\n    say_id\(\)", text, re.M)


def record(
    server: PrefectServer, scratch: Path, name: str, python: Path, file: str
) -> dict[str, Any]:
    """Run one flow to its end and return what the server says of it and of the runs below it."""
    environ = {**server.environ, "PREFECT_API_URL": server.url, "PYTHONPATH": ""}
    done = subprocess.run(
        [python, file, name], cwd=scratch, env=environ, capture_output=True, text=True, timeout=170
    )
    flow_run_id = json.loads(done.stdout.splitlines()[0])
    time.sleep(QUIET_SECONDS)
    with httpx.Client(base_url=server.url, timeout=60) as client:
        runs: dict[str, Any] = {}
        waiting = [flow_run_id]
        while waiting:
            key = waiting.pop()
            runs[key] = told(client, key)
            below = {"flow_runs": {"parent_flow_run_id": {"any_": [key]}}}
            waiting += [one["id"] for one in ask(client, "/flow_runs/filter", below)]
    return {"flow_run_id": flow_run_id, "runs": runs}


def told(client: httpx.Client, key: str) -> dict[str, Any]:
    run = client.get(f"/flow_runs/{key}").json()
    one = {"flow_runs": {"id": {"any_": [key]}}}
    tasks = ask(client, "/task_runs/filter", {**one, "sort": "EXPECTED_START_TIME_ASC"})
    lines = {"logs": {"flow_run_id": {"any_": [key]}}, "sort": "TIMESTAMP_ASC"}
    return {
        "run": run,
        "flow": client.get(f"/flows/{run['flow_id']}").json(),
        "states": client.get("/flow_run_states/", params={"flow_run_id": key}).json(),
        "task_runs": tasks,
        "task_run_states": {
            one["id"]: client.get("/task_run_states/", params={"task_run_id": one["id"]}).json()
            for one in tasks
            if one["run_count"] > 1
        },
        "logs": ask(client, "/logs/filter", lines),
    }


def ask(client: httpx.Client, path: str, body: dict[str, Any]) -> list[Any]:
    found: list[Any] = []
    while True:
        page = client.post(path, json={**body, "limit": 200, "offset": len(found)}).json()
        found += page
        if len(page) < 200:
            return found


def write(path: Path, name: str, found: dict[str, Any], scratch: Path) -> None:
    """Write a case; what was answered before stays."""
    known = json.loads(path.read_text("utf-8")) if path.exists() else {}
    about = {"name": name, "source": "prefect3", "how": "recorded with prefect 3.8.8"}
    parts = [
        f'"about": {json.dumps(about)}',
        f'"answer": {json.dumps(known.get("answer", {}), indent=1)}',
    ]
    parts.append(f'"flow_run_id": "{found["flow_run_id"]}"')
    runs = ",\n".join(
        f'"{key}": {{\n'
        + ",\n".join(f'"{part}": {rows(value)}' for part, value in run.items())
        + "}"
        for key, run in found["runs"].items()
    )
    text = "{\n" + ",\n".join(parts) + ',\n"runs": {\n' + runs + "\n}\n}\n"
    for prefix, place in (
        (str(scratch), FOLDER),
        *((str(one), "/usr/bin/python3") for one in pythons()),
        (sysconfig.get_path("stdlib"), LIBRARIES),
        *((str(one.parents[1] / "lib" / "python3.11"), LIBRARIES) for one in pythons()),
    ):
        text = text.replace(prefix, place)
    for word in (socket.gethostname(), str(HERE.parents[1])):
        if re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text):
            raise ValueError(f"{path.name} names this machine: {word!r}")
    path.write_text(text, "utf-8")
    print(f"{path.name}: {len(text):,} bytes")


def pythons() -> list[Path]:
    return [PYTHON, *([Path(OTHER_PYTHON)] if OTHER_PYTHON else [])]


def rows(value: Any) -> str:
    """Return JSON, one row a line, without what is null or empty."""
    if isinstance(value, list):
        return "[\n" + ",\n".join(json.dumps(bare(one), ensure_ascii=False) for one in value) + "]"
    return json.dumps(bare(value), ensure_ascii=False)


UNREAD = frozenset(
    {
        "created_by", "updated_by", "labels", "tags", "estimated_start_time_delta", "estimated_run_time", "deferred",
        "untrackable_result", "pause_reschedule", "traceparent", "empirical_policy", "retriable", "task_parameters_id",
        "transition_id", "job_variables", "auto_scheduled",
    }
)  # fmt: skip


def bare(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: bare(one)
            for key, one in value.items()
            if one is not None and one != {} and one != [] and key not in UNREAD
        }
    return [*map(bare, value)] if isinstance(value, list) else value


if __name__ == "__main__":
    main(*sys.argv[1:])
