"""One case of the corpus: what a server would say of a run that ended, and the right answer, which a person wrote.

A case is a JSON file as `record.py` leaves it, or a TOML file that somebody wrote in a short form: a state is
`[type, name, second, message]`, a second counts from the run's start.
"""

from __future__ import annotations

import json
import tomllib
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

import flowrun_widgets as fw
from flowrun_widgets.store.writer import StoreWriter
from tests.failures.replay import CASES, URL, Replayed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

START = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
SPACE = UUID(int=13)


@dataclass(frozen=True)
class Answer:
    """Why the run ended. What is not given is not asked for."""

    ended: str = "failed"
    """Or: well, cancelled, open."""
    run: tuple[str, ...] = ()
    """The flows of the sub-flows on the way down to where it failed."""
    task: str | None = None
    """The name of the task; None: the flow itself."""
    attempt: int | None = None
    error: str = ""
    """The first line of what was raised or said."""
    says: tuple[str, ...] = ()
    """What its text has to have as well."""
    causes: tuple[str, ...] = ()
    """The first lines of what it came from, the root first."""
    frames: tuple[str, ...] = ()
    """The functions of the user's own code that a reader needs, in this order, those of causes included."""
    held_up: tuple[str, ...] = ()
    """The tasks that never ran because of it, sorted."""
    remarks: tuple[str, ...] = ()
    """Words, each of which some remark has."""
    unsure: bool = False
    """Whether nobody can tell from what the server says."""


@dataclass(frozen=True)
class Case:
    """A case. `tables` are Prefect 1's rows, `runs` what Prefect 3 answers, by run."""

    name: str
    how: str
    flow_run_id: str
    answer: Answer
    tables: dict[str, list[Any]] = field(default_factory=dict)
    runs: dict[str, Any] = field(default_factory=dict)

    @contextmanager
    def opened(self, folder: Path) -> Iterator[fw.FlowRunView]:
        """Yield the run's view over a source that says what the case says."""
        if self.runs:
            with fw.connect(URL, transport=Replayed(self.runs), library=False):
                yield fw.FlowRunView.from_flow_run_id(self.flow_run_id)
            return
        path = folder / f"{self.name}.sqlite"
        with StoreWriter(path) as writer:
            writer.add(self.tables)
        with fw.connect(path):
            yield fw.FlowRunView.from_flow_run_id(self.flow_run_id)


def names() -> list[str]:
    """Return the names of all cases."""
    return sorted(path.stem for path in CASES.iterdir())


def case(name: str) -> Case:
    """Return a case by its name."""
    recorded, written = CASES / f"{name}.json", CASES / f"{name}.toml"
    if recorded.exists():
        content = json.loads(recorded.read_text("utf-8"))
        about = content["about"]
        return Case(
            name, about["how"], about.get("flow_run_id") or content["flow_run_id"],
            answer_of(about.get("answer") or content["answer"]), content.get("tables", {}), content.get("runs", {}),
        )  # fmt: skip
    content = tomllib.loads(written.read_text("utf-8"))
    answer, how = answer_of(content["answer"]), content["how"]
    if content["source"] == "prefect3":
        runs = [prefect3_run(run) for run in content["runs"]]
        key = runs[0]["run"]["id"]
        return Case(name, how, key, answer, runs={run["run"]["id"]: run for run in runs})
    return Case(name, how, uid("run"), answer, tables=prefect1_tables(content))


def answer_of(given: dict[str, Any]) -> Answer:
    values = {key: tuple(one) if isinstance(one, list) else one for key, one in given.items()}
    return Answer(**values)


def uid(name: str) -> str:
    return str(uuid5(SPACE, name))


def at(second: float | None) -> str | None:
    if second is None:
        return None
    return (
        (START + timedelta(seconds=second))
        .isoformat(timespec="microseconds")
        .replace("+00:00", "Z")
    )


def state3(given: list[Any], key: str, **details: Any) -> dict[str, Any]:
    kind, name, second, *message = given
    return {
        "id": uid(key), "type": kind, "name": name, "timestamp": at(second), "message": message[0] if message else None,
        "state_details": details,
    }  # fmt: skip


def prefect3_run(given: dict[str, Any]) -> dict[str, Any]:
    """Return what Prefect 3 says of a run that is given in short."""
    flow, name = given["flow"], given["name"]
    key = uid(name)
    states = [state3(one, f"{name} state {n}") for n, one in enumerate(given["states"])]
    last, running = states[-1], [s for s in states if s["type"] == "RUNNING"]
    is_over = last["type"] in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")
    run = {
        "id": key, "name": name, "flow_id": uid(flow), "state_id": last["id"], "state": last, "state_type": last["type"],
        "state_name": last["name"], "created": at(-2), "updated": last["timestamp"], "expected_start_time": at(-1),
        "start_time": running[0]["timestamp"] if running else None, "end_time": last["timestamp"] if is_over else None,
        "run_count": len(running), "total_run_time": given.get("total", 0.0), "parameters": {},
        "parent_task_run_id": uid(given["parent"]) if "parent" in given else None,
    }  # fmt: skip
    tasks = [task_run3(one, key) for one in given.get("tasks", [])]
    return {
        "run": run,
        "flow": {"id": uid(flow), "name": flow},
        "states": states,
        "task_runs": tasks,
        "task_run_states": {
            uid(one["name"]): [state3(s, f"{one['name']} {n}") for n, s in enumerate(one["states"])]
            for one in given.get("tasks", [])
            if "states" in one
        },
        "logs": [line3(one, key, n) for n, one in enumerate(given.get("logs", []))],
    }


def task_run3(given: dict[str, Any], run: str) -> dict[str, Any]:
    name = given["name"]
    child = {"child_flow_run_id": uid(given["child"])} if "child" in given else {}
    state = state3(given["state"], f"{name} state", **child)
    return {
        "id": uid(name), "name": name, "flow_run_id": run, "task_key": f"{name.rsplit('-', 1)[0]}-0123abcd",
        "dynamic_key": uid(f"{name} key"), "state": state, "state_type": state["type"], "state_name": state["name"],
        "created": at(given.get("start", 0)), "updated": state["timestamp"], "expected_start_time": at(given.get("start", 0)),
        "start_time": at(given.get("start")), "end_time": at(given.get("end")), "run_count": given.get("run_count", 1),
        "flow_run_run_count": given.get("flow_run_run_count", 1), "total_run_time": given.get("total", 0.0),
        "task_inputs": {"given": [{"input_type": "task_run", "id": uid(one)} for one in given.get("upstream", [])]},
    }  # fmt: skip


def line3(given: dict[str, Any], run: str, number: int) -> dict[str, Any]:
    task = uid(given["task"]) if "task" in given else None
    return {
        "id": uid(f"{run} line {number}"), "created": at(given["at"] + 0.3), "timestamp": at(given["at"]),
        "level": given.get("level", 20), "name": given.get("logger", "prefect.task_runs" if task else "prefect.flow_runs"),
        "message": given["message"], "flow_run_id": run, "task_run_id": task,
    }  # fmt: skip


def prefect1_tables(given: dict[str, Any]) -> dict[str, list[Any]]:
    """Return the rows of Prefect 1's tables of a run that is given in short."""
    both = {"created": at(0), "updated": at(0)}
    tables: dict[str, list[Any]] = {
        "project": [{"id": uid("project"), "name": "Warehouse", **both}],
        "flow_group": [{"id": uid("group"), "name": "group", **both}],
        "flow": [
            {"id": uid("flow"), "name": given["flow"], "version": 1, "project_id": uid("project"), "flow_group_id": uid("group"), **both}
        ],
        "task": [], "edge": [], "task_run": [], "task_run_state": [], "flow_run_state": [], "log": [],
    }  # fmt: skip
    states = [
        state1(one, {"flow_run_id": uid("run")}, f"run {n}")
        for n, one in enumerate(given["states"])
    ]
    tables["flow_run_state"] = states
    tables["flow_run"] = [
        {
            "id": uid("run"),
            "flow_id": uid("flow"),
            "name": given["name"],
            "parameters": {},
            **now_in(states),
            **both,
        }
    ]
    for task in given["tasks"]:
        name = task["name"]
        if uid(f"task {name}") not in {one["id"] for one in tables["task"]}:
            tables["task"].append(
                {
                    "id": uid(f"task {name}"), "flow_id": uid("flow"), "name": name, "slug": f"{name}-1",
                    "is_reference_task": task.get("reference", True), "mapped": "map_index" in task, **both,
                }
            )  # fmt: skip
            tables["edge"] += [
                {
                    "id": uid(f"edge {one} {name}"), "flow_id": uid("flow"), "upstream_task_id": uid(f"task {one}"),
                    "downstream_task_id": uid(f"task {name}"), **both,
                }
                for one in task.get("upstream", [])
            ]  # fmt: skip
        index = task.get("map_index", -1)
        key = uid(f"{name} {index}")
        rows = [
            state1(one, {"task_run_id": key}, f"{key} {n}") for n, one in enumerate(task["states"])
        ]
        tables["task_run_state"] += rows
        tables["task_run"].append(
            {
                "id": key, "flow_run_id": uid("run"), "task_id": uid(f"task {name}"), "map_index": index,
                **now_in(rows), **both,
            }
        )  # fmt: skip
    for number, line in enumerate(given.get("logs", [])):
        task, _, index = line.get("task", "").partition("[")
        tables["log"].append(
            {
                "id": uid(f"line {number}"), "flow_run_id": uid("run"), "timestamp": at(line["at"]),
                "task_run_id": uid(f"{task} {index.rstrip(']') or -1}") if task else None,
                "level": line.get("level", "INFO"), "name": line.get("logger", "prefect.CloudTaskRunner"),
                "message": line["message"], **both,
            }
        )  # fmt: skip
    return tables


def state1(given: list[Any], owner: dict[str, str], key: str) -> dict[str, Any]:
    kind, second, *message = given
    words = message[0] if message else None
    return {
        "id": uid(f"state {key}"), **owner, "timestamp": at(second), "state": kind, "message": words, "version": 1,
        "serialized_state": {"type": kind, "message": words}, "created": at(second), "updated": at(second),
    }  # fmt: skip


def now_in(states: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the columns that the server's triggers set from the states."""
    last = states[-1]
    ended = {"Success", "Failed", "Cached", "TimedOut", "Looped", "Cancelled"}
    return {
        "state": last["state"], "state_message": last["message"], "serialized_state": last["serialized_state"],
        "state_timestamp": last["timestamp"],
        "start_time": min((s["timestamp"] for s in states if s["state"] == "Running"), default=None),
        "end_time": max((s["timestamp"] for s in states if s["state"] in ended), default=None),
    }  # fmt: skip
