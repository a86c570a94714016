"""What the calls of Prefect 1's views cost, and how requests are retried after a temporary failure."""

from __future__ import annotations

import json

import httpx
import pytest

import flowrun_widgets as fw
from flowrun_widgets.errors import NotFound, QueryRejected
from flowrun_widgets.gateway import Gateway
from flowrun_widgets.store.writer import StoreWriter
from tests.stores import FLOW_RUN_ID, identifier, made, serialized, task_run_row

from .line import FLOW_RUN_ID as RECORDED_ID
from .line import URL, Line, answer

TENANT = identifier(0xE)
CHILDREN = 450


@pytest.fixture
def line(store):
    """A server over a store with a run that has a mapped task of many children."""
    parent = task_run_row(0x50, 2, "Mapped", map_index=-1)
    parent["serialized_state"] = serialized("Mapped", n_map_states=CHILDREN)
    kept = {"type": "PrefectResult", "location": "[1]"}
    with StoreWriter(store) as writer:
        writer.add(
            {
                "tenant": [{"id": TENANT, "name": "Default", "slug": "default", **made(0)}],
                "task": [{"id": identifier(0x9), "flow_id": identifier(0xD), "name": "m", "slug": "m", **made(0)}],
                "task_run": [
                    {**parent, "task_id": identifier(0x9)},
                    *(
                        {**task_run_row(0x1000 + n, 9, "Success", map_index=n),
                         "serialized_state": serialized("Success", _result=kept)}
                        for n in range(CHILDREN)
                    ),
                ],
            }
        )  # fmt: skip
    gateway = Gateway(store)
    inner = httpx.WSGITransport(app=gateway.wsgi)
    line = Line(then=inner.handle_request)
    with fw.connect(URL, transport=line, library=False):
        yield line
    gateway.close()


@pytest.mark.parametrize(
    ("ask", "requests"),
    [
        (lambda: fw.FlowView.from_flow_id(identifier(0xD)), 1),
        (lambda: fw.FlowView.from_id(identifier(0xD)), 1),
        (lambda: fw.FlowView.from_id(identifier(0xC)), 2),
        (lambda: fw.FlowView.from_flow_group_id(identifier(0xC)), 1),
        (lambda: fw.FlowView.from_flow_name("hello"), 1),
        (lambda: fw.TenantView.from_tenant_id(TENANT), 1),
        (lambda: fw.TenantView.from_current_tenant(), 1),
        (lambda: fw.check_for_compatible_agents([]), 1),
        (lambda: fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID).get_latest(load_static_tasks=True), 3),
    ],
)  # fmt: skip
def test_a_call_costs_what_it_says(ask, requests, line):
    assert line.cost(ask) == requests


def test_children_come_by_the_hundred_when_their_turn_comes(line):
    parent = fw.TaskRunView.from_task_slug("m", FLOW_RUN_ID)
    children = parent.iter_mapped()
    assert line.cost(lambda: [next(children) for _ in range(200)]) == 1
    assert line.cost(lambda: [*children]) == 2
    assert [child.map_index for child in parent.iter_mapped()] == list(range(CHILDREN))


def test_the_result_of_a_mapped_task_costs_one_request(line):
    parent = fw.TaskRunView.from_task_slug("m", FLOW_RUN_ID)
    assert line.cost(lambda: parent.get_result()) == 1
    assert parent.get_result() == [[1]] * CHILDREN
    assert line.cost(lambda: parent.get_result()) == 0


def test_static_tasks_are_no_mapped_children(line):
    run = fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID, load_static_tasks=True)
    asked = line.cost(lambda: run.get_task_run(task_slug="m"))
    assert asked == 0
    assert "cached_task_runs=2)" in repr(run)  # the third still runs


def test_reading_never_looks_for_the_tenant(line):
    with fw.connect(URL, api_key="k", transport=line, library=False):
        run = fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID)
        run.get_logs()
        run.get_all_task_runs()
        run.get_flow_metadata()
    assert not any("tenant" in body["query"] for body in line.bodies)
    assert not any("x-prefect-tenant-id" in request.headers for request in line.requests)


def test_a_configured_tenant_is_sent_and_is_the_current_one(line):
    with fw.connect(URL, api_key="k", tenant_id=TENANT, transport=line, library=False):
        assert line.cost(lambda: fw.TenantView.from_current_tenant()) == 1
    assert line.requests[-1].headers["x-prefect-tenant-id"] == TENANT
    assert line.bodies[-1]["variables"] == {"id": TENANT}


def test_the_tenant_of_a_key_is_the_one_that_the_server_names(line):
    with fw.connect(URL, api_key="k", transport=line, library=False):
        assert fw.TenantView.from_current_tenant().tenant_id == TENANT
    assert "auth_info" in line.bodies[-2]["query"]


def test_there_may_be_no_tenant():
    rows = {"data": {"tenant": []}}
    fw.connect(URL, transport=Line(then=lambda _: httpx.Response(200, json=rows)))
    with pytest.raises(NotFound, match="No tenant at"):
        fw.TenantView.from_current_tenant()


@pytest.mark.parametrize("ask", ["run", "log"])
def test_what_failed_inside_the_server_is_asked_again(ask):
    names = {"run": ["api-error", "flow-run"], "log": ["flow-run", "api-error", "logs"]}[ask]
    line = Line(*names)
    fw.connect(URL, transport=line, library=False)
    run = fw.FlowRunView.from_flow_run_id(RECORDED_ID)
    if ask == "log":
        assert len(run.get_logs()) > 0
    assert len(line.requests) == len(names)
    assert line.requests[-1].content == line.requests[-2].content


def test_a_server_that_does_not_say_what_it_has_gives_its_first_answer():
    """Introspection may be turned off; the rejection of the question stays."""
    refused = httpx.Response(400, json={"errors": [{"message": "introspection is not allowed"}]})
    answers = iter([answer("validation-failed"), refused])
    line = Line(then=lambda _: next(answers))
    fw.connect(URL, transport=line)
    with pytest.raises(QueryRejected, match='Cannot query field "zz"'):
        fw.FlowRunView.from_flow_run_id(RECORDED_ID)
    assert [b"__schema" in request.content for request in line.requests] == [False, True]


def test_another_rejection_asks_for_no_schema():
    line = Line("data-exception")
    fw.connect(URL, transport=line)
    with pytest.raises(QueryRejected):
        fw.FlowRunView.from_flow_run_id(RECORDED_ID)
    assert len(line.requests) == 1


@pytest.mark.parametrize(
    "schema",
    [
        None, 5, {"types": []}, {"queryType": {}, "types": [{"name": "x"}]},
        {"queryType": {"name": ["Query"]}, "types": []},
        {"queryType": {"name": "Query"}, "types": [{"name": "Query", "fields": [{"name": "a", "type": None}]}]},
        {"queryType": {"name": "Query"}, "types": [{"name": "Query", "fields": [
            {"name": "viewer", "type": {"name": "User"}}]}]},
    ],
)  # fmt: skip
def test_a_schema_that_is_none_or_not_prefects_changes_nothing(schema):
    answers = iter(
        [answer("validation-failed"), httpx.Response(200, json={"data": {"__schema": schema}})]
    )
    fw.connect(URL, transport=Line(then=lambda _: next(answers)))
    with pytest.raises(QueryRejected, match='Cannot query field "zz"'):
        fw.FlowRunView.from_flow_run_id(RECORDED_ID)


def test_the_documents_of_a_server_of_today_hold_every_field(line):
    """As long as nothing is rejected, nothing is asked about the schema."""
    run = fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID)
    run.get_logs()
    run.get_all_task_runs()
    run.get_latest()
    assert not any("__schema" in body["query"] for body in line.bodies)
    assert json.loads(line.requests[0].content)["query"].count("serialized_state") == 2
