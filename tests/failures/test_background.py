"""The requests of a digest in addition to log and task runs: bounded, sent once, and used wherever the run is shown."""

from __future__ import annotations

import httpx
import pytest
import stamina

import flowrun_widgets as fw
from flowrun_widgets.gateway import Gateway
from flowrun_widgets.report.html.excerpt import excerpt
from flowrun_widgets.report.html.run_html import twin_html, twin_text
from flowrun_widgets.store.writer import StoreWriter
from flowrun_widgets.views.background import read_background
from tests.failures.case import case
from tests.failures.replay import URL, Replayed
from tests.failures.verdict import problems, said_of
from tests.runs import payload_of
from tests.stores import nothing_configured

__all__ = ["nothing_configured"]


@pytest.fixture(autouse=True)
def by_itself(nothing_configured):
    """Nothing is configured on this machine; retries follow at once."""
    stamina.set_testing(True, attempts=2)
    yield
    stamina.set_testing(False)
    fw.disconnect()


@pytest.fixture
def opened():
    """Open a case of Prefect 3 by its name; return its view and the requests that it sends."""

    def open_case(name):
        one = case(name)
        transport = Replayed(one.runs)
        fw.connect(URL, transport=transport, library=False)
        run = fw.FlowRunView.from_flow_run_id(one.flow_run_id)
        run.get_logs(), run.get_all_task_runs()
        transport.requests.clear()
        return run, transport.requests

    return open_case


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("task_fails", 0),
        ("handled_then_fails", 0),
        ("task_retried", 2),
        ("subflow_handled", 0),
        ("subflow_fails", 6),
        ("subflows_three_deep", 18),
        ("subflow_is_gone", 2),
    ],
)
def test_what_a_digest_costs_beside_log_and_task_runs(name, most, opened):
    run, requests = opened(name)
    text = run.digest()
    assert len(requests) <= most
    requests.clear()
    assert run.digest() == text
    assert not requests


def test_a_refresh_that_brings_nothing_asks_for_nothing_again(opened):
    run, requests = opened("subflows_three_deep")
    text = run.digest().split("As of")[0]
    latest = run.get_latest()
    requests.clear()
    assert latest.digest().split("As of")[0] == text
    assert not requests


def test_the_card_says_where_it_failed_and_what_it_came_from(opened):
    run, _ = opened("subflow_wrapped")
    assert payload_of(run).digest.runs == ()
    read_background(run)
    shown = payload_of(run).digest
    assert [below.flow for below in shown.runs] == ["grandchild"]
    assert shown.task.startswith("deep_task")
    assert "nightly load is not complete" in shown.ended_with
    assert shown.line is not None
    assert shown.tail == ()
    run, _ = opened("chain")
    causes = payload_of(run).digest.causes
    assert [cause.error.split(":")[0] for cause in causes] == [
        "ConnectionRefusedError",
        "WarehouseError",
    ]
    assert all("in chained" in cause.detail[0] for cause in causes)


@pytest.mark.parametrize(
    "name", ["chain", "subflow_wrapped", "handled_then_fails", "exception_group"]
)
def test_the_twins_say_it_too(name, opened):
    run, _ = opened(name)
    read_background(run)
    shown = payload_of(run)
    page, text = twin_html(shown, excerpt(run.get_logs().columns), "frw-1"), twin_text(shown)
    words = [cause.error.split(":")[0] for cause in shown.digest.causes]
    words += [run.name for run in shown.digest.runs]
    words += [remark.split()[0] for remark in shown.digest.remarks]
    assert words
    assert all(word in page and word in text for word in words)


def test_an_archive_with_its_sub_flows_says_it_too(opened, tmp_path):
    run, _ = opened("subflow_fails")
    run.save(tmp_path / "night.flowrun", subflows=True)
    fw.disconnect()
    with fw.open_archive(tmp_path / "night.flowrun") as archive:
        again = archive.runs[run.flow_run_id]
        assert not problems(case("subflow_fails").answer, said_of(again))[0]


@pytest.mark.parametrize(
    "name", ["prefect1_held_up", "prefect1_non_reference", "prefect1_two_branches"]
)
def test_which_tasks_decide_is_one_question_to_prefect_1(name, tmp_path):
    one = case(name)
    path = tmp_path / "s.sqlite"
    with StoreWriter(path) as writer:
        writer.add(one.tables)
    gateway = Gateway(path)
    asked = []
    transport = httpx.WSGITransport(app=gateway.wsgi)
    handle = transport.handle_request
    transport.handle_request = lambda request: asked.append(request) or handle(request)
    with fw.connect("http://prefect1.test", transport=transport):
        run = fw.FlowRunView.from_flow_run_id(one.flow_run_id)
        run.get_logs(), run.get_all_task_runs()
        asked.clear()
        assert not problems(one.answer, said_of(run))[0]
        assert len(asked) == 1
    gateway.close()
