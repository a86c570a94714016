"""Runs × tasks of a real Prefect 3 server: the same task runs as run by run, in few requests."""

from __future__ import annotations

import flowrun_widgets as fw
from flowrun_widgets.backends.protocol import Backend


def test_task_runs_of_many_runs_are_those_of_each_run(runs, connection) -> None:
    found = fw.find_flow_runs(subflows=True, limit=None)
    ids = [run.flow_run_id for run in found]
    together = connection.backend.task_runs_of(ids)
    one_by_one = Backend.task_runs_of(connection.backend, ids)
    assert {run: sorted(one.id for one in rows) for run, rows in together.items()} == {
        run: sorted(one.id for one in rows) for run, rows in one_by_one.items()
    }
    assert sum(map(len, together.values())) > 10


def test_the_grid_shows_the_task_that_failed(runs, connection) -> None:
    found = fw.find_flow_runs(subflows=True, limit=None)
    frame = found.grid().to_pandas()
    mine = frame[frame["flow_run_id"] == runs.ids["failure"]]
    assert "Failed" in [*mine["state"]]
    assert not mine["task"].str.contains(r"-\d+$").any()
