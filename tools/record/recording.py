"""One flow run's rows as a JSON file: one row per line, nothing of the recording machine."""

from __future__ import annotations

import getpass
import json
import re
import socket
import sysconfig
from pathlib import Path
from typing import Any

from tables import COLUMNS, Row, Tables

_LIBRARIES = {f"{sysconfig.get_path(name)}/" for name in ("purelib", "platlib", "stdlib")}
_PREFIXES = sorted(_LIBRARIES, key=len, reverse=True)


def rows_of_run(tables: Tables, flow_run_id: str) -> dict[str, list[Row]]:
    """Return the rows that belong to this run, in the order in which they arrived."""
    flow_run = tables.get("flow_run", flow_run_id)
    flow = tables.get("flow", flow_run["flow_id"])
    task_runs = {row["id"] for row in tables.where("task_run", flow_run_id=flow_run_id)}
    owned: dict[str, list[Row]] = {
        "tenant": [tables.get("tenant", flow_run["tenant_id"])],
        "project": [tables.get("project", flow["project_id"])],
        "flow_group": [tables.get("flow_group", flow["flow_group_id"])],
        "flow": [flow],
        "flow_run": [flow_run],
        "task_run_state": [
            row for row in tables.rows["task_run_state"] if row["task_run_id"] in task_runs
        ],
    }
    for table in ("task", "edge"):
        owned[table] = tables.where(table, flow_id=flow["id"])
    for table in ("flow_run_state", "task_run", "log"):
        owned[table] = tables.where(table, flow_run_id=flow_run_id)
    return {table: owned[table] for table in COLUMNS}


def write(path: Path, about: Row, rows: dict[str, list[Row]]) -> None:
    """Write a recording, library prefixes cut from tracebacks; refuse one that names us."""
    tables = ",\n".join(
        f'"{table}": [\n' + ",\n".join(_line(row) for row in found) + "\n]"
        for table, found in rows.items()
    )
    text = (
        f'{{\n"about": {json.dumps(about, ensure_ascii=False)},\n"tables": {{\n{tables}\n}}\n}}\n'
    )
    for prefix in _PREFIXES:
        text = text.replace(prefix, "")
    _refuse_names_of_this_machine(path.name, text)
    path.write_text(text, encoding="utf-8")


def _line(row: Row) -> str:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"), default=_refuse)


def _refuse(value: Any) -> None:
    raise TypeError(f"{value!r} is no JSON value")


def _refuse_names_of_this_machine(name: str, text: str) -> None:
    for word in (socket.gethostname(), getpass.getuser(), str(Path.home()), str(Path.cwd())):
        if re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text):
            raise ValueError(f"{name} names this machine: {word!r}")
