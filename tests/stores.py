"""Stores that tests read, and surroundings in which nothing is configured."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import flowrun_widgets as fw
from flowrun_widgets.recordings.replay import NAMES, recording
from flowrun_widgets.store.writer import StoreWriter

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FLOW_RUN_ID = "00000000-0000-4000-8000-00000000000a"
BEGIN = "2026-11-22T02:00:00+00:00"
OURS = ("PREFECT", "FLOWRUN_STORE", "FLOWRUN_LIBRARY", "FLOWRUN_REDACT", "XDG_")


@pytest.fixture(autouse=True)
def nothing_configured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """An empty home folder, no variable of Prefect's, and afterwards no connection; the home is its value."""
    for name in [name for name in os.environ if name.startswith(OURS)]:
        monkeypatch.delenv(name)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.chdir(home)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("FLOWRUN_STORE", str(home / "store.sqlite"))
    yield home
    fw.disconnect()


@pytest.fixture(scope="session")
def recorded_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of all recorded runs; nobody writes into it."""
    path = tmp_path_factory.mktemp("recorded") / "store.sqlite"
    with StoreWriter(path) as writer:
        for name in NAMES:
            recording(name).write(writer)
    return path


@pytest.fixture
def recorded(recorded_store: Path) -> Iterator[fw.Connection]:
    """A connection to the store of all recorded runs."""
    with fw.connect(recorded_store) as connection:
        yield connection


@pytest.fixture(scope="session")
def small_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store that `store` is a copy of."""
    path = tmp_path_factory.mktemp("small") / "small.sqlite"
    with StoreWriter(path) as writer:
        writer.add(small_run())
    return path


@pytest.fixture
def store(small_store: Path, tmp_path: Path) -> Path:
    """A store with one small run in it, `FLOW_RUN_ID`, that still goes on; tests may write into it."""
    return Path(shutil.copy(small_store, tmp_path))


def identifier(number: int) -> str:
    """Return a UUID that says its number."""
    return f"00000000-0000-4000-8000-{number:012x}"


def at(seconds: float) -> str:
    """Return the time so many seconds after `BEGIN`, as PostgreSQL prints it."""
    whole, micros = divmod(round(seconds * 1_000_000), 1_000_000)
    hours, rest = divmod(whole, 3600)
    return f"2026-11-22T{2 + hours:02}:{rest // 60:02}:{rest % 60:02}.{micros:06}+00:00"


def made(seconds: float) -> dict[str, str]:
    """Return the two times that every row has."""
    return {"created": at(seconds), "updated": at(seconds)}


def serialized(kind: str, message: str | None = None, **more: Any) -> dict[str, Any]:
    """Return a state as Prefect 1 writes it."""
    return {"type": kind, "message": message, "context": {}, "cached_inputs": {}, **more}


def state_row(number: int, owner: dict[str, str], kind: str, seconds: float, **more: Any) -> Any:
    """Return a row of `flow_run_state` or `task_run_state`."""
    message = more.pop("message", None)
    return {
        "id": identifier(number),
        **owner,
        "timestamp": at(seconds),
        "state": kind,
        "message": message,
        "serialized_state": serialized(kind, message, **more),
        "version": number % 1000,
        **made(seconds),
    }


def log_row(
    number: int, seconds: float, message: str | None, level: str = "INFO", **more: Any
) -> Any:
    """Return a row of `log`, of the flow itself unless `task_run_id` is given."""
    return {
        "id": identifier(0x900000 + number),
        "flow_run_id": FLOW_RUN_ID,
        "timestamp": at(seconds),
        "level": level,
        "name": "prefect.flow",
        "message": message,
        **made(seconds),
        **more,
    }


def task_run_row(number: int, task: int = 1, kind: str = "Running", **more: Any) -> Any:
    """Return a row of `task_run`."""
    return {
        "id": identifier(0x100 + number),
        "flow_run_id": FLOW_RUN_ID,
        "task_id": identifier(task),
        "map_index": -1,
        "state": kind,
        "serialized_state": serialized(kind, more.pop("message", None)),
        "start_time": at(1),
        "version": 1,
        **made(1),
        **more,
    }


def small_run(logs: Sequence[Any] | None = None, **flow_run: Any) -> dict[str, list[Any]]:
    """Return the tables of a running flow run with two tasks and three lines."""
    state = serialized("Running", "On its way")
    return {
        "project": [{"id": identifier(0xB), "name": "default", **made(0)}],
        "flow_group": [{"id": identifier(0xC), "name": "group", "labels": ["a"], **made(0)}],
        "flow": [
            {
                "id": identifier(0xD),
                "name": "hello",
                "version": 1,
                "project_id": identifier(0xB),
                "flow_group_id": identifier(0xC),
                "storage": {"type": "Local"},
                **made(0),
            }
        ],
        "task": [
            {
                "id": identifier(n),
                "flow_id": identifier(0xD),
                "name": f"task {n}",
                "slug": f"task-{n}",
                **made(0),
            }
            for n in (1, 2)
        ],
        "flow_run": [
            {
                "id": FLOW_RUN_ID,
                "flow_id": identifier(0xD),
                "name": "small-owl",
                "parameters": {"day": "2026-11-22", "stores": [1, 2]},
                "context": {"by": "hand"},
                "labels": ["warehouse"],
                "version": 2,
                "state": "Running",
                "state_message": state["message"],
                "serialized_state": state,
                "start_time": at(0),
                **made(0),
                **flow_run,
            }
        ],
        "flow_run_state": [
            state_row(0x1001, {"flow_run_id": FLOW_RUN_ID}, "Scheduled", 0),
            state_row(0x1002, {"flow_run_id": FLOW_RUN_ID}, "Running", 1, message="On its way"),
        ],
        "task_run": [task_run_row(1, 1, "Success", end_time=at(2)), task_run_row(2, 2)],
        "task_run_state": [
            state_row(0x2001, {"task_run_id": identifier(0x101)}, "Running", 1),
            state_row(0x2002, {"task_run_id": identifier(0x101)}, "Success", 2),
            state_row(0x2003, {"task_run_id": identifier(0x102)}, "Running", 2),
        ],
        "log": logs
        if logs is not None
        else [
            log_row(1, 1, "Beginning Flow run for 'hello'"),
            log_row(2, 1, "first", "WARNING", task_run_id=identifier(0x101), name="prefect.task 1"),
            log_row(3, 2, "second", "DEBUG", task_run_id=identifier(0x102)),
        ],
    }
