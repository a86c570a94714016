"""Run the four flows with the real client and write what it sent as recordings.

python tools/record/record.py [folder [name …]]
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from endpoint import Endpoint
from recording import rows_of_run, write
from tables import Row, timestamp

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).resolve().parent
RECORDINGS = HERE.parents[1] / "flowrun_widgets" / "recordings"
FINISHED = {"Success", "Failed", "Cancelled"}
QUIET_SECONDS = 7
LIMIT_SECONDS = 240


@dataclass(frozen=True)
class Plan:
    """One recording: which flow, under which run name, and when a person cancels it."""

    name: str
    description: str
    flow: str
    run_name: str
    parameters: dict[str, str] = field(default_factory=dict)
    cancel_after_logs: str | None = None


PLANS = [
    Plan(
        "mapped-success",
        "Twelve stores read side by side, a cached and a looped task, one retry; all ends well.",
        "flows/orders.py",
        "amber-heron",
        {"business_date": "2026-11-21"},
    ),
    Plan(
        "failed-with-retries",
        "One mapped child fails three times and takes the tasks behind it down (TriggerFailed).",
        "flows/ledger.py",
        "stoic-marmot",
        {"period": "2026-10"},
    ),
    Plan(
        "cancelled-in-part",
        "One branch is skipped; a person cancels the run while feeds are still being pulled.",
        "flows/catalog.py",
        "brisk-otter",
        cancel_after_logs="delta-parts: page 4 ",
    ),
    Plan(
        "live-demo",
        "A minute of carriers polled page by page, one retry; meant to be replayed.",
        "flows/shipments.py",
        "lively-tern",
    ),
]
EARLIER = [
    Plan(
        "ledger-close-2026-09",
        "The close of the month before, in which every journal is whole.",
        "flows/ledger.py",
        "calm-otter",
        {"period": "2026-09"},
    ),
]
"""Recorded only by name: what a recording of the package is compared with."""


class Session:
    """The client's side: a scratch folder, its environment, and the processes in it."""

    def __init__(self, url: str, folder: Path) -> None:
        shutil.copytree(HERE / "flows", folder / "flows")
        self._folder = folder
        self._environment = {
            **{name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ},
            "HOME": str(folder),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONWARNINGS": "ignore",
            "PREFECT__BACKEND": "server",
            "PREFECT__CLOUD__API": url,
            "PREFECT__HOME_DIR": str(folder / ".prefect"),
        }

    def submit(self, *arguments: str) -> str:
        command = [sys.executable, str(HERE / "submit.py"), *arguments]
        done = subprocess.run(
            command, cwd=self._folder, env=self._environment, stdout=subprocess.PIPE, check=True
        )
        lines = done.stdout.decode().split()
        return lines[-1] if lines else ""

    def start_agent(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "prefect", "agent", "local", "start"]
        options = ["--no-hostname-label", "--label", "warehouse", "--name", "warehouse-agent"]
        return subprocess.Popen(
            [*command, *options],
            cwd=self._folder,
            env=self._environment,
            stdout=subprocess.DEVNULL,
        )


def record(plan: Plan, endpoint: Endpoint, session: Session) -> dict[str, list[Row]]:
    """Run one flow to its end and return its rows."""
    parameters = [f"{name}={value}" for name, value in plan.parameters.items()]
    flow_run_id = session.submit("start", plan.flow, plan.run_name, *parameters)

    def rows() -> dict[str, list[Row]]:
        with endpoint.lock:
            return rows_of_run(endpoint.tables, flow_run_id)

    agent = session.start_agent()
    try:
        if plan.cancel_after_logs is not None:
            wanted = plan.cancel_after_logs
            wait_until(lambda: any(wanted in log["message"] for log in rows()["log"]))
            session.submit("cancel", flow_run_id)
        wait_until(lambda: rows()["flow_run"][0]["state"] in FINISHED)
        wait_until(lambda: quiet_seconds(rows()) > QUIET_SECONDS)
    finally:
        agent.terminate()
        agent.wait()
    return rows()


def quiet_seconds(rows: dict[str, list[Row]]) -> float:
    last = max(datetime.fromisoformat(row["created"]) for found in rows.values() for row in found)
    return (datetime.now(UTC) - last).total_seconds()


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LIMIT_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"the run did not get there within {LIMIT_SECONDS} s")
        time.sleep(0.25)


def main(folder: Path = RECORDINGS, *names: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with Endpoint() as endpoint, tempfile.TemporaryDirectory() as scratch:
        session = Session(endpoint.url, Path(scratch))
        session.submit("set-up")
        for plan in [plan for plan in (*PLANS, *EARLIER) if plan.name in names] or PLANS:
            rows = record(plan, endpoint, session)
            about = {
                "name": plan.name,
                "description": plan.description,
                "recorded_with": "prefect 1.4.1",
                "flow_run_id": rows["flow_run"][0]["id"],
                "recorded_at": timestamp(rows["flow_run"][0]["created"]),
            }
            path = folder / f"{plan.name}.json"
            write(path, about, rows)
            print(f"{path.name}: {path.stat().st_size:,} bytes, {len(rows['log'])} log lines")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]), *sys.argv[2:])
