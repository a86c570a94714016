"""A card that follows its run: what it shows, what it asks, when it ends, and how it gets over a server's failures."""

import gc
import gzip
import json
import threading

import httpx
import pytest
import stamina

import flowrun_widgets as fw
from flowrun_widgets.live.poller import LOCK, follow
from flowrun_widgets.store.writer import StoreWriter
from flowrun_widgets.widget import following, loader, registry
from tests.stores import FLOW_RUN_ID, log_row, state_row
from tests.unit.following import Schedule, Wire, end, followers, no_followers, writing

from .page import SECONDS, Page, log_query, question


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Looks follow each other soon, and whatever a test does, no thread is left of it."""
    monkeypatch.setattr(following, "DEFAULT_SECONDS", 0.1)
    stamina.set_testing(True, attempts=1)
    yield
    stamina.set_testing(False)
    for card in [*registry.open_cards()]:
        card.close()
    assert no_followers()


@pytest.fixture
def page(monkeypatch):
    return Page(monkeypatch)


@pytest.fixture
def wire(store):
    wire = Wire(store)
    yield wire
    wire.gateway.close()


def read_run():
    run = fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID)
    run.get_logs()
    run.get_all_task_runs()
    return run


@pytest.fixture
def served(wire):
    """The small run as a server gives it, read."""
    fw.connect("http://gateway.test", transport=wire, library=False)
    return read_run()


@pytest.fixture
def run(store):
    fw.connect(store)
    return read_run()


class Changes:
    """What a card shows, change by change."""

    def __init__(self, card):
        self.card = card
        self._changed = threading.Condition()
        card.on_change(self._hear)

    def _hear(self, _shown):
        with self._changed:
            self._changed.notify_all()

    def until(self, is_so):
        with self._changed:
            assert self._changed.wait_for(lambda: is_so(self.card.shown), SECONDS), self.card.shown
        return self.card.shown


def away():
    raise httpx.ConnectError("Connection refused")


def answered(status, **headers):
    return lambda: httpx.Response(status, json={"errors": [{"message": "no"}]}, headers=headers)


def pushed(page):
    return [one for one in page.heard if one["kind"] == "pushed" and "payload" in one["traits"]]


def test_new_lines_appear_by_themselves(run, store):
    card = run.card(follow=True)
    changes = Changes(card)
    with StoreWriter(store) as writer:
        writer.add({"log": [log_row(9, 60, "by itself")]})
    shown = changes.until(lambda shown: shown.logs.total == 4)
    assert shown.is_following
    assert shown.logs.window.items[-1][6] == "by itself"
    assert card.filtered_logs["message"].to_list()[-1] == "by itself"
    card.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_listener_that_raises_stops_neither_the_card_nor_the_others(run, store):
    def fail(_shown):
        raise RuntimeError("not mine")

    card = run.card()
    card.on_change(fail)
    changes = Changes(card)
    card.follow = True
    with StoreWriter(store) as writer:
        writer.add({"log": [log_row(9, 60, "by itself")]})
    changes.until(lambda shown: shown.logs.total == 4)
    done = threading.Event()
    threading.Thread(target=lambda: (card.refresh(), done.set()), daemon=True).start()
    assert done.wait(SECONDS)
    card.close()


def test_it_is_off_unless_it_is_asked_for_and_then_asks_nothing(served, wire):
    card = served.card()
    asked = wire.requests
    assert not card.follow
    assert not card.is_following
    assert not card.shown.is_following
    assert followers() == []
    assert wire.requests == asked
    card.close()


def test_the_switch_turns_it_on_and_off(run, page):
    card = run.card()
    changes = Changes(card)
    page.ask(card, question("follow", n=1, is_on=True))
    changes.until(lambda shown: shown.is_following)
    assert card.follow
    assert followers()
    page.ask(card, question("follow", n=2, is_on=False))
    changes.until(lambda shown: not shown.is_following)
    assert not card.is_following
    assert no_followers()
    assert page.kinds(1) == page.kinds(2) == ["heard"]
    card.close()


def test_fw_card_turns_it_on_for_the_card_that_is_open(run):
    card = run.card()
    assert fw.card(run, follow=True) is card
    assert card.is_following
    card.follow = False
    card.close()


def test_a_run_that_stands_still_pushes_nothing(served, wire, page):
    card = served.card(follow=True)
    changes = Changes(card)
    changes.until(lambda shown: shown.snapshot > 1)
    count, shown = len(pushed(page)), card.shown
    looked = threading.Semaphore(0)
    wire.answer = looked.release
    for _ in range(3):
        assert looked.acquire(timeout=SECONDS)
    assert len(pushed(page)) == count
    assert card.shown is shown
    card.close()


def test_a_card_that_follows_while_it_loads_goes_on_from_what_it_read(store):
    fw.connect(store)
    card = fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID).card(follow=True)
    changes = Changes(card)
    assert card.follow
    with StoreWriter(store) as writer:
        writer.add({"log": [log_row(9, 60, "later")]})
    changes.until(lambda shown: shown.logs is not None and shown.logs.total == 4)
    card.close()


def followed(run, clock, count=1):
    """Follow a run to its end by a clock, and return the cards."""
    ended = [threading.Event() for _ in range(count)]
    cards = [run.card() for _ in range(count)]
    gc.collect()  # what a thread that starts collects may wait for the lock
    with LOCK:  # nobody looks before everybody follows
        first = follow(run, lambda told: None, clock=clock, chance=lambda: 0.5)
        for card, over in zip(cards, ended, strict=True):
            card.follow = True
            card.on_change(lambda shown, over=over: shown.is_following or over.set())
    assert all(over.wait(SECONDS) for over in ended)
    first.close()
    return cards


@pytest.mark.parametrize("seed", range(300, 310))
def test_what_the_card_shows_in_the_end_is_what_there_is(seed, run, store):
    schedule = Schedule(seed)
    with writing(store) as writer:
        (card,) = followed(run, schedule.clock(writer))
    full = [line.message for line in fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID).get_logs()]
    assert card.filtered_logs["message"].to_list() == full
    assert card.filtered_logs["seq"].is_unique
    assert set(schedule.messages) <= set(full)
    assert card.shown.header.is_finished
    assert card.shown.notice.text == "Following stopped: the run has ended."
    assert not card.follow
    card.close()


def test_five_cards_ask_no_more_than_one(store):
    asked = []
    for count in (1, 5):
        path = store.with_name(f"{count}.sqlite")
        path.write_bytes(store.read_bytes())
        wire = Wire(path)
        fw.connect(f"http://gateway{count}.test", transport=wire, library=False)
        run = read_run()
        before = wire.requests
        with writing(path) as writer:
            cards = followed(run, Schedule(7).clock(writer), count)
        asked.append(wire.requests - before)
        assert len({card.shown.logs.total for card in cards}) == 1
        for card in cards:
            card.close()
        wire.gateway.close()
    assert asked[0] == asked[1] > 5


def test_a_card_of_another_reading_of_the_run_keeps_its_pins_on_their_lines(served, store):
    """Two who read at different moments number late lines differently; who joins takes over the numbers."""
    with StoreWriter(store) as writer:
        writer.add({"log": [log_row(0, 0.5, "late")]})
    other = read_run()
    mine = {line["message"]: line["seq"] for line in frame(served)}
    theirs = {line["message"]: line["seq"] for line in frame(other)}
    (moved,) = [message for message in mine if mine[message] != theirs[message]][:1]
    leader, card = other.card(follow=True), served.card()
    card.pin(seq=mine[moved], note="this one")
    changes = Changes(card)
    card.follow = True
    changes.until(lambda shown: shown.logs.total == 4)
    assert [(pin.message, pin.seq) for pin in card.pins] == [(moved, theirs[moved])]
    leader.close()
    card.close()


def frame(run):
    return run.get_logs().to_pandas().to_dict("records")


def test_a_server_that_is_away_is_waited_for_and_comes_back_without_a_click(served, wire):
    card = served.card(follow=True)
    changes = Changes(card)
    changes.until(lambda shown: shown.snapshot > 1)
    wire.answer = away
    shown = changes.until(lambda shown: shown.notice is not None)
    assert shown.notice.kind == "unreachable"
    assert "has not answered since" in shown.notice.text
    assert shown.notice.retry_seconds > 0
    assert shown.logs.total == 3
    since = shown.notice.at
    longer = changes.until(lambda shown: shown.notice.retry_seconds > 0.3)
    assert longer.notice.at == since
    wire.answer = lambda: None
    shown = changes.until(lambda shown: shown.notice is None)
    assert shown.is_following
    card.close()


def test_a_refresh_that_failed_is_tried_again_until_it_succeeds_once(served, wire):
    card = served.card()
    changes = Changes(card)
    wire.answer = away
    card.refresh()
    changes.until(lambda shown: shown.notice.retry_seconds)
    assert not card.is_following
    wire.answer = lambda: None
    changes.until(lambda shown: shown.notice is None)
    assert no_followers()
    asked = wire.requests
    card.refresh()
    assert wire.requests == asked + 1
    card.close()


def test_a_card_whose_first_read_fails_reads_when_the_server_is_back(wire):
    fw.connect("http://gateway.test", transport=wire, library=False)
    run = fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID)
    wire.answer = away
    card = run.card()
    changes = Changes(card)
    changes.until(lambda shown: shown.notice and shown.notice.retry_seconds)
    wire.answer = lambda: None
    changes.until(lambda shown: shown.notice is None)
    assert card.shown.logs.total == 3
    assert card.shown.tasks.total == 2
    card.close()


def test_closing_ends_the_retries(served, wire):
    wire.answer = away
    card = served.card()
    card.refresh()
    assert followers()
    card.close()
    assert no_followers()


def test_a_server_that_names_a_time_is_left_in_peace_until_then(served, wire, page):
    wire.answer = answered(429, **{"Retry-After": "40"})
    card = served.card()
    changes = Changes(card)
    card.refresh()
    shown = changes.until(lambda shown: shown.notice.retry_seconds)
    assert shown.notice.kind == "unreachable"
    assert "limiting requests" in shown.notice.text
    assert shown.notice.retry_seconds >= 40
    asked = wire.requests
    card.refresh()
    page.ask(card, question("refresh", n=5))
    assert page.wait_for("refreshed", n=5)
    assert wire.requests == asked
    card.close()


def test_a_refused_key_ends_it_and_says_what_to_do(served, wire):
    card = served.card(follow=True)
    changes = Changes(card)
    changes.until(lambda shown: shown.snapshot > 1)
    wire.answer = answered(401)
    shown = changes.until(lambda shown: shown.notice is not None)
    assert shown.notice.kind == "error"
    assert "Check the API key" in shown.notice.text
    assert shown.notice.text.endswith("Refresh to try again.")
    assert shown.notice.retry_seconds is None
    assert not shown.is_following
    assert shown.logs.total == 3
    assert no_followers()
    wire.answer = lambda: None
    card.refresh()
    assert card.shown.notice is None
    card.close()


@pytest.mark.parametrize("source", ["served", "run"])
def test_a_closed_connection_ends_it_and_says_what_to_do(source, request):
    run = request.getfixturevalue(source)
    card = run.card(follow=True)
    changes = Changes(card)
    changes.until(lambda shown: shown.snapshot > 1)
    run.connection.close()
    shown = changes.until(lambda shown: shown.notice is not None)
    assert shown.notice.text.endswith("was closed: fw.connect(…) opens a new one.")
    assert shown.notice.retry_seconds is None
    assert not shown.is_following
    assert no_followers()
    card.close()


def test_a_deleted_run_ends_it_and_what_was_read_stays(served, wire, store):
    card = served.card(follow=True)
    changes = Changes(card)
    changes.until(lambda shown: shown.snapshot > 1)
    wire.answer = lambda: httpx.Response(200, json={"data": {"flow_run": []}})
    shown = changes.until(lambda shown: shown.notice is not None)
    assert (
        shown.notice.text
        == "The run no longer exists on gateway.test. The card keeps what it has read."
    )
    assert not shown.is_following
    assert shown.logs.total == 3
    assert no_followers()
    card.close()


def test_a_refresh_of_a_card_that_follows_is_a_look_of_the_poller(served, wire, page, store):
    card = served.card(follow=True)
    changes = Changes(card)
    changes.until(lambda shown: shown.snapshot > 1)
    with StoreWriter(store) as writer:
        writer.add({"log": [log_row(9, 60, "asked for")]})
    page.ask(card, question("refresh", n=3))
    page.wait_for("refreshed", n=3)
    assert card.shown.logs.total == 4
    card.refresh()
    assert len(followers()) == 1
    card.close()


def test_who_waits_for_a_refresh_waits_no_more_when_it_is_turned_off(served, wire):
    card = served.card(follow=True)
    Changes(card).until(lambda shown: shown.snapshot > 1)
    asked, go = threading.Event(), threading.Event()

    def held_up():
        asked.set()
        assert go.wait(SECONDS)

    wire.answer = held_up
    assert asked.wait(SECONDS)
    waiting = threading.Thread(target=card.refresh)
    waiting.start()
    while not card._loader._following._waiting:
        pass
    card.follow = False
    waiting.join(SECONDS)
    assert not waiting.is_alive()
    go.set()
    card.close()


def test_the_end_is_told_to_listeners_and_said(run, store, monkeypatch):
    monkeypatch.setattr("flowrun_widgets.live.poller.QUIET_SECONDS", 0.1)
    card = run.card(follow=True)
    changes = Changes(card)
    with StoreWriter(store) as writer:
        end(writer, 61)
    shown = changes.until(lambda shown: not shown.is_following)
    assert shown.header.is_finished
    assert (shown.notice.kind, shown.notice.text) == (
        "info",
        "Following stopped: the run has ended.",
    )
    assert no_followers()
    card.close()


def test_while_no_page_shows_the_card_the_run_is_looked_at_rarely(run, page):
    card = run.card(follow=True)
    subscription = card._loader._following._subscription
    for content, seconds in [
        (question("hello", n=1), following.DEFAULT_SECONDS),
        (question("visible", n=2, is_visible=False), following.HIDDEN_SECONDS),
        (question("hello", n=1, view="right"), following.DEFAULT_SECONDS),
        (question("bye", n=2, view="right"), following.HIDDEN_SECONDS),
        (question("visible", n=3, is_visible=True), following.DEFAULT_SECONDS),
        (question("bye", n=4), following.HIDDEN_SECONDS),
    ]:
        page.ask(card, content)
        page.ask(card, question("rows", n=99, view="other", query=log_query(), start=0, count=1))
        page.wait_for("rows", n=99)
        assert subscription.interval == seconds
    card.close()


def test_what_questions_needed_goes_a_while_after_the_last_view_and_comes_back(
    run, page, monkeypatch
):
    monkeypatch.setattr(loader, "REST_SECONDS", 0.1)
    card = run.card()
    page.ask(card, question("hello", n=1))
    page.ask(card, question("rows", n=2, query=log_query(), start=0, count=1))
    page.wait_for("rows", n=2)
    made = card.content
    assert card.content is made
    page.ask(card, question("bye", n=3))
    card._loader.worker.put("after", lambda: None)
    gone = threading.Event()
    card._loader.worker.put_later(0.2, "gone", gone.set)
    assert gone.wait(SECONDS)
    assert card.content is not made
    page.ask(card, question("rows", n=4, query=log_query(), start=0, count=1))
    assert page.wait_for("rows", n=4)["window"]["items"]
    card.close()


def test_task_runs_that_changed_are_named(run, store):
    card = run.card()
    states = {row[0]: row[4] for row in card.shown.tasks.rows}
    with StoreWriter(store) as writer:
        identifier = next(iter(states))
        writer.add_task_run_state(
            state_row(0x2001, {"task_run_id": identifier}, "Failed", 62, message="no")
        )
    card.refresh()
    assert card.shown.changes.tasks == (identifier,)
    assert json.loads(gzip.decompress(card.payload))["changes"]["tasks"] == [identifier]
    card.close()
