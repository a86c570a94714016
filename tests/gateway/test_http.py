"""The gateway over HTTP: any path, GET and POST, lists of requests, and the server that carries it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from flowrun_widgets.gateway import Gateway, Server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .conftest import World
    from .stores import Rows

SLUG = "{ tenant { slug } }"
ACME = {"data": {"tenant": [{"slug": "acme"}]}}


@pytest.fixture
def http(gateway: Gateway, world: World) -> Iterator[httpx.Client]:
    """A client of a running server over the common store."""
    with Server(gateway, port=0) as server, httpx.Client(base_url=server.url, timeout=30) as client:
        yield client


@pytest.mark.parametrize("path", ["/", "/graphql", "/graphql/", "/anything/else", "/a%20b", "//"])
def test_every_path_answers(http: httpx.Client, path: str) -> None:
    response = http.post(path, json={"query": SLUG})
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("application/json")
    assert response.json() == ACME


@pytest.mark.parametrize("variables", ['{"slug": "acme"}', {"slug": "acme"}])
def test_a_request_as_the_client_sends_it(http: httpx.Client, variables: Any) -> None:
    document = "query($slug: String) { tenant(where: {slug: {_eq: $slug}}) { slug } }"
    response = http.post("/", json={"query": document, "variables": variables})
    assert response.json() == ACME


@pytest.mark.parametrize("variables", ["null", None])
def test_no_variables(http: httpx.Client, variables: Any) -> None:
    assert http.post("/", json={"query": SLUG, "variables": variables}).json() == ACME


def test_credentials_are_ignored(http: httpx.Client) -> None:
    headers = {"Authorization": "Bearer nonsense", "X-PREFECT-TENANT-ID": "nonsense"}
    assert http.post("/", json={"query": SLUG}, headers=headers).json() == ACME


def test_the_operation_name_is_heeded(http: httpx.Client) -> None:
    body = {"query": "query A { hello } query B { tenant { slug } }", "operationName": "B"}
    assert http.post("/", json=body).json() == ACME


def test_get(http: httpx.Client) -> None:
    assert http.get("/", params={"query": SLUG}).json() == ACME
    document = "query($s: String) { tenant(where: {slug: {_eq: $s}}) { slug } }"
    asked = {"query": document, "variables": '{"s": "acme"}'}
    assert http.get("/graphql", params=asked).json() == ACME
    missing = http.get("/")
    assert (missing.status_code, missing.text) == (400, "GET query missing.")


def test_a_list_of_requests_gets_a_list_of_answers(http: httpx.Client) -> None:
    response = http.post(
        "/", json=[{"query": SLUG}, {"query": "{ zz }"}, {"query": ""}, {"query": "{ hello }"}]
    )
    assert response.status_code == 200
    first, second, third, fourth = response.json()
    assert first == ACME
    assert second["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    assert third["errors"][0]["message"] == "Must provide query string."
    assert fourth == {"data": {"hello": "👋"}}
    assert http.post("/", json=[]).json() == []


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 500),
        (b"  ", 500),
        (b"{", 400),
        (b"7", 400),
        (b"{}", 400),
        (b"[7]", 400),
        (b"\xff", 400),
        (b"[" * 100_000, 400),
    ],
)
def test_bodies_that_are_no_request(http: httpx.Client, content: bytes, status: int) -> None:
    response = http.post("/", content=content, headers={"Content-Type": "application/json"})
    assert response.status_code == status
    assert response.headers["content-type"].startswith("text/html")


def test_a_body_above_five_megabytes_is_refused(http: httpx.Client) -> None:
    large = {"query": SLUG, "variables": {"x": "y" * 5_300_000}}
    assert http.post("/", json=large).status_code == 413
    fitting = {"query": SLUG, "variables": {"x": "y" * 5_000_000}}
    assert http.post("/", json=fitting).json() == ACME


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_refused(http: httpx.Client, method: str) -> None:
    response = http.request(method, "/", json={"query": SLUG})
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, POST"


def test_bad_documents_are_400(http: httpx.Client) -> None:
    response = http.post("/", json={"query": "{ zz }"})
    assert response.status_code == 400
    assert response.json()["errors"][0]["message"] == 'Cannot query field "zz" on type "Query".'


def test_small_answers_have_a_length_and_large_ones_are_chunked(
    http: httpx.Client, store: Rows, world: World
) -> None:
    assert "content-length" in http.post("/", json={"query": SLUG}).headers
    store.add_logs(5_000, flow_run_id=world.cedar, level="INFO")
    large = http.post("/", json={"query": "{ log { id message } }"})
    assert large.headers["transfer-encoding"] == "chunked"
    assert len(large.json()["data"]["log"]) == 5_005


def test_many_at_once(http: httpx.Client, store: Rows, world: World) -> None:
    store.add_logs(2_000, flow_run_id=world.cedar, level="INFO")
    document = f'{{ flow_run_by_pk(id: "{world.cedar}") {{ logs {{ message }} }} }}'
    counts: list[int] = []

    def read() -> None:
        data = http.post("/", json={"query": document}).json()["data"]
        counts.append(len(data["flow_run_by_pk"]["logs"]))

    threads = [threading.Thread(target=read) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [2_000] * 12


def test_a_reader_that_leaves_early_frees_its_connection(
    gateway: Gateway, store: Rows, world: World
) -> None:
    store.add_logs(20_000, flow_run_id=world.cedar, level="INFO")
    for _ in range(30):
        body = gateway.execute("{ log { message } }").body
        next(iter(body))
        body.close()  # type: ignore[attr-defined]
    assert gateway.engine.pool.checkedout() == 0  # type: ignore[attr-defined]


def test_a_closed_server_frees_its_port_and_may_be_closed_again(gateway: Gateway) -> None:
    server = Server(gateway, port=0).start()
    url = server.url
    assert httpx.post(url, json={"query": "{ hello }"}).status_code == 200
    server.close()
    server.close()
    with pytest.raises(httpx.ConnectError):
        httpx.post(url, json={"query": "{ hello }"})
    with Server(gateway, port=int(url.rpartition(":")[2])) as again:
        assert again.url == url


def test_a_server_is_closed_while_an_answer_wakes_its_loop(gateway: Gateway) -> None:
    server = Server(gateway, port=0).start()
    trigger = server._server.trigger
    wake = trigger._physical_pull

    def wake_before_and_after() -> None:
        wake()
        time.sleep(0.2)
        wake()

    trigger._physical_pull = wake_before_and_after
    server.close()


def test_a_server_that_never_started_can_be_closed(gateway: Gateway) -> None:
    Server(gateway, port=0).close()


def test_a_taken_port_is_an_error(gateway: Gateway) -> None:
    with Server(gateway, port=0) as server, pytest.raises(OSError, match="in use"):
        Server(gateway, port=int(server.url.rpartition(":")[2]))


def test_run_ends_cleanly_on_ctrl_c(store: Rows) -> None:
    code = (
        "import signal, sys\n"
        "from flowrun_widgets.gateway import Gateway, Server\n"
        # A shell's background jobs begin with Ctrl-C ignored, and so would what they start.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "server = Server(Gateway(sys.argv[1]), port=0)\n"
        "print(server.url, flush=True); server.run(); print('done', flush=True)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(store.address)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert process.stdout is not None
    url = process.stdout.readline().strip()
    assert httpx.post(url, json={"query": "{ hello }"}).json() == {"data": {"hello": "👋"}}
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (0, "done\n", "")


def test_no_store_no_gateway(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"none\.db"):
        Gateway(tmp_path / "none.db")


def test_without_its_libraries_the_package_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['waitress'] = None\n"
        "try:\n    import flowrun_widgets.gateway\nexcept ImportError as error:\n    print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.stdout.strip().endswith("pip install 'flowrun-widgets[gateway]'")


def test_wsgi_without_a_server(gateway: Gateway, world: World) -> None:
    """Any WSGI server can carry the application."""
    import io

    body = json.dumps({"query": SLUG}).encode()
    seen: list[str] = []
    chunks = gateway.wsgi(
        {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": "/",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": io.BytesIO(body),
        },
        lambda status, headers, *_: seen.append(status),  # type: ignore[arg-type,func-returns-value]
    )
    assert json.loads(b"".join(chunks)) == ACME
    assert seen == ["200 OK"]
