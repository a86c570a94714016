"""Runs are read, shown and saved in real processes of Dask and of the standard library, with what their parent has opened."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.hosts.programs import Programs

WAYS = {"fork": 3, "spawn": 2}
"""How a process comes by a run: pickled, by a connection that was pickled, and, if it was forked, by all it inherits."""


@pytest.mark.parametrize(
    ("kind", "method", "address", "library"),
    [
        ("dask", "fork", "recorded_store", "no-library"),
        ("dask", "fork", "prefect1", "library"),
        ("dask", "fork", "prefect1", "no-library"),
        ("dask", "fork", "prefect3", "no-library"),
        ("dask", "spawn", "prefect1", "library"),
        ("dask", "spawn", "prefect3", "no-library"),
        ("pool", "fork", "prefect1", "no-library"),
        ("pool", "spawn", "prefect1", "no-library"),
    ],
    indirect=["address"],
)
def test_every_process_reads_what_it_asked_for(
    programs: Programs, kind: str, method: str, address: str, library: str
) -> None:
    written = programs.run(
        "-Wignore", "-m", "tests.processes.pools", kind, method, library, address
    )
    told = json.loads(written)
    assert told["runs"] >= 3
    right = told["runs"] * told["rounds"] * WAYS[method]
    assert told["found"] == {"parent": [], "children": {"right": right}}
