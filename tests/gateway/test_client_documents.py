"""The documents that the 1.4.1 client and its command line send for reading, word for word but for the ids."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .conftest import Ask, World

TASK_FIELDS = "id name task { id slug } map_index serialized_state flow_run_id"
FLOW_FIELDS = (
    "id settings run_config serialized_flow name archived project { name } core_version storage "
    "flow_group { labels }"
)


def test_a_flow_run_view_gets_exactly_the_fields_it_selects(ask: Ask, world: World) -> None:
    """An extra key would break the views."""
    data = ask(
        f'query {{ flow_run(where: {{ id: {{ _eq: "{world.amber}" }} }}) {{ id name flow_id serialized_state '
        "states { timestamp serialized_state } labels parameters context updated run_config } }"
    )
    [run] = data["flow_run"]
    assert set(run) == {
        *("id", "name", "flow_id", "serialized_state", "states", "labels", "parameters"),
        *("context", "updated", "run_config"),
    }
    assert run["labels"] == ["prod", "eu"]
    assert run["run_config"] is None
    assert [set(state) for state in run["states"]] == [{"timestamp", "serialized_state"}] * 4


def test_static_tasks_are_those_that_are_not_mapped(ask: Ask, world: World) -> None:
    data = ask(
        f'{{ task_run(where: {{ map_index: {{ _eq: -1 }}, flow_run_id: {{ _eq: "{world.amber}" }}, '
        f"id: {{ _nin: [] }} }}) {{ {TASK_FIELDS} }} }}"
    )
    assert [(t["task"]["slug"], t["map_index"]) for t in data["task_run"]] == [
        ("load-1", -1),
        ("clean-1", -1),
    ]


def test_logs_come_by_timestamp_within_their_bounds(ask: Ask, world: World) -> None:
    data = ask(
        f'{{ flow_run(where: {{ id: {{ _eq: "{world.amber}" }} }}) {{ logs(order_by: {{ timestamp: asc }}, '
        'where: { _and: [{ timestamp: { _lte: "2022-01-01T12:00:02+00:00" } }, '
        '{ timestamp: { _gt: "2022-01-01T12:00:00+00:00" } }] }) { timestamp message level } } }'
    )
    assert data["flow_run"][0]["logs"] == [
        {"timestamp": "2022-01-01T12:00:01+00:00", "message": "message 2", "level": "DEBUG"},
        {"timestamp": "2022-01-01T12:00:02+00:00", "message": "message 1", "level": "ERROR"},
    ]


def test_an_empty_bound_bounds_nothing(ask: Ask, world: World) -> None:
    data = ask(
        f'{{ flow_run(where: {{ id: {{ _eq: "{world.amber}" }} }}) {{ logs(order_by: {{ timestamp: asc }}, '
        'where: { _and: [{ timestamp: { _lte: "2023-01-01T00:00:00+00:00" } }, {}] }) { message } } }'
    )
    assert len(data["flow_run"][0]["logs"]) == 4


def test_task_run_ids_of_a_run(ask: Ask, world: World) -> None:
    data = ask(f'{{ task_run(where: {{ flow_run_id: {{ _eq: "{world.amber}" }} }}) {{ id }} }}')
    assert len(data["task_run"]) == 5


def test_cached_task_runs_are_left_out(ask: Ask, world: World) -> None:
    data = ask(
        f'{{ task_run(where: {{ flow_run_id: {{ _eq: "{world.amber}" }}, id: {{ _nin: ["{world.mapped}"] }} }}) '
        f"{{ {TASK_FIELDS} }} }}"
    )
    assert len(data["task_run"]) == 4
    assert world.mapped not in {t["id"] for t in data["task_run"]}


def test_a_task_run_by_slug_and_index(ask: Ask, world: World) -> None:
    data = ask(
        f'{{ task_run(where: {{ task: {{ slug: {{ _eq: "clean-1" }} }}, flow_run_id: {{ _eq: "{world.amber}" }}, '
        f"map_index: {{ _eq: 1 }} }}) {{ {TASK_FIELDS} }} }}"
    )
    assert [t["map_index"] for t in data["task_run"]] == [1]


def test_children_of_a_mapped_task_in_order(ask: Ask, world: World) -> None:
    data = ask(
        f'{{ task_run(where: {{ task: {{ slug: {{ _eq: "clean-1" }} }}, flow_run_id: {{ _eq: "{world.amber}" }}, '
        f"map_index: {{ _neq: -1 }} }}, order_by: {{ map_index: asc }}) {{ {TASK_FIELDS} }} }}"
    )
    assert [t["map_index"] for t in data["task_run"]] == [0, 1, 2]


def test_a_flow_by_id_by_group_and_by_name(ask: Ask, world: World) -> None:
    by_id = ask(f'{{ flow(where: {{ id: {{ _eq: "{world.newer_flow}" }} }}) {{ {FLOW_FIELDS} }} }}')
    [flow] = by_id["flow"]
    assert flow["storage"] == {"type": "Local"}
    assert flow["project"] == {"name": "orders"}
    assert flow["flow_group"] == {"labels": ["prod"]}
    by_group = ask(
        f'{{ flow(where: {{ flow_group_id: {{ _eq: "{world.flow_group}" }} }}, order_by: {{ created: desc }}) '
        f"{{ {FLOW_FIELDS} }} }}"
    )
    assert [f["name"] for f in by_group["flow"]] == ["adhoc", "nightly", "nightly"]
    by_name = ask(
        '{ flow(where: { name: { _eq: "nightly" }, archived: { _eq: false }, '
        f'project: {{ name: {{ _eq: "orders" }} }} }}, order_by: {{ created: desc }}) {{ {FLOW_FIELDS} }} }}'
    )
    assert by_name["flow"] == by_id["flow"]


def test_a_flow_whose_project_has_no_name(ask: Ask, world: World) -> None:
    data = ask(
        '{ flow(where: { name: { _eq: "nightly" }, project: { name: { _is_null: true } } }) { id } }'
    )
    assert data["flow"] == []


def test_a_tenant(ask: Ask, world: World) -> None:
    data = ask(f'{{ tenant(where: {{ id: {{ _eq: "{world.tenant}" }} }}) {{ id slug name }} }}')
    assert data["tenant"] == [{"id": world.tenant, "slug": "acme", "name": "Acme"}]


def test_agents(ask: Ask, world: World) -> None:
    [agent] = ask("{ agent { last_queried labels name id } }")["agent"]
    assert agent["labels"] == ["prod"]
    assert agent["last_queried"] == "2022-01-01T12:00:00+00:00"


def test_flow_run_info_by_key(ask: Ask, world: World) -> None:
    data = ask(
        f'{{ flow_run_by_pk(id: "{world.amber}") {{ id name flow_id parameters context version scheduled_start_time '
        "serialized_state task_runs(where: { map_index: { _eq: -1 } }) { id task { id slug } version "
        "serialized_state } flow { project { name id } } } }"
    )
    run = data["flow_run_by_pk"]
    assert run["version"] == 3
    assert [t["task"]["slug"] for t in run["task_runs"]] == ["load-1", "clean-1"]
    assert run["flow"]["project"]["name"] == "orders"


def test_a_missing_key_is_null(ask: Ask, world: World) -> None:
    data = ask(
        '{ flow_run_by_pk(id: "00000000-0000-0000-0000-0000000000ff") { serialized_state } }'
    )
    assert data == {"flow_run_by_pk": None}


def test_latest_cached_states(ask: Ask, world: World) -> None:
    data = ask(
        '{ task_run(where: { state: { _eq: "Cached" }, state_timestamp: { _gte: "2020-01-01T00:00:00+00:00" }, '
        f'task_id: {{ _eq: "{world.load}" }} }}, order_by: {{ state_timestamp: desc }}, limit: 100) '
        "{ serialized_state } }"
    )
    assert data["task_run"] == []


def test_get_flows(ask: Ask, world: World) -> None:
    """`_and` gets one object where a list is declared, `distinct_on` one column."""
    data = ask(
        "{ flow(where: { _and: { name: { _eq: null }, version: { _eq: null }, "
        "project: { name: { _eq: null } } } }, order_by: { name: asc, version: desc }, "
        "distinct_on: name, limit: 10) { name version created id project { name } } }"
    )
    assert [(f["name"], f["version"]) for f in data["flow"]] == [("adhoc", 1), ("nightly", 2)]
    every = ask("{ flow(order_by: { name: asc, version: desc }, distinct_on: null) { version } }")
    assert [f["version"] for f in every["flow"]] == [1, 2, 1]


def test_get_projects(ask: Ask, world: World) -> None:
    data = ask(
        "{ project(where: { _and: { name: { _eq: null } } }, order_by: { name: asc }) "
        "{ name created description flows_aggregate(distinct_on: name) { aggregate { count } } } }"
    )
    assert [(p["name"], p["flows_aggregate"]["aggregate"]["count"]) for p in data["project"]] == [
        ("empty", 1),
        ("orders", 1),
    ]


def test_get_flow_runs_that_have_started(ask: Ask, world: World) -> None:
    data = ask(
        "{ flow_run(where: { flow: { _and: { name: { _eq: null }, project: { name: { _eq: null } } } }, "
        "_and: { start_time: { _is_null: false } } }, limit: 10, order_by: { start_time: desc }) "
        "{ flow { name } id created state name start_time } }"
    )
    assert [run["name"] for run in data["flow_run"]] == ["birch", "amber"]


def test_get_tasks(ask: Ask, world: World) -> None:
    data = ask(
        "{ task(where: { _and: { name: { _eq: null }, flow: { name: { _eq: null }, version: { _eq: null }, "
        "project: { name: { _eq: null } } } } }, limit: 10, order_by: { created: desc }) "
        "{ name created flow { name version } mapped type } }"
    )
    assert [t["name"] for t in data["task"]] == ["report", "clean", "load"]
    assert {t["mapped"] for t in data["task"]} == {False}


def test_get_logs_by_name(ask: Ask, world: World) -> None:
    data = ask(
        '{ flow_run(where: { name: { _eq: "amber" }, id: { _eq: null } }, order_by: { start_time: desc }) '
        "{ logs(order_by: { timestamp: asc }) { timestamp message level } start_time } }"
    )
    [run] = data["flow_run"]
    assert list(run) == ["logs", "start_time"]
    assert [line["message"][-1] for line in run["logs"]] == ["3", "2", "1", "0"]


def test_describe(ask: Ask, world: World) -> None:
    data = ask(
        '{ flow(where: { name: { _eq: "nightly" } }, order_by: { name: asc, version: desc }, distinct_on: name) '
        "{ name version tasks { name created slug description type max_retries retry_delay mapped } } }"
    )
    [flow] = data["flow"]
    assert [t["retry_delay"] for t in flow["tasks"]] == ["00:01:30", None, "1 day 02:03:04.5"]


def test_an_agent_asks_for_runs_to_start(ask: Ask, world: World) -> None:
    data = ask(
        f'{{ flow_run(where: {{ id: {{ _in: ["{world.amber}", "{world.cedar}"] }}, _or: ['
        '{ state: { _eq: "Scheduled" } }, '
        '{ state: { _eq: "Running" }, task_runs: { state_start_time: { _lte: "2022-01-01T00:00:00Z" } } }] }) '
        '{ name states(where: { state: { _eq: "Scheduled" } }) { start_time created } } }'
    )
    assert data["flow_run"] == [{"name": "cedar", "states": []}]


def test_task_runs_of_running_flow_runs(ask: Ask, world: World) -> None:
    data = ask(
        "{ task_run(where: { state_start_time: { _is_null: false }, "
        f'flow_run_id: {{ _eq: "{world.amber}" }}, flow_run: {{ state: {{ _eq: "Running" }} }} }}) {{ id }} }}'
    )
    assert data["task_run"] == []


def test_switch_tenant(ask: Ask, world: World) -> None:
    document = "query($slug: String) { tenant(where: {slug: { _eq: $slug } }) { id } }"
    assert ask(document, {"slug": "acme"})["tenant"] == [{"id": world.tenant}]
    assert ask(document, {"slug": "none"})["tenant"] == []


def test_tenants_in_order(ask: Ask, world: World) -> None:
    assert (
        ask("query { tenant(order_by: {slug: asc}) { id slug name } }")["tenant"][0]["slug"]
        == "acme"
    )


def test_task_run_info(ask: Ask, world: World) -> None:
    data = ask(
        f'{{ get_task_run_info(task_run_id: "{world.mapped}") {{ id flow_run_id task_slug version serialized_state }} }}'
    )
    assert data["get_task_run_info"] == {
        "id": world.mapped,
        "flow_run_id": world.amber,
        "task_slug": "clean-1",
        "version": 0,
        "serialized_state": {"type": "Success"},
    }


def test_summary_of_mapped_children(ask: Ask, world: World) -> None:
    data = ask(
        f'{{ mapped_children(task_run_id: "{world.mapped}") {{ min_start_time max_end_time state_counts }} }}'
    )
    assert data["mapped_children"] == {
        "min_start_time": "2022-01-01T12:00:00+00:00",
        "max_end_time": "2022-01-01T12:00:00.000012+00:00",
        "state_counts": {"Failed": 1, "Success": 2},
    }


def test_hello_api_and_auth_info(ask: Ask, world: World) -> None:
    data = ask("{ hello api { backend mode __typename } auth_info { tenant_id } }")
    assert data["hello"] == "👋"
    assert data["api"] == {"backend": "SERVER", "mode": "normal", "__typename": "api_info"}
    assert data["auth_info"] == {"tenant_id": world.tenant}


def test_a_store_without_a_tenant_says_so(ask: Ask) -> None:
    assert ask("{ tenant { id } auth_info { tenant_id } }") == {
        "tenant": [],
        "auth_info": {"tenant_id": None},
    }


def test_reference_data_has_the_classes_and_their_colors(ask: Ask) -> None:
    data = ask("{ reference_data { state_hierarchy state_info } }")["reference_data"]
    assert data["state_info"]["Success"]["color"] == "#28a745"
    assert set(data["state_hierarchy"]["Success"]) == {"Cached", "Mapped", "Skipped"}
