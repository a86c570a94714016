"""What goes wrong is one of our errors, keeps the parents of 1.4.1's, and says what to do next."""

import socket
import sqlite3
from datetime import date

import httpx
import pytest
import stamina

import flowrun_widgets as fw
from flowrun_widgets import errors
from flowrun_widgets.gateway import Gateway
from tests.stores import FLOW_RUN_ID, identifier

URL = "http://prefect1.test"
PAGE = "<!doctype html><html><head><title>Sign in</title></head></html>"


def answering(status, **content):
    """Connect to a server that gives one answer to everything."""
    fw.connect(URL, transport=httpx.MockTransport(lambda _: httpx.Response(status, **content)))


def nobody_there():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    fw.connect(f"http://127.0.0.1:{port}")


def unknown_host():
    def fail(request):
        raise httpx.ConnectError("[Errno -2] Name or service not known", request=request)

    fw.connect("http://no-such-host.invalid", transport=httpx.MockTransport(fail))


def read(flow_run_id=FLOW_RUN_ID):
    return fw.FlowRunView.from_flow_run_id(flow_run_id)


RUN_WITHOUT_TASKS = {"id": FLOW_RUN_ID, "serialized_state": None}
BAD = {
    "unknown id, nothing configured": (
        lambda: None, read, errors.NotFound, (ValueError, LookupError),
        ["local store", "store.sqlite", "PREFECT_API_URL", "PREFECT__CLOUD__API", "fw.connect(url)", "fw.demo()"],
    ),
    "unknown id at a server": (
        lambda: answering(200, json={"data": {"flow_run": []}}), read, errors.NotFound, (ValueError, LookupError),
        [FLOW_RUN_ID, URL, "another server"],
    ),
    "malformed id": (
        lambda: None, lambda: read("4c0101af"), errors.InvalidArgument, (ValueError,),
        ["'4c0101af'", "looks like", "The server's UI shows it"],
    ),
    "very long id": (
        lambda: None, lambda: read("x" * 10_000), errors.InvalidArgument, (ValueError,), ["x…", "looks like"],
    ),
    "id of another type": (
        lambda: None, lambda: read(5), errors.InvalidArgument, (TypeError,), ["<class 'int'>", "expected 'str'"],
    ),
    "no id of a task run": (
        lambda: answering(200, json={"data": {"flow_run": [RUN_WITHOUT_TASKS]}}),
        lambda: read().get_task_run(), errors.InvalidArgument, (ValueError,),
        ["One of `task_run_id`, `task`, or `task_slug` must be provided!"],
    ),
    "server down": (
        nobody_there, read, errors.BackendUnavailable, (ConnectionError,),
        ["does not answer", "is the server running?"],
    ),
    "wrong host": (
        unknown_host, read, errors.BackendUnavailable, (ConnectionError,),
        ["no-such-host.invalid", "Is the address right"],
    ),
    "wrong path": (
        lambda: answering(404, text="not here"), read, errors.UnexpectedAnswer, (ValueError,),
        ["404", "Is this the address of the API?"],
    ),
    "a web page": (
        lambda: answering(200, html=PAGE), read, errors.UnexpectedAnswer, (ValueError,),
        ["instead of JSON", "not of the UI or a sign-in page"],
    ),
    "a web page with status 404": (
        lambda: answering(404, html=PAGE), read, errors.UnexpectedAnswer, (ValueError,),
        ["a web page", "Is this the address of the API?"],
    ),
    "a redirection": (
        lambda: answering(302, headers={"location": "https://login.test/"}), read, errors.UnexpectedAnswer,
        (ValueError,), ["redirects", "Use the address that it redirects to"],
    ),
    "GraphQL errors with status 200": (
        lambda: answering(200, json={"errors": [{"message": "invalid input syntax"}], "data": None}),
        read, errors.QueryRejected, (ValueError,), [URL, "invalid input syntax"],
    ),
    "no such place": (
        lambda: None, lambda: fw.connect("no/such/store.sqlite"), errors.NotFound, (ValueError, LookupError),
        ["no/such/store.sqlite", "http://"],
    ),
    "an address of another kind": (
        lambda: None, lambda: fw.connect("ftp://prefect.test"), errors.InvalidArgument, (ValueError,),
        ["begins with http"],
    ),
    "a key without an address": (
        lambda: None, lambda: fw.connect(api_key="k"), errors.InvalidArgument, (ValueError,),
        ["fw.connect(url, api_key=…)"],
    ),
    "a tenant that is none": (
        lambda: None, lambda: fw.connect(URL, tenant_id="zz"), errors.InvalidArgument, (ValueError,),
        ["tenant_id", "'zz'"],
    ),
}  # fmt: skip


@pytest.fixture(autouse=True)
def known_generation(nothing_configured, monkeypatch, request):
    """Prefect 1 answers at `URL`, so that no probe precedes what is tested; retries follow at once."""
    stamina.set_testing(True, attempts=2)
    if "nothing configured" not in request.node.name and "a key without" not in request.node.name:
        monkeypatch.setenv("PREFECT__CLOUD__API", URL)
    yield
    stamina.set_testing(False)


@pytest.mark.parametrize("case", BAD)
def test_bad_input_gives_one_of_our_errors_that_says_what_to_do_next(case):
    prepare, call, kind, parents, words = BAD[case]
    prepare()
    with pytest.raises(errors.FlowRunError) as caught:
        call()
    assert type(caught.value) is kind
    assert isinstance(caught.value, parents)
    assert all(word in str(caught.value) for word in words), str(caught.value)
    assert len(str(caught.value)) < 600
    assert "Mock" not in str(caught.value)


@pytest.fixture(params=["store", "gateway"])
def small(request, store):
    if request.param == "store":
        with fw.connect(store):
            yield read()
        return
    gateway = Gateway(store)
    with fw.connect(URL, transport=httpx.WSGITransport(app=gateway.wsgi)):
        yield read()
    gateway.close()


@pytest.mark.parametrize(
    ("ask", "kind", "words"),
    [
        (
            lambda run: run.get_task_run(task_slug="nope"),
            errors.NotFound,
            ["'nope'", FLOW_RUN_ID, "task_runs_frame() lists them"],
        ),
        (
            lambda run: run.get_task_run(task_slug="task-1", map_index=9),
            errors.NotFound,
            ["map index 9"],
        ),
        (lambda run: run.get_task_run(task_run_id=identifier(9)), errors.NotFound, [identifier(9)]),
        (
            lambda run: run.get_task_run(task_slug="zz", task_run_id=identifier(0x101)),
            errors.InvalidArgument,
            ["`task_slug == 'zz'` and `result.task_slug == 'task-1'`"],
        ),
        (
            lambda run: fw.FlowView.from_flow_id(identifier(9), api=run.connection),
            errors.NotFound,
            [identifier(9)],
        ),
    ],
)
def test_what_a_run_lacks_is_said_the_same_way_by_every_source(ask, kind, words, small):
    with pytest.raises(errors.FlowRunError) as caught:
        ask(small)
    assert type(caught.value) is kind
    assert all(word in str(caught.value) for word in words), str(caught.value)


@pytest.mark.parametrize(
    "spelt", [FLOW_RUN_ID.upper(), FLOW_RUN_ID.replace("-", ""), f" {FLOW_RUN_ID}\n"]
)
def test_an_id_may_be_spelt_in_every_way_that_is_a_uuid(spelt, small):
    assert read(spelt) == small


SENSELESS = {
    "a number for a connection": lambda _: fw.connect(5),
    "nothing for a connection": lambda _: fw.connect(""),
    "a novel for a connection": lambda _: fw.connect("x" * 10**6),
    "a folder for a connection": lambda _: fw.connect("/"),
    "somebody's home": lambda _: fw.connect("~nobody-here/x"),
    "no link": lambda _: fw.open(None),
    "half a link": lambda _: fw.open("http://[bad"),
    "a number for a state": lambda _: fw.latest(state=5),
    "a list for a flow": lambda _: fw.latest(flow=[1]),
    "half a character for a flow": lambda _: fw.latest(flow="\ud800"),
    "an address for a connection": lambda _: fw.latest(api="http://x"),
    "an address for a connection of GraphQL": lambda _: fw.graphql("{x}", api="http://x"),
    "no time": lambda run: run.get_logs("soon"),
    "a number for a time": lambda run: run.get_logs(5),
    "a day for a time": lambda run: run.get_logs(end_time=date(2026, 1, 1)),
    "a time before all times": lambda run: run.get_logs("0001-01-01T00:00:00+14:00"),
    "a truth for a level": lambda run: run.get_logs(level=True),
    "a fraction for a level": lambda run: run.get_logs(level=1.5),
    "a level beyond all": lambda run: run.get_logs(level=10**20),
    "a number for a task": lambda run: run.get_logs(task=5),
    "half a character for a slug": lambda run: run.get_task_run("\ud800"),
    "a map index beyond all": lambda run: run.get_task_run("x", map_index=10**30),
    "a word for a map index": lambda run: fw.TaskRunView.from_task_slug("x", FLOW_RUN_ID, "y"),
}


@pytest.mark.parametrize("case", SENSELESS)
def test_an_argument_that_means_nothing_is_refused_before_anything_is_asked(case, small):
    with pytest.raises(errors.InvalidArgument) as caught:
        SENSELESS[case](small)
    assert len(str(caught.value)) < 300


def test_a_long_name_is_cut_where_it_is_not_found(small):
    for ask in (small.get_task_run, lambda name: small.get_logs(task=name), fw.latest):
        with pytest.raises(errors.NotFound) as caught:
            ask("x" * 10**6)
        assert len(str(caught.value)) < 600


def test_the_text_of_a_time_is_a_time(small):
    begin = small.started_at.add(seconds=1)
    assert small.get_logs(begin.isoformat()) == small.get_logs(begin)
    assert small.get_logs(str(begin.naive())) == small.get_logs(begin)


@pytest.mark.parametrize("source", ["store", "gateway"])
def test_the_log_of_a_run_that_vanished_is_not_found(source, store):
    gateway = Gateway(store)
    transport = httpx.WSGITransport(app=gateway.wsgi)
    with fw.connect(store) if source == "store" else fw.connect(URL, transport=transport):
        run = read()
        with sqlite3.connect(store) as connection:
            for table in ("flow_run", "log"):
                connection.execute(f"delete from {table}")
        connection.close()
        for ask in (run.get_logs, run.get_latest, lambda: run.get_logs(level="error")):
            with pytest.raises(errors.NotFound, match=FLOW_RUN_ID):
                ask()
    gateway.close()
