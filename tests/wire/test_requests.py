"""What the Prefect 1 source sends, and how often."""

import httpx
import pytest

import flowrun_widgets as fw
from flowrun_widgets.gateway import Gateway
from flowrun_widgets.store.writer import StoreWriter
from tests.stores import FLOW_RUN_ID, identifier, log_row, made, state_row, task_run_row

from .line import URL, Line


@pytest.fixture
def line(store):
    """A server over a store with one small run that goes on."""
    gateway = Gateway(store)
    inner = httpx.WSGITransport(app=gateway.wsgi)
    line = Line(then=inner.handle_request)
    with fw.connect(URL, transport=line):
        yield line
    gateway.close()


@pytest.fixture
def run(line):
    return fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID)


def test_a_view_costs_one_request(line):
    assert line.cost(lambda: fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID)) == 1


def test_static_tasks_cost_one_more(line):
    cost = line.cost(lambda: fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID, load_static_tasks=True))
    assert cost == 2


def test_connecting_costs_nothing(line):
    assert line.cost(lambda: fw.connect(URL, transport=line)) == 0


def test_attributes_repr_and_equality_cost_nothing(line, run):
    def look():
        names = [
            name for name in dir(type(run)) if not name.startswith("_") and name != "task_run_ids"
        ]
        assert [getattr(run, name) for name in names]
        assert repr(run)
        assert hash(run) == hash(run)

    assert line.cost(look) == 0


@pytest.mark.parametrize(
    ("ask", "again"),
    [
        (lambda run: run.get_logs(), 0),
        (lambda run: run.get_flow_metadata(), 0),
        (lambda run: run.get_task_run(task_slug="task-1"), 0),
        (lambda run: run.get_task_run(task_run_id=identifier(0x101)), 0),
        (lambda run: run.get_task_run(task_slug="task-2"), 1),
        (lambda run: run.get_all_task_runs(), 1),
        (lambda run: run.task_run_ids, 1),
        (lambda run: run.get_flow_metadata(no_cache=True), 1),
        (lambda run: run.get_logs(end_time=run.updated_at), 1),
    ],
    ids=[
        *("log", "flow metadata", "finished task run by slug", "finished task run by id"),
        *(
            "task run that goes on",
            "all task runs",
            "task run ids",
            "flow anew",
            "range of the log",
        ),
    ],
)
def test_a_question_costs_one_request_and_what_is_final_is_kept(ask, again, line, run):
    assert line.cost(lambda: ask(run)) == 1
    assert line.cost(lambda: ask(run)) == again


def test_finished_task_runs_read_together_cost_nothing_one_by_one(line, run):
    run.get_all_task_runs()
    assert line.cost(lambda: run.get_task_run(task_slug="task-1")) == 0
    assert line.cost(lambda: run.get_task_run(task_run_id=identifier(0x101))) == 0


def test_a_refresh_costs_one_request_whatever_was_read(line, run):
    assert line.cost(run.get_latest) == 1
    run.get_logs()
    assert line.cost(run.get_latest) == 1
    run.get_all_task_runs()
    run.get_flow_metadata()
    latest = run.get_latest()
    assert line.cost(run.get_latest) == 1
    assert line.cost(latest.get_logs) == 0
    assert line.cost(latest.get_flow_metadata) == 0
    document = line.bodies[-1]["query"]
    assert document.count("flow_run(") == 1
    assert "log(" in document
    assert "task_run(" in document


def test_a_refresh_of_an_unchanged_run_brings_no_more_than_five_kilobytes(store):
    """However long the log is and however many its task runs, if they are older than the seconds that are read again."""
    with StoreWriter(store) as writer:
        mapped = [task_run_row(0x1000 + n, kind="Success", map_index=n) for n in range(400)]
        writer.add({"task_run": mapped})
        writer.add({"log": [log_row(100 + n, n / 100, f"line {n}") for n in range(5_000)]})
        last = task_run_row(0x2000, kind="Success", map_index=400, **made(300))
        writer.add({"task_run": [last]})
        writer.add({"log": [log_row(9_000, 300, "the newest", task_run_id=last["id"])]})
    gateway = Gateway(store)
    inner, sizes = httpx.WSGITransport(app=gateway.wsgi), []

    def measured(request):
        response = inner.handle_request(request)
        body = b"".join(response.stream)
        sizes.append(len(body))
        return httpx.Response(response.status_code, headers=response.headers, content=body)

    with fw.connect(URL, transport=Line(then=measured)):
        run = fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID)
        assert len(run.get_logs()) == 5_004
        run.get_all_task_runs()
        for _ in range(3):
            sizes.clear()
            run = run.get_latest()
            assert len(sizes) == 1
            assert sizes[0] < 5_000
    gateway.close()


def test_a_refresh_brings_what_is_new_and_keeps_finished_task_runs_as_the_same_objects(
    line, run, store
):
    run.get_logs()
    before = {view.task_run_id: view.record for view in run.get_all_task_runs()}
    with StoreWriter(store) as writer:
        writer.add({"log": [log_row(9, 60, "news")], "task_run": [task_run_row(3, 2, map_index=0)]})
        writer.add_task_run_state(
            state_row(0x2009, {"task_run_id": identifier(0x102)}, "Failed", 61)
        )
    latest = run.get_latest()
    finished, failed, new = (identifier(number) for number in (0x101, 0x102, 0x103))
    assert line.cost(lambda: latest.get_task_run(task_run_id=finished)) == 0
    assert latest.get_task_run(task_run_id=finished).record is before[finished]
    assert line.cost(lambda: latest.get_task_run(task_run_id=failed)) == 0
    assert latest.get_task_run(task_run_id=failed).state.is_failed()
    assert new in {record.id for record in latest.fetched.task_runs.records}
    assert [log.message for log in latest.get_logs()][-1] == "news"
    assert len(run.get_logs()) == len(latest.get_logs()) - 1
    assert before[failed].state.is_running()


def test_a_refresh_that_brings_nothing_keeps_the_columns(run):
    run.get_logs()
    assert run.get_latest().get_logs().columns is run.get_logs().columns


def test_a_finished_run_with_all_its_task_runs_is_final(line, run, store):
    with StoreWriter(store) as writer:
        writer.add_task_run_state(
            state_row(0x2009, {"task_run_id": identifier(0x102)}, "Success", 9)
        )
        writer.add_flow_run_state(state_row(0x1009, {"flow_run_id": FLOW_RUN_ID}, "Success", 10))
    final = run.get_latest()
    final.get_all_task_runs()
    assert line.cost(final.get_all_task_runs) == 0
    assert final.get_task_run_ids() == [view.task_run_id for view in final.get_all_task_runs()]
    assert line.cost(final.get_task_run_ids) == 0


def test_a_refresh_of_a_task_run_costs_one_request(line, run):
    task_run = run.get_task_run(task_slug="task-1")
    assert line.cost(task_run.get_latest) == 1
    assert task_run.get_latest() == task_run


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("http://prefect1.test", "/"),
        ("http://prefect1.test/", "/"),
        ("http://prefect1.test/graphql", "/graphql"),
        ("http://prefect1.test/a/b/", "/a/b"),
    ],
)
def test_questions_go_to_the_address_itself(url, path, monkeypatch):
    monkeypatch.setenv("PREFECT__CLOUD__API", url)
    line = Line("flow-run")
    fw.connect(url, transport=line)
    fw.graphql("query { hello }")
    assert line.requests[0].method == "POST"
    assert line.requests[0].url.path == path


def test_the_body_is_a_query_and_its_variables():
    line = Line("flow-run")
    fw.connect(URL, transport=line)
    fw.graphql("query($name: String) { flow_run { id } }", {"name": "ö"})
    assert line.bodies == [
        {"query": "query($name: String) { flow_run { id } }", "variables": {"name": "ö"}}
    ]
    assert line.requests[0].headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("given", "authorization", "tenant"),
    [
        ({}, None, None),
        ({"api_key": "k-1"}, "Bearer k-1", None),
        ({"tenant_id": identifier(1)}, None, identifier(1)),
        ({"api_key": "k-1", "tenant_id": identifier(1)}, "Bearer k-1", identifier(1)),
    ],
)
def test_key_and_tenant_are_sent_only_if_there_are_any(given, authorization, tenant):
    line = Line("flow-run")
    fw.connect(URL, transport=line, **given)
    fw.graphql("query { hello }")
    headers = line.requests[0].headers
    assert headers.get("authorization") == authorization
    assert headers.get("x-prefect-tenant-id") == tenant


def test_ids_travel_as_variables_never_inside_the_document(line):
    fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID)
    assert FLOW_RUN_ID not in line.bodies[0]["query"]
    assert FLOW_RUN_ID in line.bodies[0]["variables"].values()
