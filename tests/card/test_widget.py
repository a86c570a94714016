"""The widget: it answers the view that asked, refreshes, and closes."""

import gc
import gzip
import json
import threading
import weakref

import httpx
import pytest
import stamina
from ipywidgets.widgets.widget import _instances

import flowrun_widgets as fw
from flowrun_widgets.gateway import Gateway
from flowrun_widgets.recordings.replay import recording
from flowrun_widgets.runs.card import FlowRunCard
from flowrun_widgets.store.writer import StoreWriter
from tests.stores import FLOW_RUN_ID, log_row, state_row

from .page import SECONDS, Page, log_query, question


@pytest.fixture
def page(monkeypatch):
    return Page(monkeypatch)


@pytest.fixture
def card(page, store):
    """The loaded card of the small run."""
    with fw.connect(store):
        card = FlowRunCard(fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID))
        assert card.wait_until_loaded(SECONDS)
        yield card
        card.close()


class Gate(httpx.BaseTransport):
    """A server that can be held up, and that can fail."""

    def __init__(self, inner):
        self._inner = inner
        self.is_down = False
        self.open = threading.Event()
        self.open.set()
        self.reached = threading.Event()

    def handle_request(self, request):
        self.reached.set()
        assert self.open.wait(SECONDS)
        if self.is_down:
            raise httpx.ConnectError("Connection refused", request=request)
        return self._inner.handle_request(request)


@pytest.fixture
def gate(store, monkeypatch):
    gateway = Gateway(store)
    monkeypatch.setenv("PREFECT__CLOUD__API", "http://prefect1.test")
    stamina.set_testing(True, attempts=2)
    gate = Gate(httpx.WSGITransport(app=gateway.wsgi))
    with fw.connect("http://prefect1.test", transport=gate):
        yield gate
    stamina.set_testing(False)
    gateway.close()


@pytest.fixture
def remote_card(page, gate):
    """The loaded card of the small run at a server."""
    card = FlowRunCard(fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID))
    assert card.wait_until_loaded(SECONDS)
    yield card
    card.close()


def shown(card):
    return json.loads(gzip.decompress(card.payload))


def move_on(store):
    """Let the run finish, with one more line."""
    with StoreWriter(store) as writer:
        writer.add({"log": [log_row(9, 60, "the end")]})
        writer.add_flow_run_state(
            state_row(0x1009, {"flow_run_id": FLOW_RUN_ID}, "Success", 61, message="done")
        )


def test_a_card_loads_log_and_task_runs_by_itself(card):
    assert shown(card)["logs"]["total"] == 3
    assert shown(card)["tasks"]["total"] == 2
    assert shown(card)["notice"] is None


def test_a_question_is_heard_first_and_answered_to_who_asked(card, page):
    page.ask(card, question("rows", n=4, view="right", query=log_query(), start=1, count=1))
    answer = page.wait_for("rows")
    assert (answer["view"], answer["n"]) == ("right", 4)
    assert answer["snapshot"] == shown(card)["snapshot"]
    assert [row[6] for row in answer["window"]["items"]] == ["first"]
    assert page.kinds(4) == ["heard", "rows"]


def test_each_kind_of_question_has_its_answer(card, page):
    page.ask(card, question("line", n=1, seq=0))
    assert page.wait_for("line")["message"] == "Beginning Flow run for 'hello'"
    page.ask(card, question("tasks", n=2, start=1, count=5))
    assert [row[1] for row in page.wait_for("tasks")["rows"]] == ["task 2"]
    page.ask(card, question("hello", n=3))
    assert page.wait_for("heard", n=3)["snapshot"] == shown(card)["snapshot"]
    page.ask(card, question("code", n=4))
    assert page.wait_for("code")


def test_nonsense_is_not_answered(card, page):
    for content in ({"kind": "rows"}, [], "x", None, 7, question("nope"), question("bye", n=6)):
        page.ask(card, content)
    page.ask(card, question("line", n=9, seq=-(2**70)))
    page.ask(card, question("rows", n=10, query=log_query(), start=-(2**60), count=2**60))
    assert page.wait_for("rows", n=10)["window"]["start"] == 0
    assert {content.get("n") for content in page.heard} <= {None, 10}


def test_rows_are_answered_while_a_refresh_waits_for_the_server(remote_card, page, gate):
    gate.open.clear()
    gate.reached.clear()
    page.ask(remote_card, question("refresh", n=1))
    assert gate.reached.wait(SECONDS)
    page.ask(remote_card, question("rows", n=2, query=log_query(), start=0, count=1))
    assert page.wait_for("rows", n=2)["window"]["items"]
    assert page.kinds(1) == ["heard"]
    gate.open.set()
    assert page.wait_for("refreshed", n=1)


def test_the_newest_question_of_a_view_wins(remote_card, page, gate):
    """Those that still wait behind a slow refresh are dropped, but for the last of each view."""
    gate.open.clear()
    gate.reached.clear()
    page.ask(remote_card, question("refresh", n=1))
    assert gate.reached.wait(SECONDS)
    for n in (2, 3, 4):
        page.ask(remote_card, question("refresh", n=n))
    page.ask(remote_card, question("refresh", n=5, view="right"))
    gate.open.set()
    page.wait_for("refreshed", n=5)
    assert [page.kinds(n) for n in (2, 3)] == [["heard"], ["heard"]]
    assert page.kinds(4) == ["heard", "refreshed"]


def test_a_refresh_pushes_a_payload_and_moves_on_while_the_old_view_stays(card, page, store):
    before = card.flow_run
    snapshot = shown(card)["snapshot"]
    text = repr(before)
    move_on(store)
    page.ask(card, question("refresh", n=1))
    page.wait_for("refreshed", n=1)
    pushed = [content for content in page.heard if content["kind"] == "pushed"]
    assert pushed[-1]["traits"] == ["payload"]
    assert card.flow_run is not before
    assert card.flow_run.state.is_successful()
    assert before.state.is_running()
    assert repr(before) == text
    assert len(before.get_logs()) == 3
    now = shown(card)
    assert now["snapshot"] == snapshot + 1
    assert (now["header"]["state"]["type"], now["logs"]["total"]) == ("Success", 4)
    assert now["changes"]["new_lines"] == 1
    assert "Running → Success" in now["changes"]["text"]
    assert page.heard.index(pushed[-1]) < page.heard.index(
        next(content for content in page.heard if content["kind"] == "refreshed")
    )


def test_a_refresh_that_brings_nothing_says_so(card, page):
    card.refresh()
    assert shown(card)["changes"]["is_empty"]
    assert shown(card)["changes"]["text"] == "Nothing new"


def test_listeners_hear_what_is_shown(card, store):
    heard = []
    card.on_change(heard.append)
    move_on(store)
    card.refresh()
    assert [each.header.state.type for each in heard] == ["Success"]


def test_a_server_that_fails_leaves_the_card_as_it_is_with_a_notice(remote_card, page, gate, store):
    before = remote_card.flow_run
    snapshot = shown(remote_card)["snapshot"]
    gate.is_down = True
    page.ask(remote_card, question("refresh", n=1))
    page.wait_for("refreshed", n=1)
    now = shown(remote_card)
    assert remote_card.flow_run is before
    assert now["logs"]["total"] == 3
    assert now["snapshot"] == snapshot
    assert now["notice"]["kind"] == "unreachable"
    assert "has not answered since" in now["notice"]["text"]
    assert "is the server running?" in now["notice"]["detail"]
    gate.is_down = False
    move_on(store)
    remote_card.refresh()
    assert shown(remote_card)["notice"] is None
    assert shown(remote_card)["logs"]["total"] == 4


def test_a_card_whose_server_fails_at_once_shows_the_run_and_a_notice(page, gate):
    run = fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID)
    gate.is_down = True
    card = FlowRunCard(run)
    assert card.wait_until_loaded(SECONDS)
    assert shown(card)["logs"] is None
    assert shown(card)["header"]["name"] == "small-owl"
    assert shown(card)["notice"]["kind"] == "unreachable"
    card.close()


def test_a_closed_card_leaves_no_thread_and_no_model(card, page):
    page.ask(card, question("rows", n=1, query=log_query(), start=0, count=1))
    page.wait_for("rows", n=1)
    name = f"flowrun card {FLOW_RUN_ID[:8]}"
    threads = [thread for thread in threading.enumerate() if thread.name == name]
    model = card.model_id
    assert threads
    assert model in _instances
    card.close()
    for thread in threads:
        thread.join(SECONDS)
        assert not thread.is_alive()
    assert model not in _instances
    card.close()


def test_a_closed_card_is_silent(card, page, store):
    card.close()
    heard = len(page.heard)
    move_on(store)
    card.refresh()
    assert len(page.heard) == heard


def test_a_closed_card_that_nobody_holds_is_gone(page, store):
    before = threading.enumerate()
    with fw.connect(store):
        card = FlowRunCard(fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID))
        assert card.wait_until_loaded(SECONDS)
    new = (each for each in threading.enumerate() if each not in before)
    (thread,) = (each for each in new if each.name.startswith("flowrun card"))
    card.close()
    thread.join(SECONDS)
    gone = weakref.ref(card)
    del card
    gc.collect()
    assert gone() is None


def test_two_cards_share_the_code(card):
    other = FlowRunCard(card.flow_run)
    assert other.code == card.code
    assert other.model_id != card.model_id
    other.close()


def test_unknown_options_are_refused_by_name(card):
    with pytest.raises(TypeError, match="colour"):
        card.flow_run.card(colour="red")


def test_in_a_terminal_a_run_shows_its_repr(card, monkeypatch):
    monkeypatch.setattr("IPython.get_ipython", lambda: object())
    assert card.flow_run._repr_mimebundle_() == ({"text/plain": repr(card.flow_run)}, {})


def test_without_a_notebook_a_run_is_its_twin_markdown_and_text(card):
    data, _ = card.flow_run._repr_mimebundle_()
    assert set(data) == {"text/html", "text/markdown", "text/plain"}
    first, *_, last = card.flow_run.digest().split("\n\n")
    assert first.partition(". ")[0] in data["text/markdown"]
    assert last in data["text/markdown"]
    assert "second" in data["text/markdown"]


def test_what_others_read_of_a_view_is_shown_before_a_question_about_it_is_answered(
    recorded, page
) -> None:
    """A page takes no answer about a snapshot that it does not show."""
    run = fw.FlowRunView.from_flow_run_id(recording("failed-with-retries").flow_run_id)
    run.get_logs()
    run.get_all_task_runs()
    card = FlowRunCard(run)
    before = card.shown.snapshot
    run.digest()
    page.ask(card, question("query", query=log_query(), near=None, count=10))
    result = page.wait_for("result")
    assert card.shown.snapshot > before
    assert result["snapshot"] == card.shown.snapshot
    pushed = [content for content in page.heard if content.get("traits") == ["payload"]]
    assert page.heard.index(pushed[-1]) < page.heard.index(result)
    card.close()
