"""Answers and failures of HTTP, and the errors that they become."""

import subprocess
import sys
from email.utils import format_datetime
from pathlib import Path

import httpx
import pytest
import stamina

import flowrun_widgets as fw
from flowrun_widgets import errors
from flowrun_widgets.backends.transport import Transport
from flowrun_widgets.settings import Secret, Settings
from flowrun_widgets.times import now

URL = "http://server.test"
ABSTRACT = {
    "TransportError",
    "TimeoutException",
    "NetworkError",
    "ProtocolError",
    "RequestError",
    "HTTPError",
}
OURS_TO_BLAME = {"LocalProtocolError"}
"""It repeats what could not be sent, which may be a key."""
NEVER_RAISED = {"HTTPStatusError", "CookieConflict"}
"""Those of `raise_for_status()`, and of looking cookies up by name: nobody calls that here."""


@pytest.fixture(autouse=True)
def retried():
    """Retries follow at once; three attempts."""
    stamina.set_testing(True, attempts=3)
    yield
    stamina.set_testing(False)


def transport(handler):
    return Transport(
        Settings(url=URL, origin="test", generation="prefect1"), httpx.MockTransport(handler)
    )


def answering(*answers):
    """Return a transport that gives the answers in turn, the last one for good."""
    left = list(answers)
    return transport(lambda _: left.pop(0) if len(left) > 1 else left[0])


def foreign_errors():
    """Return every concrete exception of httpx that a request whose body is read whole can raise."""
    public = [getattr(httpx, name) for name in dir(httpx)]
    classes = [each for each in public if isinstance(each, type) and issubclass(each, Exception)]
    return [
        each
        for each in classes
        if not issubclass(each, httpx.StreamError) and each.__name__ not in ABSTRACT | NEVER_RAISED
    ]


@pytest.mark.parametrize("foreign", foreign_errors(), ids=lambda cls: cls.__name__)
def test_every_error_of_httpx_becomes_ours(foreign):
    """A new one that is not mapped fails here."""

    def fail(_):
        raise foreign("it broke")

    with pytest.raises(errors.BackendError) as caught:
        transport(fail).get("/x")
    assert URL in str(caught.value)
    assert ("it broke" in str(caught.value)) is (foreign.__name__ not in OURS_TO_BLAME)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("foreign", foreign_errors(), ids=lambda cls: cls.__name__)
@pytest.mark.parametrize("pieces", [0, 2])
def test_an_answer_that_breaks_off_while_it_arrives_is_an_error_of_ours(foreign, pieces):
    """Before its first piece it is asked for again, after that never: what was taken cannot be taken back."""

    def body():
        yield from [b"piece"] * pieces
        raise foreign("it broke")

    asked = transport(lambda _: httpx.Response(200, content=body()))
    taken = []
    with pytest.raises(errors.BackendError) as caught, asked.streaming("/x", {}) as incoming:
        taken.extend(incoming.pieces)
    assert URL in str(caught.value)
    assert asked.requests == 1 or not pieces
    assert len(taken) <= pieces


@pytest.mark.parametrize("status", [408, 429, 502, 503, 504])
def test_an_answer_that_is_to_be_taken_in_pieces_is_asked_for_again(status):
    asked = answering(httpx.Response(status), httpx.Response(200, json=[1]))
    with asked.streaming("/x", {}) as incoming:
        assert b"".join(incoming.pieces) == b"[1]"
    assert incoming.head.status == 200
    assert asked.requests == 2


def test_a_refusal_is_read_whole_where_pieces_were_asked_for():
    asked = answering(httpx.Response(400, json={"message": "its own words"}))
    with pytest.raises(errors.QueryRejected, match="its own words"), asked.streaming("/x", {}):
        pass
    assert asked.requests == 1


@pytest.mark.parametrize(
    ("status", "kind", "attempts"),
    [
        (301, errors.UnexpectedAnswer, 1),
        (400, errors.QueryRejected, 1),
        (401, errors.AccessDenied, 1),
        (403, errors.AccessDenied, 1),
        (404, errors.UnexpectedAnswer, 1),
        (405, errors.UnexpectedAnswer, 1),
        (408, errors.BackendUnavailable, 3),
        (418, errors.UnexpectedAnswer, 1),
        (422, errors.QueryRejected, 1),
        (429, errors.RateLimited, 3),
        (500, errors.BackendError, 1),
        (502, errors.BackendUnavailable, 3),
        (503, errors.BackendUnavailable, 3),
        (504, errors.BackendUnavailable, 3),
        (599, errors.BackendError, 1),
    ],
)
def test_a_status_becomes_one_error_after_its_attempts(status, kind, attempts):
    asked = answering(httpx.Response(status, json={"message": "its own words"}))
    with pytest.raises(errors.BackendError) as caught:
        asked.get("/x")
    assert type(caught.value) is kind
    assert asked.requests == attempts
    assert status in {301} or "its own words" in str(caught.value)


@pytest.mark.parametrize("status", [408, 429, 502, 503, 504])
def test_a_server_that_recovers_is_not_an_error(status):
    asked = answering(httpx.Response(status), httpx.Response(status), httpx.Response(200, json=1))
    assert asked.get("/x").json() == 1
    assert asked.requests == 3


def test_a_status_that_was_asked_for_is_an_answer():
    assert answering(httpx.Response(404)).get("/x", accept=(200, 404)).status == 404


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("3", 3),
        ("0.5", 0.5),
        ("-4", 0),
        ("soon", None),
        (None, None),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
    ],
)
def test_the_servers_wish_is_kept(header, seconds):
    headers = {} if header is None else {"retry-after": header}
    with pytest.raises(errors.RateLimited) as caught:
        answering(httpx.Response(429, headers=headers)).get("/x")
    assert caught.value.retry_after_seconds == seconds


def test_a_wish_may_be_a_date():
    later = format_datetime(now().add(minutes=30), usegmt=False)
    asked = answering(httpx.Response(429, headers={"retry-after": later}))
    with pytest.raises(errors.RateLimited) as caught:
        asked.get("/x")
    assert 1700 < caught.value.retry_after_seconds <= 1800


def test_nobody_waits_longer_than_ten_seconds_by_itself():
    asked = answering(httpx.Response(429, headers={"retry-after": "60"}))
    with pytest.raises(errors.RateLimited):
        asked.get("/x")
    assert asked.requests == 1


@pytest.mark.parametrize(
    ("body", "kind", "hint"),
    [
        (b"<!doctype html><html></html>", "text/html", "web page"),
        (b"plain words", "text/plain", "address of the API"),
        (b"", "", "no content type"),
        (b'{"half": ', "application/json", "instead of JSON"),
        (b"\xff\xfe", "application/json", "instead of JSON"),
    ],
)
def test_a_body_that_is_not_json_says_what_it_is(body, kind, hint):
    headers = {"content-type": kind} if kind else {}
    asked = answering(httpx.Response(200, content=body, headers=headers))
    with pytest.raises(errors.UnexpectedAnswer, match=hint):
        asked.get("/x").json()


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"json": {"detail": "no such thing"}}, "no such thing"),
        ({"json": {"errors": [{"message": "bad field"}]}}, "bad field"),
        ({"json": ["odd"]}, "odd"),
        ({"text": "in words"}, "in words"),
        ({"html": "<html>hidden</html>"}, "a web page"),
        ({"text": ""}, "no message"),
        ({"text": "long " * 1000}, "…"),
    ],
)
def test_an_error_repeats_the_servers_words_but_no_page_and_no_novel(body, said):
    with pytest.raises(errors.QueryRejected) as caught:
        answering(httpx.Response(400, **body)).get("/x")
    assert said in str(caught.value)
    assert "hidden" not in str(caught.value)
    assert len(str(caught.value)) < 500


def test_a_timeout_says_how_to_allow_more():
    def slow(request):
        raise httpx.ReadTimeout("", request=request)

    with pytest.raises(errors.BackendUnavailable, match="timeout_seconds"):
        transport(slow).get("/x")


def test_a_closed_connection_refuses_with_our_error(monkeypatch):
    monkeypatch.setenv("PREFECT__CLOUD__API", URL)
    connection = fw.connect(
        URL, transport=httpx.MockTransport(lambda _: httpx.Response(200, json={}))
    )
    connection.close()
    with pytest.raises(errors.FlowRunError, match="closed"):
        connection.graphql("query { hello }")


def test_retries_print_nothing():
    """In a notebook whatever is printed is an output."""
    code = """
import httpx, stamina, flowrun_widgets as fw
stamina.set_testing(True, attempts=3)
fw.connect("http://h.test/graphql", transport=httpx.MockTransport(lambda _: httpx.Response(503)))
try:
    fw.graphql("query { hello }")
except fw.errors.BackendUnavailable:
    print("unavailable")
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("unavailable\n", "")


def with_key(key, words, status=400):
    """Return what the error says when a server answers with these words."""
    settings = Settings(url=URL, origin="test", api_key=Secret(key))
    asked = Transport(settings, httpx.MockTransport(lambda _: httpx.Response(status, text=words)))
    with pytest.raises(errors.BackendError) as caught:
        asked.get("/x")
    return str(caught.value)


@pytest.mark.parametrize(
    "echo", ['p\u00e9 a/"b', 'p\\u00e9 a/\\"b', "p%C3%A9%20a/%22b", "p%C3%A9%20a%2F%22b"]
)
def test_a_key_is_masked_however_the_server_spells_it(echo):
    assert "***" in with_key('p\u00e9 a/"b', f"no such key: {echo}.")


def test_a_key_is_masked_before_words_are_cut():
    said = with_key("canary-kiwi", "canary-kiwi " * 200)
    assert "cana" not in said
    assert len(said) < 500


def test_a_very_short_key_leaves_words_readable():
    assert "a bad question" in with_key("a", "a bad question")


def test_words_do_not_steer_a_terminal():
    said = with_key(
        "canary-kiwi", "\x1b[31mred\x1b[0m \x1b]0;title\x07\x00 cana\x1b[0mry-kiwi \u202eback"
    )
    assert said.isprintable()
    assert "canary" not in said


def test_what_cannot_be_sent_is_not_repeated():
    def refuse(_):
        raise httpx.LocalProtocolError("Illegal header value b'Bearer canary'")

    with pytest.raises(errors.BackendError) as caught:
        transport(refuse).get("/x")
    assert "canary" not in str(caught.value)


def test_an_answer_shows_nothing_of_its_body():
    assert "canary" not in repr(answering(httpx.Response(200, text="canary")).get("/x"))


@pytest.mark.parametrize(
    ("name", "value", "hint"),
    [
        ("ALL_PROXY", "foo://canary", "ALL_PROXY"),
        ("https_proxy", "http://h:canary", "HTTPS_PROXY"),
        ("SSL_CERT_FILE", "/no/canary.pem", "SSL_CERT_FILE"),
    ],
)
def test_a_setting_that_httpx_cannot_read_is_named(name, value, hint, monkeypatch):
    monkeypatch.setenv(name, value)
    with pytest.raises(errors.SettingsError, match=hint) as caught:
        Transport(Settings(url=URL, origin="test"))
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_certificates_that_cannot_be_read_are_named(content, tmp_path):
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_text(content)
    with pytest.raises(errors.SettingsError, match=r"PREFECT_API_SSL_CERT_FILE.*ca\.pem"):
        Transport(Settings(url=URL, origin="test", ca_file=str(file)))
