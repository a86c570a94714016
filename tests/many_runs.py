"""Made-up flow runs, as many as a test wants, and lists that request them page by page."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import flowrun_widgets as fw
from flowrun_widgets.records import FlowRunRecord
from flowrun_widgets.runs.flow_run import FlowRunView
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
