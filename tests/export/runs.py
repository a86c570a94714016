"""Runs that are completely in memory, with contents that a test chooses."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from flowrun_widgets.backends.protocol import LogRead, TaskRunRead
from flowrun_widgets.log_columns import LogColumns
from flowrun_widgets.runs.flow_run import FlowRunView
from flowrun_widgets.views.fetched import FetchedParts
from tests.big_run import big_run

ROOT = Path(__file__).parents[2]
EXECUTE = """
import sys, nbformat
from nbclient import NotebookClient
notebook = nbformat.read(sys.argv[1], 4)
NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
nbformat.write(notebook, sys.argv[1])
"""
"""A program that executes a notebook in place."""


def long_run(lines: int = 2_000, task_runs: int = 400) -> FlowRunView:
    """Return a failed run of `load[…]` and others."""
    return big_run(lines, task_runs)


def run_saying(messages, *, levels=None, tasks=None, number: int = 1, **changes) -> FlowRunView:
    """Return a run whose log has these messages, one a second; `changes` are those of its record."""
    whole = long_run()
    flow_run_id = f"5b1d1c6e-0f3a-4f55-9d39-{number:012}"
    records = [
        replace(one, id=f"{number:08x}{one.id[8:]}", flow_run_id=flow_run_id)
        for one in whole.fetched.task_runs.records[:60]
    ]
    columns = LogColumns.from_lists(
        timestamps=[1_795_305_600_000_000 + n * 1_000_000 for n in range(len(messages))],
        levels=levels or ["INFO"] * len(messages),
        messages=messages,
        ids=[None] * len(messages),
        loggers=["prefect.load"] * len(messages),
        task_run_ids=[records[n % 60].id for n in range(len(messages))],
        tasks=tasks or {record.id: record.label for record in records},
    )
    record = replace(whole.record, id=flow_run_id, **changes)
    fetched = FetchedParts(
        logs=LogRead(columns, None),
        task_runs=TaskRunRead(tuple(records), None),
        task_run_ids=tuple(one.id for one in records),
        flow=whole.fetched.flow,
    )
    return FlowRunView(record, whole.connection, as_of=whole.as_of, fetched=fetched)
