"""Wherever lines are missing, counting finds them, at a cost that has a limit."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

import flowrun_widgets as fw
from flowrun_widgets.backends.prefect3 import logs

from .fake import RUN, START, URL, FakePrefect, line, state

REFRESHES = 25
OTHER_REQUESTS = 12
"""The run, the lines that are not late, and the labels."""


class Writer:
    """Adds lines at times that a kind of lateness gives."""

    def __init__(self, fake, chance):
        self.fake, self.chance = fake, chance
        self.seconds = 0.0

    def write(self, kind):
        self.seconds += self.chance.choice([0, 0.03, 0.1])
        for back in self.delays(kind):
            moment = START + timedelta(seconds=back)
            self.fake.lines.append(line(len(self.fake.lines), moment))

    def delays(self, kind):
        now, chance = self.seconds, self.chance
        return {
            "in time": [now],
            "behind": [now - 240],
            "two clocks": [now, now - 100, now - 240],
            "anywhere": [now - chance.uniform(0, 300)],
            "one time": [round(now - 240, -1)],
            "many": [now - chance.uniform(0, 3) for _ in range(20)],
        }[kind]


KINDS = ("in time", "in time", "behind", "two clocks", "anywhere", "one time", "many")


@pytest.mark.parametrize("seed", range(8))
def test_every_line_is_there_in_the_end_and_each_refresh_has_a_limit(seed, monkeypatch):
    chance = random.Random(seed)
    monkeypatch.setattr(logs, "MAX_COUNTED", chance.choice([20_000, 1_000]))
    fake = FakePrefect()
    fake.state = state("RUNNING", "Running")
    writer = Writer(fake, chance)
    for _ in range(chance.choice([0, 50, 2_000])):
        writer.write("in time")
    with fw.connect(URL, transport=fake, library=False):
        run = fw.FlowRunView.from_flow_run_id(RUN)
        run.get_logs()
        for _ in range(REFRESHES):
            kind = chance.choice(KINDS)
            for _ in range(chance.choice([0, 1, 10, 60])):
                writer.write(kind)
            before = len(fake.requests)
            run = run.get_latest()
            new_pages = 60 * 20 / 200
            assert (
                len(fake.requests) - before <= logs.MAX_SEARCH_REQUESTS + OTHER_REQUESTS + new_pages
            )
        fake.state = state()
        run = run.get_latest()
        full = fw.FlowRunView.from_flow_run_id(RUN).get_logs()
    assert sorted(one.message for one in run.get_logs()) == sorted(one.message for one in full)
    assert len(full) == len(fake.lines)


def test_lines_of_one_time_that_are_more_than_a_page_hide_no_late_one():
    fake = FakePrefect(lines=[line(n, START) for n in range(450)])
    fake.lines += [line(n, START + timedelta(seconds=n)) for n in range(450, 1_000)]
    fake.state = state("RUNNING", "Running")
    with fw.connect(URL, transport=fake, library=False):
        run = fw.FlowRunView.from_flow_run_id(RUN)
        run.get_logs()
        for number in range(1_000, 1_003):
            fake.lines.append(line(number, START))
            run = run.get_latest()
            assert len(run.get_logs()) == len(fake.lines)


def test_a_server_that_ignores_the_offset_ends_no_refresh_in_a_loop():
    fake = FakePrefect(lines=[line(n) for n in range(50)])
    fake.state = state("RUNNING", "Running")
    with fw.connect(URL, transport=fake, library=False):
        run = fw.FlowRunView.from_flow_run_id(RUN)
        run.get_logs()
        page = fake._page
        fake._page = lambda rows, body: page(rows, {**body, "offset": 0})
        before = len(fake.requests)
        run = run.get_latest()
        assert len(run.get_logs()) == 50
        assert len(fake.requests) - before < 20


def test_a_server_that_counts_a_line_too_many_is_not_searched_each_time():
    fake = FakePrefect(lines=[line(n) for n in range(700)])
    fake.state = state("RUNNING", "Running")
    with fw.connect(URL, transport=fake, library=False):
        run = fw.FlowRunView.from_flow_run_id(RUN)
        run.get_logs()
        fake.lines.append(fake.lines[-1])
        run = run.get_latest()
        for number in range(700, 705):
            before = len(fake.requests)
            fake.lines.append(line(number))
            run = run.get_latest()
            assert len(fake.requests) - before == 2
            assert len(run.get_logs()) == number + 1
