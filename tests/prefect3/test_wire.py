"""What the Prefect 3 source makes of answers, good and bad."""

from __future__ import annotations

import json
from datetime import timedelta

import httpx
import pytest

import flowrun_widgets as fw
from flowrun_widgets import errors, states
from flowrun_widgets.backends.progress import progress_to
from flowrun_widgets.containers import freeze
from flowrun_widgets.records import ArtifactRecord
from flowrun_widgets.views.artifact import Artifact

from .fake import FLOW, RUN, START, URL, FakePrefect, line, stamp, state

SECRET = "pnu_very-secret"


@pytest.fixture
def open_run():
    """Open the run of a fake server."""
    opened = []

    def opening(fake, **options):
        connection = fw.connect(URL, transport=fake, **options)
        opened.append(connection)
        return fw.FlowRunView.from_flow_run_id(RUN)

    yield opening
    for connection in opened:
        connection.close()


def only(path, *answers):
    """Answer requests of a path in turn, and then as usual."""
    waiting = iter(answers)

    def answer(request):
        return next(waiting, None) if request.url.path == f"/api{path}" else None

    return answer


def test_connecting_costs_nothing_and_opening_three_requests_and_two_probes(open_run):
    fake = FakePrefect()
    fw.connect(URL, transport=fake).close()
    assert fake.requests == []
    open_run(fake)
    assert sorted(fake.paths()) == [
        "/flow_run_states/",
        f"/flow_runs/{RUN}",
        f"/flows/{fake.paths()[-1][7:]}",
        "/health",
        "/ui-settings",
    ]
    fw.FlowRunView.from_flow_run_id(RUN)
    assert len(fake.requests) == 7


def test_ties_longer_than_pages_are_read_whole(open_run):
    burst = [line(number, START + timedelta(seconds=3)) for number in range(300, 750)]
    fake = FakePrefect(lines=[*map(line, range(300)), *burst, *map(line, range(5000, 5100))])
    logs = open_run(fake).get_logs()
    assert len(logs) == 850
    assert len({one.message for one in logs}) == 850


def test_ties_that_change_places_between_pages_are_read_whole(open_run):
    burst = [line(number, START) for number in range(450)]
    pages = []

    def shuffling(request):
        if request.url.path == "/api/logs/filter":
            pages.append(request)
            if len(pages) == 3:
                fake.lines.reverse()

    fake = FakePrefect(lines=burst, first=shuffling)
    assert len({one.message for one in open_run(fake).get_logs()}) == 450


def test_a_server_that_allows_fewer_rows_a_page_is_heeded(open_run):
    fake = FakePrefect(lines=[line(number) for number in range(130)], limit=50)
    run = open_run(fake)
    assert len(run.get_logs()) == 130
    assert len(run.get_latest().get_logs()) == 130
    limits = [
        json.loads(request.content)["limit"]
        for request in fake.requests
        if request.url.path == "/api/logs/filter"
    ]
    assert limits.count(200) == 1


def test_a_read_that_breaks_half_way_says_how_far_it_came(open_run):
    fake = FakePrefect(lines=[line(number) for number in range(1000)])
    run = open_run(fake)
    broken = [
        None,
        None,
        *[httpx.Response(503, json={"exception_message": "Service Unavailable"})] * 9,
    ]
    fake.first = only("/logs/filter", *broken)
    with pytest.raises(
        errors.BackendUnavailable,
        match=r"Service Unavailable.*[1-4]\d\d lines had been read, up to 2026",
    ):
        run.get_logs()
    fake.first = None
    assert len(run.get_logs()) == 1000


def test_a_read_tells_how_far_it_is_and_can_be_ended(open_run):
    fake = FakePrefect(lines=[line(number) for number in range(1000)])
    run = open_run(fake)
    told = []

    def listen(what, count):
        told.append((what, count))
        if count > 500:
            raise KeyboardInterrupt

    with progress_to(listen), pytest.raises(KeyboardInterrupt):
        run.get_logs()
    assert [what for what, _ in told] == ["lines"] * 3
    assert told[0][1] == 200
    assert 398 <= told[1][1] <= 400
    assert told[-1][1] > 500


@pytest.mark.parametrize(
    ("answer", "kind", "hint"),
    [
        (httpx.Response(401, json={"exception_message": "Unauthorized"}), errors.AccessDenied, "Unauthorized"),
        (httpx.Response(403, json={"detail": "Forbidden"}), errors.AccessDenied, "Forbidden"),
        (httpx.Response(404, json={"detail": "Flow run not found"}), errors.NotFound, RUN),
        (httpx.Response(422, json={"exception_message": "Invalid request received."}), errors.QueryRejected, "Invalid request"),
        (httpx.Response(400, json={"detail": "The request specified API version 0.7.0"}), errors.QueryRejected, "version"),
        (httpx.Response(500, json={"exception_message": "Internal Server Error"}), errors.BackendError, "server's own log"),
        (httpx.Response(302, headers={"location": "https://sign.in"}), errors.UnexpectedAnswer, "redirects"),
        (httpx.Response(200, html="<html>sign in</html>"), errors.UnexpectedAnswer, "web page"),
        (httpx.Response(200, json=[]), errors.UnexpectedAnswer, "instead of JSON"),
        (httpx.Response(200, json={"name": "a run without id"}), errors.UnexpectedAnswer, "address of the API"),
        (httpx.Response(200, text='{"id": "half'), errors.UnexpectedAnswer, "instead of JSON"),
    ],
)  # fmt: skip
def test_bad_answers_become_our_errors(open_run, answer, kind, hint):
    fake = FakePrefect(first=only(f"/flow_runs/{RUN}", answer))
    with pytest.raises(kind, match=hint) as raised:
        open_run(fake, api_key=SECRET)
    assert SECRET not in str(raised.value)


def test_403_of_a_question_is_an_access_denied(open_run):
    fake = FakePrefect()
    run = open_run(fake)
    fake.first = only(
        "/logs/filter", *[httpx.Response(403, json={"detail": f"{SECRET} may not"})] * 3
    )
    with pytest.raises(errors.AccessDenied):
        run.get_logs()


@pytest.mark.parametrize("wait", ["0", "Sun, 22 Nov 2026 12:00:00 GMT"])
def test_a_server_that_wants_us_to_wait_is_asked_again(open_run, wait):
    again = httpx.Response(429, headers={"retry-after": wait}, json={"detail": "slow down"})
    assert open_run(FakePrefect(first=only(f"/flow_runs/{RUN}", again))).name == "amber-heron"


def test_a_long_wait_is_told(open_run):
    later = httpx.Response(429, headers={"retry-after": "300"}, json={"detail": "slow down"})
    with pytest.raises(errors.RateLimited) as raised:
        open_run(FakePrefect(first=only(f"/flow_runs/{RUN}", later)))
    assert raised.value.retry_after_seconds == 300


def csrf(request):
    """Want a token, as a server with CSRF protection does."""
    if request.url.path == "/api/csrf-token":
        return httpx.Response(200, json={"token": "t1", "client": request.url.params["client"]})
    if request.method == "POST" and request.headers.get("prefect-csrf-token") != "t1":
        return httpx.Response(403, json={"detail": "Missing CSRF token."})
    return None


def test_a_csrf_token_is_fetched_once_and_sent_with_every_question(open_run):
    fake = FakePrefect(lines=[line(number) for number in range(500)], first=csrf)
    run = open_run(fake)
    assert len(run.get_logs()) == 500
    run.get_all_task_runs()
    assert fake.paths().count("/csrf-token") == 1
    sent = [request for request in fake.requests if request.method == "POST"][1:]
    assert all(request.headers["prefect-csrf-client"] for request in sent)


def test_a_csrf_token_that_expired_is_renewed(open_run):
    fake = FakePrefect(first=csrf)
    run = open_run(fake)
    run.get_logs()
    expired = iter(
        [httpx.Response(403, json={"detail": "Invalid CSRF token or client identifier."})]
    )
    fake.first = lambda request: next(expired, None) or csrf(request)
    assert run.get_task_run_ids() == []
    assert fake.paths().count("/csrf-token") == 2


@pytest.mark.parametrize(
    ("kind", "name", "cls"),
    [
        ("SCHEDULED", "Scheduled", states.Scheduled),
        ("SCHEDULED", "Late", states.Scheduled),
        ("SCHEDULED", "AwaitingRetry", states.Retrying),
        ("SCHEDULED", "AwaitingConcurrencySlot", states.Scheduled),
        ("SCHEDULED", "Resuming", states.Resume),
        ("PENDING", "Pending", states.Pending),
        ("PENDING", "Submitting", states.Pending),
        ("PENDING", "NotReady", states.Pending),
        ("RUNNING", "Running", states.Running),
        ("RUNNING", "Retrying", states.Running),
        ("COMPLETED", "Completed", states.Success),
        ("COMPLETED", "Cached", states.Cached),
        ("COMPLETED", "RolledBack", states.Success),
        ("COMPLETED", "Skipped", states.Success),
        ("COMPLETED", "Failed", states.Success),
        ("FAILED", "Failed", states.Failed),
        ("FAILED", "TimedOut", states.TimedOut),
        ("CRASHED", "Crashed", states.Crashed),
        ("CANCELLING", "Cancelling", states.Cancelling),
        ("CANCELLED", "Cancelled", states.Cancelled),
        ("PAUSED", "Paused", states.Paused),
        ("PAUSED", "Suspended", states.Suspended),
        ("DREAMING", "Lucid", states.Unknown),
    ],
)
def test_the_type_picks_the_class_and_the_name_is_kept(open_run, kind, name, cls):
    fake = FakePrefect()
    fake.state = state(kind, name, message="so it is")
    run = open_run(fake)
    assert type(run.state) is cls
    assert repr(run.state) == f'<{name}: "so it is">'


def test_a_result_shows_where_it_is_stored(open_run):
    fake = FakePrefect()
    fake.state = state(
        data={"storage_key": "/results/1", "serializer": {"type": "pickle"}, "expiration": None}
    )
    stored = open_run(fake).state.stored_result
    assert stored.location == "/results/1"
    assert stored.details["serializer"] == {"type": "pickle"}


def test_a_refresh_asks_for_what_is_new_alone(open_run):
    fake = FakePrefect(
        lines=[line(number, START + timedelta(seconds=number)) for number in range(700)]
    )
    fake.state = state("RUNNING", "Running")
    fake.task_runs = [{"id": FLOW, "updated": stamp(START), "state": state("RUNNING", "Running")}]
    run = open_run(fake)
    run.get_logs()
    run.get_all_task_runs()
    before = len(fake.requests)
    fake.lines.append(line(700, START + timedelta(seconds=700)))
    latest = run.get_latest()
    asked = fake.requests[before:]
    assert sorted(request.url.path for request in asked) == [
        "/api/flow_runs/" + RUN,
        "/api/logs/filter",
        "/api/task_runs/filter",
    ]
    (logs,) = [
        json.loads(request.content) for request in asked if request.url.path == "/api/logs/filter"
    ]
    assert logs["offset"] == 699  # the last known line, and what comes after as many
    assert latest.changes_since(run).new_lines == 1
    assert len(latest.get_logs()) == 701


def test_cloud_gets_no_more_requests_a_minute_than_its_smallest_plan_allows(monkeypatch):
    from flowrun_widgets.backends import rate_limit

    clock = [0.0]
    monkeypatch.setattr(rate_limit.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(
        rate_limit.time, "sleep", lambda seconds: clock.__setitem__(0, clock[0] + seconds)
    )
    url = "https://api.prefect.cloud/api/accounts/a/workspaces/w"
    with fw.connect(url, api_key=SECRET, transport=FakePrefect(), library=False) as connection:
        transport = connection.backend._api._transport
        for _ in range(450):
            transport.get("/health", accept=(200, 404))
    assert 120 <= clock[0] < 180


def test_cloud_is_known_without_being_asked():
    fake = FakePrefect(first=lambda request: httpx.Response(404, json={"detail": "Not Found"}))
    with fw.connect(
        "https://api.prefect.cloud/api/accounts/a/workspaces/w", api_key=SECRET, transport=fake
    ) as cloud:
        assert cloud.label == "Prefect 3"
        with pytest.raises(errors.NotFound):
            fw.FlowRunView.from_flow_run_id(RUN)
        assert {request.headers["authorization"] for request in fake.requests} == {
            f"Bearer {SECRET}"
        }
        assert SECRET not in repr(cloud)


def test_what_answers_graphql_alone_is_prefect_1():
    def answer(request):
        return (
            httpx.Response(200, json={"data": {"flow_run": []}})
            if request.method == "POST"
            else httpx.Response(404)
        )

    fake = FakePrefect(first=answer)
    with fw.connect("http://prefect1.test", transport=fake) as connection:
        assert connection.graphql("{ flow_run { id } }") == {"data": {"flow_run": []}}
        assert connection.label == "Prefect 1"
    assert [request.url.path for request in fake.requests] == [
        "/health",
        "/api/health",
        "/ui-settings",
        "/",
    ]


def test_nobody_there_is_told_and_asked_again():
    def refuse(request):
        raise httpx.ConnectError("connection refused")

    fake = FakePrefect(first=refuse)
    with fw.connect(URL, transport=fake) as connection:
        with pytest.raises(errors.BackendUnavailable, match="does not answer"):
            fw.FlowRunView.from_flow_run_id(RUN)
        fake.first = None
        assert fw.FlowRunView.from_flow_run_id(RUN).connection is connection


@pytest.mark.parametrize(
    ("kind", "data", "shown"),
    [
        ("link", "[report](https://example.com/r?a=1&b=2)", ">report</a>"),
        ("link", "[x](javascript:alert(1))", "<pre"),
        ("markdown", "# Done <script>", "# Done &lt;script&gt;"),
        ("table", [{"city": "<b>Oslo</b>"}], "&lt;b&gt;Oslo"),
    ],
)
def test_an_artifact_shows_itself_as_link_text_or_table(kind, data, shown) -> None:
    artifact = Artifact(ArtifactRecord("a", kind, freeze(data)), fw.connect("http://p3.test/api"))
    html = artifact._repr_mimebundle_()["text/html"]
    assert shown in html
    assert "javascript:" not in html or "<a" not in html
