"""Writes whole runs into the library's store, and drops the least recently opened ones."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import msgspec

from flowrun_widgets.errors import ArchiveError
from flowrun_widgets.sqlite import open_sqlite
from flowrun_widgets.store.file import create
from flowrun_widgets.store.rows import (
    artifact_rows,
    flow_row,
    flow_run_rows,
    log_facts,
    log_rows,
    task_run_rows,
)

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence
    from pathlib import Path

    from flowrun_widgets.redaction.shareable import RunContent

__all__ = ["KEPT", "add", "drop", "keep", "opened"]

KEPT = "json_type(extra, '$.kept') = 'object'"
LOG = (
    "insert into log (id, flow_run_id, task_run_id, timestamp, name, level, message, created, updated) "
    "values (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


def keep(
    path: Path,
    content: RunContent,
    facts: Mapping[str, Any],
    *,
    now: int,
    cap_bytes: int,
) -> bool:
    """Write a run into the store in one transaction, and drop others until all kept runs fit under the cap.

    `facts` is what the library stores about the run. Returns False, and changes nothing, if the run alone is above the
    cap, or if the store has the run from another origin.

    Raises:
        ArchiveError: the store cannot be written.
    """
    run = content.run
    with _writing(path) as store:
        if store.execute(
            f"select 1 from flow_run where id = ? and {KEPT} is not 1", (run.id,)
        ).fetchone():
            return False
        drop(store, run.id)
        before = _bytes(store)
        add(store, content, facts, now)
        size = _bytes(store) - before
        if size > cap_bytes:
            store.execute("rollback")
            return False
        store.execute(
            "update flow_run set extra = json_set(extra, '$.kept.bytes', ?) where id = ?",
            (size, run.id),
        )
        _make_room(store, run.id, cap_bytes)
    return True


def add(store: sqlite3.Connection, content: RunContent, facts: Mapping[str, Any], now: int) -> None:
    """Write the rows of a run that the store does not have, in the open transaction."""
    run, flow, columns = content.run, content.flow, content.logs
    row, states = flow_run_rows(run, now)
    tasks, rows, task_states = task_run_rows(run, content.task_runs, now)
    flow_values = flow_row(run, flow, now)
    if flow_values is not None:
        if flow is not None:
            store.execute(f"delete from flow where id = ? and {KEPT}", (flow.id,))
        _insert(store, "flow", [flow_values], "or ignore")
    _insert(store, "task", tasks, "or ignore")
    _insert(store, "task_run", rows)
    _insert(store, "task_run_state", task_states)
    _insert(store, "flow_run_state", states)
    _insert(store, "task_run_artifact", artifact_rows(run, content.artifacts, now))
    store.executemany(LOG, log_rows(run.id, columns, now))
    noted = {**facts, **log_facts(columns), **row["extra"]["kept"]}
    _insert(store, "flow_run", [{**row, "extra": {"kept": noted}}])


def opened(path: Path, flow_run_id: str, now: int) -> None:
    """Record that a kept run was opened again.

    Raises:
        ArchiveError: the store cannot be written.
    """
    with _writing(path) as store:
        store.execute(
            f"update flow_run set extra = json_set(extra, '$.kept.opened_at', ?) where id = ? and {KEPT}",
            (now, flow_run_id),
        )


@contextmanager
def _writing(path: Path) -> Generator[sqlite3.Connection]:
    store = None
    try:
        create(path)
        store = open_sqlite(path, timeout=30)
        store.execute("begin immediate")
        try:
            yield store
        except BaseException:
            if store.in_transaction:
                store.execute("rollback")
            raise
        if store.in_transaction:
            store.execute("commit")
    except (sqlite3.Error, OSError) as error:
        raise ArchiveError(f"cannot write into {path}: {error}. The run was not kept.") from None
    finally:
        if store is not None:
            store.close()


def _insert(
    store: sqlite3.Connection, table: str, rows: Sequence[Mapping[str, Any]], how: str = ""
) -> None:
    if rows:
        names = [*rows[0]]
        store.executemany(
            f"insert {how} into {table} ({', '.join(names)}) values ({', '.join('?' * len(names))})",
            ([_stored(row[name]) for name in names] for row in rows),
        )


def _stored(value: Any) -> Any:
    if isinstance(value, dict | tuple | list):
        return msgspec.json.encode(value).decode()
    return int(value) if isinstance(value, bool) else value


def _bytes(store: sqlite3.Connection) -> int:
    """Return how many bytes of the file are in use."""
    pages, free, size = (
        store.execute(f"pragma {name}").fetchone()[0]
        for name in ("page_count", "freelist_count", "page_size")
    )
    return (pages - free) * size


def _make_room(store: sqlite3.Connection, newest: str, cap_bytes: int) -> None:
    runs = store.execute(
        "select id, json_extract(extra, '$.kept.bytes') from flow_run "
        f"where {KEPT} order by id = ? desc, json_extract(extra, '$.kept.opened_at') desc, id",
        (newest,),
    ).fetchall()
    total = 0
    for flow_run_id, size in runs:
        total += size or 0
        if total > cap_bytes:
            drop(store, flow_run_id)


def drop(store: sqlite3.Connection, flow_run_id: str) -> None:
    """Delete a kept run, and the rows that only it needs."""
    store.execute("delete from log where flow_run_id = ?", (flow_run_id,))
    store.execute(
        f"delete from task_run_artifact where {KEPT} and json_extract(extra, '$.kept.flow_run_id') = ?",
        (flow_run_id,),
    )
    store.execute(
        "delete from task_run_state where task_run_id in (select id from task_run where flow_run_id = ?)",
        (flow_run_id,),
    )
    for table in ("task_run", "flow_run_state"):
        store.execute(f"delete from {table} where flow_run_id = ?", (flow_run_id,))
    found = store.execute(
        "delete from flow_run where id = ? returning flow_id", (flow_run_id,)
    ).fetchall()
    for (flow_id,) in found:
        if store.execute("select 1 from flow_run where flow_id = ?", (flow_id,)).fetchone():
            continue
        store.execute(f"delete from flow where id = ? and {KEPT}", (flow_id,))
        store.execute(f"delete from task where flow_id = ? and {KEPT}", (flow_id,))
