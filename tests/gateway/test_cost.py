"""What a document costs: statements, indexes and memory do not follow the number of rows."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowrun_widgets.gateway import Gateway

    from .conftest import Ask, World
    from .stores import Rows

RUN = (
    "id name flow_id labels parameters context created updated run_config serialized_state "
    "states { timestamp serialized_state } flow { name project { name } }"
)
TASK_RUN = (
    "id name task { id slug } map_index serialized_state states { timestamp serialized_state }"
)
# Rows that were found already and are gone through once more.
DERIVED = tuple(f"anon_{number}" for number in range(1, 20))
BY_ID = {
    "a run": "flow_run(where: { id: { _eq: $id } }) { " + RUN + " }",
    "a run by key": "flow_run_by_pk(id: $id) { " + RUN + " task_runs { " + TASK_RUN + " } }",
    "its log": (
        "flow_run(where: { id: { _eq: $id } }) { logs(order_by: { timestamp: asc }, where: { _and: "
        '[{ timestamp: { _lte: "2030-01-01" } }, {}] }) { timestamp message level } }'
    ),
    "its log as a root": "log(where: { flow_run_id: { _eq: $id } }, order_by: { timestamp: asc }) { message }",
    "its new lines": (
        'log(where: { flow_run_id: { _eq: $id }, updated: { _gte: "2022-01-01" } }, '
        "order_by: { timestamp: asc }) { id message }"
    ),
    "its task runs": (
        "task_run(where: { flow_run_id: { _eq: $id } }, order_by: [{ task: { slug: asc } }, { map_index: asc }]) "
        "{ " + TASK_RUN + " }"
    ),
    "one task run": (
        'task_run(where: { task: { slug: { _eq: "load-1" } }, flow_run_id: { _eq: $id }, map_index: { _eq: -1 } }) '
        "{ " + TASK_RUN + " }"
    ),
    "how many": "flow_run_by_pk(id: $id) { task_runs_aggregate { aggregate { count } } logs_aggregate { aggregate { count } } }",
}


@pytest.fixture
def sent(gateway: Gateway) -> Iterator[list[tuple[str, Any]]]:
    """Every statement that the gateway sends, with its parameters."""
    sent: list[tuple[str, Any]] = []

    def listen(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement != "begin":
            sent.append((statement, parameters))

    sa.event.listen(gateway.engine, "before_cursor_execute", listen)
    yield sent
    sa.event.remove(gateway.engine, "before_cursor_execute", listen)


@pytest.mark.parametrize("asked", BY_ID)
def test_what_is_asked_by_id_reads_no_table_from_end_to_end(
    ask: Ask, gateway: Gateway, world: World, sent: list[tuple[str, Any]], engine: str, asked: str
) -> None:
    ask(f"query($id: uuid!) {{ {BY_ID[asked]} }}", {"id": world.amber})
    assert 1 <= len(sent) <= 2
    assert read_whole(gateway, list(sent), engine) == []


def test_a_table_that_is_read_from_end_to_end_is_noticed(
    ask: Ask, gateway: Gateway, world: World, sent: list[tuple[str, Any]], engine: str
) -> None:
    ask('{ flow_run(where: { state_message: { _eq: "x" } }) { id } }')
    assert len(read_whole(gateway, list(sent), engine)) == 1


def read_whole(gateway: Gateway, statements: list[tuple[str, Any]], engine: str) -> list[Any]:
    """Return the steps of the plans that go through a whole table."""
    with gateway.engine.connect() as connection:
        if engine == "postgresql":
            # So small a table is not worth an index; without the choice it shows whether there is one.
            connection.exec_driver_sql("set local enable_seqscan = off")
            return [
                node
                for statement, parameters in statements
                for [plan] in connection.exec_driver_sql(
                    f"explain (format json) {statement}", parameters
                )
                for node in _nodes(plan[0]["Plan"])
                if node["Node Type"]
                in {"Seq Scan", "Index Scan", "Index Only Scan", "Bitmap Index Scan"}
                and "Index Cond" not in node
            ]
        return [
            row[-1]
            for statement, parameters in statements
            for row in connection.exec_driver_sql(f"explain query plan {statement}", parameters)
            if row[-1].startswith("SCAN") and not row[-1].endswith(DERIVED)
        ]


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from _nodes(below)


DEEP = (
    "{ flow { name flow_runs(order_by: { logs_aggregate: { count: desc } }) { name task_runs { task { name } "
    "states { state } logs { message } } states { state } logs_aggregate { aggregate { count } nodes { level } } } } "
    "task_run_aggregate { aggregate { count } nodes { flow_run { name } logs { message } } } }"
)


def test_statements_do_not_follow_the_rows(
    ask: Ask, store: Rows, world: World, sent: list[tuple[str, Any]]
) -> None:
    counts: list[int] = []
    for more in (0, 3, 30):
        for n in range(more):
            run = store.add("flow_run", flow_id=world.newer_flow, name=f"more {n}")
            task_run = store.add("task_run", flow_run_id=run, task_id=world.load)
            store.add_logs(3, flow_run_id=run, task_run_id=task_run, level="INFO")
        sent.clear()
        ask(DEEP)
        counts.append(len(sent))
    assert counts[0] == counts[1] == counts[2] <= 7


def test_memory_does_not_follow_the_lines(gateway: Gateway, store: Rows, world: World) -> None:
    """Eight times the lines in the same memory."""
    for number, lines in ((1, 5_000), (2, 40_000)):
        store.add_logs(lines, flow_run_id=f"00000000-0000-0000-0000-{number:012}", level="INFO")
    peaks: list[int] = []
    for number in (2, 1, 2):
        document = (
            f'{{ log(where: {{ flow_run_id: {{ _eq: "00000000-0000-0000-0000-{number:012}" }} }}, '
            "order_by: { timestamp: asc }) { id timestamp message level } }"
        )
        tracemalloc.start()
        size = sum(len(chunk) for chunk in gateway.execute(document).body)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert size > 100 * (5_000 if number == 1 else 40_000)
    assert peaks[2] < 1.3 * peaks[1]


def test_a_row_that_holds_too_much_is_refused(
    gateway: Gateway,
    refuse: Ask,
    store: Rows,
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    engine: str,
) -> None:
    """Lists beside the longest one are built whole, so their size has a limit."""
    monkeypatch.setattr("flowrun_widgets.gateway.render.LARGEST_ROW", 1_000_000)
    store.add_logs(20_000, flow_run_id=world.cedar, level="INFO")
    if engine == "sqlite":
        monkeypatch.setattr("flowrun_widgets.gateway.database.LARGEST_ROW", 1_000_000)
        gateway.engine.dispose()
    error = refuse("{ flow_run { a: logs { message } b: logs { message } } }")
    assert "limit" in error["message"]
    assert "errors" not in gateway.query(
        "{ flow_run { a: logs { message } b: logs(limit: 9) { message } } }"
    )


def test_few_large_rows_are_fetched_at_once(gateway: Gateway, store: Rows) -> None:
    for n in range(60):
        store.add("flow", name=f"f{n}", serialized_flow={"x": "y" * 500_000})
    tracemalloc.start()
    size = sum(len(chunk) for chunk in gateway.execute("{ flow { serialized_flow } }").body)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size > 30_000_000
    assert peak < 25_000_000
