"""Flows that every Prefect since 2.20 runs, and what its own client says about them: run by Prefect's Python, not ours.

python flows.py some             runs every flow that ends by itself; prints {name: flow run id}
python flows.py running STOP     goes on until the file STOP exists; prints its id first
python flows.py official ID …    prints {id: what the official client says}
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from uuid import UUID

os.environ.setdefault("PREFECT_LOGGING_TO_API_BATCH_INTERVAL", "0.2")

from prefect import flow, get_run_logger, task
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter, LogFilter
from prefect.client.schemas.sorting import LogSort, TaskRunSort
from prefect.runtime import flow_run as this_run
from prefect.states import Late, Scheduled


@task
def extract(rows: int) -> int:
    get_run_logger().info("read %d rows", rows)
    return rows


@task(retries=1, retry_delay_seconds=0)
def load(rows: int) -> None:
    get_run_logger().warning("only %d rows", rows)
    raise ValueError("three rows are too few")


@flow
def failure(rows: int = 3) -> None:
    load(extract(rows))


@task
def square(number: int) -> int:
    return number * number


@flow
def mapped() -> None:
    for future in square.map(list(range(5))):
        future.result()


@flow
def child() -> int:
    get_run_logger().info("hello from the child")
    return extract(1)


@flow
def parent() -> None:
    child()


@flow
def running(stop: str) -> None:
    say(str(this_run.get_id()))
    number = 0
    while not Path(stop).exists():
        number += 1
        get_run_logger().info("line %d", number)
        if number % 5 == 0:
            extract(number)
        time.sleep(0.2)
    extract(0)


def say(value: object) -> None:
    print(json.dumps(value), flush=True)


def some() -> dict[str, str]:
    states = {one.fn.__name__: one(return_state=True) for one in (failure, mapped, parent)}
    ids = {name: str(state.state_details.flow_run_id) for name, state in states.items()}
    return {**ids, **asyncio.run(to_come())}


async def to_come() -> dict[str, str]:
    later = datetime.now(timezone.utc) + timedelta(days=1)  # noqa: UP017  Prefect 2 runs on 3.9
    async with get_client() as client:
        runs = {
            "scheduled": await client.create_flow_run(
                parent, state=Scheduled(scheduled_time=later)
            ),
            "late": await client.create_flow_run(
                parent, state=Late(scheduled_time=later - timedelta(days=1, hours=1))
            ),
        }
    return {name: str(run.id) for name, run in runs.items()}


async def official(ids: list[str]) -> dict[str, object]:
    answer: dict[str, object] = {}
    async with get_client() as client:
        for run_id in map(UUID, ids):
            run = await client.read_flow_run(run_id)
            task_runs = await paged(
                client.read_task_runs,
                flow_run_filter=FlowRunFilter(id={"any_": [run_id]}),
                sort=TaskRunSort.ID_DESC,
            )
            logs = await paged(
                client.read_logs,
                log_filter=LogFilter(flow_run_id={"any_": [run_id]}),
                sort=LogSort.TIMESTAMP_ASC,
            )
            answer[str(run_id)] = {
                "name": run.name,
                "state": run.state.name,
                "message": run.state.message,
                "states": len(await client.read_flow_run_states(run_id)),
                "task_runs": {one.name: [str(one.id), one.state.name] for one in task_runs},
                "logs": [[one.level, one.message] for one in logs],
            }
    return answer


async def paged(read, **question) -> list:
    """Return all rows; the client hands out 200 at a time."""
    rows = []
    while len(page := await read(**question, limit=200, offset=len(rows))) == 200:
        rows += page
    return rows + page


def main(command: str, *arguments: str) -> None:
    if command == "some":
        say(some())
    elif command == "running":
        running(arguments[0])
    elif command == "official":
        say(asyncio.run(official(list(arguments))))
    else:
        raise SystemExit(f"no command {command}")


if __name__ == "__main__":
    main(*sys.argv[1:])
