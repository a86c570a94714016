"""One measured reading in a process of its own: `python _prefect3_run.py WHAT URL ID`; prints JSON.

Imports nothing of ours for the official client, which has its own environment, and the other way round.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any
from uuid import UUID

PAGE = 200


def official_logs(url: str, run_id: str) -> Any:
    # Its environment has no pandas; ours, of the same Python, lends it.
    sys.path.append(os.environ["BENCH_PANDAS"])
    import pandas as pd
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import LogFilter, LogFilterFlowRunId
    from prefect.client.schemas.sorting import LogSort

    async def read() -> int:
        rows = []
        async with get_client() as client:
            wanted = LogFilter(flow_run_id=LogFilterFlowRunId(any_=[UUID(run_id)]))
            while True:
                page = await client.read_logs(
                    wanted, limit=PAGE, offset=len(rows), sort=LogSort.TIMESTAMP_ASC
                )
                rows.extend(page)
                if len(page) < PAGE:
                    break
        return len(pd.DataFrame([row.model_dump() for row in rows]))

    return lambda: asyncio.run(read())


def official_task_runs(url: str, run_id: str) -> Any:
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId
    from prefect.client.schemas.sorting import TaskRunSort

    async def read() -> int:
        rows = []
        async with get_client() as client:
            wanted = FlowRunFilter(id=FlowRunFilterId(any_=[UUID(run_id)]))
            while True:
                page = await client.read_task_runs(
                    flow_run_filter=wanted,
                    limit=PAGE,
                    offset=len(rows),
                    sort=TaskRunSort.EXPECTED_START_TIME_ASC,
                )
                rows.extend(page)
                if len(page) < PAGE:
                    break
        return len(rows)

    return lambda: asyncio.run(read())


def official_refresh(url: str, run_id: str) -> Any:
    """Return what the official client does: everything again."""
    logs, task_runs = official_logs(url, run_id), official_task_runs(url, run_id)
    return lambda: logs() + task_runs()


def thrown_away(url: str, run_id: str) -> Any:
    """Return what asks for the same pages and looks only at the last timestamp of each."""
    import httpx

    def read() -> int:
        body: dict[str, Any] = {
            "logs": {"flow_run_id": {"any_": [run_id]}},
            "sort": "TIMESTAMP_ASC",
            "limit": PAGE,
        }
        pages, offset, after = 0, 0, None
        with httpx.Client(timeout=60) as client:
            while True:
                if after:
                    body["logs"]["timestamp"] = {"after_": after}
                answer = client.post(f"{url}/logs/filter", json={**body, "offset": offset}).content
                pages += 1
                rows = answer.count(b'"flow_run_id":')
                start = answer.rindex(b'"timestamp":"') + 13
                last = answer[start : answer.index(b'"', start)].decode()
                offset, after = (offset + rows, after) if last == after else (0, last)
                if rows < PAGE:
                    return pages

    return read


def our_logs(url: str, run_id: str) -> Any:
    import flowrun_widgets as fw
    import flowrun_widgets.backends.detect
    import flowrun_widgets.report.frames
    import flowrun_widgets.views.flow_run

    fw.connect(url, library=False)
    return lambda: len(fw.FlowRunView.from_flow_run_id(run_id).get_logs().to_pandas())


def our_task_runs(url: str, run_id: str) -> Any:
    our_logs(url, run_id)
    import flowrun_widgets as fw

    return lambda: len(fw.FlowRunView.from_flow_run_id(run_id).get_all_task_runs())


def our_timeline(url: str, run_id: str) -> Any:
    our_logs(url, run_id)
    import flowrun_widgets as fw

    return lambda: len(fw.FlowRunView.from_flow_run_id(run_id).get_timeline())


def our_peek(url: str, run_id: str) -> Any:
    our_logs(url, run_id)
    import flowrun_widgets as fw

    return lambda: len(fw.FlowRunView.from_flow_run_id(run_id).peek().last)


READINGS = {
    function.__name__: function
    for function in (
        official_logs, official_task_runs, official_refresh, thrown_away, our_logs, our_task_runs, our_timeline, our_peek,
    )
}  # fmt: skip


def main(what: str, url: str, run_id: str) -> None:
    read = READINGS[what](url, run_id)
    before = resource.getrusage(resource.RUSAGE_SELF)
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    resident = pages * resource.getpagesize() / 1e6
    wall = time.perf_counter()
    count = read()
    wall = time.perf_counter() - wall
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(
        json.dumps(
            {"count": count, "wall": wall, "cpu": cpu, "growth": after.ru_maxrss / 1e3 - resident}
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
