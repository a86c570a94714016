"""The thread behind a card."""

import queue
import threading

import pytest

from flowrun_widgets.live import worker as workers
from flowrun_widgets.live.worker import Worker

SECONDS = 20


def test_a_job_that_fails_does_not_take_the_later_ones_along(monkeypatch):
    shown = queue.Queue()
    monkeypatch.setattr(threading, "excepthook", shown.put)
    worker, done = Worker("test worker"), threading.Event()

    def fail():
        raise ZeroDivisionError

    worker.put("first", fail)
    assert shown.get(timeout=SECONDS).exc_type is ZeroDivisionError
    worker.put("second", done.set)
    assert done.wait(SECONDS)
    worker.close()


def test_jobs_that_wait_behind_one_that_fails_are_done(monkeypatch):
    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    worker, begun, go, done = (
        Worker("test worker"),
        threading.Event(),
        threading.Event(),
        threading.Event(),
    )

    def fail():
        begun.set()
        assert go.wait(SECONDS)
        raise ZeroDivisionError

    worker.put("first", fail)
    assert begun.wait(SECONDS)
    worker.put("second", done.set)
    go.set()
    assert done.wait(SECONDS)
    worker.close()


@pytest.mark.parametrize("key", ["one", ("two", 2)])
def test_the_newest_job_of_a_key_wins(key):
    worker, begun, go = Worker("test worker"), threading.Event(), threading.Event()
    done = queue.Queue()

    def hold():
        begun.set()
        assert go.wait(SECONDS)

    worker.put("hold", hold)
    assert begun.wait(SECONDS)
    for number in range(3):
        worker.put(key, lambda number=number: done.put(number))
    worker.put("last", lambda: done.put("last"))
    go.set()
    assert [done.get(timeout=SECONDS) for _ in range(2)] == [2, "last"]
    worker.close()


def test_after_closing_jobs_are_dropped():
    worker = Worker("closed worker")
    worker.close()
    worker.put("late", lambda: None)
    assert not [thread for thread in threading.enumerate() if thread.name == "closed worker"]


def test_a_job_for_later_lets_others_pass_and_is_not_put_off():
    """What is put under its key meanwhile is dropped: the first one is still to come."""
    worker, done = Worker("test worker"), queue.Queue()
    worker.put_later(0.05, "later", lambda: done.put("later"))
    worker.put_later(60, "later", lambda: done.put("never"))
    worker.put("now", lambda: done.put("now"))
    assert [done.get(timeout=SECONDS) for _ in range(2)] == ["now", "later"]
    worker.close()


def test_closing_drops_what_is_for_later():
    worker = Worker("waiting worker")
    worker.put_later(60, "later", lambda: None)
    (thread,) = (each for each in threading.enumerate() if each.name == "waiting worker")
    worker.close()
    thread.join(SECONDS)
    assert not thread.is_alive()


def test_a_worker_without_work_has_no_thread_and_takes_the_next_job_all_the_same(monkeypatch):
    monkeypatch.setattr(workers, "IDLE_SECONDS", 0.0)
    worker, done = Worker("idle worker"), queue.Queue()
    for number in range(200):
        worker.put(number, lambda number=number: done.put(number))
        assert done.get(timeout=SECONDS) == number
    for thread in threading.enumerate():
        if thread.name == "idle worker":
            thread.join(SECONDS)
    assert not [each for each in threading.enumerate() if each.name == "idle worker"]
    worker.close()
