"""No schedule of late, unordered, simultaneous and skewed batches loses a line, or brings one twice."""

import httpx
import pytest

import flowrun_widgets as fw
from flowrun_widgets.gateway import Gateway
from flowrun_widgets.runs.stream import lines_of
from tests.stores import FLOW_RUN_ID

from .following import Both, Schedule, no_followers, writing

SCHEDULES, THROUGH_THE_GATEWAY = 200, 20


def watched(schedule, store):
    """Return the messages that came as new, in their order, and those of a full read afterwards.

    A card follows as well, and has to show the same lines in the end.
    """
    seen, known = [], 0
    with writing(store) as writer:
        clock = schedule.clock(writer)
        both = Both(fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID), clock)
        for snapshot in both.snapshots():
            columns = snapshot.get_logs().columns
            table = columns.table.select(["seq", "message"]).to_pydict()
            seen += [
                m for seq, m in zip(table["seq"], table["message"], strict=True) if seq >= known
            ]
            known = columns.arrived
        assert not clock.events
    assert snapshot.state.is_finished()
    assert both.card.filtered_logs["message"].to_list() == table["message"]
    assert both.card.shown.notice.text == "Following stopped: the run has ended."
    both.card.close()
    full = fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID).get_logs()
    assert [line.message for line in full] == table["message"]
    return seen, [line.message for line in full]


@pytest.mark.parametrize("seed", range(SCHEDULES))
def test_what_a_watch_and_a_card_saw_is_what_there_is(seed, store):
    schedule = Schedule(seed)
    with fw.connect(store):
        seen, full = watched(schedule, store)
    assert sorted(seen) == sorted(full)
    assert set(schedule.messages) <= set(seen)
    assert len(set(seen)) == len(seen) == len(schedule.messages) + 3
    assert no_followers()


@pytest.mark.parametrize("seed", range(SCHEDULES, SCHEDULES + THROUGH_THE_GATEWAY))
def test_the_same_holds_through_the_gateway(seed, store):
    schedule = Schedule(seed)
    gateway = Gateway(store)
    transport = httpx.WSGITransport(app=gateway.wsgi)
    with fw.connect("http://gateway.test", transport=transport, library=False):
        seen, full = watched(schedule, store)
    gateway.close()
    assert sorted(seen) == sorted(full)
    assert len(set(seen)) == len(seen) == len(schedule.messages) + 3
    assert no_followers()


@pytest.mark.parametrize("seed", range(5))
def test_the_stream_of_lines_has_each_once_and_every_state(seed, store):
    schedule = Schedule(seed)
    fw.connect(store)
    run = fw.FlowRunView.from_flow_run_id(FLOW_RUN_ID)
    with writing(store) as writer:
        clock = schedule.clock(writer)
        lines = [*lines_of(run, True, True, None, clock=clock, chance=lambda: 0.5)]
    states = [line.message for line in lines if line.message.startswith("Entered")]
    assert states == [
        "Entered state <Scheduled>",
        "Entered state <Running>: On its way",
        "Entered state <Success>: It is over",
    ]
    assert len(lines) == len(schedule.messages) + 3 + 3
    assert set(schedule.messages) <= {line.message for line in lines}
