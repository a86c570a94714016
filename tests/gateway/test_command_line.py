"""The command line of Prefect 1.4.1, unmodified, in its own environment, against `flowrun serve`."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from flowrun_widgets.gateway import Gateway, Server

from .conftest import fill_world
from .stores import Store

if TYPE_CHECKING:
    from .conftest import World
    from .stores import Database

SCRIPT = Path(__file__).with_name("oracle_commands.py")
COMMANDS = {
    "flows": "get flows",
    "all flows": "get flows --all-versions --limit 5",
    "flows of a project": "get flows --project orders --name nightly",
    "a version": "get flows --version 1",
    "projects": "get projects",
    "one project": "get projects --name orders",
    "runs": "get flow-runs",
    "started runs": "get flow-runs --flow nightly --project orders --started --limit 5",
    "tasks": "get tasks",
    "tasks of a flow": "get tasks --flow-name nightly --flow-version 2 --project orders",
    "a task": "get tasks --name load --limit 3",
    "logs": "get logs --name amber",
    "logs by id": "get logs --id {amber}",
    "logs in full": "get logs --name amber --info",
    "logs of nobody": "get logs --name nobody",
    "flow": "describe flows --name nightly",
    "tasks of the flow": "describe tasks --name nightly",
    "a version of the flow": "describe flows --name nightly --version 1 --project orders --output yaml",
    "tasks of a version": "describe tasks --name nightly --version 2 --project orders --output yaml",
    "run": "describe flow-runs --name amber --flow-name nightly",
    "run in YAML": "describe flow-runs --name amber --output yaml",
    "no run": "describe flow-runs --name nobody",
}
"""Every command of 1.4.1 that asks a server for something, with every option it has."""
WRITING = {"create": "create project new", "delete": "delete project orders"}


@pytest.fixture(scope="module")
def said(
    oracle_python: Path, prefect1_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[str, tuple[int, str]]]:
    """What every command prints, by engine and command: its exit status and its output."""
    folder = tmp_path_factory.mktemp("command-line")
    prefect1_database.empty()
    prefect1_database.count = 0
    sources = {"sqlite": Store(folder / "store.db"), "postgresql": prefect1_database}
    printed: dict[str, dict[str, tuple[int, str]]] = {}
    for engine, source in sources.items():
        world = fill_world(source)
        gateway = Gateway(source.address)
        every = COMMANDS | WRITING
        commands = [command.format(amber=world.amber) for command in every.values()]
        with Server(gateway, port=0) as server:
            text = _run(oracle_python, server.url, folder, [SCRIPT, *commands])
        printed[engine] = dict(zip(every, map(tuple, json.loads(text)), strict=True))
        gateway.close()
    sources["sqlite"].close()
    return printed


def _run(python: Path, url: str, folder: Path, arguments: list[Any]) -> str:
    environment = {
        "PATH": os.defpath,
        "HOME": str(folder),
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "PREFECT__BACKEND": "server",
        "PREFECT__CLOUD__API": url,
        "PYTHONWARNINGS": "ignore",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run(
        [python, *arguments],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout


def test_the_program_itself(
    oracle_python: Path, gateway: Gateway, world: World, tmp_path: Path
) -> None:
    program = oracle_python.with_name("prefect")
    with Server(gateway, port=0) as server:
        text = _run(oracle_python, server.url, tmp_path, [program, "get", "flow-runs"])
    assert text.index("cedar") < text.index("birch") < text.index("amber")


@pytest.mark.parametrize("command", COMMANDS)
def test_both_engines_say_the_same(said: Any, command: str) -> None:
    assert said["sqlite"][command] == said["postgresql"][command]


@pytest.mark.parametrize("command", [name for name in COMMANDS if "no" not in name.split()])
def test_no_command_fails(said: Any, command: str, engine: str) -> None:
    status, text = said[engine][command]
    assert status == 0, text
    assert "Error" not in text, text


@pytest.mark.parametrize(
    ("command", "cells"),
    [
        ("flows", ["nightly", "2", "orders", "adhoc", "empty"]),
        ("projects", ["orders", "all orders", "empty"]),
        ("runs", ["nightly", "amber", "birch", "cedar", "Success", "Failed", "Scheduled"]),
        ("started runs", ["amber", "birch"]),
        ("tasks of a flow", ["load", "clean", "report"]),
        ("logs", ["message 0", "message 3", "INFO", "ERROR"]),
        ("logs by id", ["message 0"]),
        ("logs in full", ["{'n': 0}", "{'n': 3}"]),
        ("a version", ["nightly", "adhoc"]),
        ("a task", ["load", "nightly"]),
        ("tasks of a version", ["slug: load-1", "slug: report-1"]),
        ("run in YAML", ["name: amber", "scheduled_start_time: '2022-01-01T12:00:00+00:00'"]),
    ],
)
def test_tables_hold_what_is_there(said: Any, engine: str, command: str, cells: list[str]) -> None:
    _, text = said[engine][command]
    assert [cell for cell in cells if cell not in text] == []


def test_what_was_not_started_is_not_among_the_started(said: Any, engine: str) -> None:
    assert "cedar" not in said[engine]["started runs"][1]


def test_log_lines_come_in_their_order(said: Any, engine: str) -> None:
    text = said[engine]["logs"][1]
    assert sorted(range(4), key=lambda n: text.index(f"message {n}")) == [3, 2, 1, 0]


def test_a_described_run(said: Any, engine: str) -> None:
    described = json.loads(said[engine]["run"][1])
    assert described["name"] == "amber"
    assert described["flow"] == {"name": "nightly"}
    assert described["parameters"] == {"day": "2022-01-01", "retries": 2}
    assert described["end_time"] == "2022-01-01T12:05:00.5+00:00"


def test_a_run_that_is_not_there(said: Any, engine: str) -> None:
    assert "not found" in said[engine]["no run"][1]
    assert "not found" in said[engine]["logs of nobody"][1]


@pytest.mark.parametrize("command", WRITING)
def test_whoever_wants_to_write_is_told_why_not(said: Any, engine: str, command: str) -> None:
    words = said[engine][command][1].replace("\\n", " ").split()
    assert "Schema is not configured for mutations: this server only reads." in " ".join(words)
