"""From a link to its run, wherever UI and API are, and from a run to its page."""

from __future__ import annotations

import threading

import httpx
import pytest

import flowrun_widgets as fw
from flowrun_widgets import errors

from .fake import FLOW, RUN, FakePrefect, state

TASK_RUN = "22222222-c6bb-4b96-8661-63a5bbfb5596"


class Net:
    """Servers by their addresses, where httpx looks for them; the rest of the net does not answer."""

    def __init__(self, monkeypatch) -> None:
        self.servers: dict[str, FakePrefect] = {}
        self.ui_settings: dict[str, dict[str, object]] = {}
        self.asked: list[httpx.Request] = []
        monkeypatch.setattr(
            httpx.HTTPTransport, "handle_request", lambda _, request: self.answer(request)
        )

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        url = str(request.url)
        for root, said in self.ui_settings.items():
            if url == f"{root}/ui-settings":
                return httpx.Response(200, json=said)
        for api, server in self.servers.items():
            if url.startswith(f"{api}/"):
                path = url.removeprefix(api)
                return server.handle_request(
                    httpx.Request(request.method, f"http://x/api{path}", content=request.read())
                )
            if request.url.host == httpx.URL(api).host:
                return httpx.Response(404, json={"detail": "Not Found"})
        if any(url.startswith(f"{root}/") for root in self.ui_settings):
            return httpx.Response(200, html="<html>the UI</html>")
        raise httpx.ConnectError("nobody there", request=request)


@pytest.fixture
def net(monkeypatch, nothing_configured):
    """`https://p.test/api` is a Prefect 3 with one run."""
    monkeypatch.setenv("FLOWRUN_LIBRARY", "off")
    net = Net(monkeypatch)
    net.servers["https://p.test/api"] = FakePrefect()
    yield net
    for thread in threading.enumerate():
        if thread.name == "flowrun-ask":  # an error does not wait for the other requests
            thread.join(60)


@pytest.mark.parametrize(
    "text",
    [
        f"https://p.test/runs/flow-run/{RUN}",
        f"https://p.test/v2/runs/flow-run/{RUN}.",
        f"<https://p.test//runs/flow-run/{RUN}|amber>",
        f"p.test/runs/flow-run/{RUN}",
    ],
)
def test_a_pasted_link_opens(net, text):
    assert fw.open(text).name == "amber-heron"


def test_an_id_alone_is_looked_for_where_this_machine_reads(net, monkeypatch):
    monkeypatch.setenv("PREFECT_API_URL", "https://p.test/api")
    assert fw.open(RUN).name == "amber-heron"
    assert fw.open(f"`{RUN.upper()}`").name == "amber-heron"
    with pytest.raises(errors.NotFound, match=TASK_RUN):
        fw.open(TASK_RUN)
    server = net.servers["https://p.test/api"]
    row = {"id": TASK_RUN, "name": "load-1", "flow_run_id": RUN, "state": state()}
    server.first = lambda request: (
        httpx.Response(200, json=row) if request.url.path.endswith(TASK_RUN) and "task_runs" in request.url.path
        else None
    )  # fmt: skip
    run = fw.open(TASK_RUN)
    assert run.flow_run_id == RUN
    assert run.get_task_run(task_run_id=TASK_RUN).name == "load-1"


def test_a_link_without_its_scheme_uses_that_of_the_server_that_is_configured(net, monkeypatch):
    net.servers["http://intern.test/api"] = FakePrefect()
    monkeypatch.setenv("PREFECT_API_URL", "http://intern.test/api")
    assert fw.open(f"intern.test/runs/flow-run/{RUN}").connection.url == "http://intern.test/api"


def test_a_link_into_the_ui_says_which_prefect_and_which_ui_it_is(net):
    run = fw.open(f"https://p.test/v2/runs/flow-run/{RUN}")
    assert run.ui_url == f"https://p.test/v2/runs/flow-run/{RUN}"
    asked = sorted(one.url.path for one in net.asked)
    assert asked == ["/api/flow_run_states/", f"/api/flow_runs/{RUN}", f"/api/flows/{FLOW}"]


def test_what_a_link_said_holds_for_the_configured_server_and_without_its_keys(net, monkeypatch):
    monkeypatch.setenv("PREFECT_API_URL", "https://p.test/api")
    link = f"https://p.test/runs/flow-run/{RUN}"
    fw.open(link, api_key="k-canary")
    assert [one for one in net.asked if "authorization" in one.headers]
    net.asked.clear()
    for run in (fw.open(link), fw.open(RUN), fw.open(link)):
        assert run.ui_url == link
    assert not [one for one in net.asked if "authorization" in one.headers]
    assert not {"/api/health", "/ui-settings"} & {one.url.path for one in net.asked}
    assert fw.FlowRunView.from_flow_run_id(RUN).connection.label == "Prefect 3"


def test_a_link_that_misleads_about_the_configured_server_does_no_harm(net, monkeypatch):
    monkeypatch.setenv("PREFECT_API_URL", "https://p.test/api")
    with pytest.raises(errors.FlowRunError):
        fw.open(f"https://p.test/evil/v2/runs/flow-run/{TASK_RUN}")
    with pytest.raises(errors.NotFound):
        fw.open(f"https://p.test/runs/flow-run/{TASK_RUN}")
    assert fw.open(RUN).ui_url == f"https://p.test/runs/flow-run/{RUN}"


@pytest.mark.parametrize("api_url", ["https://p.test/api", "https://p.test/api/"])
def test_the_ui_of_another_host_says_where_its_api_is(net, api_url):
    net.ui_settings["https://ui.test/prefect"] = {"api_url": api_url}
    run = fw.open(f"https://ui.test/prefect/v2/runs/flow-run/{RUN}")
    assert run.connection.backend.url == "https://p.test/api"
    with fw.connect("https://ui.test/prefect") as connection:
        assert fw.FlowRunView.from_flow_run_id(RUN).connection is connection


def test_a_relative_address_of_the_api_is_meant_from_the_ui(net):
    net.ui_settings["https://p.test/ui"] = {"api_url": "/api"}
    assert fw.open(f"https://p.test/ui/runs/flow-run/{RUN}").name == "amber-heron"


def test_keys_do_not_follow_a_ui_to_another_host(net, monkeypatch):
    monkeypatch.setenv("PREFECT_API_URL", "https://ui.test/api")
    monkeypatch.setenv("PREFECT_API_KEY", "k-canary")
    net.ui_settings["https://ui.test"] = {"api_url": "https://p.test/api"}
    fw.open(f"https://ui.test/runs/flow-run/{RUN}")
    strangers = [one for one in net.asked if one.url.host == "p.test"]
    assert strangers
    assert not [one for one in strangers if "authorization" in one.headers]


def test_a_ui_that_names_this_machine_is_not_followed_to_it(net):
    net.servers["http://127.0.0.1:4200/api"] = FakePrefect()
    net.ui_settings["https://ui.test"] = {"api_url": "http://127.0.0.1:4200/api"}
    with pytest.raises(errors.FlowRunError):
        fw.open(f"https://ui.test/runs/flow-run/{RUN}")
    assert "127.0.0.1" not in {one.url.host for one in net.asked}


def test_where_the_link_leads_nowhere_the_configured_server_is_asked(net, monkeypatch):
    monkeypatch.setenv("PREFECT_API_URL", "https://p.test/api")
    assert (
        fw.open(f"http://localhost:4200/runs/flow-run/{RUN}").connection.url == "https://p.test/api"
    )
    with pytest.raises(errors.BackendUnavailable, match="nowhere"):
        fw.open("http://nowhere.test/runs/flow-run/" + TASK_RUN)


def test_the_configured_ui_leads_to_the_configured_api_without_asking_it(net, monkeypatch):
    monkeypatch.setenv("PREFECT_API_URL", "https://p.test/api")
    monkeypatch.setenv("PREFECT_UI_URL", "https://ui.test/prefect")
    run = fw.open(f"https://ui.test/prefect/runs/flow-run/{RUN}")
    assert run.connection.url == "https://p.test/api"
    assert run.ui_url == f"https://ui.test/prefect/runs/flow-run/{RUN}"
    assert {one.url.host for one in net.asked} == {"p.test"}


@pytest.mark.parametrize(
    ("said", "page"),
    [
        ({"default_ui": "v2", "v1_base_url": "/", "v2_base_url": "/v2"}, "/v2/runs"),
        ({"default_ui": "v1", "v1_base_url": "/", "v2_base_url": "/v2"}, "/runs"),
        ({"default_ui": "v2", "v1_base_url": "/", "v2_base_url": None}, "/runs"),
        ({"default_ui": "v3", "v3_base_url": "javascript:alert(1)"}, "/runs"),
        ({"default_ui": None}, "/runs"),
        ({"api_url": "/api", "flags": []}, "/runs"),
        ({"default_ui": 2}, "/runs"),
    ],
)
def test_the_page_of_a_run_is_in_the_ui_that_the_server_says_is_its_default(net, said, page):
    net.ui_settings["https://p.test"] = said
    with fw.connect("https://p.test/api"):
        run = fw.FlowRunView.from_flow_run_id(RUN)
        assert run.ui_url == f"https://p.test{page}/flow-run/{RUN}"
        assert fw.find_flow_runs()[0].ui_url == run.ui_url
        assert not run.missing
    assert sum(one.url.path == "/ui-settings" for one in net.asked) == 1
