"""The schema has what Prefect 1's metadata tracks, under Hasura's names, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import GraphQLObjectType, build_client_schema, introspection_from_schema, print_type

from flowrun_widgets.gateway.schema import build_schema
from flowrun_widgets.gateway.tables import TABLES

SCHEMA = build_schema()


def fields(name: str) -> dict[str, str]:
    kind: Any = SCHEMA.get_type(name)
    return {field: str(each.type) for field, each in kind.fields.items()}


def test_the_roots() -> None:
    query = fields("Query")
    assert query["flow_run"] == "[flow_run!]!"
    assert query["flow_run_aggregate"] == "flow_run_aggregate!"
    assert query["flow_run_by_pk"] == "flow_run"
    tables = set(TABLES) - {"utility_traversal"}
    functions = {"utility_traversal", "utility_downstream_tasks", "utility_upstream_tasks"}
    service = {
        "hello",
        "reference_data",
        "api",
        "mapped_children",
        "get_task_run_info",
        "auth_info",
    }
    assert set(query) == (
        {root for table in tables for root in (table, f"{table}_aggregate", f"{table}_by_pk")}
        | {root for name in functions for root in (name, f"{name}_aggregate")}
        | service
    )


@pytest.mark.parametrize(
    ("table", "absent"),
    [
        ("flow_run", "duration"),
        ("flow_run", "run_count"),
        ("flow_run", "extra"),
        ("flow_run", "rowid"),
        ("log", "seq"),
        ("log", "flow_run"),
        ("log", "task_run"),
        ("task_run", "artifacts"),
        ("edge", "tenant"),
        ("agent", "tenant"),
        ("flow", "labels"),
        ("tenant", "tenant"),
    ],
)
def test_what_prefect_never_had_is_not_there(table: str, absent: str) -> None:
    assert absent not in fields(table)


RELATIONS = """
tenant: flow_groups flow_group[], flows flow[], projects project[]
project: tenant tenant, flows flow[]
flow_group: tenant tenant, flows flow[]
flow: flow_group flow_group, project project, tenant tenant, edges edge[], flow_runs flow_run[], tasks task[]
task: flow flow, downstream_edges edge[], upstream_edges edge[], task_runs task_run[]
edge: flow flow, upstream_task task, downstream_task task
flow_run: agent agent, flow flow, tenant tenant, logs log[], states flow_run_state[], task_runs task_run[]
flow_run_state: flow_run flow_run
task_run: flow_run flow_run, task task, tenant tenant, logs log[], states task_run_state[]
task_run_state: task_run task_run
task_run_artifact: task_run task_run
agent: agent_config agent_config, flow_runs flow_run[]
agent_config: agents agent[]
utility_traversal: task task
log:
message:
cloud_hook:
"""
"""Prefect Server's tracked relationships, all of them."""


@pytest.mark.parametrize("line", RELATIONS.strip().splitlines())
def test_relationships(line: str) -> None:
    table, _, pairs = line.partition(":")
    expected: dict[str, str] = {}
    for pair in filter(None, pairs.split(",")):
        name, remote = pair.split()
        if remote.endswith("[]"):
            expected[name] = f"[{remote[:-2]}!]!"
            expected[f"{name}_aggregate"] = f"{remote[:-2]}_aggregate!"
        else:
            expected[name] = remote
    shown = fields(table)
    assert {
        name: kind for name, kind in shown.items() if name not in TABLES[table].columns
    } == expected
    where, order = fields(f"{table}_bool_exp"), fields(f"{table}_order_by")
    for name, kind in expected.items():
        if name.endswith("_aggregate"):
            assert order[name] == kind.removesuffix("_aggregate!") + "_aggregate_order_by"
        else:
            assert where[name] == kind.strip("[]!") + "_bool_exp"


def test_every_table_is_among_them() -> None:
    assert {line.partition(":")[0] for line in RELATIONS.strip().splitlines()} == set(TABLES)


def test_columns_have_hasura_scalars() -> None:
    run = fields("flow_run")
    assert run["id"] == "uuid!"
    assert run["labels"] == "jsonb!"
    assert run["start_time"] == "timestamptz"
    assert run["version"] == "Int!"
    assert fields("task")["retry_delay"] == "interval"
    assert fields("flow")["archived"] == "Boolean!"


def test_comparisons_by_type() -> None:
    plain = {"_eq", "_neq", "_gt", "_gte", "_lt", "_lte", "_in", "_nin", "_is_null"}
    for scalar in ("uuid", "Int", "Boolean", "timestamptz", "interval"):
        assert set(fields(f"{scalar}_comparison_exp")) == plain
    text = {"_like", "_nlike", "_ilike", "_nilike", "_similar", "_nsimilar"}
    text |= {"_regex", "_nregex", "_iregex", "_niregex"}
    assert set(fields("String_comparison_exp")) == plain | text
    json = {"_contains", "_contained_in", "_has_key", "_has_keys_any", "_has_keys_all", "_cast"}
    assert set(fields("jsonb_comparison_exp")) == plain | json


def test_arguments_of_lists() -> None:
    query: Any = SCHEMA.query_type
    arguments = {name: str(each.type) for name, each in query.fields["log"].args.items()}
    assert arguments == {
        "distinct_on": "[log_select_column!]",
        "limit": "Int",
        "offset": "Int",
        "order_by": "[log_order_by!]",
        "where": "log_bool_exp",
    }


def test_aggregates_are_over_columns_that_have_them() -> None:
    assert set(fields("flow_run_sum_fields")) == {"version", "times_resurrected"}
    assert fields("flow_run_avg_fields")["version"] == "Float"
    assert "labels" not in fields("flow_run_max_fields")
    assert "auto_scheduled" not in fields("flow_run_max_fields")
    assert "avg" not in fields("log_aggregate_fields")
    assert "max" in fields("flow_run_aggregate_order_by")


def test_order_reaches_through_objects_and_aggregates() -> None:
    order = fields("flow_run_order_by")
    assert order["flow"] == "flow_order_by"
    assert order["logs_aggregate"] == "log_aggregate_order_by"
    assert "logs" not in order


def test_every_type_has_a_name_of_its_own() -> None:
    client = build_client_schema(introspection_from_schema(SCHEMA))
    for name, kind in SCHEMA.type_map.items():
        if isinstance(kind, GraphQLObjectType) and not name.startswith("__"):
            assert print_type(kind) == print_type(client.type_map[name])
