"""Made-up flow runs, as many as a test wants, and lists that request them page by page."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import flowrun_widgets as fw
from flowrun_widgets.records import FlowRunRecord, TaskRunRecord
from flowrun_widgets.runs.flow_run import FlowRunView
from flowrun_widgets.runs.lazy_grid import COLUMNS_AT_ONCE, LazyGrid
from flowrun_widgets.runs.lazy_runs import LazyRuns
from flowrun_widgets.states import Failed, Success
from flowrun_widgets.times import from_micros

START = 1_763_690_400_000_000
AS_OF = from_micros(START + 10_000_000_000)


def record(n: int, **more) -> FlowRunRecord:
    """Return run number `n`: it began a minute before the one before it."""
    began = from_micros(START - n * 60_000_000)
    ended = from_micros(START - n * 60_000_000 + 30_000_000)
    plain = FlowRunRecord(
        id=str(UUID(int=n + 1)),
        name=f"run-{n}",
        flow_id=None,
        state=Success("All states completed.", timestamp=ended),
        flow_name=f"flow-{n % 2}",
        started_at=began,
        ended_at=ended,
        has_history=False,
        run_count=1,
        total_run_seconds=30.0,
    )
    return replace(plain, **more)


def listed(connection, records, *, limit=None) -> tuple[fw.FlowRunList, LazyRuns]:
    """Return a list that has requested its first page."""
    records = [*records]
    lazy = LazyRuns(
        lambda: (FlowRunView(one, connection, as_of=AS_OF) for one in records), limit=limit
    )
    lazy.first(200)
    return fw.FlowRunList(lazy, as_of=AS_OF, place="http://prefect.example.com"), lazy


def many_runs(connection, count: int, *, first=()) -> fw.FlowRunList:
    """Return a list of the views in `first` and of made-up runs, of which every tenth failed.

    Run `n` ran `n` seconds. The first page is requested, the others when they are needed.
    """

    def made(n: int) -> FlowRunRecord:
        state = Failed(f"load[{n}]: ConnectionResetError", timestamp=AS_OF)
        more = {} if n % 10 else {"state": state}
        return record(n, total_run_seconds=float(n), **more)

    def views():
        yield from first
        for n in range(1, count - len(first) + 1):
            yield FlowRunView(made(n), connection, as_of=AS_OF)

    lazy = LazyRuns(views)
    lazy.first(200)
    return fw.FlowRunList(lazy, as_of=AS_OF, place="http://prefect.example.com")


def task_run(run, name, second, state=None, *, index=-1, **more) -> TaskRunRecord:
    """Return a task run that began some seconds after its run, and ran one second."""
    began = run.started_at.add(seconds=second)
    return TaskRunRecord(
        **{
            "id": f"{run.id}-{name}-{index}",
            "flow_run_id": run.id,
            "state": state or Success(timestamp=began.add(seconds=1)),
            "task_name": name,
            "task_slug": name,
            "map_index": index,
            "started_at": began,
            "ended_at": began.add(seconds=1),
            "total_run_seconds": 1.0,
            "run_count": 1,
            **more,
        }
    )


def many_task_runs(run, tasks: int) -> list[TaskRunRecord]:
    """Return the task runs of a made-up run: one of each task, and twelve of every tenth.

    A task failed in every seventh run, each task in other ones; what follows it did not begin.
    """
    n = int(UUID(run.id)) - 1
    made: list[TaskRunRecord] = []
    for task in range(tasks):
        name = f"task-{task}"
        broke = (n + 3 * task) % 97 == 0
        state = Failed("it broke", timestamp=AS_OF) if broke else None
        seconds = round(0.1 + (n * 7919 + task * 104_729) % 3_000 / 10 * (1 + task % 5), 3)
        if task % 10:
            made.append(task_run(run, name, task, state, total_run_seconds=seconds))
        else:
            made += [
                task_run(
                    run,
                    name,
                    task,
                    state if index < 2 else None,
                    index=index,
                    total_run_seconds=seconds,
                )
                for index in range(12)
            ]
    return made


def many_columns(connection, runs: int, tasks: int = 50) -> fw.FlowRunGrid:
    """Return the grid of made-up runs, as `runs.grid()` does: the task runs of 50 runs are there, others come later."""
    listed = many_runs(connection, runs)
    lazy = LazyGrid(
        listed._lazy,
        lambda part: {run.flow_run_id: many_task_runs(run.record, tasks) for run in part},
    )
    lazy.first(COLUMNS_AT_ONCE)
    return fw.FlowRunGrid(lazy, as_of=AS_OF, place="http://prefect.example.com")
