"""Following a run: when it polls, which failures it survives, and that no thread is left."""

import gc
import re
import signal
import threading
import time
from datetime import timedelta
from itertools import pairwise

import httpx
import pytest
import stamina

import flowrun_widgets as fw
from flowrun_widgets import errors
from flowrun_widgets.live import rhythm
from flowrun_widgets.live.poller import QUIET_SECONDS, follow
from flowrun_widgets.live.rhythm import Rhythm
from flowrun_widgets.live.watch import watch
from flowrun_widgets.recordings.replay import recording
from tests.stores import FLOW_RUN_ID, log_row, made, state_row

from .following import TurnedClock, Wire, end, followers, no_followers, writing

PATIENCE = 20


@pytest.fixture(autouse=True)
def nothing_left():
    """Whatever a test does, no thread is left when it is over; the transport's own retries do not wait."""
    stamina.set_testing(True, attempts=1)
    yield
    stamina.set_testing(False)
    gc.collect()
    assert no_followers()


@pytest.fixture
def writer(store):
    with writing(store) as writer:
        yield writer


@pytest.fixture
def run(store):
    fw.connect(store)
    return fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID)


@pytest.fixture
def wire(store):
    wire = Wire(store)
    yield wire
    wire.gateway.close()


@pytest.fixture
def served(wire):
    """The run, as a server of Prefect 1 gives it."""
    fw.connect("http://gateway.test", transport=wire, library=False)
    return fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID)


def adding(writer, number, seconds):
    return lambda: writer.add({"log": [log_row(number, seconds, f"line {number}")]})


def ending(writer, seconds, kind="Success"):
    return lambda: end(writer, seconds, kind)


def test_a_run_that_ended_long_ago_is_one_snapshot_with_its_log(recorded):
    run = fw.FlowRunView.from_flow_run_id(recording("mapped-success").flow_run_id)
    clock = TurnedClock()
    clock.seconds = 1e8
    (snapshot,) = watch(run, clock=clock)
    assert snapshot == run
    assert len(snapshot.get_logs()) > 0
    assert clock.waits == []


def test_it_ends_when_nothing_came_for_as_long_as_batches_take(run, writer):
    clock = TurnedClock(
        [(10, ending(writer, 10)), (20, adding(writer, 50, 9)), (33, adding(writer, 51, 9.5))]
    )
    last = [*watch(run, clock=clock)][-1]
    assert [line.message for line in last.get_logs()][-2:] == ["line 50", "line 51"]
    assert clock.seconds >= 33 + QUIET_SECONDS


def test_a_run_that_is_started_again_is_followed_on(run, writer):
    def again():
        row = state_row(0x1010, {"flow_run_id": FLOW_RUN_ID}, "Running", 18, message="Once more")
        writer.add_flow_run_state(row)

    def for_good():
        row = state_row(0x1011, {"flow_run_id": FLOW_RUN_ID}, "Failed", 200)
        writer.add_flow_run_state(row)

    clock = TurnedClock(
        [(10, ending(writer, 10)), (18, again), (150, adding(writer, 50, 150)), (200, for_good)]
    )
    snapshots = [*watch(run, clock=clock)]
    assert [one.state.name for one in snapshots] == [
        "Running",
        "Success",
        "Running",
        "Running",
        "Failed",
    ]
    assert len(snapshots[-1].get_logs()) == 4


def test_each_snapshot_is_newer_and_has_something_new(run, writer):
    events = [(at, adding(writer, 50 + at, at)) for at in range(1, 40, 3)]
    clock = TurnedClock([*events, (40, ending(writer, 40))])
    snapshots = [*watch(run, clock=clock)]
    changes = [later.changes_since(earlier) for earlier, later in pairwise(snapshots)]
    assert all(changes)
    assert sum(change.new_lines for change in changes) == len(events)


def test_it_looks_soon_after_a_change_and_ever_more_rarely_without_one(run, writer):
    clock = TurnedClock([(400, adding(writer, 50, 400)), (401, ending(writer, 401))])
    for _ in watch(run, clock=clock, chance=lambda: 0.5):
        pass
    quiet, after = clock.waits[:14], clock.waits[-8:]
    assert quiet[0] == 2
    assert all(1.4 < later / earlier < 1.6 for earlier, later in pairwise(quiet[:7]))
    assert quiet[-1] == 30
    assert 2 in after
    assert max(after[-3:]) < QUIET_SECONDS


def test_waits_vary_by_a_tenth():
    shortest, longest = Rhythm(10, lambda: 0.0), Rhythm(10, lambda: 1.0)
    assert shortest.after_look(is_changed=True) == pytest.approx(9)
    assert longest.after_look(is_changed=True) == pytest.approx(11)


def test_an_unchanged_run_costs_one_request_a_look_on_prefect_1(served, wire, writer):
    clock = TurnedClock([(300, ending(writer, 300))])
    before = []
    clock.events.insert(0, (50, lambda: before.append((wire.requests, len(clock.waits)))))
    clock.events.insert(1, (200, lambda: before.append((wire.requests, len(clock.waits)))))
    for _ in watch(served, clock=clock):
        pass
    (requests, looks), (more_requests, more_looks) = before
    assert more_requests - requests == more_looks - looks > 3


def test_an_unchanged_run_costs_one_transaction_a_look_on_the_store(run, writer, monkeypatch):
    lent = []
    file = run.connection.backend._file
    lend = file.lend
    monkeypatch.setattr(file, "lend", lambda: lent.append(1) or lend())
    clock = TurnedClock()
    seen = []
    clock.events = [(50, lambda: seen.append((len(lent), len(clock.waits))))]
    clock.events += [(200, lambda: seen.append((len(lent), len(clock.waits))))]
    clock.events += [(300, ending(writer, 300))]
    for _ in watch(run, clock=clock):
        pass
    (reads, looks), (more_reads, more_looks) = seen
    assert more_reads - reads == more_looks - looks > 3


def test_a_server_in_trouble_is_asked_again_when_it_says_and_nothing_is_lost(served, wire, writer):
    answers = {
        "busy": httpx.Response(429, headers={"Retry-After": "77"}),
        "down": httpx.Response(503, headers={"Retry-After": "41"}),
    }

    def failing(name):
        def fail():
            wire.answer = lambda: answers.pop(name, None)

        return fail

    clock = TurnedClock(
        [
            (5, failing("busy")),
            (20, adding(writer, 50, 20)),
            (200, failing("down")),
            (210, adding(writer, 51, 205)),
            (300, ending(writer, 300)),
        ]
    )
    last = [*watch(served, clock=clock)][-1]
    assert not answers
    assert [line.message for line in last.get_logs()][-2:] == ["line 50", "line 51"]
    assert [wait for wait in clock.waits if 77 <= wait <= 85]
    assert [wait for wait in clock.waits if 41 <= wait <= 46]


def test_a_server_that_is_gone_for_an_hour_is_waited_for(served, wire, writer):
    def unplug():
        def fail():
            raise httpx.ConnectError("nobody is there")

        wire.answer = fail

    def plug():
        wire.answer = lambda: None

    clock = TurnedClock(
        [(5, unplug), (1000, ending(writer, 1000)), (1001, adding(writer, 50, 999)), (3600, plug)]
    )
    last = [*watch(served, clock=clock)][-1]
    assert last.get_logs()[-1].message == "line 50"
    assert max(clock.waits) <= 66


@pytest.mark.parametrize(
    ("answer", "error", "requests"),
    [
        (lambda: httpx.Response(401), errors.AccessDenied, 1),
        (lambda: httpx.Response(400), errors.QueryRejected, 1),
        (lambda: httpx.Response(200, text="<html>Sign in</html>"), errors.UnexpectedAnswer, 5),
        (lambda: httpx.Response(500), errors.BackendError, 5),
    ],
)
def test_what_does_not_pass_is_raised(served, wire, answer, error, requests):
    failed = []

    def fail():
        failed.append(1)
        return answer()

    def begin():
        wire.answer = fail

    snapshots = watch(served, clock=TurnedClock([(30, begin)]))
    assert next(snapshots).state.is_running()
    with pytest.raises(error):
        next(snapshots)
    assert len(failed) == requests
    assert next(snapshots, "over") == "over"


def test_a_run_that_is_deleted_is_not_found(run, writer):
    def delete():
        writer._connection.execute("delete from flow_run")

    snapshots = watch(run, clock=TurnedClock([(30, delete)]))
    next(snapshots)
    with pytest.raises(errors.NotFound):
        next(snapshots)


def test_a_machine_whose_clock_is_set_back_follows_on(run, writer, monkeypatch):
    from flowrun_widgets.times import now

    moments = iter(range(1000))
    back = lambda: now().subtract(minutes=next(moments))  # noqa: E731
    monkeypatch.setattr("flowrun_widgets.views.flow_run_facts.now", back)
    clock = TurnedClock([(40, adding(writer, 50, 40)), (50, ending(writer, 50))])
    *_, last = watch(run, max_duration=timedelta(minutes=10), clock=clock)
    assert last.state.is_finished()
    assert len(last.get_logs()) == 4


def test_what_nobody_foresaw_is_raised_where_it_is_waited_for(run, monkeypatch):
    def fail(*_):
        raise ZeroDivisionError

    monkeypatch.setattr(run.connection.backend, "latest", fail)
    with pytest.raises(ZeroDivisionError):
        next(watch(run, clock=TurnedClock()))


def test_a_limit_raises_what_prefect_1_raises(run):
    clock = TurnedClock()
    snapshots = watch(run, max_duration=timedelta(minutes=90), clock=clock)
    next(snapshots)
    said = "`watch_flow_run` timed out after 1.5 hours of waiting for completion. Your flow run is still in state: <Running"
    with pytest.raises(RuntimeError, match=re.escape(said)):
        next(snapshots)
    assert clock.seconds == 5400


def test_a_limit_holds_while_the_server_is_away(served, wire):
    wire.answer = lambda: httpx.Response(503)
    with pytest.raises(errors.WatchTimeout):
        next(watch(served, max_duration=timedelta(minutes=5), clock=TurnedClock()))


def test_a_limit_does_not_cut_off_the_last_lines_of_a_run_that_ended(run, writer):
    clock = TurnedClock([(10, ending(writer, 10)), (20, adding(writer, 50, 9))])
    last = [*watch(run, max_duration=timedelta(seconds=16), clock=clock)][-1]
    assert last.get_logs()[-1].message == "line 50"


@pytest.mark.parametrize("interval", [0, -1, True, "2", float("nan"), float("inf"), None])
def test_an_interval_is_a_number_of_seconds(run, interval):
    with pytest.raises(errors.InvalidArgument, match="interval"):
        run.watch(interval=interval)


def test_a_limit_is_a_span_of_time(run):
    with pytest.raises(errors.InvalidArgument, match="timedelta"):
        run.watch(max_duration=12)


def test_nothing_is_asked_before_the_first_snapshot_is_wanted(served, wire):
    before = wire.requests
    served.watch()
    assert wire.requests == before
    assert followers() == []


def test_closing_ends_it_at_once_also_while_another_thread_waits(run):
    snapshots = run.watch(interval=3600)
    next(snapshots)
    waiting = threading.Thread(target=lambda: next(snapshots, None))
    waiting.start()
    began = time.monotonic()
    snapshots.close()
    waiting.join(PATIENCE)
    assert not waiting.is_alive()
    assert time.monotonic() - began < 5
    assert next(snapshots, "over") == "over"


def test_leaving_the_loop_and_dropping_the_iterator_end_the_thread(run):
    for _ in run.watch():
        assert len(followers()) == 1
        break
    assert no_followers()
    kept = run.watch()
    next(kept)
    del kept
    gc.collect()
    assert no_followers()


@pytest.fixture
def interruptible():
    """A process that was started in the background ignores interrupts."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_an_interrupt_ends_it_though_the_iterator_is_kept(run):
    main = threading.main_thread().ident
    clock = TurnedClock([(30, lambda: signal.pthread_kill(main, signal.SIGINT))])
    snapshots = watch(run, clock=clock)
    next(snapshots)
    with pytest.raises(KeyboardInterrupt):
        next(snapshots)
    assert no_followers()
    assert next(snapshots, "over") == "over"


def test_fifty_who_follow_share_one_thread_and_its_requests(served, wire, writer):
    heard, enough = [[] for _ in range(50)], threading.Event()
    clock = TurnedClock([(60, adding(writer, 50, 60)), (90, ending(writer, 90)), (300, enough.set)])
    before = wire.requests
    subscriptions = [follow(served, one.append, clock=clock).begin() for one in heard]
    assert len({one.poller for one in subscriptions}) == 1
    assert len(followers()) == 1
    assert no_followers()
    # Three to begin with, one a look; each wait ends in a look.
    assert wire.requests - before <= 2 + len(clock.waits) + 1
    for told in heard:
        assert told[-1].is_over
        assert len(told[-1].run.get_logs()) == 4
        assert all(one.run.connection is served.connection for one in told)


def test_fifty_iterators_share_one_thread_and_a_newcomer_waits_for_no_look(served, wire):
    before = wire.requests
    kept = [served.watch(interval=60) for _ in range(50)]
    first = [next(one) for one in kept]
    assert len(followers()) == 1
    assert wire.requests - before == 3
    assert all(one is first[0] for one in first)
    for one in kept[1:]:
        one.close()
    assert len(followers()) == 1
    kept[0].close()


def test_a_newcomer_gets_no_snapshot_older_than_its_own(run, writer):
    with run.watch(interval=60) as early:
        next(early)
        adding(writer, 50, 50)()
        newer = fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID)
        with newer.watch(interval=0.1) as late:
            snapshot = next(late)
        assert snapshot.as_of >= newer.as_of
        assert len(snapshot.get_logs()) == 4
        assert len(next(early).get_logs()) == 4


def test_it_goes_on_until_the_last_of_several_leaves(run):
    first, second = (follow(run, lambda _: None).begin() for _ in range(2))
    first.close()
    assert len(followers()) == 1
    second.close()
    second.close()
    assert no_followers()


def test_one_that_fails_to_hear_does_not_stop_the_others(run, writer, monkeypatch):
    shown = []
    monkeypatch.setattr(threading, "excepthook", shown.append)
    heard, ready = [], threading.Event()

    def deaf(_):
        raise ZeroDivisionError

    def hear(told):
        heard.append(told)
        ready.wait(PATIENCE)

    clock = TurnedClock([(40, adding(writer, 50, 40)), (50, ending(writer, 50))])
    follow(run, hear, clock=clock).begin()
    follow(run, deaf).begin()
    ready.set()
    assert no_followers()
    assert heard[-1].is_over
    assert [one.exc_type for one in shown] == [ZeroDivisionError]


def test_trouble_is_told_with_its_beginning_and_so_is_its_end(served, wire, writer):
    def fail():
        wire.answer = lambda: httpx.Response(503, headers={"Retry-After": "20"})

    def mend():
        wire.answer = lambda: None

    clock = TurnedClock([(10, fail), (70, mend), (120, ending(writer, 120))])
    heard = []
    follow(served, heard.append, clock=clock).begin()
    assert no_followers()
    failed = [told for told in heard if told.error is not None]
    assert len({told.failing_since for told in failed}) == 1
    assert all(told.retry_seconds >= 20 and len(told.run.get_logs()) == 3 for told in failed)
    after = heard[heard.index(failed[-1]) + 1]
    assert after.error is None
    assert not after.is_changed


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [(None, 0), (httpx.Response(429, headers={"Retry-After": "77"}), 77)],
)
def test_a_click_looks_at_once_unless_the_server_wants_peace(served, wire, answer, seconds):
    clock, heard, is_subscribed = TurnedClock(), [], threading.Event()
    answers = [answer]
    wire.answer = lambda: answers.pop() if answers else None

    def hear(_):
        heard.append(clock.seconds)
        is_subscribed.wait(PATIENCE)
        if len(heard) == 1:
            subscription.refresh()
        else:
            subscription.close()

    subscription = follow(served, hear, interval=3600, clock=clock).begin()
    is_subscribed.set()
    assert no_followers()
    assert heard == [0, seconds]


def test_a_click_while_a_look_is_under_way_is_answered_by_one_of_its_own(served, wire):
    clock, heard, is_subscribed = TurnedClock(), [], threading.Event()

    def click():
        wire.answer = lambda: None
        is_subscribed.wait(PATIENCE)
        subscription.refresh()

    def hear(told):
        heard.append((clock.seconds, told.run.as_of >= subscription.as_of))
        if heard[-1][1]:
            subscription.close()

    wire.answer = click
    subscription = follow(served, hear, interval=3600, clock=clock).begin()
    is_subscribed.set()
    assert no_followers()
    assert heard == [(0, True)]
    assert not clock.waits


def test_watch_flow_run_of_a_finished_run_says_so_and_yields_its_log(recorded):
    recorded_run = recording("mapped-success").flow_run_id
    lines = [*fw.watch_flow_run(recorded_run, stream_states=False)]
    assert lines == [*fw.FlowRunView.from_flow_run_id(recorded_run).get_logs()]
    assert [*fw.watch_flow_run(recorded_run, stream_states=False, stream_logs=False)] == []
    first, *states = [line.message for line in fw.watch_flow_run(recorded_run, stream_logs=False)]
    assert re.match(r"Your flow run finished .+ ago", first)
    assert states[0].startswith("Entered state <Pending>: ")
    assert states[-1].startswith("Entered state <Success>: ")


def test_watch_flow_run_of_no_run_is_not_found(recorded):
    with pytest.raises(errors.NotFound):
        next(fw.watch_flow_run("00000000-0000-4000-8000-0000000000ff"))


def test_stream_flow_run_logs_prints_a_line_each(store, writer, capsys):
    fw.connect(store)
    writer.add({"log": [log_row(9, 3, "red \x1b[31malert\x1b[0m", "ERROR")]})
    end(writer, 0)
    fw.stream_flow_run_logs(FLOW_RUN_ID)
    printed = capsys.readouterr().out.splitlines()
    assert all(re.match(r"\d\d:\d\d:\d\d \| .{7} \| .", line) for line in printed)
    assert printed[-1].endswith("| ERROR   | red alert")


def test_a_machine_that_was_asleep_looks_as_soon_as_it_wakes(run, writer):
    """The wait goes on where it was, but the clock does not: the poller sees it at its next glance."""

    class Slept(TurnedClock):
        def wait(self, changed, seconds):
            self.waits.append(seconds)
            self.seconds += 8 * 3600
            writer.add({"log": [log_row(90 + len(self.waits), 60, "woken")]})
            end(writer, 61)

    clock = Slept()
    first, second, *_ = watch(run, clock=clock, chance=lambda: 0.5)
    assert (len(first.get_logs()), len(second.get_logs())) == (3, 4)
    assert clock.waits[0] < 3


def test_the_clock_goes_on_while_the_machine_sleeps_and_is_looked_at_every_few_seconds(monkeypatch):
    monkeypatch.setattr(rhythm, "GLANCE_SECONDS", 0.01)
    clock, changed = rhythm.SystemClock(), threading.Condition()
    with changed:
        clock.wait(changed, PATIENCE * 1_000)
    if hasattr(time, "CLOCK_BOOTTIME"):
        assert clock.now() == pytest.approx(time.clock_gettime(time.CLOCK_BOOTTIME), abs=5)


def test_a_worker_whose_clock_is_four_minutes_behind_costs_a_refresh_its_new_lines(
    wire, writer, served
):
    """30 lines a second, of which a refresh reads those of the last ten seconds again."""
    rate, behind = 30, 240

    def write(first, count, arrived):
        rows = [
            log_row(n, max(0.0, arrived - behind - (first + count - n) / rate), f"line {n}")
            for n in range(first, first + count)
        ]
        writer.add({"log": [{**row, **made(arrived)} for row in rows]})

    for second in range(0, 300, 2):
        write(100 + second * rate, 2 * rate, behind + second)
    served.get_logs()
    served.get_all_task_runs()
    run, written = served, 300 * rate
    for number in range(3):
        write(100 + written, 10, behind + 300 + number)
        written += 10
        wire.requests = wire.bytes = 0
        run = run.get_latest()
        assert wire.requests == 1
        assert wire.bytes < 300_000
        assert sum(line.message.startswith("line ") for line in run.get_logs()) >= written
    assert len({line.message for line in run.get_logs()}) == len(run.get_logs())
