"""Completion in real shells: commands, options, and names of runs and flows that a shell takes as they are."""

import shutil
import socket
import subprocess
import sys
import time

import pytest

from flowrun_widgets.recordings.replay import recording
from flowrun_widgets.store.writer import StoreWriter
from tests.conftest import missing
from tests.stores import identifier, small_run
from tests.terminals import in_pipe, surroundings

FAILED = recording("failed-with-retries").flow_run_id
SHELLS = {
    "bash": """
eval "$(flowrun completion bash)"
COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
_flowrun_completion flowrun
printf '%s\\n' "${{COMPREPLY[@]}}"
""",
    "zsh": """
compdef() {{ }}
_describe() {{ print -rl -- "${{(@)completions_with_descriptions%%:*}}" }}
compadd() {{ print -rl -- "${{completions[@]}}" }}
eval "$(flowrun completion zsh)"
words=({words}); CURRENT=${{#words}}
_flowrun_completion
""",
    "fish": """
flowrun completion fish | source
complete -C '{line}' | string split -f 1 \\t
""",
}
PLAIN = {"bash": ["--norc", "--noprofile"], "zsh": ["-f"], "fish": ["--no-config"]}


@pytest.fixture(params=SHELLS)
def shell(request):
    if shutil.which(request.param) is None:
        missing(request.param, f"apt-get install {request.param}")
    return request.param


@pytest.fixture
def completed(shell, tmp_path, monkeypatch):
    """Returns what a shell offers for a line, of which the last word is being typed."""
    command = tmp_path / "bin" / "flowrun"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m flowrun_widgets "$@"\n')
    command.chmod(0o755)

    def offered(line, **changes):
        words = " ".join(repr(word) if word else "''" for word in line.split(" "))
        script = SHELLS[shell].format(words=words, line=line)
        done = subprocess.run(
            [shell, *PLAIN[shell], "-c", script],
            capture_output=True,
            text=True,
            env=surroundings(**changes)
            | {"PATH": f"{command.parent}:/usr/local/bin:/usr/bin:/bin"},
            timeout=60,
        )
        assert done.stderr == ""
        return done.stdout.split()

    return offered


def test_commands_options_and_names_are_completed(completed, recorded_store):
    store = {"FLOWRUN_STORE": str(recorded_store)}
    assert completed("flowrun wh") == ["why"]
    assert "--exit-status" in completed("flowrun why --ex")
    assert completed("flowrun why st", **store) == ["stoic-marmot"]
    assert completed(f"flowrun logs {FAILED[:6]}", **store) == [FAILED]
    assert completed("flowrun runs --flow night", **store) == ["nightly-orders"]
    assert set(completed("flowrun diff stoic-marmot ", **store)) == {
        "lively-tern", "brisk-otter", "stoic-marmot", "amber-heron",
    }  # fmt: skip


def test_a_name_that_could_be_a_command_is_not_offered(completed, tmp_path):
    path = tmp_path / "evil.sqlite"
    names = [
        "ok-owl",
        "ok; touch pwned",
        "ok$(touch pwned)",
        "ok`x`",
        "ok owl",
        "ok*",
        "-ok",
        "ok\nno",
    ]
    with StoreWriter(path) as writer:
        for number, name in enumerate(names):
            tables = small_run(logs=[], id=identifier(0xA0 + number), name=name)
            for table in ("flow_run_state", "task_run", "task_run_state"):
                tables[table] = []
            writer.add(tables)
    assert completed("flowrun why ok", FLOWRUN_STORE=str(path)) == ["ok-owl"]


def test_what_cannot_be_read_completes_nothing_and_says_nothing(completed, tmp_path):
    broken = tmp_path / "broken.sqlite"
    broken.write_text("no store")
    assert completed("flowrun why st", FLOWRUN_STORE=str(broken)) == []


def test_a_server_that_never_answers_is_not_waited_for():
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/api"
        began = time.monotonic()
        done = in_pipe(
            PREFECT_API_URL=address,
            _FLOWRUN_COMPLETE="bash_complete",
            COMP_WORDS="flowrun why st",
            COMP_CWORD="2",
        )
    assert (done.stdout.strip(), done.stderr) == ("", "")
    assert time.monotonic() - began < 8


def test_a_shell_that_is_not_known_is_a_wrong_command_line():
    done = in_pipe("completion", "tcsh")
    assert done.returncode == 2
    assert "bash" in done.stderr
