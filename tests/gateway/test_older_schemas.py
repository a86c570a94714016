"""Our views on databases of older servers, which lack columns and whole tables: what is not there is absent."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import httpx
import pytest

import flowrun_widgets as fw
from flowrun_widgets.errors import InvalidArgument, NotFound, QueryRejected
from flowrun_widgets.gateway import Gateway, Server
from tests.stores import nothing_configured

from .conftest import World, fill_world
from .stores import Database

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.postgresql import Cluster

__all__ = ["nothing_configured"]

SCHEMAS = {
    "a few columns": "alter table flow_run drop run_config, drop context; alter table log drop name",
    "no cursors": "alter table log drop updated; alter table task_run drop updated; alter table flow_run drop updated",
    "no times": (
        "alter table flow_run drop start_time, drop end_time, drop scheduled_start_time, drop created; "
        "alter table task_run drop start_time, drop end_time, drop created"
    ),
    "no histories": "drop table flow_run_state, task_run_state cascade",
    "no tables beside": "drop table agent, agent_config, task_run_artifact, tenant, message, flow_group, project cascade",
    "little of anything": (
        "drop table agent, agent_config, task_run_artifact, tenant, message, flow_group, project, flow_run_state, "
        "task_run_state, edge, cloud_hook cascade; "
        "alter table flow_run drop run_config, drop context, drop parameters, drop labels, drop created, drop updated, "
        "drop start_time, drop end_time, drop scheduled_start_time, drop agent_id, drop tenant_id; "
        "alter table task_run drop name, drop created, drop updated, drop start_time, drop end_time; "
        "alter table task drop name; alter table log drop name, drop level, drop updated, drop task_run_id; "
        "alter table flow drop version, drop core_version, drop settings, drop run_config, drop serialized_flow, "
        "drop storage, drop flow_group_id, drop project_id, drop created"
    ),
}  # fmt: skip


class Older(NamedTuple):
    """A database of an older server, and what was in it before something was taken away."""

    schema: str
    database: Database
    world: World


@pytest.fixture(scope="module", params=SCHEMAS)
def older(postgresql: Cluster, request: pytest.FixtureRequest) -> Iterator[Older]:
    address = postgresql.new_database()
    database = Database(address)
    database.create()
    database.close()
    database = Database(address)
    world = fill_world(database)
    database.connection.execute(SCHEMAS[request.param])
    yield Older(request.param, database, world)
    database.close()


@pytest.fixture(params=["in process", "over HTTP"])
def connection(older: Older, request: pytest.FixtureRequest) -> Iterator[fw.Connection]:
    """A connection straight to the database, and one to what serves it."""
    if request.param == "in process":
        with fw.connect(older.database.address, library=False) as connection:
            yield connection
        return
    gateway = Gateway(older.database.address)
    with Server(gateway, port=0) as server, fw.connect(server.url, library=False) as connection:
        yield connection
    gateway.close()


def test_a_run_is_read_with_all_that_is_there(older: Older, connection: fw.Connection) -> None:
    run = fw.FlowRunView.from_flow_run_id(older.world.amber, load_static_tasks=True)
    assert (run.name, str(run.state)) == ("amber", '<Success: "ok">')
    assert [line.message for line in run.get_logs()] == [f"message {n}" for n in (3, 2, 1, 0)]
    assert len(run.get_all_task_runs()) == len(run.get_task_run_ids()) == 5
    assert run.get_task_run(task_slug="clean-1", map_index=1).map_index == 1
    latest = run.get_latest()
    assert latest.state == run.state
    assert latest.get_logs() == run.get_logs()
    assert latest.get_all_task_runs() == run.get_all_task_runs()
    assert run.get_flow_metadata().name == "nightly"
    assert run.get_artifacts() == []
    assert run.digest()
    without_times = older.schema in {"no times", "little of anything"}
    assert len(run.get_timeline()) == (0 if without_times else 3)
    assert fw.latest(flow="nightly").name in {"amber", "birch", "cedar"}
    assert repr(run)


@pytest.mark.parametrize("older", ["little of anything"], indirect=True)
def test_what_is_not_there_is_absent(older: Older, connection: fw.Connection) -> None:
    run = fw.FlowRunView.from_flow_run_id(older.world.amber)
    assert (run.run_config, run.updated_at, run.started_at) == (None, None, None)
    assert (run.labels, run.parameters, run.states) == ([], {}, ())
    assert [line.level for line in run.get_logs()] == [None] * 4
    flow = fw.FlowView.from_flow_id(older.world.newer_flow)
    assert (flow.project_name, flow.storage_type, flow.flow_group_labels) == (None, None, None)
    assert repr(flow)
    for ask in (
        lambda: fw.TenantView.from_current_tenant(),
        lambda: fw.TenantView.from_tenant_id(older.world.tenant),
    ):
        with pytest.raises(NotFound):
            ask()
    assert "no healthy agents" in fw.check_for_compatible_agents(["prod"])


def test_a_run_that_is_not_there_is_not_found(older: Older, connection: fw.Connection) -> None:
    with pytest.raises(NotFound):
        fw.FlowRunView.from_flow_run_id(older.world.load)


def test_a_refresh_brings_what_came_since(older: Older, connection: fw.Connection) -> None:
    run = fw.FlowRunView.from_flow_run_id(older.world.birch)
    before = run.get_logs()
    older.database.connection.execute(
        "insert into log (id, flow_run_id, timestamp, message) values (gen_random_uuid(), %s, now(), 'new')",
        [older.world.birch],
    )
    assert len(run.get_latest().get_logs()) == len(before) + 1


def test_what_is_missing_is_learnt_once(older: Older) -> None:
    gateway = Gateway(older.database.address)
    asked: list[bytes] = []

    class Counted(httpx.WSGITransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            asked.append(request.content)
            return super().handle_request(request)

    with fw.connect("http://h.test/graphql", transport=Counted(app=gateway.wsgi), library=False):
        for _ in range(3):
            run = fw.FlowRunView.from_flow_run_id(older.world.amber)
            run.get_logs()
            run.get_all_task_runs()
            run.get_latest()
        assert sum(b"__schema" in body for body in asked) == 1
        assert len(asked) == 12 + 2
    gateway.close()


def test_a_question_of_ones_own_is_not_touched(older: Older, connection: fw.Connection) -> None:
    with pytest.raises(QueryRejected, match='Cannot query field "zz"'):
        fw.graphql("{ flow_run { zz } }")


def test_ids_are_checked_before_anything_is_asked(connection: fw.Connection) -> None:
    with pytest.raises(InvalidArgument):
        fw.TenantView.from_tenant_id("zz")


def test_a_run_whose_log_and_task_runs_may_not_be_read_has_none(postgresql: Cluster) -> None:
    database = Database(postgresql.new_database())
    database.create()
    database.close()
    database = Database(database.address)
    world = fill_world(database)
    database.connection.execute("drop table log, task_run, task_run_state cascade")
    with fw.connect(database.address, library=False):
        run = fw.FlowRunView.from_flow_run_id(world.amber, load_static_tasks=True)
        assert [*run.get_logs(), *run.get_all_task_runs(), *run.get_task_run_ids()] == []
        assert run.get_latest().get_logs() == []
        with pytest.raises(NotFound):
            run.get_task_run(task_slug="load-1")
    database.close()
