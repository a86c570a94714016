"""A Prefect 1 server's own database: opened read-only, older schemas included, and read without any server."""

from __future__ import annotations

import os
import pickle
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from graphql import get_introspection_query

import flowrun_widgets as fw
from flowrun_widgets.errors import BackendUnavailable, InvalidArgument, NotFound
from flowrun_widgets.gateway import Gateway

from .stores import NOON, Database, Store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.postgresql import Cluster

    from .conftest import World

SERVE = Path(__file__).parents[2] / "docs" / "serve.md"


@pytest.fixture
def engine() -> str:
    return "postgresql"


@pytest.fixture
def older(postgresql: Cluster) -> Iterator[Database]:
    """A database of an older server, without some columns and tables of the newest."""
    address = postgresql.new_database()
    database = Database(address)
    database.create()
    database.connection.execute(
        "drop table task_run_artifact, message, agent cascade; "
        "alter table flow_run drop run_config, drop agent_id; "
        "alter table log alter is_loaded_from_archive type bytea using null; "
        "alter table task drop tenant_id"
    )
    database.close()
    database = Database(address)
    yield database
    database.close()


def test_the_newest_server_has_every_column_with_its_type(gateway: Gateway, tmp_path: Path) -> None:
    """The DDL of the tests was written from Prefect's own schema, and not from ours."""
    store = Store(tmp_path / "store.db")
    over_store = Gateway(store.address)
    asked = get_introspection_query(descriptions=False)
    assert gateway.query(asked) == over_store.query(asked)
    over_store.close()
    store.close()


def test_what_an_older_server_lacks_is_not_in_the_schema(older: Database) -> None:
    run = older.add("flow_run", name="amber")
    gateway = Gateway(older.address)
    try:
        fields = "{ flow_run { id name labels task_runs { id } } }"
        assert gateway.query(fields)["data"]["flow_run"][0]["id"] == run
        for document, message in {
            "{ flow_run { run_config } }": 'Cannot query field "run_config" on type "flow_run".',
            "{ flow_run { agent { id } } }": 'Cannot query field "agent" on type "flow_run".',
            "{ log { is_loaded_from_archive } }": "Cannot query field",
            "{ message { id } }": "Cannot query field",
            "{ agent_config { agents { id } } }": "Cannot query field",
            "{ utility_upstream_tasks(args: {}) { depth } }": "Cannot query field",
            "{ flow_run(where: { agent_id: { _is_null: true } }) { id } }": 'Field "agent_id" is not defined',
        }.items():
            assert gateway.query(document)["errors"][0]["message"].startswith(message)
        assert "errors" not in gateway.query("{ __schema { types { name fields { name } } } }")
    finally:
        gateway.close()


def test_what_the_user_may_not_read_is_not_there(prefect1_database: Database) -> None:
    connection = prefect1_database.connection
    connection.execute(
        "drop role if exists reader; create role reader login; "
        "grant select on flow_run, flow to reader; grant select (id, message) on log to reader"
    )
    gateway = Gateway(prefect1_database.address.replace("postgres@", "reader@"))
    try:
        assert "errors" not in gateway.query("{ flow_run { flow { name } } log { id message } }")
        for document in (
            "{ log { level } }",
            "{ task_run { id } }",
            "{ flow_run { logs { id } } }",
        ):
            assert "Cannot query field" in gateway.query(document)["errors"][0]["message"]
    finally:
        gateway.close()
        connection.execute("drop owned by reader; drop role reader")


def test_the_documented_user_reads_everything_and_writes_nothing(
    prefect1_database: Database, world: World
) -> None:
    [sql] = re.findall(r"```sql\n(.*?)```", SERVE.read_text(encoding="utf-8"), re.DOTALL)
    connection = prefect1_database.connection
    connection.execute(f"drop role if exists reader; {sql}")
    address = prefect1_database.address.replace("postgres@", "reader@")
    gateway = Gateway(address)
    try:
        asked = '{ __type(name: "Query") { fields { name } } tenant { slug } }'
        whole = Gateway(prefect1_database.address)
        assert gateway.query(asked) == whole.query(asked)
        whole.close()
        with (
            psycopg.connect(address) as reader,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            reader.execute("delete from log")
    finally:
        gateway.close()
        connection.execute("drop owned by reader; drop role reader")


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://me:5ecret@127.0.0.1:1/prefect",
        "postgresql://me:5ecret@127.0.0.1/prefect?port=1&connect_timeout=2",
        "postgresql://me:5ecret@h:port/prefect",
        "postgresql://me:5ecret@127.0.0.1:1/prefect?zz=1",
        "postgresql://me:5ecret@[/prefect",
        "postgresql://me:5ecret@127.0.0.1:1/prefect?host=%00",
        "mysql://me:5ecret@127.0.0.1/prefect",
    ],
)
def test_an_address_that_leads_nowhere_is_an_error_without_its_password(address: str) -> None:
    with pytest.raises((BackendUnavailable, InvalidArgument)) as caught:
        Gateway(address)
    assert "5ecret" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_no_such_database(postgresql: Cluster) -> None:
    with pytest.raises(BackendUnavailable, match='database "nope" does not exist'):
        Gateway(re.sub(r"/test\d+", "/nope", postgresql.new_database()))


def test_another_database_is_refused(postgresql: Cluster) -> None:
    with pytest.raises(InvalidArgument, match="no table flow_run"):
        Gateway(postgresql.new_database())


def test_its_repr_shows_no_password(prefect1_database: Database) -> None:
    address = str(prefect1_database.address).replace("postgres@", "postgres:5ecret@")
    gateway = Gateway(address)
    try:
        assert repr(gateway) == f"Gateway({prefect1_database.address!r})"
        assert "5ecret" not in repr(vars(gateway)) + repr(gateway.engine)
    finally:
        gateway.close()


@pytest.mark.parametrize("setting", ["default_transaction_read_only=off", "timezone=Asia/Tokyo"])
def test_options_of_the_address_do_not_undo_ours(prefect1_database: Database, setting: str) -> None:
    gateway = Gateway(f"{prefect1_database.address}&options=-c%20{setting.replace('=', '%3D')}")
    try:
        with gateway.engine.connect() as connection:
            shown = connection.exec_driver_sql(
                "select current_setting('transaction_read_only'), current_setting('timezone'), "
                "current_setting('transaction_isolation')"
            ).one()
        assert tuple(shown) == ("on", "UTC", "repeatable read")
    finally:
        gateway.close()


def test_a_query_that_takes_too_long_is_refused(prefect1_database: Database, world: World) -> None:
    prefect1_database.add_logs(20_000, flow_run_id=world.cedar)
    gateway = Gateway(prefect1_database.address, timeout_seconds=0.05)
    try:
        for _ in range(5):
            answer = gateway.query(
                '{ log(where: { message: { _regex: "^(.+)\\\\1+(.+)\\\\2+$" } }) { id } }'
            )
            if "errors" in answer:
                break
        [error] = answer["errors"]
        assert "took too long" in error["message"]
        assert answer["data"] is None
    finally:
        gateway.close()


def test_a_database_that_goes_away_is_503_and_comes_back(
    prefect1_database: Database, gateway: Gateway, world: World
) -> None:
    def ask() -> int:
        response = gateway.execute("{ hello tenant { slug } }")
        b"".join(response.body)
        return response.status

    assert ask() == 200
    name = prefect1_database.connection.info.dbname
    admin = psycopg.connect(prefect1_database.address, dbname="postgres", autocommit=True)
    admin.execute(f"alter database {name} allow_connections false")
    try:
        admin.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'flowrun'"
        )
        assert ask() == 503
    finally:
        admin.execute(f"alter database {name} allow_connections true")
        admin.close()
    assert ask() == 200


def test_views_straight_on_the_database(
    prefect1_database: Database, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No server, no HTTP: the run that the server's database holds."""
    monkeypatch.setenv("FLOWRUN_LIBRARY", "off")
    with fw.connect(prefect1_database.address) as connection:
        assert connection.url == prefect1_database.address
        run = fw.FlowRunView.from_flow_run_id(world.amber)
        assert (run.name, str(run.state)) == ("amber", '<Success: "ok">')
        assert [line.message for line in run.get_logs()] == [f"message {n}" for n in (3, 2, 1, 0)]
        assert len(run.get_all_task_runs()) == 5
        assert run.get_latest().state == run.state
        assert fw.graphql("{ tenant { slug } }") == {"data": {"tenant": [{"slug": "acme"}]}}
        with pytest.raises(NotFound):
            fw.FlowRunView.from_flow_run_id("00000000-0000-0000-0000-00000000dead")
    open_ones = "select count(*) from pg_stat_activity where application_name = 'flowrun' and datname = current_database()"
    for _ in range(100):  # a backend ends a moment after its client has gone
        if prefect1_database.connection.execute(open_ones).fetchone() == (0,):
            return
        time.sleep(0.1)
    pytest.fail("a connection is still open")


def test_the_triggers_rows_are_read(
    prefect1_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the server leaves to its triggers: task runs without states of their own, times from states."""
    monkeypatch.setenv("FLOWRUN_LIBRARY", "off")
    database = prefect1_database
    database.add("tenant")
    flow = database.add("flow")
    database.add("task", flow_id=flow, name="load", slug="load-1")
    database.connection.execute(
        "set session_replication_role = origin; set check_function_bodies = off"
    )
    database.connection.execute(
        "alter table flow_run drop constraint if exists flow_run_flow_id_fkey"
    )
    try:
        run = database.add("flow_run", flow_id=flow, name="amber")
        for version, state in enumerate(("Running", "Success"), 1):
            database.add(
                "flow_run_state",
                flow_run_id=run,
                state=state,
                version=version,
                timestamp=NOON + version * 1_000_000,
                serialized_state={"type": state, "message": "done"},
            )
    finally:
        database.connection.execute("set session_replication_role = replica")
        database._filled |= {"task_run", "task_run_state"}
    with fw.connect(database.address):
        view = fw.FlowRunView.from_flow_run_id(run)
        assert view.state.is_successful()
        [task_run] = view.get_all_task_runs()
        assert task_run.state.is_pending()
        assert task_run.state.message == "Task run created"


def test_the_command_serves_a_database(prefect1_database: Database, world: World) -> None:
    import httpx

    address = str(prefect1_database.address).replace("postgres@", "postgres:5ecret@")
    with subprocess.Popen(
        [
            sys.executable,
            "-m",
            "flowrun_widgets.cli",
            "serve",
            "--database",
            address,
            "--port",
            "0",
        ],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    ) as serving:
        try:
            assert serving.stdout is not None
            line = serving.stdout.readline()
            url = line.split()[0]
            answer = httpx.post(url, json={"query": "{ tenant { slug } }"}).json()
        finally:
            serving.terminate()
    assert answer == {"data": {"tenant": [{"slug": "acme"}]}}
    assert line == f"{url} serves {prefect1_database.address} (press Ctrl-C to stop)\n"


def test_the_command_says_what_is_wrong_with_an_address() -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "flowrun_widgets.cli",
            "serve",
            "--database",
            "postgresql://me:5ecret@127.0.0.1:1/x",
        ],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.returncode == 1
    assert done.stderr.startswith(
        "flowrun: The database at postgresql://me@127.0.0.1:1/x does not answer"
    )
    assert "5ecret" not in done.stderr


def test_a_pickled_connection_has_no_password_and_reconnects(
    prefect1_database: Database, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLOWRUN_LIBRARY", "off")
    address = str(prefect1_database.address).replace("postgres@", "postgres:5ecret@")
    with fw.connect(address) as connection:
        assert "5ecret" not in repr(connection)
        packed = pickle.dumps(connection)
    assert b"5ecret" not in packed
    with pickle.loads(packed) as again:
        assert fw.FlowRunView.from_flow_run_id(world.amber, api=again).name == "amber"


def test_a_database_takes_no_key() -> None:
    with pytest.raises(InvalidArgument, match="no API key"):
        fw.connect("postgresql://me@127.0.0.1/x", api_key="5ecret")
