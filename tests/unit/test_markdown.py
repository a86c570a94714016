"""The digest as Markdown: it says why, stays within its bound, and nothing in a run breaks out of it."""

import re

import hypothesis.strategies as st
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings

import flowrun_widgets as fw
from flowrun_widgets.analysis.digest import digest
from flowrun_widgets.errors import InvalidArgument
from flowrun_widgets.log_columns import LogColumns
from flowrun_widgets.recordings.replay import recording
from flowrun_widgets.records import FlowRunRecord, TaskRunRecord
from flowrun_widgets.report.digest_markdown import digest_markdown
from flowrun_widgets.states import (
    Cancelled,
    Cancelling,
    Failed,
    Paused,
    Retrying,
    Running,
    Scheduled,
    Success,
    TriggerFailed,
)
from flowrun_widgets.times import from_micros


class Run:
    """A run at one moment."""

    def __init__(self, record):
        self.record = record
        self.as_of = at(100)


def at(seconds):
    return from_micros(1_795_312_800_000_000 + seconds * 1_000_000)


def failed_run(text, lines=30, message=None):
    """Return a failed run in which every name and every message is `text`, its task runs and its log."""
    history = [(Running(), 1), (Retrying(), 2), (Running(), 12), (Failed(text), 14)]
    states = tuple(state.at(at(second)) for state, second in history)
    task_runs = [
        TaskRunRecord("t1", "r", states[-1], name=text, states=states, started_at=at(1), ended_at=at(14)),
        *(TaskRunRecord(f"h{n}", "r", TriggerFailed(), name=f"{text} {n}") for n in range(5)),
    ]  # fmt: skip
    messages = [text] * (lines - 1) + [message or text]
    logs = LogColumns.from_lists(
        timestamps=[1_795_312_801_000_000 + n for n in range(lines)],
        levels=["INFO"] * (lines - 1) + ["ERROR"],
        messages=messages,
        ids=[None] * lines,
        loggers=[None] * lines,
        task_run_ids=["t1"] * lines,
        tasks={"t1": text},
    )
    record = FlowRunRecord("r", text, None, Failed(text), flow_name=text, ended_at=at(15))
    return record, task_runs, logs


def markdown(record, task_runs, logs, max_chars=4000):
    found = digest(record, task_runs, logs)
    return digest_markdown(Run(record), found, task_runs, logs, max_chars)


@pytest.fixture
def failed(recorded):
    return fw.FlowRunView.from_flow_run_id(recording("failed-with-retries").flow_run_id)


def test_a_failed_run_says_why_where_when_and_what_follows(failed):
    text = failed.digest()
    frame = failed.task_runs_frame()
    held_up = frame[frame["state"] == "TriggerFailed"]["name"]
    assert text.startswith("**Failed**: `ledger-close / stoic-marmot`")
    assert failed.flow_run_id in text
    assert "`journal of Österreich Handel GmbH`, attempt 3 of 3" in text
    assert "IncompleteJournalError" in text
    assert 'File "flows/ledger.py", line 33' in text
    assert "failed after 0.7 s, waited 3.0 s, failed after" in text
    assert all(f"`{name}`" in text for name in held_up)
    assert "As of " in text
    assert '`fw.card("stoic-marmot")`' in text
    assert len(text) <= 4000


def test_the_last_lines_are_those_of_the_task(failed):
    text = failed.digest()
    own = failed.get_logs(task="journal of Österreich Handel GmbH")
    told = max(n for n, log in enumerate(own) if log.level == 40)
    assert all(log.message.splitlines()[0] in text for log in [*own][told - 5 : told + 1])
    assert "Beginning Flow run" not in text


@pytest.mark.parametrize("name", ["mapped-success", "cancelled-in-part", "live-demo"])
def test_a_run_that_did_not_fail_is_told_in_two_lines(name, recorded):
    run = fw.FlowRunView.from_flow_run_id(recording(name).flow_run_id)
    text = run.digest()
    assert "did not fail" in text
    assert f"**{run.state.name}**" in text
    assert f"{len(run.get_logs())} lines" in text
    assert f"{len(run.get_all_task_runs())} task runs" in text
    assert len(text.split("\n\n")) == 2


def test_the_text_costs_nothing_once_log_and_task_runs_are_read(failed):
    failed.get_logs()
    failed.get_all_task_runs()
    failed.connection.close()
    assert "First failure" in failed.digest()


@pytest.mark.parametrize("wrong", [0, -1, True, 3.5, "4000", None])
def test_a_bound_that_is_none_is_refused(wrong, failed):
    with pytest.raises(InvalidArgument, match="max_chars"):
        failed.digest(wrong)


@pytest.mark.parametrize("most", [1, 50, 200, 400, 800, 1200, 2000, 4000])
def test_it_is_never_longer_than_asked(most, failed):
    assert len(failed.digest(most)) <= most


def test_what_is_cut_is_the_last_lines_first_and_says_so(failed):
    whole = failed.digest()
    shorter = failed.digest(len(whole) - 1)
    assert re.search(r"… \d+ earlier lines? left out", shorter)
    assert 'File "flows/ledger.py", line 60' in shorter
    without = failed.digest(900)
    assert "are left out." in without
    assert "IncompleteJournalError" in without
    assert failed.digest(600).count("left out") >= 2


HOSTILE = [
    "```\n# owned\n```",
    "`code` ``more``",
    "~~~\n<script>alert(1)</script>",
    "](http://evil.test) [x",
    "\x1b[31mred\x1b[0m \u202eturned",
    "a" * 10_000,
    "line\n" * 500,
    "",
    "   ",
]


def outside_code(text):
    """Return what Markdown would render: the text without fenced blocks and code spans."""
    assert len(re.findall(r"(?m)^```", text)) % 2 == 0
    prose = re.sub(r"(?ms)^```\n.*?^```$", "", text)
    return re.sub(r"`[^`\n]*`", "", prose)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_names_and_messages_stay_in_code(hostile):
    text = markdown(*failed_run(hostile))
    prose = outside_code(text)
    assert len(text) <= 4000
    assert not set("`<>[]#\x1b\u202e") & set(prose)
    assert "owned" not in prose


@hypothesis_settings(deadline=None)
@given(
    st.text(alphabet=st.sampled_from("ab `~\n\r\t#*<>[]()!\x1b\u2028\ud7ffé"), max_size=200),
    st.integers(1, 5000),
    st.integers(1, 40),
)
def test_any_text_stays_within_the_bound_and_in_code(text, most, lines):
    said = markdown(*failed_run(text, lines), max_chars=most)
    assert len(said) <= most
    whole = markdown(*failed_run(text, lines))
    assert not set("`<>[]#~\x1b") & set(outside_code(whole))


def test_a_traceback_of_many_frames_keeps_those_nearest_to_the_error():
    frames = "".join(f'  File "flow.py", line {n}, in f{n}\n    call_{n}()\n' for n in range(200))
    trace = f"Traceback (most recent call last):\n{frames}ValueError: deep"
    text = markdown(*failed_run("load", message=trace))
    assert "call_199()" in text
    assert "call_0()" not in text
    assert re.search(r"… \d+ earlier frames left out", text)
    assert "ValueError: deep" in text


def test_a_run_that_has_not_failed_yet_says_that_it_goes_on():
    record = FlowRunRecord("r", "n", None, Running(), started_at=at(0))
    runs = [TaskRunRecord("t", "r", Success())]
    text = digest_markdown(Run(record), None, runs, LogColumns())
    assert "run still going" in text
    assert "Started 22 Nov 2026, 02:00:00 UTC, running for 1 min 40 s." in text
    assert "1 task run: 1 `Success`; 0 lines" in text


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (Cancelled("Cancelled by ops"), "It was cancelled. It says: `Cancelled by ops`."),
        (Cancelling("soon"), "It is being cancelled. It says: `soon`."),
        (Success("All states completed."), "It did not fail. It says: `All states completed.`."),
        (Retrying("OSError: away", start_time=at(600)), "Its last attempt failed. Started"),
        (Paused(), "ran 9.0 s, paused."),
        (Scheduled("later", start_time=at(60)), "Due 22 Nov 2026, 02:01:00 UTC, 40.0 s late. It says: `later`."),
    ],
)  # fmt: skip
def test_a_run_that_did_not_fail_says_how_it_stands_and_its_own_message(state, said):
    began = None if isinstance(state, Scheduled) and type(state) is Scheduled else at(0)
    record = FlowRunRecord("r", "n", None, state, started_at=began, ended_at=at(9))
    runs = [TaskRunRecord("t", "r", Failed("OSError: no space"), name="load")]
    text = markdown(record, runs, LogColumns())
    assert said in text
    assert "`load`" in text
    if not isinstance(state, Success):
        assert "did not fail" not in text
