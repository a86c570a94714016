"""A store with a bit of everything, the same in a Prefect 1 server's database, and gateways over both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from flowrun_widgets.gateway import Gateway

from .stores import NOON, Database, Rows, Store, micros

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.postgresql import Cluster


class Ask(Protocol):
    """Asks a gateway."""

    def __call__(self, document: str, variables: dict[str, Any] | None = None) -> Any:
        """Return the data, or the first error, of the answer to a document."""
        ...


@dataclass(frozen=True)
class World:
    """The ids of what the common store holds."""

    tenant: str
    project: str
    flow_group: str
    flow: str
    newer_flow: str
    load: str
    clean: str
    report: str
    amber: str
    birch: str
    cedar: str
    mapped: str


only_store = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
"""For what is so only of a store."""
only_database = pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
"""For what is so only of a server's database."""


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> str:
    """The databases that the gateway reads; every test here runs on each."""
    return request.param


@pytest.fixture(scope="session")
def prefect1_database(postgresql: Cluster) -> Iterator[Database]:
    """A Prefect 1 server's database."""
    address = postgresql.new_database()
    database = Database(address)
    database.create()
    database.close()
    database = Database(address)
    yield database
    database.close()


@pytest.fixture
def store(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rows]:
    """An empty store, or an empty database."""
    if engine == "postgresql":
        database: Database = request.getfixturevalue("prefect1_database")
        database.empty()
        database.count = 0
        yield database
        return
    store = Store(tmp_path / "store.db")
    yield store
    store.close()


@pytest.fixture
def gateway(store: Rows) -> Iterator[Gateway]:
    """A gateway over `store`."""
    gateway = Gateway(store.address)
    yield gateway
    gateway.close()


@pytest.fixture
def ask(gateway: Gateway) -> Ask:
    """Ask the gateway over `store`; errors fail the test."""

    def ask(document: str, variables: dict[str, Any] | None = None) -> Any:
        answer = gateway.query(document, variables)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    return ask


@pytest.fixture
def refuse(gateway: Gateway) -> Ask:
    """Ask what cannot be answered, and return the first error."""

    def refuse(document: str, variables: dict[str, Any] | None = None) -> Any:
        return gateway.query(document, variables)["errors"][0]

    return refuse


@pytest.fixture
def world(store: Rows) -> World:
    """Two versions of a flow, three tasks, and three runs: amber succeeded, birch failed, cedar waits."""
    return fill_world(store)


def fill_world(store: Rows) -> World:
    """Write the common rows."""
    tenant = store.add("tenant", name="Acme", slug="acme")
    own = {"tenant_id": tenant}
    project = store.add("project", name="orders", description="all orders", **own)
    empty = store.add("project", name="empty", **own)
    group = store.add("flow_group", name="nightly", labels=["prod"], **own)
    about = {"project_id": project, "flow_group_id": group, **own}
    flow = store.add("flow", name="nightly", version=1, archived=1, **about)
    newer = store.add(
        "flow",
        name="nightly",
        version=2,
        storage={"type": "Local"},
        serialized_flow={"tasks": []},
        run_config={"type": "UniversalRun"},
        **about,
    )
    store.add("flow", name="adhoc", version=1, project_id=empty, flow_group_id=group, **own)
    tasks = {
        name: store.add(
            "task",
            name=name,
            slug=f"{name}-1",
            flow_id=newer,
            tags=["etl"],
            retry_delay=delay,
            **own,
        )
        for name, delay in (("load", 90_000_000), ("clean", None), ("report", 93_784_500_000))
    }
    for upstream, downstream in (("load", "clean"), ("clean", "report"), ("load", "report")):
        store.add(
            "edge",
            flow_id=newer,
            upstream_task_id=tasks[upstream],
            downstream_task_id=tasks[downstream],
            **own,
        )
    config = store.add("agent_config", name="config", **own)
    agent = store.add(
        "agent", name="docker", agent_config_id=config, labels=["prod"], last_queried=NOON, **own
    )
    runs = {
        name: store.add("flow_run", name=name, flow_id=newer, agent_id=agent, **own, **values)
        for name, values in {
            "amber": {
                "state": "Success",
                "labels": ["prod", "eu"],
                "parameters": {"day": "2022-01-01", "retries": 2},
                "context": {"who": {"name": "Ann", "tags": ["a", "b"]}},
                "start_time": NOON,
                "end_time": micros("2022-01-01T12:05:00.5+00:00"),
                "scheduled_start_time": NOON,
                "serialized_state": {"type": "Success", "message": "ok"},
                "state_message": "All reference tasks succeeded.",
                "version": 3,
            },
            "birch": {
                "state": "Failed",
                "labels": ["prod"],
                "start_time": NOON + 60_000_000,
                "serialized_state": {"type": "Failed", "message": "100% wrong_"},
                "state_message": "100% wrong_",
                "version": 2,
                "auto_scheduled": 1,
            },
            "cedar": {"state": "Scheduled", "version": 1},
        }.items()
    }
    for at, state in enumerate(("Scheduled", "Submitted", "Running", "Success")):
        store.add(
            "flow_run_state",
            flow_run_id=runs["amber"],
            state=state,
            timestamp=NOON + at,
            version=at,
            serialized_state={"type": state},
            **own,
        )
    mapped = ""
    for run in ("amber", "birch"):
        for name in ("load", "clean"):
            task_run = store.add(
                "task_run",
                flow_run_id=runs[run],
                task_id=tasks[name],
                state="Mapped" if name == "clean" else "Success",
                serialized_state={"type": "Success"},
                **own,
            )
            store.add("task_run_state", task_run_id=task_run, timestamp=NOON, **own)
            mapped = task_run if (run, name) == ("amber", "clean") else mapped
    for index in (2, 0, 1):
        store.add(
            "task_run",
            flow_run_id=runs["amber"],
            task_id=tasks["clean"],
            map_index=index,
            state="Failed" if index == 1 else "Success",
            start_time=NOON + index,
            end_time=NOON + 10 + index,
            serialized_state={"type": "Success"},
            **own,
        )
    for n, level in enumerate(("INFO", "ERROR", "DEBUG", "INFO")):
        store.add(
            "log",
            flow_run_id=runs["amber"],
            task_run_id=mapped if n == 1 else None,
            timestamp=NOON + (3 - n) * 1_000_000,
            level=level,
            name="prefect.flow",
            message=f"message {n}",
            info={"n": n},
            **own,
        )
    store.add("log", flow_run_id=runs["birch"], timestamp=NOON, level="INFO", message="other run")
    store.add("message", tenant_id=tenant, text="hello")
    return World(tenant, project, group, flow, newer, **tasks, **runs, mapped=mapped)
