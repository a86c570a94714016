"""Secrets that are set in every setting occur in nothing that we print, log, raise, pickle or show."""

import base64
import gzip
import json
import logging
import pickle
import traceback

import httpx
import pytest
import stamina

import flowrun_widgets as fw
from flowrun_widgets.gateway import Gateway, Server
from flowrun_widgets.report.html.excerpt import excerpt
from flowrun_widgets.report.html.run_html import twin_html, twin_text
from flowrun_widgets.report.payload import packed
from flowrun_widgets.runs.card import FlowRunCard
from flowrun_widgets.settings import ambient_settings
from flowrun_widgets.store.writer import StoreWriter
from tests.runs import payload_of
from tests.stores import FLOW_RUN_ID, log_row

KEY, PASSWORD, HEADER = "canary-kiwi-7391", "canary:plum/8264", "canary-fig-1150"
TENANT = "ca9a41fe-0000-4000-8000-ca9a41fe0001"
SECRETS = [KEY, PASSWORD, HEADER, TENANT]


def all_canaries():
    """Return every spelling in which a secret could travel."""
    basic = base64.b64encode(f"user:{PASSWORD}".encode()).decode()
    quoted = PASSWORD.replace(":", "%3A").replace("/", "%2F")
    return [*SECRETS, quoted, basic, basic.rstrip("=")]


def assert_silent(*said, canaries=()):
    text = "\n".join(
        part.decode("utf-8", "replace") if isinstance(part, bytes) else str(part) for part in said
    )
    assert text.strip()
    found = [canary for canary in canaries or all_canaries() if canary in text]
    assert not found


def without_tenant():
    """A tenant's id is not a key: settings may show it."""
    return [canary for canary in all_canaries() if canary != TENANT]


def environment(**variables):
    def configure(monkeypatch, _home, url):
        for name, value in variables.items():
            monkeypatch.setenv(name, value.replace("URL", url))
        return None, {}

    return configure


def arguments(**given):
    def configure(_monkeypatch, _home, url):
        return url, given

    return configure


def in_the_address(_monkeypatch, _home, url):
    quoted = PASSWORD.replace(":", "%3A").replace("/", "%2F")
    return url.replace("http://", f"http://user:{quoted}@"), {}


def auth_file(monkeypatch, home, url):
    monkeypatch.setenv("PREFECT__CLOUD__API", url)
    table = httpx.URL(url).netloc.decode().replace(":", "-")
    (home / ".prefect").mkdir()
    text = f'["{table}"]\napi_key = "{KEY}"\ntenant_id = "{TENANT}"\n'
    (home / ".prefect" / "auth.toml").write_text(text)
    return None, {}


WAYS = {
    "api_key": arguments(api_key=KEY),
    "tenant_id": arguments(api_key=KEY, tenant_id=TENANT),
    "auth_string": arguments(auth_string=f"user:{PASSWORD}"),
    "in the address": in_the_address,
    "PREFECT__CLOUD__API_KEY": environment(
        PREFECT__CLOUD__API="URL", PREFECT__CLOUD__API_KEY=KEY, PREFECT__CLOUD__TENANT_ID=TENANT
    ),
    "auth.toml": auth_file,
    "PREFECT_API_KEY": environment(PREFECT_API_URL="URL", PREFECT_API_KEY=KEY),
    "PREFECT_API_AUTH_STRING": environment(
        PREFECT_API_URL="URL", PREFECT_API_AUTH_STRING=f"user:{PASSWORD}"
    ),
    "PREFECT_CLIENT_CUSTOM_HEADERS": environment(
        PREFECT_API_URL="URL", PREFECT_CLIENT_CUSTOM_HEADERS=json.dumps({"X-Canary": HEADER})
    ),
}


@pytest.fixture(params=WAYS)
def configure(request, nothing_configured, monkeypatch):
    """Set the secrets in one of the ways for a server; return how to call `fw.connect()`."""
    way = WAYS[request.param]
    return lambda url: way(monkeypatch, nothing_configured, url)


@pytest.fixture(autouse=True)
def loud(caplog):
    """Everything logs everything; retries follow at once."""
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "httpcore", "flowrun_widgets", "stamina"):
        caplog.set_level(logging.DEBUG, logger=name)
    stamina.set_testing(True, attempts=2)
    yield
    stamina.set_testing(False)


@pytest.fixture
def server(store):
    gateway = Gateway(store)
    with Server(gateway, port=0) as server:
        yield server
    gateway.close()


def test_a_run_that_is_read_and_shown_says_no_secret(configure, server, capsys, caplog):
    url, given = configure(server.url)
    with fw.connect(url, **given) as connection:
        run = fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID)
        logs, task_runs, flow = run.get_logs(), run.get_all_task_runs(), run.get_flow_metadata()
        run.get_latest()
    for shown in (
        connection,
        run,
        logs,
        task_runs,
        flow,
        connection.backend,
        connection.origin,
    ):
        print(repr(shown), shown)
    run._repr_mimebundle_()
    assert_silent(repr(ambient_settings()), canaries=without_tenant())
    pickles = [
        pickle.dumps(value) for value in (connection, run, logs, task_runs, flow, run.record)
    ]
    page = payload_of(run)
    uid = "frw-1"
    twin = twin_html(page, excerpt(logs.columns), uid) + twin_text(page)
    printed = capsys.readouterr()
    assert "httpcore" in {record.name.split(".")[0] for record in caplog.records}
    assert_silent(
        printed.out, printed.err, caplog.text, *(vars(record) for record in caplog.records)
    )
    assert_silent(*pickles, *map(repr, pickles))
    assert_silent(gzip.decompress(packed(page)), twin)


def test_an_archive_says_no_secret(configure, server, tmp_path, capsys, caplog):
    url, given = configure(server.url)
    file = tmp_path / "run.flowrun"
    with fw.connect(url, **given):
        saved = fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID).save(file, redact=False)
    with fw.open_archive(file) as archive:
        run = archive.runs[0]
        logs = run.get_logs()
        pickles = [pickle.dumps(value) for value in (archive, run, logs)]
        assert_silent(file.read_bytes(), repr(saved), repr(archive), repr(run), *pickles)
    printed = capsys.readouterr()
    assert_silent(caplog.text, printed.out + printed.err + "-")


def test_a_card_says_no_secret(configure, server):
    url, given = configure(server.url)
    with fw.connect(url, **given):
        card = FlowRunCard(fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID))
        assert card.wait_until_loaded(20)
    state = card.get_state()
    card.close()
    assert_silent(repr(card), repr(state), gzip.decompress(state["payload"]), card.shown)


def echo(request):
    """Return what a talkative proxy says: the request's headers."""
    return json.dumps(dict(request.headers))


def refused(request):
    raise httpx.ConnectError(f"refused: {echo(request)}", request=request)


TALKATIVE = {
    "401": lambda request: httpx.Response(401, json={"message": echo(request)}),
    "401 as text": lambda request: httpx.Response(401, text=echo(request)),
    "400": lambda request: httpx.Response(400, json={"errors": [{"message": echo(request)}]}),
    "429": lambda request: httpx.Response(429, text=echo(request)),
    "503": lambda request: httpx.Response(503, text=echo(request)),
    "500": lambda request: httpx.Response(500, text=echo(request)),
    "GraphQL error": lambda request: httpx.Response(
        200, json={"errors": [{"message": echo(request)}]}
    ),
    "unauthenticated": lambda request: httpx.Response(
        200, json={"errors": [{"message": "UNAUTHENTICATED " + echo(request)}]}
    ),
    "web page": lambda request: httpx.Response(200, html=f"<html>{echo(request)}</html>"),
    "redirection": lambda request: httpx.Response(
        302, headers={"location": f"http://x.test/?{echo(request)}"}
    ),
    "odd content type": lambda request: httpx.Response(
        200, headers={"content-type": echo(request)}, text="x"
    ),
    "odd row": lambda request: httpx.Response(
        200, json={"data": {"flow_run": [{"id": {"x": echo(request)}}]}}
    ),
    "no connection": refused,
}


@pytest.mark.parametrize("answer", TALKATIVE.values(), ids=TALKATIVE)
def test_an_error_says_no_secret_even_if_the_server_repeats_it(answer, configure, caplog):
    url, given = configure("http://prefect1.test")
    connection = fw.connect(url, **given, transport=httpx.MockTransport(answer))
    with connection, pytest.raises(fw.FlowRunError) as caught:
        read(connection)
    error = caught.value
    assert_silent(
        str(error), repr(error), error.args, *traceback.format_exception(error), caplog.text
    )


@pytest.mark.parametrize("status", [200, 302, 400, 401, 404, 429, 500, 503])
def test_a_traceback_with_local_variables_says_no_secret(status, configure):
    url, given = configure("http://prefect1.test")
    dull = httpx.MockTransport(lambda _: httpx.Response(status, text="dull"))
    with fw.connect(url, **given, transport=dull) as connection:
        assert_silent(*locals_of_failure(connection), canaries=without_tenant())


def test_a_traceback_of_a_broken_connection_says_no_secret(configure):
    url, given = configure("http://prefect1.test")

    def refuse(request):
        raise httpx.ConnectError("refused", request=request)

    with fw.connect(url, **given, transport=httpx.MockTransport(refuse)) as connection:
        assert_silent(*locals_of_failure(connection), canaries=without_tenant())


def locals_of_failure(connection):
    """Return the lines of the traceback of a read that fails, local variables included."""
    try:
        read(connection)
    except fw.FlowRunError as error:
        return list(
            traceback.TracebackException.from_exception(error, capture_locals=True).format()
        )
    raise AssertionError("the read did not fail")


def read(connection):
    """Read in a frame that has no secret of its own."""
    return fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID, api=connection)


@pytest.mark.parametrize(
    ("url", "given"),
    [
        ("ftp://prefect.test", {"api_key": KEY, "auth_string": f"user:{PASSWORD}"}),
        ("http://prefect1.test", {"api_key": KEY, "tenant_id": "zz"}),
        ("no/such/store", {"api_key": KEY}),
        (f"ftp://user:{PASSWORD.replace('/', '')}@prefect.test", {}),
        (f"http://user:{PASSWORD.replace('/', '')}@", {}),
    ],
)
def test_a_connection_that_cannot_be_made_says_no_secret(url, given):
    with pytest.raises(fw.FlowRunError) as caught:
        fw.connect(url, **given)
    assert_silent(str(caught.value), repr(caught.value))
    assert PASSWORD.replace("/", "") not in str(caught.value)


def test_a_configuration_file_that_cannot_be_read_is_not_repeated(nothing_configured):
    (nothing_configured / ".prefect").mkdir()
    (nothing_configured / ".prefect" / "config.toml").write_text(f"[cloud]\napi_key = {KEY}\n")
    with pytest.raises(fw.errors.SettingsError) as caught:
        read(None)
    assert_silent(str(caught.value), repr(caught.value), *traceback.format_exception(caught.value))


def test_a_message_that_a_run_logged_is_shown_as_it_is(store):
    """Only secrets of settings are kept back: what a run wrote itself is its own affair."""
    with StoreWriter(store) as writer:
        writer.add({"log": [log_row(7, 5, f"using {KEY}")]})
    with fw.connect(store):
        assert read(None).get_logs()[-1].message == f"using {KEY}"
