"""Flows that the real Prefect 3 runs, and what its own client says about them: run by Prefect's Python, not ours.

python flows.py scenarios          runs every flow that ends by itself; prints {scenario: flow run id}
python flows.py some               runs three of them
python flows.py woven              runs those whose tasks depend on each other in every way, and those that waited
python flows.py running STOP       goes on until the file STOP exists; prints its id first
python flows.py paused             pauses and waits; prints its id first
python flows.py official ID …      prints {id: what the official client says}
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

os.environ.setdefault("PREFECT_LOGGING_TO_API_BATCH_INTERVAL", "0.2")

from prefect import flow, get_run_logger, task
from prefect.artifacts import (
    create_link_artifact,
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
)
from prefect.cache_policies import INPUTS
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterFlowRunId,
    FlowRunFilter,
    FlowRunFilterId,
    LogFilter,
    LogFilterFlowRunId,
)
from prefect.client.schemas.sorting import LogSort, TaskRunSort
from prefect.context import FlowRunContext, TaskRunContext
from prefect.flow_runs import pause_flow_run
from prefect.runtime import flow_run as this_run
from prefect.states import Cancelled, Completed, Late, Scheduled, Suspended


@task
def extract(rows: int) -> int:
    logger = get_run_logger()
    logger.debug("reading %d rows", rows)
    logger.info("read %d rows — größer ☃", rows)
    return rows


@task(tags=["heavy"])
def load(rows: int) -> int:
    get_run_logger().warning("only %d rows", rows)
    return rows


@flow
def success(rows: int = 3, options: dict | None = None) -> int:
    get_run_logger().info("two lines\nin one message")
    get_run_logger().log(25, "between info and warning")
    create_markdown_artifact("# Done", key="summary", description="what was done")
    create_table_artifact([{"city": "Oslo", "rows": 3}], key="cities")
    create_link_artifact("https://example.com/report", key="report")
    create_progress_artifact(42.0, key="progress")
    return load(extract(rows))


@task
def divide(by: int) -> float:
    return 1 / by


@flow
def failure() -> None:
    divide(0)


@task(retries=2, retry_delay_seconds=0.1)
def flaky() -> str:
    if TaskRunContext.get().task_run.run_count < 3:
        raise ConnectionError("not yet")
    return "at last"


@flow(retries=1, retry_delay_seconds=0)
def retries() -> None:
    flaky()
    if FlowRunContext.get().flow_run.run_count == 1:
        raise RuntimeError("the first attempt of the flow")


@task
def square(number: int) -> int:
    get_run_logger().info("square of %d", number)
    return number * number


@task
def total(numbers: list[int]) -> int:
    return sum(numbers)


@flow
def mapped() -> int:
    return total(square.map(range(7)))


@flow
def child(name: str) -> str:
    get_run_logger().info("hello from the child %s", name)
    return extract(1)


@flow
def parent() -> None:
    get_run_logger().info("before the child")
    child("a")
    get_run_logger().info("after the child")


@task
def inner(numbers: list[int]) -> list[int]:
    return [*numbers, 1]


@task
def outer(numbers: list[int]) -> list[int]:
    return inner(inner(numbers))


@flow
def below(numbers: list[int]) -> list[int]:
    return inner(numbers)


@flow
def woven() -> int:
    """Tasks within a task, results of sub-flows, futures, and what is waited for. Prefect tracks lists, not numbers."""
    first = inner([0])
    nested = outer(first)
    deeper = below(nested)
    loaded = inner(deeper)
    again = below(loaded)
    future = inner.submit(again)
    many = inner.map([first, nested, deeper, again], wait_for=[future])
    outer.submit(loaded, wait_for=[many[0], future]).wait()
    return total([len(one.result()) for one in (future, *many)])


@flow
def held_up() -> None:
    broken = divide.submit(0)
    square(extract.submit(3, wait_for=[broken]), return_state=True)


@flow(retries=1, retry_delay_seconds=1)
def retried() -> None:
    flaky()
    if FlowRunContext.get().flow_run.run_count == 1:
        child("before the failure")
        raise RuntimeError("the first attempt of the flow")


@flow
def resumed() -> None:
    extract(1)
    with contextlib.suppress(Exception):
        pause_flow_run(timeout=1, poll_interval=1)
    extract(2)


@flow
def cancelled():
    return Cancelled(message="somebody said stop")


@flow
def crashed() -> None:
    get_run_logger().error("going down")
    raise SystemExit(3)


@flow(timeout_seconds=0.5)
def timed_out() -> None:
    for _ in range(100):
        time.sleep(0.05)


@task(cache_policy=INPUTS, persist_result=True)
def remembered(key: str) -> str:
    return key


@flow
def cached() -> None:
    key = str(time.time())
    remembered(key)
    remembered(key)


@flow
def named_state():
    return Completed(name="Skipped", message="nothing to do")


@flow
def quiet() -> None:
    pass


@flow
def running(stop: str) -> None:
    say(this_run.get_id())
    logger = get_run_logger()
    extract(1)
    number = 0
    while not Path(stop).exists():
        number += 1
        logger.info("line %d", number)
        time.sleep(0.05)
    extract(2)


@flow
def paused() -> None:
    say(this_run.get_id())
    pause_flow_run(timeout=600)


def say(value: object) -> None:
    print(json.dumps(value), flush=True)


async def created() -> dict[str, str]:
    later = datetime.now(UTC) + timedelta(days=1)
    async with get_client() as client:
        runs = {
            "scheduled": await client.create_flow_run(
                quiet, state=Scheduled(scheduled_time=later), name="to come"
            ),
            "late": await client.create_flow_run(
                quiet, state=Late(scheduled_time=later - timedelta(days=2))
            ),
            "suspended": await client.create_flow_run(quiet, state=Suspended(timeout_seconds=600)),
        }
    return {name: str(run.id) for name, run in runs.items()}


def ended(*flows) -> dict[str, str]:
    states = {one.fn.__name__: one(return_state=True) for one in flows}
    return {name: str(state.state_details.flow_run_id) for name, state in states.items()}


def scenarios() -> dict[str, str]:
    ids = ended(
        success, failure, retries, mapped, parent, cancelled, timed_out, cached, named_state, quiet,
    )  # fmt: skip

    def note(_flow, flow_run, _state) -> None:
        ids["crashed"] = str(flow_run.id)

    with contextlib.suppress(SystemExit):
        crashed.with_options(on_crashed=[note])()
    ids |= asyncio.run(created())
    return ids


async def official(ids: list[str]) -> dict[str, object]:
    answer: dict[str, object] = {}
    async with get_client() as client:
        for run_id in map(UUID, ids):
            run = await client.read_flow_run(run_id)
            one = FlowRunFilter(id=FlowRunFilterId(any_=[run_id]))
            task_runs = await client.read_task_runs(
                flow_run_filter=one, sort=TaskRunSort.EXPECTED_START_TIME_ASC, limit=200
            )
            answer[str(run_id)] = {
                "run": plain(run),
                "flow": plain(await client.read_flow(run.flow_id)),
                "states": [plain(state) for state in await client.read_flow_run_states(run_id)],
                "task_runs": [plain(task_run) for task_run in task_runs],
                "task_run_states": {
                    str(task_run.id): [
                        plain(state) for state in await client.read_task_run_states(task_run.id)
                    ]
                    for task_run in task_runs[:5]
                },
                "logs": [
                    plain(log)
                    for log in await client.read_logs(
                        LogFilter(flow_run_id=LogFilterFlowRunId(any_=[run_id])),
                        sort=LogSort.TIMESTAMP_ASC,
                        limit=200,
                    )
                ],
                "artifacts": [
                    plain(artifact)
                    for artifact in await client.read_artifacts(
                        artifact_filter=ArtifactFilter(
                            flow_run_id=ArtifactFilterFlowRunId(any_=[run_id])
                        )
                    )
                ],
            }
    return answer


def plain(model) -> object:
    """Return the model's fields as JSON, and what its own predicates say."""
    values = model.model_dump(mode="json")
    state = getattr(model, "state", None) or (model if hasattr(model, "is_final") else None)
    if state is not None:
        values["predicates"] = {
            name: getattr(state, name)()
            for name in (
                "is_scheduled", "is_pending", "is_running", "is_completed", "is_failed", "is_crashed",
                "is_cancelled", "is_cancelling", "is_final", "is_paused",
            )
        }  # fmt: skip
    return values


def main(command: str, *arguments: str) -> None:
    if command == "scenarios":
        say(scenarios())
    elif command == "some":
        say(ended(success, failure, mapped))
    elif command == "woven":
        say(ended(woven, held_up, retried, resumed))
    elif command == "running":
        running(arguments[0])
    elif command == "paused":
        paused()
    elif command == "official":
        say(asyncio.run(official(list(arguments))))
    else:
        raise SystemExit(f"no command {command}")


if __name__ == "__main__":
    main(*sys.argv[1:])
