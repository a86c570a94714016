"""The command in a real pseudo-terminal and in real pipes: colour, width, pager, hostile text, interrupts."""

import os
import re
import signal
import subprocess

import pytest

from flowrun_widgets.recordings.replay import recording
from flowrun_widgets.store.writer import StoreWriter
from tests.stores import FLOW_RUN_ID, at, log_row, small_run
from tests.terminals import COMMAND, in_pipe, in_terminal, surroundings

pytestmark = pytest.mark.skipif(os.name == "nt", reason="a pseudo-terminal")

FAILED = recording("failed-with-retries").flow_run_id
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture
def api(recorded_store):
    return str(recorded_store)


@pytest.mark.parametrize("command", [["why", FAILED], ["runs"]])
def test_colours_are_for_terminals_whose_width_is_kept(api, command):
    shown = in_terminal(*command, "--api", api, PAGER="cat")
    assert shown.status == 0
    assert COLOUR.search(shown.text)
    lines = [COLOUR.sub("", line) for line in shown.text.splitlines() if "--api" not in line]
    assert max(map(len, lines)) <= 80
    piped = in_pipe(*command, "--api", api).stdout
    assert not COLOUR.search(piped)
    assert max(map(len, piped.splitlines())) > 80
    whole = ("for task with final state: 'Retrying'", "refresh-product-catalog")
    assert any(text in piped for text in whole)
    assert not any(text in line for text in whole for line in lines)


def test_a_wide_terminal_shows_names_whole(api):
    shown = in_terminal("tasks", FAILED, "--api", api, columns=240, PAGER="cat", NO_COLOR="1")
    assert "journal of Österreich Handel GmbH" in shown.text
    assert "ends after 38 characters')" in shown.text


def test_variables_turn_colours_off_and_on(api):
    arguments = ["logs", FAILED, "--tail", "5", "--level", "error", "--api", api]
    assert COLOUR.search(in_terminal(*arguments, PAGER="cat").text)
    assert not COLOUR.search(in_terminal(*arguments, PAGER="cat", NO_COLOR="1").text)
    assert not COLOUR.search(in_terminal(*arguments, PAGER="cat", TERM="dumb").text)
    assert COLOUR.search(in_pipe(*arguments, FORCE_COLOR="1").stdout)
    assert not COLOUR.search(in_pipe(*arguments, FORCE_COLOR="1", NO_COLOR="1").stdout)


def test_commands_to_run_next_are_not_broken_across_lines(api):
    shown = in_terminal("why", FAILED, "--api", api, PAGER="cat", NO_COLOR="1").text
    assert f"  flowrun logs {FAILED} --api {api} --failed\n" in shown


def test_a_terminal_has_a_pager_and_a_pipe_has_none(api):
    arguments = ["logs", FAILED, "--api", api]
    pager = "sed s/^/paged:/"
    paged = in_terminal(*arguments, PAGER=pager).text.splitlines()
    assert len(paged) > 24
    assert all(line.startswith("paged:") for line in paged)
    assert in_terminal(*arguments, PAGER="false", FLOWRUN_PAGER=pager).text.startswith("paged:")
    assert "paged:" not in in_terminal(*arguments, "--no-pager", PAGER=pager).text
    assert "paged:" not in in_terminal("--no-pager", *arguments, PAGER=pager).text
    assert "paged:" not in in_terminal(*arguments, PAGER=pager, FLOWRUN_PAGER="cat").text
    assert "paged:" not in in_pipe(*arguments, PAGER=pager).stdout


def test_a_pager_that_has_seen_enough_ends_the_command_quietly(api):
    shown = in_terminal("logs", FAILED, "--api", api, PAGER="head -n 1", NO_COLOR="1")
    assert shown.status == 0
    assert len(shown.text.splitlines()) == 1
    missing = in_terminal("logs", FAILED, "--api", api, PAGER="no-such-pager 2>/dev/null")
    assert "Traceback" not in missing.text


def test_what_does_not_fail_needs_no_pager(api):
    shown = in_terminal("why", "nonesuch", "--api", api, PAGER="sed s/^/paged:/")
    assert shown.status == 1
    assert shown.text.startswith("flowrun: No run 'nonesuch'")


def test_text_of_a_run_cannot_write_into_the_terminal(tmp_path):
    path = tmp_path / "hostile.sqlite"
    evil = "\x1b]0;title\x07\x1b[2J\x9b31m\u202eevil\r\n\x1b[8mhidden"
    failed = {"type": "Failed", "message": evil, "context": {}, "cached_inputs": {}}
    tables = small_run(
        logs=[log_row(1, 1, evil, "ERROR"), log_row(2, 2, f"Traceback (most recent call last):\n{evil}", "ERROR")],
        name=f"owl{evil}",
        parameters={evil: evil},
        state="Failed",
        serialized_state=failed,
        end_time=at(3),
    )  # fmt: skip
    tables["flow"][0]["name"] = evil
    with StoreWriter(path) as writer:
        writer.add(tables)
    hostile = re.compile(r"\x1b\]|\x1b\[2J|\x1b\[8m|\x9b|\u202e|\x07")
    for command in (
        ["runs"],
        ["why", FLOW_RUN_ID],
        ["why", FLOW_RUN_ID, "--json"],
        ["show", FLOW_RUN_ID],
        ["logs", FLOW_RUN_ID],
        ["logs", FLOW_RUN_ID, "-o", "csv"],
        ["patterns", FLOW_RUN_ID],
    ):
        shown = in_terminal(*command, "--api", str(path), PAGER="cat")
        assert shown.status == 0
        assert not hostile.search(shown.text), command
        assert "evil" in shown.text


def test_parquet_is_refused_by_a_terminal(api):
    shown = in_terminal("logs", FAILED, "--api", api, "-o", "parquet", PAGER="cat")
    assert shown.status == 1
    assert "> lines.parquet" in shown.text


def test_a_reader_that_goes_ends_the_command_quietly(api):
    with subprocess.Popen(
        [*COMMAND, "logs", FAILED, "--api", api],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=surroundings(),
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        said = process.stderr.read()
    assert (process.returncode, said) == (141, b"")


def test_an_interrupt_ends_the_command_quietly(store):
    with subprocess.Popen(
        [*COMMAND, "watch", FLOW_RUN_ID, "--api", str(store)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=surroundings(PYTHONUNBUFFERED="1"),
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert b"Running" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        said = process.stderr.read()
    assert (process.returncode, said) == (130, b"")


def test_following_prints_what_is_there_and_what_arrives(store):
    with subprocess.Popen(
        [*COMMAND, "logs", FLOW_RUN_ID, "-f", "--tail", "2", "--api", str(store)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=surroundings(),
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        first = [process.stdout.readline() for _ in range(2)]
        assert [line.split(": ", 1)[1] for line in first] == ["first\n", "second\n"]
        with StoreWriter(store) as writer:
            writer.add({"log": [log_row(4, 3, "third"), log_row(5, 2, "late")]})
        added = {process.stdout.readline().split(": ", 1)[1] for _ in range(2)}
        assert added == {"third\n", "late\n"}
        process.send_signal(signal.SIGINT)
        said = process.stderr.read()
    assert (process.returncode, said) == (130, "")


def test_following_a_run_that_has_ended_prints_its_log_and_ends(api):
    done = in_pipe("logs", FAILED, "-f", "--api", api, "--exit-status")
    assert done.returncode == 3
    assert done.stdout == in_pipe("logs", FAILED, "--api", api).stdout
