"""Stores and Prefect 1 databases of many runs, written in bulk by the databases themselves."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import psycopg

from flowrun_widgets.store.file import create
from tests.gateway.stores import NOON, PREFECT1

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FLOW = "0000000f-0000-4000-8000-000000000001"
TASK = "0000000e-0000-4000-8000-000000000001"
LINE = "Finished step ' || {n} || ' of the load: 4096 rows read from the warehouse in 0.25 seconds, none refused"
STATE = '{"type": "Success", "message": "All reference tasks succeeded.", "context": {}, "cached_inputs": {}, "__version__": "1.4.1"}'

_ROWS = """
insert into tenant (id, created, updated, name, slug) values ('{tenant}', {now}, {now}, 'Acme', 'acme');
insert into project (id, created, updated, name) values ('{tenant}', {now}, {now}, 'orders');
insert into flow (id, created, updated, name, project_id, flow_group_id)
  values ('{flow}', {now}, {now}, 'nightly', '{tenant}', '{tenant}');
insert into task (id, created, updated, flow_id, name, slug) values ('{task}', {now}, {now}, '{flow}', 'load', 'load-1');
"""
_RUNS = """
insert into flow_run (id, created, updated, flow_id, name, state, scheduled_start_time, start_time, end_time, state_timestamp,
  parameters, labels, version, serialized_state)
select {run}, {now}, {later}, '{flow}', 'run-' || n, 'Success', {now}, {now}, {now}, {now},
  '{{"day": "2022-01-01"}}', '["prod"]', 3, '{state}' from {numbers};
insert into flow_run_state (id, created, updated, flow_run_id, timestamp, state, serialized_state, version)
select {own}, {now}, {now}, {run}, {now}, 'Success', '{state}', 3 from {numbers};
insert into task_run (id, created, updated, flow_run_id, task_id, state, serialized_state)
select {own}, {now}, {now}, {run}, '{task}', 'Success', '{state}' from {numbers};
"""
_LINES = """
insert into log (id, created, updated, flow_run_id, task_run_id, timestamp, name, level, message)
select {line}, {now}, {now}, {of}, {of_task}, {at}, 'prefect.TaskRunner', case when n % 97 = 0 then 'ERROR' else 'INFO' end,
  '{text}' from {numbers};
"""


def run_id(number: int) -> str:
    """Return the id of the run with this number; the task run in it has one like it."""
    return f"0000000a-0000-4000-8000-{number:012x}"


def write_store(path: Path, runs: int, lines: int, long: Mapping[int, int]) -> None:
    """Write `runs` runs of `lines` lines each, and runs of many lines: by their number, how many."""
    create(path)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.executescript(
        "pragma journal_mode = off; pragma synchronous = off; pragma cache_size = -400000; "
        "pragma temp_store = memory;"
    )
    indexes = connection.execute(
        "select name, sql from sqlite_master where type = 'index' and sql is not null"
    ).fetchall()
    for name, _ in indexes:
        connection.execute(f"drop index {name}")
    connection.executescript("begin;" + _script(runs, lines, long, _SQLite) + "commit;")
    for _, index in indexes:
        connection.execute(index)
    connection.executescript("analyze; pragma journal_mode = wal;")
    connection.close()


def write_database(address: str, runs: int, lines: int, long: Mapping[int, int]) -> None:
    """Write the same into a new database of a Prefect 1 server."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(PREFECT1.read_text(encoding="utf-8"))
        connection.execute("set session_replication_role = replica")
        connection.execute("set synchronous_commit = off")
        for statement in _script(runs, lines, long, _PostgreSQL).split(";\n"):
            if statement.strip():
                connection.execute(statement)
        connection.execute("vacuum analyze")


class _SQLite:
    @staticmethod
    def numbers(first: int, last: int) -> str:
        return f"(with recursive counted(n) as (select {first} union all select n + 1 from counted where n < {last}) select n from counted)"

    @staticmethod
    def id(kind: str, n: str) -> str:
        return f"printf('000000{kind}-0000-4000-8000-%012x', {n})"

    @staticmethod
    def time(microseconds: str) -> str:
        return f"({microseconds})"


class _PostgreSQL:
    @staticmethod
    def numbers(first: int, last: int) -> str:
        return f"generate_series({first}, {last}) as counted(n)"

    @staticmethod
    def id(kind: str, n: str) -> str:
        return f"('000000{kind}-0000-4000-8000-' || lpad(to_hex({n}), 12, '0'))::uuid"

    @staticmethod
    def time(microseconds: str) -> str:
        return f"(timestamptz 'epoch' + ({microseconds}) * interval '1 microsecond')"


def _script(
    runs: int, lines: int, long: Mapping[int, int], sql: type[_SQLite | _PostgreSQL]
) -> str:
    names = {
        "tenant": "0000000d-0000-4000-8000-000000000001",
        "flow": FLOW,
        "task": TASK,
        "state": STATE,
        "now": sql.time(str(NOON)),
        "later": sql.time(str(NOON + 86_400_000_000)),
        "text": LINE.format(n="n"),
    }
    last = max([runs, *long])
    parts = [
        _ROWS.format(**names),
        _RUNS.format(
            **names, numbers=sql.numbers(1, last), run=sql.id("0a", "n"), own=sql.id("0b", "n")
        ),
    ]
    first = 1
    for start, count, per_run in [
        (1, runs * lines, lines),
        *((run, count, count) for run, count in long.items()),
    ]:
        if not count:
            continue
        number = f"({start} + (n - {first}) / {per_run})"
        parts.append(
            _LINES.format(
                **names,
                numbers=sql.numbers(first, first + count - 1),
                line=sql.id("0c", "n"),
                of=sql.id("0a", number),
                of_task=sql.id("0b", number),
                at=sql.time(f"{NOON} + (n - {first}) % {per_run} * 1000"),
            )
        )
        first += count
    return "".join(parts)
