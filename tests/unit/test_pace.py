"""A harvest sends a share of the requests that a server allows, and none while the server refuses them."""

from __future__ import annotations

import json
import threading
from bisect import bisect_left
from datetime import timedelta

import httpx
import pytest

import flowrun_widgets as fw
from flowrun_widgets.backends import pace as paces
from flowrun_widgets.backends.pace import Pace
from flowrun_widgets.backends.transport import paced
from flowrun_widgets.errors import InvalidArgument, RateLimited
from flowrun_widgets.harvest.writer import harvest, pace_of
from flowrun_widgets.log_columns import LogColumns
from tests.generated_runs import ManyRuns, many_runs, run_id
from tests.prefect3.fake import FLOW, START, URL, FakePrefect, line, stamp, state

CLOUD = "https://api.prefect.cloud/api/accounts/a/workspaces/w"


class Clock:
    """A clock that a test moves: whoever sleeps moves it, and so does each request."""

    def __init__(self) -> None:
        self.seconds = 1_000.0
        self._lock = threading.Lock()
        self._seen = threading.local()

    def now(self) -> float:
        self._seen.seconds = self.seconds
        return self.seconds

    def sent_at(self) -> float:
        """Return the time that this thread saw last, when it was allowed to send: others may have slept since."""
        return getattr(self._seen, "seconds", self.seconds)

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.seconds += seconds


class Counting(FakePrefect):
    """A server with many runs that notes when each request arrives, and refuses the ones that a test names."""

    def __init__(self, clock: Clock, runs: int, lines: int, late: float = 0.0) -> None:
        super().__init__(first=self._counted)
        self.clock = clock
        self.arrived: list[float] = []
        self.refused: list[float] = []
        self.refuse: dict[int, str | None] = {}
        """The numbers of the requests to refuse, and their `Retry-After`."""
        self._late = late
        self._runs = {run_id(number): number for number in range(runs)}
        self._lines = lines
        self._lock = threading.Lock()

    def _counted(self, request: httpx.Request) -> httpx.Response | None:
        with self._lock:
            number = len(self.arrived)
            # Some requests take longer to arrive than others.
            late = self._late * (number % 5) / 5
            self.arrived.append(self.clock.sent_at() + late)
            self.clock.sleep(0.05)
            if number in self.refuse:
                self.refused.append(self.clock.now())
                after = self.refuse[number]
                headers = {} if after is None else {"Retry-After": after}
                return httpx.Response(429, json={"detail": "slow down"}, headers=headers)
        path = request.url.path.removeprefix("/api")
        body = json.loads(request.content) if request.content else {}
        if path == "/flow_runs/filter":
            rows = [*map(self._row, self._runs)] if "COMPLETED" in str(body) else []
            return self._page(rows, body)
        if path == "/logs/filter":
            [chosen] = body["logs"]["flow_run_id"]["any_"]
            self.lines = [
                {**line(number * 1_000_000 + place, START + timedelta(milliseconds=place)), "flow_run_id": chosen}
                for number in [self._runs[chosen]]
                for place in range(self._lines)
            ]  # fmt: skip
            return self._logs(body)
        return None

    def _row(self, flow_run_id: str) -> dict[str, object]:
        began = stamp(START - timedelta(hours=self._runs[flow_run_id]))
        return {
            "id": flow_run_id, "name": f"run-{self._runs[flow_run_id]}", "flow_id": FLOW, "state_id": flow_run_id,
            "state": state(), "start_time": began, "end_time": began, "expected_start_time": began,
        }  # fmt: skip

    def most_in_a_minute(self) -> int:
        """Return the largest number of requests that arrived in any sixty seconds."""
        times = sorted(self.arrived)
        return max(bisect_left(times, time + 60) - place for place, time in enumerate(times))


@pytest.fixture
def clock():
    return Clock()


def listed(server, pace=None):
    connection = fw.connect(URL, transport=server, library=False)
    with paced(pace):
        return fw.find_flow_runs(since="2020-01-01", limit=None, api=connection)


def pace_at(clock, number):
    return Pace(number, clock=clock.now, sleep=clock.sleep)


@pytest.mark.parametrize("per_minute", [7, 20, 200])
def test_a_server_that_counts_never_sees_more_than_the_share(clock, tmp_path, per_minute):
    server = Counting(clock, runs=30, lines=450, late=2.0)
    pace = pace_at(clock, per_minute)
    began = clock.now()
    done = harvest(listed(server, pace), tmp_path, pace=pace)
    assert (done.written, done.lines) == (30, 30 * 450)
    assert len(server.arrived) > 120
    assert server.most_in_a_minute() <= per_minute
    # The share is used as well.
    assert clock.now() - began < len(server.arrived) / per_minute * 60 * 1.6


def test_a_harvest_that_is_started_again_and_again_stays_within_the_share(clock, tmp_path):
    server = Counting(clock, runs=30, lines=10)
    for _ in range(50):
        pace = pace_at(clock, 20)
        harvest(listed(server, pace), tmp_path, pace=pace)
    assert len(server.arrived) >= 100
    assert server.most_in_a_minute() <= 20


def test_after_the_first_refusal_nothing_is_sent_until_it_is_allowed(clock, tmp_path):
    server = Counting(clock, runs=12, lines=450)
    server.refuse = {20: "90", 21: "90", 40: None, 55: "0"}
    pace = pace_at(clock, 200)
    done = harvest(listed(server, pace), tmp_path, pace=pace)
    assert (done.written, done.failed) == (12, ())
    assert fw.read_logs(tmp_path).count() == 12 * 450
    first = server.refused[0]
    sent = [time for time in server.arrived if first < time < first + 89.9]
    assert len(sent) <= 1  # the request that was on its way
    assert len(server.refused) == 4


def test_refusals_for_more_than_an_hour_end_it_and_the_next_harvest_goes_on(clock, tmp_path):
    server = Counting(clock, runs=12, lines=450)
    server.refuse = dict.fromkeys(range(30, 10_000), "900")
    pace = pace_at(clock, 200)
    with pytest.raises(RateLimited) as caught:
        harvest(listed(server, pace), tmp_path, pace=pace)
    assert caught.value.retry_after_seconds == 900
    assert 3 <= len(server.refused) <= 10
    there = fw.read_logs(tmp_path).count()
    assert 0 < there < 12 * 450
    server.refuse = {}
    pace = pace_at(clock, 200)
    done = harvest(listed(server, pace), tmp_path, pace=pace)
    assert done.written == 12 - there // 450
    assert fw.read_logs(tmp_path).count() == 12 * 450


def test_a_second_harvest_only_lists(clock, tmp_path):
    server = Counting(clock, runs=12, lines=450)
    pace = pace_at(clock, 200)
    harvest(listed(server, pace), tmp_path, pace=pace)
    before = len(server.arrived)
    harvest(listed(server, pace), tmp_path, pace=pace)
    assert not [
        path for path in server.paths()[before:] if "/logs/" in path or "/task_runs/" in path
    ]


@pytest.mark.parametrize(
    ("url", "variable", "expected"),
    [(CLOUD, None, 20), (URL, None, 200), (URL, "500", 50), (URL, "3", 1), (CLOUD, "2000", 200)],
)
def test_the_default_is_a_tenth_of_what_the_server_allows(
    monkeypatch, clock, url, variable, expected
):
    if variable:
        monkeypatch.setenv("FLOWRUN_REQUESTS_PER_MINUTE", variable)
    connection = fw.connect(url, api_key="C4NARY", transport=Counting(clock, 1, 1))
    assert pace_of(connection).per_minute == expected
    assert pace_of(connection, 7).per_minute == 7


def test_files_are_read_without_a_pace_and_numbers_are_checked(tmp_path):
    runs = many_runs(ManyRuns(1, 1))
    assert pace_of(runs[0].connection) is None
    for wrong in (0, -1, 1.5, True, "10"):
        with pytest.raises(InvalidArgument):
            runs.to_parquet(tmp_path, max_requests_per_minute=wrong)


def test_a_pace_belongs_to_its_block_and_reaches_the_threads_of_a_read(clock):
    server = Counting(clock, runs=1, lines=1_000)
    runs = listed(server)
    began, before = clock.now(), len(server.arrived)
    with paced(pace_at(clock, 6)):
        columns = runs[0].get_logs().columns
    assert isinstance(columns, LogColumns)
    assert clock.now() - began > (len(server.arrived) - before) * 10
    began = clock.now()
    listed(server)[0].get_logs()
    assert clock.now() - began < 1


def test_a_wait_that_is_too_long_is_refused_at_once(clock):
    pace = pace_at(clock, 60)
    assert pace.stop(paces.MAX_STOPPED_SECONDS - 10)
    assert not pace.stop(paces.MAX_STOPPED_SECONDS + 10)
    assert pace.stop(5)  # is over before the first stop
