"""Who could start a run, and the warning while nobody does."""

import logging
import re
from datetime import timedelta
from itertools import pairwise

import pytest

import flowrun_widgets as fw
from flowrun_widgets import errors
from flowrun_widgets.runs.stream import lines_of
from flowrun_widgets.times import now
from tests.stores import identifier, made, small_run, state_row

from .following import TurnedClock, writing

WAITING = identifier(0xA2)


@pytest.fixture
def writer(store):
    with writing(store) as writer, fw.connect(store):
        yield writer


def add_agent(writer, number, labels, idle, name=None):
    last = (now() - timedelta(seconds=idle)).isoformat()
    row = {
        "id": identifier(number),
        "labels": labels,
        "name": name,
        "last_queried": last,
        **made(0),
    }
    writer.add({"agent": [row]})


@pytest.mark.parametrize(
    ("agents", "labels", "said"),
    [
        ([], ["gpu"], "no healthy agents in your tenant .* Start an agent with labels {'gpu'}"),
        ([], [], "Start an agent with empty labels to run your flow"),
        ([(["gpu", "eu"], 5)], ["gpu"], r"\(docker\) has matching labels .* It should deploy your flow run"),
        ([([], 5)], [], "It should deploy your flow run"),
        ([(["gpu"], 5)], [], "You have 1 healthy agents .* an agent with empty labels"),
        ([([], 5)], ["gpu"], "You have 1 healthy agents .* an agent with labels {'gpu'}"),
        ([(["gpu"], 5), (["gpu"], 9)], {"gpu"}, "Found 2 healthy agents"),
        ([(["gpu"], 99)], ("gpu",), "looks unhealthy. Restart it or start a new agent with labels {'gpu'}"),
        ([(["gpu"], 99), (["gpu"], 999)], iter(["gpu"]), "Found 2 agents with matching labels but"),
        ([(["gpu"], 99), (["gpu"], 5)], ["gpu"], "It should deploy your flow run"),
    ],
)  # fmt: skip
def test_what_is_said_of_agents(agents, labels, said, writer):
    for number, (theirs, idle) in enumerate(agents):
        add_agent(writer, 0x300 + number, theirs, idle, "docker")
    assert re.search(said, fw.check_for_compatible_agents(labels))


def test_how_long_an_agent_counts_as_healthy_is_the_callers_to_say(writer):
    add_agent(writer, 0x300, ["gpu"], 200)
    assert "unhealthy" in fw.check_for_compatible_agents(["gpu"])
    assert "It should deploy" in fw.check_for_compatible_agents(["gpu"], since_minutes=5)


@pytest.mark.parametrize("labels", ["gpu", None, 5, [5], [["gpu"]]])
def test_labels_are_several_texts(labels, writer):
    with pytest.raises(errors.InvalidArgument, match="list of texts"):
        fw.check_for_compatible_agents(labels)


def events(writer, *entered):
    return [
        (at, lambda at=at, kind=kind: writer.add_flow_run_state(
            state_row(0x3000 + at, {"flow_run_id": WAITING}, kind, at)
        ))
        for at, kind in entered
    ]  # fmt: skip


def warnings_of(writer, *entered, **options):
    """Return the seconds that the warnings about a run that waits speak of, and the warnings."""
    [row] = small_run()["flow_run"]
    waits = {"type": "Scheduled", "message": "waits"}
    writer.add(
        {"flow_run": [{**row, "id": WAITING, "state": "Scheduled", "serialized_state": waits}]}
    )
    clock = TurnedClock(events(writer, *entered))
    run = fw.FlowRunView.from_flow_run_id(WAITING)
    options = {"stream_states": True, "stream_logs": True, **options}
    lines = lines_of(run, **options, max_duration=None, clock=clock, chance=lambda: 0.5)
    said = [line.message for line in lines if line.level == logging.WARNING]
    return [int(re.search(r"been (\d+) seconds", text)[1]) for text in said], said


def test_while_no_agent_takes_a_run_a_warning_comes_after_15_seconds_and_then_every_half_minute(
    writer,
):
    seconds, said = warnings_of(writer, (140, "Running"), (150, "Success"))
    assert 15 <= seconds[0] <= 30
    assert all(30 <= later - earlier <= 65 for earlier, later in pairwise(seconds))
    assert 3 <= len(seconds) <= 5
    assert seconds[-1] <= 140
    assert all(
        "not been submitted by an agent. There are no healthy agents" in text for text in said
    )


@pytest.mark.parametrize("entered", ["Submitted", "Running"])
def test_a_run_that_was_taken_is_not_warned_of(entered, writer):
    assert warnings_of(writer, (10, entered), (150, "Success")) == ([], [])


def test_whoever_wants_no_states_wants_no_warnings(writer):
    assert warnings_of(writer, (150, "Success"), stream_states=False) == ([], [])


def test_agents_that_cannot_be_read_do_not_end_the_watch(writer):
    add_agent(writer, 0x300, 5, 5)
    with pytest.raises(errors.UnexpectedAnswer):
        fw.check_for_compatible_agents([])
    assert warnings_of(writer, (150, "Success")) == ([], [])
