"""What a real server announces: how soon a change after a long silence is seen, and what a dropped socket loses."""

from __future__ import annotations

import statistics

import pytest

import flowrun_widgets as fw
from tests.unit.following import no_followers

from . import seed
from .silence import SILENT_SECONDS, WAIT_SECONDS, CutWire, Followed, set_state


@pytest.fixture
def running(runs):
    """Make a run that goes on."""

    def copy():
        run_id = seed.copy_flow_run(runs.server.database, runs.ids["success"])
        seed.enter(runs.server.database, run_id, "RUNNING", "Running")
        return run_id

    return copy


def test_a_change_after_ten_minutes_of_silence_is_seen_within_a_second(runs, connection, running):
    seconds, requests = [], []
    for _ in range(5):
        run_id = running()
        followed = Followed(run_id)
        requests.append(followed.requests)
        set_state(runs.server, run_id, "COMPLETED", "Completed")
        seconds.append(followed.seconds_until("Completed"))
        followed.close()
    print(f"seen after {sorted(seconds)} s; requests in {SILENT_SECONDS} s: {requests}")
    assert statistics.median(seconds) < 1
    assert max(requests) <= 0.1 * SILENT_SECONDS
    assert no_followers()


def test_what_changes_while_the_socket_is_cut_is_seen(runs, running):
    wire = CutWire(runs.server.url)
    run_id = running()
    with fw.connect(wire.url, library=False):
        followed = Followed(run_id)
        wire.cut()
        set_state(runs.server, run_id, "PAUSED", "Paused")
        assert followed.seconds_until("Paused") < WAIT_SECONDS
        set_state(runs.server, run_id, "COMPLETED", "Completed")
        assert followed.seconds_until("Completed") < WAIT_SECONDS
        followed.close()
    wire.close()
    assert no_followers()
