"""Statements do not grow with rows, memory does not grow with the answer, and every answer shows one moment."""

from __future__ import annotations

import json
import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from flowrun_widgets.gateway import Gateway

from .conftest import only_store
from .stores import NOON, Rows, Store, uid

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .conftest import Ask, World


@pytest.fixture
def statements(gateway: Gateway) -> Iterator[list[str]]:
    """Every statement that the gateway sends."""
    sent: list[str] = []

    def listen(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement != "begin":
            sent.append(statement)

    sa.event.listen(gateway.engine, "before_cursor_execute", listen)
    yield sent
    sa.event.remove(gateway.engine, "before_cursor_execute", listen)


DEEP = (
    "{ flow { name flow_runs { name task_runs { task { name } states { state } logs { message } } "
    "states { state } logs_aggregate { aggregate { count } } } } }"
)


def test_statements_do_not_grow_with_rows(
    ask: Ask, store: Rows, world: World, statements: list[str]
) -> None:
    ask(DEEP)
    few = len(statements)
    for n in range(30):
        run = store.add("flow_run", flow_id=world.newer_flow, name=f"more {n}")
        task_run = store.add("task_run", flow_run_id=run, task_id=world.load)
        store.add_logs(3, flow_run_id=run, task_run_id=task_run, level="INFO")
    statements.clear()
    data = ask(DEEP)
    assert sum(len(flow["flow_runs"]) for flow in data["flow"]) == 33
    assert len(statements) == few <= 4


def test_a_plain_root_field_is_one_statement(ask: Ask, world: World, statements: list[str]) -> None:
    ask("{ flow_run { name flow { name project { name } } states { state } tenant { slug } } }")
    assert len(statements) == 1


@only_store
def test_the_largest_list_is_sorted_by_its_index(
    ask: Ask, gateway: Gateway, world: World, statements: list[str]
) -> None:
    """Sorting a million lines before the first is sent would take as long as sending them."""
    ask(
        f'{{ flow_run(where: {{ id: {{ _eq: "{world.amber}" }} }}) {{ logs(order_by: {{ timestamp: asc }}) {{ message }} }} }}'
    )
    [logs] = [statement for statement in statements if "message" in statement]
    with gateway.engine.connect() as connection:
        plan = connection.exec_driver_sql(f"explain query plan {logs}", (world.amber,)).all()
    assert not [step for step in plan if "B-TREE" in step[-1]]


def test_memory_stays_flat(gateway: Gateway, store: Rows, world: World) -> None:
    store.add_logs(50_000, flow_run_id=world.cedar, level="INFO")
    document = f'{{ flow_run(where: {{ id: {{ _eq: "{world.cedar}" }} }}) {{ logs {{ id timestamp message level }} }} }}'
    gateway.query("{ hello }")
    tracemalloc.start()
    size = chunks = 0
    for chunk in gateway.execute(document).body:
        size += len(chunk)
        chunks += 1
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size > 6_000_000
    assert chunks > 20
    assert peak < 2_000_000


def test_lists_of_root_rows_are_streamed_too(gateway: Gateway, store: Rows) -> None:
    store.add_logs(20_000, flow_run_id=uid(1), level="INFO")
    for document in (
        "{ log { message } }",
        "{ log_aggregate { aggregate { count } nodes { message } } }",
    ):
        chunks = list(gateway.execute(document).body)
        assert len(chunks) > 2
        assert max(map(len, chunks)) < 400_000
        assert "errors" not in json.loads(b"".join(chunks))


def reference(data: dict[str, list[dict[str, Any]]], limit: int | None) -> Any:
    return [
        {
            "name": run["name"],
            "task_runs": [
                {
                    "map_index": task["map_index"],
                    "logs": [{"message": line} for line in task["logs"]],
                }
                for task in sorted(run["task_runs"], key=lambda task: -task["map_index"])
            ],
            "version": run["version"],
        }
        for run in sorted(data["runs"], key=lambda run: run["version"])[:limit]
    ]


TASKS = st.lists(
    st.fixed_dictionaries(
        {
            "map_index": st.integers(-1, 50),
            "logs": st.lists(st.text("ab\x00\"'{}[],🦊", max_size=4), max_size=4),
        }
    ),
    max_size=4,
    unique_by=lambda task: task["map_index"],
)
RUNS = st.lists(
    st.fixed_dictionaries(
        {"name": st.sampled_from(["a", "b"]), "version": st.integers(0, 2), "task_runs": TASKS}
    ),
    max_size=6,
)


@settings(max_examples=40, deadline=None)
@given(runs=RUNS, limit=st.none() | st.integers(0, 7))
def test_levels_read_side_by_side_are_put_together_right(
    tmp_path_factory: pytest.TempPathFactory, runs: list[dict[str, Any]], limit: int | None
) -> None:
    store = Store(tmp_path_factory.mktemp("levels") / "store.db")
    for run in runs:
        run_id = store.add("flow_run", name=run["name"], version=run["version"])
        for task in run["task_runs"]:
            task_run = store.add("task_run", flow_run_id=run_id, map_index=task["map_index"])
            for line in task["logs"]:
                store.add("log", flow_run_id=run_id, task_run_id=task_run, message=line)
    document = (
        "query($limit: Int) { flow_run(order_by: { version: asc }, limit: $limit) { name "
        "task_runs(order_by: { map_index: desc }) { map_index logs(order_by: { timestamp: asc }) { message } } version } }"
    )
    gateway = Gateway(store.path)
    answer = gateway.query(document, {"limit": limit})
    gateway.close()
    store.close()
    assert answer == {"data": {"flow_run": reference({"runs": runs}, limit)}}


def test_rows_that_another_process_commits_are_seen(ask: Ask, store: Rows) -> None:
    assert ask("{ log { message } }")["log"] == []
    store.add("log", message="new")
    assert ask("{ log { message } }")["log"] == [{"message": "new"}]


def test_an_answer_shows_one_moment(gateway: Gateway, store: Rows) -> None:
    """What is committed while an answer is being written is not in it, in none of its parts."""
    store.add_logs(20_000, flow_run_id=uid(1), level="INFO")
    body = iter(gateway.execute("{ log { message } log_aggregate { aggregate { count } } }").body)
    begun = next(body)
    store.add("log", timestamp=NOON * 2, message="late")
    data = json.loads(begun + b"".join(body))["data"]
    assert len(data["log"]) == data["log_aggregate"]["aggregate"]["count"] == 20_000


def test_writers_are_not_held_up(gateway: Gateway, store: Rows) -> None:
    store.add_logs(20_000, flow_run_id=uid(1), level="INFO")
    body = gateway.execute("{ log { message } }").body
    next(iter(body))
    for wait in ("pragma busy_timeout = 1000", "set lock_timeout = '1s'"):
        if wait.startswith("pragma") == isinstance(store, Store):
            store.connection.execute(wait)
    store.connection.execute("update log set level = 'ERROR'")
    store.connection.commit()
    b"".join(body)


@pytest.mark.parametrize(
    "statement",
    [
        "delete from log",
        "create table t (x int)",
        "update log set level = 'x'",
        f"insert into message (id, tenant_id, created, updated) values ('{uid(1)}', '{uid(1)}', null, null)",
    ],
)
def test_the_connection_cannot_write(gateway: Gateway, store: Rows, statement: str) -> None:
    with (
        gateway.engine.connect() as connection,
        pytest.raises(sa.exc.DBAPIError, match=r"read-?only"),
    ):
        connection.exec_driver_sql(statement)


@only_store
def test_a_stores_version_cannot_be_written(gateway: Gateway) -> None:
    with (
        gateway.engine.connect() as connection,
        pytest.raises(sa.exc.OperationalError, match="readonly"),
    ):
        connection.exec_driver_sql("pragma user_version = 7")


@only_store
def test_a_store_in_a_folder_that_cannot_be_written(store: Store, world: World) -> None:
    store.connection.execute("pragma journal_mode = delete")
    store.close()
    store.path.chmod(0o444)
    store.path.parent.chmod(0o555)
    try:
        gateway = Gateway(store.path)
        assert gateway.query("{ tenant { slug } }") == {"data": {"tenant": [{"slug": "acme"}]}}
        gateway.close()
    finally:
        store.path.parent.chmod(0o755)


@only_store
def test_a_damaged_store_is_an_error_and_no_crash(store: Store, world: World) -> None:
    store.close()
    content = bytearray(store.path.read_bytes())
    content[4096:] = b"\x5a" * (len(content) - 4096)
    store.path.write_bytes(content)
    gateway = Gateway(store.path)
    answer = gateway.query("{ flow_run { id } }")
    gateway.close()
    assert answer["data"] is None
    assert answer["errors"][0]["message"] == "database query error"
    assert answer["errors"][0]["extensions"]["code"] == "unexpected"
